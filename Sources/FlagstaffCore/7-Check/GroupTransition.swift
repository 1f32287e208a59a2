// Whether the buckets of a group changed hands as they may: released highest first and then at
// rest, own resting buckets taken before free ones, lowest first, members in key order, and the
// holdout only over buckets that were free. These are conditions on before and after, bucket by
// bucket; who decided, and in which order, does not matter to them.

internal import Documents

/// A group before and after a plan.
struct GroupTransition {
  let was: BucketMap
  let now: BucketMap
  /// In key order.
  let members: [String]
  let holdout: Int
  /// Until when what is released now rests; nil where it is free at once.
  let restUntil: Instant?

  static let holdout = "the holdout"

  static func member(_ key: String) -> String { "member \(key)" }

  static func rest(of experiment: String, until: String) -> String {
    "the rest of \(experiment) until \(until)"
  }

  private static func isRest(_ name: String?, of experiment: String) -> Bool {
    name?.hasPrefix("the rest of \(experiment) until ") ?? false
  }

  /// What must not be: where, what the plan does, and what it should do.
  var trouble: (what: String, planned: String, found: String)? {
    for bucket in 0..<BucketMap.count {
      let (from, to) = (was.name(of: bucket), now.name(of: bucket))
      if from != to, let found = refusal(bucket, from, to) {
        return ("bucket \(bucket)", "\(from ?? "nobody") → \(to ?? "nobody")", found)
      }
    }
    for member in members {
      if let found = releaseTrouble(member) { return (member, "what it releases", found) }
    }
    return takingTrouble
  }

  /// Why a bucket may not change hands so; nil where it may.
  private func refusal(_ bucket: Int, _ from: String?, _ to: String?) -> String? {
    if let holder = members.first(where: { Self.member($0) == from }) {
      if let restUntil {
        let rest = Self.rest(of: holder, until: restUntil.description)
        return to == rest ? nil : "that a released bucket is \(rest)"
      }
      return Self.isResting(to) ? "that released buckets do not rest here" : nil
    }
    if Self.isResting(from) {
      let isTakenBack = members.contains { Self.member($0) == to && Self.isRest(from, of: $0) }
      return isTakenBack ? nil : "that it still rests"
    }
    return Self.isResting(to) ? "that nobody released it" : nil
  }

  private static func isResting(_ name: String?) -> Bool {
    name?.hasPrefix("the rest of ") ?? false
  }

  private func buckets(_ map: BucketMap, of member: String) -> [Int] {
    (0..<BucketMap.count).filter { map.name(of: $0) == Self.member(member) }
  }

  /// Highest first, and nobody both releases and takes.
  private func releaseTrouble(_ member: String) -> String? {
    let (former, present) = (Set(buckets(was, of: member)), Set(buckets(now, of: member)))
    guard let lowest = former.subtracting(present).min() else { return nil }
    if !present.isSubset(of: former) { return "that it takes others" }
    let kept = present.max() ?? -1
    return kept < lowest ? nil : "that \(kept) is higher than \(lowest), and kept"
  }

  /// Each in key order: own resting buckets, then free ones, lowest first.
  private var takingTrouble: (what: String, planned: String, found: String)? {
    let first = BucketMap.count - holdout
    var free = (0..<first).filter(isFreeAfterReleases)[...]
    for member in members {
      let taken = Set(buckets(now, of: member)).subtracting(buckets(was, of: member)).sorted()
      let own = (0..<first).filter { Self.isRest(was.name(of: $0), of: member) }
      let fromOwn = own.prefix(taken.count)
      let expected = (Array(fromOwn) + free.prefix(taken.count - fromOwn.count)).sorted()
      if taken != expected {
        let differing = Set(taken).symmetricDifference(expected).min() ?? 0
        let isTaken = taken.contains(differing)
        return (
          member, isTaken ? "bucket \(differing)" : "not bucket \(differing)",
          "that own resting buckets come first, then the lowest free ones"
        )
      }
      free = free.dropFirst(taken.count - fromOwn.count)
    }
    return nil
  }

  private func isFreeAfterReleases(_ bucket: Int) -> Bool {
    switch was.name(of: bucket) {
    case nil, Self.holdout: true
    case let name? where Self.isResting(name): false
    default: restUntil == nil && now.name(of: bucket) != was.name(of: bucket)
    }
  }
}
