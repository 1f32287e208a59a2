// Freezes: times in which nobody is shown anything new. Stops go on, and so does what ends by
// itself; what would show something to somebody waits, and says until when. A freeze is enforced
// whatever is approved.

package import Documents

/// A freeze as instants. Whoever makes it knows the rules of time zones.
package struct FreezeWindow: Hashable, Sendable {
  package let from: Instant
  /// The first instant that is free again.
  package let until: Instant
  /// Nil: all.
  package let environments: Set<String>?

  package init(from: Instant, until: Instant, environments: Set<String>?) {
    self.from = from
    self.until = until
    self.environments = environments
  }

  /// Whether an environment is frozen at an instant.
  package func covers(_ environment: String, at instant: Instant) -> Bool {
    from <= instant && instant < until && environments?.contains(environment) != false
  }
}

enum FreezeRule {
  /// What waits of a plan: a wait for each change that shows somebody something.
  static func waits(of plan: Plan, in freezes: [FreezeWindow]) -> [Plan.Wait] {
    let environment = plan.scope.environment
    let windows = freezes.filter { $0.covers(environment, at: plan.instant) }
    guard let until = windows.map(\.until).max() else { return [] }
    return plan.changes.filter(\.waitsInFreeze).map { change in
      Plan.Wait(
        identity: change.identity,
        reason: "\(change.identity) would show users something else, and \(environment) is frozen"
          + " until \(until)",
        remedy: "Wait until then; what stops something is applied meanwhile if it stands alone",
        until: until)
    }
  }
}

extension Change {
  /// What shows somebody something waits, but for an end that was scheduled.
  fileprivate var waitsInFreeze: Bool {
    guard direction == .raise, !isKill else { return false }
    let isByClock = before != nil && before?.definition.digest == after?.definition.digest
    return !(isByClock && classes == [.experimentCompleted])
  }
}
