// Exclusion groups in a plan: which buckets each member gets, what rests, and what keeps a group
// from giving what is wanted. It is decided for all groups at once, before any experiment is
// planned, since what one member releases decides what another may take.

internal import Documents
internal import FlagstaffEvaluation

/// What a plan does to the buckets of every group of a scope.
struct GroupPlan {
  private(set) var rests: [Rest] = []
  private(set) var troubles: [(group: String, trouble: GroupAllocation.Trouble)] = []
  private var allocations: [Text: GroupAllocation] = [:]
  private var traffic: [Text: BucketRanges] = [:]

  init() {}

  /// - Parameters:
  ///   - instant: what has rested until then is free.
  ///   - now: where the schedule of a definition stands.
  init(
    _ wanted: ResolvedScope, _ state: ScopeState, at instant: Instant, now: (Identity) -> Instant
  ) throws(MalformedForm) {
    var keys = Set(state.rests.map { Text($0.group) })
    for identity in Array(wanted.definitions.keys) + Array(state.definitions.keys)
    where identity.kind == .group {
      keys.insert(Text(identity.key))
    }
    guard !keys.isEmpty else { return }
    let members = try Members(wanted, state, now: now)
    for key in keys.sorted() {
      let definition =
        wanted.definitions[Identity(.group, key.string)]
        ?? state.definitions[Identity(.group, key.string)]?.definition
      let resolved = try definition.map { definition throws(MalformedForm) in
        try ResolvedGroup(form: definition.form)
      }
      var heldOut = BucketRanges.none
      if case .group(let recorded) = state.definitions[Identity(.group, key.string)]?.recorded {
        heldOut = recorded.holdout
      }
      let allocation = GroupAllocation(
        .init(
          key: key.string, holdout: resolved?.holdout ?? 0, restDays: resolved?.restDays ?? 0,
          heldOut: heldOut),
        members: members.of(key), rests: state.rests.filter { Text($0.group) == key }, at: instant)
      add(allocation, of: key)
    }
    for member in members.wanted {
      traffic[member.key] = allocations[member.group]?.ranges(of: member.key) ?? BucketRanges.none
    }
  }

  private mutating func add(_ allocation: GroupAllocation, of key: Text) {
    allocations[key] = allocation
    rests += allocation.rests
    if let trouble = allocation.trouble { troubles.append((key.string, trouble)) }
  }

  /// The buckets of a member; nil for an experiment without a group.
  func traffic(of experiment: String) -> BucketRanges? { traffic[Text(experiment)] }

  func holdout(of group: String) -> BucketRanges {
    allocations[Text(group)]?.heldOut ?? BucketRanges.none
  }

  /// The members of a group that hold buckets once the plan is applied, and how many.
  func holders(of group: String) -> [(key: String, count: Int)] {
    (allocations[Text(group)]?.members ?? []).filter { $0.wanted > 0 }.map { ($0.key, $0.wanted) }
  }
}

/// Which experiments hold buckets of which group, or want some.
private struct Members {
  /// The members by what the definitions say.
  private(set) var wanted: [(key: Text, group: Text)] = []
  private var byGroup: [Text: [Text: (held: BucketRanges, wanted: Int)]] = [:]

  init(
    _ wanted: ResolvedScope, _ state: ScopeState, now: (Identity) -> Instant
  ) throws(MalformedForm) {
    var started: Set<Text> = []
    for (identity, registered) in state.definitions {
      guard case .experiment(let recorded) = registered.recorded else { continue }
      let key = Text(identity.key)
      if recorded.started != nil { started.insert(key) }
      guard let group = registered.definition.form["group"]?.string else { continue }
      byGroup[Text(group), default: [:]][key] = (recorded.traffic, 0)
    }
    for (identity, definition) in wanted.definitions where identity.kind == .experiment {
      guard let group = definition.form["group"]?.string.map({ Text($0) }) else { continue }
      let key = Text(identity.key)
      let experiment = try ResolvedExperiment(form: definition.form)
      let reserves = experiment.reservesTraffic(
        at: now(identity), hasStarted: started.contains(key))
      self.wanted.append((key, group))
      byGroup[group, default: [:]][key, default: (BucketRanges.none, 0)].wanted =
        reserves ? experiment.traffic : 0
    }
  }

  /// In key order.
  func of(_ group: Text) -> [GroupAllocation.Member] {
    (byGroup[group] ?? [:]).sorted { $0.key < $1.key }.map { key, member in
      GroupAllocation.Member(key: key.string, held: member.held, wanted: member.wanted)
    }
  }
}

extension ResolvedExperiment {
  /// Whether its buckets of a group are its own: from when it is applied as running, even before
  /// its start, until it is completed.
  fileprivate func reservesTraffic(at instant: Instant, hasStarted: Bool) -> Bool {
    switch effect(at: instant) {
    case .live, .scheduled: true
    case .paused: hasStarted
    case .draft, .completed: false
    }
  }
}

extension Planner {
  mutating func group(_ definition: ResolvedDefinition, before: RegisteredDefinition?)
    throws(MalformedForm) -> Comparison
  {
    let wanted = try ResolvedGroup(form: definition.form)
    let id = wanted.pinnedID ?? Identifiers.group(wanted.key, of: self.wanted.scope.customer)
    let recorded = RecordedGroup(id: id, holdout: groups.holdout(of: wanted.key))
    guard let before else {
      return Comparison(recorded: .group(recorded), classes: [.groupCreated])
    }
    if case .group(let former) = before.recorded, !former.id.hasSameBytes(as: id),
      hasPublishedMembers(wanted.key)
    {
      report(
        .idChanged, definition, "the id of \(wanted.key) would change under its users",
        remedy: "Keep `id: \(former.id)`, or define another group")
    }
    let was = try ResolvedGroup(form: before.definition.form)
    let isChanged =
      wanted.holdout != was.holdout || wanted.restDays != was.restDays
      || before.recorded != .group(recorded)
    return Comparison(recorded: .group(recorded), classes: isChanged ? [.groupChanged] : [])
  }

  /// Whether the id is published with a member: drafts are not.
  private func hasPublishedMembers(_ group: String) -> Bool {
    state.definitions.values.contains { registered in
      let form = registered.definition.form
      return form["group"]?.string == group && form["status"]?.string != "draft"
    }
  }

  /// What keeps groups from giving what is wanted: findings where somebody has to change the
  /// definitions, waits where time alone will do.
  mutating func checkGroups() {
    for (key, trouble) in groups.troubles {
      let identity = Identity(.group, key)
      switch trouble {
      case .resting(let until):
        wait(
          identity, "\(identity) is full until \(until), because released buckets rest",
          remedy: "Wait, ask for less traffic, or set `restDays` of the group lower",
          until: until)
      case .releasedByPlan:
        wait(
          identity, "\(identity) is full: what this plan releases has to rest first",
          remedy: "Release it in a commit of its own and take it once it has rested, or set"
            + " `restDays: 0` on the group")
      case .overfull(let buckets):
        let holders = groups.holders(of: key).map { "\($0.key) \(Share.text($0.count))" }
        reportGroup(
          .groupFull, key,
          "\(identity) would hold \(Share.text(buckets)) of all users:"
            + " \(holders.joined(separator: ", ")), and its holdout",
          remedy: "Lower their traffic or the holdout to 100% together, or complete one")
      case .holdoutIsHeld(let holders):
        reportGroup(
          .holdoutHeld, key,
          "the holdout of \(key) would grow over buckets of \(holders.joined(separator: ", "))",
          remedy: "Lower the traffic of those that hold the highest buckets first; the holdout"
            + " takes them once they have rested")
      }
    }
  }

  private mutating func reportGroup(
    _ code: Finding.Code, _ key: String, _ message: String, remedy: String
  ) {
    guard let definition = wanted.definitions[Identity(.group, key)] else { return }
    report(code, definition, message, remedy: remedy)
  }
}
