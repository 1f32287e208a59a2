// Sets of buckets against a plain set of integers.

import Documents
import FlagstaffEvaluation
import TestHarness
import Testing

struct BucketRangesTests {
  @Test(
    "ranges that are out of order, overlap, are empty or leave 0..<10,000 are refused",
    arguments: [
      "[[10,5]]", "[[5,5]]", "[[-1,5]]", "[[0,10001]]", "[[5,10],[0,5]]", "[[0,6],[5,10]]",
      "[[0,5,6]]", "[[0]]", "[0,5]", "[[\"0\",5]]", "[[0.5,5]]", "[[0,5],null]", "{}", "5",
      "[[0,9007199254740993]]",
    ])
  func malformed(text: String) throws {
    #expect(BucketRanges(try JSONReader.read(text)) == nil)
  }

  @Test(
    "well-formed ranges are read, and touching ones joined",
    arguments: [
      ("[]", "[]", 0), ("[[0,10000]]", "[[0,10000]]", 10_000), ("[[0,1],[1,2]]", "[[0,2]]", 2),
      ("[[3,5],[7,9]]", "[[3,5],[7,9]]", 4),
    ])
  func wellFormed(text: String, canonical: String, count: Int) throws {
    let ranges = try #require(BucketRanges(try JSONReader.read(text)))
    #expect(CanonicalJSON.string(ranges.node) == canonical)
    #expect(ranges.count == count)
    #expect(ranges.isEmpty == (count == 0))
  }

  @Test("membership and ownership agree with looking at every range")
  func membership() throws {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<50 {
      var bounds = Set<Int>()
      while bounds.count < 40 { bounds.insert(Int.random(in: 0...10_000, using: &random)) }
      let sorted = bounds.sorted()
      let pieces = (0..<20).map { sorted[2 * $0]..<sorted[2 * $0 + 1] }
      let sets = try (0..<3).map { owner in
        try #require(BucketRanges(pieces.enumerated().filter { $0.0 % 3 == owner }.map(\.1)))
      }
      let owners = try #require(BucketOwners(sets))
      for bucket in 0..<10_000 {
        let piece = pieces.firstIndex { $0.contains(bucket) }
        #expect(owners.owner(of: bucket) == piece.map { $0 % 3 })
        #expect(sets[0].contains(bucket) == (piece.map { $0 % 3 } == 0))
      }
    }
  }

  @Test("two owners of one bucket are refused")
  func overlap() throws {
    let first = try #require(BucketRanges([0..<10]))
    let second = try #require(BucketRanges([9..<20]))
    #expect(BucketOwners([first, second]) == nil)
    #expect(BucketOwners([second, first]) == nil)
  }
}
