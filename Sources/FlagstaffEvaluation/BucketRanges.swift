// Sets of buckets. All users of an experiment, a split or a rollout fall into 10,000 buckets; who
// is in, and who sees which variant, are sets of buckets, written as sorted, disjoint, half-open
// ranges `[[from,to],…]`. Two equal sets are equal values and have equal bytes, however they were
// cut into ranges before.

package import Documents

/// A set of buckets in 0..<10,000.
package struct BucketRanges: Hashable, Sendable {
  package static let bucketCount = 10_000

  /// Sorted, disjoint, not empty, and no two of them touch.
  package let ranges: [Range<Int>]

  package static let none = BucketRanges(joined: [])
  package static let all = BucketRanges(joined: [0..<bucketCount])

  /// The lowest buckets: a rollout's share of 2,500 is [0, 2500).
  static func first(_ count: Int) -> BucketRanges {
    BucketRanges(joined: count > 0 ? [0..<min(count, bucketCount)] : [])
  }

  private init(joined ranges: [Range<Int>]) {
    self.ranges = ranges
  }

  /// A set of ranges that are given in ascending order, do not overlap, are not empty and lie in
  /// 0..<10,000; nil for anything else. Ranges that touch are joined.
  package init?(_ ranges: [Range<Int>]) {
    var joined: [Range<Int>] = []
    joined.reserveCapacity(ranges.count)
    for range in ranges {
      let end = joined.last?.upperBound ?? 0
      guard !range.isEmpty, range.lowerBound >= end, range.upperBound <= Self.bucketCount
      else { return nil }
      if let last = joined.last, last.upperBound == range.lowerBound {
        joined[joined.count - 1] = last.lowerBound..<range.upperBound
      } else {
        joined.append(range)
      }
    }
    self.ranges = joined
  }

  /// The set of ascending buckets in 0..<10,000, none of them twice.
  package init(buckets: some Sequence<Int>) {
    var joined: [Range<Int>] = []
    for bucket in buckets {
      let start = joined.last?.upperBound == bucket ? joined.removeLast().lowerBound : bucket
      joined.append(start..<bucket + 1)
    }
    ranges = joined
  }

  /// The number of buckets.
  package var count: Int {
    ranges.reduce(0) { $0 + $1.count }
  }

  package var isEmpty: Bool { ranges.isEmpty }

  package func contains(_ bucket: Int) -> Bool {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound <= bucket { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].lowerBound <= bucket
  }
}

extension BucketRanges {
  /// Reads `[[from,to],…]`; nil for anything but ascending, disjoint ranges in 0...10,000.
  package init?(_ node: Node) {
    guard let sequence = node.sequence else { return nil }
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(sequence.count)
    for item in sequence {
      guard let bounds = item.sequence, bounds.count == 2, let from = bounds[0].integer,
        let to = bounds[1].integer, from < to
      else { return nil }
      ranges.append(from..<to)
    }
    self.init(ranges)
  }

  /// The published form `[[from,to],…]`.
  package var node: Node {
    .sequence(ranges.map { .sequence([.integer($0.lowerBound), .integer($0.upperBound)]) })
  }
}

/// Which of several owners, the variants of an experiment or a split, has a bucket.
package struct BucketOwners: Hashable, Sendable {
  private struct Piece: Hashable, Sendable {
    var range: Range<Int>
    var owner: Int
  }

  private let pieces: [Piece]

  /// Owners are numbered as they are given; nil where two of them claim the same bucket. A bucket
  /// may have no owner.
  package init?(_ owners: [BucketRanges]) {
    var pieces: [Piece] = []
    for (owner, ranges) in owners.enumerated() {
      pieces += ranges.ranges.map { Piece(range: $0, owner: owner) }
    }
    pieces.sort { $0.range.lowerBound < $1.range.lowerBound }
    for (former, latter) in zip(pieces, pieces.dropFirst())
    where former.range.upperBound > latter.range.lowerBound {
      return nil
    }
    self.pieces = pieces
  }

  /// The number of the bucket's owner; nil where nobody owns it.
  package func owner(of bucket: Int) -> Int? {
    var (low, high) = (0, pieces.count)
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].range.upperBound <= bucket { low = middle + 1 } else { high = middle }
    }
    guard low < pieces.count, pieces[low].range.lowerBound <= bucket else { return nil }
    return pieces[low].owner
  }

  /// All buckets of an owner.
  package func ranges(of owner: Int) -> BucketRanges {
    BucketRanges(pieces.filter { $0.owner == owner }.map(\.range)) ?? .none
  }
}
