// A plan and nothing but a plan: what a pass would do to each scope at an instant, and what the
// schedule would do after that. It takes the step that a reconciliation takes, the second opinion
// included, and carries nothing out.

package import Documents
package import FlagstaffCore
package import GitSource

package struct Planning: Sendable {
  /// Definitions, and what a plan calls their commit.
  package struct Wanted: Sendable {
    package let loaded: LoadedDefinitions
    package let commit: String
    /// How messages call them.
    package let name: String
    /// Where contributors are sought from; nil where the files are no commit's.
    package let head: CommitID?

    /// The scopes that are defined.
    package var scopes: Set<ScopeID> { Set(loaded.definitions.scopes) }

    /// - Parameter head: of a merge, what something is merged into.
    package init(_ loaded: LoadedDefinitions, commit: String, name: String, head: CommitID?) {
      self.loaded = loaded
      self.commit = commit
      self.name = name
      self.head = head
    }
  }

  private let parents: Parents
  /// Applied to the parents first, one after another.
  private let former: [Wanted]
  private let sources: JudgingSources
  private let selection: ScopeSelection
  private let progress: ProgressReporter

  /// - Parameters:
  ///   - former: what counts as applied before the plan is made. What a pass would hold or let wait
  ///     stays as it was.
  ///   - sources: where evidence is read from, once trust began.
  package init(
    against parents: Parents, after former: [Wanted] = [], judgedBy sources: JudgingSources,
    selection: ScopeSelection = ScopeSelection(),
    progress: ProgressReporter = ProgressReporter()
  ) {
    self.parents = parents
    self.former = former
    self.sources = sources
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
    let (trust, judging) = try await trust(wanted, at: instant)
    let accepted = judging?.newest.trust
    var (results, notes) = ([PassReport.Scope](), parents.notes)
    var schedule = Schedule(end: end)
    for (index, scope) in scopes.enumerated() {
      progress.report("planning scopes", done: index, of: scopes.count)
      do {
        let state = try await state(of: scope, by: accepted, at: instant, &notes)
        let first = try await take(
          scope, wanted, by: accepted, against: state, at: instant, judging)
        results.append(first.result)
        // Only what is applied is followed, and the clock asks nobody.
        try await schedule.follow(first) { state, instant in
          try await take(scope, wanted, by: accepted, against: state, at: instant, nil)
        }
      } catch  where error.isOfOneScope {
        results.append(.failed(scope, error))
      }
    }
    var report = PassReport(
      commit: wanted.commit, instant: instant, workspace: definitions.workspace?.id,
      findings: definitions.findings + (trust?.warnings ?? []), scopes: results,
      files: wanted.loaded.files, parsed: wanted.loaded.parsed)
    report.notes = notes
    report.trust = trust
    if let judging { report.mode = judging.mode }
    if end != nil { report.scheduled = schedule.steps }
    return report
  }

  /// What releasing a key would come to wherever it is killed, for whoever is to sign it.
  ///
  /// - Parameter wanted: the definitions by which it is judged who may sign.
  /// - Throws: `ControllerError` where nothing of that key is killed; what the world refused.
  package func release(
    _ key: String, with wanted: Wanted, at instant: Instant
  ) async throws -> PassReport {
    guard let workspace = wanted.loaded.definitions.workspace else {
      return try await run(wanted, at: instant)
    }
    var judging: PassJudging?
    if let trust = parents.trust {
      try await sources.definitions.bringApprovals(of: trust.signers)
      judging = try await PassJudging.gather(
        sources, parents.records, along: wanted.head.map { JudgedLine(head: $0) }, trust: trust,
        applied: parents.commits, at: instant)
    }
    var results: [PassReport.Scope] = []
    for scope in try selection.chosen(from: parents.scopes) {
      let state = try await parents.state(of: scope)
      guard let commit = state.commit else { continue }
      for identity in state.kills.keys.sorted() where identity.key.hasSameBytes(as: key) {
        let (plan, _) = try Plan.make(
          StopOrder(.release, of: identity, by: "", reason: nil), against: state, commit: commit,
          in: workspace.accepted(by: parents.trust?.trust), at: instant)
        var result = PassReport.Scope.dry(scope, state, .planned(plan), due: nil)
        if let judging {
          result.verdict = AdmittedPlan.judge(
            plan, by: try await judging.judgement(ofRelease: plan))
        }
        results.append(result)
      }
    }
    guard !results.isEmpty else {
      throw ControllerError(
        .notKilled, operation: "planning the release of \(key)",
        reason: "nothing of that key is killed in the scopes that are selected. `flagstaff status`"
          + " shows what is")
    }
    var report = PassReport(
      commit: wanted.commit, instant: instant, workspace: workspace.id, findings: [],
      scopes: results, files: wanted.loaded.files, parsed: wanted.loaded.parsed)
    report.notes = parents.notes
    if let judging, let trust = parents.trust {
      report.mode = judging.mode
      report.trust = TrustReport(trust: trust, outcome: .unchanged, warnings: [])
    }
    return report
  }

  /// What would come of trust, and what scopes are judged by then; nil where it never began.
  private func trust(
    _ wanted: Wanted, at instant: Instant
  ) async throws -> (report: TrustReport?, judging: PassJudging?) {
    guard let registered = parents.trust else { return (nil, nil) }
    try await sources.definitions.bringApprovals(of: registered.signers)
    let base = former.last?.head
    let judging = try await PassJudging.gather(
      sources, parents.records, along: wanted.head.map { JudgedLine(head: $0, base: base) },
      trust: registered, applied: parents.commits, at: instant)
    guard let trust = wanted.loaded.definitions.trust else {
      return (TrustReport(trust: registered, outcome: .held, warnings: []), judging)
    }
    var before = registered
    for base in former {
      guard let trust = base.loaded.definitions.trust else { continue }
      let plan = TrustPlan.make(trust, against: before, commit: base.commit, at: instant)
      if !plan.isEmpty { before = plan.preview }
    }
    let plan = TrustPlan.make(trust, against: before, commit: wanted.commit, at: instant)
    guard !plan.isEmpty else {
      return (
        TrustReport(trust: registered, outcome: .unchanged, warnings: plan.warnings), judging
      )
    }
    let verdict = AdmittedTrust.judge(plan, by: await judging.judgement(of: plan))
    let report = TrustReport(
      trust: registered, outcome: .planned(plan, verdict), warnings: plan.warnings)
    guard let admitted = verdict.admitted else { return (report, judging) }
    let next = AppliedTrust.apply(admitted, isWarning: judging.mode == .warn).trust
    return (report, judging.after(next))
  }

  /// What a scope's plan is made against.
  private func state(
    of scope: ScopeID, by trust: Trust?, at instant: Instant, _ notes: inout [String]
  ) async throws -> ScopeState {
    var state = try await parents.state(of: scope)
    if let last = state.instant, last > instant {
      notes.append("\(scope) is planned at \(last), when its version \(state.version) was applied.")
    }
    for former in former {
      let taken = try await take(scope, former, by: trust, against: state, at: instant, nil)
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
  ///
  /// - Parameters:
  ///   - trust: the accepted one, whose settings count; nil where trust never began.
  ///   - judging: nil where nobody is asked.
  private func take(
    _ scope: ScopeID, _ wanted: Wanted, by trust: Trust?, against state: ScopeState,
    at instant: Instant, _ judging: PassJudging?
  ) async throws -> Taken {
    let definitions = wanted.loaded.definitions
    let planned = try PlannedScope.make(
      definitions, by: trust, against: state, commit: wanted.commit, at: instant)
    guard case .plan(let plan, let resolved) = planned.outcome else {
      return try goOn(planned, definitions, at: instant)
    }
    var taken = Taken(
      result: .dry(scope, state, .planned(plan), due: planned.due), following: state)
    if plan.isEmpty { return taken }
    let ungated = AdmittedPlan.judge(plan, by: .ungated)
    var verdict = ungated
    if let judging {
      verdict = AdmittedPlan.judge(
        plan, by: try await judging.judgement(of: plan, against: state))
    }
    if verdict.admitted == nil { taken = try goOn(planned, definitions, at: instant) }
    if judging != nil { taken.result.verdict = verdict }
    // Where only approvals are missing, what comes later is shown as if they had been given.
    if verdict.waits.isEmpty, let admitted = ungated.admitted {
      // What could not be published, or fails the second check, would fail only after the merge.
      _ = try CheckedScope.check(admitted, resolved, against: state)
      taken.following = plan.preview(of: state)
    }
    return taken
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
  var result: PassReport.Scope
  var following: ScopeState
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
  mutating func follow(
    _ first: Taken, take: (ScopeState, Instant) async throws -> Taken
  ) async throws {
    guard let end else { return }
    var current = first
    while let due = current.result.due, due <= end {
      let next = try await take(current.following, due)
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
