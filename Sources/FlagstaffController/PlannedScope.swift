// One scope, planned: all that can be found out without changing anything. A reconciliation and a
// plan take the same step. Should somebody else apply a version in between, the plan's parent is
// not the scope's version any more, and the registry refuses it.

internal import Documents
internal import FlagstaffCore
internal import PostgresRegistry

struct PlannedScope: Sendable {
  /// What the plan is made against.
  let state: ScopeState
  /// What the definitions say.
  let wanted: ResolvedScope
  let outcome: Plan.Outcome
  /// When something scheduled happens next; nil where nothing is.
  let due: Instant?

  /// - Throws: `MalformedForm` where a registered form cannot be read.
  static func make(
    _ wanted: ResolvedScope, against state: ScopeState, commit: String, at instant: Instant
  ) throws -> PlannedScope {
    let outcome = try Plan.make(wanted, against: state, commit: commit, at: instant)
    var due = wanted.nextInstant(after: max(instant, state.instant ?? instant))
    if case .plan(let plan) = outcome {
      due = ([due] + plan.waitingFor.map(\.until)).compactMap(\.self).min()
    }
    return PlannedScope(state: state, wanted: wanted, outcome: outcome, due: due)
  }

  /// The next version of the scope, which a second opinion agrees with.
  ///
  /// - Throws: `PlanDisagreement`, `SnapshotTooLarge`, `MalformedForm`.
  func checked(_ admitted: AdmittedPlan) throws -> CheckedScope {
    let applied = AppliedScope.apply(admitted, to: state)
    return try CheckedScope.check(
      applied, from: state, wanted: wanted,
      publication: try Publication.project(
        applied.state, flagdSplits: applied.plan.flagdSplits))
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
