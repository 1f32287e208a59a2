// A flag as it is published, made ready for questions: each rule knows its experiment, the hash's
// state after each rule's id is kept, and every answer that the flag can give is there already. A
// flagless experiment becomes such a flag too: its only rule is itself, and its off variant is
// control.

internal import Documents

/// One flag that can be asked.
final class PublishedFlag: Sendable {
  /// What a rule does once its condition is met.
  enum Action: Sendable {
    case serve
    /// Serves where the unit's bucket is below the share.
    case rollout(share: Int, hash: Murmur3)
    case split(BucketOwners, hash: Murmur3)
    case experiment(PublishedExperiment)
    /// The experiment is not published here: the rule falls through.
    case absentExperiment
  }

  /// A class, as the flag is, so that asking it copies nothing.
  final class Rule: Sendable {
    /// What an answer says about the rule.
    let name: Evaluation.Rule
    let when: Condition?
    /// What a rollout or split hashes; an experiment knows its own.
    let unitName: AttributeName
    let action: Action
    /// What the rule answers: one answer for each variant of its split or experiment, else one.
    let answers: [Evaluation]
    /// The same to forced units; empty where the rule forces nobody.
    let forcedAnswers: [Evaluation]

    init(
      _ name: Evaluation.Rule, when: Condition?, unitName: AttributeName, action: Action,
      answers: [Evaluation], forcedAnswers: [Evaluation] = []
    ) {
      self.name = name
      self.when = when
      self.unitName = unitName
      self.action = action
      self.answers = answers
      self.forcedAnswers = forcedAnswers
    }
  }

  let key: String
  /// Nil where the flag is enabled and not killed.
  let stop: Stop?
  let rules: References<Rule>
  /// Those whose experiment forces units.
  let forcingRules: References<Rule>
  /// Where no rule answers.
  let defaultAnswer: Evaluation

  /// Why a flag serves its off variant to everyone.
  struct Stop: Sendable {
    let isKilled: Bool
    let answer: Evaluation
  }

  init(
    _ node: Node, key: String, experiments: [Text: PublishedExperiment]
  ) throws(SnapshotError) {
    let fields = try FieldReader(
      node, subject: "flag \"\(key)\"",
      known: [
        "kind", "key", "type", "variants", "off", "default", "enabled", "killed", "bucketBy",
        "rules",
      ])
    self.key = key
    let variants = try FlagVariants(fields, of: key)
    let off = try variants.index(of: try fields.string("off"), fields)
    let fallback = try variants.index(of: try fields.string("default"), fields)
    let isEnabled = try fields.boolean("enabled")
    let isKilled = try fields.boolean("killed")
    stop =
      isEnabled && !isKilled
      ? nil : Stop(isKilled: isKilled, answer: variants.answer(off, .disabled))
    let unitName = AttributeName(try fields.string("bucketBy"))

    var rules: [Rule] = []
    for (index, node) in try fields.sequence("rules").enumerated() {
      let fields = try FieldReader(
        node, subject: "rule \(index) of \(fields.subject)", known: RuleReader.known)
      let reader = RuleReader(
        fields: fields, index: index, unitName: unitName, variants: variants)
      rules.append(try reader.rule(experiments))
    }
    self.rules = References(rules)
    forcingRules = References(rules.filter { !$0.forcedAnswers.isEmpty })
    defaultAnswer = variants.answer(fallback, rules.isEmpty ? .static : .default)
  }

  /// A flagless experiment as the flag of its key.
  init(flagless experiment: PublishedExperiment) {
    key = experiment.key
    let variants = FlagVariants(
      flag: key, names: experiment.variants, values: experiment.payloads)
    let name = Evaluation.Rule(
      index: 0, key: nil, experiment: experiment.key, isForced: false)
    let rule = variants.rule(
      name, when: nil, experiment, places: Array(experiment.variants.indices))
    rules = References([rule])
    forcingRules = References(rule.forcedAnswers.isEmpty ? [] : [rule])
    stop = nil
    defaultAnswer = variants.answer(experiment.control, .default)
  }
}

/// The named values of a flag, all of the flag's type.
private struct FlagVariants {
  let flag: String
  let names: [String]
  let values: [JSONValue]

  init(flag: String, names: [String], values: [JSONValue]) {
    self.flag = flag
    self.names = names
    self.values = values
  }

  init(_ fields: FieldReader, of flag: String) throws(SnapshotError) {
    let type = try fields.string("type")
    guard ["boolean", "string", "number", "object", "array"].contains(type) else {
      throw fields.failure("has the unknown type \"\(type)\"")
    }
    var names: [String] = []
    var values: [JSONValue] = []
    for entry in try fields.entries("variants") {
      let typeName = entry.value.typeName == "integer" ? "number" : entry.value.typeName
      guard typeName == type else {
        throw fields.failure("has a value of \"\(entry.key)\" that is not of type \(type)")
      }
      names.append(entry.key)
      values.append(JSONValue(entry.value))
    }
    self.init(flag: flag, names: names, values: values)
  }

  func index(of name: String, _ fields: FieldReader) throws(SnapshotError) -> Int {
    guard let index = names.firstIndex(where: { $0.hasSameBytes(as: name) }) else {
      throw fields.failure("names \"\(name)\", which is none of the flag's variants")
    }
    return index
  }

  func indices(of names: [String], _ fields: FieldReader) throws(SnapshotError) -> [Int] {
    var indices: [Int] = []
    for name in names { indices.append(try index(of: name, fields)) }
    return indices
  }

  func answer(
    _ variant: Int, _ reason: Evaluation.Reason, _ rule: Evaluation.Rule? = nil
  ) -> Evaluation {
    Evaluation(
      flag: flag, value: values[variant], variant: names[variant], rule: rule, reason: reason,
      errorCode: nil)
  }

  /// A rule of an experiment; `places` are its variants' among the flag's.
  func rule(
    _ name: Evaluation.Rule, when: Condition?, _ experiment: PublishedExperiment, places: [Int]
  ) -> PublishedFlag.Rule {
    let reason: Evaluation.Reason = experiment.winner == nil ? .split : .targetingMatch
    let forced = Evaluation.Rule(
      index: name.index, key: name.key, experiment: name.experiment, isForced: true)
    return PublishedFlag.Rule(
      name, when: when, unitName: experiment.unitName, action: .experiment(experiment),
      answers: places.map { answer($0, reason, name) },
      forcedAnswers: experiment.forcesUnits
        ? places.map { answer($0, .targetingMatch, forced) } : [])
  }
}

/// Reads one rule of a flag.
private struct RuleReader {
  static let known = ["key", "id", "when", "share", "serve", "experiment", "split"]

  let fields: FieldReader
  let index: Int
  let unitName: AttributeName
  let variants: FlagVariants

  func rule(_ experiments: [Text: PublishedExperiment]) throws(SnapshotError) -> PublishedFlag.Rule
  {
    guard ["serve", "experiment", "split"].count(where: { fields.has($0) }) == 1 else {
      throw fields.failure("has not exactly one of \"serve\", \"experiment\" and \"split\"")
    }
    guard !fields.has("share") || fields.has("serve") else {
      throw fields.failure("has a \"share\" without \"serve\"")
    }
    // Read where no hash needs it too: no field is taken on trust.
    _ = try fields.optionalString("id")
    let name = Evaluation.Rule(
      index: index, key: try fields.optionalString("key"),
      experiment: try fields.optionalString("experiment"), isForced: false)
    let when = try fields.optionalCondition("when")
    if fields.has("serve") { return try serving(name, when) }
    if fields.has("split") { return try splitting(name, when) }
    guard let experiment = experiments[Text(try fields.string("experiment"))] else {
      return PublishedFlag.Rule(
        name, when: when, unitName: unitName, action: .absentExperiment, answers: [])
    }
    guard experiment.payloads.isEmpty else {
      throw fields.failure("uses an experiment that carries its own payloads")
    }
    return variants.rule(
      name, when: when, experiment,
      places: try variants.indices(of: experiment.variants, fields))
  }

  private func serving(
    _ name: Evaluation.Rule, _ when: Condition?
  ) throws(SnapshotError) -> PublishedFlag.Rule {
    let variant = try variants.index(of: try fields.string("serve"), fields)
    var action = PublishedFlag.Action.serve
    if fields.has("share") {
      action = .rollout(
        share: try fields.integer("share", in: 0...BucketRanges.bucketCount),
        hash: Murmur3(prefix: try fields.string("id")))
    }
    return PublishedFlag.Rule(
      name, when: when, unitName: unitName, action: action,
      answers: [
        variants.answer(variant, fields.has("share") ? .split : .targetingMatch, name)
      ])
  }

  private func splitting(
    _ name: Evaluation.Rule, _ when: Condition?
  ) throws(SnapshotError) -> PublishedFlag.Rule {
    let split = try PublishedVariants(fields, "split", mayCarryPayload: false)
    return PublishedFlag.Rule(
      name, when: when, unitName: unitName,
      action: .split(split.owners, hash: Murmur3(prefix: try fields.string("id"))),
      answers: try variants.indices(of: split.keys, fields).map {
        variants.answer($0, .split, name)
      })
  }
}
