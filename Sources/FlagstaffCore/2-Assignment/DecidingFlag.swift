// A flag with everything that decides what it answers, gathered from what is registered: its own
// form, and the experiments that its rules name. From it follows, for any instant, the list of
// decisions that is in force; it refuses nothing, since what is registered was checked.

internal import Documents
internal import FlagstaffEvaluation

/// A registered experiment, as the rules of flags use it.
struct DecidingExperiment: Sendable {
  let resolved: ResolvedExperiment
  let recorded: RecordedExperiment
  /// What is hashed for traffic: the experiment's id, or its group's.
  let trafficPrefix: String
  /// A killed experiment matches nobody, and has no winner.
  var isKilled: Bool

  /// How a rule decides that names the experiment; nil where it always falls through.
  func rule(at instant: Instant) -> DecisionList.Rule? {
    if isKilled { return nil }
    let source = DecisionList.Source.experiment(resolved.key)
    switch resolved.effect(at: instant) {
    case .draft, .scheduled, .paused: return nil
    case .completed:
      return resolved.winner.map {
        .init(condition: resolved.targeting, source: source, gate: nil, choice: .one($0))
      }
    case .live:
      let gate = DecisionList.Gate(layer: layer(trafficPrefix), ranges: recorded.traffic)
      return .init(
        condition: resolved.targeting, source: source, gate: gate,
        choice: .hashed(layer(recorded.salt), recorded.variants))
    }
  }

  private func layer(_ prefix: String) -> DecisionList.Layer {
    .init(bucketBy: Text(resolved.bucketBy), prefix: Text(prefix))
  }

  /// The units that it forces while it is live.
  func forced(at instant: Instant) -> [DecisionList.ForcedUnit: DecisionList.ForcedAnswer] {
    guard resolved.effect(at: instant) == .live, !isKilled else { return [:] }
    var forced: [DecisionList.ForcedUnit: DecisionList.ForcedAnswer] = [:]
    for entry in resolved.force.mapping?.entries ?? [] {
      for unit in entry.value.sequence ?? [] {
        guard let unit = unit.string else { continue }
        forced[.init(bucketBy: Text(resolved.bucketBy), unit: Text(unit))] =
          .init(experiment: resolved.key, variant: entry.key)
      }
    }
    return forced
  }
}

/// All that decides what one key answers, at any instant: a flag and the experiments that its rules
/// name, or a flagless experiment.
struct DecidingFlag: Sendable {
  enum Kind: Sendable {
    case flag(ResolvedFlag, RecordedFlag, experiments: [String: DecidingExperiment])
    case flagless(DecidingExperiment)
  }

  let kind: Kind
  let customer: String
  /// Of a flag: whether it serves `off` whatever its rules say.
  let isKilled: Bool

  /// Whether a kill beside some decides its answer, of the flag itself or of an experiment that it
  /// names.
  func isStopped(beside kills: Set<Identity>) -> Bool {
    func isStopped(_ experiment: DecidingExperiment) -> Bool {
      experiment.isKilled && !kills.contains(experiment.resolved.identity)
    }
    switch kind {
    case .flagless(let experiment): return isStopped(experiment)
    case .flag(let flag, _, let experiments):
      return isKilled && !kills.contains(Identity(.flag, flag.key))
        || experiments.values.contains(where: isStopped)
    }
  }

  /// The same where these alone are killed.
  func stopped(by kills: Set<Identity>) -> DecidingFlag {
    func stopped(_ experiment: DecidingExperiment) -> DecidingExperiment {
      var experiment = experiment
      experiment.isKilled = kills.contains(experiment.resolved.identity)
      return experiment
    }
    switch kind {
    case .flagless(let experiment):
      return DecidingFlag(kind: .flagless(stopped(experiment)), customer: customer, isKilled: false)
    case .flag(let flag, let recorded, let experiments):
      return DecidingFlag(
        kind: .flag(flag, recorded, experiments: experiments.mapValues(stopped)),
        customer: customer, isKilled: kills.contains(Identity(.flag, flag.key)))
    }
  }

  /// How the flag decides at an instant.
  func list(at instant: Instant) -> DecisionList {
    switch kind {
    case .flag(let flag, let recorded, let experiments):
      list(flag, recorded, experiments, at: instant)
    case .flagless(let experiment): list(experiment, at: instant)
    }
  }

  /// The instants after another one that starts, ends and rollouts order, ascending.
  func instants(after instant: Instant) -> [Instant] {
    var instants: Set<Instant> = []
    let experiments: [DecidingExperiment]
    switch kind {
    case .flagless(let experiment): experiments = [experiment]
    case .flag(let flag, _, let used):
      experiments = Array(used.values)
      for rule in flag.rules { instants.formUnion(rule.steps.map(\.from)) }
    }
    for experiment in experiments {
      instants.formUnion([experiment.resolved.start, experiment.resolved.end].compactMap { $0 })
    }
    return instants.filter { $0 > instant }.sorted()
  }

  /// Its answer without a rule is control, and a draft has none, since it is not published.
  private func list(_ experiment: DecidingExperiment, at instant: Instant) -> DecisionList {
    guard experiment.resolved.effect(at: instant) != .draft else { return .absent }
    var values: [String: Node] = [:]
    for variant in experiment.resolved.variants { values[variant.key] = variant.payload }
    return DecisionList(
      rules: [experiment.rule(at: instant)].compactMap { $0 },
      fallback: experiment.resolved.control, values: values,
      forced: experiment.forced(at: instant))
  }

  private func list(
    _ flag: ResolvedFlag, _ recorded: RecordedFlag, _ experiments: [String: DecidingExperiment],
    at instant: Instant
  ) -> DecisionList {
    let values = Dictionary(
      flag.variants.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    guard flag.enabled, !isKilled else {
      return DecisionList(rules: [], fallback: flag.off, values: values, forced: [:])
    }
    var rules: [DecisionList.Rule] = []
    var forced: [DecisionList.ForcedUnit: DecisionList.ForcedAnswer] = [:]
    for rule in flag.rules {
      if case .experiment(let key) = rule.outcome {
        guard let experiment = experiments[key] else { continue }
        if let decides = experiment.rule(at: instant) { rules.append(decides) }
        forced.merge(experiment.forced(at: instant)) { first, _ in first }
      } else if let decides = self.rule(rule, of: flag, recorded, at: instant) {
        rules.append(decides)
      }
    }
    return DecisionList(rules: rules, fallback: flag.fallback, values: values, forced: forced)
  }

  private func rule(
    _ rule: ResolvedFlag.Rule, of flag: ResolvedFlag, _ recorded: RecordedFlag, at instant: Instant
  ) -> DecisionList.Rule? {
    let source = rule.key.map { DecisionList.Source.rule($0) }
    let layer = DecisionList.Layer(
      bucketBy: Text(flag.bucketBy),
      prefix: Text(rule.key.map { Identifiers.rule($0, of: flag.key, customer) } ?? ""))
    switch rule.outcome {
    case .experiment: return nil
    case .serve(let variant):
      return .init(condition: rule.when, source: nil, gate: nil, choice: .one(variant))
    case .rollout(let variant, _):
      let share = BucketRanges([0..<(rule.share(at: instant) ?? 0)]) ?? .none
      return .init(
        condition: rule.when, source: source, gate: .init(layer: layer, ranges: share),
        choice: .one(variant))
    case .split:
      let split = recorded.splits.first { $0.rule == rule.key }
      return .init(
        condition: rule.when, source: source, gate: nil,
        choice: .hashed(layer, split?.variants ?? []))
    }
  }
}

/// The definitions of a scope, as they decide.
struct DecidingScope: Sendable {
  let state: ScopeState

  init(_ state: ScopeState) { self.state = state }

  /// A flag, or a flagless experiment, with all that it uses; nil where the key has no answer.
  func flag(_ key: String) throws(MalformedForm) -> DecidingFlag? {
    let customer = state.scope.customer
    if let experiment = try experiment(key), experiment.resolved.isFlagless {
      return DecidingFlag(kind: .flagless(experiment), customer: customer, isKilled: false)
    }
    guard let registered = state.definitions[Identity(.flag, key)],
      case .flag(let recorded) = registered.recorded
    else { return nil }
    let flag = try ResolvedFlag(form: registered.definition.form)
    var experiments: [String: DecidingExperiment] = [:]
    for rule in flag.rules {
      guard case .experiment(let key) = rule.outcome, experiments[key] == nil else { continue }
      experiments[key] = try experiment(key)
    }
    return DecidingFlag(
      kind: .flag(flag, recorded, experiments: experiments), customer: customer,
      isKilled: state.kills[Identity(.flag, flag.key)] != nil)
  }

  private func experiment(_ key: String) throws(MalformedForm) -> DecidingExperiment? {
    guard let registered = state.definitions[Identity(.experiment, key)],
      case .experiment(let recorded) = registered.recorded
    else { return nil }
    let resolved = try ResolvedExperiment(form: registered.definition.form)
    return DecidingExperiment(
      resolved: resolved, recorded: recorded,
      trafficPrefix: try state.trafficSalt(of: resolved, recorded),
      isKilled: state.kills[Identity(.experiment, key)] != nil)
  }
}
