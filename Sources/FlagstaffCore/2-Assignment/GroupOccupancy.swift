// How full an exclusion group is: who holds what, what rests until when, and how much room is left.
// It only reads what is registered; what a plan does to it is `GroupAllocation`'s.

package import Documents
package import FlagstaffEvaluation

/// The buckets of one group of a scope.
package struct GroupOccupancy: Sendable {
  package let group: String
  /// Buckets that no member ever gets.
  package let holdout: BucketRanges
  /// The experiments that hold buckets, in key order.
  package let members: [(experiment: String, ranges: BucketRanges)]
  /// What rests at the instant, sorted.
  package let rests: [Rest]
  /// What anybody may take.
  package let free: BucketRanges

  /// Every group of a scope, in key order.
  package static func all(in state: ScopeState, at instant: Instant) -> [GroupOccupancy] {
    state.definitions.sorted { $0.key < $1.key }.compactMap { identity, registered in
      guard case .group(let recorded) = registered.recorded else { return nil }
      return GroupOccupancy(identity.key, recorded, in: state, at: instant)
    }
  }

  private init(
    _ group: String, _ recorded: RecordedGroup, in state: ScopeState, at instant: Instant
  ) {
    self.group = group
    holdout = recorded.holdout
    rests = state.rests.filter { $0.group.hasSameBytes(as: group) && $0.until > instant }
    members = state.definitions.sorted { $0.key < $1.key }.compactMap { identity, registered in
      guard case .experiment(let recorded) = registered.recorded, !recorded.traffic.isEmpty,
        registered.definition.form["group"]?.string?.hasSameBytes(as: group) == true
      else { return nil }
      return (identity.key, recorded.traffic)
    }
    var isFree = Array(repeating: true, count: Share.whole)
    for ranges in [holdout] + rests.map(\.ranges) + members.map(\.ranges) {
      for range in ranges.ranges { for bucket in range { isFree[bucket] = false } }
    }
    free = BucketRanges(buckets: isFree.indices.filter { isFree[$0] })
  }

  /// The longest run of free buckets; nil where none is free.
  package var largestFree: Range<Int>? { free.ranges.max { $0.count < $1.count } }
}
