// Audit events that something is decided by, or told from. An event counts only with its code,
// because whoever owns the database could otherwise forget, or invent, what was applied and who
// approved it.

internal import Documents
internal import FlagstaffCore
internal import PostgresRegistry
internal import Signing

enum VerifiedEvents {
  /// The events that a filter lets through, in their order.
  ///
  /// - Throws: `RegistryError`, with the code `corrupt` where an event is not what was written.
  static func read(
    _ filter: AuditFilter, _ registry: RegistryWorker, _ keys: AuditKeyring
  ) async throws -> [Node] {
    try await registry.run { connection in
      try connection.transaction(isReadOnly: true) { transaction in
        var events: [Node] = []
        var sequence = 0
        while true {
          let page = try transaction.auditEvents(filter, after: sequence)
          guard let last = page.last else { return events }
          events += try page.map { try body(of: $0, keys) }
          sequence = last.sequence
        }
      }
    }
  }

  private static func body(of event: AuditEvent, _ keys: AuditKeyring) throws -> Node {
    let node = try? JSONReader.read(event.bytes, depthMax: Limits.storedDepthMax)
    guard let node, let key = node["key"]?.string.flatMap({ keys[$0] }),
      Signing.constantTimeEqual(key.mac(of: Signing.sha256(event.bytes)), event.mac)
    else {
      throw RegistryError(
        .corrupt, operation: "reading what was applied",
        reason: "event \(event.sequence) is not what was written, or was written under a secret"
          + " that is not given. See `flagstaff audit verify`")
    }
    return node
  }
}
