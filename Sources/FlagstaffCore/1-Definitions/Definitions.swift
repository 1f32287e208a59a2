// The second stage: all files together. References must lead somewhere, identities must be unique,
// and everything that is wrong is told in one run. What is held by it, `Holding` says.

package import Documents

/// The definitions of one commit, checked against each other.
package struct Definitions: Sendable {
  /// Every finding of every file, in the order of places.
  package private(set) var findings: [Finding]
  package let workspace: Workspace?
  /// What comments in the files silence, for what only a plan finds.
  package let ignores: IgnoreTable
  /// What was found of each customer, also of those that have findings.
  let customers: [String: CheckedCustomer]
  /// What was found of shared/.
  let shared: CheckedCustomer
  /// The scopes that stay at their last applied commit.
  package let held: Holding
  /// The errors by the customer whose scopes they hold, nil for those that hold all.
  private let errorsByOwner: [String?: [Finding]]
  /// Who may do what; nil where what all customers share has findings.
  package let trust: Trust?

  /// What the workspace file says.
  package struct Workspace: Hashable, Sendable {
    package let id: String
    /// In the order of the file.
    package let environments: [String]
    package let deletionBudget: DeletionBudget
    /// `flagd: {splits: native}`, or not.
    package let flagdSplits: FlagdSplits
    package let drift: DriftHandling

    package init(
      id: String, environments: [String], deletionBudget: DeletionBudget,
      flagdSplits: FlagdSplits, drift: DriftHandling
    ) {
      self.id = id
      self.environments = environments
      self.deletionBudget = deletionBudget
      self.flagdSplits = flagdSplits
      self.drift = drift
    }
  }

  /// Checks the files of a repository against each other, on one core.
  package static func check(
    _ repository: RepositoryFiles, after former: Definitions? = nil
  ) -> Definitions {
    let check = DefinitionsCheck(repository, after: former)
    return check.definitions(with: check.pending.map { ($0.name, $0.check()) })
  }

  fileprivate init(_ check: DefinitionsCheck) {
    let repository = check.repository
    let ignored = check.pathsIgnored
    func isIgnored(_ path: String) -> Bool { ignored.contains { $0.matches(path) } }
    var all = repository.others + FindingLimit.told(check.findings).map(repository.unread.named)
    all += repository.unread.findings(
      hasCustomers: check.owners.hasCustomers, isIgnored: isIgnored)
    for (path, reason) in repository.stray where !isIgnored(path) {
      // Without a workspace that is said of it already.
      if reason == .workspaceMisnamed, check.workspaceSource == nil { continue }
      all.append(reason.finding(at: path))
    }
    for file in repository.files where !file.findings.isEmpty && !isIgnored(file.file) {
      all += file.findings
    }
    var ignores = IgnoreTable(repository.files)
    let findings = ignores.remaining(of: all)
    self.ignores = ignores
    customers = check.customers
    shared = check.shared
    workspace = check.workspaceSource.map {
      Workspace(
        id: $0.id, environments: $0.environments, deletionBudget: $0.deletionBudget,
        flagdSplits: $0.flagdSplits, drift: $0.drift)
    }
    let errors = Holding(findings, customers, check.owners)
    let held = check.workspaceSource == nil ? errors.all() : errors
    self.held = held
    trust = held.isAll ? nil : check.trust
    // Where something else is wrong, not all was checked that a comment could silence.
    let unused = ignores.unused(beside: findings) { !held.concerns($0) }
    self.findings = Set(findings + unused).sorted()
    errorsByOwner = Dictionary(
      grouping: self.findings.filter { $0.severity == .error },
      by: { check.owners.owner(of: $0.location.file) })
    guard count == 0, errorsByOwner.isEmpty else { return }
    let nothing = Finding(
      .nothingDefined, at: Location(file: Layout.workspaceFile), "no definitions were found",
      remedy: "Write some into definitions/, or for several customers into customers/<customer>/")
    self.findings = (self.findings + [nothing]).sorted()
  }

  /// The errors that hold a scope: its own, and those of what it shares with others.
  package func findings(holding scope: ScopeID) -> [Finding] {
    let own = (errorsByOwner[scope.customer] ?? []).filter { held.isFinding($0, holding: scope) }
    return ((errorsByOwner[nil] ?? []) + own).sorted()
  }

  /// The definitions of all customers, and those of shared/ once: what `validate` counts.
  package var count: Int {
    customers.values.reduce(shared.definitions.count) { $0 + $1.definitions.count }
  }

  /// The scopes that findings hold, in order. Of a customer with a file that could not be used at
  /// all, or that names no environment that there is, nobody knows the environments, so all count.
  package var heldScopes: [ScopeID] {
    let named = self.scopes
    var scopes = Set(named.filter(held.contains))
    let known = Set(named.map(\.customer))
    let unread = customers.filter(\.value.isUnread).map(\.key)
    let unnamed = held.customers.filter {
      !known.contains($0) && customers[$0]?.definitions.environments.isEmpty != true
    }
    let hidden = Set(unread).union(held.isAll ? [] : unnamed)
    for customer in hidden {
      for environment in workspace?.environments ?? [] {
        let scope = ScopeID(environment: environment, customer: customer)
        if held.contains(scope) { scopes.insert(scope) }
      }
    }
    return scopes.sorted()
  }

  /// The scopes that go on whatever is found elsewhere, in order.
  package var goingOnScopes: [ScopeID] { scopes.filter { !held.contains($0) } }

  /// The scopes that a definition names, in order. A customer's segments, groups and
  /// metrics alone make no scope, and neither does an environment that there is not.
  package var scopes: [ScopeID] {
    let known = workspace.map { Set($0.environments) }
    var scopes: Set<ScopeID> = []
    for (customer, checked) in customers {
      for environment in checked.definitions.environments
      where known?.contains(environment) != false {
        scopes.insert(ScopeID(environment: environment, customer: customer))
      }
    }
    return scopes.sorted()
  }
}

extension DefinitionsCheck {
  /// The definitions, given what was found of each pending customer.
  package func definitions(
    with checked: [(customer: String, found: CheckedCustomer)]
  ) -> Definitions {
    var check = self
    check.finish(with: checked)
    return Definitions(check)
  }
}

/// The files of a repository, each checked by itself.
package struct RepositoryFiles: Sendable {
  let files: [CheckedFile]
  let stray: [(path: String, reason: Layout.Stray)]
  let others: [Finding]
  let unread: UnreadFiles

  /// - Parameters:
  ///   - files: each file that has a role, in any order.
  ///   - stray: the files under the roots that have none.
  ///   - others: findings about the repository itself, such as a symbolic link.
  ///   - unread: what stands outside of the roots.
  package init(
    _ files: [CheckedFile], stray: [(path: String, reason: Layout.Stray)] = [],
    others: [Finding] = [], unread: UnreadFiles = .none
  ) {
    (self.files, self.stray, self.others, self.unread) = (files, stray, others, unread)
  }
}

/// What one customer defines, by key; what is shared is kept for each of them.
struct CustomerDefinitions: Sendable {
  var experiments: [String: SourceItem<ExperimentSource>] = [:]
  var flags: [String: SourceItem<FlagSource>] = [:]
  var segments: [String: SourceItem<SegmentSource>] = [:]
  var groups: [String: SourceItem<GroupSource>] = [:]
  /// Segments of shared/, for every customer the same.
  var sharedSegments: [String: SourceItem<SegmentSource>] = [:]
  var metrics: [String: SourceItem<MetricSource>] = [:]
  /// Metrics of shared/, for every customer the same.
  var sharedMetrics: [String: SourceItem<MetricSource>] = [:]

  /// The environments that experiments and flags name.
  private(set) var environments: Set<String> = []

  /// How many stand in its own files.
  var count: Int {
    experiments.count + flags.count + segments.count + groups.count + metrics.count
  }

  mutating func add(_ file: CheckedFile) {
    for item in file.experiments {
      experiments[item.source.key] = item
      environments.formUnion(item.source.environments.map(\.name.key))
    }
    for item in file.flags {
      flags[item.source.key] = item
      environments.formUnion(item.source.environments.map(\.name.key))
    }
    for item in file.segments { segments[item.source.key] = item }
    for item in file.groups { groups[item.source.key] = item }
    for item in file.metrics { metrics[item.source.key] = item }
  }

  func segment(_ key: String) -> SourceItem<SegmentSource>? { segments[key] ?? sharedSegments[key] }

  func metric(_ key: String) -> SourceItem<MetricSource>? { metrics[key] ?? sharedMetrics[key] }
}
