// How buckets change hands when weights or variants change and nobody may move without need
// (`reassign: least`). The three steps are the design's definition of the procedure, section
// *Ranges*: the fewest buckets move, and weights that come back bring their users back.

internal import Documents
package import FlagstaffEvaluation

/// The ranges of variants after a change of weights, given those before it.
package struct Reassignment {
  /// The new variants, in key order.
  package let variants: [(key: String, ranges: BucketRanges)]
  /// Buckets that have another owner than before.
  package let moved: Int

  /// - Parameters:
  ///   - former: the recorded ranges of the old variants; together they own all buckets.
  ///   - weights: the new variants; positive, keys unique.
  package init(
    from former: [(key: String, ranges: BucketRanges)], to weights: [(key: String, weight: Int)]
  ) {
    let layout = CanonicalLayout(weights: weights)
    var exchange = Exchange(from: former, to: layout)
    exchange.moveToCanonicalOwners()
    exchange.release()
    exchange.takeReleased()
    moved = exchange.moved
    variants = layout.segments.map { ($0.key, exchange.ranges(of: $0.key)) }
  }
}

/// Who has which bucket while the steps are taken, over the union of old and new variants.
private struct Exchange {
  /// In key order.
  private let keys: [String]
  private let before: [Int]
  private let canonical: [Int]
  /// How many buckets each variant must still get, or, below 0, give away.
  private var missing: [Int]
  private var owners: [Int]
  /// Buckets without an owner, ascending once all are released.
  private var released: [Int] = []

  init(from former: [(key: String, ranges: BucketRanges)], to layout: CanonicalLayout) {
    let keys = Set((former.map(\.key) + layout.segments.map(\.key)).map { Text($0) }).sorted()
    let places = Dictionary(uniqueKeysWithValues: zip(keys, keys.indices))
    var missing = Array(repeating: 0, count: keys.count)
    var owners = Array(repeating: 0, count: Share.whole)
    var canonical = owners
    for (key, ranges) in former {
      guard let place = places[Text(key)] else { continue }
      missing[place] -= ranges.count
      for range in ranges.ranges { for bucket in range { owners[bucket] = place } }
    }
    for segment in layout.segments {
      guard let place = places[Text(segment.key)] else { continue }
      missing[place] += segment.to - segment.from
      for bucket in segment.from..<segment.to { canonical[bucket] = place }
    }
    self.keys = keys.map(\.string)
    (self.missing, self.owners, self.canonical, before) = (missing, owners, canonical, owners)
  }

  /// Step 1: in ascending order, a bucket whose owner must still shrink and whose canonical owner
  /// must still grow goes to the latter.
  mutating func moveToCanonicalOwners() {
    for bucket in owners.indices {
      let (owner, heir) = (owners[bucket], canonical[bucket])
      guard missing[owner] < 0, missing[heir] > 0 else { continue }
      owners[bucket] = heir
      missing[owner] += 1
      missing[heir] -= 1
    }
  }

  /// Step 2: in key order, each that must still shrink releases buckets outside its canonical
  /// segment first, then inside, highest first.
  mutating func release() {
    for place in keys.indices where missing[place] < 0 {
      for isOutside in [true, false] {
        for bucket in owners.indices.reversed() where missing[place] < 0 {
          guard owners[bucket] == place, (canonical[bucket] != place) == isOutside else { continue }
          released.append(bucket)
          missing[place] += 1
        }
      }
    }
    released.sort()
  }

  /// Step 3: in key order, each that must still grow takes the lowest released ones.
  mutating func takeReleased() {
    var next = released.makeIterator()
    for place in keys.indices {
      while missing[place] > 0, let bucket = next.next() {
        owners[bucket] = place
        missing[place] -= 1
      }
    }
  }

  var moved: Int { zip(before, owners).count { $0 != $1 } }

  func ranges(of key: String) -> BucketRanges {
    guard let place = keys.firstIndex(where: { $0.hasSameBytes(as: key) }) else { return .none }
    return BucketRanges(buckets: owners.indices.filter { owners[$0] == place })
  }
}
