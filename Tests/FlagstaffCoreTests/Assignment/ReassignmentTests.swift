// The design's procedure for changed weights, against counts of its own: the fewest buckets move,
// weights that come back bring everybody back, and every bucket keeps exactly one owner.

import FlagstaffCore
import FlagstaffEvaluation
import TestHarness
import Testing

@Suite("Changed weights")
struct ReassignmentTests {
  typealias Weights = [(key: String, weight: Int)]

  private static func canonical(_ weights: Weights) -> [(key: String, ranges: BucketRanges)] {
    CanonicalLayout(weights: weights).segments.map {
      ($0.key, BucketRanges(buckets: $0.from..<$0.to))
    }
  }

  private static func ranges(_ variants: [(key: String, ranges: BucketRanges)]) -> [String: [[Int]]]
  {
    Dictionary(
      uniqueKeysWithValues: variants.map { variant in
        (variant.key, variant.ranges.ranges.map { [$0.lowerBound, $0.upperBound] })
      })
  }

  @Test("The steps of the procedure, one by one")
  func byHand() {
    let even = Self.canonical([("a", 1), ("b", 1)])
    // Step 1: b's lowest are those that a will canonically own.
    let shifted = Reassignment(from: even, to: [("a", 3), ("b", 1)])
    #expect(Self.ranges(shifted.variants) == ["a": [[0, 7_500]], "b": [[7_500, 10_000]]])
    #expect(shifted.moved == 2_500)
    // Step 2 and 3: a goes, and its buckets fall to b and c, the lower key first.
    let three = Self.canonical([("a", 2), ("b", 1), ("c", 1)])
    let gone = Reassignment(from: three, to: [("b", 1), ("c", 1)])
    #expect(gone.moved == 5_000)
    #expect(
      Self.ranges(gone.variants) == [
        "b": [[0, 2_500], [5_000, 7_500]], "c": [[2_500, 5_000], [7_500, 10_000]],
      ])
    // A variant that comes takes from both no more than they must give.
    let joined = Reassignment(from: even, to: [("a", 1), ("b", 1), ("c", 2)])
    #expect(joined.moved == 5_000)
  }

  @Test("Over random changes the fewest buckets move, and A, B, A returns everybody")
  func properties() {
    var random = SeededGenerator(seed: 31)
    for _ in 0..<(TestRuns.isFull ? 10_000 : 400) {
      let first = Self.weights(&random)
      let second = Self.weights(&random)
      let start = Self.canonical(first)
      let there = Reassignment(from: start, to: second)
      Self.expectLeast(start, there, "\(first) to \(second)")
      let back = Reassignment(from: there.variants, to: first)
      #expect(Self.ranges(back.variants) == Self.ranges(start), "\(first), \(second) and back")
      // From a layout that is not canonical it is the least as well.
      let third = Self.weights(&random)
      Self.expectLeast(
        there.variants, Reassignment(from: there.variants, to: third), "\(second) to \(third)")
    }
  }

  private static func weights(_ random: inout SeededGenerator) -> Weights {
    let keys = ["a", "b", "c", "d", "e"].shuffled(using: &random)
    return keys.prefix(Int.random(in: 2...5, using: &random)).map {
      ($0, Int.random(in: 1...100, using: &random))
    }
  }

  private static func expectLeast(
    _ before: [(key: String, ranges: BucketRanges)], _ after: Reassignment, _ comment: Comment
  ) {
    let was = owners(before)
    let now = owners(after.variants)
    #expect(!now.contains(""), comment)
    #expect(after.variants.reduce(0) { $0 + $1.ranges.count } == 10_000, comment)
    let moved = zip(was, now).count { $0 != $1 }
    let former = Dictionary(uniqueKeysWithValues: before.map { ($0.key, $0.ranges.count) })
    let least = after.variants.reduce(0) { $0 + max(0, $1.ranges.count - (former[$1.key] ?? 0)) }
    #expect(moved == least && after.moved == least, comment)
  }

  private static func owners(_ variants: [(key: String, ranges: BucketRanges)]) -> [String] {
    var owners = Array(repeating: "", count: 10_000)
    for (key, ranges) in variants {
      for range in ranges.ranges { for bucket in range { owners[bucket] = key } }
    }
    return owners
  }
}
