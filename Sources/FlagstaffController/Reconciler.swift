// One pass, read from top to bottom: find the head, load its definitions, survey registry and
// origins, then scope by scope plan, judge, apply and publish. It is level-triggered: it compares
// what is wanted with what is there and remembers nothing that it could not read again; what it
// does remember only spares work.

package import Documents
package import FlagstaffCore
internal import GitSource
internal import Origins
package import PostgresRegistry
internal import Signing

package actor Reconciler {
  /// Which scopes are looked at; empty lists mean all.
  package struct Selection: Hashable, Sendable {
    package var environments: [String]
    package var customers: [String]

    package init(environments: [String] = [], customers: [String] = []) {
      self.environments = environments
      self.customers = customers
    }

    package func contains(_ scope: ScopeID) -> Bool {
      (environments.isEmpty || environments.contains(scope.environment))
        && (customers.isEmpty || customers.contains(scope.customer))
    }
  }

  private let source: DefinitionsSource
  private let registry: RegistryWorker
  private let publishers: [Publisher]
  private let key: AuditKey
  private let selection: Selection
  private let fixedInstant: Instant?
  private let failpoints: Failpoints
  private let progress: ProgressReporter
  private var settled: Settled?

  /// What the last pass left behind: spares work where it still holds.
  private struct Settled {
    let commit: CommitID
    let fingerprints: [String: Int]
    let heads: [ScopeID: ScopeHead]
    /// What the pointers name, as paths at an origin.
    let objects: [ScopeID: [String]]
    let report: PassReport
  }

  /// - Parameter fixedInstant: used instead of the database's clock; for tests.
  package init(
    source: DefinitionsSource, registry: RegistryWorker, publishers: [Publisher], key: AuditKey,
    selection: Selection = Selection(), fixedInstant: Instant? = nil,
    failpoints: Failpoints = Failpoints(), progress: ProgressReporter = ProgressReporter()
  ) {
    self.source = source
    self.registry = registry
    self.publishers = publishers
    self.key = key
    self.selection = selection
    self.fixedInstant = fixedInstant
    self.failpoints = failpoints
    self.progress = progress
  }

  /// What a reconciliation of the branch's head would do now. Nothing is written.
  package func plan() async throws -> PassReport {
    let commit = try await source.head()
    return try await plan(try await source.definitions(of: commit), commit: commit.hexadecimal)
  }

  /// What a reconciliation of the given definitions would do now. Nothing is written.
  ///
  /// - Parameter commit: what the plan calls their commit.
  package func plan(_ loaded: LoadedDefinitions, commit: String) async throws -> PassReport {
    let survey = try await survey()
    return try await walk(loaded, commit: commit, survey, former: nil, isDryRun: true)
  }

  /// How often a pass begins anew because another controller committed first. Each time at least
  /// one scope was brought up by somebody, so of a few controllers none begins so often.
  private static let conflictsMax = 20

  /// Brings registry and origins to what the head of the branch says.
  ///
  /// - Throws: what the world refused; what was committed until then stays, and the next pass goes
  ///   on from there.
  package func reconcile() async throws -> PassReport {
    var conflicts = 0
    while true {
      do {
        return try await pass()
      } catch let error as RegistryError where error.code == .conflict {
        conflicts += 1
        if conflicts == Self.conflictsMax { throw error }
      }
    }
  }

  private func pass() async throws -> PassReport {
    let commit = try await source.head()
    if let settled, try isSettled(settled, at: commit, try await survey()) {
      return settled.report
    }
    let former = settled
    settled = nil
    let loaded = try await source.definitions(of: commit)
    let pointers = try publishers.map { try $0.pointers() }
    let survey = try await survey()
    for (publisher, pointers) in zip(publishers, pointers) {
      try publisher.requireNotAhead(pointers, of: survey.heads)
    }
    let report = try await walk(
      loaded, commit: commit.hexadecimal, survey, former: former, isDryRun: false)
    try await settle(commit, loaded, report)
    return report
  }

  /// The scopes that are defined or registered, as far as they are selected.
  private func selected(_ loaded: LoadedDefinitions, _ survey: Survey) throws -> Set<ScopeID> {
    let all = Set(loaded.definitions.scopes).union(survey.heads.keys)
    let chosen = all.filter(selection.contains)
    guard chosen.isEmpty, !all.isEmpty else { return chosen }
    let names = all.sorted().prefix(10).map(\.description).joined(separator: ", ")
    throw ControllerError(
      .unknownScope, operation: "selecting scopes",
      reason: "no scope is of the given environments and customers. There are \(names)"
        + (all.count > 10 ? " and \(all.count - 10) more" : ""))
  }

  /// Takes the scopes one after another, in their order. While one is applied and published, the
  /// next one is planned.
  private func walk(
    _ loaded: LoadedDefinitions, commit: String, _ survey: Survey, former: Settled?, isDryRun: Bool
  ) async throws -> PassReport {
    let definitions = loaded.definitions
    let scopes = try selected(loaded, survey).sorted()
    var results: [ScopeID: PassReport.Scope] = [:]
    var steps: [Step] = []
    for scope in scopes {
      if let former, let result = try untouched(scope, since: former, loaded, survey) {
        results[scope] = result
        continue
      }
      steps.append(
        Step(
          scope: scope, definitions: definitions, commit: commit, instant: survey.instant,
          head: survey.heads[scope], isDryRun: isDryRun))
    }
    for result in try await take(steps) { results[result.scope] = result }
    return PassReport(
      commit: commit, instant: survey.instant, workspace: definitions.workspace?.id,
      findings: definitions.findings, scopes: scopes.compactMap { results[$0] },
      files: loaded.files, parsed: loaded.parsed)
  }
}

// MARK: What is there

extension Reconciler {
  private struct Survey: Sendable {
    let instant: Instant
    let heads: [ScopeID: ScopeHead]
  }

  /// Reads the clock, the heads and the end of the audit chain. A wrong secret is found here,
  /// before anything is written.
  private func survey() async throws -> Survey {
    let (fixed, key) = (fixedInstant, key)
    return try await registry.run { connection in
      try connection.transaction(isReadOnly: true) { transaction in
        try key.require(for: try transaction.chainHead())
        let heads = try transaction.heads().map { ($0.scope, $0) }
        return Survey(
          instant: try fixed ?? transaction.instant(),
          heads: Dictionary(heads, uniquingKeysWith: { first, _ in first }))
      }
    }
  }

  /// Whether nothing can have changed since the last pass: the same commit, the same heads, the
  /// pointers and their objects in place, and nothing due.
  private func isSettled(_ settled: Settled, at commit: CommitID, _ survey: Survey) throws -> Bool {
    guard settled.commit == commit, settled.heads == survey.heads,
      settled.report.due.map({ survey.instant < $0 }) ?? true
    else { return false }
    return try settled.heads.values.allSatisfy { try isInPlace($0, settled) }
  }

  /// Whether every origin has the head's pointer, and something at each path that it names.
  private func isInPlace(_ head: ScopeHead, _ settled: Settled) throws -> Bool {
    guard selection.contains(head.scope) else { return true }
    let objects = settled.objects[head.scope] ?? []
    return try publishers.allSatisfy { publisher in
      try publisher.hasPointer(of: head) && objects.allSatisfy(publisher.origin.exists)
    }
  }

  /// The former result of a scope that no new commit and no schedule has touched since.
  private func untouched(
    _ scope: ScopeID, since former: Settled, _ loaded: LoadedDefinitions, _ survey: Survey
  ) throws -> PassReport.Scope? {
    guard let result = former.report.scopes.first(where: { $0.scope == scope }),
      let fingerprint = loaded.fingerprints[scope.customer],
      former.fingerprints[scope.customer] == fingerprint,
      former.heads[scope] == survey.heads[scope],
      result.due.map({ survey.instant < $0 }) ?? true
    else { return nil }
    let isThere = try survey.heads[scope].map { try isInPlace($0, former) } ?? true
    return isThere ? result : nil
  }

  /// Remembers a pass, as it would report itself if it ran again.
  private func settle(_ commit: CommitID, _ loaded: LoadedDefinitions, _ report: PassReport)
    async throws
  {
    guard !report.hasFailures else { return }
    let scopes = report.scopes.map { scope in
      guard case .applied = scope.outcome else { return scope }
      return PassReport.Scope(
        scope: scope.scope, version: scope.version, outcome: .unchanged, wasRepaired: false,
        due: scope.due)
    }
    let quiet = PassReport(
      commit: report.commit, instant: report.instant, workspace: report.workspace,
      findings: report.findings, scopes: scopes, files: report.files, parsed: 0)
    let heads = try await survey().heads
    // Where another controller was here meanwhile, the next pass looks at everything again.
    guard report.scopes.allSatisfy({ (heads[$0.scope]?.version ?? 0) == $0.version }) else {
      return
    }
    let objects = try heads.values.map { head in
      (head.scope, try publishers.first?.objectPaths(of: head) ?? [])
    }
    settled = Settled(
      commit: commit, fingerprints: loaded.fingerprints, heads: heads,
      objects: Dictionary(objects, uniquingKeysWith: { first, _ in first }), report: quiet)
  }
}

// MARK: One scope

extension Reconciler {
  private struct Step: Sendable {
    let scope: ScopeID
    let definitions: Definitions
    let commit: String
    let instant: Instant
    let head: ScopeHead?
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

  private func take(_ steps: [Step]) async throws -> [PassReport.Scope] {
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
      step.scope, of: step.definitions, commit: step.commit, at: step.instant, in: registry)
  }

  /// Applies and publishes one scope.
  private func take(_ step: Step, _ planned: PlannedScope?) async throws -> PassReport.Scope {
    guard let planned else {
      let findings = step.definitions.findings(holding: step.scope.customer)
      return step.result(.held(findings), wasRepaired: try await repair(step))
    }
    do {
      let (state, outcome) = try planned.result.get()
      switch outcome {
      case .held(let findings):
        return step.result(
          .held(findings), wasRepaired: try await repair(step), due: planned.due)
      case .plan(let plan):
        return try await carryOut(plan, against: state, step, due: planned.due)
      }
    } catch let error where error is MalformedForm || error is SnapshotTooLarge {
      return step.result(.failed(String(describing: error)))
    }
  }

  private func carryOut(
    _ plan: Plan, against state: ScopeState, _ step: Step, due: Instant?
  ) async throws -> PassReport.Scope {
    if step.isDryRun { return step.result(.planned(plan), due: due) }
    if plan.isEmpty {
      return step.result(.unchanged, wasRepaired: try await repair(step), due: due)
    }
    switch AdmittedPlan.judge(plan) {
    case .waiting:
      return step.result(.waiting(plan), wasRepaired: try await repair(step), due: due)
    case .admitted(let admitted):
      let applied = AppliedScope.apply(admitted, to: state)
      let publication = try Publication.project(applied.state)
      for publisher in publishers { try publisher.origin.probe(bytes: publication.byteCount) }
      let (key, failpoints) = (key, failpoints)
      let head = try await registry.run { connection in
        try connection.commit(applied, publication, key: key) { failpoints.hit($0) }
      }
      for publisher in publishers { try publisher.publish(head, publication) }
      return step.result(.applied(plan, version: head.version), version: head.version, due: due)
    }
  }

  /// Brings up every origin that is behind the registry.
  private func repair(_ step: Step) async throws -> Bool {
    guard let head = step.head, !step.isDryRun else { return false }
    let behind = try publishers.filter { try !$0.isCurrent(head) }
    guard !behind.isEmpty else { return false }
    let publication = try Publication.project(try await registry.state(of: step.scope))
    for publisher in behind { try publisher.publish(head, publication) }
    return true
  }
}
