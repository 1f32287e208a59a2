// Reads what a scope was: every version that was ever applied, newest first, and the audit events
// of one of them. Whoever asks since when an answer holds walks back through these.

package import Documents
package import FlagstaffCore
internal import Signing

extension PostgresTransaction {
  /// Versions read at a time.
  private static var versionsAtOnce: Int { 100 }

  /// The next versions of a scope, newest first; empty at the end.
  ///
  /// - Parameters:
  ///   - version: only those below it; nil for the newest.
  ///   - instant: only those that were applied by then; nil for all.
  package borrowing func versions(
    of scope: ScopeID, below version: Int? = nil, until instant: Instant? = nil
  ) throws -> [ScopeHead] {
    try run(
      """
      SELECT environment, customer, version, commit, instant, payload FROM snapshots
      WHERE environment = \(scope.environment) AND customer = \(scope.customer)
        AND (\(version) IS NULL OR version < \(version))
        AND (\(instant) IS NULL OR instant <= \(instant))
      ORDER BY version DESC LIMIT \(Self.versionsAtOnce)
      """
    ).map { try Self.head($0) }
  }

  /// The events of one version of a scope, in order.
  package borrowing func auditEvents(of scope: ScopeID, version: Int) throws -> [AuditEvent] {
    try run(
      """
      SELECT sequence, bytes, hash, mac FROM audit_events
      WHERE environment = \(scope.environment) AND customer = \(scope.customer)
        AND version = \(version)
      ORDER BY sequence
      """
    ).map { try Self.event($0) }
  }
}
