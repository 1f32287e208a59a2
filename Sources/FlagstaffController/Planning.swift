// A plan and nothing but a plan: what a pass would do to each scope at an instant, and what the
// schedule would do after that. It takes the step that a reconciliation takes, the second opinion
// included, and carries nothing out.

package import Documents
package import FlagstaffCore

package struct Planning: Sendable {
  /// Definitions, and what a plan calls their commit.
  package struct Wanted: Sendable {
    package let loaded: LoadedDefinitions
    package let commit: String
    /// How messages call them.
    package let name: String

    /// The scopes that are defined.
    package var scopes: Set<ScopeID> { Set(loaded.definitions.scopes) }

    package init(_ loaded: LoadedDefinitions, commit: String, name: String) {
      self.loaded = loaded
      self.commit = commit
      self.name = name
    }
  }

  private let parents: Parents
  /// Applied to the parents first, one after another.
  private let former: [Wanted]
  private let selection: ScopeSelection
  private let progress: ProgressReporter

  /// - Parameter former: what counts as applied before the plan is made. What a pass would hold or
  ///   let wait stays as it was.
  package init(
    against parents: Parents, after former: [Wanted] = [],
    selection: ScopeSelection = ScopeSelection(),
    progress: ProgressReporter = ProgressReporter()
  ) {
    self.parents = parents
    self.former = former
    self.selection = selection
    self.progress = progress
  }

  /// Plans.
  ///
  /// - Parameters:
  ///   - instant: the pass's instant; a scope whose version is later is planned at its version's.
  ///   - end: until when scheduled changes are planned too; nil for none.
  /// - Throws: `ControllerError` where no scope is selected or too much is scheduled; what the
  ///   world refused.
  package func run(_ wanted: Wanted, at instant: Instant, until end: Instant? = nil) async throws
    -> PassReport
  {
    let definitions = wanted.loaded.definitions
    var all = wanted.scopes.union(parents.scopes)
    for former in former { all.formUnion(former.scopes) }
    let scopes = try selection.chosen(from: all)
    var (results, notes) = ([PassReport.Scope](), parents.notes)
    var schedule = Schedule(end: end)
    for (index, scope) in scopes.enumerated() {
      progress.report("planning scopes", done: index, of: scopes.count)
      do {
        let state = try await state(of: scope, at: instant, &notes)
        let first = try take(scope, wanted, against: state, at: instant)
        results.append(first.result)
        try schedule.follow(first) { state, instant in
          try take(scope, wanted, against: state, at: instant)
        }
      } catch  where error.isOfOneScope {
        results.append(.failed(scope, error))
      }
    }
    var report = PassReport(
      commit: wanted.commit, instant: instant, workspace: definitions.workspace?.id,
      findings: definitions.findings, scopes: results, files: wanted.loaded.files,
      parsed: wanted.loaded.parsed)
    report.notes = notes
    if end != nil { report.scheduled = schedule.steps }
    return report
  }

  /// What a scope's plan is made against.
  private func state(
    of scope: ScopeID, at instant: Instant, _ notes: inout [String]
  ) async throws -> ScopeState {
    var state = try await parents.state(of: scope)
    if let last = state.instant, last > instant {
      notes.append("\(scope) is planned at \(last), when its version \(state.version) was applied.")
    }
    for former in former {
      let taken = try take(scope, former, against: state, at: instant)
      state = taken.following
      let reason: String? =
        switch taken.result.outcome {
        case .held: "findings hold it"
        case .planned(let plan) where !plan.waitingFor.isEmpty: "it waits"
        default: nil
        }
      if let reason {
        notes.append(
          "\(scope) counts without \(former.name): \(reason) there, so it would not be applied.")
      }
    }
    return state
  }

  /// One scope at one instant.
  private func take(
    _ scope: ScopeID, _ wanted: Wanted, against state: ScopeState, at instant: Instant
  ) throws -> Taken {
    let definitions = wanted.loaded.definitions
    let planned = try PlannedScope.make(
      definitions, against: state, commit: wanted.commit, at: instant)
    if case .plan(let plan, let resolved) = planned.outcome {
      let result = PassReport.Scope.dry(scope, state, .planned(plan), due: planned.due)
      if plan.isEmpty { return Taken(result: result, following: state) }
      if let admitted = AdmittedPlan.judge(plan, by: .ungated).admitted {
        // What could not be published, or fails the second check, would fail only after the merge.
        _ = try CheckedScope.check(admitted, resolved, against: state)
        return Taken(result: result, following: plan.preview(of: state))
      }
    }
    return try goOn(planned, definitions, at: instant)
  }

  /// What the schedule does to a scope that is held, or waits.
  private func goOn(
    _ planned: PlannedScope, _ definitions: Definitions, at instant: Instant
  ) throws -> Taken {
    let (scope, state) = (planned.state.scope, planned.state)
    let clock = try planned.byClock(in: definitions.workspace, at: instant)
    let due = [planned.due, clock?.due].compactMap(\.self).min()
    var result =
      switch planned.outcome {
      case .held(let findings): PassReport.Scope.dry(scope, state, .held(findings), due: due)
      case .plan(let plan, _): PassReport.Scope.dry(scope, state, .planned(plan), due: due)
      }
    guard let clock, case .plan(let plan, let registered) = clock.outcome, !plan.isEmpty,
      let admitted = AdmittedPlan.judge(plan, by: .ungated).admitted
    else { return Taken(result: result, following: state) }
    _ = try CheckedScope.check(admitted, registered, against: state)
    result.meanwhile = plan
    return Taken(result: result, following: plan.preview(of: state))
  }
}

/// What a pass would do to a scope, and the state that it would leave.
private struct Taken {
  let result: PassReport.Scope
  let following: ScopeState
}

/// What is scheduled, collected over all scopes.
private struct Schedule {
  let end: Instant?
  private var scopes: [Instant: [PassReport.Scope]] = [:]

  init(end: Instant?) {
    self.end = end
  }

  /// By instant, and scope by scope in their order.
  var steps: [PassReport.Step] {
    scopes.sorted { $0.key < $1.key }.map { PassReport.Step(instant: $0.key, scopes: $0.value) }
  }

  /// Plans a scope again at each instant at which something is due, each time against what the step
  /// before it leaves.
  mutating func follow(_ first: Taken, take: (ScopeState, Instant) throws -> Taken) throws {
    guard let end else { return }
    var current = first
    while let due = current.result.due, due <= end {
      let next = try take(current.following, due)
      if let shown = next.result.shown(after: current.result) {
        scopes[due, default: []].append(shown)
        guard scopes.count <= Limits.scheduledInstantsMax else {
          throw ControllerError(
            .tooManySteps, operation: "planning what is scheduled until \(end)",
            reason: "there are more than \(Limits.scheduledInstantsMax) instants at which something"
              + " changes. Give a nearer --until")
        }
      }
      current = next
    }
  }
}

extension PassReport.Scope {
  fileprivate static func dry(
    _ scope: ScopeID, _ state: ScopeState, _ outcome: PassReport.Outcome, due: Instant?
  ) -> PassReport.Scope {
    var result = PassReport.Scope(
      scope: scope, version: state.version, outcome: outcome, wasRepaired: false, due: due)
    if case .planned(let plan) = outcome, !plan.isEmpty { result.before = state }
    return result
  }

  fileprivate static func failed(_ scope: ScopeID, _ error: any Error) -> PassReport.Scope {
    PassReport.Scope(
      scope: scope, version: 0, outcome: .failed(String(describing: error)), wasRepaired: false,
      due: nil)
  }

  /// What is shown of a scheduled step; nil where nothing is. What is held or waits was shown when
  /// it came to that; afterwards only what the schedule does meanwhile is.
  fileprivate func shown(after former: PassReport.Scope) -> PassReport.Scope? {
    if let meanwhile {
      return PassReport.Scope(
        scope: scope, version: version, outcome: .planned(meanwhile), wasRepaired: false, due: due)
    }
    switch (outcome, former.outcome) {
    case (.planned(let plan), _) where plan.isEmpty: return nil
    case (.planned(let plan), .planned(let last))
    where !plan.waitingFor.isEmpty && plan.waitingFor == last.waitingFor: return nil
    case (.held(let findings), .held(let last)) where findings == last: return nil
    default: return self
    }
  }
}
