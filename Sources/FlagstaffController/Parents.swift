// What plans are made against: every scope at its version, in the registry or read from elsewhere.
// Where the states come from makes no difference to a plan, so the same parents lead to the same
// bytes, whether a database was asked or files and a public key.

package import FlagstaffCore
package import PostgresRegistry

package struct Parents: Sendable {
  private enum Source: Sendable {
    /// Read when a scope's turn comes.
    case registry(RegistryWorker)
    /// Read already, each with what came of it.
    case states([ScopeID: Result<ScopeState, any Error>])
  }

  /// Every scope that has a version.
  package let scopes: Set<ScopeID>
  /// What whoever reads the plan should know about them: a sentence each.
  package let notes: [String]
  /// The trust in force; nil where it never began, or nothing tells.
  let trust: RegisteredTrust?
  let records: ApprovalRecords
  /// The commits of all scopes.
  let commits: Set<String>
  private let source: Source

  /// Nothing was ever applied anywhere.
  package static let none = Parents(states: [:], notes: [])

  /// What the registry has. Origins are looked at too: one that is further than the registry means
  /// that the database was lost, and then no plan against it is worth anything.
  ///
  /// - Throws: `ControllerError` where an origin is ahead, or the registry is another workspace's.
  package static func registry(
    _ registry: RegistryWorker, _ publishers: [Publisher], keys: AuditKeyring,
    for loaded: LoadedDefinitions, _ survey: () async throws -> Survey
  ) async throws -> (parents: Parents, survey: Survey) {
    let pointers = try publishers.map { try $0.pointers() }
    let survey = try await survey()
    try survey.requireNotAhead(publishers, pointers)
    try survey.requireSameWorkspace(loaded)
    let parents = Parents(
      scopes: Set(survey.heads.keys), notes: [], trust: survey.trust,
      records: .registry(registry, keys, reads: try keys.key(for: survey.end), isKept: false),
      commits: Set(survey.heads.values.map(\.commit)), source: .registry(registry))
    return (parents, survey)
  }

  /// - Parameter commits: of all scopes.
  init(
    states: [ScopeID: Result<ScopeState, any Error>], notes: [String],
    trust: RegisteredTrust? = nil, commits: Set<String> = []
  ) {
    self.init(
      scopes: Set(states.keys), notes: notes, trust: trust, records: .none, commits: commits,
      source: .states(states))
  }

  private init(
    scopes: Set<ScopeID>, notes: [String], trust: RegisteredTrust?, records: ApprovalRecords,
    commits: Set<String>, source: Source
  ) {
    self.scopes = scopes
    self.notes = notes
    self.trust = trust
    self.records = records
    self.commits = commits
    self.source = source
  }

  /// The state that a scope's plan is made against; the empty one where it has no version.
  func state(of scope: ScopeID) async throws -> ScopeState {
    guard scopes.contains(scope) else { return .empty(scope) }
    switch source {
    case .registry(let registry): return try await registry.state(of: scope)
    case .states(let states): return try states[scope]?.get() ?? .empty(scope)
    }
  }
}
