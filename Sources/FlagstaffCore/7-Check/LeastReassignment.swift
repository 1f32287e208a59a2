// The design's procedure for `reassign: least`, taken word by word over single buckets. That the
// number of moves is the least says nothing about which buckets move; weights that come back must
// bring their users back, so the choice is fixed too.

/// Who has which bucket once weights changed and the fewest moved.
struct LeastReassignment {
  /// A name for each bucket.
  private(set) var owners: [String?]
  private let canonical: [String]
  /// What each name has too few of; below 0: too many.
  private var lacking: [String: Int] = [:]

  init(_ former: BucketMap, to sizes: SizesByWeight) {
    owners = (0..<BucketMap.count).map(former.name)
    canonical = sizes.sizes.flatMap { Array(repeating: $0.name, count: $0.size) }
    for name in former.names { lacking[name] = -former.size(of: name) }
    for (name, size) in sizes.sizes { lacking[name, default: 0] += size }
    let names = lacking.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    giveToCanonicalOwners()
    for name in names { release(name) }
    for name in names { takeReleased(name) }
  }

  /// "In ascending order, a bucket whose owner must still shrink and whose canonical owner must
  /// still grow goes to the latter."
  private mutating func giveToCanonicalOwners() {
    for (bucket, heir) in canonical.enumerated() {
      guard let owner = owners[bucket], lacking[owner, default: 0] < 0,
        lacking[heir, default: 0] > 0
      else { continue }
      owners[bucket] = heir
      lacking[owner, default: 0] += 1
      lacking[heir, default: 0] -= 1
    }
  }

  /// "Releases buckets outside its canonical segment first, then inside, highest first."
  private mutating func release(_ name: String) {
    let excess = -lacking[name, default: 0]
    guard excess > 0 else { return }
    let own = owners.indices.filter { owners[$0] == name }.reversed()
    let outside = own.filter { canonical[$0] != name }
    let inside = own.filter { canonical[$0] == name }
    for bucket in (outside + inside).prefix(excess) { owners[bucket] = nil }
    lacking[name] = 0
  }

  /// "Each that must still grow takes the lowest released ones."
  private mutating func takeReleased(_ name: String) {
    let missing = lacking[name, default: 0]
    guard missing > 0 else { return }
    for bucket in owners.indices.filter({ owners[$0] == nil }).prefix(missing) {
      owners[bucket] = name
    }
  }
}
