// Reads the audit log in the order of the chain, in pages, so that a log of any length is verified
// or shown in constant memory. Events are handed on as the bytes that were stored; judging them is
// the core's.

package import FlagstaffCore
internal import Signing

/// Which events of the log are wanted; nil means all.
package struct AuditFilter: Hashable, Sendable {
  package var environment: String?
  package var customer: String?
  package var key: String?

  package init(environment: String? = nil, customer: String? = nil, key: String? = nil) {
    self.environment = environment
    self.customer = customer
    self.key = key
  }
}

extension PostgresTransaction {
  /// Events read at a time.
  private static var pageSize: Int { 500 }

  /// Hands every event that the filter lets through to a body, in order.
  package borrowing func forEachAuditEvent(
    _ filter: AuditFilter = AuditFilter(), _ body: (AuditEvent) throws -> Void
  ) throws {
    var last = 0
    while true {
      let rows = try run(
        """
        SELECT sequence, bytes, hash, mac FROM audit_events
        WHERE sequence > \(last)
          AND (\(filter.environment)::text IS NULL OR environment = \(filter.environment))
          AND (\(filter.customer)::text IS NULL OR customer = \(filter.customer))
          AND (\(filter.key)::text IS NULL OR key = \(filter.key))
        ORDER BY sequence LIMIT \(Self.pageSize)
        """)
      for row in rows {
        let sequence = try row.int("sequence")
        guard let hash = Digest(bytes: try row.bytes("hash")) else {
          throw AuditFailure(sequence: sequence, reason: "its hash is damaged")
        }
        try body(
          AuditEvent(
            sequence: sequence, bytes: try row.bytes("bytes"), hash: hash,
            mac: try row.bytes("mac")))
        last = sequence
      }
      if rows.count < Self.pageSize { return }
    }
  }
}
