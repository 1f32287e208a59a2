// A condition as flagd's targeting. It answers what our own evaluator answers for every context:
// types never convert, null is absent, and an absent attribute meets nothing but `exists: false`
// and `not`. Where flagd has no way to say that, the condition is a gap and its flag is left out;
// nothing is ever said approximately.

internal import Documents
internal import FlagstaffEvaluation

/// Why flagd cannot answer as a flag does.
package struct FlagdGap: Hashable, Sendable {
  /// Stable, for programs.
  package let code: String
  /// What flagd lacks, for people.
  package let reason: String

  init(_ code: String, _ reason: String) {
    self.code = code
    self.reason = reason
  }
}

/// Translates conditions, and notes what it cannot translate.
struct FlagdConditions {
  private(set) var gaps: [FlagdGap] = []

  mutating func note(_ gap: FlagdGap) {
    if !gaps.contains(gap) { gaps.append(gap) }
  }

  /// The logic that is true exactly where a condition in resolved form is met; meaningless where a
  /// gap was noted.
  mutating func logic(_ condition: Node) -> Node {
    guard let entries = condition.mapping?.entries else { return malformed(condition) }
    guard entries.count == 1 else { return test(condition) }
    switch entries[0].key {
    case "all": return FlagdLogic.all((entries[0].value.sequence ?? []).map { logic($0) })
    case "any": return FlagdLogic.any((entries[0].value.sequence ?? []).map { logic($0) })
    case "not": return FlagdLogic.not(logic(entries[0].value))
    default: return malformed(condition)
    }
  }

  /// A condition that the evaluator does not read is published nowhere, so this is for a registry
  /// that was edited by hand.
  private mutating func malformed(_ condition: Node) -> Node {
    note(FlagdGap("condition", "a condition is malformed"))
    return .boolean(false)
  }

  /// A reference to an attribute; noted where flagd would read the name in another way.
  mutating func attribute(_ name: String) -> Node {
    if name.isEmpty || name.utf8.contains(UInt8(ascii: ".")) {
      note(
        FlagdGap(
          "attribute",
          "flagd reads the attribute name \"\(name)\" as a path into nested attributes"))
    } else if name.hasSameBytes(as: "$flagd") {
      note(FlagdGap("attribute", "flagd puts its own values into the attribute \"$flagd\""))
    }
    return FlagdLogic.attribute(name)
  }

  private mutating func test(_ condition: Node) -> Node {
    guard let name = condition["attribute"]?.string, let operand = condition["value"],
      let comparison = condition["operator"]?.string.flatMap({ ConditionOperator(rawValue: $0) }),
      comparison.operand.accepts(operand)
    else { return malformed(condition) }
    noteEmptyKey(name, condition)
    for scalar in operand.sequence ?? [operand] { noteLargeNumber(scalar) }
    if comparison == .semver { noteLongVersion(operand) }
    return FlagdTest(value: attribute(name), operand: operand).logic(comparison)
  }

  /// OpenFeature's SDKs take an empty targeting key for none at all.
  private mutating func noteEmptyKey(_ name: String, _ condition: Node) {
    guard name.hasSameBytes(as: "targetingKey"), let read = try? Condition(condition) else {
      return
    }
    let empty = EvaluationContext(attributes: [(key: name, value: .string(""))])
    if read.isMet(by: empty) != read.isMet(by: EvaluationContext()) {
      note(FlagdGap("targeting-key", "flagd takes an empty targetingKey for an absent one"))
    }
  }

  /// Readers of versions give up at some length; see the limit.
  private mutating func noteLongVersion(_ operand: Node) {
    guard (operand.string?.utf8.count ?? 0) > Limits.versionBytesMax else { return }
    note(FlagdGap("version", "clients of flagd do not agree on versions of any length"))
  }

  /// Beyond ±(2^53−1) readers of JSON round integers in different ways, or not at all. Within, no
  /// rounding carries a number past the operand.
  private mutating func noteLargeNumber(_ scalar: Node) {
    guard let number = scalar.double, number.magnitude > Double(Node.integerMax) else { return }
    note(
      FlagdGap(
        "number", "clients of flagd do not agree on numbers beyond 9007199254740991"))
  }
}

/// One comparison of an attribute.
private struct FlagdTest {
  let value: Node
  let operand: Node

  func logic(_ comparison: ConditionOperator) -> Node {
    switch comparison {
    case .equals: FlagdLogic.equals(value, operand)
    case .notEquals: present(but: FlagdLogic.equals(value, operand))
    case .in: FlagdLogic.isAny(value, of: list)
    case .notIn: present(but: FlagdLogic.isAny(value, of: list))
    case .startsWith: FlagdLogic.call("starts_with", value, operand)
    case .endsWith: FlagdLogic.call("ends_with", value, operand)
    case .contains: contains
    case .lessThan: number("<")
    case .lessOrEqual: number("<=")
    case .greaterThan: number(">")
    case .greaterOrEqual: number(">=")
    case .before: instant("<")
    case .after: instant(">")
    case .semver: versions
    case .exists:
      operand.boolean == true ? FlagdLogic.isPresent(value) : FlagdLogic.isAbsent(value)
    }
  }

  private var list: [Node] { operand.sequence ?? [] }

  /// An absent attribute is neither equal nor unequal to anything.
  private func present(but other: Node) -> Node {
    FlagdLogic.all([FlagdLogic.isPresent(value), FlagdLogic.not(other)])
  }

  private func number(_ sign: String) -> Node {
    FlagdLogic.all([FlagdLogic.isNumber(value), FlagdLogic.call(sign, value, operand)])
  }

  private func instant(_ sign: String) -> Node {
    FlagdLogic.all([FlagdLogic.isInstant(value), FlagdLogic.call(sign, value, operand)])
  }

  /// For a string `in` looks into a string and through a list, as we do, save that an empty text
  /// contains nothing in JavaScript. Anything else can only be a member of a list.
  private var contains: Node {
    guard let text = operand.string else {
      return FlagdLogic.call("some", value, FlagdLogic.equals(FlagdLogic.element, operand))
    }
    let contains = FlagdLogic.call("in", operand, value)
    return text.isEmpty ? FlagdLogic.any([FlagdLogic.isString(value), contains]) : contains
  }

  private var versions: Node {
    let comparators = (operand.string ?? "").split(separator: " ").map { word in
      let sign = word.prefix { "<>=".contains($0) }
      return FlagdLogic.call(
        "sem_ver", value, .string(sign.isEmpty ? "=" : String(sign)),
        .string(String(word.dropFirst(sign.count))))
    }
    return FlagdLogic.all([FlagdLogic.isWholeVersion(value)] + comparators)
  }
}
