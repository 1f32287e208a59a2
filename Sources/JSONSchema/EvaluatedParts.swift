// Which fields of a mapping, or items of a list, schemas have looked at and found right: the
// annotations that `unevaluatedProperties` and `unevaluatedItems` ask for (Core, section 11). They
// are kept only while somebody asks.

/// A set of the parts of one node, by their indexes.
struct EvaluatedParts {
  private var words: [UInt64]
  private var isAll = false

  init(count: Int) {
    words = [UInt64](repeating: 0, count: (count + 63) / 64)
  }

  /// An empty set for the same node.
  var emptied: EvaluatedParts { EvaluatedParts(count: words.count * 64) }

  /// What copying or joining costs, in steps.
  var steps: Int { words.count / 8 }

  func contains(_ index: Int) -> Bool {
    isAll || words[index / 64] & (1 << UInt64(index % 64)) != 0
  }

  mutating func insert(_ index: Int) {
    words[index / 64] |= 1 << UInt64(index % 64)
  }

  mutating func insertAll() {
    isAll = true
  }

  mutating func formUnion(_ other: EvaluatedParts) {
    isAll = isAll || other.isAll
    for index in words.indices { words[index] |= other.words[index] }
  }
}
