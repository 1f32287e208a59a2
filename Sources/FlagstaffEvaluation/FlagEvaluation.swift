// The order in which a flag answers: killed, disabled, forced, rules in order, default. Nothing
// here reads a clock: the snapshot holds the step in force, and a new step is a new snapshot.

internal import Documents

extension PublishedFlag {
  /// What the flag serves to a context. There is always an answer.
  func evaluate(_ context: ContextView) -> Evaluation {
    if let stop { return stop.answer }
    for place in 0..<forcingRules.count {
      if let answer = forcingRules.with(place, { $0.forcedAnswer(to: context) }) { return answer }
    }
    for place in 0..<rules.count {
      if let answer = rules.with(place, { $0.answer(to: context) }) { return answer }
    }
    return defaultAnswer
  }
}

extension PublishedFlag.Rule {
  /// nil where the rule's experiment does not force the context's unit.
  func forcedAnswer(to context: ContextView) -> Evaluation? {
    guard case .experiment(let experiment) = action,
      let variant = experiment.forcedVariant(for: context)
    else { return nil }
    return forcedAnswers[variant]
  }

  /// nil where the rule falls through.
  func answer(to context: ContextView) -> Evaluation? {
    if let when, !when.isMet(by: context) { return nil }
    switch action {
    case .serve:
      return answers[0]
    case .rollout(let share, let hash):
      guard let unit = context.unit(by: unitName), hash.bucket(of: unit) < share
      else { return nil }
      return answers[0]
    case .split(let owners, let hash):
      guard let unit = context.unit(by: unitName),
        let owner = owners.owner(of: hash.bucket(of: unit))
      else { return nil }
      return answers[owner]
    case .experiment(let experiment):
      guard let variant = experiment.variant(for: context) else { return nil }
      return answers[variant]
    case .absentExperiment:
      return nil
    }
  }
}
