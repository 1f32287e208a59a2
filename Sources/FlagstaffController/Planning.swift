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
        let (result, planned) = try take(scope, wanted, against: state, at: instant)
        results.append(result)
        try schedule.follow(planned) { state, instant in
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
      let (result, planned) = try take(scope, former, against: state, at: instant)
      if let next = planned?.following { state = next }
      let reason: String? =
        switch result.outcome {
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

  /// One scope at one instant. Without a plan where the definitions' findings hold it.
  private func take(
    _ scope: ScopeID, _ wanted: Wanted, against state: ScopeState, at instant: Instant
  ) throws -> (result: PassReport.Scope, planned: PlannedScope?) {
    let definitions = wanted.loaded.definitions
    guard let resolved = ResolvedScope.resolve(scope, in: definitions) else {
      let findings = definitions.findings(holding: scope)
      return (.dry(scope, state, .held(findings), due: nil), nil)
    }
    let planned = try PlannedScope.make(
      resolved, against: state, commit: wanted.commit, at: instant)
    switch planned.outcome {
    case .held(let findings):
      return (.dry(scope, state, .held(findings), due: planned.due), planned)
    case .plan(let plan):
      // What could not be published, or fails the second check, would fail only after the merge.
      if let admitted = AdmittedPlan.judge(plan, by: .ungated).admitted, !plan.isEmpty {
        _ = try planned.checked(admitted)
      }
      return (.dry(scope, state, .planned(plan), due: planned.due), planned)
    }
  }
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
  /// before it leaves. A scope that is held, or waits for somebody to act, stays where it is.
  mutating func follow(
    _ first: PlannedScope?,
    take: (ScopeState, Instant) throws -> (result: PassReport.Scope, planned: PlannedScope?)
  ) throws {
    guard let end else { return }
    var planned = first
    while let current = planned, let due = current.due, due <= end, let state = current.following {
      let (result, next) = try take(state, due)
      if !result.isUnchanged {
        scopes[due, default: []].append(result)
        guard scopes.count <= Limits.scheduledInstantsMax else {
          throw ControllerError(
            .tooManySteps, operation: "planning what is scheduled until \(end)",
            reason: "there are more than \(Limits.scheduledInstantsMax) instants at which something"
              + " changes. Give a nearer --until")
        }
      }
      planned = next
    }
  }
}

extension PlannedScope {
  /// The state that a pass would leave: the next one, or the same where nothing changes or time has
  /// to pass first. Nil where it stays until somebody acts.
  fileprivate var following: ScopeState? {
    guard case .plan(let plan) = outcome else { return nil }
    guard plan.waitingFor.isEmpty else {
      return plan.waitingFor.allSatisfy { $0.until != nil } ? state : nil
    }
    return plan.isEmpty ? state : plan.preview(of: state)
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

  /// Whether there is nothing to show.
  fileprivate var isUnchanged: Bool {
    if case .planned(let plan) = outcome { plan.isEmpty } else { false }
  }
}
