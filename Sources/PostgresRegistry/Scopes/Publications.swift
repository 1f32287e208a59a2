// When each version was first seen at each origin. A pass records what it found in place or put
// there, at its end and all at once, so the instant is the latest at which users could not yet have
// had the version, and a crash in between only makes it later.

package import Documents
package import FlagstaffCore

/// A version that was seen at an origin.
package struct SeenPublication: Hashable, Sendable {
  package let version: Int
  /// As the controller's options name it.
  package let origin: String
  package let instant: Instant
}

extension PostgresTransaction {
  /// Records that origins have these versions; what is recorded already stays.
  ///
  /// - Parameter fixed: the instant instead of the database's clock.
  package borrowing func recordPublications(
    of heads: [ScopeHead], at origins: [String], fixed: Instant?
  ) throws {
    guard !heads.isEmpty, !origins.isEmpty else { return }
    try run(
      """
      INSERT INTO publications (environment, customer, version, origin, published)
      SELECT head.environment, head.customer, head.version::bigint, origin.name,
        coalesce(\(fixed), date_trunc('second', now()))
      FROM unnest(\(heads.map(\.scope.environment)), \(heads.map(\.scope.customer)),
          \(heads.map { String($0.version) })) AS head (environment, customer, version),
        unnest(\(origins)) AS origin (name)
      ON CONFLICT DO NOTHING
      """)
  }

  /// Where and when versions of a scope were seen, in their order.
  package borrowing func publications(of scope: ScopeID) throws -> [SeenPublication] {
    try run(
      """
      SELECT version, origin, published FROM publications
      WHERE environment = \(scope.environment) AND customer = \(scope.customer)
      ORDER BY version, published, origin
      """
    ).map {
      SeenPublication(
        version: try $0.int("version"), origin: try $0.string("origin"),
        instant: try $0.instant("published"))
    }
  }
}
