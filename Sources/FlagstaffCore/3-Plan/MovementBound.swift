// An upper bound for rules that are too many, or share too much, to be taken apart. Rules of both
// sides are paired in order. A user can only move where a rule without a partner decides, or where
// two partners give different results; so the shares of these add up to no less than what moves,
// whatever conditions users meet.

internal import Documents
internal import FlagstaffEvaluation

enum MovementBound {
  static func figures(_ comparison: FlagComparison) -> FlagRadius.ClassFigures {
    var comparison = comparison
    let miss = comparison.miss()
    let partners = partners(comparison.before, comparison.after)
    var (assignments, values) = (UserShare.none, UserShare.none)
    for (before, after) in partners {
      let (left, right) = (comparison.before.rules[before], comparison.after.rules[after])
      if left == right { continue }
      guard left.condition == right.condition,
        let movement = movement(left.shape, right.shape, fallback: miss, comparison)
      else {
        let share = decided(by: left, comparison) + decided(by: right, comparison)
        assignments = (assignments + share).capped
        values = (values + share).capped
        continue
      }
      for (pair, share) in movement.shares {
        let (was, will) = (comparison.outcomes[pair.before], comparison.outcomes[pair.after])
        if was.assignment != will.assignment { assignments = (assignments + share).capped }
        if was.value != will.value { values = (values + share).capped }
      }
    }
    let alone =
      Set(comparison.before.rules.indices).subtracting(partners.map(\.0))
      .map { comparison.before.rules[$0] }
      + Set(comparison.after.rules.indices).subtracting(partners.map(\.1))
      .map { comparison.after.rules[$0] }
    for rule in alone {
      let share = decided(by: rule, comparison)
      assignments = (assignments + share).capped
      values = (values + share).capped
    }
    let (was, will) = (
      comparison.outcomes[comparison.before.fallback],
      comparison.outcomes[comparison.after.fallback]
    )
    return .bound(assignments: assignments, values: was.value == will.value ? values : .whole)
  }

  /// Rules of both sides that stand for each other, ascending on both.
  private static func partners(_ before: FlagComparison.Side, _ after: FlagComparison.Side)
    -> [(Int, Int)]
  {
    var places: [Key: [Int]] = [:]
    for place in after.rules.indices.reversed() {
      places[Key(after, place), default: []].append(place)
    }
    var partners: [(Int, Int)] = []
    var next = 0
    for place in before.rules.indices {
      let key = Key(before, place)
      while let candidate = places[key]?.popLast() {
        guard candidate >= next else { continue }
        partners.append((place, candidate))
        next = candidate + 1
        break
      }
    }
    return partners
  }

  /// What makes two rules the same one, changed: the experiment or the rule's key; a plain rule has
  /// nothing but what it does.
  private struct Key: Hashable {
    let source: DecisionList.Source?
    let rule: FlagComparison.Rule?

    init(_ side: FlagComparison.Side, _ place: Int) {
      source = side.sources[place]
      rule = source == nil ? side.rules[place] : nil
    }
  }

  private static func movement(
    _ before: Int, _ after: Int, fallback: Int, _ comparison: FlagComparison
  ) -> Movement? {
    var layers = Movement.Layers()
    var steps = StepBudget(Limits.blastRadiusRuleStepsMax)
    return Movement(
      .init(shapes: [before], fallback: fallback), .init(shapes: [after], fallback: fallback),
      in: comparison, &layers, &steps)
  }

  /// The share of users for whom a rule decides at most.
  private static func decided(by rule: FlagComparison.Rule, _ comparison: FlagComparison)
    -> UserShare
  {
    let shape = comparison.shapes[rule.shape]
    let gate = shape.gate.map { comparison.buckets(of: $0) } ?? Share.whole
    let choice = shape.choice.map { comparison.buckets(of: $0) } ?? Share.whole
    // Of one layer, the buckets of both may be the same ones.
    guard shape.gate?.layer != shape.choice?.layer else { return .buckets(min(gate, choice)) }
    return UserShare.buckets(gate).part(buckets: choice)
  }
}

extension FlagComparison {
  fileprivate func buckets(of use: Use) -> Int {
    questions[use.layer][use.place].answers.reduce(0) { $0 + $1.ranges.count }
  }
}
