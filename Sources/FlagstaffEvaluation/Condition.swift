// A condition of a rule or of targeting, in its resolved form: `{all:[…]}`, `{any:[…]}`,
// `{not:c}` or `{attribute,operator,value}`. It is read once and asked often. An absent attribute
// meets nothing but `exists: false`; only `not` turns that round. There are no regular
// expressions, so the time that a condition takes is bounded by its length and the context's.

package import Documents

/// A condition over the attributes of a context. It is a class, and its steps lie flat in arrays,
/// so that asking it copies nothing and counts no references.
package final class Condition: Sendable {
  /// Levels of `all`, `any` and `not` above the deepest comparison, once segments are inlined.
  package static let depthMax = Limits.conditionDepthMax

  private let steps: [ConditionStep]
  private let tests: References<AttributeTest>

  /// Reads the resolved form.
  /// - Throws: where the form is another, `all` or `any` is empty, a field or operator is unknown,
  ///   an operand is not what the operator takes, or the nesting exceeds `depthMax`.
  package init(_ node: Node) throws(ConditionError) {
    var compiler = ConditionCompiler()
    try compiler.add(node, depth: 0)
    (steps, tests) = (compiler.steps, References(compiler.tests))
  }

  /// Whether a context meets the condition.
  package func isMet(by context: EvaluationContext) -> Bool {
    context.withView { isMet(by: $0) }
  }

  func isMet(by context: ContextView) -> Bool {
    isMet(at: 0, by: context)
  }

  private func isMet(at index: Int, by context: ContextView) -> Bool {
    let step = steps[index]
    switch step.kind {
    case .test(let test): return tests.with(test) { $0.isMet(by: context) }
    case .not: return !isMet(at: index + 1, by: context)
    case .all: return !hasMember(of: index, thatIsMet: false, by: context)
    case .any: return hasMember(of: index, thatIsMet: true, by: context)
    }
  }

  private func hasMember(
    of index: Int, thatIsMet isWanted: Bool, by context: ContextView
  ) -> Bool {
    let end = steps[index].end
    var member = index + 1
    while member < end {
      if isMet(at: member, by: context) == isWanted { return true }
      member = steps[member].end
    }
    return false
  }
}

extension Condition {
  /// Whether each part of the condition is met, those too that an evaluation would skip.
  func explain(_ context: ContextView) -> ConditionExplanation {
    explain(at: 0, context)
  }

  private func explain(at index: Int, _ context: ContextView) -> ConditionExplanation {
    let step = steps[index]
    if case .test(let test) = step.kind { return tests.all[test].explain(context) }
    var parts: [ConditionExplanation] = []
    var member = index + 1
    while member < step.end {
      parts.append(explain(at: member, context))
      member = steps[member].end
    }
    let form: ConditionExplanation.Form =
      switch step.kind {
      case .all: .all
      case .any: .any
      case .not, .test: .not
      }
    return ConditionExplanation(
      form: form, isMet: isMet(at: index, by: context), parts: parts, test: nil)
  }
}

/// A node of a condition's tree, laid out so that its members follow it.
private struct ConditionStep: Sendable {
  enum Kind: Sendable {
    case all
    case any
    case not
    /// A place among the condition's tests.
    case test(Int)
  }

  var kind: Kind
  /// The place after the last of its members, and theirs.
  var end: Int
}

/// A comparison and the attribute that it asks for.
private final class AttributeTest: Sendable {
  private let name: AttributeName
  private let test: ConditionTest

  init(name: AttributeName, test: ConditionTest) {
    (self.name, self.test) = (name, test)
  }

  func isMet(by context: ContextView) -> Bool {
    test.isMet(by: context.value(of: name), in: context)
  }

  func explain(_ context: ContextView) -> ConditionExplanation {
    let (comparison, operand) = test.published
    return ConditionExplanation(
      form: .test, isMet: isMet(by: context), parts: [],
      test: ConditionExplanation.Test(
        attribute: name.text, comparison: comparison.rawValue, operand: operand,
        found: context.value(of: name).map { context.copy($0) }))
  }
}

/// Why a node is not a condition.
package struct ConditionError: Error, Hashable, CustomStringConvertible {
  package var reason: String

  package var description: String { reason }
}

private struct ConditionCompiler {
  var steps: [ConditionStep] = []
  var tests: [AttributeTest] = []

  mutating func add(_ node: Node, depth: Int) throws(ConditionError) {
    guard depth <= Condition.depthMax else {
      throw ConditionError(
        reason: "a condition is nested deeper than \(Condition.depthMax) levels")
    }
    guard let mapping = node.mapping, let first = mapping.entries.first else {
      throw ConditionError(reason: "a condition is an object with fields")
    }
    if mapping.count > 1 {
      try addTest(mapping)
      return
    }
    let index = steps.count
    switch first.key {
    case "all":
      steps.append(ConditionStep(kind: .all, end: 0))
      try addMembers(first, depth: depth)
    case "any":
      steps.append(ConditionStep(kind: .any, end: 0))
      try addMembers(first, depth: depth)
    case "not":
      steps.append(ConditionStep(kind: .not, end: 0))
      try add(first.value, depth: depth + 1)
    default: throw ConditionError(reason: "a condition has the unknown form \"\(first.key)\"")
    }
    steps[index].end = steps.count
  }

  private mutating func addMembers(
    _ entry: Mapping.Entry, depth: Int
  ) throws(ConditionError) {
    guard let nodes = entry.value.sequence, !nodes.isEmpty else {
      throw ConditionError(reason: "\"\(entry.key)\" of a condition is a list that is not empty")
    }
    for node in nodes { try add(node, depth: depth + 1) }
  }

  private mutating func addTest(_ mapping: Mapping) throws(ConditionError) {
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
    steps.append(ConditionStep(kind: .test(tests.count), end: steps.count + 1))
    tests.append(AttributeTest(name: AttributeName(attribute), test: test))
  }
}
