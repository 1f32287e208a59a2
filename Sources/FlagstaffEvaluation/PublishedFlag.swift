// A flag as it is published, made ready for questions: variants are places in a list, each rule
// knows its experiment, and the hash's state after each rule's id is kept. A flagless experiment
// becomes such a flag too: its only rule is itself, and its off variant is control.

internal import Documents

/// One flag that can be asked.
final class PublishedFlag: Sendable {
  /// What a rule does once its condition is met; variants are places among the flag's.
  enum Action: Sendable {
    case serve(Int)
    /// Serves where the unit's bucket is below the share.
    case rollout(Int, share: Int, hash: Murmur3)
    case split(BucketOwners, variants: [Int], hash: Murmur3)
    /// `variants` translates a place among the experiment's variants.
    case experiment(PublishedExperiment, variants: [Int])
    /// The experiment is not published here: the rule falls through.
    case absentExperiment
  }

  /// A class, as the flag is, so that asking it copies nothing.
  final class Rule: Sendable {
    let when: Condition?
    let action: Action
    /// What an answer says about the rule.
    let decided: Evaluation.Rule
    let decidedByForce: Evaluation.Rule

    init(
      when: Condition?, at index: Int, key: String?, experiment: String?, action: Action
    ) {
      self.when = when
      self.action = action
      decided = .init(index: index, key: key, experiment: experiment, isForced: false)
      decidedByForce = .init(index: index, key: key, experiment: experiment, isForced: true)
    }
  }

  let key: String
  let variants: [String]
  let values: [JSONValue]
  let off: Int
  let defaultVariant: Int
  let isEnabled: Bool
  let isKilled: Bool
  let unitName: AttributeName
  let rules: [Rule]
  /// The places of the rules whose experiment forces units.
  let forcingRules: [Int]

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
    let variants = try FlagVariants(fields)
    self.variants = variants.names
    values = variants.values
    off = try variants.index(of: try fields.string("off"))
    defaultVariant = try variants.index(of: try fields.string("default"))
    isEnabled = try fields.boolean("enabled")
    isKilled = try fields.boolean("killed")
    unitName = AttributeName(try fields.string("bucketBy"))

    var rules: [Rule] = []
    for (index, node) in try fields.sequence("rules").enumerated() {
      rules.append(try Rule(node, at: index, in: variants, experiments: experiments))
    }
    self.rules = rules
    forcingRules = Self.forcing(rules)
  }

  /// A flagless experiment as the flag of its key.
  init(flagless experiment: PublishedExperiment) {
    key = experiment.key
    variants = experiment.variants
    values = experiment.payloads
    off = experiment.control
    defaultVariant = experiment.control
    isEnabled = true
    isKilled = false
    unitName = AttributeName("targetingKey")
    rules = [
      Rule(
        when: nil, at: 0, key: nil, experiment: experiment.key,
        action: .experiment(experiment, variants: Array(experiment.variants.indices)))
    ]
    forcingRules = Self.forcing(rules)
  }

  private static func forcing(_ rules: [Rule]) -> [Int] {
    rules.indices.filter { index in
      if case .experiment(let experiment, _) = rules[index].action {
        experiment.forcesUnits
      } else {
        false
      }
    }
  }
}

/// The named values of a flag, all of the flag's type.
struct FlagVariants {
  let fields: FieldReader
  let names: [String]
  let values: [JSONValue]

  init(_ fields: FieldReader) throws(SnapshotError) {
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
    (self.fields, self.names, self.values) = (fields, names, values)
  }

  func index(of name: String) throws(SnapshotError) -> Int {
    guard let index = names.firstIndex(where: { $0.hasSameBytes(as: name) }) else {
      throw fields.failure("names \"\(name)\", which is none of its variants")
    }
    return index
  }

  func indices(of names: [String]) throws(SnapshotError) -> [Int] {
    var indices: [Int] = []
    for name in names { indices.append(try index(of: name)) }
    return indices
  }
}

extension PublishedFlag.Rule {
  fileprivate convenience init(
    _ node: Node, at index: Int, in variants: FlagVariants,
    experiments: [Text: PublishedExperiment]
  ) throws(SnapshotError) {
    let fields = try FieldReader(
      node, subject: "rule \(index) of \(variants.fields.subject)",
      known: ["key", "id", "when", "share", "serve", "experiment", "split"])
    guard ["serve", "experiment", "split"].count(where: { fields.has($0) }) == 1 else {
      throw fields.failure("has not exactly one of \"serve\", \"experiment\" and \"split\"")
    }
    guard !fields.has("share") || fields.has("serve") else {
      throw fields.failure("has a \"share\" without \"serve\"")
    }
    // Read where no hash needs it too: no field is taken on trust.
    _ = try fields.optionalString("id")
    self.init(
      when: try fields.optionalCondition("when"), at: index,
      key: try fields.optionalString("key"), experiment: try fields.optionalString("experiment"),
      action: try Self.action(fields, variants, experiments))
  }

  private static func action(
    _ fields: FieldReader, _ variants: FlagVariants, _ experiments: [Text: PublishedExperiment]
  ) throws(SnapshotError) -> PublishedFlag.Action {
    if fields.has("serve") {
      let variant = try variants.index(of: try fields.string("serve"))
      guard fields.has("share") else { return .serve(variant) }
      return .rollout(
        variant, share: try fields.integer("share", in: 0...BucketRanges.bucketCount),
        hash: Murmur3(prefix: try fields.string("id")))
    }
    if fields.has("split") {
      let split = try PublishedVariants(fields, "split", mayCarryPayload: false)
      return .split(
        split.owners, variants: try variants.indices(of: split.keys),
        hash: Murmur3(prefix: try fields.string("id")))
    }
    guard let experiment = experiments[Text(try fields.string("experiment"))] else {
      return .absentExperiment
    }
    guard experiment.payloads.isEmpty else {
      throw fields.failure("uses an experiment that carries its own payloads")
    }
    return .experiment(experiment, variants: try variants.indices(of: experiment.variants))
  }
}
