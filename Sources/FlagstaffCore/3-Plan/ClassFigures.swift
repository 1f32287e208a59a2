// The figures of one class of users, added up from its movement. The least that could have moved is
// a lower bound over all ways to get from the old shares to the new ones: what grows has to come
// from what shrinks, and nothing else has to move.

extension FlagRadius.ClassFigures {
  init(_ found: UserClasses.Found, _ comparison: FlagComparison) {
    let shares = found.movement.shares.map {
      (comparison.outcomes[$0.before], comparison.outcomes[$0.after], $1)
    }
    self.init(
      users: found.terms, isExact: !found.isOfChangedCondition,
      assignments: Balance(shares.map { ($0.assignment, $1.assignment, $2) }).moved,
      entering: shares.filter { $0.0.assignment == 0 && $0.1.assignment != 0 }
        .reduce(.none) { $0 + $1.2 },
      leaving: shares.filter { $0.0.assignment != 0 && $0.1.assignment == 0 }
        .reduce(.none) { $0 + $1.2 },
      values: Balance(shares.map { ($0.value, $1.value, $2) }).moved,
      moves: Self.moves(shares, comparison))
  }

  static func bound(assignments: UserShare, values: UserShare) -> Self {
    .init(
      users: [], isExact: false, assignments: .init(share: assignments, least: nil),
      entering: .none, leaving: .none,
      values: .init(share: values, least: nil), moves: [])
  }

  private static func moves(
    _ shares: [(FlagComparison.Outcome, FlagComparison.Outcome, UserShare)],
    _ comparison: FlagComparison
  ) -> [FlagRadius.Move] {
    let balance = Balance(shares.map { ($0.variant, $1.variant, $2) })
    var pairs: [[Int]: (share: UserShare, changesValue: Bool)] = [:]
    for (before, after, share) in shares
    where before.variant != after.variant || before.value != after.value {
      let former = pairs[[before.variant, after.variant]]?.share ?? .none
      pairs[[before.variant, after.variant]] = (former + share, before.value != after.value)
    }
    let moves = pairs.map { variants, pair in
      FlagRadius.Move(
        from: comparison.variants[variants[0]], to: comparison.variants[variants[1]],
        share: pair.share,
        least: variants[0] == variants[1]
          ? pair.share : balance.least(from: variants[0], to: variants[1]),
        changesValue: pair.changesValue)
    }
    return moves.sorted {
      ($1.share, $0.from ?? "", $0.to ?? "") < ($0.share, $1.from ?? "", $1.to ?? "")
    }
  }
}

/// What grows and what shrinks, by a number: assignments, values or variants.
private struct Balance {
  private var gained: [Int: UserShare] = [:]
  private var lost: [Int: UserShare] = [:]
  private var share = UserShare.none
  private var least = UserShare.none

  init(_ shares: [(Int, Int, UserShare)]) {
    for (before, after, part) in shares where before != after {
      gained[after, default: .none] += part
      lost[before, default: .none] += part
      share += part
    }
    for number in gained.keys { least += growth(of: number) }
  }

  var moved: FlagRadius.Moved { .init(share: share, least: least) }

  private func growth(of number: Int) -> UserShare {
    (gained[number] ?? .none) - (lost[number] ?? .none)
  }

  private func shrinking(of number: Int) -> UserShare {
    (lost[number] ?? .none) - (gained[number] ?? .none)
  }

  /// What must go from one to the other where as few as possible move: what shrinks and what grows
  /// by more together than all that has to move.
  func least(from: Int, to: Int) -> UserShare {
    shrinking(of: from) + growth(of: to) - least
  }
}
