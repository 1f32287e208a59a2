// Follows what one customer's definitions name: environments, experiments and their variants. What
// conditions, groups and metrics name stands with them.

internal import Documents

extension CustomerCheck {
  mutating func checkReferences() {
    let before = findings.count
    checkSegments()
    for item in definitions.experiments.values {
      checkEnvironments(item.source.environments.map(\.name), of: item.file)
      let targetings = item.source.environments.map(\.settings.targeting)
      for targeting in [item.source.settings.targeting] + targetings {
        check(targeting, in: item.file)
      }
      checkMetrics(of: item)
    }
    for item in definitions.flags.values {
      checkEnvironments(item.source.environments.map(\.name), of: item.file)
      item.source.forEachSettings { settings in
        for rule in settings.rules ?? [] {
          check(rule.when, in: item.file)
          check(rule, of: item)
        }
      }
      checkLiveExperiments(item)
      checkFlaglessNames(item)
    }
    checkGroups()
    // Beside a wrong name, what it was meant to name would be called unused.
    if findings[before...].contains(where: { $0.severity == .error }) { isIncomplete = true }
    checkTotal()
  }

  private mutating func checkEnvironments(_ names: [Reference], of file: String) {
    guard let known = basis.environments else { return }
    for name in names where !known.contains(name.key) {
      report(
        .unknownEnvironment, at: Location(file: file, position: name.position),
        "the workspace has no environment \(name.key)",
        remedy: suggestions.remedy(
          for: name.key, among: known,
          otherwise: Suggestions.choice(known) + ", or add it to \(Layout.workspaceFile)"))
    }
  }

  private mutating func check(_ rule: RuleSource, of flag: SourceItem<FlagSource>) {
    guard case .experiment(let reference) = rule.outcome else { return }
    let location = Location(file: flag.file, position: reference.position)
    guard let experiment = definitions.experiments[reference.key] else {
      if !isNamed(.experiment, reference.key) {
        report(
          .unknownExperiment, at: location, "there is no experiment \(reference.key)",
          remedy: suggestions.remedy(
            for: reference.key, among: Array(definitions.experiments.keys),
            otherwise: "Define it under `experiments` of this customer, or name another"))
      }
      return
    }
    if experiment.source.isFlagless {
      report(
        .flaglessInUse, at: location,
        "\(reference.key) answers by itself, since its variants carry payloads",
        remedy: "Remove the payloads, or the rule")
    }
    let own = TextSet(flag.source.variants.lazy.map(\.key))
    for variant in experiment.source.variants where !own.contains(variant.key) {
      report(
        .unknownVariant, at: location,
        "\(reference.key) may choose \(variant.key), which is no variant of \(flag.source.key)",
        remedy: "Add the variant to the flag, or rename it in the experiment",
        notes: [
          .init("named here", at: Location(file: experiment.file, position: variant.position))
        ])
    }
  }

  /// Two live experiments in one flag would have to share a group.
  private mutating func checkLiveExperiments(_ flag: SourceItem<FlagSource>) {
    for environment in flag.source.environments {
      let rules = environment.settings.rules ?? flag.source.settings.rules ?? []
      var live: (reference: Reference, group: String?)?
      for case .experiment(let reference) in rules.map(\.outcome) {
        guard let experiment = definitions.experiments[reference.key]?.source,
          let there = experiment.environments.first(where: { $0.name.key == environment.name.key }),
          (there.settings.status ?? experiment.settings.status) == .running
        else { continue }
        let group = experiment.group?.key
        if let first = live, first.reference.key != reference.key,
          group == nil || group != first.group
        {
          report(
            .twoLiveExperiments, at: Location(file: flag.file, position: reference.position),
            "\(flag.source.key) uses two running experiments in \(environment.name.key),"
              + " which may claim the same unit",
            remedy: "Put both into one exclusion group, or pause or complete one of the two",
            notes: [
              .init(
                "the first here",
                at: Location(file: flag.file, position: first.reference.position))
            ])
          break
        }
        live = (reference, group)
      }
    }
  }

  private mutating func checkFlaglessNames(_ flag: SourceItem<FlagSource>) {
    guard let experiment = definitions.experiments[flag.source.key], experiment.source.isFlagless
    else { return }
    report(
      .flaglessInUse, at: Location(file: flag.file, position: flag.source.position),
      "an experiment of this key answers by itself, so no flag may bear its key",
      remedy: "Rename the flag or the experiment",
      notes: [
        .init(
          "the experiment",
          at: Location(file: experiment.file, position: experiment.source.position))
      ])
  }
}
