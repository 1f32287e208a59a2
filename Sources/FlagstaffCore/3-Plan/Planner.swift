// Makes a plan: walks the union of registered and wanted identities, decides what each definition
// records, and names the classes of what differs. Time is part of the comparison: what was in force
// at the registered version's instant against what is in force now, so a start, an end or a rollout
// step that came due is a change although no file changed.

internal import Documents

struct Planner {
  let wanted: ResolvedScope
  let state: ScopeState
  let instant: Instant
  /// What is stopped once the plan is applied.
  let kills: [Identity: Kill]
  /// Until when schedules are followed.
  let schedule: Instant
  /// Who gets which buckets of which group; decided before the members are planned.
  private(set) var groups = GroupPlan()
  private(set) var changes: [Change] = []
  private(set) var waits: [Plan.Wait] = []
  private(set) var findings: [Finding] = []
  private(set) var warnings: [Finding] = []

  init(_ wanted: ResolvedScope, _ state: ScopeState, at instant: Instant) {
    self.init(wanted, state, at: instant, kills: state.kills, schedule: instant)
  }

  /// A kill or a release of what is registered. A kill takes no schedule further, so that nothing
  /// comes with it that would have to be judged.
  init(
    _ registered: ResolvedScope, _ state: ScopeState, at instant: Instant, by order: StopOrder
  ) throws(StopFailure) {
    let schedule = order.action == .kill ? state.schedule : instant
    self.init(
      registered, state, at: instant, kills: try order.kills(after: state, at: instant),
      schedule: schedule ?? instant)
  }

  private init(
    _ wanted: ResolvedScope, _ state: ScopeState, at instant: Instant, kills: [Identity: Kill],
    schedule: Instant
  ) {
    self.wanted = wanted
    self.state = state
    self.instant = instant
    self.kills = kills
    self.schedule = schedule
  }

  /// Where the schedule of a definition stands once the plan is applied: a killed one's stands
  /// still.
  func now(of identity: Identity) -> Instant { kills[identity]?.schedule ?? schedule }

  /// Where it stands in the registered state.
  func then(of identity: Identity) -> Instant { state.schedule(of: identity) ?? schedule }

  mutating func run() throws(MalformedForm) {
    groups = try GroupPlan(wanted, state, at: instant) { now(of: $0) }
    checkGroups()
    let identities = Set(wanted.definitions.keys).union(state.definitions.keys).sorted()
    var deletions = 0
    for identity in identities {
      let before = state.definitions[identity]
      if let definition = wanted.definitions[identity] {
        try plan(definition, before: before)
      } else if let before {
        try planDeletion(of: before)
        deletions += 1
      }
    }
    let most = wanted.workspace.deletionBudget.deletionsMax(of: state.definitions.count)
    if deletions > most {
      waits.append(
        Plan.Wait(
          identity: nil,
          reason: "\(deletions) definitions would be deleted; the budget of this scope is \(most)",
          remedy: "Restore what was removed by mistake, delete in smaller steps, or raise"
            + " workspace.deletionBudget"))
    }
    if !wanted.isAccepted, !wanted.definitions.isEmpty {
      let environment = state.scope.environment
      waits.append(
        Plan.Wait(
          identity: nil, reason: "trust has no environment \(environment) yet",
          remedy: "Let an ADMIN approve the change of \(Layout.workspaceFile) that adds it, by"
            + " `flagstaff approve`"))
    }
    // A scope that is held makes no plan.
    guard findings.isEmpty else { return }
    var radii = PlanRadii(changes, of: state, at: schedule, kills: kills)
    for index in changes.indices {
      changes[index].blastRadius = try radii.radius(of: changes[index])
      try radii.judgeDirection(of: &changes[index])
      try checkConstant(changes[index])
    }
  }

  private mutating func plan(_ definition: ResolvedDefinition, before: RegisteredDefinition?)
    throws(MalformedForm)
  {
    let identity = definition.identity
    let tombstone = before == nil ? state.tombstones[identity] : nil
    let comparison: Comparison
    switch identity.kind {
    case .experiment:
      comparison = try experiment(definition, before: before, tombstone: tombstone)
    case .flag:
      comparison = try flag(definition, before: before, tombstone: tombstone)
    case .group:
      comparison = try group(definition, before: before)
    case .metric:
      comparison = metric(definition, before: before)
    case .segment:
      comparison = segment(definition, before: before)
    }
    var classes = comparison.classes
    if tombstone != nil, identity.kind.hasRevival { classes.insert(.definitionRevived) }
    switch (state.kills[identity], kills[identity]) {
    case (nil, .some): classes.insert(.killed)
    case (.some, nil): classes.insert(.released)
    default: break
    }
    if classes.isEmpty {
      guard let before, before.definition.digest != definition.digest else { return }
      classes = [.definitionDescribed]
    }
    if before == nil { checkKilledKey(definition) }
    let generation = (before?.generation ?? tombstone?.generation ?? 0) + 1
    let after = RegisteredDefinition(
      definition, generation: generation, created: before?.created ?? instant,
      recorded: comparison.recorded)
    changes.append(
      Change(
        identity: identity, classes: classes.sorted(), location: definition.location,
        before: before, after: after, generation: generation))
  }

  private mutating func planDeletion(of before: RegisteredDefinition) throws(MalformedForm) {
    let identity = before.definition.identity
    if let reason = try reasonToKeep(before) {
      waits.append(
        Plan.Wait(
          identity: identity, reason: "\(identity) would be deleted, but \(reason.state)",
          remedy: reason.remedy))
    }
    changes.append(
      Change(
        identity: identity,
        classes: [identity.kind.deletion],
        location: nil, before: before, after: nil, generation: before.generation + 1))
  }

  /// A missing file never deletes what runs or is enabled.
  private func reasonToKeep(_ before: RegisteredDefinition) throws(MalformedForm)
    -> (state: String, remedy: String)?
  {
    guard let reason = try reasonToKeepDefined(before) else { return nil }
    let environment = state.scope.environment
    guard !wanted.workspace.environments.contains(environment) else { return reason }
    return (
      "\(reason.state), and the workspace has no environment \(environment) any more",
      "Put \(environment) back into the workspace, and take it out once nothing runs in it"
    )
  }

  private func reasonToKeepDefined(_ before: RegisteredDefinition) throws(MalformedForm)
    -> (state: String, remedy: String)?
  {
    let form = before.definition.form
    switch before.definition.identity.kind {
    case .experiment:
      let effect = try ResolvedExperiment(form: form)
        .effect(at: now(of: before.definition.identity))
      guard effect == .live || effect == .scheduled else { return nil }
      return ("it is running", "Set `status: completed` first, and delete it in a later commit")
    case .flag:
      guard try ResolvedFlag(form: form).enabled else { return nil }
      return ("it is enabled", "Set `enabled: false` first, and delete it in a later commit")
    case .group, .metric, .segment:
      return nil
    }
  }

  mutating func wait(
    _ identity: Identity, _ reason: String, remedy: String, until: Instant? = nil
  ) {
    waits.append(Plan.Wait(identity: identity, reason: reason, remedy: remedy, until: until))
  }

  mutating func report(
    _ code: Finding.Code, _ definition: ResolvedDefinition, _ message: String, remedy: String
  ) {
    let location = definition.location ?? Location(file: Layout.workspaceFile)
    findings.append(
      Finding(code, at: location, "\(message), in \(wanted.scope)", remedy: remedy))
  }

  mutating func warn(
    _ code: Finding.Code, _ definition: ResolvedDefinition, _ message: String, remedy: String
  ) {
    let location = definition.location ?? Location(file: Layout.workspaceFile)
    let warning = Finding(code, at: location, "\(message), in \(wanted.scope)", remedy: remedy)
    if !wanted.ignores.silences(warning) { warnings.append(warning) }
  }

  /// What answers under the key of something that is killed would take back the kill.
  private mutating func checkKilledKey(_ definition: ResolvedDefinition) {
    let (kind, key) = (definition.identity.kind, definition.identity.key)
    let other = Identity(kind == .flag ? .experiment : .flag, key)
    let answers = kind == .flag || kind == .experiment && definition.isFlagless
    guard answers, kills[other] != nil, wanted.definitions[other] == nil else { return }
    report(
      .killedKey, definition,
      "\(definition.identity) would answer in the place of \(other), which is killed",
      remedy: "Choose another key, or run `flagstaff release \(key)` before \(other) goes away")
  }

  /// A key that went away comes back only on purpose.
  mutating func checkRevival(
    _ definition: ResolvedDefinition, _ tombstone: Tombstone, revive: Bool, phase: Int?
  ) {
    if !revive {
      report(
        .notRevived, definition,
        "\(definition.identity) was deleted at \(tombstone.deleted) and would come back",
        remedy: "Choose another key, or add `revive: true` to bring it back on purpose")
    }
    if let phase, let former = tombstone.phase, phase <= former {
      report(
        .phaseTooLow, definition,
        "\(definition.identity) comes back with phase \(phase); it was deleted in phase \(former)",
        remedy: "Set `phase: \(former + 1)`")
    }
  }
}

/// What a definition would record, and how it differs from what is registered.
struct Comparison {
  var recorded: Recorded
  var classes: Set<ChangeClass>
}

extension Finding.Code {
  // What the plan finds: it needs the registry, so `validate` cannot know.
  static let notRevived = Self("FS4001", "A deleted key that would come back")
  static let phaseTooLow = Self("FS4002", "A phase that goes back")
  static let phaseNotRaised = Self("FS4003", "A change that needs a higher phase")
  static let draftAgain = Self("FS4004", "A draft again")
  static let saltNotFresh = Self("FS4005", "Fresh assignments under the same salt")
  static let idChanged = Self("FS4006", "An id that would change")
  static let leastWithOtherHash = Self("FS4007", "The fewest moves under another hash")
  static let tooManyRanges = Self("FS4008", "Too many ranges of buckets")
  static let groupFull = Self("FS4009", "A group that is full")
  static let constantFlag = Self(
    "FS4020", "A flag that answers everyone alike for 90 days", severity: .warning,
    mayBeIgnored: true)
  static let killedKey = Self("FS4011", "A killed key that would answer as another kind")
  static let holdoutHeld = Self("FS4010", "A holdout over buckets in use")
}

extension Kind {
  /// The class of a deletion.
  fileprivate var deletion: ChangeClass {
    switch self {
    case .experiment, .flag: .definitionDeleted
    case .group: .groupDeleted
    case .metric: .metricDeleted
    case .segment: .segmentDeleted
    }
  }

  /// Whether a key of this kind comes back only with `revive: true`. What is not served by itself
  /// moves nobody by coming back.
  fileprivate var hasRevival: Bool { self == .experiment || self == .flag }
}

extension Planner {
  /// A metric decides no answer: whatever is measured otherwise moves nobody.
  private func metric(_ definition: ResolvedDefinition, before: RegisteredDefinition?)
    -> Comparison
  {
    guard let before else { return Comparison(recorded: .metric, classes: [.metricCreated]) }
    let isChanged = ["event", "aggregation", "minimumSampleSize", "guardrail"].contains {
      definition.differs(from: before.definition, in: $0)
    }
    return Comparison(recorded: .metric, classes: isChanged ? [.metricChanged] : [])
  }

  private func segment(_ definition: ResolvedDefinition, before: RegisteredDefinition?)
    -> Comparison
  {
    guard let before else { return Comparison(recorded: .segment, classes: [.segmentCreated]) }
    let isChanged = definition.differs(from: before.definition, in: "condition")
    return Comparison(recorded: .segment, classes: isChanged ? [.segmentChanged] : [])
  }
}
