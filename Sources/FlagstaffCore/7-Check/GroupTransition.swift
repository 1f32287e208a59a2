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
    var known: Set<[String?]> = []
    for bucket in was.differing(from: now) {
      let (from, to) = (was.name(of: bucket), now.name(of: bucket))
      // Mostly many buckets go from one to one other.
      if known.insert([from, to]).inserted, let found = refusal(from, to) {
        return ("bucket \(bucket)", "\(from ?? "nobody") → \(to ?? "nobody")", found)
      }
    }
    for member in members {
      if let found = releaseTrouble(member) { return (member, "what it releases", found) }
    }
    return takingTrouble
  }

  /// Why a bucket may not change hands so; nil where it may.
  private func refusal(_ from: String?, _ to: String?) -> String? {
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
    let name = Self.member(member)
    return map.buckets { $0 == name }
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
    var free = freeAfterReleases.filter { $0 < first }[...]
    for member in members {
      let taken = Set(buckets(now, of: member)).subtracting(buckets(was, of: member)).sorted()
      let own = was.buckets { Self.isRest($0, of: member) }.filter { $0 < first }
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

  private var freeAfterReleases: [Int] {
    let holders = members.map(Self.member)
    let released = Set(restUntil == nil ? was.differing(from: now) : [])
    return was.buckets { !Self.isResting($0) }.filter { bucket in
      guard let name = was.name(of: bucket), holders.contains(name) else { return true }
      return released.contains(bucket)
    }
  }
}
