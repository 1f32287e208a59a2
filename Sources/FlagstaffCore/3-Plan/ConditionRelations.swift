// Which conditions follow from, or exclude, which others, as far as they ask for values or for one
// side of an order of the same attribute. It keeps classes out of a plan that nobody can be in,
// such as users of version 3 and above who are below version 2. What it does not see counts as
// independent.

internal import Documents
internal import FlagstaffEvaluation

struct ConditionRelations: Sendable {
  /// By attribute, what a user's value is like who meets the condition; nothing is known of
  /// attributes that are missing.
  private let demands: [[Text: AttributeDemand]]
  /// Whether the condition asks nothing else.
  private let isPlain: [Bool]
  private let conditionsByAttribute: [Text: [Int]]

  init(_ conditions: [Node]) {
    demands = conditions.map(Self.demands)
    isPlain = zip(conditions, demands).map { condition, demands in
      demands.count == 1 && Self.tests(condition).allSatisfy(AttributeDemand.isKnown)
    }
    var byAttribute: [Text: [Int]] = [:]
    for (number, attributes) in demands.enumerated() {
      for attribute in attributes.keys { byAttribute[attribute, default: []].append(number) }
    }
    conditionsByAttribute = byAttribute
  }

  /// Answers what follows once a condition is met, or is not.
  func apply(_ condition: Int, _ answer: Bool, to answers: inout [Bool?]) {
    for (attribute, demand) in demands[condition] {
      for other in conditionsByAttribute[attribute] ?? [] where answers[other] == nil {
        guard other != condition, let others = demands[other][attribute] else { continue }
        if answer, demand.excludes(others) {
          answers[other] = false
        } else if answer, isPlain[other], demand.isWithin(others) {
          answers[other] = true
        } else if !answer, isPlain[condition], others.isWithin(demand) {
          answers[other] = false
        }
      }
    }
  }

  /// Whether it shares an attribute with another condition.
  func hasRelation(_ condition: Int) -> Bool {
    demands[condition].keys.contains { conditionsByAttribute[$0].map { $0.count > 1 } ?? false }
  }

  private static func tests(_ condition: Node) -> [Node] {
    condition["all"]?.sequence ?? [condition]
  }

  /// Of a test alone, or of the members of an `all`.
  private static func demands(_ condition: Node) -> [Text: AttributeDemand] {
    var demands: [Text: AttributeDemand] = [:]
    for test in tests(condition) where AttributeDemand.isKnown(test) {
      guard let attribute = test["attribute"]?.string else { continue }
      demands[Text(attribute), default: AttributeDemand(attribute)].add(test)
    }
    return demands
  }
}

/// What a condition asks of one attribute.
private struct AttributeDemand: Sendable {
  private let attribute: String
  /// The only values, by what they are written as; nil where the condition names none.
  private var values: [Text: Node]?
  private var bounds: [OrderBound] = []
  /// What the bounds were made of.
  private var tests: [Condition] = []

  init(_ attribute: String) {
    self.attribute = attribute
  }

  /// Whether all that a test asks for can be told here.
  static func isKnown(_ test: Node) -> Bool {
    switch test["operator"]?.string {
    case "equals", "in": test["value"] != nil
    default: !OrderBound.all(of: test).isEmpty
    }
  }

  mutating func add(_ test: Node) {
    let bounds = OrderBound.all(of: test)
    guard bounds.isEmpty, let operand = test["value"] else {
      self.bounds += bounds
      if let condition = try? Condition(test) { tests.append(condition) }
      return
    }
    let named = operand.sequence ?? [operand]
    let texts = Dictionary(
      named.map { (Text(CanonicalJSON.string($0)), $0) }, uniquingKeysWith: { first, _ in first })
    values = values.map { $0.filter { texts[$0.key] != nil } } ?? texts
  }

  /// Whether no value meets both.
  func excludes(_ other: AttributeDemand) -> Bool {
    guard let values = values ?? other.values else { return (bounds + other.bounds).areImpossible }
    return !values.contains { admits($0.key, $0.value) && other.admits($0.key, $0.value) }
  }

  /// Whether each value that meets this one meets the other.
  func isWithin(_ other: AttributeDemand) -> Bool {
    if let values { return values.allSatisfy { other.admits($0.key, $0.value) } }
    guard other.values == nil else { return false }
    return other.bounds.allSatisfy { bound in bounds.contains { $0.isWithin(bound) } }
  }

  private func admits(_ text: Text, _ value: Node) -> Bool {
    guard values.map({ $0[text] != nil }) ?? true else { return false }
    guard !tests.isEmpty else { return true }
    let context = EvaluationContext(attributes: [(key: attribute, value: JSONValue(value))])
    return tests.allSatisfy { $0.isMet(by: context) }
  }
}
