// Which way a change takes its users, and what a policy may exempt.

import Documents
import FlagstaffCore
import Testing

@Suite("Safer changes")
struct SaferChangeTests {
  private static let flag = """
    flags:
      page:
        variants: {a: 1, b: 2, c: 3}
        off: a
        default: b
        environments: {production: {}}
        rules: [{when: {country: DE}, serve: c}]
    """
  private static let experiment = """
    flags:
      page: {variants: {a: 1, b: 2}, off: a, environments: {production: {}}, rules: [{experiment: e}]}
    experiments:
      e: {status: running, traffic: 50%, control: a, environments: {production: {}},
          variants: {a: 50, b: 50}}
    """

  private typealias Edit = (from: String, to: String)

  @Test(
    "Only what takes everybody who moves back to what was safe is exempt",
    arguments: [
      // Switched off: everybody goes to `off`.
      (flag, "default: b", "default: b\n    enabled: false", ChangeDirection.safer, true),
      (flag, "default: b", "default: a", .safer, true),
      (flag, ", serve: c", ", serve: a", .safer, true),
      (flag, "default: b", "default: c", .raise, false),
      // `off` is what it was before, in name and in value.
      (flag, "off: a\n    default: b", "off: c\n    default: c\n    enabled: false", .raise, false),
      (flag, "off: a\n    default: b", "off: c\n    enabled: false", .raise, false),
      (
        flag, "{a: 1, b: 2, c: 3}\n    off: a",
        "{a: 9, b: 2, c: 3}\n    enabled: false\n    off: a",
        .raise, false
      ),
      // Nothing else may change with it.
      (flag, "default: b", "default: a\n    labels: {tier: low}", .safer, false),
      (flag, "default: b", "default: a\n    description: x", .safer, false),
      (flag, "default: b", "default: a\n    protective: true", .safer, false),
      (flag + "\n    protective: true", "default: b", "default: a", .safer, false),
      (flag + "\n    protective: true", "default: b\n", "default: a\n", .safer, false),
      // Nobody moves.
      (flag, "default: b", "default: b\n    description: x", .neutral, false),
      // What comes later counts.
      (
        flag, "    rules: [",
        "    enabled: true\n    rules: [{key: r, serve: c, rollout: {2030-01-01T00:00:00Z: 5%}}, ",
        .raise, false
      ),
      (experiment, "status: running", "status: paused", .safer, true),
      (experiment, "traffic: 50%", "traffic: 20%", .safer, true),
      (experiment, "traffic: 50%", "traffic: 60%", .raise, false),
      (experiment, "status: running", "status: completed", .safer, true),
      (experiment, "status: running", "status: completed, winner: b", .raise, false),
      (experiment, "status: running", "status: completed, winner: a", .safer, false),
      (experiment, "status: running", "status: running, force: {b: [u]}", .raise, false),
      (experiment, "status: running", "status: running, force: {a: [u]}", .safer, false),
      (experiment + "\n", "rules: [{experiment: e}]", "rules: []", .safer, true),
      (experiment, "off: a", "off: a, protective: true", .neutral, false),
    ] as [(String, String, String, ChangeDirection, Bool)])
  func direction(
    before: String, from: String, to: String, direction: ChangeDirection, isExempt: Bool
  ) throws {
    let after = before.replacingFirst(from, to)
    #expect(after != before)
    let plan = try TestScope.applied(before).plan(after)
    let change = try #require(plan.changes.first)
    #expect(plan.changes.count == 1, "\(plan.lines)")
    #expect(change.direction == direction, "\(plan.lines) \(change.exposures)")
    #expect(change.isOnlySafer == isExempt)
    // The same to the end of a verdict.
    var trust = TestTrust()
    trust.policies =
      "  p: {match: {}, require: {count: 2, role: ADMIN}, exempt: safer}"
    trust.people["erin"] = .init("ADMIN")
    let judging = try trust.judging()
    let verdict = AdmittedPlan.judge(plan, by: plan.judged(by: judging, contributors: ["bob"]))
    #expect((verdict.admitted != nil) == isExempt)
    let unsigned = AdmittedPlan.judge(plan, by: plan.judged(by: judging, unknown: ["09ab"]))
    #expect(unsigned.admitted == nil)
    trust.policies = "  p: {match: {}, require: {count: 2, role: ADMIN}}"
    let strict = AdmittedPlan.judge(plan, by: plan.judged(by: try trust.judging()))
    #expect(strict.admitted == nil)
  }

  @Test("A protective flag is never exempt, nor an experiment in it")
  func protective() throws {
    let before = Self.experiment.replacingFirst("off: a", "off: a, protective: true")
    let plan = try TestScope.applied(before)
      .plan(before.replacingFirst("status: running", "status: paused"))
    #expect(plan.lines == ["experiment e: experiment.paused"])
    #expect(plan.changes[0].direction == .safer && !plan.changes[0].isOnlySafer)
  }

  @Test("A raise beside a stop of the same flag is no stop")
  func beside() throws {
    let after = Self.experiment.replacingFirst("status: running", "status: paused")
      .replacingFirst("rules: [", "rules: [{when: {country: DE}, serve: b}, ")
    let plan = try TestScope.applied(Self.experiment).plan(after)
    #expect(plan.changes.count == 2 && plan.changes.allSatisfy { $0.direction == .raise })
  }
}
