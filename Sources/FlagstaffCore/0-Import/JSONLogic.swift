// JsonLogic as conditions and decisions of ours. It converts types freely and knows operators that
// no condition has; ours compare values of one type and nothing else. So every comparison that
// could answer differently is told, with the contexts for which, and what has no counterpart is a
// gap. https://jsonlogic.com/operations.html and https://flagd.dev/reference/flag-definitions/

internal import Documents
internal import FlagstaffEvaluation

/// Converts the logic of one flag.
struct JSONLogic {
  /// What an argument is before it is compared.
  enum Argument {
    /// An attribute of the context, with what stands for it where it is absent.
    case attribute(String, absent: Node?)
    case literal(Node)
  }

  let flag: String
  /// Named logic, by name.
  let evaluators: [Text: Node]
  /// The segment of each evaluator that became one, by the evaluator's name.
  let segments: [Text: String]
  /// The names of the flag's variants.
  let variants: Set<Text>
  /// The place that is told for all, where the logic stands in a string of the document.
  var place: Position?
  var notes: ImportNotes
  /// What splits divide by; one for the whole flag.
  var bucketBy: String?

  func at(_ node: Node) -> Position { place ?? node.position }

  func gap(_ node: Node, _ reason: String, remedy: String) -> ImportGap {
    ImportGap(at: at(node), reason, remedy: remedy)
  }

  /// Operator and arguments; nil for a literal.
  func operation(_ logic: Node) -> (name: String, arguments: [Node])? {
    guard let entries = logic.mapping?.entries, entries.count == 1 else { return nil }
    return (entries[0].key, entries[0].value.sequence ?? [entries[0].value])
  }

  func argument(_ node: Node) throws(ImportGap) -> Argument {
    guard let (name, arguments) = operation(node) else {
      if node.mapping != nil { throw unknown(node, "an object as a value") }
      return .literal(node)
    }
    guard name == "var" else { throw unknown(node, "a value that `\(name)` computes") }
    guard let path = arguments.first?.string, arguments.count <= 2 else {
      throw unknown(node, "a `var` without the name of an attribute")
    }
    if path == "$flagd.flagKey" { return .literal(.string(flag)) }
    if path == "$flagd.timestamp" {
      throw gap(
        node, "it asks for the time, and evaluators read no clock",
        remedy: "Write a rule with a `rollout` of shares by instant")
    }
    try checkName(path, node)
    let absent = arguments.count == 2 && !arguments[1].isNull ? arguments[1] : nil
    return .attribute(path, absent: absent)
  }

  private func checkName(_ name: String, _ node: Node) throws(ImportGap) {
    if name.isEmpty { throw unknown(node, "the whole context as a value") }
    let isNested = name.utf8.contains(UInt8(ascii: ".")) || name == "$flagd"
    try ImportGap.checkAttribute(name, isNested: isNested, at: at(node))
  }

  func unknown(_ node: Node, _ what: String) -> ImportGap {
    .noCounterpart(of: what, at: at(node))
  }

  /// The logic of a reference.
  func evaluator(_ arguments: [Node], _ node: Node) throws(ImportGap) -> (name: String, Node) {
    guard let name = arguments.first?.string, let logic = evaluators[Text(name)] else {
      throw gap(
        node, "it refers to an evaluator that there is not",
        remedy: "Define it under $evaluators, or remove the reference")
    }
    if contains(logic, name: "$ref") {
      throw gap(
        node, "its evaluator \(name) refers to others, which clients read in different ways",
        remedy: "Write the other evaluator out inside \(name)")
    }
    return (name, logic)
  }

  private func contains(_ node: Node, name: String) -> Bool {
    (node.sequence ?? []).contains { contains($0, name: name) }
      || (node.mapping?.entries ?? []).contains {
        $0.key == name || contains($0.value, name: name)
      }
  }
}

// MARK: Conditions

extension JSONLogic {
  /// What is met exactly where the logic is truthy.
  mutating func condition(_ logic: Node) throws(ImportGap) -> ImportedCondition {
    guard let (name, arguments) = operation(logic) else { return .always(Self.isTruthy(logic)) }
    switch name {
    case "and", "or":
      var parts: [ImportedCondition] = []
      for argument in arguments { parts.append(try condition(argument)) }
      // Nothing at all is falsy.
      if parts.isEmpty { return .always(false) }
      return name == "and" ? .every(parts) : .either(parts)
    case "!": return .negation(try condition(arguments.first ?? .null))
    case "!!": return try condition(arguments.first ?? .null)
    case "if", "?:":
      let condition = try choice(arguments[...])
      // Each question stands in it twice, so questions inside questions would double each time.
      if condition.isTooLarge {
        throw gap(
          logic, "its condition becomes larger than \(Limits.conditionTestsMax) comparisons",
          remedy: "Write it with fewer `if`s inside each other")
      }
      return condition
    case "$ref":
      let (evaluator, inner) = try evaluator(arguments, logic)
      let condition = try condition(inner)
      if case .always = condition { return condition }
      return segments[Text(evaluator)].map { .segment($0) } ?? condition
    case "var": return try truth(logic)
    default: return try comparison(name, arguments, logic)
    }
  }

  private mutating func choice(_ arguments: ArraySlice<Node>) throws(ImportGap)
    -> ImportedCondition
  {
    guard let first = arguments.first else { return .always(false) }
    let test = try condition(first)
    guard arguments.count > 1 else { return test }
    let then = try condition(arguments[arguments.startIndex + 1])
    let otherwise = try choice(arguments.dropFirst(2))
    return .either([.every([test, then]), .every([.negation(test), otherwise])])
  }

  /// Whether an attribute is there and neither false, nor 0, nor empty.
  private mutating func truth(_ logic: Node) throws(ImportGap) -> ImportedCondition {
    switch try argument(logic) {
    case .literal(let literal): return .always(Self.isTruthy(literal))
    case .attribute(let name, let absent):
      differs(logic, "an empty list as \(name) counts as false there, and as true here")
      let isTrue = ImportedCondition.test(
        attribute: name, .notIn, .sequence([.boolean(false), .integer(0), .string("")]))
      return absent.map { Self.isTruthy($0) } == true
        ? .either([isTrue, .isAbsent(name)]) : isTrue
    }
  }

  static func isTruthy(_ literal: Node) -> Bool {
    switch literal.value {
    case .null: false
    case .boolean(let boolean): boolean
    case .integer(let integer): integer != 0
    case .number: true
    case .string(let string): !string.isEmpty
    case .sequence(let items): !items.isEmpty
    case .mapping: true
    }
  }

  mutating func differs(_ node: Node, _ message: String) {
    notes.conditionDiffers(at: at(node), of: flag, message)
  }
}
