// Who approved a version of trust. The version itself says by which commit it is in force; who was
// asked stands in its audit events, and is told from there.

internal import Documents
package import FlagstaffCore
internal import PostgresRegistry

package struct TrustApprovals: Sendable {
  /// By key, sorted; none of a version that an operator began.
  package let people: [String]
  /// Whether the only ADMIN approved what he wrote himself.
  package let isSoleAdmin: Bool
}

extension TrustStep {
  /// Reads them.
  ///
  /// - Throws: `RegistryError`, with the code `corrupt` where the events are not what was written,
  ///   and `secretWrong` where the log goes on under a secret that is not given.
  package func approvals(of trust: RegisteredTrust) async throws -> TrustApprovals {
    var filter = AuditFilter()
    filter.commit = trust.commit
    filter.since = trust.instant
    filter.until = trust.instant.adding(seconds: 1)
    let events = try await VerifiedEvents.read(filter, registry, keys).filter { event in
      event["environment"] == nil && event["version"]?.integer == trust.version
        && event["subject"]?["kind"]?.string.flatMap(TrustKind.init) != nil
    }
    let people = events.flatMap { $0["approvals"]?.sequence ?? [] }
      .compactMap { $0["person"]?.string }
    return TrustApprovals(
      people: Set(people).sorted { $0.precedesInBytes($1) },
      isSoleAdmin: events.contains { $0["verdict"]?["soleAdmin"]?.boolean == true })
  }
}
