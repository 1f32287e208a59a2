// Where a key is registered, and what is stopped there: for whoever knows the name of what goes
// wrong and not yet where it is. It reads rows as they are and judges nothing; what is done about
// them is planned against the whole state.

package import Documents
package import FlagstaffCore

/// A definition that answers, in one scope.
package struct RegisteredPlace: Hashable, Sendable {
  package let scope: ScopeID
  package let identity: Identity
  /// Since when it is killed; nil where it is not.
  package let killed: Instant?
}

extension PostgresTransaction {
  /// The name with which the session began, whatever role it took since.
  package borrowing func login() throws -> String {
    try run("SELECT session_user::text AS login").only().string("login")
  }

  /// The flags and experiments of a key, in the order of scopes and kinds.
  package borrowing func places(of key: String) throws -> [RegisteredPlace] {
    try places(
      try run(
        """
        SELECT d.environment, d.customer, d.kind, d.key, k.since
        FROM (
          SELECT environment, customer_id AS customer, 'experiment' AS kind, key FROM experiments
          UNION ALL
          SELECT environment, customer_id, 'flag', key FROM feature_flags
        ) AS d
        LEFT JOIN kills k USING (environment, customer, kind, key)
        WHERE d.key = \(key) ORDER BY 1, 2, 3
        """))
  }

  /// All that is killed, in the order of scopes, kinds and keys.
  package borrowing func killedPlaces() throws -> [RegisteredPlace] {
    try places(
      try run("SELECT environment, customer, kind, key, since FROM kills ORDER BY 1, 2, 3, 4"))
  }

  borrowing private func places(_ rows: Rows) throws -> [RegisteredPlace] {
    try rows.map { row in
      RegisteredPlace(
        scope: ScopeID(
          environment: try row.string("environment"), customer: try row.string("customer")),
        identity: Identity(
          try kind(of: row, in: "definitions"), try row.string("key")),
        killed: try row.optionalInstant("since"))
    }
  }
}
