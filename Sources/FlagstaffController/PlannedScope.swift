// One scope, planned: all that can be found out without changing anything. It is a step of its own
// so that the next scope is planned while the one before it is applied and published. Should
// somebody else apply a version in between, the plan's parent is not the scope's version any more,
// and the registry refuses it.

internal import Documents
internal import FlagstaffCore
internal import PostgresRegistry

struct PlannedScope: Sendable {
  /// When something scheduled happens next; nil where nothing is.
  let due: Instant?
  /// What the definitions say.
  let wanted: ResolvedScope
  let result: Result<(state: ScopeState, outcome: Plan.Outcome), any Error>

  /// Nil where findings hold the scope.
  ///
  /// - Parameter isRegistered: whether the scope has a version; without one there is nothing to
  ///   read.
  static func make(
    _ scope: ScopeID, of definitions: Definitions, commit: String, at instant: Instant,
    in registry: RegistryWorker, isRegistered: Bool
  ) async -> PlannedScope? {
    guard let wanted = ResolvedScope.resolve(scope, in: definitions) else { return nil }
    var due = wanted.nextInstant(after: instant)
    do {
      let state = isRegistered ? try await registry.state(of: scope) : .empty(scope)
      let outcome = try Plan.make(wanted, against: state, commit: commit, at: instant)
      if case .plan(let plan) = outcome {
        due = ([due] + plan.waitingFor.map(\.until)).compactMap(\.self).min()
      }
      return PlannedScope(due: due, wanted: wanted, result: .success((state, outcome)))
    } catch {
      return PlannedScope(due: due, wanted: wanted, result: .failure(error))
    }
  }
}

extension RegistryWorker {
  /// The head of a scope and the state that belongs to it.
  nonisolated func version(of scope: ScopeID) async throws -> (head: ScopeHead?, state: ScopeState)
  {
    try await run { connection in
      try connection.transaction(isolation: .repeatableRead, isReadOnly: true) {
        (try $0.head(of: scope), try $0.state(of: scope))
      }
    }
  }

  /// The registered state of a scope, in one view of the registry.
  nonisolated func state(of scope: ScopeID) async throws -> ScopeState {
    try await run { connection in
      try connection.transaction(isolation: .repeatableRead, isReadOnly: true) {
        try $0.state(of: scope)
      }
    }
  }
}
