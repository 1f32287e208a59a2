// Reads the audit log in the order of the chain, in pages, so that a log of any length is shown
// in constant memory. Events are handed on as the bytes that were stored; judging them is the
// core's.

package import Documents
package import FlagstaffCore
internal import Signing

/// Which events of the log are wanted; an empty list, or nil, means all.
package struct AuditFilter: Hashable, Sendable {
  package var environments: [String]
  package var customers: [String]
  /// Of the subject.
  package var key: String?
  /// Who acted as a member, or approved.
  package var person: String?
  /// The first hexadecimal digits of a commit, or all.
  package var commit: String?
  package var since: Instant?
  /// The first instant that is too late.
  package var until: Instant?

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
    // Every hexadecimal digit sorts before `g`, and instants sort as they are written.
    let (commit, beyond) = (filter.commit, filter.commit.map { $0 + "g" })
    let (since, until) = (filter.since?.description, filter.until?.description)
    let rows = try run(
      """
      SELECT sequence, bytes, hash, mac FROM audit_events
      WHERE sequence > \(sequence)
        AND (\(filter.environments.isEmpty) OR environment = ANY(\(filter.environments)))
        AND (\(filter.customers.isEmpty) OR customer = ANY(\(filter.customers)))
        AND (\(filter.key)::text IS NULL OR key = \(filter.key))
        AND (\(filter.person)::text IS NULL OR people @> ARRAY[\(filter.person)::text])
        AND (\(commit)::text IS NULL OR (commit >= \(commit) AND commit < \(beyond)))
        AND (\(since)::text IS NULL OR instant >= \(since))
        AND (\(until)::text IS NULL OR instant < \(until))
      ORDER BY sequence LIMIT \(Self.pageSize)
      """)
    return try rows.map { try Self.event($0) }
  }

  /// The number of the last event that is dated before an instant; nil where there is none.
  package borrowing func lastAuditEvent(before instant: Instant) throws -> Int? {
    try run(
      """
      SELECT sequence FROM audit_events WHERE instant < \(instant.description)
      ORDER BY sequence DESC LIMIT 1
      """
    ).first.map { try $0.int("sequence") }
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
