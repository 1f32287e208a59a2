// Time as part of the comparison: what came due is a change although no file changed, and nothing
// else is. The next instant at which something comes due is what a controller sleeps until.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import Testing

@Suite("What comes due")
struct TimeTests {
  private static let sections = """
    experiments:
      e:
        status: running
        traffic: 10%
        schedule: {start: 2026-11-22T00:00:00Z, end: 2026-11-26T00:00:00Z}
        control: a
        variants: {a: {weight: 1, payload: 1}, b: {weight: 1, payload: 2}}
        winner: b
        environments: {production: {}}
    flags:
      ramp:
        environments: {production: {}}
        rules:
          - key: r
            serve: true
            rollout: {2026-11-28T00:00:00Z: 100%, 2026-11-24T00:00:00Z: 5%}
    """

  @Test("The same commit, walked along what comes due, yields each class in its time only")
  func walk() throws {
    var scope = try TestScope.applied(Self.sections, at: "2026-11-20T00:00:00Z")
    var lines: [String] = []
    var instant = try #require(Instant("2026-11-20T00:00:00Z"))
    while let next = try #require(TestRepository(Self.sections).resolved())
      .nextInstant(after: instant)
    {
      let before = next.adding(seconds: -1).description
      #expect(try scope.plan(Self.sections, at: before).isEmpty)
      let applied = try scope.pass(Self.sections, at: next.description)
      lines += applied.plan.lines.map { "\(next) \($0)" }
      instant = next
    }
    #expect(
      lines == [
        "2026-11-22T00:00:00Z experiment e: experiment.started",
        "2026-11-24T00:00:00Z flag ramp: rollout.advanced",
        "2026-11-26T00:00:00Z experiment e: experiment.completed",
        "2026-11-28T00:00:00Z flag ramp: rollout.advanced",
      ])
    #expect(scope.state.version == 5)
  }

  @Test("The published form follows the instant, and evaluates as it says")
  func published() throws {
    var scope = try TestScope.applied(Self.sections, at: "2026-11-20T00:00:00Z")
    func reasons() throws -> [String] {
      try scope.snapshot().evaluateAll(context: .init(targetingKey: "u"))
        .map { "\($0.flag) \($0.variant ?? "") \($0.reason.rawValue)" }
    }
    #expect(try reasons() == ["e a DEFAULT", "ramp false DEFAULT"])
    try scope.pass(Self.sections, at: "2026-11-30T00:00:00Z")
    #expect(try reasons() == ["e b TARGETING_MATCH", "ramp true SPLIT"])
  }

  @Test("Nothing comes due where nothing is ordered")
  func nothingDue() throws {
    let instant = try #require(Instant("2026-11-20T00:00:00Z"))
    #expect(TestRepository(Samples.running).resolved()?.nextInstant(after: instant) == nil)
  }
}
