// The operators of conditions and the operand that each takes. The decoder of snapshots asks here.
// What a definition may say is the schema's to decide; it lists the same operators and operands, so
// that what passes a pull request is what an evaluator understands.

package import Documents

/// How a condition compares an attribute with its operand.
package enum ConditionOperator: String, CaseIterable, Sendable {
  case equals
  case notEquals
  case `in`
  case notIn
  case startsWith
  case endsWith
  case contains
  case lessThan
  case lessOrEqual
  case greaterThan
  case greaterOrEqual
  case before
  case after
  case semver
  case exists

  /// What an operator is compared with.
  package enum Operand: Sendable {
    /// A string, a number or a boolean.
    case scalar
    /// A list of those; they need not share a type.
    case list
    case string
    case number
    /// A string `YYYY-MM-DDThh:mm:ssZ`.
    case instant
    /// A string of comparators, as `SemanticVersionRange` reads it.
    case versions
    case boolean
  }

  package var operand: Operand {
    switch self {
    case .equals, .notEquals, .contains: .scalar
    case .in, .notIn: .list
    case .startsWith, .endsWith: .string
    case .lessThan, .lessOrEqual, .greaterThan, .greaterOrEqual: .number
    case .before, .after: .instant
    case .semver: .versions
    case .exists: .boolean
    }
  }
}

extension ConditionOperator.Operand {
  /// What is asked for, in words that follow "takes": for messages.
  package var description: String {
    switch self {
    case .scalar: "a string, a number or a boolean"
    case .list: "a list of strings, numbers and booleans"
    case .string: "a string"
    case .number: "a number"
    case .instant: "an instant in the form YYYY-MM-DDThh:mm:ssZ"
    case .versions:
      "semantic versions, each after one of = < <= > >=, separated by single spaces"
    case .boolean: "true or false"
    }
  }

  /// Whether a node is such an operand.
  package func accepts(_ node: Node) -> Bool {
    switch self {
    case .scalar: Self.isScalar(node)
    case .list: node.sequence?.allSatisfy { Self.isScalar($0) } ?? false
    case .string: node.string != nil
    case .number: node.double != nil
    case .instant: node.string.flatMap { Instant($0) } != nil
    case .versions: node.string.flatMap { SemanticVersionRange($0) } != nil
    case .boolean: node.boolean != nil
    }
  }

  private static func isScalar(_ node: Node) -> Bool {
    switch node.value {
    case .boolean, .integer, .number, .string: true
    case .null, .sequence, .mapping: false
    }
  }
}
