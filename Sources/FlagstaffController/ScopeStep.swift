// One scope of a pass: planned, judged, applied and published, or repaired. Trouble that is one
// scope's alone becomes its outcome, so that the others go on; trouble of the world ends the pass.

internal import Documents
internal import FlagstaffCore
internal import Origins
internal import PostgresRegistry

extension Reconciler {
  struct Step: Sendable {
    let scope: ScopeID
    let definitions: Definitions
    let commit: String
    let instant: Instant
    /// What plans are judged by; nil where trust never began.
    var judging: PassJudging?
    var head: ScopeHead?
    /// Whether commits before the head's may become versions of their own.
    var mayGoStepByStep = true

    func result(
      _ outcome: PassReport.Outcome, version: Int? = nil, wasRepaired: Bool = false,
      due: Instant? = nil
    ) -> PassReport.Scope {
      PassReport.Scope(
        scope: scope, version: version ?? head?.version ?? 0, outcome: outcome,
        wasRepaired: wasRepaired, due: due)
    }
  }

  /// Trust by the options of this pass.
  var trustStep: TrustStep {
    TrustStep(
      registry: registry, publishers: publishers, keys: keys, isWarning: isWarning,
      failpoints: failpoints)
  }

  /// Takes the scopes one after another; while one is applied and published, the next is planned.
  func take(_ steps: [Step]) async throws -> [PassReport.Scope] {
    var results: [PassReport.Scope] = []
    var current = await planned(steps.first)
    for (index, step) in steps.enumerated() {
      progress.report("reconciling scopes", done: index, of: steps.count)
      async let next = planned(steps.dropFirst(index + 1).first)
      if let current { results.append(try await take(step, current)) }
      try await tellCheckpointInTime()
      current = await next
    }
    return results
  }

  /// Nil behind the last step.
  private nonisolated func planned(_ step: Step?) async -> Result<PlannedScope, any Error>? {
    guard let step else { return nil }
    do {
      // Without a version there is nothing to read.
      let state =
        step.head == nil ? .empty(step.scope) : try await registry.state(of: step.scope)
      return .success(
        try PlannedScope.make(
          step.definitions, by: step.judging?.newest.trust, against: state, commit: step.commit,
          at: step.instant))
    } catch {
      return .failure(error)
    }
  }

  /// How often a scope is planned because another controller committed first: each time, that one
  /// got further, so many controllers end this in as many turns.
  static let attemptsMax = 20

  /// Applies and publishes one scope. Trouble that is this scope's alone does not keep the others
  /// from going on.
  private func take(
    _ step: Step, _ planned: Result<PlannedScope, any Error>
  ) async throws -> PassReport.Scope {
    var (step, planned) = (step, planned)
    var attempt = 1
    while true {
      do {
        return try await carryOut(try planned.get(), step)
      } catch let error as RegistryError
        where error.code == .conflict && attempt < Self.attemptsMax
      {
        attempt += 1
        step.head = try await registry.version(of: step.scope).head
        if let trust = try await trustStep.registered() {
          step.judging = step.judging?.after(trust)
        }
        planned = await self.planned(step) ?? planned
      } catch let error where error.isOfOneScope {
        return step.result(.failed(String(describing: error)))
      }
    }
  }

  private func carryOut(_ planned: PlannedScope, _ step: Step) async throws -> PassReport.Scope {
    switch planned.outcome {
    case .held(let findings):
      return try await goOn(.held(findings), planned, step)
    case .plan(let plan, let wanted):
      if plan.isEmpty {
        return step.result(.unchanged, wasRepaired: try await repair(step), due: planned.due)
      }
      if let head = step.head, step.judging != nil {
        try await VerifiedEvents.require(head, registry, keys)
      }
      let verdict = AdmittedPlan.judge(plan, by: try await judgement(of: plan, planned, step))
      var result: PassReport.Scope
      if let admitted = verdict.admitted {
        let version = try await apply(admitted, wanted, planned.state)
        result = step.result(.applied(plan, version: version), version: version, due: planned.due)
      } else if verdict.decision == .refused, let judging = step.judging, step.mayGoStepByStep {
        return try await takeSteps(plan, planned, verdict, step, judging)
      } else {
        result = try await goOn(.waiting(plan), planned, step)
      }
      result.verdict = verdict
      return result
    }
  }

  /// The whole is refused: what its commits bring one by one may be approved.
  private func takeSteps(
    _ plan: Plan, _ planned: PlannedScope, _ verdict: Verdict, _ step: Step,
    _ judging: PassJudging
  ) async throws -> PassReport.Scope {
    let outcome = try await StepByStep(judging, of: step.scope, at: step.instant)
      .run(from: planned.state) { admitted, wanted, state in
        _ = try await self.apply(admitted, wanted, state)
        try await self.tellCheckpointInTime()
        return try await self.registry.state(of: step.scope)
      }
    var steps = outcome.applied
    guard let last = steps.last else {
      var result = try await goOn(.waiting(plan), planned, step)
      result.verdict = verdict
      result.waitingCommits = outcome.waiting
      return result
    }
    var step = step
    step.head = heads[step.scope]
    let rest = try PlannedScope.make(
      step.definitions, by: judging.newest.trust, against: outcome.state, commit: step.commit,
      at: step.instant)
    var result: PassReport.Scope
    if case .plan(let plan, _) = rest.outcome, plan.isEmpty {
      // The last of them brought what the head says.
      steps.removeLast()
      result = step.result(
        .applied(last.plan, version: last.version), version: last.version, due: rest.due)
      result.verdict = last.verdict
    } else {
      step.mayGoStepByStep = false
      result = try await carryOut(rest, step)
      result.waitingCommits = outcome.waiting
    }
    result.steps = steps
    return result
  }

  /// The definitions of the commit do not go ahead; what is registered goes on by its schedules.
  private func goOn(
    _ outcome: PassReport.Outcome, _ planned: PlannedScope, _ step: Step
  ) async throws -> PassReport.Scope {
    let clock = try planned.byClock(in: step.definitions.workspace, at: step.instant)
    let due = [planned.due, clock?.due].compactMap(\.self).min()
    guard let clock, case .plan(let plan, let wanted) = clock.outcome, !plan.isEmpty,
      let admitted = AdmittedPlan.judge(plan, by: try await judgement(of: plan, clock, step))
        .admitted
    else { return step.result(outcome, wasRepaired: try await repair(step), due: due) }
    let version = try await apply(admitted, wanted, clock.state)
    var result = step.result(outcome, version: version, due: due)
    result.meanwhile = plan
    return result
  }

  private func judgement(
    of plan: Plan, _ planned: PlannedScope, _ step: Step
  ) async throws -> Judgement {
    guard let judging = step.judging else { return .ungated }
    return try await judging.judgement(of: plan, against: planned.state)
  }

  /// Commits the next version of a scope, and publishes it.
  func apply(
    _ admitted: AdmittedPlan, _ wanted: ResolvedScope, _ state: ScopeState
  ) async throws -> Int {
    let checked = try CheckedScope.check(admitted, wanted, against: state)
    let publication = checked.publication
    for publisher in publishers { try publisher.origin.probe(bytes: publication.byteCount) }
    let head = try await commit(checked)
    for publisher in publishers { try publisher.publish(head, publication) }
    return head.version
  }

  /// Commits the next version of a scope, which nobody publishes yet.
  func commit(_ checked: CheckedScope) async throws -> ScopeHead {
    let (keys, failpoints) = (keys, failpoints)
    let head = try await registry.run { connection in
      try connection.commit(checked, keys: keys) { failpoints.hit($0) }
    }
    heads[head.scope] = head
    made.append(head)
    untoldSince = untoldSince ?? .now
    return head
  }

  /// Brings up every origin that is behind the registry.
  private func repair(_ step: Step) async throws -> Bool {
    guard let known = step.head,
      try publishers.contains(where: { try !$0.isCurrent(known) })
    else { return false }
    var troubles = OriginTroubles(mayBe: false)
    return try await bringUp(step.scope, &troubles)
  }

  /// Publishes the registry's version of a scope wherever it is missing.
  ///
  /// - Returns: whether an origin was brought up.
  func bringUp(_ scope: ScopeID, _ troubles: inout OriginTroubles) async throws -> Bool {
    // Another controller may have applied a version meanwhile; then that is what belongs there.
    let (head, state) = try await registry.version(of: scope)
    guard let head, let pointer = Pointer(payload: head.payload) else { return false }
    var behind: [Publisher] = []
    for publisher in publishers {
      let isBehind = try troubles.skip(publisher, instead: false) {
        try !publisher.isCurrent(head)
      }
      if isBehind { behind.append(publisher) }
    }
    try await VerifiedEvents.require(head, registry, keys)
    let publication = try Publication.project(state, recordedBy: pointer)
    var wasBroughtUp = false
    for publisher in behind {
      try troubles.skip(publisher, instead: ()) {
        try publisher.publish(head, publication)
        wasBroughtUp = true
      }
    }
    return wasBroughtUp
  }
}
