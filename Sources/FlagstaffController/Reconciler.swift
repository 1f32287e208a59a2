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
  let source: DefinitionsSource
  let registry: RegistryWorker
  let publishers: [Publisher]
  let keys: AuditKeyring
  private let verifier: SignatureVerifier
  let enforcement: Enforcement?
  var isWarning: Bool { enforcement == .warn }
  private let selection: ScopeSelection
  let fixedInstant: Instant?
  let failpoints: Failpoints
  let progress: ProgressReporter
  private var settled: Settled?
  /// The versions that the pass under way found or made.
  var heads: [ScopeID: ScopeHead] = [:]
  /// The versions that the pass under way made, in their order.
  var made: [ScopeHead] = []
  /// Since when the pass under way has committed what no origin was told the checkpoint of.
  var untoldSince: ContinuousClock.Instant?

  /// What the last pass left behind: spares work where it still holds.
  private struct Settled {
    let commit: CommitID
    let fingerprints: [String: Int]
    let heads: [ScopeID: ScopeHead]
    /// The version of trust by which it judged; 0 where that never began.
    let trust: Int
    /// Where the refs of signers were: an approval comes without a new commit.
    let approvals: [ApprovalRef]
    /// What the pointers name, as paths at an origin.
    let objects: [ScopeID: [String]]
    let report: PassReport
    let results: [ScopeID: PassReport.Scope]
  }

  /// - Parameters:
  ///   - enforcement: what is asked of approvals; nil for enforcing them once trust began.
  ///   - fixedInstant: used instead of the database's clock; for tests.
  package init(
    source: DefinitionsSource, registry: RegistryWorker, publishers: [Publisher],
    keys: AuditKeyring, verifier: SignatureVerifier,
    enforcement: Enforcement? = nil,
    selection: ScopeSelection = ScopeSelection(), fixedInstant: Instant? = nil,
    failpoints: Failpoints = Failpoints(), progress: ProgressReporter = ProgressReporter()
  ) {
    self.source = source
    self.registry = registry
    self.publishers = publishers
    self.keys = keys
    self.verifier = verifier
    self.enforcement = enforcement
    self.selection = selection
    self.fixedInstant = fixedInstant
    self.failpoints = failpoints
    self.progress = progress
  }

  /// Brings registry and origins to what the head of the branch says.
  ///
  /// - Throws: what the world refused; what was committed until then stays, and the next pass goes
  ///   on from there.
  package func reconcile() async throws -> PassReport {
    let signers = try await trustStep.registered()?.signers ?? []
    let commit = try await source.head(withApprovalsOf: signers)
    let approvals =
      signers.isEmpty
      ? [] : try await source.worker.approvalRefs().filter { signers.contains($0.identifier) }
    if let settled, settled.approvals == approvals {
      let survey = try await survey()
      if let report = try still(settled, at: commit, survey) {
        try await tellCheckpoint(where: survey.end)
        return report
      }
    }
    let former = settled
    settled = nil
    let loaded = try await source.definitions(of: commit)
    let pointers = try publishers.map { try $0.pointers() }
    let survey = try await survey()
    try survey.requireNotAhead(publishers, pointers)
    try survey.requireSameWorkspace(loaded)
    try survey.requireTrust(enforcement)
    heads = survey.heads
    made = []
    let judging = try await judging(commit, survey)
    let trust = try await trustStep.take(
      loaded.definitions, of: commit, source, at: survey.instant, by: judging)
    // What is judged by may not come and go within a pass: without trust nothing would be gated.
    guard (trust == nil) == (survey.trust == nil) else {
      throw RegistryError(
        .conflict, operation: "reading trust",
        reason: "it began, or went away, while the pass was under way")
    }
    let report = try await walk(
      loaded, commit: commit.hexadecimal, survey, trust, judging, former: former)
    try await tellCheckpoint()
    try await recordPublications(report)
    settle(commit, approvals, loaded, report)
    return report
  }

  /// Nil where trust never began.
  func judging(_ commit: CommitID, _ survey: Survey) async throws -> PassJudging? {
    guard let trust = survey.trust else { return nil }
    return try await PassJudging.gather(
      JudgingSources(
        source, verifier: verifier, enforcement: enforcement),
      .registry(registry, keys, reads: try keys.key(for: survey.end), isKept: true),
      along: JudgedLine(head: commit), trust: trust,
      applied: Set(survey.heads.values.map(\.commit)), at: survey.instant)
  }

  /// Takes the scopes one after another, in their order. While one is applied and published, the
  /// next one is planned.
  private func walk(
    _ loaded: LoadedDefinitions, commit: String, _ survey: Survey, _ trust: TrustReport?,
    _ judging: PassJudging?, former: Settled?
  ) async throws -> PassReport {
    let definitions = loaded.definitions
    let scopes = try selection.chosen(from: Set(definitions.scopes).union(survey.heads.keys))
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
          judging: trust.flatMap { judging?.after($0.trust) }, head: survey.heads[scope]))
    }
    for result in try await take(steps) { results[result.scope] = result }
    var report = PassReport(
      commit: commit, instant: survey.instant, workspace: definitions.workspace?.id,
      findings: definitions.findings + (trust?.warnings ?? []),
      scopes: scopes.compactMap { results[$0] }, files: loaded.files, parsed: loaded.parsed)
    report.mode = trust == nil ? .ungated : isWarning ? .warn : .enforce
    report.trust = trust
    return report
  }
}

// MARK: What is there

extension Reconciler {
  func survey() async throws -> Survey {
    try await Survey.read(registry, keys: keys, fixed: fixedInstant)
  }

  /// The last pass's report, where nothing can have changed since: the same commit, the same heads,
  /// the pointers and their objects in place, and nothing due.
  private func still(_ settled: Settled, at commit: CommitID, _ survey: Survey) throws
    -> PassReport?
  {
    guard settled.commit == commit, settled.heads == survey.heads,
      settled.trust == survey.trust?.version ?? 0,
      settled.report.due.map({ survey.instant < $0 }) ?? true,
      try settled.heads.values.allSatisfy({ try isInPlace($0, settled) })
    else { return nil }
    return settled.report.again(at: survey.instant)
  }

  /// Whether every origin has the head's pointer, and something at each path that it names.
  private func isInPlace(_ head: ScopeHead, _ settled: Settled) throws -> Bool {
    guard selection.contains(head.scope) else { return true }
    let objects = settled.objects[head.scope] ?? []
    return try publishers.allSatisfy { publisher in
      try publisher.hasPointer(of: head) && objects.allSatisfy(publisher.origin.exists)
    }
  }

  /// The former result of a scope that no new commit and no schedule has touched since. What was
  /// held or waiting may have changed by files that are no definitions, so it is looked at again.
  private func untouched(
    _ scope: ScopeID, since former: Settled, _ loaded: LoadedDefinitions, _ survey: Survey
  ) throws -> PassReport.Scope? {
    guard former.trust == survey.trust?.version ?? 0,
      let result = former.results[scope], case .unchanged = result.outcome,
      !loaded.definitions.held.contains(scope),
      let fingerprint = loaded.fingerprints[scope.customer],
      former.fingerprints[scope.customer] == fingerprint,
      let head = survey.heads[scope], former.heads[scope] == head,
      result.due.map({ survey.instant < $0 }) ?? true,
      try isInPlace(head, former)
    else { return nil }
    return result
  }

  /// Remembers a pass, as it would report itself if it ran again. The heads are those that it found
  /// or made: where another controller was here meanwhile, they differ from the next survey's.
  private func settle(
    _ commit: CommitID, _ approvals: [ApprovalRef], _ loaded: LoadedDefinitions,
    _ report: PassReport
  ) {
    // What is not approved may be by time alone: a key begins to count, a freeze is over.
    guard !report.hasFailures, !report.isRefused else { return }
    let scopes = report.scopes.map { scope in
      guard case .applied = scope.outcome else {
        var quiet = scope
        quiet.meanwhile = nil
        return quiet
      }
      return PassReport.Scope(
        scope: scope.scope, version: scope.version, outcome: .unchanged, wasRepaired: false,
        due: scope.due)
    }
    var quiet = PassReport(
      commit: report.commit, instant: report.instant, workspace: report.workspace,
      findings: report.findings, scopes: scopes, files: report.files, parsed: 0)
    quiet.mode = report.mode
    quiet.trust = report.trust.map {
      guard case .applied = $0.outcome else { return $0 }
      return TrustReport(trust: $0.trust, outcome: .unchanged, warnings: $0.warnings)
    }
    var objects: [ScopeID: [String]] = [:]
    for head in heads.values where selection.contains(head.scope) {
      // Just published, so it can be read; where it cannot, the next pass looks at everything.
      guard let paths = try? publishers.first?.objectPaths(of: head) else { return }
      objects[head.scope] = paths
    }
    settled = Settled(
      commit: commit, fingerprints: loaded.fingerprints, heads: heads,
      trust: report.trust?.trust.version ?? 0, approvals: approvals, objects: objects,
      report: quiet,
      results: Dictionary(scopes.map { ($0.scope, $0) }, uniquingKeysWith: { first, _ in first }))
  }
}
