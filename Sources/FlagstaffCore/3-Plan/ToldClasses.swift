// Which users a plan names. First those in whom most moves; then, where others are moved who are no
// part of them, or who move another way, the greatest of these. So a rule whose country is replaced
// names those who lose it and those who gain it. A few are told: nobody reads more, and the figures
// of the whole are those of the first.

internal import Documents

struct ToldClasses {
  static let countMax = 4
  /// Classes that are kept until all were seen.
  private static let candidatesMax = 64

  /// A way to move. Between two assignments of one variant nobody notices it, so that it is none.
  private enum Move: Hashable {
    case variants(from: Int, to: Int)
    case entering, leaving
  }

  private struct Candidate {
    let figures: FlagRadius.ClassFigures
    let met: Set<Int>
    let moves: Set<Move>

    /// Whether nothing is learnt from the other one: its users meet what these do and more, no
    /// larger share of them moves, and in no other way.
    func covers(_ other: Candidate) -> Bool {
      met.isSubset(of: other.met)
        && figures.assignments.share >= other.figures.assignments.share
        && figures.values.share >= other.figures.values.share
        && other.moves.isSubset(of: moves)
    }
  }

  private var byAssignments: Candidate?
  private var byValues: Candidate?
  private var candidates: [Candidate] = []

  mutating func consider(_ found: UserClasses.Found, _ comparison: FlagComparison) {
    let figures = FlagRadius.ClassFigures(found, comparison)
    let (assignments, values) = (figures.assignments.share, figures.values.share)
    guard !assignments.isNone || !values.isNone else { return }
    let candidate = Candidate(
      figures: figures, met: found.met, moves: Self.moves(found.movement, comparison))
    if (assignments, values) > Self.shares(byAssignments, \.assignments, \.values) {
      byAssignments = candidate
    }
    if (values, assignments) > Self.shares(byValues, \.values, \.assignments) {
      byValues = candidate
    }
    if candidates.contains(where: { $0.covers(candidate) }) { return }
    candidates.removeAll { candidate.covers($0) }
    candidates.append(candidate)
    if candidates.count > Self.candidatesMax, let least = order.last {
      candidates.remove(at: least)
    }
  }

  private static func shares(
    _ candidate: Candidate?,
    _ first: KeyPath<FlagRadius.ClassFigures, FlagRadius.Moved>,
    _ second: KeyPath<FlagRadius.ClassFigures, FlagRadius.Moved>
  ) -> (UserShare, UserShare) {
    guard let figures = candidate?.figures else { return (.none, .none) }
    return (figures[keyPath: first].share, figures[keyPath: second].share)
  }

  private static func moves(_ movement: Movement, _ comparison: FlagComparison) -> Set<Move> {
    var moves: Set<Move> = []
    for pair in movement.shares.keys {
      let (before, after) = (comparison.outcomes[pair.before], comparison.outcomes[pair.after])
      if before.value != after.value {
        moves.insert(.variants(from: before.variant, to: after.variant))
      }
      guard before.assignment != after.assignment else { continue }
      if before.assignment == 0 { moves.insert(.entering) }
      if after.assignment == 0 { moves.insert(.leaving) }
    }
    return moves
  }

  /// The places of the candidates, the greatest first.
  private var order: [Int] {
    func greatest(_ place: Int) -> UserShare { candidates[place].figures.greatest }
    return candidates.indices.sorted {
      greatest($0) == greatest($1) ? $0 < $1 : greatest($0) > greatest($1)
    }
  }

  /// What is told, and whether more could be.
  var told: (classes: [FlagRadius.ClassFigures], isAll: Bool) {
    var told = most
    for place in order where !told.contains(where: { $0.covers(candidates[place]) }) {
      guard told.count < Self.countMax else { return (told.map(\.figures), false) }
      told.append(candidates[place])
    }
    return (told.map(\.figures), true)
  }

  /// One where it is greatest in both, else one by assignments and one by values.
  private var most: [Candidate] {
    guard let byAssignments, let byValues else { return [] }
    let (first, second) = (byAssignments.figures, byValues.figures)
    if first.values.share == second.values.share { return [byAssignments] }
    if second.assignments.share == first.assignments.share { return [byValues] }
    return [byAssignments, byValues]
  }
}

extension FlagRadius.ClassFigures {
  fileprivate var greatest: UserShare { max(assignments.share, values.share) }
}
