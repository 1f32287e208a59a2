// Versions of trust in the registry. Each is its document with a MAC under the audit secret, so
// that a row that somebody wrote into the database by hand is told from one that the program
// wrote: nobody is judged by it, and nothing goes on.

internal import Documents
package import FlagstaffCore
internal import Signing

extension PostgresTransaction {
  /// The trust in force; nil where it never began.
  ///
  /// - Throws: `RegistryError` with the code `corrupt` where the row was edited by hand, or
  ///   `secretWrong` where it was written under another secret.
  package borrowing func trust(keys: AuditKeyring) throws -> RegisteredTrust? {
    try run(
      """
      SELECT version, commit, instant, beginning, document, mac, key_id
      FROM trust ORDER BY version DESC LIMIT 1
      """
    ).first.map { try Self.trust($0, keys) }
  }

  /// An accepted version of trust; nil where there is none of that number.
  package borrowing func trust(version: Int, keys: AuditKeyring) throws -> RegisteredTrust? {
    try run(
      """
      SELECT version, commit, instant, beginning, document, mac, key_id
      FROM trust WHERE version = \(version)
      """
    ).first.map { try Self.trust($0, keys) }
  }

  /// The row of a version as it is; nil where there is none.
  package borrowing func trustRow(version: Int) throws -> SealedRow? {
    try run("SELECT document, mac, key_id FROM trust WHERE version = \(version)").first
      .map { try SealedRow($0) }
  }

  /// The number of the trust in force; 0 where it never began.
  borrowing func trustVersion() throws -> Int {
    try run("SELECT coalesce(max(version), 0) AS version FROM trust").only().int("version")
  }

  private static func trust(_ row: Row, _ keys: AuditKeyring) throws -> RegisteredTrust {
    let version = try row.int("version")
    let operation = "reading version \(version) of trust"
    let (document, owner) = (try row.bytes("document"), try row.string("key_id"))
    guard let key = keys[owner] else {
      throw RegistryError(
        .secretWrong, operation: operation,
        reason: "it was written with the key \(owner), and no secret that is given makes it."
          + " Give the secret that it was written with")
    }
    let mac = key.mac(of: Signing.sha256(document), as: "trust-mac")
    guard Signing.constantTimeEqual(mac, try row.bytes("mac")),
      let node = try? JSONReader.read(document, depthMax: Limits.storedDepthMax),
      let trust = RegisteredTrust(document: node), trust.version == version,
      trust.commit == (try row.string("commit")), trust.instant == (try row.instant("instant")),
      trust.beginning.rawValue == (try row.string("beginning"))
    else {
      throw RegistryError(
        .corrupt, operation: operation,
        reason: "the row is not what the program wrote: it was edited by hand. Restore it")
    }
    return trust
  }
}

extension PostgresConnection {
  /// Commits a version of trust: its row, its events, and the evidence that they name.
  ///
  /// A reset runs as `flagstaff_owner`: a login that may not become that is refused.
  ///
  /// - Parameter keys: among which is the secret under which the log goes on.
  /// - Throws: `RegistryError` with the code `conflict` where another version came first, or
  ///   `secretWrong` where the chain was written under another secret. Nothing is written then.
  package func commit(
    _ applied: AppliedTrust, keys: AuditKeyring, checkpoint: Checkpoint
  ) throws {
    try transaction(as: applied.plan.beginning == .reset ? .owner : .application) { transaction in
      // No row is locked: whoever changes trust goes one after another.
      try transaction.run("SELECT pg_advisory_xact_lock(hashtextextended('flagstaff/trust', 0))")
      let version = try transaction.trustVersion()
      guard version == applied.plan.parent else {
        throw RegistryError(
          .conflict, operation: "changing trust",
          reason: "the plan was made against version \(applied.plan.parent), and the registry is"
            + " at version \(version): somebody else was first. Plan again")
      }
      let login = try transaction.run("SELECT session_user::text AS login").only().string("login")
      let end = try transaction.chainHead(locking: true)
      let key = try keys.key(for: end)
      try transaction.write(applied.trust, key: key)
      checkpoint("trust.version.written")
      try transaction.append(
        applied.events(after: end, key: key, login: login), after: end, at: applied.plan.instant,
        goingOnUnder: key)
      try transaction.keep(
        applied.admitted.counted, acceptedAt: applied.plan.instant, key: key)
      checkpoint("trust.events.written")
    }
    checkpoint("trust.committed")
  }
}

extension PostgresTransaction {
  borrowing fileprivate func write(_ trust: RegisteredTrust, key: AuditKey) throws {
    let document = CanonicalJSON.bytes(trust.document)
    try run(
      """
      INSERT INTO trust (version, commit, instant, beginning, document, mac, key_id)
      VALUES (\(trust.version), \(trust.commit), \(trust.instant), \(trust.beginning.rawValue),
        \(document), \(key.mac(of: Signing.sha256(document), as: "trust-mac")),
        \(key.identifier))
      """)
  }

  /// Authenticates every version of trust under a new secret, for a rotation: the caller's
  /// transaction holds the chain's lock.
  ///
  /// - Throws: where a version does not verify under a former secret.
  borrowing func sealTrust(_ keys: AuditKeyring, to next: AuditKey) throws {
    for version in 1..<(try trustVersion() + 1) {
      guard let trust = try trust(version: version, keys: keys) else { continue }
      let document = Signing.sha256(CanonicalJSON.bytes(trust.document))
      try run(
        """
        UPDATE trust SET mac = \(next.mac(of: document, as: "trust-mac")),
          key_id = \(next.identifier) WHERE version = \(version)
        """)
    }
  }

  /// Refuses to go on where trust changed since a plan was judged.
  borrowing func requireTrust(version judged: Int, for scope: ScopeID) throws {
    let version = try trustVersion()
    guard version == judged else {
      throw RegistryError(
        .conflict, operation: "applying a plan to \(scope)",
        reason: "it was judged by version \(judged) of trust, and the registry is at version"
          + " \(version). Plan again")
    }
  }
}
