// A flag that is being built from a foreign one. Whatever language decided there, here it is a list
// of decisions: the first whose condition is met answers. From it come the rules of a definitions
// file, and the default.

internal import Documents

/// What a flag answers where a condition is met.
enum ImportedOutcome: Equatable {
  /// A variant by its foreign name.
  case variant(Text)
  /// Weights by foreign names of variants.
  case split([ImportedWeight])
  /// What the foreign system serves where it finds no answer.
  case fallback
}

struct ImportedWeight: Equatable {
  /// By its foreign name.
  let variant: Text
  let weight: Int
}

struct ImportedDecision: Equatable {
  let condition: ImportedCondition
  let outcome: ImportedOutcome
}

struct ImportedFlag {
  let name: String
  let position: Position
  /// By foreign names, in the order of the document.
  let variants: [(name: String, value: Node, position: Position)]
  var isEnabled = true
  var description: String?
  var bucketBy: String?
  /// Up to the first that always answers.
  var decisions: [ImportedDecision] = []
  /// The variant that is served where a decision says `fallback`; nil where the foreign system
  /// leaves it to the caller.
  var fallback: String?

  /// The variant whose value is `false`, where the values are booleans and one of them is.
  var falseVariant: String? {
    let found = variants.filter { $0.value.boolean == false }
    return variants.allSatisfy { $0.value.boolean != nil } && found.count == 1
      ? found[0].name : nil
  }

  /// Whether some context ends at the fallback. A split needs one too, for whoever has no unit.
  var needsFallback: Bool {
    if case .variant = decisions.last?.outcome {
      return decisions.contains { decision in
        if case .variant = decision.outcome { false } else { true }
      }
    }
    return true
  }

  /// The variant that decides alone for whom no rule does.
  private var lastVariant: String? {
    guard !needsFallback, case .variant(let name) = decisions.last?.outcome else { return nil }
    return name.string
  }

  /// What is served when the flag is disabled or killed: `false`, where the values are booleans.
  private var off: String? { falseVariant ?? fallback ?? lastVariant }
}

extension ImportedFlag {
  /// The flag as it stands in a definitions file.
  func node(environments: [String], keys: ForeignNames) throws(ImportGap) -> Node {
    guard let fallback = lastVariant ?? fallback, let off else {
      throw ImportGap(
        at: position, "it has no default, so callers decide what is served",
        remedy: "Give it a default there, or write the flag here with an `off` of your choice")
    }
    let rules = rules(default: fallback, keys: keys)
    func key(_ name: String) -> Node { Self.named(keys.key(name) ?? name) }
    return .fields([
      "description": description.map(Node.string),
      "variants": .mapping(variants.map { (keys.key($0.name) ?? $0.name, $0.value) }),
      "off": key(off),
      "default": fallback == off ? nil : key(fallback),
      "enabled": isEnabled ? nil : .boolean(false),
      "bucketBy": bucketBy.map(Node.string),
      "environments": .mapping(environments.map { ($0, .fields([:])) }),
      "rules": rules.isEmpty ? nil : .sequence(rules),
    ])
  }

  private func rules(default fallback: String, keys: ForeignNames) -> [Node] {
    var decisions: [ImportedDecision] = []
    for decision in self.decisions {
      decisions.append(decision)
      // Who has no unit falls through a split to the next rule; there, to the default.
      if case .split = decision.outcome {
        decisions.append(ImportedDecision(condition: decision.condition, outcome: .fallback))
      }
    }
    func isDefault(_ outcome: ImportedOutcome) -> Bool {
      outcome == .fallback || outcome == .variant(Text(fallback))
    }
    // At the end the default is served without a rule.
    while let last = decisions.last, isDefault(last.outcome) { decisions.removeLast() }
    var splits = 0
    return decisions.map { decision in
      let when = decision.condition.node
      switch decision.outcome {
      case .fallback: return Self.rule(when, serve: keys.key(fallback) ?? fallback)
      case .variant(let name): return Self.rule(when, serve: keys.key(name.string) ?? name.string)
      case .split(let weights):
        splits += 1
        return .fields([
          "key": .string(splits == 1 ? "split" : "split-\(splits)"), "when": when,
          "split": .mapping(
            weights.map { weight in
              let name = weight.variant.string
              return (keys.key(name) ?? name, .integer(weight.weight))
            }),
        ])
      }
    }
  }

  private static func rule(_ when: Node?, serve variant: String) -> Node {
    .fields(["when": when, "serve": named(variant)])
  }

  /// A variant where one is named: `true` and `false` stand for those keys.
  private static func named(_ key: String) -> Node {
    ["true": .boolean(true), "false": .boolean(false)][key] ?? .string(key)
  }
}

extension [ImportedDecision] {
  /// Adds a decision that is asked after those before it; none is asked after one that always
  /// answers, and one that never answers is left away.
  mutating func add(_ condition: ImportedCondition, _ outcome: ImportedOutcome) {
    if condition == .always(false) || last?.condition == .always(true) { return }
    append(ImportedDecision(condition: condition, outcome: outcome))
  }
}

extension ImportedWeight {
  /// Weights as small whole numbers, none of them zero, one a variant.
  ///
  /// - Returns: none where nothing has a weight.
  static func reduced(_ weights: [(variant: Text, weight: Int)]) -> [ImportedWeight] {
    var order: [Text] = []
    var sums: [Text: Int] = [:]
    for (variant, weight) in weights where weight > 0 {
      if sums[variant] == nil { order.append(variant) }
      sums[variant, default: 0] += weight
    }
    let divisor = sums.values.reduce(0, greatestCommonDivisor)
    return order.map { ImportedWeight(variant: $0, weight: (sums[$0] ?? 0) / divisor) }
  }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}
