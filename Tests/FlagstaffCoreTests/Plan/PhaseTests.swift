// What a started experiment may change, what needs a higher phase, and what is refused: the
// section *Phase* of the design as tables. Each code of the planner has an edit that is refused
// and one that is not.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import Testing

@Suite("Phases")
struct PhaseTests {
  private static func codes(_ before: String, _ after: String) throws -> [String] {
    try TestScope.applied(before).findings(after).map(\.code.rawValue)
  }

  private static func adding(_ field: String, to sample: String = Samples.running) -> String {
    sample.replacingFirst("traffic: 30%", "traffic: 30%\n    \(field)")
  }

  private static let paused = Samples.running.replacingFirst("running", "paused")

  /// A change of what decides assignments, as a part of the sample and what replaces it.
  private static let lockedEdits = [
    ("{old: 50, new: 50}", "{old: 50, new: 51}"),
    ("{old: 50, new: 50}", "{old: 50, new: 50, x: 1}"),
    ("traffic: 30%", "traffic: 30%\n    targeting: {a: b}"),
    ("traffic: 30%", "traffic: 30%\n    bucketBy: company"),
    ("traffic: 30%", "traffic: 30%\n    salt: s"),
    ("traffic: 30%", "traffic: 30%\n    group: g"),
  ]

  @Test("What decides assignments needs a higher phase once started", arguments: lockedEdits)
  func locked(part: String, other: String) throws {
    let sample =
      Samples.running.replacingFirst("{steps: 1}}", "{steps: 1}, x: {steps: 9}}")
      + "\ngroups: {g: {}}"
    let edited = sample.replacingFirst(part, other)
    let raised = edited.replacingFirst("status: running", "status: running\n    phase: 2")
    #expect(try Self.codes(sample, edited) == ["FS4003"])
    #expect(try Self.codes(sample, raised) == [])
    let paused = edited.replacingFirst("running", "paused")
    #expect(try Self.codes(sample, paused) == ["FS4003"])
  }

  @Test("It is free before the start", arguments: lockedEdits)
  func draftsAreFree(part: String, other: String) throws {
    let sample =
      Samples.draft.replacingFirst("{steps: 1}}", "{steps: 1}, x: {steps: 9}}")
      + "\ngroups: {g: {}}"
    #expect(try Self.codes(sample, sample.replacingFirst(part, other)) == [])
    let lower = Self.adding("phase: 5", to: sample)
    #expect(try Self.codes(lower, sample.replacingFirst(part, other)) == [])
  }

  @Test("It is locked from the first version that runs, also before its start")
  func lockedBeforeStart() throws {
    let scheduled = Self.adding("schedule: {start: 2030-01-01T00:00:00Z}")
    let edited = scheduled.replacingFirst("new: 50}", "new: 51}")
    #expect(try Self.codes(scheduled, edited) == ["FS4003"])
  }

  @Test("A change of a segment that its targeting uses needs a higher phase")
  func segmentIsLocked() throws {
    let sample =
      Self.adding("targeting: {segment: s}") + "\nsegments: {s: {segment: t}, t: {a: b}}"
    let edited = sample.replacingFirst("{a: b}", "{a: c}")
    #expect(try Self.codes(sample, edited) == ["FS4003"])
    let raised = edited.replacingFirst("status: running", "status: running\n    phase: 2")
    #expect(try Self.codes(sample, raised) == [])
  }

  @Test(
    "What decides no assignment needs no phase",
    arguments: ["force: {new: [u]}", "hypothesis: h", "schedule: {end: 2030-01-01T00:00:00Z}"])
  func notLocked(field: String) throws {
    #expect(try Self.codes(Samples.running, Self.adding(field)) == [])
    let other = Samples.running.replacingFirst("30%", "10%").replacingFirst("running", "paused")
    #expect(try Self.codes(Samples.running, other) == [])
  }

  @Test("A lower phase is refused, and so is a draft of what was more")
  func lowerPhaseAndDraft() throws {
    #expect(try Self.codes(Self.adding("phase: 2"), Samples.running) == ["FS4002"])
    #expect(try Self.codes(Samples.running, Samples.draft) == ["FS4004"])
    #expect(try Self.codes(Self.paused, Samples.draft) == ["FS4004"])
    #expect(try Self.codes(Samples.draft, Samples.running) == [])
  }

  @Test("Fresh assignments under the recorded pinned salt are refused")
  func saltNotFresh() throws {
    let pinned = Self.adding("salt: s")
    #expect(try Self.codes(pinned, Self.adding("salt: s\n    phase: 2")) == ["FS4005"])
    #expect(try Self.codes(pinned, Self.adding("salt: t\n    phase: 2")) == [])
    #expect(try Self.codes(pinned, Self.adding("phase: 2")) == [])
    #expect(try Self.codes(pinned, Samples.running) == ["FS4003"])
    let computed = "\(Identifiers.experiment("checkout", of: "acme"))/1/"
    #expect(try Self.codes(Samples.running, Self.adding("salt: \(computed)")) == [])
    #expect(
      try Self.codes(Samples.running, Self.adding("salt: \(computed)\n    phase: 2"))
        == ["FS4005"])
  }

  @Test("The id of a started experiment may not change")
  func idChanged() throws {
    let pinned = Self.adding("id: 11111111-2222-4333-8444-555555555555")
    #expect(try Self.codes(Samples.running, pinned) == ["FS4006"])
    #expect(try Self.codes(Samples.draft, pinned.replacingFirst("running", "draft")) == [])
    let same = Self.adding("id: \(Identifiers.experiment("checkout", of: "acme"))")
    #expect(try Self.codes(Samples.running, same) == [])
  }

  @Test("A higher phase takes a new salt and the canonical layout; without one both stay")
  func phaseTakesNewSalt() throws {
    let id = Identifiers.experiment("checkout", of: "acme")
    var scope = try TestScope.applied(Samples.running)
    let first = try scope.recordedExperiment("checkout")
    try scope.pass(Samples.running.replacingFirst("30%", "90%"))
    #expect(try scope.recordedExperiment("checkout").salt == "\(id)/1/")
    #expect(try scope.recordedExperiment("checkout").variants == first.variants)
    try scope.pass(Self.adding("phase: 7").replacingFirst("new: 50", "new: 150"))
    let third = try scope.recordedExperiment("checkout")
    #expect(third.salt == "\(id)/7/" && third.phase == 7 && third.started == first.started)
    #expect(third.variants.map(\.key) == ["new", "old"])
    #expect(third.variants.map(\.ranges.count) == [7_500, 2_500])
  }

  @Test("A higher phase with the fewest moves keeps the salt, and moves what it must")
  func leastMoves() throws {
    var scope = try TestScope.applied(Samples.running)
    let first = try scope.recordedExperiment("checkout")
    let other = Samples.running.replacingFirst("new: 50", "new: 150")
    try scope.pass(other.replacingFirst("30%", "30%\n    phase: 2\n    reassign: least"))
    let second = try scope.recordedExperiment("checkout")
    #expect(second.salt == first.salt && second.phase == 2)
    #expect(
      second.variants.map(\.ranges) == [BucketRanges([0..<7_500]), BucketRanges([7_500..<10_000])])
    try scope.pass(Self.adding("phase: 3\n    reassign: least"), at: "2026-11-22T00:00:00Z")
    #expect(try scope.recordedExperiment("checkout").variants == first.variants)
    // Within a phase it decides nothing.
    try scope.pass(Self.adding("phase: 3"), at: "2026-11-23T00:00:00Z")
    #expect(try scope.recordedExperiment("checkout").salt == first.salt)
  }

  @Test(
    "The fewest moves under another salt or unit are refused",
    arguments: ["salt: s", "bucketBy: company"])
  func leastWithOtherHash(field: String) throws {
    let least = "phase: 2\n    reassign: least\n    \(field)"
    #expect(try Self.codes(Samples.running, Self.adding(least)) == ["FS4007"])
    #expect(
      try Self.codes(Self.adding(field), Self.adding("phase: 2\n    reassign: least"))
        == ["FS4007"])
    #expect(try Self.codes(Self.adding(field), Self.adding(least)) == [])
    #expect(try Self.codes(Samples.running, Self.adding("phase: 2\n    \(field)")) == [])
  }

  @Test("A variant of more ranges than the limit is refused where the fewest would move")
  func tooManyRanges() throws {
    func sample(_ phase: Int, _ variants: String) -> String {
      """
      experiments:
        many: {status: running, traffic: 1%, control: v00, phase: \(phase), reassign: least,
          variants: {\(variants)}, environments: {production: {}}}
      """
    }
    // One variant takes a little from each of many.
    func variants(_ count: Int, taker: Int) -> String {
      let many = (0..<count).map { "v\($0 < 10 ? "0" : "")\($0): 100" }.joined(separator: ", ")
      return taker == 0 ? many : "\(many), zz: \(taker)"
    }
    #expect(Limits.rangesMax == 64)
    let before = sample(1, variants(66, taker: 0))
    #expect(try Self.codes(before, sample(2, variants(66, taker: 2_000))) == ["FS4008"])
    let fewer = sample(1, variants(40, taker: 0))
    #expect(try Self.codes(fewer, sample(2, variants(40, taker: 2_000))) == [])
  }

  @Test("A completed experiment keeps salt and ranges, and may be resumed")
  func resumed() throws {
    var scope = try TestScope.applied(Samples.running)
    let first = try scope.recordedExperiment("checkout")
    #expect(first.started?.description == "2026-11-20T00:00:00Z" && first.stopped == nil)
    try scope.pass(Samples.running.replacingFirst("running", "completed"))
    let stopped = try scope.recordedExperiment("checkout")
    #expect(stopped.stopped?.description == "2026-11-21T00:00:00Z")
    try scope.pass(Samples.running, at: "2026-11-22T00:00:00Z")
    #expect(try scope.recordedExperiment("checkout") == first)
  }

  @Test("Any status may follow any other, save that nothing becomes a draft again")
  func statusTransitions() throws {
    let all = ["draft", "running", "paused", "completed"]
    for former in all {
      for next in all {
        let before = Samples.running.replacingFirst("status: running", "status: \(former)")
        let after = Samples.running.replacingFirst("status: running", "status: \(next)")
        let expected = next == "draft" && former != "draft" ? ["FS4004"] : []
        #expect(try Self.codes(before, after) == expected, "\(former) to \(next)")
      }
    }
  }

  @Test("A finding of the plan stands at the definition and names the scope")
  func findingIsPlaced() throws {
    let finding = try #require(try TestScope.applied(Samples.running).findings(Samples.draft).first)
    #expect(finding.location.description == "customers/acme/a.yaml:3:3")
    #expect(finding.message.hasSuffix("in production/acme"))
  }
}
