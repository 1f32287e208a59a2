// What an admitted plan of trust does to the registered trust, and the audit events that record it:
// one a person, team and policy that changed, and one for the workspace. Both are pure.

internal import Documents

/// Trust's next version.
package struct AppliedTrust: Sendable {
  package let admitted: AdmittedTrust
  package let trust: RegisteredTrust
  package var plan: TrustPlan { admitted.plan }

  /// - Parameter isWarning: whether policies only warn.
  package static func apply(_ admitted: AdmittedTrust, isWarning: Bool = false) -> AppliedTrust {
    AppliedTrust(admitted, isWarning ? .warn : .enforce)
  }

  private init(_ admitted: AdmittedTrust, _ mode: ApprovalMode) {
    self.admitted = admitted
    trust = admitted.plan.following(mode)
  }

  /// One event a change, in the order of the plan's changes, following the end of the chain.
  ///
  /// - Parameter login: of the database, of whoever begins or resets trust: nobody else lets that
  ///   happen.
  package func events(after head: ChainHead, key: AuditKey, login: String) -> [AuditEvent] {
    var events: [AuditEvent] = []
    var end = head
    for (place, change) in plan.changes.enumerated() {
      let verdict = admitted.verdicts.isEmpty ? nil : admitted.verdicts[place]
      let event = AuditEvent(record(of: change, verdict, login), after: end, key: key)
      end = event.head(key: key.identifier)
      events.append(event)
    }
    return events
  }

  private func record(
    of change: TrustChange, _ verdict: ChangeVerdict?, _ login: String
  ) -> AuditRecord {
    var record = AuditRecord(
      instant: plan.instant, workspace: trust.trust.workspace?.id ?? "",
      classes: change.classes.map(\.rawValue),
      subject: (change.identity.kind.rawValue, change.identity.key), mode: trust.mode)
    record.version = trust.version
    record.commit = plan.commit
    if plan.beginning != .commit { record.actor = .operator(login) }
    record.generation = change.generation
    record.before = change.before?.form
    record.after = change.after?.form
    record.approvals = verdict?.approvals.map(\.node) ?? []
    record.verdict = verdict?.node
    return record
  }
}

extension TrustPlan {
  /// The trust that it would leave, were it accepted.
  package var preview: RegisteredTrust { following(former?.mode ?? .enforce) }

  fileprivate func following(_ mode: ApprovalMode) -> RegisteredTrust {
    RegisteredTrust(
      wanted, version: parent + 1, commit: commit, instant: instant, beginning: beginning,
      mode: mode)
  }
}
