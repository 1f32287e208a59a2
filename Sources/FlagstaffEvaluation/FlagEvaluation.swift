// The order in which a flag answers: killed, disabled, forced, rules in order, default. Nothing
// here reads a clock: the snapshot holds the step in force, and a new step is a new snapshot.

internal import Documents

extension PublishedFlag {
  /// What the flag serves to a context. There is always an answer.
  func evaluate(_ context: EvaluationContext) -> Evaluation {
    if isKilled || !isEnabled { return answer(off, .disabled) }
    for index in forcingRules {
      if let evaluation = forced(rules[index], context) { return evaluation }
    }
    if rules.isEmpty { return answer(defaultVariant, .static) }
    for index in rules.indices {
      if let evaluation = evaluate(rules[index], context) { return evaluation }
    }
    return answer(defaultVariant, .default)
  }

  private func answer(
    _ variant: Int, _ reason: Evaluation.Reason, _ rule: Evaluation.Rule? = nil
  ) -> Evaluation {
    Evaluation(
      flag: key, value: values[variant], variant: variants[variant], rule: rule, reason: reason,
      errorCode: nil)
  }

  private func forced(_ rule: Rule, _ context: EvaluationContext) -> Evaluation? {
    guard case .experiment(let experiment, let variants) = rule.action,
      let variant = experiment.forcedVariant(for: context)
    else { return nil }
    return answer(variants[variant], .targetingMatch, rule.decidedByForce)
  }

  /// nil where the rule falls through.
  private func evaluate(_ rule: Rule, _ context: EvaluationContext) -> Evaluation? {
    if let when = rule.when, !when.isMet(by: context) { return nil }
    switch rule.action {
    case .serve(let variant):
      return answer(variant, .targetingMatch, rule.decided)
    case .rollout(let variant, let share, let hash):
      guard let unit = context.unit(by: unitName), hash.bucket(of: unit) < share
      else { return nil }
      return answer(variant, .split, rule.decided)
    case .split(let owners, let variants, let hash):
      guard let unit = context.unit(by: unitName),
        let owner = owners.owner(of: hash.bucket(of: unit))
      else { return nil }
      return answer(variants[owner], .split, rule.decided)
    case .experiment(let experiment, let variants):
      switch experiment.answer(for: context) {
      case .winner(let variant):
        return answer(variants[variant], .targetingMatch, rule.decided)
      case .assigned(let variant):
        return answer(variants[variant], .split, rule.decided)
      case nil: return nil
      }
    case .absentExperiment:
      return nil
    }
  }
}
