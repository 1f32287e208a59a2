// Plans of trust and their verdicts: what changes, who may approve it, and how somebody gets back in
// where nobody can.

import Documents
import FlagstaffCore
import Signing
import Testing

@Suite("Plans of trust")
struct TrustPlanTests {
  private static let instant = "2026-11-21T00:00:00Z"

  private static func plan(
    _ wanted: TestTrust, against former: RegisteredTrust?, at instant: String = instant,
    as beginning: RegisteredTrust.Beginning = .commit
  ) throws -> TrustPlan {
    TrustPlan.make(
      try wanted.trust(), against: former, commit: TestTrust.commit,
      at: try #require(Instant(instant)), as: beginning)
  }

  private static func lines(_ plan: TrustPlan) -> [String] {
    plan.changes.map {
      "\($0.identity) \($0.generation): "
        + $0.classes.map(\.rawValue).joined(separator: " ")
    }
  }

  @Test("A change of trust is a plan with a parent, whose generation is the version that it gives")
  func generations() throws {
    var wanted = TestTrust()
    let first = try wanted.registered()
    #expect(first.version == 1 && first.beginning == .initialised)
    #expect(try Self.plan(wanted, against: first).isEmpty)
    wanted.people["dave"] = nil
    wanted.people["bob"]?.role = "ANALYST"
    wanted.people["carol"]?.role = "ADMIN"
    let plan = try Self.plan(wanted, against: first)
    #expect(plan.parent == 1)
    #expect(
      Self.lines(plan) == [
        "person bob 2: trust.person.changed", "person carol 2: trust.person.changed",
        "person dave 2: trust.person.deleted",
      ])
    let second = try wanted.registered(after: first)
    wanted.people["dave"] = .init("VIEWER")
    #expect(
      try Self.lines(Self.plan(wanted, against: second)) == [
        "person dave 3: trust.person.created"
      ])
    let document = try #require(RegisteredTrust(document: second.document))
    #expect(document.trust == second.trust)
    #expect(document.version == 2 && document.definitions == second.definitions)
  }

  @Test("Where trust begins, or is reset, the workspace's event says so")
  func beginnings() throws {
    let wanted = TestTrust()
    let begun = try Self.plan(wanted, against: nil, as: .initialised)
    #expect(
      Self.lines(begun).last
        == "workspace acme-experiments 1: trust.initialised trust.workspace.created")
    let reset = try Self.plan(wanted, against: wanted.registered(), as: .reset)
    #expect(Self.lines(reset) == ["workspace acme-experiments 2: trust.reset"])
    func isAdmitted(_ plan: TrustPlan) -> Bool {
      AdmittedTrust.judge(plan, by: TrustJudgement()).admitted != nil
    }
    #expect(isAdmitted(begun) && isAdmitted(reset))
    // Nothing begins twice, and no commit begins it.
    #expect(try !isAdmitted(Self.plan(wanted, against: wanted.registered(), as: .initialised)))
    #expect(try !isAdmitted(Self.plan(wanted, against: nil, as: .reset)))
    #expect(try !isAdmitted(Self.plan(wanted, against: nil)))
  }

  @Test(
    "A plan warns a month before nobody could change trust",
    arguments: [
      (nil, nil, []), (nil, "2026-12-21T00:00:01Z", []), (nil, "2026-12-21T00:00:00Z", ["FS5001"]),
      (nil, "2026-11-01T00:00:00Z", ["FS5001"]), ("2027-01-01T00:00:00Z", nil, ["FS5001"]),
    ] as [(String?, String?, [String])])
  func warning(from: String?, until: String?, codes: [String]) throws {
    var wanted = TestTrust()
    wanted.people["alice"] = .init("ADMIN", from: from, until: until)
    let plan = try Self.plan(wanted, against: nil, as: .initialised)
    #expect(plan.warnings.map(\.code.rawValue) == codes)
    #expect(plan.warnings.allSatisfy { $0.severity == .warning })
    wanted.people["bob"] = .init("ADMIN")
    #expect(try Self.plan(wanted, against: nil, as: .initialised).warnings.isEmpty)
  }

  /// Dave becomes a DEVELOPER.
  private static func verdict(
    _ trust: TestTrust, by signers: [String], contributors: Set<String>, unknown: [String] = [],
    at instant: String = instant, spoil: (TrustPlan) -> [Subject] = \.subjects
  ) throws -> TrustVerdict {
    var wanted = trust
    wanted.people["dave"] = .init("DEVELOPER")
    let plan = try plan(wanted, against: trust.registered(), at: instant)
    let all = Contributors.of(contributors, unknown: unknown)
    return AdmittedTrust.judge(
      plan,
      by: TrustJudgement(
        evidence: try signers.map { try .by($0, spoil(plan)) },
        contributors: Dictionary(
          plan.changes.map { ($0.identity, all) }, uniquingKeysWith: { first, _ in first })))
  }

  @Test("Changing trust needs an ADMIN who did not contribute")
  func admin() throws {
    var two = TestTrust()
    two.people["erin"] = .init("ADMIN")
    func isAdmitted(
      _ signers: [String], _ contributors: Set<String>, unknown: [String] = []
    ) throws -> Bool {
      let verdict = try Self.verdict(two, by: signers, contributors: contributors, unknown: unknown)
      #expect((verdict.decision == .approved) == (verdict.admitted != nil))
      #expect(verdict.changes.allSatisfy { !$0.isSoleAdmin })
      return verdict.admitted != nil
    }
    #expect(try isAdmitted(["alice"], ["bob"]))
    #expect(try !isAdmitted(["bob", "carol", "merge-bot"], []))
    #expect(try !isAdmitted(["alice"], ["alice"]))
    #expect(try isAdmitted(["alice", "erin"], ["alice"]))
    #expect(try !isAdmitted(["alice"], [], unknown: ["09ab"]))
    #expect(try isAdmitted(["alice", "erin"], [], unknown: ["09ab"]))
    #expect(try !isAdmitted([], []))
  }

  @Test("The only ADMIN may change trust, and the verdict marks it")
  func soleAdmin() throws {
    let trust = TestTrust()
    for (contributors, unknown) in [(["alice"], []), ([], ["09ab"]), (["alice"], ["09ab"])] {
      let verdict = try Self.verdict(
        trust, by: ["alice"], contributors: Set(contributors), unknown: unknown)
      #expect(verdict.admitted != nil && verdict.changes.allSatisfy(\.isSoleAdmin))
      #expect(verdict.changes.first?.node["soleAdmin"]?.boolean == true)
    }
    let other = try Self.verdict(trust, by: ["alice"], contributors: ["bob"])
    #expect(other.admitted != nil && other.changes.allSatisfy { !$0.isSoleAdmin })
    // An ADMIN whose key does not count is none.
    var expired = trust
    expired.people["erin"] = .init("ADMIN", until: "2026-11-20T00:00:00Z")
    #expect(try Self.verdict(expired, by: ["alice"], contributors: ["alice"]).admitted != nil)
    expired.people["erin"]?.until = nil
    #expect(try Self.verdict(expired, by: ["alice"], contributors: ["alice"]).admitted == nil)
  }

  @Test("Where no ADMIN can sign, the verdict names the way back in")
  func lastAdminExpired() throws {
    var trust = TestTrust()
    trust.people["alice"]?.until = "2026-11-20T00:00:00Z"
    let verdict = try Self.verdict(trust, by: ["alice"], contributors: ["bob"])
    #expect(verdict.admitted == nil)
    #expect(verdict.remedy?.contains("flagstaff trust reset") == true)
    #expect(
      verdict.changes.first?.setAside.map(\.why) == [
        "is signed by a key of alice that counted until 2026-11-20T00:00:00Z"
      ])
    #expect(try Self.verdict(TestTrust(), by: [], contributors: []).remedy == nil)
  }

  @Test("An approval of another change of trust does not count")
  func otherSubjects() throws {
    func isAdmitted(_ change: (Subject) -> Subject) throws -> Bool {
      try Self.verdict(TestTrust(), by: ["alice"], contributors: ["bob"]) {
        $0.subjects.map(change)
      }.admitted != nil
    }
    #expect(try isAdmitted { $0 })
    for spoil: @Sendable (Subject) -> Subject in [
      {
        .init(
          place: $0.place, kind: $0.kind, key: $0.key, generation: 1, before: $0.before,
          after: $0.after)
      },
      {
        .init(
          place: $0.place, kind: $0.kind, key: $0.key, generation: $0.generation, before: nil,
          after: $0.after)
      },
      {
        .init(
          place: $0.place, kind: $0.kind, key: $0.key, generation: $0.generation, before: $0.before,
          after: Signing.sha256([1]))
      },
      {
        .init(
          place: $0.place, kind: "team", key: $0.key, generation: $0.generation, before: $0.before,
          after: $0.after)
      },
      {
        .init(
          place: .scope(ScopeID(environment: "production", customer: "acme")), kind: "flag",
          key: $0.key, generation: $0.generation, before: $0.before, after: $0.after)
      },
    ] { #expect(try !isAdmitted(spoil)) }
  }

  @Test("What is not known is not approved")
  func unknown() throws {
    var wanted = TestTrust()
    wanted.people["dave"] = .init("DEVELOPER")
    let plan = try Self.plan(wanted, against: TestTrust().registered())
    let evidence = [try Evidence.by("alice", plan.subjects)]
    let unknown = AdmittedTrust.judge(plan, by: TrustJudgement(evidence: evidence))
    #expect(unknown.admitted == nil && unknown.decision.name == "unknown")
    let contributors = [plan.changes[0].identity: Contributors.nobody]
    let doubt = Doubt(reason: "the clone is shallow", remedy: "Fetch all of it")
    let doubted = AdmittedTrust.judge(
      plan, by: TrustJudgement(evidence: evidence, contributors: contributors, doubt: doubt))
    #expect(doubted.admitted == nil && doubted.decision == .unknown(doubt))
    let rewritten = AdmittedTrust.judge(
      plan,
      by: TrustJudgement(
        evidence: evidence, contributors: contributors,
        forward: .waits(reason: "the head does not descend", remedy: "Accept it")))
    #expect(rewritten.admitted == nil && rewritten.decision == .approved)
    #expect(rewritten.waits.map(\.reason) == ["the head does not descend"])
  }
}
