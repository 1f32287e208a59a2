// The keywords `unevaluatedProperties` and `unevaluatedItems`: JSON Schema Core 2020-12, section
// 11. They apply to what no other keyword has looked at, neither here nor in a schema that applies
// to the same node; so they come last, and the evaluation keeps account for them.

internal import Documents

final class UnevaluatedKeywords: Sendable {
  private let fields: Int?
  private let items: Int?

  /// Nil where the schema has neither keyword.
  init?(_ reader: KeywordReader) throws(SchemaError) {
    guard reader.families.contains(.unevaluated) else { return nil }
    fields = reader.schema("unevaluatedProperties")
    items = reader.schema("unevaluatedItems")
  }

  func allow(_ node: Node, _ evaluation: inout Evaluation) throws(Undecided) -> Bool {
    guard let parts = evaluation.evaluated else { return true }
    switch node.value {
    case .mapping(let mapping):
      guard let fields else { return true }
      let entries = mapping.entries
      for index in entries.indices where !parts.contains(index) {
        guard try evaluation.isValidApart(entries[index].value, fields) else { return false }
      }
    case .sequence(let nodes):
      guard let items else { return true }
      for index in nodes.indices where !parts.contains(index) {
        guard try evaluation.isValidApart(nodes[index], items) else { return false }
      }
    default:
      return true
    }
    evaluation.markAll()
    return true
  }
}

// What is wrong with the rest.
extension UnevaluatedKeywords {
  /// - Parameter index: the schema that these keywords stand in.
  func explain(_ node: Node, in index: Int, _ explanation: inout Explanation) {
    do throws(Undecided) {
      let parts = try explanation.evaluation.parts(of: node, evaluatedBy: index)
      switch node.value {
      case .mapping(let mapping):
        if let fields { try explain(mapping, parts, fields, in: index, &explanation) }
      case .sequence(let nodes):
        // While the other keywords do not hold, nobody can say which items are left over.
        guard let items, let parts else { return }
        for (position, item) in nodes.enumerated() where !parts.contains(position) {
          explanation.descend(.index(position), to: item, at: item.position, items)
        }
      default: break
      }
    } catch {
      explanation.addUndecided()
    }
  }

  /// - Parameter parts: nil where other keywords do not hold. Then a field is left over if no
  /// schema
  ///   knows it, whichever of the alternatives was meant.
  private func explain(
    _ mapping: Mapping, _ parts: EvaluatedParts?, _ schema: Int, in index: Int,
    _ explanation: inout Explanation
  ) throws(Undecided) {
    let offered = OfferedFields(by: index, in: explanation.evaluation.program)
    for (position, entry) in mapping.entries.enumerated() {
      if let parts {
        if parts.contains(position) { continue }
      } else if try offered.knows(entry.key, &explanation.evaluation) {
        continue
      }
      if explanation.isNever(schema) {
        let absent = explanation.absent(of: offered.names, in: mapping)
        let meant = explanation.addUnknownField(entry, absent: absent)
        if let meant { explanation.removeMissing(meant) }
      } else {
        explanation.descend(.key(entry.key), to: entry.value, at: entry.keyPosition, schema)
      }
    }
  }
}

/// The fields that a schema, and all that it applies to the same node, have a word for.
struct OfferedFields {
  /// In the order of the schemas.
  private(set) var names: [String] = []
  private var families: [Borrowed<ObjectKeywords>] = []
  private var isEverythingKnown = false
  /// The schema of a list's items.
  private(set) var items: Int?

  init(by index: Int, in program: Program) {
    var seen: Set<Int> = [index]
    var pending = [index]
    while let next = pending.popLast() {
      let schema = program.schemas[next]
      for keyword in schema.keywords {
        if case .object(let family) = keyword {
          families.append(family)
          names += family.with { $0.fieldNames }
        }
        if case .array(let array) = keyword { items = items ?? array.with { $0.items } }
        if next != index, case .unevaluated = keyword { isEverythingKnown = true }
      }
      pending += schema.offering.reversed().filter { seen.insert($0).inserted }
    }
  }

  /// The schema of a field of this name.
  func declared(_ key: String) -> Int? {
    for family in families {
      if let schema = family.with({ $0.declared(key) }) { return schema }
    }
    return nil
  }

  /// The schema of a field of this name, or of any name.
  func schema(for key: String, _ evaluation: inout Evaluation) -> Int? {
    if let schema = declared(key) { return schema }
    for family in families {
      if let schema = family.with({ $0.schema(for: key, &evaluation) }) { return schema }
    }
    return nil
  }

  func knows(_ key: String, _ evaluation: inout Evaluation) throws(Undecided) -> Bool {
    if isEverythingKnown { return true }
    for family in families {
      let isKnown = try family.with { family throws(Undecided) in
        try family.knows(key, &evaluation)
      }
      if isKnown { return true }
    }
    return false
  }
}
