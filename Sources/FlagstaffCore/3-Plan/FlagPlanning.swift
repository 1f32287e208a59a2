// How a feature flag changes: its values, its rules, whether it is enabled, and the step of each
// rollout that came due. A flag keeps no assignments, so every edit of it is allowed; the plan
// only says what it is.

internal import Documents

extension Planner {
  mutating func flag(
    _ definition: ResolvedDefinition, before: RegisteredDefinition?, tombstone: Tombstone?
  ) throws(MalformedForm) -> Comparison {
    let wanted = try ResolvedFlag(form: definition.form)
    if let tombstone {
      checkRevival(definition, tombstone, revive: wanted.revive, phase: nil)
    }
    let recorded = record(wanted, at: now(of: definition.identity))
    guard let before else {
      return Comparison(recorded: .flag(recorded), classes: [.flagCreated])
    }
    let was = try ResolvedFlag(form: before.definition.form)
    var classes: Set<ChangeClass> = []
    if wanted.enabled != was.enabled {
      classes.insert(wanted.enabled ? .flagEnabled : .flagDisabled)
    }
    // By nodes, whose strings are compared by their bytes.
    func differs(_ fields: String...) -> Bool {
      fields.contains { definition.differs(from: before.definition, in: $0) }
    }
    if differs("variants") { classes.insert(.valuesChanged) }
    if differs("default", "off") { classes.insert(.defaultChanged) }
    if differs("visibility") { classes.insert(.visibilityChanged) }
    if differs("rules", "bucketBy") {
      classes.insert(.rulesChanged)
    } else if before.recorded != .flag(recorded) {
      classes.insert(.rolloutAdvanced)
    }
    return Comparison(recorded: .flag(recorded), classes: classes)
  }

  /// The step in force of each rollout, and the canonical layout of each split.
  private func record(_ flag: ResolvedFlag, at instant: Instant) -> RecordedFlag {
    var steps: [RecordedFlag.Step] = []
    var splits: [RecordedFlag.Split] = []
    for rule in flag.rules {
      guard let key = rule.key else { continue }
      if let share = rule.share(at: instant) { steps.append(.init(rule: key, share: share)) }
      if case .split(let weights) = rule.outcome {
        let variants = CanonicalLayout(weights: weights).ranges.map {
          RecordedExperiment.Variant(key: $0.key, ranges: $0.ranges)
        }
        splits.append(.init(rule: key, variants: variants))
      }
    }
    return RecordedFlag(
      steps: steps.sorted { $0.rule.precedesInBytes($1.rule) },
      splits: splits.sorted { $0.rule.precedesInBytes($1.rule) })
  }
}
