// Planners that are wrong in one thing, each caught by the check that looks for it. Every fault is
// put into plan, state and publication alike, so nothing but the second opinion can notice.

import Documents
import FlagstaffEvaluation
import Signing
import Testing

@testable import FlagstaffCore

@Suite("The second opinion on a planner that is wrong")
struct InjectedFaultTests {
  private static let checkout = Identity(.experiment, "checkout")
  private static let page = Identity(.flag, "page")
  private static let raised = Samples.running.replacingFirst("30%", "40%")
  private static let reweighted = Samples.running
    .replacingFirst("new: 50", "new: 150")
    .replacingFirst("status: running", "status: running\n    phase: 2")

  private static let split = """
    flags:
      page:
        variants: {old: 1, new: 2}
        off: old
        environments: {production: {}}
        rules:
          - {key: s, split: {old: 1, new: 2}}
          - {key: r, serve: new, rollout: {2026-11-18T00:00:00Z: 5%, 2026-11-22T00:00:00Z: 20%}}
    """

  /// A fault: what it does to an honest claim of raised traffic, and the check that finds it.
  struct Fault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let check: PlanDisagreement.Check
    let inject: @Sendable (inout PlanClaim) throws -> Void
  }

  private static func experiment(
    _ name: String, _ check: PlanDisagreement.Check,
    _ edit: @escaping @Sendable (RecordedExperiment) throws -> Recorded
  ) -> Fault {
    Fault(testDescription: name, check: check) { claim in
      try claim.record(checkout, edit(claim.experiment("checkout")))
    }
  }

  static let experimentFaults = [
    experiment("one bucket goes to the other variant", .ranges) {
      try $0.with(variants: ["new": [0..<4_999], "old": [4_999..<10_000]])
    },
    experiment("two buckets change places", .ranges) {
      try $0.with(variants: [
        "new": [0..<4_999, 5_000..<5_001], "old": [4_999..<5_000, 5_001..<10_000],
      ])
    },
    experiment("two variants have one bucket", .ranges) {
      try $0.with(variants: ["new": [0..<5_001], "old": [5_000..<10_000]])
    },
    experiment("a bucket has no variant", .ranges) {
      try $0.with(variants: ["new": [0..<5_000], "old": [5_001..<10_000]])
    },
    experiment("one traffic bucket too many", .traffic) { try $0.with(traffic: [0..<4_001]) },
    experiment("traffic that is shifted", .traffic) { try $0.with(traffic: [1..<4_001]) },
    experiment("traffic with a hole", .traffic) {
      try $0.with(traffic: [0..<100, 101..<4_001])
    },
    experiment("traffic stays as it was", .traffic) { try $0.with(traffic: [0..<3_000]) },
    experiment("another id", .identity) { try $0.with(id: "x") },
    experiment("another salt", .identity) { try $0.with(salt: "x") },
    experiment("another hash version", .identity) { try $0.with(hash: 2) },
    experiment("another phase", .identity) { try $0.with(phase: 2) },
    experiment("it never started", .identity) { try $0.with(started: .some(nil)) },
  ]

  @Test("A fault in what an experiment records is caught", arguments: experimentFaults)
  func experimentFault(fault: Fault) throws {
    let scope = try TestScope.applied(Samples.running)
    var claim = try scope.claim(Self.raised)
    #expect(try claim.verdict() == nil)
    try fault.inject(&claim)
    #expect(try claim.verdict() == fault.check.rawValue)
  }

  @Test("A first version, and a phase begun anew, must be laid out by their weights")
  func canonical() throws {
    var claims = [try TestScope().claim(Samples.running)]
    claims.append(try TestScope.applied(Samples.running).claim(Self.reweighted))
    for var claim in claims {
      #expect(try claim.verdict() == nil)
      let recorded = try claim.experiment("checkout")
      let first = try #require(recorded.variants.first?.ranges.count)
      try claim.record(
        Self.checkout,
        recorded.with(variants: ["new": [0..<(first + 1)], "old": [(first + 1)..<10_000]]))
      #expect(try claim.verdict() == "ranges")
      try claim.record(
        Self.checkout,
        recorded.with(variants: ["new": [(10_000 - first)..<10_000], "old": [0..<(10_000 - first)]])
      )
      #expect(try claim.verdict() == "ranges")
    }
    var kept = try TestScope.applied(Samples.running).claim(Self.reweighted)
    let salt = try kept.former.recordedSalt("checkout")
    try kept.record(Self.checkout, kept.experiment("checkout").with(salt: salt))
    #expect(try kept.verdict() == "identity")
  }

  static let planFaults = [
    Fault(testDescription: "a change is kept quiet", check: .coverage) { $0.changes = [] },
    Fault(testDescription: "a change that changes nothing", check: .coverage) { claim in
      let flag = try #require(claim.former.definitions[page])
      let after = RegisteredDefinition(
        flag.definition, generation: 2, created: flag.created, recorded: flag.recorded)
      claim.changes.append(
        .init(
          identity: page, classes: ["definition.described"], before: flag, after: after,
          generation: 2, blastRadius: .nobody))
      try claim.register(after)
    },
    Fault(testDescription: "a definition changes beside the plan", check: .coverage) { claim in
      try claim.record(page, .flag(RecordedFlag(steps: [.init(rule: "r", share: 1)], splits: [])))
    },
    Fault(testDescription: "a change stands twice", check: .coverage) {
      $0.changes += $0.changes
    },
    Fault(testDescription: "a generation is skipped", check: .coverage) { claim in
      let after = try #require(claim.changes.first?.after)
      try claim.change("checkout") { $0.generation = 3 }
      try claim.register(
        RegisteredDefinition(
          after.definition, generation: 3, created: after.created, recorded: after.recorded))
    },
    Fault(testDescription: "rows would say something else", check: .coverage) { claim in
      let recorded = try claim.experiment("checkout").with(traffic: [0..<1])
      try claim.change("checkout") { change in
        guard let after = change.after else { return }
        change.after = RegisteredDefinition(
          after.definition, generation: after.generation, created: after.created,
          recorded: recorded)
      }
    },
    Fault(testDescription: "another form than the definitions'", check: .coverage) { claim in
      let after = try #require(claim.changes.first?.after)
      let form = try JSONReader.read(
        CanonicalJSON.string(after.definition.form).replacingFirst("4000", "4001"))
      try claim.register(
        RegisteredDefinition(
          ResolvedDefinition(checkout, form: form, location: nil), generation: after.generation,
          created: after.created, recorded: after.recorded))
    },
    Fault(testDescription: "another parent", check: .coverage) { $0.parent = 7 },
    Fault(testDescription: "a version is skipped", check: .coverage) {
      try $0.replaceState(version: 3)
    },
    Fault(testDescription: "another publication", check: .coverage) { claim in
      claim.publication = try Publication.project(claim.former)
    },
    Fault(testDescription: "a tombstone of nobody", check: .identity) { claim in
      let tombstone = Tombstone(id: nil, generation: 1, phase: nil, deleted: claim.instant)
      try claim.replaceState(tombstones: [Identity(.flag, "x"): tombstone])
    },
    Fault(testDescription: "a class too few", check: .classes) {
      try $0.change("checkout") { $0.classes = [] }
    },
    Fault(testDescription: "another class", check: .classes) {
      try $0.change("checkout") { $0.classes = ["traffic.lowered"] }
    },
    Fault(testDescription: "a class too many", check: .classes) {
      try $0.change("checkout") { $0.classes = ["phase.raised", "traffic.raised"] }
    },
  ]

  @Test("A fault in what a plan says of itself is caught", arguments: planFaults)
  func planFault(fault: Fault) throws {
    var claim = try TestScope.applied(Samples.running).claim(Self.raised)
    try fault.inject(&claim)
    #expect(try claim.verdict() == fault.check.rawValue)
  }

  @Test("A split's layout and a rollout's step are worked out again")
  func flagFaults() throws {
    let honest = try TestScope().claim(Self.split)
    #expect(try honest.verdict() == nil)
    guard case .flag(let recorded) = honest.state.definitions[Self.page]?.recorded else {
      throw Unexpected("no flag")
    }
    let step = RecordedFlag(steps: [.init(rule: "r", share: 2_000)], splits: recorded.splits)
    let variants = try ["new": 0..<6_666, "old": 6_666..<10_000].sorted { $0.key < $1.key }.map {
      RecordedExperiment.Variant(
        key: $0.key, ranges: try #require(BucketRanges([$0.value])))
    }
    let split = RecordedFlag(
      steps: recorded.steps, splits: [.init(rule: "s", variants: variants)])
    for (fault, check) in [(step, "identity"), (split, "ranges")] {
      var claim = honest
      try claim.record(Self.page, .flag(fault))
      #expect(try claim.verdict() == check)
    }
  }

  @Test("A deletion leaves its tombstone, and never takes what runs")
  func deletions() throws {
    let completed = Samples.running.replacingFirst("running", "completed")
    let scope = try TestScope.applied(completed)
    var claim = try scope.claim(Samples.flag + "\n" + Self.flagAlone)
    #expect(try claim.verdict() == nil)
    try claim.replaceState(tombstones: [:])
    #expect(try claim.verdict() == "identity")
  }

  private static let flagAlone =
    "  page: {variants: {old: {steps: 3}, new: {steps: 1}}, off: old,"
    + " environments: {production: {}}}"
}

extension ScopeState {
  fileprivate func recordedSalt(_ key: String) throws -> String {
    guard case .experiment(let recorded) = definitions[Identity(.experiment, key)]?.recorded else {
      throw Unexpected("no experiment \(key)")
    }
    return recorded.salt
  }
}
