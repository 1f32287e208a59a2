// Follows the names of the workspace and of governance/ once all files are known: roles, people,
// teams and environments exist, no key or e-mail address leads to two people, and nobody asks for
// more people than there are. Customers and labels are warnings: they come and go with definitions
// of customers, whose edits must hold nobody else.

internal import Documents
internal import SSHSignatures

struct TrustCheck {
  private(set) var findings: [Finding] = []
  let trust: Trust
  private let files: [CheckedFile]
  private let workspace: (file: String, source: WorkspaceSource)?
  private let customers: [String: CheckedCustomer]
  /// Nil where not all of them are known. Read only where a policy names a label: definitions are
  /// many.
  private lazy var labels = isWhole ? Self.labels(of: customers) : nil
  private let isWhole: Bool
  /// Where a file cannot be read, nobody knows whom it would define.
  private let isSomeoneUnknown: Bool
  private var names: [GovernanceSection: [String: Location]] = [:]
  /// What is left of them for other checks.
  private(set) var suggestions: Suggestions

  /// - Parameters:
  ///   - files: the files of governance/ that are not ignored.
  ///   - customers: what the customers define, for the names and labels that policies match.
  ///   - isWhole: whether that is all; it is not where a customer's file has errors.
  ///   - suggestions: how many more wrong names are compared with known ones.
  init(
    _ files: [CheckedFile], workspace: WorkspaceSource?,
    customers: [String: CheckedCustomer], isWhole: Bool, suggestions: Suggestions
  ) {
    self.suggestions = suggestions
    self.files = files
    self.workspace = workspace.map { (Layout.workspaceFile, $0) }
    self.customers = customers
    self.isWhole = isWhole
    isSomeoneUnknown = files.contains(where: \.isUnreadable)
    trust = Trust.stated(files, workspace)
  }

  mutating func run() {
    for file in files { claimNames(of: file) }
    checkRoles()
    checkIdentities()
    for file in files {
      for person in file.governance.people { check([person.role], in: file.file) }
      for team in file.governance.teams { check(team.members, in: file.file) }
      for policy in file.governance.policies {
        check(policy.mentions, in: file.file)
        checkCounts(of: policy, in: file.file)
      }
    }
    for freeze in workspace?.source.freezes ?? [] {
      check(freeze.environments, in: Layout.workspaceFile)
    }
  }

  private static func labels(of customers: [String: CheckedCustomer]) -> [String: Set<String>] {
    var labels: [String: Set<String>] = [:]
    func add(_ all: Labels) {
      for (key, value) in all.entries { labels[key, default: []].insert(value) }
    }
    for checked in customers.values {
      for item in checked.definitions.experiments.values { add(item.source.labels) }
      for item in checked.definitions.flags.values { add(item.source.labels) }
    }
    return labels
  }

  private mutating func report(
    _ code: Finding.Code, at position: Position, in file: String, _ message: String, remedy: String,
    notes: [Finding.Note] = []
  ) {
    findings.append(
      Finding(
        code, at: Location(file: file, position: position), message,
        remedy: remedy, notes: notes))
  }
}

// MARK: What is unique

extension TrustCheck {
  /// A person, team or policy is defined once, in whichever file.
  private mutating func claimNames(of file: CheckedFile) {
    for (section, name, position) in file.governanceNames {
      guard let first = names[section]?[name] else {
        names[section, default: [:]][name] = Location(file: file.file, position: position)
        continue
      }
      report(
        .duplicateIdentity, at: position, in: file.file,
        "the \(section.noun) \(name) is defined twice",
        remedy: "Rename one of the two, or remove it",
        notes: [.init("first defined here", at: first)])
    }
  }

  /// A key or an e-mail address leads to one person.
  private mutating func checkIdentities() {
    var seen: [Text: (person: String, at: Location)] = [:]
    for file in files {
      for source in file.governance.people {
        let person = source.person
        var claims = zip(person.keys, source.keyPositions).map { key, position in
          (what: "key", text: key.key.text, position: position)
        }
        if let email = person.email {
          claims.append(("e-mail address", email.lowercased(), source.emailPosition))
        }
        for claim in claims {
          guard let first = seen[Text(claim.text)] else {
            seen[Text(claim.text)] = (
              person.key, Location(file: file.file, position: claim.position)
            )
            continue
          }
          report(
            .sharedIdentity, at: claim.position, in: file.file,
            "\(first.person) has this \(claim.what) already",
            remedy: "Give each \(claim.what) to one person, and state it once",
            notes: [.init("first given here", at: first.at)])
        }
      }
    }
  }
}

// MARK: What has to exist

extension TrustCheck {
  private mutating func checkRoles() {
    for source in workspace?.source.roles ?? [] {
      check([source.extended], in: Layout.workspaceFile)
      guard trust.roles.isCircular(source.role.name) else { continue }
      report(
        .roleCycle, at: source.position, in: Layout.workspaceFile,
        "the role \(source.role.name) extends itself, by way of others or directly",
        remedy: "Let it extend one of the built-in roles")
    }
  }

  private mutating func check(_ mentions: [Mention], in file: String) {
    for mention in mentions {
      switch mention.subject {
      case .environment: checkEnvironment(mention, in: file)
      case .role:
        let roles = trust.roles
        guard workspace != nil, roles[mention.name] == nil else { continue }
        reportUnknown(mention, .unknownRole, "role", among: roles.names, in: file)
      case .team: require(mention, .unknownTeam, "team", of: .teams, in: file)
      case .person: require(mention, .unknownPerson, "person", of: .people, in: file)
      case .customer: expect(mention, "customer", among: Set(customers.keys), in: file)
      case .label(let key):
        guard let labels else { continue }
        expect(mention, "definition with the label \(key):", among: labels[key] ?? [], in: file)
      }
    }
  }

  private mutating func checkEnvironment(_ mention: Mention, in file: String) {
    guard let known = workspace?.source.environments, !known.contains(mention.name) else { return }
    report(
      .unknownEnvironment, at: mention.position, in: file,
      "the workspace has no environment \(mention.name)",
      remedy: suggestions.remedy(
        for: mention.name, among: known,
        otherwise: Suggestions.choice(known) + ", or add it to \(Layout.workspaceFile)"))
  }

  private mutating func require(
    _ mention: Mention, _ code: Finding.Code, _ noun: String, of section: GovernanceSection,
    in file: String
  ) {
    let known = names[section] ?? [:]
    guard !isSomeoneUnknown, known[mention.name] == nil else { return }
    reportUnknown(mention, code, noun, among: Array(known.keys), in: file)
  }

  private mutating func reportUnknown(
    _ mention: Mention, _ code: Finding.Code, _ noun: String,
    among known: @autoclosure () -> [String], in file: String
  ) {
    let place = code == .unknownRole ? "\(Layout.workspaceFile)" : "governance/"
    report(
      code, at: mention.position, in: file, "there is no \(noun) \(mention.name)",
      remedy: suggestions.remedy(
        for: mention.name, among: known(), otherwise: "Define it in \(place), or name another"))
  }

  /// What a policy may match, but nothing is there.
  private mutating func expect(
    _ mention: Mention, _ noun: String, among known: Set<String>, in file: String
  ) {
    guard !known.contains(mention.name) else { return }
    report(
      .matchesNothing, at: mention.position, in: file,
      "there is no \(noun) \(mention.name), so the policy matches nothing by it",
      remedy: suggestions.remedy(
        for: mention.name, among: Array(known),
        otherwise: "Check the spelling, or leave it as it is where one is about to come"))
  }

  private mutating func checkCounts(of policy: PolicySource, in file: String) {
    guard files.allSatisfy(\.isValid), workspace != nil else { return }
    let former = findings.count
    var isWhole = true
    for quota in policy.quotas {
      let people = trust.people(among: quota.voters)
      let isKnown: Bool
      let whose: String
      switch quota.voters {
      case .team(let team): (isKnown, whose) = (trust.teams[team] != nil, "the team \(team)")
      case .role(let role): (isKnown, whose) = (trust.roles[role] != nil, "the role \(role)")
      }
      isWhole = isWhole && isKnown
      guard isKnown, people.count < quota.count else { continue }
      report(
        .unreachableCount, at: quota.position, in: file,
        "\(quota.count) people are asked for, and \(people.count) belong to \(whose)",
        remedy: "Lower the count, or add people: nothing could ever be approved")
    }
    if isWhole, findings.count == former { checkQuorum(of: policy, in: file) }
  }

  /// Nobody is counted in two places of a policy, so all of it together may ask for more people
  /// than there are.
  private mutating func checkQuorum(of policy: PolicySource, in file: String) {
    let quorum = Quorum(policy.policy.requirement)
    guard quorum.isWithinLimits else {
      return report(
        .requirementTooLarge, at: policy.position, in: file,
        "the policy \(policy.policy.key) asks for more than \(Limits.requirementCountsMax) counts,"
          + " or may be met in more than \(Limits.requirementWaysMax) ways",
        remedy: "Divide it into several policies: all that match must be met")
    }
    let best = quorum.best(of: Array(trust.people.keys)) { trust.has($0, among: $1) }
    guard let best, !best.isMet else { return }
    report(
      .unreachableCount, at: policy.position, in: file,
      "the policy \(policy.policy.key) needs \(best.missing) more people than there are: nobody is"
        + " counted in two places of it",
      remedy: "Ask for fewer, or add people: nothing could ever be approved")
  }
}
