// Which way a change takes its users. Three answers are enough for approvals and freezes: nobody
// moves; everybody who moves goes to the `off` variant or the control of the state before; or
// somebody is shown something. "Before" matters: a change that swaps `off` and switches the flag
// off would otherwise pass for a stop.

internal import Documents

/// What a change does to the users of one flag that it reaches.
package struct FlagExposure: Hashable, Sendable {
  package let flag: String
  /// The greatest share that moves, now or later, in buckets, rounded up.
  package let buckets: Int
  /// The flag's labels, before and after.
  package let labels: [[String: String]]
  /// Whether it is marked `protective`, before or after.
  package let isProtective: Bool
}

/// Which way a change takes its users.
package enum ChangeDirection: String, Hashable, Sendable {
  case neutral
  /// Everybody who moves, at any instant still ordered, goes to `off` or control as they were.
  case safer
  case raise
}

extension PlanRadii {
  /// Completes a change with what approvals and freezes ask of it.
  mutating func judgeDirection(of change: inout Change) throws(MalformedForm) {
    let flags = self.flags(reachedBy: change).sorted { $0.precedesInBytes($1) }
    var isNeutral = true
    var isSafe = true
    var exposures: [FlagExposure] = []
    for flag in flags {
      let arrivals = try radius(of: flag).arrivals
      exposures.append(exposure(of: flag, arrivals))
      guard !arrivals.isEmpty else { continue }
      isNeutral = false
      if try !isReturn(arrivals, to: flag, control: change.control) { isSafe = false }
    }
    change.exposures = exposures
    // A release takes nobody to what was safe: it brings back what was stopped.
    if change.classes.contains(.released) { isSafe = false }
    change.direction = isNeutral ? .neutral : isSafe ? .safer : .raise
    change.isOnlySafer =
      change.direction == .safer && change.changesNothingElse
      && !exposures.contains(where: \.isProtective)
  }

  private func exposure(of flag: String, _ arrivals: Arrivals) -> FlagExposure {
    let forms = [Kind.flag, .experiment].flatMap { kind in
      [before, after].compactMap { $0.state.definitions[Identity(kind, flag)]?.definition.form }
    }
    return FlagExposure(
      flag: flag, buckets: arrivals.greatest.bucketsRoundedUp, labels: forms.map(\.labels),
      isProtective: forms.contains { $0["protective"]?.boolean == true })
  }

  /// Whether all who move come to what `off`, or the control of a changed experiment, was before,
  /// with the value that it had.
  private func isReturn(
    _ arrivals: Arrivals, to flag: String, control: String?
  ) throws(MalformedForm) -> Bool {
    guard arrivals.isKnown, !arrivals.hasNoAnswer, let former = try before.flag(flag),
      let next = try after.flag(flag)
    else { return false }
    let (old, new) = (former.values, next.values)
    let safe = Set([former.off, control].compactMap(\.self))
    return arrivals.variants.allSatisfy { variant in
      guard safe.contains(variant), let value = old[variant] else { return false }
      return new[variant] == value
    }
  }
}

extension DecidingFlag {
  /// The value of each variant.
  fileprivate var values: [String: Node?] {
    switch kind {
    case .flag(let flag, _, _):
      Dictionary(
        flag.variants.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    case .flagless(let experiment):
      Dictionary(
        experiment.resolved.variants.map { ($0.key, $0.payload) },
        uniquingKeysWith: { first, _ in first })
    }
  }
}

extension Change {
  /// The control of a changed experiment, as it was.
  fileprivate var control: String? {
    guard identity.kind == .experiment else { return nil }
    return before?.definition.form["control"]?.string
  }

  /// Whether the forms differ in nothing but what a stop needs.
  fileprivate var changesNothingElse: Bool {
    let stopping: Set<String>
    switch identity.kind {
    case .flag: stopping = ["enabled", "default", "rules"]
    case .experiment: stopping = ["status", "traffic", "schedule"]
    case .group, .metric, .segment: return false
    }
    guard let before = before?.definition.form.mapping, let after = after?.definition.form.mapping
    else { return false }
    let fields = Set((before.entries + after.entries).map(\.key)).subtracting(stopping)
    return fields.allSatisfy { before[$0] == after[$0] }
  }
}

extension Node {
  /// The labels of a resolved form.
  package var labels: [String: String] {
    var labels: [String: String] = [:]
    for entry in self["labels"]?.mapping?.entries ?? [] { labels[entry.key] = entry.value.string }
    return labels
  }
}
