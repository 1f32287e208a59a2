// A side of an order, as conditions ask for it: numbers above 3, instants before one, versions up
// to another. Two of them are compared without any value: whether they leave nothing in common, and
// whether one lies within the other. The order counts as dense, so what is said here is certain,
// and what is not said may still be so.

internal import Documents
internal import FlagstaffEvaluation

struct OrderBound: Sendable {
  typealias Sign = SemanticVersionRange.Sign

  private enum Value: Sendable {
    case number(Double)
    case instant(Instant)
    case version(SemanticVersionRange.Comparator)

    /// Nil where no attribute could be of both types.
    func order(beside other: Value) -> Ordering? {
      switch (self, other) {
      case (.number(let a), .number(let b)): a < b ? .less : a > b ? .greater : .equal
      case (.instant(let a), .instant(let b)): a < b ? .less : b < a ? .greater : .equal
      case (.version(let a), .version(let b)): a.precedence(over: b)
      default: nil
      }
    }
  }

  private let sign: Sign
  private let value: Value

  /// What a test in resolved form asks of its attribute, all at once; none where it orders nothing.
  static func all(of test: Node) -> [OrderBound] {
    guard let comparison = test["operator"]?.string.flatMap(ConditionOperator.init),
      let operand = test["value"]
    else { return [] }
    return all(of: comparison, operand)
  }

  static func all(of comparison: ConditionOperator, _ operand: Node) -> [OrderBound] {
    let sign: Sign
    switch comparison {
    case .lessThan, .before: sign = .less
    case .lessOrEqual: sign = .lessOrEqual
    case .greaterThan, .after: sign = .greater
    case .greaterOrEqual: sign = .greaterOrEqual
    case .semver:
      let range = operand.string.flatMap { SemanticVersionRange($0) }
      return range?.comparators.map { OrderBound(sign: $0.sign, value: .version($0)) } ?? []
    default: return []
    }
    if let number = operand.double { return [OrderBound(sign: sign, value: .number(number))] }
    let instant = operand.string.flatMap { Instant($0) }
    return instant.map { [OrderBound(sign: sign, value: .instant($0))] } ?? []
  }

  var isNumber: Bool { if case .number = value { true } else { false } }

  func isComparable(with other: OrderBound) -> Bool { value.order(beside: other.value) != nil }

  /// Whether no value meets both.
  func excludes(_ other: OrderBound) -> Bool {
    switch value.order(beside: other.value) {
    case nil: true
    case .less: !sign.accepts(.greater) && !other.sign.accepts(.less)
    case .greater: !sign.accepts(.less) && !other.sign.accepts(.greater)
    case .equal: !Self.orderings.contains { sign.accepts($0) && other.sign.accepts($0) }
    }
  }

  /// Whether each value that meets this one meets the other.
  func isWithin(_ other: OrderBound) -> Bool {
    switch value.order(beside: other.value) {
    case nil: false
    case .less: !sign.accepts(.greater) && other.sign.accepts(.less)
    case .greater: !sign.accepts(.less) && other.sign.accepts(.greater)
    case .equal: Self.orderings.allSatisfy { !sign.accepts($0) || other.sign.accepts($0) }
    }
  }

  private static let orderings: [Ordering] = [.less, .equal, .greater]

  /// What meets the other side, of values that can be compared with it.
  var negated: OrderBound? {
    switch sign {
    case .equal: nil
    case .less: OrderBound(sign: .greaterOrEqual, value: value)
    case .lessOrEqual: OrderBound(sign: .greater, value: value)
    case .greater: OrderBound(sign: .lessOrEqual, value: value)
    case .greaterOrEqual: OrderBound(sign: .less, value: value)
    }
  }
}

extension [OrderBound] {
  /// Whether two of them leave nothing in common.
  var areImpossible: Bool {
    indices.contains { first in self[first...].dropFirst().contains { self[first].excludes($0) } }
  }
}
