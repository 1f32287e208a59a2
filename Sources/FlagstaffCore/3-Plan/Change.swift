// One change of a plan: a definition in one scope, before and after, with the closed classes that
// say what kind of change it is. One change becomes exactly one audit event.

package import Documents

/// What a change does. The list is closed: policies and readers rely on it.
package enum ChangeClass: String, Hashable, Comparable, Sendable, CaseIterable {
  case defaultChanged = "default.changed"
  case definitionDeleted = "definition.deleted"
  case definitionDescribed = "definition.described"
  case definitionRevived = "definition.revived"
  case experimentCompleted = "experiment.completed"
  case experimentCreated = "experiment.created"
  case experimentPaused = "experiment.paused"
  case experimentResumed = "experiment.resumed"
  case experimentStarted = "experiment.started"
  case flagCreated = "flag.created"
  case flagDisabled = "flag.disabled"
  case flagEnabled = "flag.enabled"
  case forceChanged = "force.changed"
  case groupChanged = "group.changed"
  case groupCreated = "group.created"
  case groupDeleted = "group.deleted"
  case killed
  case metricChanged = "metric.changed"
  case metricCreated = "metric.created"
  case metricDeleted = "metric.deleted"
  case phaseRaised = "phase.raised"
  case released
  case rolloutAdvanced = "rollout.advanced"
  case rulesChanged = "rules.changed"
  case scheduleChanged = "schedule.changed"
  case segmentChanged = "segment.changed"
  case segmentCreated = "segment.created"
  case segmentDeleted = "segment.deleted"
  case targetingChanged = "targeting.changed"
  case trafficLowered = "traffic.lowered"
  case trafficRaised = "traffic.raised"
  case valuesChanged = "values.changed"
  case variantsChanged = "variants.changed"
  case variantsReweighted = "variants.reweighted"
  case visibilityChanged = "visibility.changed"

  /// Whether time alone brings it about, while the definition stays as it is.
  package var isScheduled: Bool {
    [.experimentStarted, .experimentCompleted, .experimentResumed, .rolloutAdvanced].contains(self)
  }

  package static func < (a: ChangeClass, b: ChangeClass) -> Bool {
    a.rawValue.precedesInBytes(b.rawValue)
  }
}

package struct Change: Sendable {
  package let identity: Identity
  /// Sorted; at least one.
  package let classes: [ChangeClass]
  /// Where the wanted definition stands; nil for a deletion.
  package let location: Location?
  package let before: RegisteredDefinition?
  /// Nil for a deletion.
  package let after: RegisteredDefinition?
  /// The definition's generation once the change is applied.
  package let generation: Int
  /// Known once all changes of the plan are.
  package internal(set) var blastRadius = BlastRadius.nobody
  /// What approvals ask: each flag that the change reaches, by key, sorted.
  package internal(set) var exposures: [FlagExposure] = []
  package internal(set) var direction = ChangeDirection.neutral
  /// Whether it takes users back to what was safe before and does nothing else, to no flag that is
  /// protective: what a policy may exempt.
  package internal(set) var isOnlySafer = false

  /// Whether it stops the definition and does nothing else: what nobody has to approve.
  package var isKill: Bool {
    classes == [.killed] && before?.definition.digest == after?.definition.digest
  }

  /// The greatest share that would move if nothing else were killed, of the flags that it reaches:
  /// what approvals are asked for where a kill hides it. Nil where none does.
  package var behindKills: UserShare? { blastRadius.flags.compactMap(\.behindKills).max() }

  /// What a deletion leaves behind; nil for every other change.
  package func tombstone(at instant: Instant) -> Tombstone? {
    guard after == nil, let before else { return nil }
    guard case .experiment(let recorded) = before.recorded else {
      return Tombstone(id: nil, generation: generation, phase: nil, deleted: instant)
    }
    return Tombstone(
      id: recorded.id, generation: generation, phase: recorded.phase, deleted: instant)
  }
}
