// What a pass asks the registry before anything else: the instant, the head of each scope, and the
// end of the audit chain. A pass with nothing new needs no more than this.

package import Documents
package import FlagstaffCore
internal import Signing

/// The current version of a scope.
package struct ScopeHead: Hashable, Sendable {
  package let scope: ScopeID
  package let version: Int
  package let commit: String
  package let instant: Instant
  /// The pointer's payload, to the byte.
  package let payload: [UInt8]
}

extension PostgresTransaction {
  /// The database's clock, in whole seconds: the one clock of all controllers.
  package borrowing func instant() throws -> Instant {
    try run("SELECT date_trunc('second', now()) AS instant").only().instant("instant")
  }

  /// The head of every scope, in the order of scopes.
  package borrowing func heads() throws -> [ScopeHead] {
    try run(
      """
      SELECT environment, customer, version, commit, instant, payload
      FROM scopes ORDER BY environment, customer
      """
    ).map { try Self.head($0) }
  }

  /// The head of one scope; nil where nothing was ever applied.
  package borrowing func head(of scope: ScopeID) throws -> ScopeHead? {
    try run(
      """
      SELECT environment, customer, version, commit, instant, payload FROM scopes
      WHERE environment = \(scope.environment) AND customer = \(scope.customer)
      """
    ).first.map { try Self.head($0) }
  }

  static func head(_ row: Row) throws -> ScopeHead {
    ScopeHead(
      scope: ScopeID(
        environment: try row.string("environment"), customer: try row.string("customer")),
      version: try row.int("version"), commit: try row.string("commit"),
      instant: try row.instant("instant"), payload: try row.bytes("payload"))
  }

  /// The recorded end of the audit chain.
  ///
  /// - Parameter locking: whether to hold it until the transaction ends; it is locked last.
  package borrowing func chainHead(locking: Bool = false) throws -> ChainHead {
    let rows =
      locking
      ? try run("SELECT sequence, hash, key_id FROM audit_chain FOR UPDATE")
      : try run("SELECT sequence, hash, key_id FROM audit_chain")
    guard let row = rows.first else { return .start }
    guard let hash = Digest(bytes: try row.bytes("hash")) else {
      throw RegistryError(
        .corrupt, operation: "reading the end of the audit chain", reason: "its hash is damaged")
    }
    return ChainHead(
      sequence: try row.int("sequence"), hash: hash, key: try row.string("key_id"))
  }
}
