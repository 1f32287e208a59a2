// Freezes: who is shown something new waits; what stops, or ends by itself, goes on.

import Documents
import FlagstaffCore
import Testing

@Suite("Freezes in plans")
struct FreezeRuleTests {
  private static func verdict(
    _ before: String, _ after: String, at instant: String = "2026-11-28T00:00:00Z",
    environments: Set<String>? = nil
  ) throws -> Verdict {
    let plan = try TestScope.applied(before).plan(after, at: instant)
    #expect(!plan.isEmpty)
    let freeze = FreezeWindow(
      from: try #require(Instant("2026-11-27T00:00:00Z")),
      until: try #require(Instant("2026-11-30T00:00:00Z")), environments: environments)
    var trust = TestTrust()
    trust.policies = ""
    return AdmittedPlan.judge(plan, by: plan.judged(by: try trust.judging(), freezes: [freeze]))
  }

  private static let flag = "flags: {page: {environments: {production: {}}, default: false}}"
  private static let raised = "flags: {page: {environments: {production: {}}, default: true}}"

  @Test("A raise waits until the freeze is over, in its environments, and a stop does not")
  func raises() throws {
    let waiting = try Self.verdict(Self.flag, Self.raised)
    #expect(waiting.admitted == nil && waiting.decision == .approved)
    #expect(waiting.waits.map(\.until) == [Instant("2026-11-30T00:00:00Z")])
    #expect(waiting.waits.map(\.identity) == [Identity(.flag, "page")])
    #expect(try Self.verdict(Self.flag, Self.raised, environments: ["staging"]).admitted != nil)
    #expect(try Self.verdict(Self.flag, Self.raised, environments: ["production"]).admitted == nil)
    for (instant, isFrozen) in [
      ("2026-11-26T23:59:59Z", false), ("2026-11-27T00:00:00Z", true),
      ("2026-11-29T23:59:59Z", true), ("2026-11-30T00:00:00Z", false),
    ] {
      let verdict = try Self.verdict(Self.flag, Self.raised, at: instant)
      #expect((verdict.admitted == nil) == isFrozen, "\(instant)")
    }
    #expect(try Self.verdict(Self.raised, Self.flag).admitted != nil)
    let described = Self.flag.replacingFirst("default", "description: x, default")
    #expect(try Self.verdict(Self.flag, described).admitted != nil)
  }

  @Test("A scheduled end runs in a freeze, with a winner too; a scheduled raise waits")
  func schedules() throws {
    func text(_ experiment: String) -> String {
      """
      flags:
        page: {variants: {a: 1, b: 2}, off: a, environments: {production: {}}, rules: [{experiment: e}]}
      experiments:
        e: {status: running, traffic: 50%, control: a, environments: {production: {}},
            variants: {a: 50, b: 50}, \(experiment)}
      """
    }
    let end = text("schedule: {end: 2026-11-27T12:00:00Z}")
    #expect(try Self.verdict(end, end).admitted != nil)
    let winner = text("schedule: {end: 2026-11-27T12:00:00Z}, winner: b")
    #expect(try Self.verdict(winner, winner).admitted != nil)
    let start = text("schedule: {start: 2026-11-27T12:00:00Z}")
    #expect(try Self.verdict(start, start).admitted == nil)
    // By hand it is a raise like any other.
    let byHand = try Self.verdict(
      text("targeting: {country: DE}"),
      text("targeting: {country: DE}, winner: b").replacingFirst("running", "completed"))
    #expect(byHand.admitted == nil)
  }

  @Test("Where the head waits, what was ordered before goes on by the clock alone")
  func byClock() throws {
    let before = """
      flags:
        page: {variants: {a: 1, b: 2}, off: a, environments: {production: {}}, rules: [{experiment: e}]}
        other: {environments: {production: {}}}
      experiments:
        e: {status: running, traffic: 50%, control: a, environments: {production: {}},
            variants: {a: 50, b: 50}, schedule: {end: 2026-11-27T12:00:00Z}}
      """
    let scope = try TestScope.applied(before)
    let workspace = try #require(TestRepository(before).definitions().workspace)
    let early = try #require(Instant("2026-11-27T11:59:59Z"))
    let late = try #require(Instant("2026-11-27T12:00:00Z"))
    let wanted = ResolvedScope.again(
      scope.state.scope, scope.state.definitions.mapValues(\.definition), in: workspace)
    let commit = try #require(scope.state.commit)
    func due(at instant: Instant) throws -> Plan {
      guard
        case .plan(let plan) = try Plan.make(
          wanted, against: scope.state, commit: commit, at: instant)
      else { throw Unexpected("held") }
      return plan
    }
    #expect(try due(at: early).isEmpty)
    let plan = try due(at: late)
    #expect(plan.lines == ["experiment e: experiment.completed"])
    // It asks nobody, and passes the second opinion.
    let judgement = plan.judged(by: try TestTrust().judging())
    let admitted = try #require(AdmittedPlan.judge(plan, by: judgement).admitted)
    let applied = AppliedScope.apply(admitted, to: scope.state)
    _ = try CheckedScope.check(
      applied, from: scope.state, wanted: wanted,
      publication: try Publication.project(applied.state))
  }
}
