// Which conditions a user meets is not known, so users are divided by the conditions that rules
// ask them. Only what matters is asked: a condition behind a rule that decides for everybody is
// not, and none is once both sides go on alike. Conditions count as independent but for plain
// cases: the same one under a `not`, and those of one attribute that exclude or include others.

package import Documents

/// A user's answer to a condition.
package struct ConditionTerm: Hashable, Sendable {
  /// In resolved form.
  package let condition: Node
  package let isMet: Bool

  package static func == (a: ConditionTerm, b: ConditionTerm) -> Bool {
    a.isMet == b.isMet && a.condition == b.condition
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(isMet) }
}

/// Goes through the classes of users in whom before and after may differ.
struct UserClasses {
  let comparison: FlagComparison
  private let relations: ConditionRelations
  private var layers = Movement.Layers()
  private var answers: [Bool?]
  /// The conditions answered by this search itself, not by others.
  private var asked: [Int] = []
  private let prefixConditions: Set<FlagComparison.Condition>

  init(_ comparison: FlagComparison) {
    self.comparison = comparison
    prefixConditions = Self.prefixConditions(comparison)
    relations = ConditionRelations(comparison.conditions)
    answers = Array(repeating: nil, count: comparison.conditions.count)
  }

  /// Calls a body with each class and its movement.
  ///
  /// - Returns: false where the steps were used up, and classes are missing.
  mutating func forEach(_ steps: inout StepBudget, _ body: (Found) -> Void) -> Bool {
    let before = walk(comparison.before, &steps)
    let after = walk(comparison.after, &steps)
    guard let before, let after else { return false }
    if before.rules == after.rules, before.fallback == after.fallback { return true }
    guard let unknown = earlier(before.unknown, after.unknown) else {
      guard
        let movement = Movement(before.path, after.path, in: comparison, &layers, &steps)
      else { return false }
      body(found(movement))
      return true
    }
    let condition = unknown.number
    for answer in isOfPrefixAlone(unknown) ? [!unknown.isWanted] : [true, false] {
      let former = answers
      answers[condition] = answer
      relations.apply(condition, answer, to: &answers)
      asked.append(condition)
      let isComplete = forEach(&steps, body)
      asked.removeLast()
      answers = former
      guard isComplete else { return false }
    }
    return true
  }

  /// Whether a condition is asked by the rules alone that both sides begin with. To whom one of
  /// them applies, no more happens than to others, so only these have to be looked at.
  private func isOfPrefixAlone(_ condition: FlagComparison.Condition) -> Bool {
    prefixConditions.contains(condition) && !relations.hasRelation(condition.number)
  }

  /// Conditions of the rules that both sides begin with, where no other rule asks them.
  private static func prefixConditions(_ comparison: FlagComparison) -> Set<
    FlagComparison.Condition
  > {
    let (before, after) = (comparison.before.rules, comparison.after.rules)
    let length = zip(before, after).prefix { $0 == $1 }.count
    let prefix = Set(before.prefix(length).compactMap(\.condition))
    let others = Set(
      (before.dropFirst(length) + after.dropFirst(length)).compactMap { $0.condition?.number })
    return prefix.filter { condition in
      !others.contains(condition.number)
        && !prefix.contains(.init(number: condition.number, isWanted: !condition.isWanted))
    }
  }

  struct Found {
    /// What tells these users from others; nothing that follows from the rest.
    let terms: [ConditionTerm]
    /// The numbers of the conditions among these that they meet.
    let met: Set<Int>
    /// Whether a condition that was asked is another on the other side.
    let isOfChangedCondition: Bool
    let movement: Movement
  }

  private func found(_ movement: Movement) -> Found {
    let told = asked.filter { !followsFromOthers($0) }
    let terms = told.map {
      ConditionTerm(condition: comparison.conditions[$0], isMet: answers[$0] ?? false)
    }
    return Found(
      terms: terms, met: Set(told.filter { answers[$0] == true }),
      isOfChangedCondition: asked.contains { comparison.changedConditions.contains($0) },
      movement: movement)
  }

  /// Whether another answer leaves no choice for this one.
  private func followsFromOthers(_ condition: Int) -> Bool {
    guard relations.hasRelation(condition) else { return false }
    return asked.contains { other in
      guard other != condition, let answer = answers[other] else { return false }
      var implied: [Bool?] = Array(repeating: nil, count: answers.count)
      relations.apply(other, answer, to: &implied)
      return implied[condition] != nil
    }
  }

  private struct Walk {
    /// The rules that may decide, up to the first that surely does.
    var rules: [FlagComparison.Rule] = []
    var fallback: Int
    /// The first condition without an answer, and its place.
    var unknown: (condition: FlagComparison.Condition, place: Int)?

    var path: Movement.Path { .init(shapes: rules.map(\.shape), fallback: fallback) }
  }

  /// - Returns: nil where the steps are used up.
  private func walk(_ side: FlagComparison.Side, _ steps: inout StepBudget) -> Walk? {
    var walk = Walk(fallback: side.fallback)
    for (place, rule) in side.rules.enumerated() {
      guard steps.take(1) else { return nil }
      var isCertain = true
      var isMet = rule
      if let condition = rule.condition {
        if let answer = answers[condition.number] {
          guard answer == condition.isWanted else { continue }
          isMet = .init(shape: rule.shape, condition: nil)
        } else {
          isCertain = false
          if walk.unknown == nil { walk.unknown = (condition, place) }
        }
      }
      let shape = comparison.shapes[rule.shape]
      if isCertain, shape.gate == nil, shape.choice == nil {
        walk.fallback = shape.outcome
        break
      }
      walk.rules.append(isMet)
    }
    return walk
  }

  private func earlier(
    _ a: (condition: FlagComparison.Condition, place: Int)?,
    _ b: (condition: FlagComparison.Condition, place: Int)?
  ) -> FlagComparison.Condition? {
    guard let a, let b else { return (a ?? b)?.condition }
    return b.place < a.place ? b.condition : a.condition
  }
}
