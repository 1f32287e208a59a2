// Finds flags that have outlived their purpose: everyone has got one value for 90 days, and the
// plan touches the flag without changing that. What a scope served is certain since its last
// version, so the warning is raised only where that is old enough: it follows from what is
// published too, so a plan against a published state is the same as one against the registry.

internal import Documents

extension Planner {
  /// Warns of a changed flag that answered everyone alike before, and will.
  mutating func checkConstant(_ change: Change) throws(MalformedForm) {
    guard change.identity.kind == .flag, let before = change.before, let after = change.after,
      let since = state.schedule,
      instant.secondsSince1970 - since.secondsSince1970 >= Limits.flagConstantSeconds,
      // What is killed answers everyone alike for a while.
      kills.isEmpty, state.kills.isEmpty,
      let value = try onlyValue(
        of: before, at: since, among: { state.definitions[$0]?.definition }),
      try onlyValue(of: after, at: schedule, among: { wanted.definitions[$0] }) == value
    else { return }
    warn(
      .constantFlag, after.definition,
      "\(change.identity.key) has answered the same for everyone since \(since) at the latest",
      remedy: "Remove the flag, and the code that asks for it, or let a rule answer otherwise")
  }

  /// The value that everyone gets; nil where users may differ.
  private func onlyValue(
    of flag: RegisteredDefinition, at instant: Instant,
    among definitions: (Identity) -> ResolvedDefinition?
  ) throws(MalformedForm) -> Node? {
    let form = try ResolvedFlag(form: flag.definition.form)
    guard case .flag(let recorded) = flag.recorded else { return nil }
    guard form.enabled else { return form.value(of: form.off) }
    var variants: [String] = []
    var isDecided = false
    for rule in form.rules where !isDecided {
      switch rule.outcome {
      case .experiment(let key):
        guard let definition = definitions(Identity(.experiment, key)) else { continue }
        variants += try Self.variants(of: definition, at: instant)
      case .serve(let variant):
        variants.append(variant)
        isDecided = rule.when == nil
      case .rollout(let variant, _):
        let step = recorded.steps.first { step in
          rule.key.map { step.rule.hasSameBytes(as: $0) } ?? false
        }
        if step?.share != 0 { variants.append(variant) }
      case .split(let weights):
        variants += weights.map(\.key)
      }
    }
    if !isDecided { variants.append(form.fallback) }
    let values = variants.map { form.value(of: $0) }
    guard let first = values.first, values.allSatisfy({ $0 == first }) else { return nil }
    return first
  }

  /// The variants that an experiment may choose at an instant.
  private static func variants(of definition: ResolvedDefinition, at instant: Instant)
    throws(MalformedForm) -> [String]
  {
    let experiment = try ResolvedExperiment(form: definition.form)
    switch experiment.effect(at: instant) {
    case .live: return experiment.variants.map(\.key)
    case .completed: return [experiment.winner].compactMap(\.self)
    case .draft, .scheduled, .paused: return []
    }
  }
}
