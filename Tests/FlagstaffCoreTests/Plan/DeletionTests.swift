// What goes away, what keeps it from going, and what it leaves behind. A deletion is the one change
// that a missing line of text makes, so the plan asks twice.

import Documents
import FlagstaffCore
import Testing

@Suite("Deletion and return")
struct DeletionTests {
  private static let spare = "flags: {spare: {environments: {production: {}}, enabled: false}}"

  private static func experiment(_ fields: String) -> String {
    """
    \(spare)
    experiments:
      e: {environments: {production: {}}, traffic: 1%, control: a,
        variants: {a: 1, b: 1}, \(fields)}
    """
  }

  @Test("An environment that goes while something is enabled in it is told how to go")
  func environmentGoes() throws {
    let scope = try TestScope.applied(Samples.flag)
    let repository = TestRepository([
      "flagstaff.yaml": "flagstaff: v1\nworkspace: {id: acme-experiments, environments: [staging]}",
      "customers/acme/a.yaml": "flagstaff: v1\nflags: {search: {environments: {staging: {}}}}",
    ])
    let wait = try #require(try scope.plan(repository).waitingFor.first)
    #expect(wait.reason.contains("the workspace has no environment production any more"))
    #expect(wait.remedy.hasPrefix("Put production back into the workspace"))
  }

  @Test(
    "What runs or is enabled is not deleted by a missing file",
    arguments: [
      (experiment("status: running"), true), (experiment("status: paused"), false),
      (experiment("status: completed"), false), (experiment("status: draft"), false),
      (experiment("status: running, schedule: {start: 2030-01-01T00:00:00Z}"), true),
      (experiment("status: running, schedule: {end: 2026-11-20T12:00:00Z}"), false),
      (spare.replacingFirst("flags: {", "flags: {f: {environments: {production: {}}}, "), true),
      (
        spare.replacingFirst(
          "flags: {", "flags: {f: {environments: {production: {}}, enabled: false}, "), false
      ),
      (spare + "\nsegments: {s: {a: b}}", false),
    ])
  func deletionSafety(before: String, waits: Bool) throws {
    let plan = try TestScope.applied(before).plan(Self.spare)
    #expect(plan.changes.count == 1 && plan.changes[0].after == nil)
    #expect(plan.waitingFor.isEmpty != waits, "\(plan.waitingFor)")
    let verdict = AdmittedPlan.judge(plan, by: .ungated)
    #expect((verdict.admitted == nil) == waits && verdict.waits == plan.waitingFor)
  }

  private static func flags(_ range: Range<Int>) -> String {
    "flags:\n  keep: {environments: {production: {}}, enabled: false}\n"
      + range.map { "  f\($0): {environments: {production: {}}, enabled: false}" }
      .joined(separator: "\n")
  }

  @Test(
    "A plan deletes no more than ten or a fifth of its scope, whichever is more",
    arguments: [(12, 10, false), (12, 11, true), (99, 20, false), (99, 21, true)])
  func budget(total: Int, deleted: Int, waits: Bool) throws {
    let plan = try TestScope.applied(Self.flags(0..<total)).plan(Self.flags(deleted..<total))
    #expect(plan.changes.count == deleted)
    #expect(plan.waitingFor.isEmpty != waits)
    #expect(plan.waitingFor.allSatisfy { $0.identity == nil })
  }

  @Test("The workspace's own budget counts")
  func ownBudget() throws {
    let workspace =
      "flagstaff: v1\nworkspace: {id: a, environments: [production],"
      + " deletionBudget: {count: 1, share: 50%}}"
    let scope = try TestScope.applied(Self.flags(0..<5))
    for (first, waits) in [(3, false), (4, true)] {
      let repository = TestRepository([
        "flagstaff.yaml": workspace,
        "customers/acme/a.yaml": "flagstaff: v1\n\(Self.flags(first..<5))",
      ])
      let plan = try scope.plan(repository)
      #expect(plan.waitingFor.isEmpty != waits)
    }
  }

  private static let completed = experiment("status: completed, phase: 3")

  @Test("A key that went away comes back only on purpose, and an experiment with a higher phase")
  func revive() throws {
    var scope = try TestScope.applied(Self.completed)
    try scope.pass(Self.spare)
    let tombstone = try #require(scope.state.tombstones[Identity(.experiment, "e")])
    #expect(tombstone.generation == 2 && tombstone.phase == 3)
    #expect(tombstone.id == Identifiers.experiment("e", of: "acme"))
    #expect(tombstone.deleted.description == "2026-11-21T00:00:00Z")
    func codes(_ fields: String) throws -> [String] {
      try scope.findings(Self.experiment(fields)).map(\.code.rawValue)
    }
    #expect(try codes("phase: 4") == ["FS4001"])
    #expect(try codes("phase: 3, revive: true") == ["FS4002"])
    #expect(try codes("phase: 1") == ["FS4001", "FS4002"])
    #expect(try codes("phase: 4, revive: true") == [])
    try scope.pass(Self.experiment("phase: 4, revive: true"))
    #expect(scope.state.definitions[Identity(.experiment, "e")]?.generation == 3)
    #expect(scope.state.tombstones.isEmpty)
    #expect(try scope.plan(Self.experiment("phase: 4, revive: true")).isEmpty)
    #expect(
      try scope.plan(Self.experiment("phase: 4")).lines
        == ["experiment e: definition.described"])
  }

  @Test("A revived flag is created and revived, and its generation goes on")
  func reviveFlag() throws {
    let disabled = "flags: {f: {environments: {production: {}}, enabled: false}}"
    var scope = try TestScope.applied(disabled)
    try scope.pass(disabled.replacingFirst("f:", "g:"))
    #expect(try scope.findings(disabled).map(\.code.rawValue) == ["FS4001"])
    let revived = disabled.replacingFirst("enabled", "revive: true, enabled")
    #expect(
      try scope.plan(
        revived.replacingFirst(
          "flags: {", "flags: {g: {environments: {production: {}}, enabled: false}, ")
      ).lines
        == ["flag f: definition.revived flag.created"])
  }

  @Test("A scope from which everything went keeps nothing, shared segments included")
  func emptyScope() throws {
    let shared = "flagstaff: v1\nsegments: {all: {a: b}}"
    let own = "flagstaff: v1\nsegments: {own: {segment: all}}"
    var scope = TestScope()
    try scope.pass(
      TestRepository([
        "shared/a.yaml": shared,
        "customers/acme/a.yaml": own
          + "\nflags: {f: {environments: {production: {}}, enabled: false}}",
      ]), at: "2026-11-20T00:00:00Z")
    #expect(scope.state.definitions.count == 3)
    try scope.pass(
      TestRepository(["shared/a.yaml": shared, "customers/acme/a.yaml": own]),
      at: "2026-11-21T00:00:00Z")
    #expect(scope.state.definitions.isEmpty)
  }
}
