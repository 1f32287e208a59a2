// Reads people, teams, roles and freezes, and checks what can be judged by looking at one of them
// alone: that keys are public keys, that windows and freezes end after they begin, that times and
// zones exist. Names that lead elsewhere are handed on with their places.

internal import Documents
internal import SSHSignatures

extension DefinitionReader {
  mutating func governance(_ root: Node) -> GovernanceSource {
    var source = GovernanceSource()
    for entry in root["people"]?.mapping?.entries ?? [] { source.people.append(person(entry)) }
    for entry in root["teams"]?.mapping?.entries ?? [] {
      let members = mentions(of: .person, in: entry.value["members"])
      source.teams.append(
        TeamSource(
          team: Team(key: entry.key, members: members.map(\.name)), position: entry.keyPosition,
          members: members))
    }
    for entry in root["approvals"]?.mapping?.entries ?? [] {
      if let policy = policy(entry) { source.policies.append(policy) }
    }
    return source
  }

  private mutating func person(_ entry: Mapping.Entry) -> PersonSource {
    var keys: [(key: SigningKey, position: Position)] = []
    for node in entry.value["keys"]?.sequence ?? [] {
      if let key = signingKey(node) { keys.append((key, node.position)) }
    }
    let role = mention(of: .role, entry.value["role"])
    let email = entry.value["email"]
    return PersonSource(
      person: Person(
        key: entry.key, role: role.name, email: email?.string, keys: keys.map(\.key)),
      position: entry.keyPosition, role: role, emailPosition: email?.position ?? .none,
      keyPositions: keys.map(\.position))
  }

  private mutating func signingKey(_ node: Node) -> SigningKey? {
    let (from, until) = (node["from"], node["until"])
    let start = instant(from?.string, at: from?.position ?? .none)
    let end = instant(until?.string, at: until?.position ?? .none)
    if let start, let end, let until, end <= start {
      report(
        .emptyWindow, at: until.position, "the key ends before it begins to count",
        remedy: "Give an `until` after \(start)")
    }
    guard let ssh = node["ssh"], let text = ssh.string else { return nil }
    do {
      return SigningKey(key: try SSHPublicKey(text), from: start, until: end)
    } catch {
      report(
        .badSigningKey, at: ssh.position, "the key \(error.reason)",
        remedy: "Paste the one line of a public key file, such as ~/.ssh/id_ed25519.pub")
      return nil
    }
  }

  func mention(of subject: Mention.Subject, _ node: Node?) -> Mention {
    Mention(subject: subject, name: node?.string ?? "", position: node?.position ?? .none)
  }

  func mentions(of subject: Mention.Subject, in list: Node?) -> [Mention] {
    (list?.sequence ?? []).map { mention(of: subject, $0) }
  }
}

extension DefinitionReader {
  func roles(_ node: Node?) -> [RoleSource] {
    (node?.mapping?.entries ?? []).map { entry in
      let extended = mention(of: .role, entry.value["extends"])
      let permissions = (entry.value["may"]?.sequence ?? []).compactMap(\.string)
        .compactMap(Permission.init)
      return RoleSource(
        role: Role(entry.key, extending: extended.name, permissions: Set(permissions)),
        position: entry.keyPosition, extended: extended)
    }
  }

  mutating func freezes(_ node: Node?) -> [FreezeSource] {
    (node?.sequence ?? []).compactMap { freeze($0) }
  }

  private mutating func freeze(_ node: Node) -> FreezeSource? {
    let from = localTime(node["from"])
    let until = localTime(node["until"])
    let zone = node["zone"]
    if let name = zone?.string, let position = zone?.position, !TimeZones.isKnown(name) {
      report(
        .unknownZone, at: position, "there is no time zone \(name)",
        remedy: suggestions.remedy(
          for: name, among: TimeZones.names,
          otherwise: "Write a name of the IANA database in the form Area/City, such as"
            + " Europe/Berlin or Etc/UTC"))
    }
    guard let from, let until, let zone = zone?.string else { return nil }
    checkClock(from, in: zone, at: node["from"]?.position)
    checkClock(until, in: zone, at: node["until"]?.position)
    if until <= from, let position = node["until"]?.position {
      report(
        .emptyWindow, at: position, "the freeze ends before it begins",
        remedy: "Give an `until` after \(from)")
    }
    let environments = node["environments"].map { mentions(of: .environment, in: $0) }
    return FreezeSource(
      freeze: Freeze(
        from: from, until: until, zone: zone,
        environments: environments.map { Set($0.map(\.name)) }),
      environments: environments ?? [])
  }

  private mutating func checkClock(_ time: LocalTime, in zone: String, at position: Position?) {
    guard let position, let change = ClockChange(skipping: time, in: zone) else { return }
    report(
      .skippedTime, at: position,
      "no clock in \(zone) shows \(time): that day they go from \(change.from.timeOfDay) to"
        + " \(change.until.timeOfDay)",
      remedy: "Write \(change.until), if that moment is meant")
  }

  private mutating func localTime(_ node: Node?) -> LocalTime? {
    guard let node, let text = node.string else { return nil }
    if let time = LocalTime(text) { return time }
    report(
      .badLocalTime, at: node.position, "\(text) is no local time: there is no such date or time",
      remedy: "Write an existing date and time of day as YYYY-MM-DDThh:mm")
    return nil
  }
}
