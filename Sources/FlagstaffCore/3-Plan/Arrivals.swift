// Where those who move arrive, over every instant that is still ordered: what tells a change that
// only takes users back to `off` from one that shows them something. It is collected while users
// are divided for the blast radius, and says "unknown" where they could not be.

internal import Documents

struct Arrivals: Sendable {
  /// The variants that those who move are served, now or later.
  private(set) var variants: Set<String> = []
  /// Whether somebody loses every answer.
  private(set) var hasNoAnswer = false
  /// False where users could not be told apart, so that they may arrive anywhere.
  private(set) var isKnown = true
  /// The greatest share that moves, at any of the instants.
  var greatest = UserShare.none

  static let unknown: Arrivals = {
    var unknown = Arrivals()
    unknown.isKnown = false
    unknown.greatest = .whole
    return unknown
  }()

  /// Whether nobody moves at all.
  var isEmpty: Bool { isKnown && variants.isEmpty && !hasNoAnswer }

  init() {}

  /// A new flag counts as having served its own `off` to everybody: otherwise a new key, or one
  /// that is deleted and made again, would show something to everybody unseen.
  init(ofNew flag: DecidingFlag, at instant: Instant, _ steps: inout StepBudget) {
    for instant in [instant] + flag.instants(after: instant) {
      let list = flag.list(at: instant)
      guard list.fallback != nil else { continue }
      let former = DecisionList(rules: [], fallback: flag.off, values: list.values, forced: [:])
      let figures = FlagRadius.Figures(from: former, to: list, at: instant, &steps)
      formUnion(figures.arrivals)
    }
  }

  /// What units are served that were forced to something else, or are now.
  init(ofUnitsForcedBy before: DecisionList, _ after: DecisionList) {
    for unit in Set(before.forced.keys).union(after.forced.keys)
    where before.forced[unit] != after.forced[unit] {
      if let answer = after.forced[unit] {
        variants.insert(answer.variant)
      } else {
        // Which rule then decides for the unit is not asked: any may.
        add(all: after)
      }
    }
  }

  private mutating func add(all list: DecisionList) {
    for rule in list.rules {
      switch rule.choice {
      case .one(let variant): variants.insert(variant)
      case .hashed(_, let all): variants.formUnion(all.map(\.key))
      }
    }
    if let fallback = list.fallback { variants.insert(fallback) } else { hasNoAnswer = true }
  }

  mutating func add(_ movement: Movement, _ comparison: FlagComparison) {
    for pair in movement.shares.keys where pair.before != pair.after {
      let variant = comparison.variants[comparison.outcomes[pair.after].variant]
      if let variant { variants.insert(variant) } else { hasNoAnswer = true }
    }
  }

  mutating func formUnion(_ other: Arrivals) {
    variants.formUnion(other.variants)
    hasNoAnswer = hasNoAnswer || other.hasNoAnswer
    isKnown = isKnown && other.isKnown
    greatest = max(greatest, other.greatest)
  }
}

extension DecidingFlag {
  /// What it serves where it is switched off: `off`, or control.
  var off: String {
    switch kind {
    case .flag(let flag, _, _): flag.off
    case .flagless(let experiment): experiment.resolved.control
    }
  }
}
