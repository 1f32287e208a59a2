// Verdicts on plans: which policies are about a change, who counts, what is set aside and why, and
// what the document of it says. Each rule of the gate is a row here.

import Documents
import FlagstaffCore
import Signing
import Testing

@Suite("Verdicts")
struct VerdictTests {
  private static let before =
    "flags: {page: {labels: {tier: critical}, environments: {production: {}}}}"
  private static let after =
    "flags: {page: {labels: {tier: critical}, environments: {production: {}}, default: true}}"

  private static func plan(_ before: String = before, _ after: String = after) throws -> Plan {
    try TestScope.applied(before).plan(after)
  }

  private static func trust(_ policies: String) -> TestTrust {
    var trust = TestTrust()
    trust.policies = policies
    return trust
  }

  @Test("Without trust a plan is admitted, and says that nothing was asked")
  func ungated() throws {
    let verdict = AdmittedPlan.judge(try Self.plan(), by: .ungated)
    #expect(verdict.admitted?.mode == .ungated && verdict.changes.isEmpty)
    #expect(verdict.decision == .ungated(reason: ApprovalMode.ungatedReason))
  }

  @Test(
    "A policy matches by either side",
    arguments: [
      ("environments: [production]", true), ("environments: [staging]", false),
      ("customers: [acme]", true), ("customers: [other]", false),
      ("kinds: [flag]", true), ("kinds: [experiment, segment]", false),
      ("keys: [page]", true), ("keys: [pag]", false),
      ("classes: [default.changed]", true), ("classes: [rules.changed]", false),
      ("labels: {tier: critical}", true), ("labels: {tier: [low, high]}", true),
      ("labels: {tier: low}", true), ("labels: {tier: none}", false),
      ("labels: {area: pay}", true), ("labels: {tier: critical, area: pay}", false),
      ("blastRadius: {atLeast: 100%}", true), ("blastRadius: {atLeast: 0%}", true),
      ("environments: [production], classes: [rules.changed]", false),
    ])
  func matching(match: String, isMatching: Bool) throws {
    // The same edit changes the default, drops one label and adds others.
    let after = """
      flags:
        page: {labels: {tier: low, area: pay}, environments: {production: {}}, default: true}
      """
    let plan = try Self.plan(Self.before, after)
    let trust = Self.trust("  p: {match: {\(match)}, require: {count: 1, role: DEVELOPER}}")
    let verdict = AdmittedPlan.judge(plan, by: try plan.judged(by: trust.judging()))
    let change = try #require(verdict.changes.first)
    #expect(change.policies.count == (isMatching ? 1 : 0))
    #expect(change.decision == (isMatching ? .missing : .unmatched))
    #expect(verdict.decision == .refused && verdict.admitted == nil)
    let approved = AdmittedPlan.judge(
      plan, by: try plan.judged(by: trust.judging(), evidence: [.by("bob", plan.subjects)]))
    #expect((approved.admitted != nil) == isMatching)
  }

  @Test("A flag that an experiment acts in lends it its labels, and the other way round")
  func reachedLabels() throws {
    let before = """
      flags:
        page: {labels: {tier: critical}, environments: {production: {}}, rules: [{experiment: e}]}
      experiments:
        e: {status: running, traffic: 10%, control: "false", environments: {production: {}},
            variants: {"false": 50, "true": 50}}
      """
    let plan = try Self.plan(before, before.replacingFirst("10%", "20%"))
    #expect(plan.lines == ["experiment e: traffic.raised"])
    let trust = Self.trust(
      "  p: {match: {labels: {tier: critical}}, require: {count: 1, role: DEVELOPER}}")
    let verdict = AdmittedPlan.judge(plan, by: try plan.judged(by: trust.judging()))
    #expect(verdict.changes.first?.policies.map(\.policy) == ["p"])
    #expect(verdict.changes.first?.policies.first?.why == ["label tier: critical"])
  }

  @Test("A segment's edit is judged as each flag that it alters")
  func segments() throws {
    let before = """
      segments: {vip: {country: DE}}
      flags:
        page: {environments: {production: {}}, rules: [{when: {segment: vip}, serve: true}]}
      """
    let plan = try Self.plan(before, before.replacingFirst("DE", "[DE, FR]"))
    #expect(plan.lines == ["flag page: rules.changed", "segment vip: segment.changed"])
    let trust = Self.trust("  p: {match: {kinds: [flag]}, require: {count: 1, role: DEVELOPER}}")
    let verdict = AdmittedPlan.judge(plan, by: try plan.judged(by: trust.judging()))
    #expect(verdict.changes.map(\.decision) == [.missing, .unmatched])
  }

  @Test(
    "What is ordered for tomorrow counts today",
    arguments: [("4%", false), ("5%", true), ("100%", true)])
  func later(share: String, isMatching: Bool) throws {
    let rules = """
      , rules: [{key: ramp, serve: true, rollout: {2026-11-22T00:00:00Z: \(share)}}]
      """
    let plan = try Self.plan(
      "flags: {page: {environments: {production: {}}}}",
      "flags: {page: {environments: {production: {}}\(rules)}}")
    let trust = Self.trust(
      "  p: {match: {blastRadius: {atLeast: 5%}}, require: {count: 1, role: ADMIN}}")
    let verdict = AdmittedPlan.judge(plan, by: try plan.judged(by: trust.judging()))
    #expect(verdict.changes.first?.policies.count == (isMatching ? 1 : 0))
  }

  @Test("A new flag counts as one that served its `off` to everybody")
  func newFlags() throws {
    let trust = try Self.trust(
      "  p: {match: {blastRadius: {atLeast: 5%}}, require: {count: 1, role: ADMIN}}"
    ).judging()
    for (settings, buckets) in [
      ("", 0), (", default: true", 10_000), (", enabled: false, default: true", 0),
      (", rules: [{key: r, serve: true, rollout: 7%}]", 700),
    ] {
      let plan = try TestScope().plan("flags: {page: {environments: {production: {}}\(settings)}}")
      let change = try #require(plan.changes.first)
      #expect(change.exposures.map(\.buckets) == [buckets])
      #expect(change.direction == (buckets == 0 ? .neutral : .raise))
      #expect(change.blastRadius.greatest.isNone)
      let verdict = AdmittedPlan.judge(plan, by: plan.judged(by: trust))
      #expect(verdict.changes.first?.policies.count == (buckets >= 500 ? 1 : 0))
    }
  }

  @Test("Every policy that matches must be met, and what none is about is refused")
  func everyPolicy() throws {
    let plan = try Self.plan()
    let trust = try Self.trust(
      """
        growth: {match: {}, require: {count: 1, team: growth}}
        chief: {match: {kinds: [flag]}, require: {count: 1, role: ADMIN}}
      """
    ).judging()
    func decision(_ signers: [String]) throws -> Verdict.Decision {
      let evidence = try signers.map { try Evidence.by($0, plan.subjects) }
      return AdmittedPlan.judge(plan, by: plan.judged(by: trust, evidence: evidence)).decision
    }
    #expect(try decision([]) == .refused)
    #expect(try decision(["bob"]) == .refused)
    #expect(try decision(["alice"]) == .refused)
    #expect(try decision(["alice", "bob"]) == .approved)
    // Policies are met each by itself: one person may count in both.
    let both = try Self.trust(
      """
        one: {match: {}, require: {count: 1, role: DEVELOPER}}
        two: {match: {}, require: {count: 1, role: ADMIN}}
      """
    ).judging()
    let alone = plan.judged(by: both, evidence: [try .by("alice", plan.subjects)])
    #expect(AdmittedPlan.judge(plan, by: alone).decision == .approved)
    // No policies ask nobody.
    let none = try Self.trust("").judging()
    #expect(AdmittedPlan.judge(plan, by: plan.judged(by: none)).decision == .approved)
  }

  @Test("Contributors never count, and who is unknown raises every count by one, once")
  func contributors() throws {
    let plan = try Self.plan()
    let trust = try TestTrust().judging()
    func decision(
      _ signers: [String], _ contributors: Set<String>, _ unknown: [String] = []
    ) throws -> Verdict.Decision {
      let evidence = try signers.map { try Evidence.by($0, plan.subjects) }
      return AdmittedPlan.judge(
        plan,
        by: plan.judged(
          by: trust, evidence: evidence, contributors: contributors, unknown: unknown)
      ).decision
    }
    #expect(try decision(["bob"], ["carol"]) == .approved)
    #expect(try decision(["bob"], ["bob"]) == .refused)
    #expect(try decision(["bob", "carol"], ["bob"]) == .approved)
    #expect(try decision(["bob"], [], ["09ab"]) == .refused)
    #expect(try decision(["bob", "carol"], [], ["09ab"]) == .approved)
    #expect(try decision(["bob", "carol"], ["alice"], ["09ab", "5e5e"]) == .approved)
    // Two keys of one person are one person.
    var twoKeys = TestTrust()
    twoKeys.people["bob"]?.second = "bob's other"
    twoKeys.policies = "  p: {match: {}, require: {count: 2, role: DEVELOPER}}"
    let both = try ["bob", "bob's other"].map { try Evidence.by($0, plan.subjects) }
    let judgement = plan.judged(by: try twoKeys.judging(), evidence: both)
    #expect(AdmittedPlan.judge(plan, by: judgement).decision == .refused)
  }

  private typealias Spoil = @Sendable (Subject) -> Subject

  @Test("An approval of anything else does not count, and says why")
  func otherSubjects() throws {
    let plan = try Self.plan()
    let other = Signing.sha256([1])
    func subject(
      _ s: Subject, place: Subject.Place? = nil, generation: Int?? = nil, before: Digest?? = nil,
      after: Digest?? = nil
    ) -> Subject {
      Subject(
        place: place ?? s.place, kind: s.kind, key: s.key, generation: generation ?? s.generation,
        before: before ?? s.before, after: after ?? s.after)
    }
    let rows: [(Subject, [String])] = plan.subjects.flatMap { s in
      [
        (s, []),
        (subject(s, after: other), ["is for another form than the one to be applied"]),
        (subject(s, after: .some(nil)), ["is for another form than the one to be applied"]),
        (subject(s, before: .some(nil)), ["is for a change from another form"]),
        (subject(s, generation: 9), ["is for generation 9, and this change gives 2"]),
        // For an earlier change: spent, unless it would bring this form back.
        (subject(s, generation: 1, after: other), []),
        (subject(s, generation: 1), ["is for generation 1, and this change gives 2"]),
        (subject(s, place: .trust), []),
        (
          subject(s, place: .scope(ScopeID(environment: "staging", customer: "acme"))), []
        ),
        (
          subject(s, place: .scope(ScopeID(environment: "production", customer: "x"))), []
        ),
      ]
    }
    for (place, (subject, why)) in rows.enumerated() {
      // Of a merge, since no statement says anything about another place than its own.
      let judgement = plan.judged(
        by: try TestTrust().judging(),
        evidence: [try .by("bob", [subject], as: place < 7 ? .statement : .merge)])
      let verdict = AdmittedPlan.judge(plan, by: judgement)
      #expect((verdict.admitted != nil) == (place < 1), "\(subject)")
      #expect(verdict.changes.first?.setAside.map(\.why) == why)
      #expect(verdict.changes.first?.setAside.allSatisfy { $0.what.hasSuffix(" by bob") } == true)
    }
  }

  @Test(
    "A statement counts from its issue until it expires, for its classes and its radius",
    arguments: [
      ("2026-11-21T00:05:00Z", "2026-12-01T00:00:00Z", 10_000, true, nil),
      (
        "2026-11-21T00:05:01Z", "2026-12-01T00:00:00Z", 10_000, true,
        "was issued at 2026-11-21T00:05:01Z, which is yet to come"
      ),
      (
        "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z", 10_000, true,
        "expired at 2026-11-21T00:00:00Z"
      ),
      ("2026-11-20T00:00:00Z", "2026-11-21T00:00:01Z", 10_000, true, nil),
      (
        "2026-11-20T00:00:00Z", "2026-12-01T00:00:00Z", 9_999, true,
        "allows 99.99% of users to move, and 100% would"
      ),
      (
        "2026-11-20T00:00:00Z", "2026-12-01T00:00:00Z", 10_000, false,
        "does not allow default.changed"
      ),
    ] as [(String, String, Int, Bool, String?)])
  func bounds(
    issued: String, expires: String, radius: Int, hasClass: Bool, why: String?
  ) throws {
    let plan = try Self.plan()
    let evidence = try Evidence.by(
      "bob", plan.subjects, classes: hasClass ? nil : ["rules.changed"], blastRadius: radius,
      issued: issued, expires: expires)
    let verdict = AdmittedPlan.judge(
      plan, by: plan.judged(by: try TestTrust().judging(), evidence: [evidence]))
    #expect((verdict.admitted != nil) == (why == nil))
    #expect(verdict.changes.first?.setAside.map(\.why) == (why.map { [$0] } ?? []))
  }

  @Test("A key counts from its first instant and not at its last")
  func windows() throws {
    let plan = try Self.plan()
    for (from, until, counts) in [
      ("2026-11-21T00:00:00Z", nil, true), ("2026-11-21T00:00:01Z", nil, false),
      (nil, "2026-11-21T00:00:00Z", false), (nil, "2026-11-21T00:00:01Z", true),
    ] as [(String?, String?, Bool)] {
      var trust = TestTrust()
      trust.people["bob"] = .init("DEVELOPER", from: from, until: until)
      let judgement = plan.judged(
        by: try trust.judging(), evidence: [try .by("bob", plan.subjects)])
      #expect((AdmittedPlan.judge(plan, by: judgement).admitted != nil) == counts)
    }
  }

  @Test("Who is gone from the newest trust counts for no older change")
  func newest() throws {
    let plan = try Self.plan()
    let former = TestTrust()
    func isAdmitted(_ change: (inout TestTrust) -> Void) throws -> Bool {
      var newest = former
      change(&newest)
      let judgement = plan.judged(
        by: try former.judging(newest: newest), evidence: [try .by("bob", plan.subjects)])
      return AdmittedPlan.judge(plan, by: judgement).admitted != nil
    }
    #expect(try isAdmitted { $0.people["dave"]?.role = "ADMIN" })
    #expect(
      try !isAdmitted {
        $0.people["bob"] = nil
        $0.teams = [:]
      })
    #expect(try !isAdmitted { $0.people["bob"]?.role = "VIEWER" })
    #expect(try !isAdmitted { $0.people["bob"]?.until = "2026-11-20T00:00:00Z" })
    // Nor does it help to weaken the policy, or to join now.
    var strict = former
    strict.policies = "  p: {match: {}, require: {count: 2, role: DEVELOPER}}"
    let weakened = plan.judged(
      by: try strict.judging(newest: former), evidence: [try .by("bob", plan.subjects)])
    #expect(AdmittedPlan.judge(plan, by: weakened).admitted == nil)
    var joined = former
    joined.people["erin"] = .init("ADMIN")
    let early = plan.judged(
      by: try former.judging(newest: joined), evidence: [try .by("erin", plan.subjects)])
    #expect(AdmittedPlan.judge(plan, by: early).admitted == nil)
  }

  @Test("Trailers count in a bot's merge, for listed people alone; a bot's own name counts nowhere")
  func trailers() throws {
    let plan = try Self.plan()
    let subjects = plan.subjects.map {
      Subject(
        place: $0.place, kind: $0.kind, key: $0.key, generation: nil, before: $0.before,
        after: $0.after)
    }
    var trust = TestTrust()
    trust.teams["growth"] = ["bob", "carol", "merge-bot"]
    trust.policies = "  p: {match: {}, require: {count: 1, team: growth}}"
    let judging = try trust.judging()
    func verdict(_ evidence: Evidence) -> Verdict {
      AdmittedPlan.judge(plan, by: plan.judged(by: judging, evidence: [evidence]))
    }
    #expect(
      try verdict(.by("merge-bot", subjects, as: .trailer, people: ["bob"])).admitted != nil)
    #expect(try verdict(.by("carol", subjects, as: .merge)).admitted != nil)
    let byPerson = try verdict(.by("carol", subjects, as: .trailer, people: ["bob"]))
    #expect(byPerson.admitted == nil)
    #expect(
      byPerson.changes[0].setAside.map(\.why) == ["stands in a merge by carol, who is no BOT"])
    let unlisted = try verdict(.by("merge-bot", subjects, as: .trailer, people: ["mallory"]))
    #expect(unlisted.changes[0].setAside.map(\.why) == ["names mallory, who is nobody in trust"])
    #expect(try verdict(.by("merge-bot", subjects, as: .merge)).admitted == nil)
    let unknown = try verdict(.by("mallory", subjects, as: .merge))
    #expect(unknown.changes[0].setAside.count == 1 && unknown.admitted == nil)
  }

  @Test("What only the clock moves asks nobody")
  func clock() throws {
    let text = """
      flags:
        page: {environments: {production: {}},
               rules: [{key: r, serve: true, rollout: {2026-11-21T00:00:00Z: 50%}}]}
      """
    let plan = try Self.plan(text, text)
    #expect(plan.lines == ["flag page: rollout.advanced"])
    let verdict = AdmittedPlan.judge(plan, by: plan.judged(by: try TestTrust().judging()))
    #expect(verdict.decision == .approved && verdict.admitted != nil)
  }

  @Test("Under `warn` what is refused is applied and marked; what waits still waits")
  func warn() throws {
    let plan = try Self.plan()
    let trust = try TestTrust().judging()
    let verdict = AdmittedPlan.judge(plan, by: plan.judged(by: trust, isWarning: true))
    #expect(verdict.decision == .refused && verdict.admitted?.mode == .warn)
    let freeze = FreezeWindow(
      from: try #require(Instant("2026-11-20T00:00:00Z")),
      until: try #require(Instant("2026-11-22T00:00:00Z")), environments: nil)
    let frozen = plan.judged(by: trust, freezes: [freeze], isWarning: true)
    #expect(AdmittedPlan.judge(plan, by: frozen).admitted == nil)
  }

  @Test("What is not known is not approved")
  func unknown() throws {
    let plan = try Self.plan()
    let judgement = Judgement(
      by: try TestTrust().judging(), evidence: [try .by("bob", plan.subjects)])
    let verdict = AdmittedPlan.judge(plan, by: judgement)
    #expect(verdict.decision.name == "unknown" && verdict.admitted == nil)
  }

  @Test("A break-glass by one ADMIN stands for all policies, for a day, once")
  func breakGlass() throws {
    let plan = try Self.plan()
    let trust = try Self.trust("  p: {match: {}, require: {count: 2, role: DEVELOPER}}").judging()
    func verdict(
      _ name: String, expires: String = "2026-11-21T12:00:00Z", open: Set<String> = []
    ) throws -> Verdict {
      let all = Contributors.of(["alice"])
      let identity = plan.changes[0].identity
      let judgement = Judgement(
        by: trust,
        evidence: [try .by(name, plan.subjects, as: .breakGlass, expires: expires)],
        contributors: [identity: all], openBreakGlasses: [identity: open])
      return AdmittedPlan.judge(plan, by: judgement)
    }
    let alice = try verdict("alice")
    #expect(alice.admitted != nil)
    #expect(alice.changes[0].decision == .free(reason: "alice broke the glass: an incident"))
    #expect(alice.changes[0].approvals.map(\.kind) == [.breakGlass])
    #expect(try verdict("bob").admitted == nil)
    #expect(try verdict("alice", expires: "2026-11-20T23:59:59Z").admitted == nil)
    #expect(try verdict("alice", open: ["alice"]).admitted == nil)
    #expect(try verdict("alice", open: ["erin"]).admitted != nil)
  }
}
