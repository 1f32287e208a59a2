// Who would see something else, as a plan says it. Two figures are told apart: *assignments* (which
// experiment or hashed rule a user is under, and with which variant) and *values* (what a flag
// serves). Both stand beside the least that could have moved, because that is what tells a careless
// change from a large one.

package import Documents

/// What a change does to users, through every flag that it reaches.
package struct BlastRadius: Sendable {
  /// The greatest first, then by key. Of a segment or a group, which may reach thousands, the
  /// greatest alone.
  package let flags: [FlagRadius]
  /// How many flags the change reaches.
  package let flagCount: Int

  package static let nobody = BlastRadius(flags: [], flagCount: 0)

  init(flags: [FlagRadius], flagCount: Int) {
    self.flags = flags
    self.flagCount = flagCount
  }

  /// What an approval judges by: the greatest share that moves, in assignments or in values, in any
  /// flag, now or later.
  package var greatest: UserShare { flags.map(\.greatest).max() ?? .none }
}

/// What a plan does to the users of one flag, or of an experiment that answers as one.
package struct FlagRadius: Sendable {
  package enum Standing: String, Sendable {
    /// Nobody was served by it before.
    case new
    case changed
    /// Everybody loses its answer.
    case deleted
  }

  package let flag: String
  package let standing: Standing
  /// Once the plan is applied.
  package let now: Figures
  /// At the instant, of all that are ordered by rollouts and schedules, at which most have moved;
  /// nil where that is now.
  package let largest: Figures?
  /// Where those who move arrive, for approvals; of a new flag, compared with its own `off`.
  var arrivals = Arrivals()
  /// The greatest share that would move if nothing else were killed; nil where nothing is.
  package private(set) var behindKills: UserShare?

  package var greatest: UserShare { max(now.greatest, largest?.greatest ?? .none) }

  /// What moves between the registered state and the wanted one at an instant.
  package struct Figures: Sendable {
    package let instant: Instant
    /// The users in whom most moves, the greatest first: at most four classes, each of others than
    /// those before it or with another movement; none where nobody moves.
    package let classes: [ClassFigures]
    /// Whether others move as well, no more of them.
    package let hasOtherClasses: Bool
    /// Units whose answer changes because an experiment lists them under `force`; no share counts
    /// them.
    package let forcedUnits: Int
    var arrivals = Arrivals()

    package var assignments: UserShare { classes.map(\.assignments.share).max() ?? .none }
    package var values: UserShare { classes.map(\.values.share).max() ?? .none }
    package var greatest: UserShare { max(assignments, values) }
  }

  /// The figures of users who answer some conditions alike, and have the units that are hashed.
  package struct ClassFigures: Sendable {
    /// What they answer; empty for all users.
    package let users: [ConditionTerm]
    /// False for an upper bound: a condition of theirs changes, so that how many users they are is
    /// a part of the change; or the rules are too many to be taken apart.
    package let isExact: Bool
    package let assignments: Moved
    /// Of these, who had no assignment before, and who has none after.
    package let entering: UserShare
    package let leaving: UserShare
    package let values: Moved
    /// By variants served, the greatest first; none where the rules were not taken apart.
    package let moves: [Move]

    /// Who is served the same value as before.
    package var untouched: UserShare { .whole - values.share }
  }

  /// A share that moves, and the least that leads to the same shares of all.
  package struct Moved: Hashable, Sendable {
    package let share: UserShare
    /// Nil where the rules were not taken apart.
    package let least: UserShare?
  }

  /// A pair of variants of which the latter is served instead of the former. They are the same
  /// where the variant's own value is another.
  package struct Move: Hashable, Sendable {
    /// Nil for no answer.
    package let from: String?
    package let to: String?
    package let share: UserShare
    /// The least of this pair where as few users as possible move between all variants.
    package let least: UserShare
    /// Whether both have different values.
    package let changesValue: Bool
  }
}

extension FlagRadius {
  /// What a flag's users see otherwise in one state than in another, each at its own instant.
  ///
  /// - Parameter stepsMax: looks at a rule; beyond them the figures are upper bounds.
  /// - Throws: `MalformedForm` where a registered form is damaged.
  package init(
    flag: String, from before: ScopeState, to after: ScopeState,
    stepsMax: Int = Limits.blastRadiusStepsMax
  ) throws(MalformedForm) {
    var steps = StepBudget(stepsMax)
    let epoch = Instant(secondsSince1970: 0)
    self.init(
      flag: flag, before: try DecidingScope(before).flag(flag), at: before.schedule ?? epoch,
      after: try DecidingScope(after).flag(flag), at: after.schedule ?? epoch, &steps)
  }

  /// - Parameters:
  ///   - before: nil where the key had no answer.
  ///   - after: nil where it will have none.
  ///   - kills: what a plan releases, and what it kills; approvals are asked for what it would do
  ///     if nothing else were killed. Nil where nobody asks.
  init(
    flag: String, before: DecidingFlag?, at registered: Instant, after: DecidingFlag?,
    at instant: Instant, changing kills: (released: Set<Identity>, killed: Set<Identity>)? = nil,
    _ steps: inout StepBudget
  ) {
    let was = before?.list(at: registered) ?? .absent
    func figures(at instant: Instant) -> Figures {
      Figures(from: was, to: after?.list(at: instant) ?? .absent, at: instant, &steps)
    }
    guard was.fallback != nil else {
      self.init(flag: flag, standing: .new, now: .nobody(at: instant), largest: nil)
      if let after {
        let shown = kills.map { after.stopped(by: $0.killed) } ?? after
        arrivals = Arrivals(ofNew: shown, at: instant, &steps)
        if let kills, after.isStopped(beside: kills.killed) { behindKills = arrivals.greatest }
      }
      return
    }
    let now = figures(at: instant)
    var largest = now
    var arrivals = now.arrivals
    for later in after?.instants(after: instant) ?? [] {
      let figures = figures(at: later)
      arrivals.formUnion(figures.arrivals)
      if figures.moves(moreThan: largest) { largest = figures }
    }
    // Behind a kill nobody moves yet. Approvals are asked for what its release would show: else it
    // would be written unseen, and let out by whoever wrote it; or of two kills the one behind the
    // other would be taken back with nobody there to see it.
    var hidden: UserShare?
    if let kills, let before, let after,
      before.isStopped(beside: kills.released) || after.isStopped(beside: kills.killed)
    {
      let was = before.stopped(by: kills.released).list(at: registered)
      let next = after.stopped(by: kills.killed)
      var shown = Arrivals()
      for later in [instant] + next.instants(after: instant) {
        shown.formUnion(Figures(from: was, to: next.list(at: later), at: later, &steps).arrivals)
      }
      arrivals.formUnion(shown)
      hidden = shown.greatest
    }
    self.init(
      flag: flag, standing: after == nil ? .deleted : .changed, now: now,
      largest: largest.instant == instant ? nil : largest, arrivals: arrivals)
    behindKills = hidden
  }
}

extension FlagRadius.Figures {
  static func nobody(at instant: Instant) -> Self {
    .init(instant: instant, classes: [], hasOtherClasses: false, forcedUnits: 0)
  }

  fileprivate func moves(moreThan other: Self) -> Bool {
    (greatest, min(assignments, values)) > (other.greatest, min(other.assignments, other.values))
  }

  /// How many steps it takes to number a rule and its condition, compared with looking at it.
  private static let numberingCost = 64

  init(
    from before: DecisionList, to after: DecisionList, at instant: Instant,
    _ steps: inout StepBudget
  ) {
    self.instant = instant
    forcedUnits = Set(before.forced.keys).union(after.forced.keys)
      .count { before.forced[$0] != after.forced[$0] }
    guard steps.take((before.rules.count + after.rules.count) * Self.numberingCost) else {
      classes = [.bound(assignments: .whole, values: .whole)]
      hasOtherClasses = false
      arrivals = .unknown
      return
    }
    let comparison = FlagComparison(before, after)
    var told = ToldClasses()
    var search = UserClasses(comparison)
    var arrivals = Arrivals(ofUnitsForcedBy: before, after)
    let isComplete = search.forEach(&steps) {
      told.consider($0, comparison)
      arrivals.add($0.movement, comparison)
    }
    let (classes, isAll) = told.told
    self.classes = isComplete ? classes : [MovementBound.figures(comparison)]
    hasOtherClasses = isComplete && !isAll
    if !isComplete { arrivals = .unknown }
    arrivals.greatest = greatest
    self.arrivals = arrivals
  }
}
