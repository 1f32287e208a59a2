// Reads approval policies. A requirement is of exactly one form, at every level; names of teams,
// roles, environments, customers and labels are handed on with their places, and counts too, since
// only all files together say how many people there are.

internal import Documents

extension DefinitionReader {
  mutating func policy(_ entry: Mapping.Entry) -> PolicySource? {
    var mentions: [Mention] = []
    var quotas: [PolicySource.Quota] = []
    let match = match(entry.value["match"], &mentions)
    guard let node = entry.value["require"],
      let requirement = requirement(node, &mentions, &quotas)
    else { return nil }
    return PolicySource(
      policy: Policy(
        key: entry.key, match: match, requirement: requirement,
        isSaferExempt: entry.value["exempt"]?.string == "safer"),
      position: entry.keyPosition, mentions: mentions, quotas: quotas)
  }

  private func match(_ node: Node?, _ mentions: inout [Mention]) -> PolicyMatch {
    var match = PolicyMatch()
    func names(_ subject: Mention.Subject, _ field: String) -> Set<String>? {
      node?[field].map { list in
        let named = self.mentions(of: subject, in: list)
        mentions += named
        return Set(named.map(\.name))
      }
    }
    func strings(_ field: String) -> [String]? { node?[field]?.sequence?.compactMap(\.string) }
    match.environments = names(.environment, "environments")
    match.customers = names(.customer, "customers")
    match.kinds = strings("kinds").map { Set($0.compactMap(Kind.init)) }
    match.keys = strings("keys").map { Set($0) }
    match.classes = strings("classes").map { Set($0.compactMap(ChangeClass.init)) }
    match.blastRadiusMin = share(node?["blastRadius"]?["atLeast"])
    for label in node?["labels"]?.mapping?.entries ?? [] {
      let values = label.value.sequence ?? [label.value]
      let named = values.map { mention(of: .label(label.key), $0) }
      mentions += named
      match.labels[label.key] = Set(named.map(\.name))
    }
    return match
  }

  private mutating func requirement(
    _ node: Node, _ mentions: inout [Mention], _ quotas: inout [PolicySource.Quota]
  ) -> Requirement? {
    guard let fields = node.mapping else { return nil }
    if fields.count == 1, let parts = (fields["allOf"] ?? fields["anyOf"])?.sequence {
      var requirements: [Requirement] = []
      for part in parts {
        guard let requirement = requirement(part, &mentions, &quotas) else { continue }
        requirements.append(requirement)
      }
      return fields["allOf"] == nil ? .anyOf(requirements) : .allOf(requirements)
    }
    if fields.count == 2, let count = fields["count"]?.integer {
      if let team = fields["team"] {
        return people(count, .team(team.string ?? ""), .team, team, &mentions, &quotas, node)
      }
      if let role = fields["role"] {
        return people(count, .role(role.string ?? ""), .role, role, &mentions, &quotas, node)
      }
    }
    report(
      .badRequirement, at: node.position, "this requirement is of no known form",
      remedy: "Write exactly one of {count, team}, {count, role}, {allOf: […]}, {anyOf: […]}")
    return nil
  }

  private func people(
    _ count: Int, _ voters: Voters, _ subject: Mention.Subject, _ named: Node,
    _ mentions: inout [Mention], _ quotas: inout [PolicySource.Quota], _ node: Node
  ) -> Requirement {
    mentions.append(mention(of: subject, named))
    quotas.append(.init(count: count, voters: voters, position: node["count"]?.position ?? .none))
    return .people(count, of: voters)
  }
}
