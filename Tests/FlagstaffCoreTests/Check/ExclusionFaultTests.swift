// Planners that are wrong about exclusion groups, or about who moves when weights change: every
// fault is of one bucket or a few, and each is caught.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import Testing

@Suite("The second opinion on groups and moves")
struct ExclusionFaultTests {
  typealias Ranges = [Range<Int>]

  /// What a wrong planner gives to the members `a` and `b`, and what it lets rest.
  struct Fault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var a: Ranges = [0..<2_000]
    var b: Ranges = [5_000..<9_000]
    var rest: Ranges = [2_000..<5_000]
    var until = "2026-12-05T00:00:00Z"
    var found = ""
  }

  static let faults = [
    Fault(
      testDescription: "two members overlap", b: [1_999..<2_000, 5_000..<8_999],
      found: "that member a and member b both have bucket 1999"),
    Fault(
      testDescription: "a member is in the holdout", b: [5_000..<8_999, 9_800..<9_801],
      found: "both have bucket 9800"),
    Fault(
      testDescription: "a resting bucket is somebody else's", b: [4_999..<8_999],
      found: "both have bucket 4999"),
    Fault(
      testDescription: "somebody else takes a bucket at rest", b: [4_999..<8_999],
      rest: [2_000..<4_999], found: "released bucket is the rest of a"),
    Fault(testDescription: "a bucket too many", b: [5_000..<9_001], found: "4000"),
    Fault(testDescription: "a bucket too few", b: [5_000..<8_999], found: "4000"),
    Fault(
      testDescription: "not the lowest free bucket", b: [5_000..<8_000, 8_001..<9_001],
      found: "own resting buckets come first"),
    Fault(
      testDescription: "a member moves", b: [5_001..<9_001], found: "released bucket is the rest"),
    Fault(
      testDescription: "the lowest are released", a: [3_000..<5_000], rest: [0..<3_000],
      found: "higher than 0, and kept"),
    Fault(
      testDescription: "a released bucket does not rest", rest: [2_001..<5_000],
      found: "released bucket is the rest of a"),
    Fault(
      testDescription: "the rest is too short", until: "2026-12-04T23:59:59Z",
      found: "until 2026-12-05T00:00:00Z"),
    Fault(
      testDescription: "a bucket rests that nobody released", rest: [2_000..<5_000, 9_000..<9_001],
      found: "nobody released it"),
  ]

  private static func shop(_ a: String, _ b: String) -> String {
    GroupTests.shop([("a", "running", a), ("b", "running", b)], group: "holdout: 2%")
  }

  private static func inject(_ fault: Fault, into claim: inout PlanClaim) throws {
    for (key, traffic) in [("a", fault.a), ("b", fault.b)] {
      try claim.record(
        Identity(.experiment, key), claim.experiment(key).with(traffic: traffic))
    }
    let rest = Rest(
      group: "g", experiment: "a", ranges: try #require(BucketRanges(fault.rest)),
      until: try #require(Instant(fault.until)))
    try claim.replaceState(rests: [rest])
  }

  private static func disagreement(_ claim: PlanClaim) throws -> PlanDisagreement? {
    do {
      try claim.verify()
      return nil
    } catch let disagreement as PlanDisagreement {
      return disagreement
    }
  }

  @Test("A fault in a group's buckets is caught", arguments: faults)
  func groupFault(fault: Fault) throws {
    let scope = try TestScope.applied(Self.shop("50%", "30%"))
    var claim = try scope.claim(Self.shop("20%", "40%"))
    // What is injected is all that differs from the truth.
    try Self.inject(Fault(testDescription: "none"), into: &claim)
    #expect(try Self.disagreement(claim) == nil)
    try Self.inject(fault, into: &claim)
    let disagreement = try #require(try Self.disagreement(claim))
    #expect(disagreement.check == .traffic)
    #expect(disagreement.found.contains(fault.found), "\(disagreement)")
  }

  @Test("Whoever comes back takes the own resting buckets first, lowest first")
  func retaking() throws {
    var scope = try TestScope.applied(Self.shop("50%", "30%"))
    try scope.pass(Self.shop("20%", "40%"))
    var claim = try scope.claim(Self.shop("35%", "40%"), at: "2026-11-22T00:00:00Z")
    for (a, rest): (Ranges, Ranges) in [
      ([0..<2_000, 3_500..<5_000], [2_000..<3_500]),
      ([0..<3_499, 9_000..<9_001], [3_499..<5_000]),
    ] {
      try Self.inject(Fault(testDescription: "", a: a, rest: rest), into: &claim)
      #expect(try claim.verdict() == "traffic")
    }
    try Self.inject(
      Fault(testDescription: "", a: [0..<3_500], rest: [3_500..<5_000]), into: &claim)
    #expect(try claim.verdict() == nil)
  }

  @Test("A group's id and holdout are worked out again")
  func groupRecord() throws {
    let honest = try TestScope().claim(Self.shop("50%", "30%"))
    let id = Identifiers.group("g", of: "acme")
    for (group, verdict) in [
      (RecordedGroup(id: id, holdout: try #require(BucketRanges([9_800..<10_000]))), nil),
      (RecordedGroup(id: id, holdout: try #require(BucketRanges([9_801..<10_000]))), "traffic"),
      (RecordedGroup(id: "x", holdout: try #require(BucketRanges([9_800..<10_000]))), "identity"),
    ] {
      var claim = honest
      try claim.record(Identity(.group, "g"), .group(group))
      #expect(try claim.verdict() == verdict)
    }
  }

  @Test("A planner that moves one bucket too many for `reassign: least` is caught")
  func leastMoves() throws {
    let raised = Samples.running.replacingFirst("new: 50", "new: 150")
      .replacingFirst("running", "running\n    phase: 2\n    reassign: least")
    var claim = try TestScope.applied(Samples.running).claim(raised)
    #expect(try claim.verdict() == nil)
    let recorded = try claim.experiment("checkout")
    // The least: `new` keeps its 5,000 buckets and gets the 2,500 behind them.
    #expect(recorded.variants.map(\.ranges.ranges) == [[0..<7_500], [7_500..<10_000]])
    for (variants, found): ([String: Ranges], String) in [
      (["new": [0..<4_999, 5_000..<7_501], "old": [4_999..<5_000, 7_501..<10_000]], "2500"),
      (["new": [0..<7_501], "old": [7_501..<10_000]], "7500"),
      (["new": [0..<5_000, 7_500..<10_000], "old": [5_000..<7_500]], "new"),
    ] {
      try claim.record(Identity(.experiment, "checkout"), recorded.with(variants: variants))
      let disagreement = try #require(try Self.disagreement(claim))
      #expect(disagreement.check == .ranges && disagreement.found.contains(found))
    }
  }
}
