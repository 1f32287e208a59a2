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
  let registry: RegistryWorker
  let publishers: [Publisher]
  let key: AuditKey
  private let selection: Selection
  private let fixedInstant: Instant?
  let failpoints: Failpoints
  let progress: ProgressReporter
  private var settled: Settled?
  /// The versions that the pass under way found or made.
  var heads: [ScopeID: ScopeHead] = [:]

  /// What the last pass left behind: spares work where it still holds.
  private struct Settled {
    let commit: CommitID
    let fingerprints: [String: Int]
    let heads: [ScopeID: ScopeHead]
    /// What the pointers name, as paths at an origin.
    let objects: [ScopeID: [String]]
    let report: PassReport
    let results: [ScopeID: PassReport.Scope]
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
    let pointers = try publishers.map { try $0.pointers() }
    let survey = try await survey(mayBeEmpty: true)
    try requireNotAhead(pointers, of: survey)
    try requireSameWorkspace(loaded, survey)
    return try await walk(loaded, commit: commit, survey, former: nil, isDryRun: true)
  }

  /// Brings registry and origins to what the head of the branch says.
  ///
  /// - Throws: what the world refused; what was committed until then stays, and the next pass goes
  ///   on from there.
  package func reconcile() async throws -> PassReport {
    let commit = try await source.head()
    if let settled, let report = try still(settled, at: commit, try await survey()) {
      return report
    }
    let former = settled
    settled = nil
    let loaded = try await source.definitions(of: commit)
    let pointers = try publishers.map { try $0.pointers() }
    let survey = try await survey()
    try requireNotAhead(pointers, of: survey)
    try requireSameWorkspace(loaded, survey)
    heads = survey.heads
    let report = try await walk(
      loaded, commit: commit.hexadecimal, survey, former: former, isDryRun: false)
    settle(commit, loaded, report)
    return report
  }

  /// Refuses the definitions of another workspace: two that share a registry would overwrite each
  /// other, and the id is signed into pointers.
  private func requireSameWorkspace(_ loaded: LoadedDefinitions, _ survey: Survey) throws {
    guard let id = loaded.definitions.workspace?.id else { return }
    for head in survey.heads.values {
      guard let known = Pointer(payload: head.payload)?.workspace, known != id else { continue }
      throw ControllerError(
        .otherWorkspace, operation: "comparing the workspace with the registry",
        reason: "the registry belongs to the workspace \(known), and these definitions are of"
          + " \(id). Give the repository of \(known), or another database")
    }
  }

  private func requireNotAhead(_ pointers: [[Pointer]], of survey: Survey) throws {
    for (publisher, pointers) in zip(publishers, pointers) {
      try publisher.requireNotAhead(pointers, of: survey.heads)
    }
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
  ///
  /// - Parameter mayBeEmpty: whether a database without a registry reads as an empty one.
  private func survey(mayBeEmpty: Bool = false) async throws -> Survey {
    let (fixed, key) = (fixedInstant, key)
    do {
      return try await registry.run { connection in
        try connection.transaction(isReadOnly: true) { transaction in
          try key.require(for: try transaction.chainHead())
          let heads = try transaction.heads().map { ($0.scope, $0) }
          return Survey(
            instant: try fixed ?? transaction.instant(),
            heads: Dictionary(heads, uniquingKeysWith: { first, _ in first }))
        }
      }
    } catch let error as RegistryError where mayBeEmpty && error.code == .schemaMissing {
      return try await registry.run { connection in
        try connection.transaction(as: .login, isReadOnly: true) { transaction in
          Survey(instant: try fixed ?? transaction.instant(), heads: [:])
        }
      }
    }
  }

  /// The last pass's report, where nothing can have changed since: the same commit, the same heads,
  /// the pointers and their objects in place, and nothing due.
  private func still(_ settled: Settled, at commit: CommitID, _ survey: Survey) throws
    -> PassReport?
  {
    guard settled.commit == commit, settled.heads == survey.heads,
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
    guard let result = former.results[scope], case .unchanged = result.outcome,
      !loaded.definitions.isHeld(scope.customer),
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
  private func settle(_ commit: CommitID, _ loaded: LoadedDefinitions, _ report: PassReport) {
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
    var objects: [ScopeID: [String]] = [:]
    for head in heads.values where selection.contains(head.scope) {
      // Just published, so it can be read; where it cannot, the next pass looks at everything.
      guard let paths = try? publishers.first?.objectPaths(of: head) else { return }
      objects[head.scope] = paths
    }
    settled = Settled(
      commit: commit, fingerprints: loaded.fingerprints, heads: heads, objects: objects,
      report: quiet,
      results: Dictionary(scopes.map { ($0.scope, $0) }, uniquingKeysWith: { first, _ in first }))
  }
}
