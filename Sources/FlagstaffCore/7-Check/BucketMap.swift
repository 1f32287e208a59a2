// The 10,000 buckets, one by one. The planner works with intervals; here every bucket has an entry
// of its own that says who has it, filled from the published ranges, and everything is counted.
// That is slower and simpler, which is what a second opinion is for.

internal import Documents

/// Who has which bucket.
struct BucketMap {
  static let count = 10_000

  /// Names, numbered in byte order.
  let names: [String]
  /// A number of a name for each bucket; -1 where nobody has it.
  private(set) var owners: [Int16]

  /// - Returns: nil where the ranges are not `[[from,to],…]` within the buckets, or two names have
  ///   one bucket.
  init?(_ ranges: [(name: String, ranges: Node)]) {
    let sorted = ranges.sorted { Array($0.name.utf8).lexicographicallyPrecedes($1.name.utf8) }
    names = sorted.map(\.name)
    var owners = [Int16](repeating: -1, count: Self.count)
    for (number, entry) in sorted.enumerated() {
      guard let buckets = Self.buckets(entry.ranges) else { return nil }
      for bucket in buckets {
        guard owners[bucket] == -1 else { return nil }
        owners[bucket] = Int16(number)
      }
    }
    self.owners = owners
  }

  /// Every bucket of `[[from,to],…]`; nil where one is none, or comes twice or out of order.
  static func buckets(_ ranges: Node?) -> [Int]? {
    guard let ranges = ranges?.sequence else { return nil }
    var buckets: [Int] = []
    for range in ranges {
      guard let bounds = range.sequence, bounds.count == 2, let from = bounds[0].integer,
        let to = bounds[1].integer, (buckets.last ?? -1) < from, from < to, to <= count
      else { return nil }
      buckets += from..<to
    }
    return buckets
  }

  /// Whether every bucket has an owner.
  var isFull: Bool { !owners.contains(-1) }

  func size(of name: String) -> Int {
    buckets { $0 == name }.count
  }

  /// The name that has each bucket.
  func name(of bucket: Int) -> String? {
    owners[bucket] < 0 ? nil : names[Int(owners[bucket])]
  }

  /// The buckets whose name, or having none, meets a condition; ascending.
  func buckets(where isMeant: (String?) -> Bool) -> [Int] {
    let isNobodyMeant = isMeant(nil)
    let areMeant = names.map(isMeant)
    var buckets: [Int] = []
    for bucket in 0..<Self.count {
      let owner = Int(owners[bucket])
      if owner < 0 ? isNobodyMeant : areMeant[owner] { buckets.append(bucket) }
    }
    return buckets
  }

  /// The buckets that have another owner in the other map.
  func differing(from other: BucketMap) -> [Int] {
    let theirs = names.map { name in other.names.firstIndex(of: name).map(Int16.init) ?? -2 }
    var buckets: [Int] = []
    for bucket in 0..<Self.count {
      let ours = owners[bucket]
      if (ours < 0 ? -1 : theirs[Int(ours)]) != other.owners[bucket] { buckets.append(bucket) }
    }
    return buckets
  }
}

/// Weights as sizes: who of the variants gets a leftover bucket is found by counting those that
/// come before it, instead of sorting.
struct SizesByWeight {
  /// In byte order of the names.
  let sizes: [(name: String, size: Int)]

  init(_ weights: [(name: String, weight: Int)]) {
    let sorted = weights.sorted { Array($0.name.utf8).lexicographicallyPrecedes($1.name.utf8) }
    let total = max(1, sorted.reduce(0) { $0 + $1.weight })
    let floors = sorted.map { $0.weight * BucketMap.count / total }
    let remainders = sorted.map { $0.weight * BucketMap.count % total }
    let leftover = BucketMap.count - floors.reduce(0, +)
    sizes = sorted.indices.map { own in
      let ahead = sorted.indices.count { other in
        remainders[other] > remainders[own]
          || (remainders[other] == remainders[own] && other < own)
      }
      return (sorted[own].name, floors[own] + (ahead < leftover ? 1 : 0))
    }
  }

  func size(of name: String) -> Int { sizes.first { $0.name == name }?.size ?? 0 }

  /// The ranges of the canonical layout: one after another, in byte order of the names.
  var canonical: [(name: String, ranges: Node)] {
    var next = 0
    return sizes.map { name, size in
      defer { next += size }
      let range = Node.sequence([.integer(next), .integer(next + size)])
      return (name, .sequence(size > 0 ? [range] : []))
    }
  }
}

extension BucketMap {
  /// The fewest buckets that must move so that everybody has the sizes: half of the sum of what
  /// each gains or loses.
  func fewestMoves(to sizes: SizesByWeight) -> Int {
    let all = Set(names + sizes.sizes.map(\.name))
    return all.reduce(0) { $0 + abs(sizes.size(of: $1) - size(of: $1)) } / 2
  }
}
