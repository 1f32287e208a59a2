// Who has which traffic bucket of an exclusion group, bucket by bucket: members, holdout and
// resting buckets never overlap, and each bucket that changed hands did so by the design's section
// *Groups*. What the planner decides by a procedure is checked here as a list of conditions on
// before and after.

internal import Documents

extension PlanCheck {
  func checkGroups() throws(PlanDisagreement) {
    let groups = (Array(before.entries.keys) + after.entries.keys).filter(\.isGroup)
      .map { Text($0.key) }
    let resting = (before.rests + after.rests).compactMap { $0["group"]?.string }
      .map { Text($0) }
    let keys = Set(groups + resting)
    guard !keys.isEmpty else { return }
    let members = groupMembers()
    for key in keys.sorted() where isTouched(key, members[key] ?? []) {
      try checkGroup(key.string, (members[key] ?? []).map(\.string).sorted { Text($0) < Text($1) })
    }
  }

  /// The experiments that belong to each group, before or after.
  private func groupMembers() -> [Text: Set<Text>] {
    var members: [Text: Set<Text>] = [:]
    func add(_ identity: Identity, _ form: Node?) {
      guard identity.kind == .experiment, let group = form?["group"]?.string else { return }
      members[Text(group), default: []].insert(Text(identity.key))
    }
    for (identity, definition) in plan.wanted.definitions { add(identity, definition.form) }
    for change in plan.changes { add(change.identity, change.before?.definition.form) }
    return members
  }

  private func isTouched(_ group: Text, _ members: Set<Text>) -> Bool {
    let isChanged = changes.keys.contains { identity in
      identity.isGroup && Text(identity.key) == group
        || identity.kind == .experiment && members.contains(Text(identity.key))
    }
    return isChanged || rests(of: group.string, in: before) != rests(of: group.string, in: after)
  }

  /// What rests in a group at the plan's instant; what has rested long enough is free.
  private func rests(of group: String, in bytes: ScopeBytes) -> [Node] {
    bytes.rests.filter { rest in
      rest["group"]?.string == group
        && rest["until"]?.string.flatMap { Instant($0) }.map { $0 > plan.instant } ?? true
    }
  }

  private func checkGroup(_ key: String, _ members: [String]) throws(PlanDisagreement) {
    let identity = (Array(after.entries.keys) + before.entries.keys)
      .first { $0.isGroup && $0.key == key }
    let form = identity.flatMap { plan.wanted.definitions[$0]?.form }
    let former = identity.flatMap { changes[$0]?.before?.definition.form } ?? form
    let holdout = form?["holdout"]?.integer ?? 0
    if let identity, let form {
      try checkGroupEntry(identity, form, holdout: holdout)
    }
    let was = try floor(key, identity, members, in: before) { member in
      changes[member].map { $0.before?.definition.form } ?? plan.wanted.definitions[member]?.form
    }
    let now = try floor(key, identity, members, in: after) { plan.wanted.definitions[$0]?.form }
    let days = (form ?? former)?["restDays"]?.integer ?? 0
    let transition = GroupTransition(
      was: was, now: now, members: members, holdout: holdout,
      restUntil: days > 0 ? plan.instant.adding(seconds: days * 86_400) : nil)
    for member in members {
      try expect(
        .traffic, Identity(.experiment, member), "so many buckets of group \(key):",
        planned: now.size(of: GroupTransition.member(member)), found: wantedBuckets(member, of: key)
      )
    }
    if let (what, planned, found) = transition.trouble {
      throw disagreement(
        .traffic, identity, planned: "for \(what) of group \(key) \(planned)", found: found)
    }
  }

  /// What a group records: the id that its members hash with, and the highest buckets.
  private func checkGroupEntry(
    _ identity: Identity, _ form: Node, holdout: Int
  ) throws(PlanDisagreement) {
    let entry = try entry(identity, in: after)
    try expect(
      .identity, identity, "the recorded id", planned: entry["id"],
      found: form["id"] ?? id("Group/\(identity.key)"))
    let range = Node.sequence([
      .integer(BucketMap.count - holdout), .integer(BucketMap.count),
    ])
    try expect(
      .traffic, identity, "the holdout", planned: entry["holdout"],
      found: .sequence(holdout > 0 ? [range] : []))
  }

  /// Who has which bucket of a group. Nobody shares one.
  private func floor(
    _ key: String, _ identity: Identity?, _ members: [String], in bytes: ScopeBytes,
    form: (Identity) -> Node?
  ) throws(PlanDisagreement) -> BucketMap {
    var parts: [(name: String, ranges: Node)] = []
    for member in members.map({ Identity(.experiment, $0) }) {
      guard form(member)?["group"]?.string == key else { continue }
      let traffic = bytes.entries[member]?.node?["traffic"] ?? .sequence([])
      parts.append((GroupTransition.member(member.key), traffic))
    }
    if let holdout = identity.flatMap({ bytes.entries[$0]?.node })?["holdout"] {
      parts.append((GroupTransition.holdout, holdout))
    }
    for rest in rests(of: key, in: bytes) {
      let name = GroupTransition.rest(
        of: rest["experiment"]?.string ?? "", until: rest["until"]?.string ?? "")
      parts.append((name, rest["ranges"] ?? .sequence([])))
    }
    guard let map = BucketMap(parts) else {
      let names = parts.map(\.name).joined(separator: ", ")
      throw disagreement(
        .traffic, identity, planned: "disjoint buckets in group \(key) for \(names)",
        found: BucketMap.overlap(parts) ?? "ranges that are none")
    }
    return map
  }

  /// Buckets are an experiment's own from when it is applied as running until it is completed.
  private func wantedBuckets(_ member: String, of group: String) -> Int {
    let identity = Identity(.experiment, member)
    guard let form = plan.wanted.definitions[identity]?.form, form["group"]?.string == group else {
      return 0
    }
    let traffic = form["traffic"]?.integer ?? 0
    switch StatusInForce(form, at: now(of: identity)) {
    case .live, .scheduled: return traffic
    case .paused: return before.entries[identity]?.node?["started"] != nil ? traffic : 0
    case .draft, .completed: return 0
    }
  }
}

extension Identity {
  fileprivate var isGroup: Bool { kind == .group }
}

extension BucketMap {
  /// The first bucket that two names have, and whose it is.
  static func overlap(_ parts: [(name: String, ranges: Node)]) -> String? {
    var owners = [String?](repeating: nil, count: count)
    for part in parts {
      for bucket in buckets(part.ranges) ?? [] {
        if let other = owners[bucket] {
          return "that \(other) and \(part.name) both have bucket \(bucket)"
        }
        owners[bucket] = part.name
      }
    }
    return nil
  }
}
