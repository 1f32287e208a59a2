// Who gets which traffic buckets of an exclusion group. Members are disjoint and never in the
// holdout; a bucket that is released rests before somebody else may have it, so that no user goes
// straight from one experiment into another. The order of the steps is the design's, section
// *Groups*: release, then the holdout, then each member takes its own resting buckets and free
// ones.

package import Documents
package import FlagstaffEvaluation

/// Buckets of a group that were released, and which nobody but their former holder may have yet.
package struct Rest: Hashable, Sendable {
  /// The key of the group.
  package let group: String
  /// The key of the experiment that released them.
  package let experiment: String
  package let ranges: BucketRanges
  package let until: Instant

  package init(group: String, experiment: String, ranges: BucketRanges, until: Instant) {
    self.group = group
    self.experiment = experiment
    self.ranges = ranges
    self.until = until
  }
}

extension Rest: Comparable {
  package static func < (a: Rest, b: Rest) -> Bool {
    (Text(a.group), Text(a.experiment), a.until) < (Text(b.group), Text(b.experiment), b.until)
  }
}

/// What one plan does to the buckets of one group.
struct GroupAllocation {
  /// An experiment that holds buckets of the group, or wants some.
  struct Member {
    let key: String
    /// What it holds before.
    let held: BucketRanges
    /// How many buckets it shall hold.
    let wanted: Int
  }

  /// Why the group cannot give what is wanted.
  enum Trouble: Hashable {
    /// More than 10,000 buckets are wanted, the holdout included.
    case overfull(wanted: Int)
    /// The holdout would grow over buckets that these members hold.
    case holdoutIsHeld(by: [String])
    /// There is room once buckets have rested.
    case resting(until: Instant)
    /// There is room only by what this very plan releases, and that has to rest first.
    case releasedByPlan
  }

  struct Group {
    let key: String
    /// Buckets that no member ever gets.
    let holdout: Int
    /// How long a released bucket rests, in days; 0: not at all.
    let restDays: Int
    /// The holdout in force before.
    let heldOut: BucketRanges
  }

  let members: [Member]
  /// By member, in key order.
  private(set) var held: [(key: String, ranges: BucketRanges)] = []
  private(set) var rests: [Rest] = []
  private(set) var heldOut = BucketRanges.none
  /// Nil where the plan may be applied at once. Where buckets have to rest first, the rest of what
  /// is told is how it will be then.
  private(set) var trouble: Trouble?

  /// - Parameters:
  ///   - members: in key order.
  ///   - rests: of this group, from before.
  init(_ group: Group, members: [Member], rests: [Rest], at instant: Instant) {
    self.members = members
    let wanted = members.reduce(group.holdout) { $0 + $1.wanted }
    if group.heldOut.count == group.holdout, members.allSatisfy({ $0.held.count == $0.wanted }) {
      held = members.map { ($0.key, $0.held) }
      heldOut = group.heldOut
      self.rests = rests.filter { $0.until > instant }.sorted()
      return
    }
    var floor = Floor(group, members, rests.filter { $0.until > instant }, at: instant)
    if wanted > Share.whole {
      trouble = .overfull(wanted: wanted)
    } else if !floor.allocate() {
      trouble = floor.trouble
      if case .resting(let until) = floor.trouble {
        floor = Floor(group, members, rests.filter { $0.until > until }, at: instant)
        _ = floor.allocate()
      }
    }
    held = members.map(\.key).enumerated().map { ($1, floor.ranges(heldBy: $0)) }
    self.rests = floor.allRests
    heldOut = floor.heldOut
  }

  func ranges(of member: Text) -> BucketRanges {
    held.first { Text($0.key) == member }?.ranges ?? BucketRanges.none
  }
}

/// The buckets of a group while the steps are taken.
private struct Floor {
  private enum Bucket: Equatable {
    case free
    case heldOut
    /// By the member of this number.
    case held(Int)
    /// In the rest of this number.
    case resting(Int)
  }

  private let group: GroupAllocation.Group
  private let members: [GroupAllocation.Member]
  private var buckets = Array(repeating: Bucket.free, count: Share.whole)
  private var rests: [(experiment: String, until: Instant, isNew: Bool)]
  private(set) var trouble: GroupAllocation.Trouble?

  init(
    _ group: GroupAllocation.Group, _ members: [GroupAllocation.Member], _ rests: [Rest],
    at instant: Instant
  ) {
    self.group = group
    self.members = members
    self.rests = rests.map { ($0.experiment, $0.until, false) }
    let until = instant.adding(seconds: group.restDays * 86_400)
    self.rests += members.map { ($0.key, until, true) }
    set(group.heldOut, to: .heldOut)
    for (index, rest) in rests.enumerated() { set(rest.ranges, to: .resting(index)) }
    for (index, member) in members.enumerated() { set(member.held, to: .held(index)) }
  }

  private mutating func set(_ ranges: BucketRanges, to bucket: Bucket) {
    for range in ranges.ranges { for index in range { buckets[index] = bucket } }
  }

  /// Where the holdout begins.
  private var first: Int { Share.whole - group.holdout }

  /// - Returns: whether everybody got what they want.
  mutating func allocate() -> Bool {
    for index in members.indices { release(index) }
    setHoldout()
    waitForRoom(members.indices.reduce(0) { $0 + take($1) })
    return trouble == nil
  }

  /// Highest first.
  private mutating func release(_ member: Int) {
    var excess = members[member].held.count - members[member].wanted
    for bucket in buckets.indices.reversed() where excess > 0 {
      guard buckets[bucket] == .held(member) else { continue }
      let rest = rests.count - members.count + member
      buckets[bucket] = group.restDays > 0 ? .resting(rest) : .free
      excess -= 1
    }
  }

  /// The highest buckets, of which none may be held or resting.
  private mutating func setHoldout() {
    var holders: Set<Int> = []
    for (index, bucket) in buckets.enumerated() {
      switch bucket {
      case .heldOut where index < first: buckets[index] = .free
      case .free where index >= first: buckets[index] = .heldOut
      case .held(let member) where index >= first: holders.insert(member)
      case .resting(let rest) where index >= first: wait(for: rest)
      default: break
      }
    }
    if !holders.isEmpty {
      trouble = .holdoutIsHeld(by: holders.sorted().map { members[$0].key })
    }
  }

  /// Its own resting buckets first, then free ones, lowest first.
  ///
  /// - Returns: how many are still missing.
  private mutating func take(_ member: Int) -> Int {
    var missing = members[member].wanted - buckets.count { $0 == .held(member) }
    for isOwn in [true, false] where missing > 0 {
      for bucket in buckets.indices where missing > 0 && bucket < first {
        guard isOwn ? isResting(bucket, for: member) : buckets[bucket] == .free else { continue }
        buckets[bucket] = .held(member)
        missing -= 1
      }
    }
    return missing
  }

  private func isResting(_ bucket: Int, for member: Int) -> Bool {
    guard case .resting(let rest) = buckets[bucket] else { return false }
    return rests[rest].experiment.hasSameBytes(as: members[member].key)
  }

  /// Resting buckets become free in the order of their time; enough of them must.
  private mutating func waitForRoom(_ missing: Int) {
    guard missing > 0 else { return }
    let resting = buckets[..<first].compactMap { bucket -> Int? in
      if case .resting(let rest) = bucket { rest } else { nil }
    }
    let inOrder = resting.sorted {
      (rests[$0].isNew ? 1 : 0, rests[$0].until) < (rests[$1].isNew ? 1 : 0, rests[$1].until)
    }
    if inOrder.count >= missing { wait(for: inOrder[missing - 1]) }
  }

  private mutating func wait(for rest: Int) {
    switch trouble {
    case .holdoutIsHeld, .releasedByPlan, .overfull: return
    case .resting(let until) where !rests[rest].isNew:
      trouble = .resting(until: max(until, rests[rest].until))
    case .resting, nil:
      trouble = rests[rest].isNew ? .releasedByPlan : .resting(until: rests[rest].until)
    }
  }

  func ranges(heldBy member: Int) -> BucketRanges { ranges { $0 == .held(member) } }

  var heldOut: BucketRanges { ranges { $0 == .heldOut } }

  /// What rests in the end, old and new, sorted.
  var allRests: [Rest] {
    var merged: [Rest] = []
    var seen: [String: [Instant: [Int]]] = [:]
    for (index, bucket) in buckets.enumerated() {
      guard case .resting(let rest) = bucket else { continue }
      seen[rests[rest].experiment, default: [:]][rests[rest].until, default: []].append(index)
    }
    for (experiment, times) in seen {
      for (until, indices) in times {
        merged.append(
          Rest(
            group: group.key, experiment: experiment, ranges: BucketRanges(buckets: indices),
            until: until))
      }
    }
    return merged.sorted()
  }

  private func ranges(where isIn: (Bucket) -> Bool) -> BucketRanges {
    BucketRanges(buckets: buckets.indices.filter { isIn(buckets[$0]) })
  }
}
