// The life of a definition: every event of its key, with why its commit says that it was made, and
// when each version was first seen at each origin. The record is the audit log's; the commit's
// words come from Git, where its author wrote whatever he liked.

package import Documents
internal import FlagstaffCore
internal import Foundation
package import GitSource
package import PostgresRegistry

package struct FlagHistory: Sendable {
  /// One change.
  package struct Change: Sendable {
    /// The audit event.
    package let event: Node
    /// Nil where the repository does not have the commit.
    package let commit: CommitInformation?
    /// Where and when the version was seen, the first place first.
    package let seen: [SeenPublication]
  }

  package let changes: [Change]

  /// Reads the history of a key.
  ///
  /// - Parameters:
  ///   - filter: which events count.
  ///   - source: the repository; nothing is fetched, and it may lack any commit.
  package static func read(
    _ filter: AuditFilter, _ registry: RegistryWorker, _ source: DefinitionsSource
  ) async throws -> FlagHistory {
    var events: [Node] = []
    var last: Int? = 0
    while let sequence = last {
      let page = try await registry.run { connection in
        try connection.transaction(isReadOnly: true) {
          try $0.auditEvents(filter, after: sequence)
        }
      }
      events += try page.map { try JSONReader.read($0.bytes, depthMax: Limits.storedDepthMax) }
      last = page.last?.sequence
    }
    let commits = await source.information(
      of: Set(events.compactMap { $0["commit"]?.string.flatMap { CommitID($0) } }))
    let seen = try await publications(of: Set(events.compactMap(scope(of:))), registry)
    return FlagHistory(
      changes: events.map { event in
        let version = event["version"]?.integer
        return Change(
          event: event,
          commit: event["commit"]?.string.flatMap { CommitID($0) }
            .flatMap { commits[$0] },
          seen: scope(of: event).flatMap { seen[$0] }?.filter { $0.version == version } ?? [])
      })
  }

  private static func scope(of event: Node) -> ScopeID? {
    guard let environment = event["environment"]?.string,
      let customer = event["customer"]?.string
    else { return nil }
    return ScopeID(environment: environment, customer: customer)
  }

  private static func publications(
    of scopes: Set<ScopeID>, _ registry: RegistryWorker
  ) async throws -> [ScopeID: [SeenPublication]] {
    try await registry.run { connection in
      try connection.transaction(isReadOnly: true) { transaction in
        var seen: [ScopeID: [SeenPublication]] = [:]
        for scope in scopes { seen[scope] = try transaction.publications(of: scope) }
        return seen
      }
    }
  }
}

extension DefinitionsSource {
  /// What the repository knows of some commits, as far as it has them.
  func information(of commits: Set<CommitID>) async -> [CommitID: CommitInformation] {
    var known: [CommitID: CommitInformation] = [:]
    for commit in commits { known[commit] = try? await worker.information(of: commit) }
    return known
  }
}
