// The blast radius of each change of a plan. A change of an experiment is felt by the flags that
// use it, before or after; one of a segment or a group by the definitions that it alters, and by
// their flags. Each flag is compared once, with everything that the plan changes taken together.

internal import Documents

struct PlanRadii {
  let before: DecidingScope
  let after: DecidingScope
  private let changes: [Change]
  private let registered: Instant
  private let instant: Instant
  /// What the plan releases, and what it kills.
  private let changing: (released: Set<Identity>, killed: Set<Identity>)
  private let users: ExperimentUsers
  private var steps = StepBudget(Limits.blastRadiusPlanStepsMax)
  private var known: [String: FlagRadius] = [:]

  /// - Parameter instant: where schedules stand once the plan is applied.
  init(
    _ changes: [Change], of state: ScopeState, at instant: Instant, kills: [Identity: Kill]
  ) {
    self.changes = changes
    self.instant = instant
    registered = state.schedule ?? instant
    let (former, next) = (Set(state.kills.keys), Set(kills.keys))
    changing = (former.subtracting(next), next.subtracting(former))
    var definitions = state.definitions
    for change in changes { definitions[change.identity] = change.after }
    before = DecidingScope(state)
    after = DecidingScope(
      ScopeState(
        scope: state.scope, version: state.version, commit: nil, instant: instant,
        definitions: definitions, tombstones: [:], rests: [], kills: kills))
    users = ExperimentUsers(before, after, isNeeded: changes.contains { $0.identity.kind != .flag })
  }

  mutating func radius(of change: Change) throws(MalformedForm) -> BlastRadius {
    switch change.identity.kind {
    case .flag, .experiment:
      let radii = try radii(of: flags(of: change))
      return BlastRadius(flags: radii, flagCount: radii.count)
    default:
      let radii = try radii(of: flags(reachedBy: change))
      return BlastRadius(flags: Array(radii.prefix(1)), flagCount: radii.count)
    }
  }

  /// All keys that answer otherwise, if at all, because of a change.
  func flags(reachedBy change: Change) -> Set<String> {
    switch change.identity.kind {
    case .flag, .experiment: return flags(of: change)
    default:
      var flags: Set<String> = []
      for altered in changes where altered.isAltered(by: change.identity) {
        flags.formUnion(self.flags(of: altered))
      }
      return flags
    }
  }

  /// The keys that answer otherwise, if at all, because of a change.
  private func flags(of change: Change) -> Set<String> {
    let identity = change.identity
    guard identity.kind == .experiment else { return [identity.key] }
    var flags = users.flags(of: identity.key)
    if [change.before, change.after].contains(where: { $0?.definition.isFlagless ?? false }) {
      flags.insert(identity.key)
    }
    return flags
  }

  private mutating func radii(of flags: Set<String>) throws(MalformedForm) -> [FlagRadius] {
    var radii: [FlagRadius] = []
    // In one order, since all of a plan's flags share its steps.
    for flag in flags.sorted(by: { $0.precedesInBytes($1) }) {
      radii.append(try radius(of: flag))
    }
    return radii.sorted {
      $0.greatest == $1.greatest ? $0.flag.precedesInBytes($1.flag) : $0.greatest > $1.greatest
    }
  }

  mutating func radius(of flag: String) throws(MalformedForm) -> FlagRadius {
    if let radius = known[flag] { return radius }
    let most = min(Limits.blastRadiusStepsMax, steps.left)
    var own = StepBudget(most)
    let radius = FlagRadius(
      flag: flag, before: try before.flag(flag), at: registered, after: try after.flag(flag),
      at: instant, changing: changing, &own)
    _ = steps.take(most - own.left)
    known[flag] = radius
    return radius
  }
}

/// Which flags use which experiment, before or after.
private struct ExperimentUsers {
  private var byExperiment: [String: Set<String>] = [:]

  init(_ before: DecidingScope, _ after: DecidingScope, isNeeded: Bool) {
    guard isNeeded else { return }
    add(before)
    add(after)
  }

  func flags(of experiment: String) -> Set<String> { byExperiment[experiment] ?? [] }

  private mutating func add(_ scope: DecidingScope) {
    for (identity, registered) in scope.state.definitions where identity.kind == .flag {
      for rule in registered.definition.form["rules"]?.sequence ?? [] {
        guard let experiment = rule["experiment"]?.string else { continue }
        byExperiment[experiment, default: []].insert(identity.key)
      }
    }
  }
}

extension Change {
  /// Whether a changed segment or group is one that this definition stands on.
  fileprivate func isAltered(by identity: Identity) -> Bool {
    guard [.flag, .experiment].contains(self.identity.kind) else { return false }
    switch identity.kind {
    case .segment: return after?.definition.uses.contains(identity.key) ?? false
    case .group:
      return [before, after].contains {
        $0?.definition.form["group"]?.string?.hasSameBytes(as: identity.key) ?? false
      }
    case .experiment, .flag, .metric: return false
    }
  }
}

extension ResolvedDefinition {
  /// Whether it is an experiment that answers as a flag of its key.
  var isFlagless: Bool {
    guard identity.kind == .experiment else { return false }
    return form["variants"]?.mapping?.entries.allSatisfy { $0.value["payload"] != nil } ?? false
  }
}
