// Reads forms of trust back into types: from the registry, and where a published digest is compared
// with a commit. It takes what it knows and leaves out the rest. `Trust.registered` then writes
// what was read and compares, so that nothing that was left out or spelled otherwise goes unseen.

internal import Documents
internal import SSHSignatures

struct TrustReading {
  private(set) var workspace: TrustWorkspace?
  private(set) var roles: [Role] = []
  private(set) var people: [Person] = []
  private(set) var teams: [Team] = []
  private(set) var policies: [Policy] = []
  private(set) var freezes: [Freeze] = []

  /// - Returns: nil where a form is of no known kind, or lacks what its type needs.
  init?(_ forms: [Node]) {
    for form in forms {
      guard let key = form["key"]?.string,
        let kind = form["kind"]?.string.flatMap(TrustKind.init)
      else { return nil }
      switch kind {
      case .person:
        guard let person = Person(key, form) else { return nil }
        people.append(person)
      case .team: teams.append(Team(key: key, members: form["members"]?.strings ?? []))
      case .policy:
        guard let policy = Policy(key, form) else { return nil }
        policies.append(policy)
      case .workspace:
        guard workspace == nil, let read = TrustWorkspace(key, form) else { return nil }
        workspace = read
        roles = form["roles"]?.mapping?.entries.map(Role.init) ?? []
        freezes = form["freezes"]?.sequence?.compactMap(Freeze.init) ?? []
      }
    }
    guard workspace != nil else { return nil }
  }
}

extension TrustWorkspace {
  fileprivate init?(_ id: String, _ form: Node) {
    guard let environments = form["environments"]?.strings,
      let count = form["deletionBudget"]?["count"]?.integer,
      let share = form["deletionBudget"]?["share"]?.integer,
      let drift = form["drift"]?.string.flatMap(DriftHandling.init)
    else { return nil }
    self.init(
      id: id, environments: environments, deletionBudget: .init(count: count, share: share),
      flagdSplits: form["flagd"]?["splits"]?.string == "native" ? .native : .omitted,
      drift: drift)
  }
}

extension Role {
  fileprivate init(_ entry: Mapping.Entry) {
    self.init(
      entry.key, extending: entry.value["extends"]?.string,
      permissions: Set((entry.value["may"]?.strings ?? []).compactMap(Permission.init)))
  }
}

extension Freeze {
  fileprivate init?(_ form: Node) {
    guard let from = form["from"]?.string.flatMap(LocalTime.init),
      let until = form["until"]?.string.flatMap(LocalTime.init), let zone = form["zone"]?.string
    else { return nil }
    self.init(
      from: from, until: until, zone: zone,
      environments: form["environments"]?.strings.map { Set($0) })
  }
}

extension Person {
  fileprivate init?(_ key: String, _ form: Node) {
    guard let role = form["role"]?.string else { return nil }
    var keys: [SigningKey] = []
    for key in form["keys"]?.sequence ?? [] {
      guard let text = key["ssh"]?.string, let ssh = try? SSHPublicKey(text) else { return nil }
      keys.append(
        SigningKey(
          key: ssh, from: key["from"]?.string.flatMap(Instant.init),
          until: key["until"]?.string.flatMap(Instant.init)))
    }
    self.init(key: key, role: role, email: form["email"]?.string, keys: keys)
  }
}

extension Policy {
  fileprivate init?(_ key: String, _ form: Node) {
    guard let match = form["match"], let requirement = form["require"].flatMap(Requirement.init)
    else { return nil }
    self.init(
      key: key, match: PolicyMatch(form: match), requirement: requirement,
      isSaferExempt: form["exempt"]?.string == "safer")
  }
}

extension PolicyMatch {
  fileprivate init(form: Node) {
    environments = form["environments"]?.strings.map { Set($0) }
    customers = form["customers"]?.strings.map { Set($0) }
    kinds = form["kinds"]?.strings.map { Set($0.compactMap(Kind.init)) }
    keys = form["keys"]?.strings.map { Set($0) }
    classes = form["classes"]?.strings.map { Set($0.compactMap(ChangeClass.init)) }
    blastRadiusMin = form["blastRadius"]?["atLeast"]?.integer
    for label in form["labels"]?.mapping?.entries ?? [] {
      labels[label.key] = Set(label.value.strings ?? [])
    }
  }
}

extension Requirement {
  fileprivate init?(_ form: Node) {
    if let parts = (form["allOf"] ?? form["anyOf"])?.sequence {
      var requirements: [Requirement] = []
      for part in parts {
        guard let requirement = Requirement(part) else { return nil }
        requirements.append(requirement)
      }
      self = form["allOf"] == nil ? .anyOf(requirements) : .allOf(requirements)
    } else if let count = form["count"]?.integer, let team = form["team"]?.string {
      self = .people(count, of: .team(team))
    } else if let count = form["count"]?.integer, let role = form["role"]?.string {
      self = .people(count, of: .role(role))
    } else {
      return nil
    }
  }
}

extension Node {
  /// The strings of a sequence; what is no string is left out.
  fileprivate var strings: [String]? { sequence?.compactMap(\.string) }
}
