// What is recorded of approvals, beside what Git has: in the registry all of it, at an origin no
// more than which trust is in force. A plan against an origin is judged by that and by the refs of
// the clone; what only the registry knows is a doubt, or is told beside the plan.

internal import Documents
package import FlagstaffCore
package import PostgresRegistry
internal import Signing

package enum ApprovalRecords: Sendable {
  /// - Parameters:
  ///   - reads: under which the log goes on.
  ///   - isKept: whether evidence that is new is written there.
  case registry(RegistryWorker, AuditKeyring, reads: AuditKey, isKept: Bool)
  /// Nothing of it can be read.
  case none
}

extension ApprovalRecords {
  /// All evidence that stands.
  ///
  /// - Throws: `RegistryError`, `SSHKeygenError`, `GitError`.
  func evidence(
    _ gathering: EvidenceGathering, at instant: Instant
  ) async throws -> GatheredEvidence {
    switch self {
    case .registry(let registry, _, let key, let isKept):
      try await gathering.run(registry, key: key, isKept: isKept, at: instant)
    case .none: try await gathering.run()
    }
  }

  /// An accepted version of trust.
  ///
  /// - Throws: `ControllerError` where it is not known here; `RegistryError`.
  func trust(version: Int) async throws -> RegisteredTrust {
    if case .registry(let registry, let keys, _, _) = self {
      let trust = try await registry.run { connection in
        try connection.transaction(isReadOnly: true) { try $0.trust(version: version, keys: keys) }
      }
      if let trust { return trust }
    }
    throw ControllerError(
      .trust, operation: "reading version \(version) of trust",
      reason: "the change was made before the trust that is in force, and the trust before that is"
        + " known to the registry alone. Plan against the registry, or bring the branch up to date")
  }

  /// Shows that nothing is missing of what was applied lately: whoever takes an event away would
  /// have its exposure forgotten.
  ///
  /// - Parameter isOfAllTime: whether nothing may be missing at all.
  /// - Throws: `RegistryError`, with the code `corrupt` where something is.
  func requireWhole(ofAllTime isOfAllTime: Bool, at instant: Instant) async throws {
    guard case .registry(let registry, let keys, _, _) = self else { return }
    let since = isOfAllTime ? nil : instant.adding(seconds: -ExposureHistory.seconds)
    try await VerifiedEvents.requireWhole(since: since, registry, keys)
  }

  /// What was applied to a scope lately; nothing where nobody can tell.
  ///
  /// - Throws: `RegistryError`.
  func recentChanges(
    of scope: ScopeID, breaking broken: Set<Identity>, at instant: Instant
  ) async throws -> RecentChanges {
    guard case .registry(let registry, let keys, _, _) = self else { return .none }
    return try await RecentChanges.read(scope, breaking: broken, at: instant, registry, keys)
  }
}
