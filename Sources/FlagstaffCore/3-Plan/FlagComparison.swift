// Two decision lists of one flag, numbered so that they can be compared fast: conditions, layers,
// rules and outcomes that are equal on both sides have the same number. Nothing is computed here;
// what is equal is decided once, by bytes.

internal import Documents
internal import FlagstaffEvaluation

struct FlagComparison: Sendable {
  /// What a user comes to.
  struct Outcome: Hashable, Sendable {
    /// The experiment or hashed rule with its variant; 0 for none.
    var assignment: Int
    /// The JSON value; 0 for no answer.
    var value: Int
    /// The variant served; 0 for no answer.
    var variant: Int
  }

  /// A bucket of a layer that a rule asks: the place of the answer among those of the layer.
  struct Use: Hashable, Sendable {
    let layer: Int
    let place: Int
  }

  /// What a rule does once its condition is met. Rules of one shape do the same.
  struct Shape: Sendable {
    let gate: Use?
    let choice: Use?
    /// The outcome of a rule that does not choose.
    let outcome: Int
  }

  struct Condition: Hashable, Sendable {
    let number: Int
    /// Whether the rule wants it met or, under a `not`, not met.
    let isWanted: Bool
  }

  struct Rule: Hashable, Sendable {
    let shape: Int
    let condition: Condition?
  }

  struct Side: Sendable {
    var rules: [Rule] = []
    var sources: [DecisionList.Source?] = []
    var fallback = 0

    fileprivate var conditions: [RuleName: Set<Condition?>] {
      var conditions: [RuleName: Set<Condition?>] = [:]
      for place in rules.indices {
        conditions[name(of: place), default: []].insert(rules[place].condition)
      }
      return conditions
    }

    private func name(of place: Int) -> RuleName {
      sources[place].map(RuleName.source) ?? .plain(shape: rules[place].shape)
    }
  }

  /// What makes a rule the same one on both sides.
  fileprivate enum RuleName: Hashable {
    case source(DecisionList.Source)
    case plain(shape: Int)
  }

  /// One question to a layer: per bucket, an outcome, or 1 and -1 for in and out.
  struct Question: Sendable {
    var answers: [(ranges: BucketRanges, answer: Int)]
  }

  private(set) var before = Side()
  private(set) var after = Side()
  private(set) var conditions: [Node] = []
  /// Conditions that a rule has on one side, where the same rule has another on the other side.
  private(set) var changedConditions: Set<Int> = []
  private(set) var shapes: [Shape] = []
  private(set) var outcomes: [Outcome] = []
  private(set) var variants: [String?] = [nil]
  /// Per layer, what rules ask it.
  private(set) var questions: [[Question]] = []

  private var numbers = Numbers()

  init(_ before: DecisionList, _ after: DecisionList) {
    self.before = side(before)
    self.after = side(after)
    numbers = Numbers()
    changedConditions = Self.changed(self.before, self.after)
  }

  /// A rule is the same one where its experiment or key is; a plain one, where it serves the same.
  private static func changed(_ before: Side, _ after: Side) -> Set<Int> {
    var (left, right) = (before.conditions, after.conditions)
    for (rule, conditions) in left {
      let common = conditions.intersection(right[rule] ?? [])
      left[rule]?.subtract(common)
      right[rule]?.subtract(common)
    }
    var changed: Set<Int> = []
    for (rule, conditions) in left {
      guard let others = right[rule], !conditions.isEmpty, !others.isEmpty else { continue }
      changed.formUnion(conditions.union(others).compactMap { $0?.number })
    }
    return changed
  }

  /// A miss, for comparing rules one by one: an outcome that no list has.
  mutating func miss() -> Int {
    outcomes.append(Outcome(assignment: -1, value: -1, variant: -1))
    return outcomes.count - 1
  }
}

extension FlagComparison {
  private enum ShapeKey: Hashable {
    case one(gate: Use?, outcome: Int)
    case hashed(gate: Use?, choice: Use)
  }

  private enum QuestionKey: Hashable {
    case gate(BucketRanges)
    case choice([BucketRanges], outcomes: [Int])
  }

  /// What has a number already. Nodes are known by their canonical bytes.
  private struct Numbers {
    var conditions: [[UInt8]: Int] = [:]
    var values: [[UInt8]: Int] = [:]
    var variants: [String: Int] = [:]
    var assignments: [Assignment: Int] = [:]
    var outcomes: [Outcome: Int] = [:]
    var layers: [DecisionList.Layer: Int] = [:]
    var questions: [[QuestionKey: Int]] = []
    var shapes: [ShapeKey: Int] = [:]
  }

  private struct Assignment: Hashable {
    let source: DecisionList.Source
    let variant: String
  }

  private mutating func side(_ list: DecisionList) -> Side {
    var side = Side()
    var values: [String: Int] = [:]
    for (variant, node) in list.values {
      values[variant] = numbers.values.number(of: CanonicalJSON.bytes(node), from: 1)
    }
    side.fallback = outcome(nil, list.fallback, values)
    for rule in list.rules {
      side.rules.append(
        Rule(
          shape: shape(rule, values), condition: rule.condition.map { condition($0) }))
      side.sources.append(rule.source)
    }
    return side
  }

  private mutating func condition(_ node: Node) -> Condition {
    var (node, isWanted) = (node, true)
    while let negated = node["not"], node.mapping?.count == 1 {
      (node, isWanted) = (negated, !isWanted)
    }
    let number = numbers.conditions.number(of: CanonicalJSON.bytes(node))
    if number == conditions.count { conditions.append(node) }
    return Condition(number: number, isWanted: isWanted)
  }

  private mutating func outcome(
    _ source: DecisionList.Source?, _ variant: String?, _ values: [String: Int]
  ) -> Int {
    guard let variant else { return number(of: Outcome(assignment: 0, value: 0, variant: 0)) }
    let place = numbers.variants.number(of: variant, from: 1)
    if place == variants.count { variants.append(variant) }
    let assignment = source.map {
      numbers.assignments.number(of: Assignment(source: $0, variant: variant), from: 1)
    }
    return number(
      of: Outcome(assignment: assignment ?? 0, value: values[variant] ?? 0, variant: place))
  }

  private mutating func number(of outcome: Outcome) -> Int {
    let number = numbers.outcomes.number(of: outcome)
    if number == outcomes.count { outcomes.append(outcome) }
    return number
  }

  private mutating func shape(_ rule: DecisionList.Rule, _ values: [String: Int]) -> Int {
    let gate = rule.gate.map {
      ask($0.layer, .gate($0.ranges), Question(answers: [($0.ranges, 1)]))
    }
    switch rule.choice {
    case .one(let variant):
      let outcome = outcome(rule.source, variant, values)
      return number(
        of: .one(gate: gate, outcome: outcome), Shape(gate: gate, choice: nil, outcome: outcome))
    case .hashed(let layer, let variants):
      let outcomes = variants.map { outcome(rule.source, $0.key, values) }
      let answers = zip(variants, outcomes).map { ($0.ranges, $1) }
      let key = QuestionKey.choice(variants.map(\.ranges), outcomes: outcomes)
      let choice = ask(layer, key, Question(answers: answers))
      return number(
        of: .hashed(gate: gate, choice: choice), Shape(gate: gate, choice: choice, outcome: -1))
    }
  }

  private mutating func number(of key: ShapeKey, _ shape: Shape) -> Int {
    let number = numbers.shapes.number(of: key)
    if number == shapes.count { shapes.append(shape) }
    return number
  }

  private mutating func ask(
    _ layer: DecisionList.Layer, _ key: QuestionKey, _ question: Question
  ) -> Use {
    let layer = numbers.layers.number(of: layer)
    if layer == questions.count {
      questions.append([])
      numbers.questions.append([:])
    }
    let place = numbers.questions[layer].number(of: key)
    if place == questions[layer].count { questions[layer].append(question) }
    return Use(layer: layer, place: place)
  }
}

extension Dictionary where Value == Int {
  /// The number of a key; a new key gets the next one.
  fileprivate mutating func number(of key: Key, from first: Int = 0) -> Int {
    if let known = self[key] { return known }
    let number = first + count
    self[key] = number
    return number
  }
}
