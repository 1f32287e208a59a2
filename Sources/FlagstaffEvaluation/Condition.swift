// A condition of a rule or of targeting, in its resolved form: `{all:[…]}`, `{any:[…]}`,
// `{not:c}` or `{attribute,operator,value}`. It is read once and asked often. An absent attribute
// meets nothing but `exists: false`; only `not` turns that round. There are no regular
// expressions, so the time that a condition takes is bounded by its length and the context's.

package import Documents

/// A condition over the attributes of a context.
package struct Condition: Sendable {
  /// Levels of `all`, `any` and `not` above the deepest comparison, once segments are inlined.
  package static let depthMax = 100

  private enum Form: Sendable {
    case all([Condition])
    case any([Condition])
    indirect case not(Condition)
    case test(AttributeName, ConditionTest)
  }

  private let form: Form

  /// Whether a context meets the condition.
  package func isMet(by context: EvaluationContext) -> Bool {
    switch form {
    case .all(let conditions):
      for condition in conditions where !condition.isMet(by: context) { return false }
      return true
    case .any(let conditions):
      for condition in conditions where condition.isMet(by: context) { return true }
      return false
    case .not(let condition):
      return !condition.isMet(by: context)
    case .test(let name, let test):
      return test.isMet(by: context.value(of: name))
    }
  }
}

/// Why a node is not a condition.
package struct ConditionError: Error, Hashable, CustomStringConvertible {
  package var reason: String

  package var description: String { reason }
}

extension Condition {
  /// Reads the resolved form.
  /// - Throws: where the form is another, `all` or `any` is empty, a field or operator is unknown,
  ///   an operand is not what the operator takes, or the nesting exceeds `depthMax`.
  package init(_ node: Node) throws(ConditionError) {
    try self.init(node, depth: 0)
  }

  private init(_ node: Node, depth: Int) throws(ConditionError) {
    guard depth <= Self.depthMax else {
      throw ConditionError(reason: "a condition is nested deeper than \(Self.depthMax) levels")
    }
    guard let mapping = node.mapping, let first = mapping.entries.first else {
      throw ConditionError(reason: "a condition is an object with fields")
    }
    if mapping.count > 1 {
      form = try Self.test(mapping)
      return
    }
    switch first.key {
    case "all": form = .all(try Self.conditions(first.value, of: "all", depth: depth))
    case "any": form = .any(try Self.conditions(first.value, of: "any", depth: depth))
    case "not": form = .not(try Condition(first.value, depth: depth + 1))
    default: throw ConditionError(reason: "a condition has the unknown form \"\(first.key)\"")
    }
  }

  private static func conditions(
    _ node: Node, of name: String, depth: Int
  ) throws(ConditionError) -> [Condition] {
    guard let nodes = node.sequence, !nodes.isEmpty else {
      throw ConditionError(reason: "\"\(name)\" of a condition is a list that is not empty")
    }
    var conditions: [Condition] = []
    conditions.reserveCapacity(nodes.count)
    for node in nodes { conditions.append(try Condition(node, depth: depth + 1)) }
    return conditions
  }

  private static func test(_ mapping: Mapping) throws(ConditionError) -> Form {
    for entry in mapping.entries
    where !["attribute", "operator", "value"].contains(where: { entry.key.hasSameBytes(as: $0) }) {
      throw ConditionError(reason: "a condition has the unknown field \"\(entry.key)\"")
    }
    guard let attribute = mapping["attribute"]?.string, let name = mapping["operator"]?.string,
      let operand = mapping["value"]
    else {
      throw ConditionError(reason: "a condition needs an attribute, an operator and a value")
    }
    guard let comparison = ConditionOperator(rawValue: name) else {
      throw ConditionError(reason: "a condition has the unknown operator \"\(name)\"")
    }
    guard let test = ConditionTest(comparison, operand) else {
      throw ConditionError(
        reason: "the operator \"\(name)\" takes \(comparison.operand.description)")
    }
    return .test(AttributeName(attribute), test)
  }
}
