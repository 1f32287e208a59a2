// A condition that is being built from a foreign one. Constants are folded away while it is made,
// and at the end it becomes what a person would write in a definitions file.

internal import Documents
internal import FlagstaffEvaluation

/// A condition over a context, or a constant.
indirect enum ImportedCondition {
  case always(Bool)
  case test(attribute: String, ConditionOperator, Node)
  case segment(String)
  case all([ImportedCondition])
  case any([ImportedCondition])
  case not(ImportedCondition)

  static func exists(_ attribute: String) -> Self {
    .test(attribute: attribute, .exists, .boolean(true))
  }

  static func isAbsent(_ attribute: String) -> Self {
    .test(attribute: attribute, .exists, .boolean(false))
  }

  /// Every string begins with nothing, and nothing else does.
  static func isString(_ attribute: String) -> Self {
    .test(attribute: attribute, .startsWith, .string(""))
  }

  static func every(_ parts: [ImportedCondition]) -> Self {
    joined(parts, neutral: true) { part in
      if case .all(let inner) = part { inner } else { nil }
    }
  }

  static func either(_ parts: [ImportedCondition]) -> Self {
    joined(parts, neutral: false) { part in
      if case .any(let inner) = part { inner } else { nil }
    }
  }

  static func negation(_ part: ImportedCondition) -> Self {
    switch part {
    case .always(let value): .always(!value)
    case .not(let inner): inner
    case .test(let attribute, .exists, let value):
      .test(attribute: attribute, .exists, .boolean(value.boolean != true))
    default: .not(part)
    }
  }

  /// - Parameters:
  ///   - neutral: the constant that changes nothing; the other decides alone.
  ///   - inner: the parts of a part of the same form.
  private static func joined(
    _ parts: [ImportedCondition], neutral: Bool, inner: (ImportedCondition) -> [ImportedCondition]?
  ) -> Self {
    var kept: [ImportedCondition] = []
    for part in parts.flatMap({ inner($0) ?? [$0] }) {
      if case .always(let value) = part {
        if value == neutral { continue }
        return part
      }
      if kept.count >= Limits.importedRepetitionsMax || !kept.contains(part) { kept.append(part) }
    }
    if kept.isEmpty { return .always(neutral) }
    if kept.count == 1 { return kept[0] }
    return neutral ? .all(kept) : .any(kept)
  }
}

// Attributes are told apart by bytes.
extension ImportedCondition: Equatable {
  static func == (a: ImportedCondition, b: ImportedCondition) -> Bool {
    switch (a, b) {
    case (.always(let a), .always(let b)): a == b
    case (.test(let a, let comparison, let operand), .test(let b, let other, let value)):
      comparison == other && a.hasSameBytes(as: b) && operand == value
    case (.segment(let a), .segment(let b)): a == b
    case (.all(let a), .all(let b)), (.any(let a), .any(let b)): a == b
    case (.not(let a), .not(let b)): a == b
    default: false
    }
  }
}

extension ImportedCondition {
  /// Whether it has more comparisons than a condition may have.
  var isTooLarge: Bool {
    var left = Limits.conditionTestsMax
    count(&left)
    return left < 0
  }

  /// Stops where nothing is left, since what is shared here is written out many times.
  private func count(_ left: inout Int) {
    guard left >= 0 else { return }
    switch self {
    case .always: break
    case .test, .segment: left -= 1
    case .not(let part): part.count(&left)
    case .all(let parts), .any(let parts):
      for part in parts { part.count(&left) }
    }
  }

  /// Names that a condition's map keeps for itself, so that no attribute can bear them there.
  static let reservedNames = ["all", "any", "not", "segment"]

  /// As it stands in a definitions file; nil for a constant.
  var node: Node? {
    switch self {
    case .always: nil
    case .test(let attribute, let comparison, let operand):
      .mapping([(attribute, Self.operand(comparison, operand))])
    case .segment(let key): .fields(["segment": .string(key)])
    case .any(let parts): .mapping([("any", .sequence(parts.compactMap(\.node)))])
    case .not(let part): .fields(["not": part.node])
    case .all(let parts): Self.siblings(parts)
    }
  }

  private static func operand(_ comparison: ConditionOperator, _ operand: Node) -> Node {
    switch comparison {
    case .equals, .in: operand
    default: .mapping([(comparison.rawValue, operand)])
    }
  }

  /// One map where every part brings another key, else a list. Several operators on one attribute
  /// are one part.
  private static func siblings(_ parts: [ImportedCondition]) -> Node {
    var nodes: [Node] = []
    var operators: [Text: (place: Int, entries: [Mapping.Entry])] = [:]
    for part in parts {
      guard case .test(let attribute, let comparison, let operand) = part else {
        if let node = part.node { nodes.append(node) }
        continue
      }
      let entry = Mapping.Entry(key: comparison.rawValue, value: operand)
      if let known = operators[Text(attribute)],
        !known.entries.contains(where: { $0.key == entry.key })
      {
        let entries = known.entries + [entry]
        operators[Text(attribute)]?.entries = entries
        nodes[known.place] = .mapping([(attribute, Node(.mapping(Mapping(entries))))])
      } else {
        operators[Text(attribute)] = (nodes.count, [entry])
        if let node = part.node { nodes.append(node) }
      }
    }
    if nodes.count == 1 { return nodes[0] }
    let entries = nodes.flatMap { $0.mapping?.entries ?? [] }
    guard Set(entries.map { Text($0.key) }).count == entries.count else {
      return .fields(["all": .sequence(nodes)])
    }
    return Node(.mapping(Mapping(entries)))
  }

  /// The resolved form, for asking it about a context; nil for constants and segments.
  var resolved: Node? {
    guard case .test(let attribute, let comparison, let operand) = self else { return nil }
    return .fields([
      "attribute": .string(attribute), "operator": .string(comparison.rawValue), "value": operand,
    ])
  }
}
