// Checks the rules of a flag against each other, in their order: a rule that can never decide, and
// a rollout that does not grow. Both can be applied and are hardly meant, so they are warnings; a
// rule is called unreachable only where that is certain.

internal import Documents

extension DefinitionReader {
  /// Rules after one that answers everyone whom they could answer.
  mutating func checkReach(_ rules: [RuleSource]) {
    var answered = AnsweredUsers(isSmall: rules.count <= Conjunction.scanCountMax)
    for rule in rules {
      guard let earlier = answered.reason(against: rule) else {
        answered.add(rule)
        continue
      }
      report(
        .unreachableRule, at: rule.position, "nobody reaches this rule: \(earlier.reason)",
        remedy: "Move it up, or remove it",
        notes: [.init("the earlier rule", at: Location(file: file, position: earlier.position))])
    }
  }

  /// Steps are read by time, and mostly grow: one that is written out of order, or falls, is more
  /// often a slip than a plan. A fall to nothing is the end of what was meant to end.
  mutating func checkOrder(_ steps: [(from: Instant, share: Int, position: Position)]) {
    for (former, step) in zip(steps, steps.dropFirst()) where step.from < former.from {
      report(
        .rolloutOrder, at: step.position, "this step stands after a later one, of \(former.from)",
        remedy: "Write the steps in the order of time")
    }
    let ordered = steps.sorted { $0.from < $1.from }
    for (former, step) in zip(ordered, ordered.dropFirst())
    where step.share < former.share && step.share > 0 {
      report(
        .rolloutOrder, at: step.position,
        "the rollout falls from \(Share.text(former.share)) to \(Share.text(step.share)), so users"
          + " would lose what they had",
        remedy: "Let the shares grow from step to step")
    }
  }
}

/// Who has certainly been answered by the rules so far.
private struct AnsweredUsers {
  /// Whether there are so few rules that comparing conditions is faster than looking them up.
  let isSmall: Bool
  private var everyone: Position?
  /// The served conditions of few rules.
  private var served: [(condition: Conjunction, position: Position)] = []
  /// By all that a served condition asks for.
  private var conditions: [[[UInt8]]: Position] = [:]
  /// By the one thing that a served condition asks for.
  private var single: [[UInt8]: Position] = [:]
  private var experiments: [Text: Position] = [:]

  init(isSmall: Bool) {
    self.isSmall = isSmall
  }

  /// Takes note of a rule that somebody can reach.
  mutating func add(_ rule: RuleSource) {
    switch rule.outcome {
    case .experiment(let experiment):
      experiments[Text(experiment.key)] = rule.position
    case .serve:
      guard let when = rule.when else {
        everyone = rule.position
        return
      }
      if isSmall {
        served.append((Conjunction(when.form), rule.position))
        return
      }
      let keys = Self.keys(of: when)
      conditions[keys] = rule.position
      if keys.count == 1 { single[keys[0]] = rule.position }
    case .rollout, .split:
      // Who has no unit falls through, and so does who is not yet in.
      break
    }
  }

  /// Why a rule is never reached, and the earlier rule; nil where somebody may reach it.
  func reason(against rule: RuleSource) -> (reason: String, position: Position)? {
    if let everyone { return ("an earlier rule answers everyone", everyone) }
    if case .experiment(let experiment) = rule.outcome,
      let first = experiments[Text(experiment.key)]
    {
      return ("\(experiment.key) has had its turn in an earlier rule", first)
    }
    guard let when = rule.when, let first = answeredAlready(when) else { return nil }
    return ("an earlier rule answers everyone who meets its condition", first)
  }

  /// The rule that answers everyone who meets a condition; nil where none does for certain.
  private func answeredAlready(_ when: ConditionSource) -> Position? {
    if isSmall {
      guard !served.isEmpty else { return nil }
      let conjunction = Conjunction(when.form)
      let isFew = conjunction.members.count <= Conjunction.scanCountMax
      return served.first { earlier in
        isFew
          ? conjunction.includes(earlier.condition)
          : conjunction.members == earlier.condition.members
      }?.position
    }
    let keys = Self.keys(of: when)
    return conditions[keys] ?? keys.lazy.compactMap { single[$0] }.first
  }

  private static func keys(of condition: ConditionSource) -> [[UInt8]] {
    Conjunction(condition.form).keys.sorted { $0.lexicographicallyPrecedes($1) }
  }
}
