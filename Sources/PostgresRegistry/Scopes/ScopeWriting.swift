// Applies a checked plan: one transaction for rows, audit events and the scope's new version. It
// locks the scope's row and refuses any parent but the plan's, writes rows as sets, and locks the
// end of the chain last. Nothing is decided here: what is written follows from the plan.

internal import Documents
package import FlagstaffCore
internal import Signing

extension PostgresConnection {
  /// Called with a name before each step whose interruption must be harmless; tests crash there.
  package typealias Checkpoint = @Sendable (StaticString) -> Void

  /// Commits a version: its rows, its events, the evidence that they name, its pointer's payload.
  ///
  /// - Throws: `RegistryError` with the code `conflict` where another controller was first, or
  ///   `secretWrong` where the chain was written under another secret. Nothing is written then.
  package func commit(
    _ checked: CheckedScope, keys: AuditKeyring, checkpoint: Checkpoint
  ) throws -> ScopeHead {
    let applied = checked.applied
    let head = try transaction { transaction in
      checkpoint("apply.begun")
      try transaction.lockParent(of: applied.plan)
      checkpoint("apply.scope.locked")
      try transaction.writeRows(of: applied.plan, checkpoint: checkpoint)
      let end = try transaction.chainHead(locking: true)
      checkpoint("apply.chain.locked")
      let key = try keys.key(for: end)
      try transaction.requireTrust(
        version: applied.admitted.judgement.trust?.newestVersion ?? 0, for: applied.plan.scope)
      let last = try transaction.append(
        applied.events(after: end, key: key, publishing: checked.publication), after: end,
        at: applied.plan.instant, goingOnUnder: key)
      checkpoint("apply.events.written")
      try transaction.keep(
        applied.admitted.counted, acceptedAt: applied.plan.instant, key: key)
      checkpoint("apply.evidence.kept")
      let pointer = Pointer(applied, checked.publication, last: last)
      let head = try transaction.writeVersion(applied, pointer)
      checkpoint("apply.version.written")
      return head
    }
    checkpoint("apply.committed")
    return head
  }
}

extension AuditKeyring {
  /// The key with which the chain goes on.
  ///
  /// - Throws: `secretWrong` where the chain goes on under another secret than those given.
  @discardableResult
  package func key(for head: ChainHead) throws(RegistryError) -> AuditKey {
    if let key = next(after: head) { return key }
    throw RegistryError(
      .secretWrong, operation: "checking AUDIT_HMAC_SECRET",
      reason: "the audit log was written with the key \(head.key ?? ""), and the secret given makes"
        + " the key \(first.identifier). Give the secret that the log was written with")
  }
}

extension PostgresTransaction {
  borrowing fileprivate func lockParent(of plan: Plan) throws {
    var version = try lockedVersion(of: plan.scope)
    if version == 0 {
      // There is no row to lock yet: of several controllers that begin a scope one goes first.
      try run(
        """
        SELECT pg_advisory_xact_lock(hashtextextended(
          \("flagstaff/scope/\(plan.scope)")::text, 0))
        """)
      version = try lockedVersion(of: plan.scope)
    }
    guard version == plan.parent else {
      throw RegistryError(
        .conflict, operation: "applying a plan to \(plan.scope)",
        reason: "it was made against version \(plan.parent), and the registry is at version"
          + " \(version): another controller was first. Plan again")
    }
  }

  /// The version of a scope, whose row is locked; 0 where it has none.
  borrowing private func lockedVersion(of scope: ScopeID) throws -> Int {
    try run(
      """
      SELECT version FROM scopes WHERE environment = \(scope.environment)
      AND customer = \(scope.customer) FOR UPDATE
      """
    ).first?.int("version") ?? 0
  }

  borrowing fileprivate func writeRows(
    of plan: Plan, checkpoint: PostgresConnection.Checkpoint
  ) throws {
    let rows = try ScopeRows(plan)
    try deleteRows(of: plan)
    checkpoint("apply.rows.deleted")
    try copyExperiments(rows)
    checkpoint("apply.experiments.written")
    try copyFlags(rows)
    checkpoint("apply.flags.written")
    try copyGroups(rows)
    try copyRests(rows)
    checkpoint("apply.groups.written")
    try copyMetrics(rows)
    checkpoint("apply.metrics.written")
    try copySegments(rows)
    checkpoint("apply.segments.written")
    try copyTombstones(rows)
    checkpoint("apply.tombstones.written")
    try copyKills(rows)
    checkpoint("apply.kills.written")
  }

  /// Removes the rows of all changed definitions, what rests and what is stopped; what remains is
  /// written anew.
  borrowing fileprivate func deleteRows(of plan: Plan) throws {
    func keys(_ kind: Kind) -> [String] {
      plan.changes.filter { $0.identity.kind == kind }.map(\.identity.key)
    }
    let (environment, customer) = (plan.scope.environment, plan.scope.customer)
    try run(
      """
      DELETE FROM experiments WHERE environment = \(environment) AND customer_id = \(customer)
      AND key = ANY(\(keys(.experiment)))
      """)
    try run(
      """
      DELETE FROM feature_flags WHERE environment = \(environment) AND customer_id = \(customer)
      AND key = ANY(\(keys(.flag)))
      """)
    try run(
      """
      DELETE FROM metrics WHERE environment = \(environment) AND customer_id = \(customer)
      AND key = ANY(\(keys(.metric)))
      """)
    try run(
      """
      DELETE FROM segments WHERE environment = \(environment) AND customer_id = \(customer)
      AND key = ANY(\(keys(.segment)))
      """)
    try run(
      """
      DELETE FROM exclusion_groups WHERE environment = \(environment) AND customer_id = \(customer)
      AND key = ANY(\(keys(.group)))
      """)
    try run(
      """
      DELETE FROM rests WHERE environment = \(environment) AND customer_id = \(customer)
      """)
    try run(
      "DELETE FROM kills WHERE environment = \(environment) AND customer = \(customer)")
    for kind in Kind.allCases {
      try run(
        """
        DELETE FROM tombstones WHERE environment = \(environment) AND customer = \(customer)
        AND kind = \(kind.rawValue) AND key = ANY(\(keys(kind)))
        """)
    }
  }

  borrowing fileprivate func writeVersion(_ applied: AppliedScope, _ pointer: Pointer) throws
    -> ScopeHead
  {
    let plan = applied.plan
    let (environment, customer) = (plan.scope.environment, plan.scope.customer)
    let version = applied.state.version
    let payload = pointer.payload
    try run(
      """
      INSERT INTO snapshots (environment, customer, version, commit, instant, payload)
      VALUES (\(environment), \(customer), \(version), \(plan.commit), \(plan.instant), \(payload))
      """)
    try run(
      """
      INSERT INTO scopes (environment, customer, version, commit, instant, schedule, payload)
      VALUES (\(environment), \(customer), \(version), \(plan.commit), \(plan.instant),
        \(plan.schedule), \(payload))
      ON CONFLICT (environment, customer) DO UPDATE SET version = EXCLUDED.version,
        commit = EXCLUDED.commit, instant = EXCLUDED.instant, schedule = EXCLUDED.schedule,
        payload = EXCLUDED.payload
      """)
    return ScopeHead(
      scope: plan.scope, version: version, commit: plan.commit, instant: plan.instant,
      payload: payload)
  }
}
