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
    var head: ScopeHead?
    let isDryRun: Bool

    func result(
      _ outcome: PassReport.Outcome, version: Int? = nil, wasRepaired: Bool = false,
      due: Instant? = nil
    ) -> PassReport.Scope {
      PassReport.Scope(
        scope: scope, version: version ?? head?.version ?? 0, outcome: outcome,
        wasRepaired: wasRepaired, due: due)
    }
  }

  /// Takes the scopes one after another; while one is applied and published, the next is planned.
  func take(_ steps: [Step]) async throws -> [PassReport.Scope] {
    var results: [PassReport.Scope] = []
    var current = await planned(steps.first)
    for (index, step) in steps.enumerated() {
      progress.report("reconciling scopes", done: index, of: steps.count)
      async let next = planned(steps.dropFirst(index + 1).first)
      results.append(try await take(step, current))
      current = await next
    }
    return results
  }

  private nonisolated func planned(_ step: Step?) async -> PlannedScope? {
    guard let step else { return nil }
    return await PlannedScope.make(
      step.scope, of: step.definitions, commit: step.commit, at: step.instant, in: registry,
      isRegistered: step.head != nil)
  }

  /// How often a scope is planned because another controller committed first: each time, that one
  /// got further, so many controllers end this in as many turns.
  private static let attemptsMax = 20

  /// Applies and publishes one scope. Trouble that is this scope's alone does not keep the others
  /// from going on.
  private func take(_ step: Step, _ planned: PlannedScope?) async throws -> PassReport.Scope {
    var (step, planned) = (step, planned)
    var attempt = 1
    while true {
      do {
        return try await carryOut(planned, step)
      } catch let error as RegistryError
        where error.code == .conflict && attempt < Self.attemptsMax
      {
        attempt += 1
        step.head = try await registry.version(of: step.scope).head
        planned = await self.planned(step)
      } catch let error where Self.isOfOneScope(error) {
        return step.result(.failed(String(describing: error)))
      }
    }
  }

  private static func isOfOneScope(_ error: any Error) -> Bool {
    if let error = error as? RegistryError { return [.conflict, .corrupt].contains(error.code) }
    if let error = error as? ControllerError { return error.code == .projectionDiffers }
    return error is MalformedForm || error is SnapshotTooLarge || error is PlanDisagreement
  }

  private func carryOut(_ planned: PlannedScope?, _ step: Step) async throws -> PassReport.Scope {
    guard let planned else {
      let findings = step.definitions.findings(holding: step.scope.customer)
      return step.result(.held(findings), wasRepaired: try await repair(step))
    }
    let (state, outcome) = try planned.result.get()
    switch outcome {
    case .held(let findings):
      return step.result(.held(findings), wasRepaired: try await repair(step), due: planned.due)
    case .plan(let plan):
      return try await carryOut(plan, of: planned, against: state, step)
    }
  }

  private func carryOut(
    _ plan: Plan, of planned: PlannedScope, against state: ScopeState, _ step: Step
  ) async throws -> PassReport.Scope {
    let (due, verdict) = (planned.due, AdmittedPlan.judge(plan))
    if step.isDryRun {
      // What could not be published, or fails the second check, would fail only after the merge.
      if case .admitted(let admitted) = verdict, !plan.isEmpty {
        _ = try Self.checked(admitted, of: planned, against: state)
      }
      var result = step.result(.planned(plan), due: due)
      result.before = plan.isEmpty ? nil : state
      return result
    }
    if plan.isEmpty {
      return step.result(.unchanged, wasRepaired: try await repair(step), due: due)
    }
    switch verdict {
    case .waiting:
      return step.result(.waiting(plan), wasRepaired: try await repair(step), due: due)
    case .admitted(let admitted):
      let checked = try Self.checked(admitted, of: planned, against: state)
      let publication = checked.publication
      for publisher in publishers { try publisher.origin.probe(bytes: publication.byteCount) }
      let (key, failpoints) = (key, failpoints)
      let head = try await registry.run { connection in
        try connection.commit(checked, key: key) { failpoints.hit($0) }
      }
      heads[step.scope] = head
      for publisher in publishers { try publisher.publish(head, publication) }
      return step.result(.applied(plan, version: head.version), version: head.version, due: due)
    }
  }

  /// The next version of a scope, which a second opinion agrees with.
  private static func checked(
    _ admitted: AdmittedPlan, of planned: PlannedScope, against state: ScopeState
  ) throws -> CheckedScope {
    let applied = AppliedScope.apply(admitted, to: state)
    return try CheckedScope.check(
      applied, from: state, wanted: planned.wanted,
      publication: try Publication.project(
        applied.state, flagdSplits: applied.plan.flagdSplits))
  }

  /// Brings up every origin that is behind the registry.
  private func repair(_ step: Step) async throws -> Bool {
    guard let known = step.head, !step.isDryRun,
      try publishers.contains(where: { try !$0.isCurrent(known) })
    else { return false }
    // Another controller may have applied a version meanwhile; then that is what belongs there.
    let (head, state) = try await registry.version(of: step.scope)
    guard let head, let pointer = Pointer(payload: head.payload) else { return false }
    let behind = try publishers.filter { try !$0.isCurrent(head) }
    let publication = try Publication.project(state, recordedBy: pointer)
    for publisher in behind { try publisher.publish(head, publication) }
    return !behind.isEmpty
  }
}
