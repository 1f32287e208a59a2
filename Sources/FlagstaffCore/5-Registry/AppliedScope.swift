// The fifth stage: what an admitted plan does to the registered state, and the audit events that
// record it. Both are pure: the state follows from the plan alone and is projected before a
// transaction is begun; the events also need the end of the chain, which is known only under its
// lock.

internal import Documents

/// A scope's next version.
package struct AppliedScope: Sendable {
  package let admitted: AdmittedPlan
  package let state: ScopeState

  package var plan: Plan { admitted.plan }

  /// - Precondition: the state is the plan's parent.
  package static func apply(_ admitted: AdmittedPlan, to state: ScopeState) -> AppliedScope {
    precondition(admitted.plan.parent == state.version, "a plan applies to its parent alone")
    return AppliedScope(admitted, state)
  }

  private init(_ admitted: AdmittedPlan, _ former: ScopeState) {
    self.admitted = admitted
    state = admitted.plan.preview(of: former)
  }

  /// One event a change, in the order of the plan's changes, following the end of the chain. The
  /// last names what the version publishes.
  package func events(
    after head: ChainHead, key: AuditKey, publishing publication: Publication
  ) -> [AuditEvent] {
    var events: [AuditEvent] = []
    var end = head
    for (place, change) in plan.changes.enumerated() {
      var record = AuditRecord(change, of: admitted)
      if place == plan.changes.count - 1 { record.published = PublishedContent(publication).node }
      let event = AuditEvent(record, after: end, key: key)
      end = event.head(key: key.identifier)
      events.append(event)
    }
    return events
  }
}

extension Plan {
  /// The state that the plan would make of another: for counting and comparing. Only an
  /// `AppliedScope` can be committed.
  ///
  /// - Precondition: the state is the plan's parent.
  package func preview(of former: ScopeState) -> ScopeState {
    precondition(parent == former.version, "a plan applies to its parent alone")
    var definitions = former.definitions
    var tombstones = former.tombstones
    for change in changes {
      definitions[change.identity] = change.after
      tombstones[change.identity] = change.tombstone(at: instant)
    }
    return ScopeState(
      scope: scope, version: parent + 1, commit: commit, instant: instant, schedule: schedule,
      definitions: definitions, tombstones: tombstones, rests: rests, kills: kills)
  }
}
