// Reads an experiment, and checks what can be judged by looking at it alone: that its control,
// winner and forced variants exist, that payloads are given for all variants or none, that every
// variant gets a bucket, that nobody is forced twice. What needs other files is checked by
// `DefinitionsCheck`, and what needs the registry by the planner.

internal import Documents

extension DefinitionReader {
  mutating func experiment(_ entry: Mapping.Entry) -> ExperimentSource? {
    guard let fields = entry.value.mapping, let control = variant(fields["control"]) else {
      return nil
    }
    var source = ExperimentSource(key: entry.key, position: entry.keyPosition, control: control)
    source.description = fields["description"]?.string
    source.hypothesis = fields["hypothesis"]?.string
    source.labels = labels(fields["labels"])
    source.bucketBy = fields["bucketBy"]?.string ?? source.bucketBy
    source.group = fields["group"].flatMap { node in
      node.string.map { Reference(key: $0, position: node.position) }
    }
    source.reassign = fields["reassign"]?.string.flatMap(Reassign.init) ?? source.reassign
    source.bandit = fields["weights"].map { node in
      BanditSource(position: node.position, floor: share(node["floor"]) ?? 0)
    }
    source.variants = variants(fields["variants"])
    for variant in source.variants {
      if let payload = variant.payload { checkCredentials(in: payload) }
    }
    source.winner = variant(fields["winner"])
    source.id = fields["id"]?.string
    source.salt = fields["salt"].flatMap { node in
      node.string.map { Reference(key: $0, position: node.position) }
    }
    source.revive = fields["revive"]?.boolean ?? false
    source.visibility = fields["visibility"]?.string
    source.metrics = metrics(fields["metrics"])
    source.splitURL = splitURL(fields["splitUrl"], of: source.variants)
    source.settings = experimentSettings(fields)
    for block in fields["environments"]?.mapping?.entries ?? [] {
      var settings = experimentSettings(block.value.mapping ?? Mapping())
      settings.places = block.value.places
      source.environments.append(
        (Reference(key: block.key, position: block.keyPosition), settings))
    }
    check(source, fields)
    return source
  }

  private func variants(_ node: Node?) -> [ExperimentSource.Variant] {
    (node?.mapping?.entries ?? []).map { entry in
      ExperimentSource.Variant(
        key: entry.key, position: entry.keyPosition,
        weight: entry.value.integer ?? entry.value["weight"]?.integer ?? 1,
        payload: entry.value["payload"])
    }
  }

  private mutating func experimentSettings(_ fields: Mapping) -> ExperimentSettings {
    var settings = ExperimentSettings()
    settings.status = fields["status"]?.string.flatMap(ExperimentStatus.init)
    settings.phase = fields["phase"]?.integer
    settings.traffic = share(fields["traffic"])
    settings.targeting = fields["targeting"].map { condition($0) }
    if let schedule = fields["schedule"] { settings.schedule = self.schedule(schedule) }
    if let force = fields["force"]?.mapping { settings.force = self.force(force) }
    return settings
  }

  private mutating func schedule(_ node: Node) -> ScheduleSource {
    let start = node["start"]
    let end = node["end"]
    let source = ScheduleSource(
      start: instant(start?.string, at: start?.position ?? .none),
      end: instant(end?.string, at: end?.position ?? .none))
    if let end, let from = source.start, let until = source.end, until <= from {
      report(
        .badSchedule, at: end.position, "the experiment ends before it starts",
        remedy: "Give an end after \(from)")
    }
    return source
  }

  private mutating func force(_ mapping: Mapping) -> [(variant: Reference, units: [String])] {
    var forced: [Text: Position] = [:]
    return mapping.entries.map { entry in
      let units = entry.value.sequence ?? []
      if units.count > Limits.forcedUnitsMax {
        report(
          .badForce, at: entry.keyPosition,
          "\(units.count) units are forced to one variant; the limit is \(Limits.forcedUnitsMax)",
          remedy: "Put them into a segment and serve that by a rule")
      }
      for unit in units { check(forced: unit, seen: &forced) }
      let names = units.compactMap(\.string).sorted { $0.precedesInBytes($1) }
      return (Reference(key: entry.key, position: entry.keyPosition), names)
    }
  }

  private mutating func check(forced unit: Node, seen: inout [Text: Position]) {
    guard let name = unit.string else { return }
    if name.utf8.contains(UInt8(ascii: "@")) {
      report(
        .forcedAddress, at: unit.position,
        "a forced unit looks like an e-mail address, and snapshots are public",
        remedy: "Name the unit by an id that says nothing about a person")
    }
    if let first = seen.updateValue(unit.position, forKey: Text(name)) {
      report(
        .badForce, at: unit.position, "\"\(name)\" is forced twice",
        remedy: "Name each unit once",
        notes: [.init("first here", at: Location(file: file, position: first))])
    }
  }
}

extension DefinitionReader {
  private mutating func check(_ source: ExperimentSource, _ fields: Mapping) {
    let names = source.variants.map(\.key)
    let known = TextSet(names)
    func isUnknown(_ reference: Reference) -> Bool { !known.contains(reference.key) }
    var unknown = [source.control, source.winner].compactMap(\.self).filter(isUnknown)
    for settings in [source.settings] + source.environments.map(\.settings) {
      unknown += (settings.force ?? []).map(\.variant).filter(isUnknown)
    }
    for reference in unknown {
      report(
        .unknownVariant, at: reference.position,
        "\(reference.key) is no variant of \(source.key)",
        remedy: suggestions.remedy(
          for: reference.key, among: names, otherwise: Suggestions.choice(names)))
    }
    checkPayloads(source)
    checkBuckets(source)
    checkFloor(source)
    checkEnd(source)
    if source.visibility != nil, !source.isFlagless, let entry = fields.entry("visibility") {
      report(
        .visibilityWithoutPayload, at: entry.keyPosition,
        "only an experiment whose variants carry payloads is read by itself",
        remedy: "Set visibility on the flag that uses the experiment")
    }
  }

  private mutating func checkPayloads(_ source: ExperimentSource) {
    let without = source.variants.filter { $0.payload == nil }
    if !without.isEmpty, without.count < source.variants.count {
      for variant in without {
        report(
          .mixedPayloads, at: variant.position,
          "\(variant.key) has no payload, other variants have",
          remedy: "Give every variant a payload, or none")
      }
    }
    let types = source.variants.lazy.compactMap(\.payload).map { ValueType(of: $0) }
    if let first = types.first, types.contains(where: { $0 != first }) {
      report(
        .mixedTypes, at: source.position, "the payloads of \(source.key) differ in their JSON type",
        remedy: "Give all variants payloads of one JSON type")
    }
  }

  private mutating func checkBuckets(_ source: ExperimentSource) {
    guard CanonicalLayout.mayLeaveOut(source.variants.lazy.map(\.weight)) else { return }
    let layout = CanonicalLayout(weights: source.variants.map { ($0.key, $0.weight) })
    for variant in source.variants where layout.size(of: variant.key) == 0 {
      report(
        .variantWithoutBucket, at: variant.position,
        "\(variant.key) is left with no bucket: its weight is under 0.01 % of the total",
        remedy: "Raise its weight, or remove the variant")
    }
  }

  /// What a bandit may never take from a variant has to be there in the first place.
  private mutating func checkFloor(_ source: ExperimentSource) {
    guard let bandit = source.bandit else { return }
    let layout = CanonicalLayout(weights: source.variants.map { ($0.key, $0.weight) })
    let least = layout.segments.map { $0.to - $0.from }.min() ?? 0
    guard bandit.floor > least else { return }
    report(
      .floorTooHigh, at: bandit.position,
      "a variant of \(source.key) begins with \(Share.text(least)), below the floor of"
        + " \(Share.text(bandit.floor))",
      remedy: "Lower the floor, or begin with weights that meet it")
  }

  private mutating func checkEnd(_ source: ExperimentSource) {
    guard let winner = source.winner else { return }
    let environments =
      source.environments.isEmpty
      ? [ExperimentSettings()] : source.environments.map(\.settings)
    let isEnded = environments.contains { settings in
      (settings.status ?? source.settings.status) == .completed
        || (settings.schedule ?? source.settings.schedule)?.end != nil
    }
    if !isEnded {
      report(
        .winnerWithoutEnd, at: winner.position,
        "a winner is served once the experiment is completed, and nothing completes it",
        remedy: "Set `status: completed`, or an `end` in its schedule")
    }
  }
}
