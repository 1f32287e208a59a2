// Reads a feature flag, and checks what can be judged by looking at it alone: that its values
// share one JSON type and meet its schema, that every variant named is one of its own, that each
// rule is of exactly one of the four forms. What needs other files is checked by
// `DefinitionsCheck`.

internal import Documents

extension DefinitionReader {
  mutating func flag(_ entry: Mapping.Entry) -> FlagSource? {
    guard let fields = entry.value.mapping else { return nil }
    var variants = (fields["variants"]?.mapping?.entries ?? []).map { ($0.key, $0.value) }
    var off = variant(fields["off"])
    if fields["variants"] == nil {
      variants = [("false", .boolean(false)), ("true", .boolean(true))]
      off = off ?? Reference(key: "false", position: entry.keyPosition)
    }
    guard let off else {
      report(
        .missingOff, at: entry.keyPosition, "\(entry.key) names variants, but not which is `off`",
        remedy: "Add `off: ` with the variant that is served when the flag is disabled or killed")
      return nil
    }
    var source = FlagSource(key: entry.key, position: entry.keyPosition, off: off)
    source.description = fields["description"]?.string
    source.labels = labels(fields["labels"])
    source.variants = variants
    source.namedVariants = (fields["variants"]?.mapping?.entries ?? []).map {
      Reference(key: $0.key, position: $0.keyPosition)
    }
    source.bucketBy = fields["bucketBy"]?.string ?? source.bucketBy
    source.visibility = fields["visibility"]?.string ?? source.visibility
    source.protective = fields["protective"]?.boolean ?? false
    source.revive = fields["revive"]?.boolean ?? false
    source.valueSchema = fields["valueSchema"]
    source.settings = flagSettings(fields)
    let environments = fields["environments"]?.mapping?.entries ?? []
    source.environments.reserveCapacity(environments.count)
    for block in environments {
      var settings = flagSettings(block.value.mapping ?? Mapping())
      settings.places = block.value.places
      source.environments.append(
        (Reference(key: block.key, position: block.keyPosition), settings))
    }
    checkValues(source)
    source.valueSchema = source.valueSchema.map(valueSchemas.kept)
    if let variants = fields["variants"] { checkCredentials(in: variants) }
    checkVariants(source)
    return source
  }

  private mutating func flagSettings(_ fields: Mapping) -> FlagSettings {
    var settings = FlagSettings()
    settings.enabled = fields["enabled"]?.boolean
    settings.defaultVariant = variant(fields["default"])
    if let rules = fields["rules"]?.sequence {
      var read: [RuleSource] = []
      read.reserveCapacity(rules.count)
      for node in rules {
        if let rule = rule(node) { read.append(rule) }
      }
      checkKeys(read)
      checkReach(read)
      settings.rules = read
    }
    return settings
  }

  private mutating func checkKeys(_ rules: [RuleSource]) {
    var seen = TextSet()
    for index in rules.indices {
      guard let key = rules[index].key, !seen.insert(key.key) else { continue }
      let first = rules.lazy.compactMap(\.key).first { $0.key.hasSameBytes(as: key.key) }
      report(
        .duplicateKey, at: key.position, "two rules have the key \(key.key)",
        remedy: "Give each rule a key of its own: the key decides who is in",
        notes: [.init("first here", at: Location(file: file, position: first?.position ?? .none))])
    }
  }

  private mutating func checkValues(_ source: FlagSource) {
    if let first = source.variants.first.map({ ValueType(of: $0.value) }) {
      for variant in source.variants {
        let type = ValueType(of: variant.value)
        guard type != first else { continue }
        report(
          .mixedTypes, at: variant.value.position,
          "\(variant.key) is \(type.withArticle), but \(source.variants[0].key) is"
            + " \(first.withArticle)",
          remedy: "Give all variants of a flag values of one JSON type")
      }
    }
    checkValueSchema(source)
  }

  private mutating func checkVariants(_ source: FlagSource) {
    let names = source.variants.map(\.key)
    let known = TextSet(names)
    var unknown: [Reference] = []
    source.forEachNamedVariant { if !known.contains($0.key) { unknown.append($0) } }
    for reference in unknown {
      report(
        .unknownVariant, at: reference.position,
        "\(reference.key) is no variant of \(source.key)",
        remedy: suggestions.remedy(
          for: reference.key, among: names, otherwise: Suggestions.choice(names)))
    }
  }
}

extension DefinitionReader {
  /// A rule of exactly one of the four forms; nil, with a finding, for any other.
  private mutating func rule(_ node: Node) -> RuleSource? {
    guard let fields = node.mapping else { return nil }
    let when = fields["when"].map { condition($0) }
    let key = fields["key"].flatMap { node in
      node.string.map { Reference(key: $0, position: node.position) }
    }
    let outcome: RuleSource.Outcome
    // Without `when`, which each form but the first may have.
    let count = fields.count - (when == nil ? 0 : 1)
    if fields.count == 1, let experiment = fields["experiment"], let key = experiment.string {
      outcome = .experiment(Reference(key: key, position: experiment.position))
    } else if count == 1, let served = variant(fields["serve"]) {
      outcome = .serve(served)
    } else if count == 3, fields["key"] != nil, let served = variant(fields["serve"]),
      let rollout = fields["rollout"]
    {
      outcome = .rollout(served, self.rollout(rollout))
    } else if count == 2, fields["key"] != nil, let split = fields["split"]?.mapping {
      outcome = .split(self.split(split))
    } else {
      let fault = RuleFault(fields)
      report(.badRule, at: node.position, fault.message, remedy: fault.remedy)
      return nil
    }
    return RuleSource(position: node.position, key: key, when: when, outcome: outcome)
  }

  private mutating func rollout(_ node: Node) -> RuleSource.Rollout {
    if let share = share(node) { return .constant(share) }
    var steps: [(from: Instant, share: Int, position: Position)] = []
    for entry in node.mapping?.entries ?? [] {
      guard let from = instant(entry.key, at: entry.keyPosition) else { continue }
      steps.append((from, share(entry.value) ?? 0, entry.keyPosition))
    }
    checkOrder(steps)
    return .steps(steps.sorted { $0.from < $1.from }.map { ($0.from, $0.share) })
  }

  private mutating func split(_ mapping: Mapping) -> [(variant: Reference, weight: Int)] {
    let weights = mapping.entries.map { entry in
      (Reference(key: entry.key, position: entry.keyPosition), entry.value.integer ?? 1)
    }
    guard CanonicalLayout.mayLeaveOut(weights.lazy.map { $0.1 }) else { return weights }
    let layout = CanonicalLayout(weights: weights.map { ($0.0.key, $0.1) })
    for (variant, _) in weights where layout.size(of: variant.key) == 0 {
      report(
        .variantWithoutBucket, at: variant.position,
        "\(variant.key) is left with no bucket: its weight is under 0.01 % of the total",
        remedy: "Raise its weight, or remove it from the split")
    }
    return weights
  }
}

extension FlagSource {
  /// Calls a function with each set of settings, that of all environments first.
  func forEachSettings(_ body: (FlagSettings) -> Void) {
    body(settings)
    for index in environments.indices { body(environments[index].settings) }
  }

  /// Calls a function with each variant that `off`, a default or a rule names.
  func forEachNamedVariant(_ body: (Reference) -> Void) {
    body(off)
    forEachSettings { settings in
      if let variant = settings.defaultVariant { body(variant) }
      guard let rules = settings.rules else { return }
      for index in rules.indices {
        switch rules[index].outcome {
        case .experiment: break
        case .serve(let variant), .rollout(let variant, _): body(variant)
        case .split(let weights): for (variant, _) in weights { body(variant) }
        }
      }
    }
  }
}

/// The JSON type of a flag's values: integers and other numbers are one type.
enum ValueType: String {
  case boolean, string, number, object, array

  init(of node: Node) {
    switch node.value {
    case .boolean: self = .boolean
    case .string: self = .string
    case .integer, .number, .null: self = .number
    case .sequence: self = .array
    case .mapping: self = .object
    }
  }

  var withArticle: String {
    switch self {
    case .array, .object: "an \(rawValue)"
    default: "a \(rawValue)"
    }
  }
}
