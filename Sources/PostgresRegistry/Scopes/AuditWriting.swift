// Appends to the audit log. Whoever changes what is registered appends the events of it in the same
// transaction, under the lock of the chain's end, which is the last lock that it takes.

package import Documents
package import FlagstaffCore
internal import Signing

extension PostgresTransaction {
  /// Appends events and moves the end of the chain behind them.
  ///
  /// - Precondition: there are events, and they follow the end, which is locked.
  /// - Parameter key: under which the next event will be written.
  /// - Returns: the last of them.
  @discardableResult
  borrowing func append(
    _ events: [AuditEvent], after end: ChainHead, at instant: Instant, goingOnUnder key: AuditKey
  ) throws -> AuditEvent {
    try copyIn(table: "audit_events", columns: ["sequence", "bytes", "hash", "mac"]) { rows in
      for event in events {
        rows.int(event.sequence)
        rows.bytes(event.bytes)
        rows.bytes(event.hash.bytes)
        rows.bytes(event.mac)
        try rows.endRow()
      }
    }
    guard let last = events.last else {
      preconditionFailure("a plan without changes is not applied")
    }
    let moved = try run(
      """
      INSERT INTO audit_chain (sequence, hash, instant, key_id)
      VALUES (\(last.sequence), \(last.hash.bytes), \(instant), \(key.identifier))
      ON CONFLICT (singleton) DO UPDATE SET sequence = EXCLUDED.sequence, hash = EXCLUDED.hash,
        instant = EXCLUDED.instant, key_id = EXCLUDED.key_id
      WHERE audit_chain.sequence = \(end.sequence)
      RETURNING sequence
      """)
    guard moved.count == 1 else {
      throw RegistryError(
        .conflict, operation: "appending to the audit chain",
        reason: "another controller appended first. Try again")
    }
    return last
  }

  /// The last event of the log, once it is shown to be the recorded end of the chain and to be
  /// written by the holder of a secret: for whoever signs something about it.
  ///
  /// - Returns: nil where there is none.
  /// - Throws: `RegistryError` of code `corrupt` where they differ.
  package borrowing func lastAuditEvent(keys: AuditKeyring) throws -> AuditEvent? {
    let end = try chainHead()
    guard end.sequence > 0 else { return nil }
    let rows = try run(
      "SELECT sequence, bytes, hash, mac FROM audit_events WHERE sequence = \(end.sequence)")
    var walk = AuditWalk(trusting: .secrets(keys), from: .unverified(at: end.sequence))
    do {
      guard let row = rows.first else {
        throw AuditFailure(sequence: end.sequence, reason: "it is missing")
      }
      let event = try Self.event(row)
      try walk.check(event)
      try walk.checkEnd(end)
      return event
    } catch let failure as AuditFailure {
      throw RegistryError(
        .corrupt, operation: "reading the end of the audit log",
        reason: "\(failure). Run `flagstaff audit verify`, and restore the log from a backup")
    }
  }
}

extension PostgresConnection {
  /// What came of a rotation.
  package enum Rotation: Sendable {
    /// The event that names the new key.
    case rotated(AuditEvent, from: String)
    /// The log goes on under the new key already.
    case wasRotated
  }

  /// Lets the log go on under another secret.
  ///
  /// - Parameters:
  ///   - keys: among which is the secret under which the log goes on now.
  ///   - fixed: the instant instead of the database's clock.
  /// - Throws: `RegistryError` of code `secretWrong` where it is not among them, `conflict` where
  ///   the log is empty.
  package func rotateAuditKey(
    _ keys: AuditKeyring, to next: AuditKey, fixed: Instant?, checkpoint: Checkpoint
  ) throws -> Rotation {
    let rotation = try transaction { transaction -> Rotation in
      let end = try transaction.chainHead(locking: true)
      guard end.sequence > 0 else {
        throw RegistryError(
          .conflict, operation: "rotating the audit secret",
          reason: "the audit log is empty, so nothing was written with a secret yet. Give the new"
            + " one as AUDIT_HMAC_SECRET", consequence: .stalled)
      }
      if end.key == next.identifier { return .wasRotated }
      let old = try keys.key(for: end)
      let record = try transaction.rotation(to: next, keys: keys, fixed: fixed)
      let event = AuditRotation.event(record, after: end, from: old, to: next)
      try transaction.append([event], after: end, at: record.instant, goingOnUnder: next)
      try transaction.sealTrust(keys, to: next)
      checkpoint("rotation.event.written")
      return .rotated(event, from: old.identifier)
    }
    checkpoint("rotation.committed")
    return rotation
  }
}

extension PostgresTransaction {
  /// Workspace and mode are those of the log's last event, the actor is the login. The instant is
  /// never before that of another event of no scope.
  borrowing fileprivate func rotation(
    to next: AuditKey, keys: AuditKeyring, fixed: Instant?
  ) throws -> AuditRecord {
    guard let last = try lastAuditEvent(keys: keys) else {
      preconditionFailure("the chain has an end")
    }
    let body = try JSONReader.read(last.bytes, depthMax: Limits.storedDepthMax)
    let row = try run(
      """
      SELECT max(instant) AS latest FROM audit_events WHERE environment IS NULL
      """
    ).only()
    let clock = try fixed ?? instant()
    let latest = try row.optionalString("latest").flatMap { Instant($0) }
    return AuditRotation.record(
      to: next, workspace: body["workspace"]?.string ?? "",
      at: max(clock, latest ?? clock), by: try login(),
      mode: body["mode"]?.string.flatMap(ApprovalMode.init) ?? .ungated)
  }
}
