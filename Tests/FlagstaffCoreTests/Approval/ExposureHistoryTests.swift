// Exposure over time: what was applied since yesterday counts with the plan.

import Documents
import FlagstaffCore
import Testing

@Suite("Exposure over time")
struct ExposureHistoryTests {
  private static func record(
    _ version: Int, _ instant: String, _ buckets: Int, met: Set<String> = [], flag: String = "page"
  ) throws -> ExposureHistory.Record {
    .init(
      version: version, instant: try #require(Instant(instant)), flag: flag, buckets: buckets,
      policiesMet: met)
  }

  @Test("Slices of a day add up, an approval resets them, a day later they are forgotten")
  func sums() throws {
    let instant = try #require(Instant("2026-11-21T00:00:00Z"))
    func sum(_ records: [ExposureHistory.Record]) -> Int {
      ExposureHistory(records).buckets(of: "page", for: "p", at: instant)
    }
    let one = try Self.record(1, "2026-11-20T10:00:00Z", 400)
    let two = try Self.record(2, "2026-11-20T20:00:00Z", 300)
    #expect(sum([]) == 0 && sum([one]) == 400 && sum([two, one]) == 700)
    // A day is 24 hours, and its last second counts.
    #expect(try sum([Self.record(1, "2026-11-20T00:00:00Z", 400)]) == 0)
    #expect(try sum([Self.record(1, "2026-11-20T00:00:01Z", 400)]) == 400)
    // What the policy approved is a new beginning; another's approval is not.
    let approved = try Self.record(2, "2026-11-20T20:00:00Z", 300, met: ["p"])
    #expect(sum([one, approved]) == 0)
    #expect(try sum([one, approved, Self.record(3, "2026-11-20T21:00:00Z", 200)]) == 200)
    #expect(try sum([one, Self.record(2, "2026-11-20T20:00:00Z", 300, met: ["q"])]) == 700)
    // Two changes of a version that reach a flag tell the same share; other flags do not count.
    #expect(try sum([one, Self.record(1, "2026-11-20T10:00:00Z", 350)]) == 400)
    #expect(try sum([one, Self.record(2, "2026-11-20T20:00:00Z", 300, flag: "x")]) == 400)
  }

  @Test("A raise of 4 % behind one of 4 % is one of 8 %", arguments: [(true, 800), (false, 400)])
  func slices(isKnown: Bool, exposure: Int) throws {
    func text(_ share: String) -> String {
      "flags: {page: {environments: {production: {}},"
        + " rules: [{key: r, serve: true, rollout: \(share)}]}}"
    }
    let plan = try TestScope.applied(text("4%")).plan(text("8%"))
    #expect(plan.changes[0].exposures.map(\.buckets) == [400])
    var trust = TestTrust()
    trust.policies =
      "  p: {match: {blastRadius: {atLeast: 5%}}, require: {count: 1, role: ADMIN}}\n"
      + "  rest: {match: {}, require: {count: 1, role: DEVELOPER}}"
    let records = isKnown ? [try Self.record(1, "2026-11-20T23:00:00Z", 400, met: ["rest"])] : []
    let verdict = AdmittedPlan.judge(
      plan,
      by: plan.judged(
        by: try trust.judging(), evidence: [try .by("bob", plan.subjects)],
        exposure: ExposureHistory(records)))
    #expect((verdict.admitted == nil) == isKnown)
    let exposures = verdict.changes[0].policies.map(\.exposure)
    #expect(exposures == (isKnown ? [exposure, nil] : [nil]))
  }
}
