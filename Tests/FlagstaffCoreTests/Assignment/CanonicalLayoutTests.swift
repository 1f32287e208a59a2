// The canonical layout against a second way to the same numbers: buckets are handed out one by
// one, each to whoever is owed most. For weights of any size both must agree, or users would move
// when somebody tidies the code.

import FlagstaffCore
import TestHarness
import Testing

@Suite("The canonical layout")
struct CanonicalLayoutTests {
  /// Weights, and the sizes that follow.
  private static let table: [(weights: [String: Int], sizes: [Int])] = [
    (["a": 1, "b": 1], [5_000, 5_000]), (["a": 7], [10_000]),
    (["a": 1, "b": 1, "c": 1], [3_334, 3_333, 3_333]),
    (["a": 1, "b": 2], [3_333, 6_667]), (["a": 2, "b": 1], [6_667, 3_333]),
    (["a": 1_000_000, "b": 1], [10_000, 0]),
    (
      ["a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1], [1_667, 1_667, 1_667, 1_667, 1_666, 1_666]
    ),
  ]

  @Test("Sizes follow the largest remainder, ties the lower key")
  func table() {
    for (weights, sizes) in Self.table {
      let layout = CanonicalLayout(weights: weights.map { (key: $0.key, weight: $0.value) })
      #expect(layout.segments.map { $0.to - $0.from } == sizes)
      #expect(layout.segments.map(\.key) == weights.keys.sorted())
    }
  }

  @Test("Layouts of random weights equal those of an independent count")
  func equalsBruteForce() {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<4_000 {
      let count = Int.random(in: 1...12, using: &random)
      let most = [3, 100, 9_999, 1_000_000].randomElement(using: &random) ?? 3
      let weights = (0..<count).map { index in
        (
          key: "v\(index % 2 == 0 ? "-" : ".")\(index)",
          weight: Int.random(in: 1...most, using: &random)
        )
      }.shuffled(using: &random)
      let layout = CanonicalLayout(weights: weights)
      let expected = Self.bruteForce(weights)
      #expect(layout.segments.map(\.key) == expected.map(\.key), "\(weights)")
      #expect(layout.segments.map { $0.to - $0.from } == expected.map(\.size), "\(weights)")
      #expect(layout.segments.first?.from == 0 && layout.segments.last?.to == 10_000)
      #expect(zip(layout.segments, layout.segments.dropFirst()).allSatisfy { $0.to == $1.from })
    }
  }

  /// Whole buckets by repeated subtraction, then the leftover ones by a search for the greatest.
  private static func bruteForce(_ weights: [(key: String, weight: Int)])
    -> [(key: String, size: Int)]
  {
    let total = weights.map(\.weight).reduce(0, +)
    var owed = weights.map { (key: $0.key, size: 0, rest: $0.weight * 10_000) }
    owed.sort { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
    for index in owed.indices {
      while owed[index].rest >= total {
        owed[index].rest -= total
        owed[index].size += 1
      }
    }
    while owed.map(\.size).reduce(0, +) < 10_000 {
      var best = 0
      for index in owed.indices where owed[index].rest > owed[best].rest { best = index }
      owed[best].size += 1
      owed[best].rest = -1
    }
    return owed.map { ($0.key, $0.size) }
  }
}
