// Reads the audit log in the order of the chain, in pages, so that a log of any length is shown
// in constant memory. Events are handed on as the bytes that were stored; judging them is the
// core's.

package import FlagstaffCore
internal import Signing

/// Which events of the log are wanted; an empty list, or nil, means all.
package struct AuditFilter: Hashable, Sendable {
  package var environments: [String]
  package var customers: [String]
  package var key: String?

  package init(environments: [String] = [], customers: [String] = [], key: String? = nil) {
    self.environments = environments
    self.customers = customers
    self.key = key
  }
}

extension PostgresTransaction {
  /// Events read at a time.
  private static var pageSize: Int { 500 }

  /// The next page of the events that the filter lets through, in order; empty at the end. Events
  /// are only ever added behind the last, so pages of several transactions make one whole log.
  ///
  /// - Parameter sequence: the last event that was read; 0 before the first.
  package borrowing func auditEvents(
    _ filter: AuditFilter = AuditFilter(), after sequence: Int
  ) throws -> [AuditEvent] {
    let rows = try run(
      """
      SELECT sequence, bytes, hash, mac FROM audit_events
      WHERE sequence > \(sequence)
        AND (\(filter.environments.isEmpty) OR environment = ANY(\(filter.environments)))
        AND (\(filter.customers.isEmpty) OR customer = ANY(\(filter.customers)))
        AND (\(filter.key)::text IS NULL OR key = \(filter.key))
      ORDER BY sequence LIMIT \(Self.pageSize)
      """)
    return try rows.map { try Self.event($0) }
  }

  static func event(_ row: Row) throws -> AuditEvent {
    let sequence = try row.int("sequence")
    guard let hash = Digest(bytes: try row.bytes("hash")) else {
      throw AuditFailure(sequence: sequence, reason: "its hash is damaged")
    }
    return AuditEvent(
      sequence: sequence, bytes: try row.bytes("bytes"), hash: hash, mac: try row.bytes("mac"))
  }
}
