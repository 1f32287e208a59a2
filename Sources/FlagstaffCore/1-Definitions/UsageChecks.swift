// Finds what is defined and never served, asked or measured: variants that no rule can choose,
// segments that no condition names, metrics that judge nothing, and experiments that run without
// being judged. All are warnings, raised only where everything that could name them was read and is
// right: beside an error they would be noise.

internal import Documents

extension CustomerCheck {
  mutating func checkUse() {
    let named = definitions.named
    usedOfShared = named.filter { definitions.isShared($0) }
    guard !isIncomplete, basis.shared?.isIncomplete != true else { return }
    for item in definitions.flags.values { checkVariantUse(of: item) }
    for item in definitions.experiments.values { checkPrimaryMetric(of: item) }
    report(contentsOf: definitions.unused(beside: named))
  }

  /// A variant that a flag names, and that neither a rule nor a default nor `off` ever serves, in
  /// any environment.
  private mutating func checkVariantUse(of flag: SourceItem<FlagSource>) {
    guard !flag.source.namedVariants.isEmpty else { return }
    var served = TextSet()
    flag.source.forEachNamedVariant { served.insert($0.key) }
    flag.source.forEachSettings { settings in
      for case .experiment(let reference) in (settings.rules ?? []).lazy.map(\.outcome) {
        for variant in definitions.experiments[reference.key]?.source.variants ?? [] {
          served.insert(variant.key)
        }
      }
    }
    for variant in flag.source.namedVariants where !served.contains(variant.key) {
      report(
        .unservedVariant, at: Location(file: flag.file, position: variant.position),
        "nobody can get \(variant.key): no rule, default or experiment of \(flag.source.key)"
          + " serves it",
        remedy: "Serve it by a rule, or remove it")
    }
  }

  /// What nobody measures teaches nobody.
  private mutating func checkPrimaryMetric(of experiment: SourceItem<ExperimentSource>) {
    let source = experiment.source
    guard source.metrics?.primary.isEmpty ?? true,
      let running = source.environments.first(where: {
        ($0.settings.status ?? source.settings.status) == .running
      })
    else { return }
    report(
      .noPrimaryMetric, at: Location(file: experiment.file, position: source.position),
      "\(source.key) runs in \(running.name.key), and no primary metric says what would decide it",
      remedy: "Name one under `metrics: {primary: [...]}`")
  }
}

extension CustomerDefinitions {
  /// The segments that its conditions name, and the metrics of its experiments.
  var named: Set<Identity> {
    var named: Set<Identity> = []
    func add(_ condition: ConditionSource?) {
      for segment in condition?.segments ?? [] { named.insert(Identity(.segment, segment.key)) }
    }
    for item in experiments.values {
      add(item.source.settings.targeting)
      for block in item.source.environments { add(block.settings.targeting) }
      let metrics = item.source.metrics
      for metric in (metrics?.primary ?? []) + (metrics?.guardrails ?? []) {
        named.insert(Identity(.metric, metric.key))
      }
    }
    for item in flags.values {
      item.source.forEachSettings { settings in
        for condition in (settings.rules ?? []).lazy.map(\.when) { add(condition) }
      }
    }
    for item in segments.values { add(item.source.condition) }
    return named
  }

  /// Whether shared/ holds it.
  fileprivate func isShared(_ identity: Identity) -> Bool {
    switch identity.kind {
    case .segment: segments[identity.key] == nil && sharedSegments[identity.key] != nil
    case .metric: metrics[identity.key] == nil && sharedMetrics[identity.key] != nil
    case .experiment, .flag, .group: false
    }
  }

  /// The segments and metrics of their own that are not among those named.
  func unused(beside named: Set<Identity>) -> [Finding] {
    var findings: [Finding] = []
    func check(_ kind: Kind, _ key: String, _ user: String, _ file: String, _ position: Position) {
      let identity = Identity(kind, key)
      guard !named.contains(identity) else { return }
      findings.append(
        Finding(
          kind == .metric ? .unusedMetric : .unusedSegment,
          at: Location(file: file, position: position), "nothing uses the \(identity)",
          remedy: "Remove it, or name it in \(user)"))
    }
    for item in segments.values {
      check(.segment, item.source.key, "a condition", item.file, item.source.position)
    }
    for item in metrics.values {
      check(.metric, item.source.key, "an experiment", item.file, item.source.position)
    }
    return findings
  }
}
