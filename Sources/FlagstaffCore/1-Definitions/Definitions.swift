// The second stage: all files together. References must lead somewhere, identities must be unique,
// and everything that is wrong is told in one run. A finding holds the scopes of its customer and
// no others; a finding in the workspace or in shared/ holds all.

package import Documents

/// The definitions of one commit, checked against each other.
package struct Definitions: Sendable {
  /// Every finding of every file, in the order of places.
  package let findings: [Finding]
  package let workspace: Workspace?
  /// What comments in the files silence, for what only a plan finds.
  package let ignores: IgnoreTable
  /// Customers in key order, with those that have findings.
  let customers: [String: CustomerDefinitions]
  /// The customers whose scopes stay at their last applied commit.
  package let held: Set<String>
  /// Whether every scope is held, because what all of them share has findings.
  package let isAllHeld: Bool
  /// Who may do what; nil where what all customers share has findings.
  package let trust: Trust?
  private let hasCustomers: Bool
  /// Customers with a file of which nothing could be read.
  private let customersUnread: Set<String>

  /// What the workspace file says.
  package struct Workspace: Hashable, Sendable {
    package let id: String
    /// In the order of the file.
    package let environments: [String]
    package let deletionBudget: DeletionBudget
    /// `flagd: {splits: native}`, or not.
    package let flagdSplits: FlagdSplits
    package let drift: DriftHandling
  }

  /// Checks the files of a repository against each other.
  ///
  /// - Parameters:
  ///   - files: each file that has a role, in any order.
  ///   - stray: the files under the roots that have none.
  ///   - others: findings about the repository itself, such as a symbolic link.
  package static func check(
    _ files: [CheckedFile], stray: [(path: String, reason: Layout.Stray)] = [],
    others: [Finding] = []
  ) -> Definitions {
    var check = DefinitionsCheck(files)
    check.run()
    let ignore = check.ignore
    var findings = others + FindingLimit.told(check.findings)
    for (path, reason) in stray where !ignore.contains(where: { $0.matches(path) }) {
      findings.append(reason.finding(at: path))
    }
    for file in files where !file.findings.isEmpty {
      if !ignore.contains(where: { $0.matches(file.file) }) { findings += file.findings }
    }
    var ignores = IgnoreTable(files)
    let remaining = ignores.remaining(of: findings)
    return Definitions(findings: remaining, ignores: ignores, check: check)
  }

  private init(findings: [Finding], ignores: IgnoreTable, check: DefinitionsCheck) {
    self.ignores = ignores
    customers = check.customers
    workspace = check.workspaceSource.map {
      Workspace(
        id: $0.id, environments: $0.environments, deletionBudget: $0.deletionBudget,
        flagdSplits: $0.flagdSplits, drift: $0.drift)
    }
    hasCustomers = check.hasCustomers
    customersUnread = check.customersUnread
    var held: Set<String> = []
    var isAllHeld = check.workspaceSource == nil
    let hasCustomers = hasCustomers
    for finding in findings where finding.severity == .error {
      if let owner = Self.owner(of: finding.location.file, hasCustomers: hasCustomers) {
        held.insert(owner)
      } else {
        isAllHeld = true
      }
    }
    self.held = held
    self.isAllHeld = isAllHeld
    trust = isAllHeld ? nil : check.trust
    // Where something else is wrong, not all was checked that a comment could silence.
    let unused = ignores.unused { file in
      guard !isAllHeld else { return false }
      return Self.owner(of: file, hasCustomers: hasCustomers).map { !held.contains($0) }
        ?? held.isEmpty
    }
    self.findings = Set(findings + unused).sorted()
  }

  /// The customer whose scopes a finding in a file holds; nil where it holds all.
  private static func owner(of path: String, hasCustomers: Bool) -> String? {
    if case .success(.customer(let customer)) = Layout.role(of: path, hasCustomers: hasCustomers) {
      return customer
    }
    let parts = Layout.folders(of: path)
    return parts.count > 2 && parts[0] == "customers" ? parts[1] : nil
  }

  /// The errors that hold a customer's scopes: its own, and those of what all customers share.
  package func findings(holding customer: String) -> [Finding] {
    findings.filter { finding in
      guard finding.severity == .error else { return false }
      let owner = Self.owner(of: finding.location.file, hasCustomers: hasCustomers)
      return owner == nil || owner == customer
    }
  }

  package func isHeld(_ customer: String) -> Bool { isAllHeld || held.contains(customer) }

  /// The definitions of all customers, and those of shared/ once: what `validate` counts.
  package var count: Int {
    let shared = customers.values.first.map { $0.sharedSegments.count + $0.sharedMetrics.count }
    return customers.values.reduce(shared ?? 0) {
      $0 + $1.experiments.count + $1.flags.count + $1.segments.count + $1.groups.count
        + $1.metrics.count
    }
  }

  /// The scopes that findings hold, in order. Of a customer with a file that could not be used at
  /// all nobody knows the environments, so all count.
  package var heldScopes: [ScopeID] {
    var scopes = Set(scopes.filter { isHeld($0.customer) })
    let hidden = customersUnread.union(isAllHeld ? [] : held.filter { customers[$0] == nil })
    for customer in hidden where isHeld(customer) {
      for environment in workspace?.environments ?? [] {
        scopes.insert(ScopeID(environment: environment, customer: customer))
      }
    }
    return scopes.sorted()
  }

  /// The scopes that go on whatever is found elsewhere, in order.
  package var goingOnScopes: [ScopeID] { scopes.filter { !isHeld($0.customer) } }

  /// The scopes that a definition names, in order. A customer's segments, groups and
  /// metrics alone make no scope.
  package var scopes: [ScopeID] {
    var scopes: Set<ScopeID> = []
    for (customer, definitions) in customers {
      for environment in definitions.environments {
        scopes.insert(ScopeID(environment: environment, customer: customer))
      }
    }
    return scopes.sorted()
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

  var environments: Set<String> {
    let names =
      experiments.values.flatMap { $0.source.environments.map(\.name.key) }
      + flags.values.flatMap { $0.source.environments.map(\.name.key) }
    return Set(names)
  }

  func segment(_ key: String) -> SourceItem<SegmentSource>? { segments[key] ?? sharedSegments[key] }

  func metric(_ key: String) -> SourceItem<MetricSource>? { metrics[key] ?? sharedMetrics[key] }
}
