// What an evaluator is given of a definition: everything that decides an answer and nothing else.
// No prose, owner, label or draft is published. The shapes are fixed by BYTES, *Published
// experiment* and *Published flag*.

internal import Documents
internal import FlagstaffEvaluation

struct PublishedForms {
  let state: ScopeState

  init(_ state: ScopeState) { self.state = state }

  private func isKilled(_ kind: Kind, _ key: String) -> Bool {
    state.kills[Identity(kind, key)] != nil
  }

  /// The published form; nil for groups, metrics, segments and drafts, which are not published.
  func form(of registered: RegisteredDefinition) throws(MalformedForm) -> Node? {
    let form = registered.definition.form
    switch registered.recorded {
    case .experiment(let recorded):
      return try experiment(ResolvedExperiment(form: form), recorded)
    case .flag(let recorded):
      return flag(try ResolvedFlag(form: form), recorded)
    case .group, .metric, .segment:
      return nil
    }
  }

  private func experiment(_ resolved: ResolvedExperiment, _ recorded: RecordedExperiment)
    throws(MalformedForm) -> Node?
  {
    let schedule = state.schedule(of: Identity(.experiment, resolved.key))
    let effect = resolved.effect(at: schedule ?? Instant(secondsSince1970: 0))
    let isKilled = isKilled(.experiment, resolved.key)
    guard effect != .draft else { return nil }
    let variants = recorded.variants.map { variant in
      Node.fields([
        "key": .string(variant.key), "ranges": variant.ranges.node,
        "payload": resolved.variants.first { $0.key.hasSameBytes(as: variant.key) }?.payload,
      ])
    }
    let winner = effect == .completed && !isKilled ? resolved.winner : nil
    return .fields([
      "kind": .string("experiment"), "key": .string(resolved.key), "id": .string(recorded.id),
      "hash": .integer(recorded.hash), "live": .boolean(effect == .live && !isKilled),
      "bucketBy": .string(resolved.bucketBy),
      "trafficSalt": .string(try state.trafficSalt(of: resolved, recorded)),
      "traffic": recorded.traffic.node, "salt": .string(recorded.salt),
      "targeting": resolved.targeting, "control": .string(resolved.control),
      "variants": .sequence(variants), "force": resolved.force,
      "winner": winner.map(Node.string), "splitUrl": resolved.splitURL,
    ])
  }

  private func flag(_ resolved: ResolvedFlag, _ recorded: RecordedFlag) -> Node {
    .fields([
      "kind": .string("flag"), "key": .string(resolved.key), "type": .string(resolved.valueType),
      "variants": .mapping(resolved.variants.map { ($0.key, $0.value) }),
      "off": .string(resolved.off), "default": .string(resolved.fallback),
      "enabled": .boolean(resolved.enabled), "killed": .boolean(isKilled(.flag, resolved.key)),
      "bucketBy": .string(resolved.bucketBy),
      "rules": .sequence(resolved.rules.map { rule($0, of: resolved, recorded) }),
    ])
  }

  private func rule(
    _ rule: ResolvedFlag.Rule, of flag: ResolvedFlag, _ recorded: RecordedFlag
  ) -> Node {
    let id = rule.key.map { Identifiers.rule($0, of: flag.key, state.scope.customer) }
    var experiment: String?
    var serve: String?
    var split: Node?
    var share: Int?
    switch rule.outcome {
    case .experiment(let key): experiment = key
    case .serve(let variant): serve = variant
    case .rollout(let variant, _):
      serve = variant
      share = recorded.steps.first { $0.rule == rule.key }?.share ?? 0
    case .split:
      let variants = recorded.splits.first { $0.rule == rule.key }?.variants ?? []
      split = .sequence(
        variants.map { .fields(["key": .string($0.key), "ranges": $0.ranges.node]) })
    }
    return .fields([
      "key": rule.key.map(Node.string), "id": id.map(Node.string), "when": rule.when,
      "share": share.map(Node.integer), "serve": serve.map(Node.string),
      "experiment": experiment.map(Node.string), "split": split,
    ])
  }
}
