// The third stage: the definitions of one scope in resolved form. Defaults are written out, the
// environment's block is applied, segments are replaced by their conditions. A form is what is
// hashed, registered, compared and shown; its typed reading is `ResolvedExperiment` and
// `ResolvedFlag`.

package import Documents
package import Signing

/// A definition for one environment, with its digest.
package struct ResolvedDefinition: Sendable {
  package let identity: Identity
  /// `{kind,key,…}` with every field (BYTES, *Resolved form*).
  package let form: Node
  package let digest: Digest
  /// Where the definition stands; nil for one read from the registry.
  package let location: Location?
  /// The segments that are inlined in the form, directly or through others; known only of one that
  /// was read from files.
  let uses: Set<String>

  package init(
    _ identity: Identity, form: Node, location: Location?, uses: Set<String> = []
  ) {
    self.identity = identity
    self.form = form
    self.location = location
    self.uses = uses
    digest = Signing.sha256(Signing.tag("definition") + CanonicalJSON.bytes(form))
  }

  /// Whether a field of both forms differs. Mostly none does, and the digests say so.
  func differs(from other: ResolvedDefinition, in field: String) -> Bool {
    digest != other.digest && form[field] != other.form[field]
  }
}

/// What the definitions of a commit say about one scope.
package struct ResolvedScope: Sendable {
  package let scope: ScopeID
  package let workspace: Definitions.Workspace
  package let definitions: [Identity: ResolvedDefinition]
  /// Whether trust has the environment; always where trust never began.
  let isAccepted: Bool
  /// What comments in the files silence of what the plan finds.
  let ignores: IgnoreTable

  /// - Parameter trust: the accepted one, whose settings count; nil where trust never began.
  /// - Returns: nil where the scope is held by findings.
  package static func resolve(
    _ scope: ScopeID, in definitions: Definitions, by trust: Trust? = nil
  ) -> ResolvedScope? {
    guard let workspace = definitions.workspace, !definitions.held.contains(scope) else {
      return nil
    }
    let customer = definitions.customers[scope.customer]?.definitions ?? CustomerDefinitions()
    return ResolvedScope(
      scope, workspace.accepted(by: trust), FormBuilder(customer, scope.environment),
      definitions.ignores,
      isAccepted: trust?.workspace?.environments.contains(scope.environment) ?? true)
  }

  /// Definitions that were resolved before, once more: what their schedules order goes on where the
  /// definitions of a commit do not go ahead. They have no places, and so no comments beside them.
  package static func again(
    _ scope: ScopeID, _ definitions: [Identity: ResolvedDefinition],
    in workspace: Definitions.Workspace
  ) -> ResolvedScope {
    ResolvedScope(scope, workspace, definitions)
  }

  /// The next start, end or rollout step that is ordered after an instant; nil where none is.
  package func nextInstant(after instant: Instant) -> Instant? {
    var next: Instant?
    func consider(_ text: String?) {
      guard let time = text.flatMap({ Instant($0) }), time > instant else { return }
      next = min(next ?? time, time)
    }
    for definition in definitions.values {
      consider(definition.form["schedule"]?["start"]?.string)
      consider(definition.form["schedule"]?["end"]?.string)
      for rule in definition.form["rules"]?.sequence ?? [] {
        for step in rule["rollout"]?.mapping?.entries ?? [] { consider(step.key) }
      }
    }
    return next
  }

  private init(
    _ scope: ScopeID, _ workspace: Definitions.Workspace, _ builder: FormBuilder,
    _ ignores: IgnoreTable, isAccepted: Bool
  ) {
    self.isAccepted = isAccepted
    self.ignores = ignores
    self.scope = scope
    self.workspace = workspace
    definitions = builder.definitions()
  }

  private init(
    _ scope: ScopeID, _ workspace: Definitions.Workspace,
    _ definitions: [Identity: ResolvedDefinition]
  ) {
    isAccepted = true
    ignores = IgnoreTable([])
    self.scope = scope
    self.workspace = workspace
    self.definitions = definitions
  }
}

/// Builds the forms of one customer in one environment.
private struct FormBuilder {
  let customer: CustomerDefinitions
  let environment: String

  init(_ customer: CustomerDefinitions, _ environment: String) {
    self.customer = customer
    self.environment = environment
  }

  func definitions() -> [Identity: ResolvedDefinition] {
    var result: [Identity: ResolvedDefinition] = [:]
    var used: [String] = []
    func add(
      _ kind: Kind, _ key: String, _ form: Node, _ file: String, _ position: Position,
      uses: [String] = []
    ) {
      let identity = Identity(kind, key)
      result[identity] = ResolvedDefinition(
        identity, form: form, location: Location(file: file, position: position),
        uses: uses.isEmpty ? [] : segments(reachedFrom: uses))
      used += uses
    }
    for (key, item) in customer.experiments {
      var uses: [String] = []
      guard let form = experiment(item, &uses) else { continue }
      add(.experiment, key, form, item.file, item.source.position, uses: uses)
    }
    for (key, item) in customer.flags {
      var uses: [String] = []
      guard let form = flag(item, &uses) else { continue }
      add(.flag, key, form, item.file, item.source.position, uses: uses)
    }
    // A customer's segments, groups and metrics alone make no scope, and keep none alive.
    guard !result.isEmpty else { return [:] }
    for (key, item) in customer.segments {
      add(.segment, key, segment(item), item.file, item.source.position)
    }
    for (key, item) in customer.groups {
      add(.group, key, group(item), item.file, item.source.position)
    }
    for (key, item) in customer.metrics {
      add(.metric, key, metric(item), item.file, item.source.position)
    }
    for key in metricsUsed(by: result) where customer.metrics[key] == nil {
      guard let item = customer.sharedMetrics[key] else { continue }
      add(.metric, key, metric(item), item.file, item.source.position)
    }
    for key in sharedSegments(reachedFrom: used) {
      guard let item = customer.sharedSegments[key] else { continue }
      add(.segment, key, segment(item), item.file, item.source.position)
    }
    return result
  }

  /// The shared segments that the scope uses, directly or through others.
  private func sharedSegments(reachedFrom keys: [String]) -> Set<String> {
    let own = customer.segments.values.flatMap { $0.source.condition.segments.map(\.key) }
    return segments(reachedFrom: keys + own).filter { customer.segments[$0] == nil }
  }

  /// Segments, and those that they use in turn.
  private func segments(reachedFrom keys: [String]) -> Set<String> {
    var open = keys
    var seen: Set<String> = []
    while let key = open.popLast() {
      guard seen.insert(key).inserted, let item = customer.segment(key) else { continue }
      open += item.source.condition.segments.map(\.key)
    }
    return seen
  }

  private func segment(_ item: SourceItem<SegmentSource>) -> Node {
    .fields([
      "kind": .string("segment"), "key": .string(item.source.key),
      "owner": item.owner.map(Node.string),
      "condition": resolved(item.source.condition),
    ])
  }

  /// The metrics by which experiments of the scope are judged.
  private func metricsUsed(by definitions: [Identity: ResolvedDefinition]) -> Set<String> {
    var keys: Set<String> = []
    for (key, item) in customer.experiments
    where definitions[Identity(.experiment, key)] != nil {
      guard let metrics = item.source.metrics else { continue }
      keys.formUnion((metrics.primary + metrics.guardrails).map(\.key))
    }
    return keys
  }

  private func metric(_ item: SourceItem<MetricSource>) -> Node {
    let source = item.source
    return .fields([
      "kind": .string("metric"), "key": .string(source.key), "owner": item.owner.map(Node.string),
      "description": source.description.map(Node.string), "event": .string(source.event),
      "aggregation": .string(source.aggregation.rawValue),
      "minimumSampleSize": source.minimumSampleSize.map(Node.integer),
      "guardrail": source.guardrail?.node,
    ])
  }

  private func metrics(_ source: ExperimentMetricsSource) -> Node {
    .fields([
      "primary": .strings(source.primary.map(\.key)),
      "guardrails": .strings(source.guardrails.map(\.key)),
    ])
  }

  private func group(_ item: SourceItem<GroupSource>) -> Node {
    .fields([
      "kind": .string("group"), "key": .string(item.source.key),
      "owner": item.owner.map(Node.string), "description": item.source.description.map(Node.string),
      "holdout": .integer(item.source.holdout), "restDays": .integer(item.source.restDays),
      "id": item.source.id.map(Node.string),
    ])
  }

  /// Each segment is replaced by its own condition. Cycles were refused by `Definitions`.
  private func resolved(_ condition: ConditionSource) -> Node {
    condition.form.replacing { customer.segment($0)?.source.condition.form }.node
  }

  private func condition(_ source: ConditionSource?, _ used: inout [String]) -> Node? {
    guard let source else { return nil }
    used += source.segments.map(\.key)
    return resolved(source)
  }
}

extension FormBuilder {
  private func experiment(
    _ item: SourceItem<ExperimentSource>, _ used: inout [String]
  ) -> Node? {
    let source = item.source
    let base = source.settings
    guard let own = source.environments.first(where: { $0.name.key == environment })?.settings
    else { return nil }
    let schedule = own.schedule ?? base.schedule ?? ScheduleSource()
    let variants = source.variants.map { variant in
      (
        variant.key,
        Node.fields(["weight": .integer(variant.weight), "payload": variant.payload])
      )
    }
    let force = (own.force ?? base.force ?? []).map { ($0.variant.key, Node.strings($0.units)) }
    return .fields([
      "kind": .string("experiment"), "key": .string(source.key),
      "owner": item.owner.map(Node.string), "description": source.description.map(Node.string),
      "hypothesis": source.hypothesis.map(Node.string), "labels": source.labels.node,
      "status": .string((own.status ?? base.status ?? .draft).rawValue),
      "phase": .integer(own.phase ?? base.phase ?? 1),
      "reassign": .string(source.reassign.rawValue),
      "schedule": .fields([
        "start": schedule.start.map { .string($0.description) },
        "end": schedule.end.map { .string($0.description) },
      ]),
      "traffic": .integer(own.traffic ?? base.traffic ?? 0),
      "bucketBy": .string(source.bucketBy), "group": source.group.map { .string($0.key) },
      "weights": source.bandit.map { bandit in
        .fields(["managedBy": .string("bandit"), "floor": .integer(bandit.floor)])
      },
      "targeting": condition(own.targeting ?? base.targeting, &used),
      "control": .string(source.control.key), "variants": .mapping(variants),
      "force": .mapping(force), "winner": source.winner.map { .string($0.key) },
      "id": source.id.map(Node.string), "salt": source.salt.map { .string($0.key) },
      "revive": .boolean(source.revive),
      "visibility": source.isFlagless ? .string(source.visibility ?? "server") : nil,
      "metrics": source.metrics.map(metrics), "splitUrl": source.splitURL?.node,
    ])
  }

  private func flag(_ item: SourceItem<FlagSource>, _ used: inout [String]) -> Node? {
    let source = item.source
    let base = source.settings
    guard let own = source.environments.first(where: { $0.name.key == environment })?.settings
    else { return nil }
    var rules: [Node] = []
    for rule in own.rules ?? base.rules ?? [] { rules.append(form(rule, &used)) }
    let fallback = own.defaultVariant ?? base.defaultVariant ?? source.off
    return .fields([
      "kind": .string("flag"), "key": .string(source.key),
      "owner": item.owner.map(Node.string), "description": source.description.map(Node.string),
      "labels": source.labels.node, "bucketBy": .string(source.bucketBy),
      "variants": .mapping(source.variants), "off": .string(source.off.key),
      "default": .string(fallback.key), "enabled": .boolean(own.enabled ?? base.enabled ?? true),
      "valueSchema": source.valueSchema, "visibility": .string(source.visibility),
      "protective": .boolean(source.protective), "revive": .boolean(source.revive),
      "rules": .sequence(rules),
    ])
  }

  private func form(_ rule: RuleSource, _ used: inout [String]) -> Node {
    let key = rule.key.map { Node.string($0.key) }
    let when = condition(rule.when, &used)
    switch rule.outcome {
    case .experiment(let experiment):
      return .fields(["experiment": .string(experiment.key)])
    case .serve(let variant):
      return .fields(["when": when, "serve": .string(variant.key)])
    case .rollout(let variant, let rollout):
      return .fields([
        "key": key, "when": when, "serve": .string(variant.key), "rollout": rollout.node,
      ])
    case .split(let weights):
      let split = weights.map { ($0.variant.key, Node.integer($0.weight)) }
      return .fields(["key": key, "when": when, "split": .mapping(split)])
    }
  }
}

extension Labels {
  fileprivate var node: Node { .mapping(entries.map { ($0.key, Node.string($0.value)) }) }
}

extension RuleSource.Rollout {
  fileprivate var node: Node {
    switch self {
    case .constant(let share): .integer(share)
    case .steps(let steps):
      .mapping(steps.map { ($0.from.description, Node.integer($0.share)) })
    }
  }
}
