// Finds conditions that no context can meet, where that is certain: comparisons of one attribute
// that exclude each other, and something together with its opposite. What it passes over may still
// be impossible; what it reports is impossible for every context, by the evaluator's own rules.

internal import Documents
internal import FlagstaffEvaluation

/// A place in a condition that nobody can meet.
struct Contradiction {
  let position: Position
  let reason: String

  /// The contradictions of a condition, each `all` by itself and with those directly inside it.
  static func all(in condition: ConditionForm) -> [Contradiction] {
    var found: [Contradiction] = []
    collect(condition, into: &found)
    return found
  }

  /// Whether anything was found in the part.
  @discardableResult
  private static func collect(
    _ form: ConditionForm, into found: inout [Contradiction]
  ) -> Bool {
    switch form {
    case .not(let member):
      return collect(member, into: &found)
    case .any(let members, _):
      return collect(members, into: &found)
    case .all(let members, let position):
      if collect(members, into: &found) { return true }
      guard let reason = Conjunction(form).contradiction else { return false }
      found.append(Contradiction(position: position, reason: reason))
      return true
    case .segment:
      return false
    case .test(let attribute, let comparison, let operand):
      guard comparison == .semver, OrderBound.all(of: comparison, operand).areImpossible else {
        return false
      }
      let reason = "no version meets all that is asked of `\(attribute)`"
      found.append(Contradiction(position: operand.position, reason: reason))
      return true
    }
  }

  private static func collect(
    _ members: [ConditionForm], into found: inout [Contradiction]
  ) -> Bool {
    var isFound = false
    for member in members where collect(member, into: &found) { isFound = true }
    return isFound
  }
}

/// What a condition asks for all at once: its members, with those of each `all` among them.
struct Conjunction {
  private(set) var members: [ConditionForm] = []

  init(_ condition: ConditionForm) {
    if case .all(let inner, _) = condition, !inner.contains(where: \.isAll) {
      members = inner
    } else {
      add(condition)
    }
  }

  private mutating func add(_ form: ConditionForm) {
    guard case .all(let inner, _) = form else {
      members.append(form)
      return
    }
    for member in inner { add(member) }
  }

  /// The members as bytes by which they can be looked up.
  var keys: [[UInt8]] { members.map { CanonicalJSON.bytes($0.node) } }

  /// Up to this many members are compared one by one, which is faster than to look them up.
  static let scanCountMax = 16

  /// Whether everything that the other asks for is asked for here. For few members.
  func includes(_ other: Conjunction) -> Bool {
    other.members.allSatisfy { member in members.contains { $0 == member } }
  }

  /// Why nobody can meet it; nil where somebody might.
  var contradiction: String? {
    guard members.count > 1, mayExclude else { return nil }
    if asksForOpposites { return "it asks for something and for its opposite" }
    let impossible = demands.filter { $0.count > 1 && $0.areImpossible }.map(\.name)
    return impossible.min { $0.precedesInBytes($1) }.map {
      "no value of `\($0)` meets all that is asked of it"
    }
  }

  /// Whether two members speak of one thing. Mostly none do, and nothing more is looked at.
  private var mayExclude: Bool {
    guard members.count <= Self.scanCountMax else { return true }
    for index in members.indices {
      switch members[index] {
      case .all, .any, .segment: continue
      case .not(.any(let parts, _)):
        if parts.contains(where: { mayAsk(members, for: $0) }) { return true }
      case .not(let opposite):
        if mayAsk(members, for: opposite) { return true }
      case .test:
        if mayAsk(members[..<index], for: members[index]) { return true }
      }
    }
    return false
  }

  /// Whether a member speaks of what a form does; true too for a form that is no comparison.
  private func mayAsk(_ members: some Sequence<ConditionForm>, for form: ConditionForm) -> Bool {
    switch form {
    case .all, .any, .not: true
    case .segment(let key):
      members.contains { member in
        guard case .segment(let other) = member else { return false }
        return other.hasSameBytes(as: key)
      }
    case .test(let name, _, _):
      members.contains { member in
        guard case .test(let other, _, _) = member else { return false }
        return other.hasSameBytes(as: name)
      }
    }
  }

  /// Whether some member is the opposite of others: `not: c` beside all that `c` asks for.
  private var asksForOpposites: Bool {
    var alternatives: [Conjunction] = []
    for case .not(let opposite) in members {
      if case .any(let parts, _) = opposite {
        alternatives += parts.map { Conjunction($0) }
      } else {
        alternatives.append(Conjunction(opposite))
      }
    }
    guard !alternatives.isEmpty else { return false }
    if members.count <= Self.scanCountMax { return alternatives.contains(where: includes) }
    let keys = Set(keys)
    return alternatives.contains { $0.keys.allSatisfy(keys.contains) }
  }

  /// What is asked of each attribute.
  private var demands: [AttributeDemands] {
    var demands: [AttributeDemands] = []
    var places: [Text: Int] = [:]
    let isFew = members.count <= Self.scanCountMax
    for member in members {
      let isNegated: Bool
      let test: ConditionForm
      if case .not(let opposite) = member {
        (test, isNegated) = (opposite, true)
      } else {
        (test, isNegated) = (member, false)
      }
      guard case .test(let name, let comparison, let operand) = test else { continue }
      let place =
        isFew ? demands.firstIndex { $0.name.hasSameBytes(as: name) } : places[Text(name)]
      if place == nil {
        if !isFew { places[Text(name)] = demands.count }
        demands.append(AttributeDemands(name))
      }
      demands[place ?? demands.count - 1].add(comparison, operand, isNegated: isNegated)
    }
    return demands
  }
}

/// The comparisons of one attribute that all have to be met, or all not.
private struct AttributeDemands {
  let name: String
  private var wanted: [(comparison: ConditionOperator, operand: Node)] = []
  private var unwanted: [(comparison: ConditionOperator, operand: Node)] = []

  init(_ name: String) {
    self.name = name
  }

  var count: Int { wanted.count + unwanted.count }

  mutating func add(_ comparison: ConditionOperator, _ operand: Node, isNegated: Bool) {
    if isNegated {
      unwanted.append((comparison, operand))
    } else {
      wanted.append((comparison, operand))
    }
  }

  var areImpossible: Bool {
    guard !wanted.isEmpty else { return false }
    let absences = wanted.count { $0.comparison == .exists && $0.operand.boolean == false }
    guard absences == 0 else { return absences < wanted.count }
    if let candidates { return !hasPossible(candidates) }
    return excludeByOrder || excludeByAffixes(.startsWith) || excludeByAffixes(.endsWith)
  }

  /// The only values that one of the comparisons lets through; nil where none names its values.
  private var candidates: [Node]? {
    operands(.equals).first.map { [$0] } ?? operands(.in).first?.sequence
  }

  private func operands(_ comparison: ConditionOperator) -> [Node] {
    wanted.compactMap { $0.comparison == comparison ? $0.operand : nil }
  }

  /// Asks the evaluator about each.
  private func hasPossible(_ candidates: [Node]) -> Bool {
    func form(_ test: (comparison: ConditionOperator, operand: Node)) -> ConditionForm {
      .test(attribute: name, test.comparison, test.operand)
    }
    let tests = wanted.map(form) + unwanted.map { .not(form($0)) }
    guard let condition = try? Condition(ConditionForm.all(tests, at: .none).node) else {
      return true
    }
    return candidates.contains { value in
      condition.isMet(by: EvaluationContext(attributes: [(key: name, value: JSONValue(value))]))
    }
  }

  /// Bounds that leave nothing between them, or bounds of a number on what has to be text. What has
  /// a bound can be compared, so not to meet one is to meet its other side.
  private var excludeByOrder: Bool {
    let bounds = wanted.flatMap { OrderBound.all(of: $0.comparison, $0.operand) }
    guard let first = bounds.first else { return false }
    let others = unwanted.map { OrderBound.all(of: $0.comparison, $0.operand) }
      .filter { $0.count == 1 }
      .flatMap { $0.compactMap(\.negated) }.filter { $0.isComparable(with: first) }
    if (bounds + others).areImpossible { return true }
    return first.isNumber
      && wanted.contains { $0.comparison == .startsWith || $0.comparison == .endsWith }
  }

  /// Two beginnings, or two ends, of which neither is part of the other.
  private func excludeByAffixes(_ comparison: ConditionOperator) -> Bool {
    let texts = operands(comparison).compactMap(\.string).map { text in
      comparison == .endsWith ? Array(text.utf8.reversed()) : Array(text.utf8)
    }
    guard let longest = texts.max(by: { $0.count < $1.count }) else { return false }
    return !texts.allSatisfy { longest.starts(with: $0) }
  }
}
