// What a pass finds before it begins: the time, the versions of all scopes, and whether origins and
// definitions belong to this registry at all. A reconciliation and a plan against the registry
// begin with the same one.

package import Documents
package import FlagstaffCore
package import PostgresRegistry

/// What an operator asks of approvals. Where nothing is asked, they are enforced once trust began.
package enum Enforcement: String, CaseIterable, Sendable {
  /// Trust has to have begun.
  case enforce
  /// Policies that are not met are told, and the change is applied; trust, history and freezes are
  /// enforced all the same.
  case warn
}

package struct Survey: Sendable {
  /// The database's clock.
  package let instant: Instant
  package let heads: [ScopeID: ScopeHead]
  /// The end of the audit chain.
  package let end: ChainHead
  /// The trust in force; nil where it never began.
  package let trust: RegisteredTrust?

  /// Reads the clock, the heads and the end of the audit chain. A wrong secret is found here,
  /// before anything is written.
  ///
  /// - Parameters:
  ///   - fixed: the instant instead of the clock's.
  ///   - mayBeEmpty: whether a database without a registry reads as an empty one.
  package static func read(
    _ registry: RegistryWorker, keys: AuditKeyring, fixed: Instant? = nil, mayBeEmpty: Bool = false
  ) async throws -> Survey {
    do {
      return try await registry.run { connection in
        try connection.transaction(isReadOnly: true) { transaction in
          let end = try transaction.chainHead()
          try keys.key(for: end)
          let heads = try transaction.heads().map { ($0.scope, $0) }
          return Survey(
            instant: try fixed ?? transaction.instant(),
            heads: Dictionary(heads, uniquingKeysWith: { first, _ in first }), end: end,
            trust: try transaction.trust(keys: keys))
        }
      }
    } catch let error as RegistryError where mayBeEmpty && error.code == .schemaMissing {
      return try await registry.run { connection in
        try connection.transaction(as: .login, isReadOnly: true) { transaction in
          Survey(instant: try fixed ?? transaction.instant(), heads: [:], end: .start, trust: nil)
        }
      }
    }
  }

  /// Refuses the definitions of another workspace: two that share a registry would overwrite each
  /// other, and the id is signed into pointers.
  package func requireSameWorkspace(_ loaded: LoadedDefinitions) throws {
    try ControllerError.requireSameWorkspace(
      loaded.definitions, heads.values.compactMap { Pointer(payload: $0.payload) },
      of: "the registry", remedy: "another database")
  }

  /// Refuses a registry in which trust never began, where approvals are to be enforced: it is
  /// another one, or was lost, and nothing in it would be gated.
  package func requireTrust(_ enforcement: Enforcement?) throws {
    guard trust == nil, enforcement == .enforce else { return }
    throw ControllerError(
      .trust, operation: "enforcing approvals",
      reason: "trust never began in this registry. Restore the database if it was lost; if it is"
        + " new, run `flagstaff trust init`, or reconcile without --approvals enforce")
  }

  /// Refuses origins that are further than the registry.
  ///
  /// - Parameter pointers: of each publisher's origin, read before this survey.
  func requireNotAhead(_ publishers: [Publisher], _ pointers: [[Pointer]]) throws {
    for (publisher, pointers) in zip(publishers, pointers) {
      try publisher.requireNotAhead(pointers, of: heads)
      try publisher.requireNotAhead(of: trust)
    }
  }
}

extension ControllerError {
  /// Refuses definitions of another workspace than the pointers'.
  static func requireSameWorkspace(
    _ definitions: Definitions, _ pointers: [Pointer], of place: String, remedy: String
  ) throws {
    guard let id = definitions.workspace?.id,
      let known = pointers.map(\.workspace).first(where: { !$0.hasSameBytes(as: id) })
    else { return }
    throw ControllerError(
      .otherWorkspace, operation: "comparing the workspace with \(place)",
      reason: "\(place) belongs to the workspace \(known), and these definitions are of"
        + " \(id). Give the repository of \(known), or \(remedy)")
  }
}
