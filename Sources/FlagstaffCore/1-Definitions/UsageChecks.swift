// Finds what is defined and never served, asked or measured: variants that no rule can choose,
// segments that no condition names, metrics that judge nothing, and experiments that run without
// being judged. All are warnings, raised only where everything that could name them was read and is
// right: beside an error they would be noise.

internal import Documents

extension DefinitionsCheck {
  mutating func checkUse(_ definitions: CustomerDefinitions, of customer: String) {
    let named = definitions.named
    used.formUnion(named)
    guard !isIncomplete(customer), !isIncomplete(nil) else { return }
    for item in definitions.flags.values { checkVariantUse(of: item, in: definitions) }
    for item in definitions.experiments.values { checkPrimaryMetric(of: item) }
    for item in definitions.segments.values {
      checkUse(of: .segment, item.source.key, named, in: item.file, at: item.source.position)
    }
    for item in definitions.metrics.values {
      checkUse(of: .metric, item.source.key, named, in: item.file, at: item.source.position)
    }
  }

  /// What stands in shared/ and no customer uses.
  mutating func checkSharedUse(
    _ segments: [String: SourceItem<SegmentSource>], _ metrics: [String: SourceItem<MetricSource>]
  ) {
    guard !isAnyIncomplete else { return }
    let named = used.union(
      segments.values.flatMap { $0.source.condition.segments.map { Identity(.segment, $0.key) } })
    for item in segments.values {
      checkUse(of: .segment, item.source.key, named, in: item.file, at: item.source.position)
    }
    for item in metrics.values {
      checkUse(of: .metric, item.source.key, named, in: item.file, at: item.source.position)
    }
  }

  /// Where teams exist, an owner is one of them.
  mutating func checkOwners(of files: [CheckedFile]) {
    let governance = files.filter { $0.role == .governance }
    let teams = governance.flatMap { $0.governance.teams.map(\.team.key) }
    guard !teams.isEmpty, governance.allSatisfy(\.isValid) else { return }
    let known = Set(teams)
    for file in files {
      guard let owner = file.owner, !known.contains(owner.key) else { continue }
      report(
        .unknownOwner, at: Location(file: file.file, position: owner.position),
        "there is no team \(owner.key)",
        remedy: suggestions.remedy(
          for: owner.key, among: teams, otherwise: Suggestions.choice(teams)))
    }
  }

  private mutating func checkUse(
    of kind: Kind, _ key: String, _ named: Set<Identity>, in file: String, at position: Position
  ) {
    let identity = Identity(kind, key)
    guard !named.contains(identity) else { return }
    let (code, user): (Finding.Code, String) =
      kind == .metric ? (.unusedMetric, "an experiment") : (.unusedSegment, "a condition")
    report(
      code, at: Location(file: file, position: position), "nothing uses the \(identity)",
      remedy: "Remove it, or name it in \(user)")
  }

  /// A variant that a flag names, and that neither a rule nor a default nor `off` ever serves, in
  /// any environment.
  private mutating func checkVariantUse(
    of flag: SourceItem<FlagSource>, in definitions: CustomerDefinitions
  ) {
    guard !flag.source.namedVariants.isEmpty else { return }
    var served: Set<Text> = [Text(flag.source.off.key)]
    for settings in [flag.source.settings] + flag.source.environments.map(\.settings) {
      if let fallback = settings.defaultVariant { served.insert(Text(fallback.key)) }
      for rule in settings.rules ?? [] {
        served.formUnion(rule.variants.map { Text($0.key) })
        guard case .experiment(let reference) = rule.outcome else { continue }
        let variants = definitions.experiments[reference.key]?.source.variants ?? []
        served.formUnion(variants.map { Text($0.key) })
      }
    }
    for variant in flag.source.namedVariants where !served.contains(Text(variant.key)) {
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
  fileprivate var named: Set<Identity> {
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
      for settings in [item.source.settings] + item.source.environments.map(\.settings) {
        for rule in settings.rules ?? [] { add(rule.when) }
      }
    }
    for item in segments.values { add(item.source.condition) }
    return named
  }
}
