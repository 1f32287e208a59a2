// The checks of definitions against each other: each customer by itself, and then what concerns
// several of them: salts, what stands in shared/, who may do what. What was found of a customer
// before is taken over where nothing that it follows from has changed.

internal import Dispatch
internal import Documents
internal import Synchronization

struct DefinitionsCheck {
  private(set) var findings: [Finding] = []
  private(set) var customers: [String: CheckedCustomer] = [:]
  private(set) var shared: CheckedCustomer?
  let workspaceSource: WorkspaceSource?
  /// Who may do what; of use only where what all customers share has no findings.
  private(set) var trust: Trust?
  /// Known even where the workspace has findings, so that what it ignores is not reported beside
  /// them.
  let pathsIgnored: [IgnorePattern]
  let owners: Owners
  private var suggestions = Suggestions()
  private let hasWorkspaceFile: Bool
  /// Whether there is a file that may be the workspace under another name.
  private let isMisnamed: Bool
  private let files: [CheckedFile]
  private let missing: Set<String?>

  /// - Parameter missing: files that have something to say and are not among the others.
  init(_ files: [CheckedFile], missing: [String]) {
    let workspace = files.first { $0.role == .workspace }
    hasWorkspaceFile = workspace != nil
    workspaceSource = workspace?.workspace
    let pathsIgnored = workspace?.pathsIgnored ?? []
    self.pathsIgnored = pathsIgnored
    isMisnamed = missing.contains(Layout.workspaceMisnamed)
    self.files =
      files.filter { file in !pathsIgnored.contains { $0.matches(file.file) } }
      .sorted { $0.file.precedesInBytes($1.file) }
    let owners = Owners(hasCustomers: files.contains { Layout.isOfCustomers($0.file) })
    self.owners = owners
    self.missing = Set(missing.map { owners.owner(of: $0) })
  }

  /// - Parameter former: what was found before, of which the same is taken over.
  mutating func run(after former: Definitions?) {
    if !hasWorkspaceFile { reportNoWorkspace() }
    var byRole: [FileRole: [CheckedFile]] = [:]
    for file in files { byRole[file.role, default: []].append(file) }
    let shared = check(byRole[.shared] ?? [], of: nil, beside: nil, former?.shared)
    self.shared = shared
    findings += shared.findings
    checkCustomers(byRole, beside: shared, former)
    checkSalts()
    checkSharedUse(shared)
    checkTrust(byRole[.governance] ?? [])
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

  /// Each customer by itself, the largest first, on all cores.
  private mutating func checkCustomers(
    _ byRole: [FileRole: [CheckedFile]], beside shared: CheckedCustomer, _ former: Definitions?
  ) {
    var work: [(customer: String, files: [CheckedFile])] = []
    for case (.customer(let customer), let files) in byRole { work.append((customer, files)) }
    work.sort { $0.files.count > $1.files.count }
    let results = Mutex<[CheckedCustomer?]>(Array(repeating: nil, count: work.count))
    let (check, ordered) = (self, work)
    DispatchQueue.concurrentPerform(iterations: work.count) { index in
      let (customer, files) = ordered[index]
      let checked = check.check(
        files, of: customer, beside: shared, former?.customers[customer])
      results.withLock { $0[index] = checked }
    }
    for (item, checked) in zip(work, results.withLock(\.self)) {
      customers[item.customer] = checked
    }
  }

  private func check(
    _ files: [CheckedFile], of customer: String?, beside shared: CheckedCustomer?,
    _ former: CheckedCustomer?
  ) -> CheckedCustomer {
    let basis = CheckedCustomer.Basis(
      customer: customer, environments: workspaceSource?.environments, shared: shared,
      isMissing: missing.contains(customer))
    if let former, former.isSame(of: files, on: basis) { return former }
    return .check(files, on: basis)
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
  private mutating func checkSharedUse(_ shared: CheckedCustomer) {
    guard !shared.isIncomplete, !customers.values.contains(where: \.isIncomplete),
      missing.isEmpty
    else { return }
    let named = customers.values.reduce(into: shared.definitions.named) {
      $0.formUnion($1.usedOfShared)
    }
    findings += shared.definitions.unused(beside: named)
  }

  private mutating func checkTrust(_ governance: [CheckedFile]) {
    var check = TrustCheck(
      governance, workspace: workspaceSource, customers: customers,
      isWhole: files.allSatisfy(\.isValid), suggestions: suggestions)
    check.run()
    suggestions = check.suggestions
    findings += check.findings
    trust = check.trust
    checkOwners(governance)
  }

  /// Where teams exist, an owner is one of them.
  private mutating func checkOwners(_ governance: [CheckedFile]) {
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
