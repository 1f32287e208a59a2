// Kills and releases: a stop hides what a definition says and changes nothing else, stays whatever
// is committed behind it, and is taken back by a plan that is judged by what it shows. Every plan
// here is verified by the second opinion too.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import Testing

@Suite("Kills")
struct KillTests {
  private static let flag = Identity(.flag, "search")
  private static let experiment = Identity(.experiment, "checkout")
  private static let page = Identity(.flag, "page")

  /// A flag that rolls out: 5%, from the 24th on 25%.
  private static let ramp = """
    flags:
      search:
        environments: {production: {}}
        rules:
          - key: ramp
            serve: true
            rollout: {2026-11-01T00:00:00Z: 5%, 2026-11-24T00:00:00Z: 25%}
    """

  private func form(_ identity: Identity, in scope: TestScope) throws -> Node {
    let publication = try Publication.project(scope.state)
    let index = try JSONReader.read(publication.server.index.bytes)
    let found = index["definitions"]?.sequence?.first {
      $0["kind"]?.string == identity.kind.rawValue && $0["key"]?.string == identity.key
    }
    return try #require(found)
  }

  private func step(_ scope: TestScope) -> Int? {
    guard case .flag(let recorded) = scope.state.definitions[Self.flag]?.recorded else {
      return nil
    }
    return recorded.steps.first?.share
  }

  @Test("A kill is one change, which serves off to everybody, and the form stays")
  func kill() throws {
    var scope = try TestScope.applied(Self.ramp)
    let before = try form(Self.flag, in: scope)
    let digest = scope.state.definitions[Self.flag]?.definition.digest
    let plan = try scope.stop(.kill, Self.flag).plan
    #expect(plan.lines == ["flag search: killed"])
    #expect(plan.changes.first?.blastRadius.greatest == .buckets(500))
    #expect(plan.changes.first?.direction == .safer)
    #expect(try form(Self.flag, in: scope)["killed"] == .boolean(true))
    #expect(before["killed"] == .boolean(false))
    #expect(scope.state.definitions[Self.flag]?.definition.digest == digest)
    #expect(scope.state.version == 2)
  }

  @Test("A killed experiment matches nobody, keeps its buckets, and has no winner at its end")
  func experiment() throws {
    let ending = Samples.running.replacingFirst(
      "traffic: 30%", "traffic: 30%\n    winner: new\n    schedule: {end: 2026-11-23T00:00:00Z}")
    var scope = try TestScope.applied(ending)
    let buckets = try scope.recordedExperiment("checkout").traffic
    try scope.stop(.kill, Self.experiment)
    #expect(try form(Self.experiment, in: scope)["live"] == .boolean(false))
    let later = try scope.plan(ending, at: "2026-11-25T00:00:00Z")
    #expect(later.isEmpty, "its end stands still: \(later.lines)")
    #expect(try scope.recordedExperiment("checkout").traffic == buckets)
    #expect(try form(Self.experiment, in: scope)["winner"] == nil)

    // Released, it comes to where its schedule leads by now.
    let release = try scope.stop(.release, Self.experiment, at: "2026-11-25T00:00:00Z").plan
    #expect(release.lines == ["experiment checkout: experiment.completed released"])
    #expect(try form(Self.experiment, in: scope)["winner"] == .string("new"))
    #expect(try scope.plan(ending, at: "2026-11-25T00:00:00Z").isEmpty)
  }

  @Test("No later pass undoes a kill, whatever it brings, the deletion and the revival included")
  func stays() throws {
    var scope = try TestScope.applied(Self.ramp)
    try scope.stop(.kill, Self.flag)
    for sections in [
      Self.ramp.replacingFirst("5%", "50%"), Self.ramp.replacingFirst("key: ramp", "key: other"),
    ] {
      try scope.pass(sections, at: "2026-11-23T00:00:00Z")
      #expect(try form(Self.flag, in: scope)["killed"] == .boolean(true))
    }
    let off = Self.ramp.replacingFirst("environments:", "enabled: false\n    environments:")
    try scope.pass(off, at: "2026-11-23T00:00:00Z")
    try scope.pass("segments: {a: {b: c}}", at: "2026-11-23T01:00:00Z")
    #expect(scope.state.definitions[Self.flag] == nil)
    #expect(scope.state.kills[Self.flag] != nil)
    let again = Self.ramp.replacingFirst("environments:", "revive: true\n    environments:")
    try scope.pass(again, at: "2026-11-23T02:00:00Z")
    #expect(try form(Self.flag, in: scope)["killed"] == .boolean(true))
  }

  @Test("The schedule of what is killed stands still, and nobody else's does")
  func schedule() throws {
    let both =
      Self.ramp + """

          other:
            environments: {production: {}}
            rules:
              - {key: ramp, serve: true, rollout: {2026-11-22T12:00:00Z: 10%}}
        """
    var scope = try TestScope.applied(both)
    try scope.stop(.kill, Self.flag, at: "2026-11-23T00:00:00Z")
    #expect(
      try form(Identity(.flag, "other"), in: scope)["rules"]?.sequence?.first?["share"]
        == .integer(0), "a kill takes no other schedule further")
    let next = try scope.pass(both, at: "2026-11-25T00:00:00Z").plan
    #expect(next.lines == ["flag other: rollout.advanced"])
    #expect(step(scope) == 500)
    let release = try scope.stop(.release, Self.flag, at: "2026-11-25T00:00:00Z").plan
    #expect(release.lines == ["flag search: released rollout.advanced"])
    #expect(release.changes.first?.exposures.map(\.buckets) == [2_500])
    #expect(step(scope) == 2_500)
    #expect(try scope.plan(both, at: "2026-11-25T00:00:00Z").isEmpty)
  }

  @Test("Behind a kill nobody moves, and approvals are asked for what a release would show")
  func masked() throws {
    var scope = try TestScope.applied(Self.ramp)
    try scope.stop(.kill, Self.flag)
    let plan = try scope.plan(
      Self.ramp.replacingFirst("5%", "80%"), at: "2026-11-22T01:00:00Z")
    let change = try #require(plan.changes.first)
    #expect(change.blastRadius.greatest == UserShare.none)
    #expect(change.behindKills == .buckets(7_500))
    #expect(change.exposures.map(\.buckets) == [7_500])
    #expect(change.direction == .raise)
  }

  @Test("What an experiment that is killed would show is asked for in the flags that use it")
  func maskedExperiment() throws {
    var scope = try TestScope.applied(Samples.running)
    try scope.stop(.kill, Self.experiment)
    let plan = try scope.plan(
      Samples.running.replacingFirst("traffic: 30%", "traffic: 90%"), at: "2026-11-22T01:00:00Z")
    #expect(plan.changes.first?.blastRadius.greatest == UserShare.none)
    #expect(
      plan.changes.first?.exposures
        == plan.changes.first?.exposures.filter {
          $0.flag == "page" && $0.buckets == 6_000
        })
    #expect(plan.changes.first?.exposures.count == 1)
  }

  @Test("A release is judged by whom it moves, and its class is its own")
  func release() throws {
    var scope = try TestScope.applied(Self.ramp)
    try scope.stop(.kill, Self.flag)
    try scope.pass(Self.ramp.replacingFirst("5%", "80%"), at: "2026-11-22T01:00:00Z")
    let plan = try scope.stop(.release, Self.flag, at: "2026-11-22T02:00:00Z").plan
    #expect(plan.lines == ["flag search: released"])
    #expect(plan.changes.first?.exposures.map(\.buckets) == [8_000])
    #expect(plan.changes.first?.direction == .raise)
    #expect(try form(Self.flag, in: scope)["killed"] == .boolean(false))
    #expect(scope.state.kills.isEmpty)
  }

  @Test("One kill behind another is released for what it would show without the other")
  func behindAnother() throws {
    var scope = try TestScope.applied(Samples.running)
    try scope.stop(.kill, Self.experiment)
    try scope.stop(.kill, Self.page)
    let plan = try scope.stop(.release, Self.experiment, at: "2026-11-23T00:00:00Z").plan
    let change = try #require(plan.changes.first)
    #expect(change.blastRadius.greatest == UserShare.none)
    #expect(change.exposures.map(\.buckets) == [3_000])
    #expect(change.behindKills == .buckets(3_000))
    #expect(change.direction == .raise)
  }

  @Test("What a killed flag serves is shown, whoever changes it")
  func off() throws {
    let values = Samples.running.replacingFirst("old: {steps: 3}", "old: {steps: 9}")
    var scope = try TestScope.applied(Samples.running)
    try scope.stop(.kill, Self.page)
    let plan = try scope.plan(values, at: "2026-11-23T00:00:00Z")
    #expect(plan.changes.first?.blastRadius.greatest == .whole)
  }

  @Test("A release is never exempt as safer, and waits in a freeze, wherever it takes users")
  func safer() throws {
    let over = Samples.running.replacingFirst(
      "status: running", "status: completed\n    winner: old"
    )
    .replacingFirst("off: old", "off: new")
    var scope = try TestScope.applied(over)
    try scope.stop(.kill, Self.experiment)
    let plan = try scope.stop(.release, Self.experiment, at: "2026-11-23T00:00:00Z").plan
    #expect(plan.changes.first?.exposures.map(\.buckets) == [10_000])
    #expect(plan.changes.first?.direction == .raise)
    #expect(plan.changes.first?.isOnlySafer == false)
  }

  @Test("Nothing of another kind answers under the key of what is killed")
  func otherKind() throws {
    var scope = try TestScope.applied(Samples.flag)
    try scope.stop(.kill, Self.flag)
    let disabled = Samples.flag + "\n    enabled: false"
    try scope.pass(disabled, at: "2026-11-22T01:00:00Z")
    let flagless = """
      experiments:
        search:
          status: running
          traffic: 100%
          control: a
          variants: {a: {weight: 1, payload: 1}, b: {weight: 1, payload: 2}}
          environments: {production: {}}
      """
    let found = try scope.findings(flagless, at: "2026-11-22T02:00:00Z")
    #expect(found.map(\.code.rawValue) == ["FS4011"])
  }

  @Test("What is published tells a plan of a kill, and where schedules stand")
  func published() throws {
    var scope = try TestScope.applied(Self.ramp)
    try scope.stop(.kill, Self.flag)
    let state = StateDocument.object(of: scope.state)
    let node = try JSONReader.read(state.bytes)
    #expect(
      CanonicalJSON.string(node["kills"] ?? .null)
        == #"[{"key":"search","kind":"flag","schedule":"2026-11-20T00:00:00Z","#
        + #""since":"2026-11-22T00:00:00Z"}]"#)
    #expect(node["schedule"] == .string("2026-11-20T00:00:00Z"))
    _ = try PublishedState(state.bytes)
  }

  @Test("There is nothing to stop where nothing is registered, or it is stopped")
  func refusals() throws {
    var scope = try TestScope.applied(Self.ramp)
    #expect(throws: StopFailure.self) {
      try scope.stopping(.kill, Self.page, at: "2026-11-22T00:00:00Z")
    }
    #expect(throws: StopFailure.self) {
      try scope.stopping(.release, Self.flag, at: "2026-11-22T00:00:00Z")
    }
    try scope.stop(.kill, Self.flag)
    do {
      _ = try scope.stopping(.kill, Self.flag, at: "2026-11-22T01:00:00Z")
      Issue.record("a kill of what is killed")
    } catch let failure as StopFailure {
      #expect(failure.isDone)
      #expect(failure.description.contains("killed since 2026-11-22T00:00:00Z"))
    }
  }

  @Test("A planner that loses a kill, or invents one, is found out")
  func secondOpinion() throws {
    var scope = try TestScope.applied(Self.ramp)
    let kill = Kill(
      since: try #require(Instant("2026-11-21T00:00:00Z")),
      schedule: try #require(Instant("2026-11-20T00:00:00Z")))
    let edited = Self.ramp.replacingFirst("5%", "6%")
    var invented = try scope.claim(edited)
    try invented.replaceState(kills: [Self.flag: kill])
    #expect(try invented.verdict() == "identity")

    try scope.stop(.kill, Self.flag)
    var lost = try scope.claim(edited, at: "2026-11-23T00:00:00Z")
    #expect(try lost.verdict() == nil)
    try lost.replaceState(kills: [:])
    #expect(try lost.verdict() == "identity")
    var moved = try scope.stopClaim(.release, Self.flag, at: "2026-11-23T00:00:00Z")
    #expect(try moved.verdict() == nil)
    try moved.replaceState(schedule: Instant("2026-11-22T00:00:00Z"))
    #expect(try moved.verdict() == "identity")
  }
}

@Suite("Kills and the gate")
struct KillVerdictTests {
  private static let flag = Identity(.flag, "search")
  private static let on = Samples.flag + "\n    rules: [{serve: true}]"

  private func killed() throws -> TestScope {
    var scope = try TestScope.applied(Self.on)
    try scope.stop(.kill, Self.flag)
    return scope
  }

  private let frozen = FreezeWindow(
    from: Instant(secondsSince1970: 0), until: Instant(secondsSince1970: 4_000_000_000),
    environments: nil)

  @Test("A kill asks nobody, in a freeze too, and though nothing is known of who contributed")
  func free() throws {
    let scope = try TestScope.applied(Self.on)
    let (plan, _) = try scope.stopping(.kill, Self.flag, at: "2026-11-22T00:00:00Z")
    let verdict = AdmittedPlan.judge(
      plan, by: Judgement(by: try TestTrust().judging(), freezes: [frozen]))
    let admitted = try #require(verdict.admitted)
    #expect(verdict.changes.first?.decision == .free(reason: "a kill asks nobody"))
    try VerdictCheck(admitted).run()
  }

  @Test("A release waits for the people whom the policies name, and is let through by them")
  func release() throws {
    let (plan, _) = try killed().stopping(.release, Self.flag, at: "2026-11-22T01:00:00Z")
    let trust = try TestTrust().judging()
    let waiting = AdmittedPlan.judge(plan, by: plan.judged(by: trust))
    #expect(waiting.decision == .refused && waiting.admitted == nil)
    let remedy = waiting.missingApprovals(of: plan, at: plan.commit)?.remedy
    #expect(
      remedy?.contains("approve --release search --environment production --customer acme") == true)
    let approved = AdmittedPlan.judge(
      plan, by: plan.judged(by: trust, evidence: [try .by("bob", plan.subjects)]))
    try VerdictCheck(try #require(approved.admitted)).run()
    #expect(throws: PlanDisagreement.self) {
      try VerdictCheck(try #require(approved.admitted), by: plan.judged(by: trust)).run()
    }
  }

  @Test("A release waits in a freeze, whatever is approved")
  func freeze() throws {
    let (plan, _) = try killed().stopping(.release, Self.flag, at: "2026-11-22T01:00:00Z")
    let judgement = plan.judged(
      by: try TestTrust().judging(), evidence: [try .by("bob", plan.subjects)], freezes: [frozen])
    let verdict = AdmittedPlan.judge(plan, by: judgement)
    #expect(verdict.admitted == nil && verdict.waits.count == 1)
  }

  @Test("An approval of one release is none of the next")
  func replay() throws {
    var scope = try killed()
    let first = try scope.stop(.release, Self.flag, at: "2026-11-22T01:00:00Z").plan
    try scope.stop(.kill, Self.flag, at: "2026-11-22T02:00:00Z")
    let (plan, _) = try scope.stopping(.release, Self.flag, at: "2026-11-22T03:00:00Z")
    let verdict = AdmittedPlan.judge(
      plan,
      by: plan.judged(
        by: try TestTrust().judging(), evidence: [try .by("bob", first.subjects)]))
    #expect(verdict.admitted == nil)
  }

  @Test("A policy asks for releases by their class")
  func byClass() throws {
    let policies = [
      "  releases: {match: {classes: [released]}, require: {count: 2, role: DEVELOPER}}",
      "  others: {match: {}, require: {count: 1, role: DEVELOPER}}",
    ].joined(separator: "\n")
    let (plan, _) = try killed().stopping(.release, Self.flag, at: "2026-11-22T01:00:00Z")
    let verdict = AdmittedPlan.judge(
      plan,
      by: plan.judged(
        by: try TestTrust(policies: policies).judging(),
        evidence: [try .by("bob", plan.subjects)]))
    #expect(verdict.changes.first?.policies.map(\.policy) == ["others", "releases"])
    #expect(verdict.changes.first?.policies.map(\.isMet) == [true, false])
  }
}
