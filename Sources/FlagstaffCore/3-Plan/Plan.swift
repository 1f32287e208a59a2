// The plan: what has to change so that a scope's registered state equals its definitions. It is
// immutable, names the version that it was made against, applies only to that, and says what it
// waits for. Nothing is decided while it is applied.

package import Documents

package struct Plan: Sendable {
  package let scope: ScopeID
  /// The workspace's id, which is signed into events and pointers.
  package let workspace: String
  /// The version that the plan was made against, and the only one that it applies to.
  package let parent: Int
  package let commit: String
  package let instant: Instant
  /// Until when it follows schedules: its instant, save for a kill.
  package let schedule: Instant
  /// Who stopped or released something, and why; nil for a plan of what definitions say.
  package let order: StopOrder?
  /// How the workspace wants its flags written for flagd.
  package let flagdSplits: FlagdSplits
  /// In the order of identities.
  package let changes: [Change]
  /// The buckets that rest once the plan is applied, sorted.
  package let rests: [Rest]
  /// What is stopped once the plan is applied.
  package let kills: [Identity: Kill]
  /// What somebody must do, or what time must pass, before the plan may be applied.
  package let waitingFor: [Wait]

  /// What is worth a look and holds nothing, sorted.
  package let warnings: [Finding]

  package var isEmpty: Bool { changes.isEmpty }

  /// Why a plan may not be applied yet.
  package struct Wait: Hashable, Sendable {
    package let identity: Identity?
    package let reason: String
    package let remedy: String
    /// When the wait is over by itself; nil where somebody has to act.
    package let until: Instant?

    /// A wait for something to be found out.
    package init(for doubt: Doubt) {
      self.init(identity: nil, reason: doubt.reason, remedy: doubt.remedy)
    }

    init(identity: Identity?, reason: String, remedy: String, until: Instant? = nil) {
      self.identity = identity
      self.reason = reason
      self.remedy = remedy
      self.until = until
    }
  }

  /// A plan, or the findings that hold the scope at its last applied commit.
  package enum Outcome: Sendable {
    case plan(Plan)
    case held([Finding])
  }

  /// Compares what is wanted with what is registered.
  ///
  /// - Parameter instant: the pass's instant; raised to the state's own where a clock went back.
  /// - Throws: `MalformedForm` where the registry holds a form that this program cannot read.
  package static func make(
    _ wanted: ResolvedScope, against state: ScopeState, commit: String, at instant: Instant
  ) throws(MalformedForm) -> Outcome {
    let instant = max(instant, state.instant ?? instant)
    var planner = Planner(wanted, state, at: instant)
    try planner.run()
    if !planner.findings.isEmpty { return .held(planner.findings.sorted()) }
    return .plan(Plan(planner, commit: commit, at: instant))
  }

  /// Stops a definition, or takes its stop back: the registered definitions again. What schedules
  /// order meanwhile comes with a release, and never with a kill.
  ///
  /// - Parameters:
  ///   - commit: the one that is registered.
  ///   - workspace: the settings under which the state was published.
  /// - Throws: `StopFailure` where there is nothing to stop or to release; `MalformedForm` where
  ///   the registry holds a form that this program cannot read.
  package static func make(
    _ order: StopOrder, against state: ScopeState, commit: String,
    in workspace: Definitions.Workspace, at instant: Instant
  ) throws -> (plan: Plan, registered: ResolvedScope) {
    let instant = max(instant, state.instant ?? instant)
    let registered = ResolvedScope.again(
      state.scope, state.definitions.mapValues(\.definition), in: workspace)
    var planner = try Planner(registered, state, at: instant, by: order)
    try planner.run()
    // What is registered was planned before; only another program finds something in it.
    if let finding = planner.findings.min() {
      throw StopFailure(order, in: state.scope, .held(finding))
    }
    return (Plan(planner, commit: commit, at: instant, by: order), registered)
  }

  private init(
    _ planner: Planner, commit: String, at instant: Instant, by order: StopOrder? = nil
  ) {
    self.order = order
    schedule = planner.schedule
    kills = planner.kills
    scope = planner.wanted.scope
    workspace = planner.wanted.workspace.id
    parent = planner.state.version
    self.commit = commit
    self.instant = instant
    flagdSplits = planner.wanted.workspace.flagdSplits
    changes = planner.changes
    rests = planner.groups.rests
    waitingFor = planner.waits
    warnings = planner.warnings.sorted()
  }
}
