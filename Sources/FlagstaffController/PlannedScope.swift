// One scope, planned: all that can be found out without changing anything. A reconciliation and a
// plan take the same step. Should somebody else apply a version in between, the plan's parent is
// not the scope's version any more, and the registry refuses it.

internal import Documents
internal import FlagstaffCore
internal import PostgresRegistry

struct PlannedScope: Sendable {
  enum Outcome: Sendable {
    /// A plan, and the definitions that it was made for.
    case plan(Plan, ResolvedScope)
    /// The findings, of the files or of the plan, that hold the scope at its version.
    case held([Finding])
  }

  /// What the plan is made against.
  let state: ScopeState
  let outcome: Outcome
  /// When something scheduled happens next; nil where nothing is.
  let due: Instant?

  /// What a commit's definitions come to.
  ///
  /// - Parameter trust: the accepted one, whose settings count; nil where trust never began.
  /// - Throws: `MalformedForm` where a registered form cannot be read.
  static func make(
    _ definitions: Definitions, by trust: Trust?, against state: ScopeState, commit: String,
    at instant: Instant
  ) throws -> PlannedScope {
    guard let wanted = ResolvedScope.resolve(state.scope, in: definitions, by: trust) else {
      let findings = definitions.findings(holding: state.scope)
      return PlannedScope(state: state, outcome: .held(findings), due: nil)
    }
    return try make(wanted, against: state, commit: commit, at: instant)
  }

  /// What schedules order of the registered definitions, for a scope whose definitions at the head
  /// do not go ahead: an experiment ends on its day, whatever waits beside it. The commit stays the
  /// one that was applied last.
  ///
  /// - Parameter workspace: nil where the head's is broken: then nothing goes on.
  /// - Returns: nil where nothing is registered, or what is due could not be applied either.
  /// - Throws: `MalformedForm`.
  func byClock(
    in workspace: Definitions.Workspace?, at instant: Instant
  ) throws -> PlannedScope? {
    guard let workspace, let commit = state.commit else { return nil }
    let registered = ResolvedScope.again(
      state.scope, state.definitions.mapValues(\.definition), in: workspace)
    let planned = try Self.make(registered, against: state, commit: commit, at: instant)
    guard case .plan(let plan, _) = planned.outcome, plan.waitingFor.isEmpty else { return nil }
    return planned
  }

  private static func make(
    _ wanted: ResolvedScope, against state: ScopeState, commit: String, at instant: Instant
  ) throws -> PlannedScope {
    var due = wanted.nextInstant(after: max(instant, state.instant ?? instant))
    switch try Plan.make(wanted, against: state, commit: commit, at: instant) {
    case .held(let findings):
      return PlannedScope(state: state, outcome: .held(findings), due: due)
    case .plan(let plan):
      due = ([due] + plan.waitingFor.map(\.until)).compactMap(\.self).min()
      return PlannedScope(state: state, outcome: .plan(plan, wanted), due: due)
    }
  }
}

extension CheckedScope {
  /// The next version of a scope, which a second opinion agrees with.
  ///
  /// - Throws: `PlanDisagreement`, `SnapshotTooLarge`, `MalformedForm`.
  static func check(
    _ admitted: AdmittedPlan, _ wanted: ResolvedScope, against state: ScopeState
  ) throws -> CheckedScope {
    let applied = AppliedScope.apply(admitted, to: state)
    return try check(
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
