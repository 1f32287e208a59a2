// The checks of definitions against each other: each customer by itself, and then what concerns
// several of them: salts, what stands in shared/, who may do what. What was found of a customer
// before is taken over where nothing that it follows from has changed. The others are handed out,
// since they can be checked on all cores.

internal import Documents

package struct DefinitionsCheck: Sendable {
  /// A customer of whom nothing is known yet, or something has changed.
  package struct PendingCustomer: Sendable {
    package let name: String
    fileprivate let files: [CheckedFile]
    fileprivate let basis: CheckedCustomer.Basis

    /// Whoever does it, and in whichever order: it follows from the files alone.
    package func check() -> CheckedCustomer { .check(files, on: basis) }
  }

  /// Those that have to be checked, the largest first.
  package let pending: [PendingCustomer]
  private(set) var findings: [Finding] = []
  private(set) var customers: [String: CheckedCustomer]
  let shared: CheckedCustomer
  let workspaceSource: WorkspaceSource?
  /// Who may do what; of use only where what all customers share has no findings.
  private(set) var trust: Trust?
  /// Known even where the workspace has findings, so that what it ignores is not reported beside
  /// them.
  let pathsIgnored: [IgnorePattern]
  let owners: Owners
  private var suggestions = Suggestions()
  /// Nil where there is none.
  private let workspaceFile: CheckedFile?
  /// Whether there is a file that may be the workspace under another name.
  private let isMisnamed: Bool
  /// Those that the workspace does not ignore, in the order of paths.
  private let files: [CheckedFile]
  private let governance: [CheckedFile]
  /// Whose files have something to say and cannot be read, nil for what all share.
  private let missing: Set<String?>
  let repository: RepositoryFiles

  /// Checks what all customers share.
  ///
  /// - Parameter former: what was found before; of customers of whom nothing has changed it is
  ///   taken over.
  package init(_ repository: RepositoryFiles, after former: Definitions? = nil) {
    self.repository = repository
    let workspace = repository.files.first { $0.role == .workspace }
    workspaceFile = workspace
    workspaceSource = workspace?.workspace
    let pathsIgnored = workspace?.pathsIgnored ?? []
    self.pathsIgnored = pathsIgnored
    let unusable =
      repository.others.filter { $0.severity == .error }.map(\.location.file)
      + repository.stray.map(\.path)
    isMisnamed = unusable.contains(Layout.workspaceMisnamed)
    let counted =
      pathsIgnored.isEmpty
      ? repository.files
      : repository.files.filter { file in !pathsIgnored.contains { $0.matches(file.file) } }
    files = counted.sorted { $0.file.precedesInBytes($1.file) }
    let owners = Owners(
      hasCustomers: repository.files.contains { Layout.isOfCustomers($0.file) })
    self.owners = owners
    let missing = Set(unusable.map { owners.owner(of: $0) })
    self.missing = missing
    var byRole: [FileRole: [CheckedFile]] = [:]
    for (role, run) in files.runsByRole { byRole[role, default: []] += run }
    governance = byRole[.governance] ?? []
    let environments = workspaceSource?.environments
    func basis(_ customer: String?, _ shared: CheckedCustomer?) -> CheckedCustomer.Basis {
      CheckedCustomer.Basis(
        customer: customer, environments: environments, shared: shared,
        isMissing: missing.contains(customer))
    }
    let shared = CheckedCustomer.check(
      byRole[.shared] ?? [], on: basis(nil, nil), after: former?.shared)
    self.shared = shared
    var pending: [PendingCustomer] = []
    var kept: [String: CheckedCustomer] = [:]
    for case (.customer(let customer), let files) in byRole {
      let basis = basis(customer, shared)
      if let known = former?.customers[customer], known.isSame(of: files, on: basis) {
        kept[customer] = known
      } else {
        pending.append(PendingCustomer(name: customer, files: files, basis: basis))
      }
    }
    self.pending = pending.sorted { $0.files.count > $1.files.count }
    customers = kept
  }

  /// - Parameter checked: what was found of each pending customer.
  mutating func finish(with checked: [(customer: String, found: CheckedCustomer)]) {
    for (customer, found) in checked { customers[customer] = found }
    if workspaceFile == nil { reportNoWorkspace() }
    findings += shared.findings
    checkSalts()
    checkSharedUse()
    checkTrust()
  }

  private mutating func reportNoWorkspace() {
    guard !isMisnamed else {
      report(
        .noWorkspace, at: Location(file: Layout.workspaceMisnamed),
        "the repository has no workspace: a file of this name is not read",
        remedy: "Rename it to \(Layout.workspaceFile)")
      return
    }
    report(
      .noWorkspace, at: Location(file: Layout.workspaceFile), "the repository has no workspace",
      remedy: "Add \(Layout.workspaceFile) with `flagstaff: v1` and a `workspace` that has an"
        + " `id` and `environments`")
  }

  private mutating func checkSalts() {
    var seen: [Text: Location] = [:]
    for customer in customers.keys.sorted(by: { $0.precedesInBytes($1) }) {
      guard let checked = customers[customer] else { continue }
      findings += checked.findings
      for salt in checked.salts {
        guard let first = seen.updateValue(salt.location, forKey: Text(salt.text)) else { continue }
        seen[Text(salt.text)] = first
        report(
          .duplicateSalt, at: salt.location,
          "this \(salt.field) is used already, as a salt or as an id",
          remedy: "Choose another: two hashes of one salt are not independent",
          notes: [.init("used here", at: first)])
      }
    }
  }

  /// What stands in shared/ and no customer uses.
  private mutating func checkSharedUse() {
    guard !shared.isIncomplete, !customers.values.contains(where: \.isIncomplete),
      missing.isEmpty
    else { return }
    let named = customers.values.reduce(into: shared.definitions.named) {
      $0.formUnion($1.usedOfShared)
    }
    findings += shared.definitions.unused(beside: named)
  }

  private mutating func checkTrust() {
    var check = TrustCheck(
      governance, workspace: workspaceSource, customers: customers,
      isWhole: files.allSatisfy(\.isValid), suggestions: suggestions)
    check.run()
    suggestions = check.suggestions
    findings += check.findings
    trust = check.trust
    checkOwners()
  }

  /// Where teams exist, an owner is one of them.
  private mutating func checkOwners() {
    let teams = governance.flatMap { $0.governance.teams.map(\.team.key) }
    guard !teams.isEmpty, governance.allSatisfy(\.isValid) else { return }
    let known = Set(teams)
    for file in files {
      guard let owner = file.owner, !known.contains(owner.key) else { continue }
      report(
        .unknownOwner, at: Location(file: file.file, position: owner.position),
        "there is no team \(owner.key)",
        remedy: suggestions.remedy(
          for: owner.key, among: teams, otherwise: Suggestions.choice(teams)))
    }
  }

  private mutating func report(
    _ code: Finding.Code, at location: Location, _ message: String, remedy: String,
    notes: [Finding.Note] = []
  ) {
    findings.append(Finding(code, at: location, message, remedy: remedy, notes: notes))
  }
}

extension [CheckedFile] {
  /// Neighbours that play one part, together: files are many, and parts few.
  fileprivate var runsByRole: [(role: FileRole, files: ArraySlice<CheckedFile>)] {
    var runs: [(role: FileRole, files: ArraySlice<CheckedFile>)] = []
    var start = startIndex
    while start < endIndex {
      let role = self[start].role
      let end = self[start...].firstIndex { $0.role != role } ?? endIndex
      runs.append((role, self[start..<end]))
      start = end
    }
    return runs
  }
}
