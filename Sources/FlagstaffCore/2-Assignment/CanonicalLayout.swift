// How weights become ranges of buckets. This is the canonical layout of the design: a size is
// floor(w·10000/W); leftover buckets go one each to the greatest remainder w·10000 mod W, ties to
// the lower key; then the sizes are laid end to end in key order. Variants begin with it, and
// splits always have it.

internal import Documents
internal import FlagstaffEvaluation

package struct CanonicalLayout: Sendable {
  /// Variants in key order, each with its half-open range of buckets.
  package let segments: [(key: String, from: Int, to: Int)]

  /// - Parameter weights: positive, at most 1,000,000 each; keys unique.
  package init(weights: [(key: String, weight: Int)]) {
    let sorted = weights.sorted { $0.key.precedesInBytes($1.key) }
    let total = max(1, sorted.reduce(0) { $0 + $1.weight })
    var sizes = sorted.map { $0.weight * Share.whole / total }
    let leftover = weights.isEmpty ? 0 : Share.whole - sizes.reduce(0, +)
    // The sort is stable by construction: the index, which is the key's order, breaks ties.
    let byRemainder = sorted.indices.sorted { a, b in
      let (left, right) = (
        sorted[a].weight * Share.whole % total, sorted[b].weight * Share.whole % total
      )
      return left == right ? a < b : left > right
    }
    for index in byRemainder.prefix(leftover) { sizes[index] += 1 }
    var segments: [(key: String, from: Int, to: Int)] = []
    var next = 0
    for (variant, size) in zip(sorted, sizes) {
      segments.append((variant.key, next, next + size))
      next += size
    }
    self.segments = segments
  }

  /// Whether some variant may be left without a bucket: without a share of one, it depends on the
  /// remainders.
  static func mayLeaveOut(_ weights: some Sequence<Int>) -> Bool {
    let total = weights.reduce(0, +)
    return weights.contains { $0 * Share.whole < total }
  }

  /// How many buckets a variant has.
  package func size(of key: String) -> Int {
    segments.first { $0.key.hasSameBytes(as: key) }.map { $0.to - $0.from } ?? 0
  }

  /// `{variant: [[from, to]]}`, as it is recorded and published; a variant without buckets has no
  /// range.
  var ranges: [(key: String, ranges: BucketRanges)] {
    segments.map { ($0.key, BucketRanges([$0.from..<$0.to]) ?? .none) }
  }
}
