// Walks the rules of a flag as an evaluation does, and notes what it sees. The answer itself comes
// from the evaluation; tests hold the two to the same outcome for every context that they can think
// of.

internal import Documents

extension Snapshot {
  /// What a key serves to a context, and what every rule of it came to. Like an evaluation it never
  /// fails: an unknown key is explained by its error code.
  public func explain(flag: String, context: EvaluationContext) -> Explanation {
    guard let published = self.flag(flag) else {
      return Explanation(
        evaluation: evaluate(flag: flag, context: context), isKilled: false, isDisabled: false,
        rules: [])
    }
    return context.withView { published.explain($0) }
  }
}

extension PublishedFlag {
  fileprivate func explain(_ context: ContextView) -> Explanation {
    let forcing = rules.all.first { $0.forcedAnswer(to: context) != nil }
    var isOver = stop != nil
    let rules = self.rules.all.map { rule in
      if let forcing, stop == nil {
        return forcing === rule
          ? rule.explainForce(context) : RuleExplanation(rule.name, .notReached)
      }
      guard !isOver else { return RuleExplanation(rule.name, .notReached) }
      let explanation = rule.explain(context)
      isOver = explanation.outcome == .decided
      return explanation
    }
    return Explanation(
      evaluation: evaluate(context), isKilled: stop?.isKilled ?? false,
      isDisabled: stop.map { !$0.isKilled } ?? false, rules: rules)
  }
}

/// What a rule's action came to.
private struct ActionExplanation {
  var outcome: RuleExplanation.Outcome
  var targeting: ConditionExplanation?
  var unit: UnitExplanation?
  var buckets: [BucketExplanation] = []
}

extension PublishedFlag.Rule {
  fileprivate func explainForce(_ context: ContextView) -> RuleExplanation {
    var explanation = RuleExplanation(name, .forced)
    if case .experiment(let experiment) = action {
      explanation.unit = context.explainUnit(experiment.unitName)
    }
    return explanation
  }

  fileprivate func explain(_ context: ContextView) -> RuleExplanation {
    let condition = when?.explain(context)
    guard condition?.isMet ?? true else {
      var explanation = RuleExplanation(name, .conditionNotMet)
      explanation.condition = condition
      return explanation
    }
    let action = explainAction(context)
    var explanation = RuleExplanation(name, action.outcome)
    explanation.condition = condition
    explanation.targeting = action.targeting
    explanation.unit = action.unit
    explanation.buckets = action.buckets
    return explanation
  }

  private func explainAction(_ context: ContextView) -> ActionExplanation {
    switch action {
    case .serve: return ActionExplanation(outcome: .decided)
    case .absentExperiment: return ActionExplanation(outcome: .experimentAbsent)
    case .experiment(let experiment): return experiment.explain(context)
    case .rollout(let share, let hash):
      let unit = context.explainUnit(unitName)
      guard let bytes = context.unit(by: unitName) else {
        return ActionExplanation(outcome: .noUnit, unit: unit)
      }
      let bucket = BucketExplanation(
        .rollout, hash.bucket(of: bytes), in: .first(share))
      return ActionExplanation(
        outcome: bucket.isInside ? .decided : .notInRollout, unit: unit, buckets: [bucket])
    case .split(let owners, let hash):
      let unit = context.explainUnit(unitName)
      guard let bytes = context.unit(by: unitName) else {
        return ActionExplanation(outcome: .noUnit, unit: unit)
      }
      let bucket = owners.explain(hash.bucket(of: bytes))
      return ActionExplanation(
        outcome: bucket.isInside ? .decided : .noVariant, unit: unit, buckets: [bucket])
    }
  }
}

extension PublishedExperiment {
  /// Notes all that can be known, also what the evaluation did not get to; the outcome is that of
  /// the first step that missed.
  fileprivate func explain(_ context: ContextView) -> ActionExplanation {
    let targeting = targeting?.explain(context)
    let meetsTargeting = targeting?.isMet ?? true
    if winner != nil {
      return ActionExplanation(
        outcome: meetsTargeting ? .decided : .targetingNotMet, targeting: targeting)
    }
    var explanation = ActionExplanation(
      outcome: isLive ? .noUnit : .experimentNotLive, targeting: targeting,
      unit: context.explainUnit(unitName))
    guard let unit = context.unit(by: unitName) else { return explanation }
    let traffic = BucketExplanation(.traffic, trafficBucket(of: unit), in: traffic)
    let variant = owners.explain(variantBucket(of: unit))
    explanation.buckets = [traffic, variant]
    guard isLive else { return explanation }
    explanation.outcome =
      !traffic.isInside
      ? .notInTraffic
      : !meetsTargeting ? .targetingNotMet : variant.isInside ? .decided : .noVariant
    return explanation
  }
}

extension ContextView {
  fileprivate func explainUnit(_ name: AttributeName) -> UnitExplanation {
    UnitExplanation(
      attribute: name.text, unit: unit(by: name).map { String(decoding: $0, as: UTF8.self) })
  }
}

extension BucketOwners {
  fileprivate func explain(_ bucket: Int) -> BucketExplanation {
    BucketExplanation(.variant, bucket, in: owner(of: bucket).map { ranges(of: $0) } ?? .none)
  }
}
