// Logic that yields a variant, as a list of decisions. Nested `if`s become one list, whose
// conditions are joined; `fractional` becomes a split, which keeps the shares but not the users.

internal import Documents

extension JSONLogic {
  /// Operators whose result is true or false and nothing else.
  private static let booleanOperators = [
    "==", "!=", "===", "!==", "<", "<=", ">", ">=", "in", "!", "!!",
  ]

  /// The decisions of logic that yields a variant. The last one always answers.
  mutating func decisions(_ logic: Node) throws(ImportGap) -> [ImportedDecision] {
    var decisions: [ImportedDecision] = []
    guard let (name, arguments) = operation(logic) else {
      decisions.add(.always(true), try outcome(logic))
      return decisions
    }
    switch name {
    case "if", "?:":
      try addChoice(arguments[...], to: &decisions)
    case "fractional":
      decisions.add(.always(true), try split(arguments, logic))
    case "$ref":
      return try self.decisions(try evaluator(arguments, logic).1)
    case _ where Self.booleanOperators.contains(name):
      decisions.add(try condition(logic), try outcome(Node(.boolean(true), at: logic.position)))
      decisions.add(.always(true), try outcome(Node(.boolean(false), at: logic.position)))
    default:
      throw gap(
        logic, "there is no counterpart of `\(name)` as what yields the variant",
        remedy: "Write it as {\"if\": [condition, variant, other variant]}")
    }
    return decisions
  }

  private mutating func addChoice(
    _ arguments: ArraySlice<Node>, to decisions: inout [ImportedDecision]
  ) throws(ImportGap) {
    var rest = arguments
    while rest.count > 1, let first = rest.popFirst(), let then = rest.popFirst() {
      let test = try condition(first)
      for decision in try self.decisions(then) {
        decisions.add(.every([test, decision.condition]), decision.outcome)
      }
    }
    if let otherwise = rest.first {
      for decision in try self.decisions(otherwise) {
        decisions.add(decision.condition, decision.outcome)
      }
    } else {
      decisions.add(.always(true), .fallback)
    }
  }

  private func outcome(_ literal: Node) throws(ImportGap) -> ImportedOutcome {
    switch literal.value {
    case .null: return .fallback
    case .string(let name): return .variant(try variant(name, literal))
    case .boolean(let boolean): return .variant(try variant(boolean ? "true" : "false", literal))
    default: throw unknown(literal, "a variant that is \(literal.typeName)")
    }
  }

  private func variant(_ name: String, _ node: Node) throws(ImportGap) -> Text {
    guard variants.contains(Text(name)) else {
      throw gap(
        node, "it serves \(name), which is no variant of it, so flagd fails there",
        remedy: "Name one of its variants")
    }
    return Text(name)
  }

  // MARK: Splits

  private mutating func split(_ arguments: [Node], _ logic: Node) throws(ImportGap)
    -> ImportedOutcome
  {
    var pieces = arguments[...]
    var unit = "targetingKey"
    if let first = pieces.first, first.sequence == nil {
      unit = try self.unit(first)
      pieces.removeFirst()
    }
    if let other = bucketBy, other != unit {
      throw gap(
        logic,
        "it divides by \(unit) here and by \(other) elsewhere, and a flag has one `bucketBy`",
        remedy: "Make two flags of it, or divide by the same attribute")
    }
    var weights: [(variant: Text, weight: Int)] = []
    for piece in pieces { weights.append(try weight(piece)) }
    let reduced = ImportedWeight.reduced(weights)
    if reduced.isEmpty { return .fallback }
    bucketBy = unit
    notes.differs(
      at: at(logic),
      "the flag \(flag): flagd divides by a hash of its own, so each variant keeps its share, but"
        + " of other users; whoever has no text or integer as \(unit) gets the default",
      remedy: "Expect users to change variant once, when the application asks here")
    return .split(reduced)
  }

  /// The attribute whose value is hashed; what else is hashed with it only makes another hash.
  private func unit(_ node: Node) throws(ImportGap) -> String {
    var parts = [node]
    if let (name, arguments) = operation(node), name == "cat" { parts = arguments }
    var unit: String?
    for part in parts {
      guard case .attribute(let name, _) = try argument(part) else { continue }
      guard unit == nil else { throw unknown(node, "a split by several attributes") }
      unit = name
    }
    guard let unit else { throw unknown(node, "a split by a constant") }
    return unit
  }

  private func weight(_ piece: Node) throws(ImportGap) -> (variant: Text, weight: Int) {
    guard let parts = piece.sequence, (1...2).contains(parts.count) else {
      throw unknown(piece, "a share of this form")
    }
    guard case .variant(let name) = try outcome(parts[0]) else {
      throw unknown(piece, "a share for the default")
    }
    guard parts.count == 2 else { return (name, 1) }
    let weightMax = Limits.importedWeightMax
    guard let weight = parts[1].integer, (-weightMax...weightMax).contains(weight) else {
      throw unknown(parts[1], "a weight that is no whole number, or beyond \(weightMax)")
    }
    return (name, weight)
  }
}
