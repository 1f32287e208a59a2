// Conditions as users write them, short, become the one resolved form that is hashed, published
// and evaluated: `{all:[…]}`, `{any:[…]}`, `{not:c}`, `{attribute,operator,value}`. Segments stay
// named until the scope is resolved.

internal import Documents
internal import FlagstaffEvaluation

extension DefinitionReader {
  mutating func condition(_ source: Node) -> ConditionSource {
    var segments: [Reference] = []
    let node = form(source, segments: &segments)
    for contradiction in Contradiction.all(in: node) {
      report(
        .contradiction, at: contradiction.position,
        "nobody can meet this condition: \(contradiction.reason)",
        remedy: "Ask for less, or use `any` where one of several is enough")
    }
    return ConditionSource(node: node, position: source.position, segments: segments)
  }

  /// A map of several entries is `all`, in key order.
  private mutating func form(_ source: Node, segments: inout [Reference]) -> Node {
    let entries = (source.mapping?.entries ?? []).sorted { $0.key.precedesInBytes($1.key) }
    var forms: [Node] = []
    for entry in entries {
      forms.append(form(entry, segments: &segments))
    }
    return forms.count == 1 ? forms[0] : Self.several("all", forms, at: source.position)
  }

  private mutating func form(_ entry: Mapping.Entry, segments: inout [Reference]) -> Node {
    let value = entry.value
    switch entry.key {
    case "all", "any":
      var forms: [Node] = []
      for item in value.sequence ?? [] { forms.append(form(item, segments: &segments)) }
      return Self.several(entry.key, forms, at: entry.keyPosition)
    case "not":
      let form = form(value, segments: &segments)
      return Node(Node.fields(["not": form]).value, at: entry.keyPosition)
    case "segment":
      let references = (value.sequence ?? [value]).compactMap { node in
        node.string.map { Reference(key: $0, position: node.position) }
      }
      segments += references
      let forms = references.map { Node.fields(["segment": .string($0.key)]) }
      return forms.count == 1 ? forms[0] : Self.several("any", forms, at: entry.keyPosition)
    default:
      return attribute(entry)
    }
  }

  private mutating func attribute(_ entry: Mapping.Entry) -> Node {
    let (name, value) = (entry.key, entry.value)
    switch value.value {
    case .sequence(let values):
      return Self.test(name, "in", Self.set(values))
    case .mapping(let operators):
      var forms: [Node] = []
      for entry in operators.entries.sorted(by: { $0.key.precedesInBytes($1.key) }) {
        forms.append(test(name, entry))
      }
      return forms.count == 1 ? forms[0] : Self.several("all", forms, at: entry.keyPosition)
    default:
      return Self.test(name, "equals", value)
    }
  }

  private mutating func test(_ name: String, _ entry: Mapping.Entry) -> Node {
    let value = entry.value
    switch entry.key {
    case "in", "notIn":
      return Self.test(name, entry.key, Self.set(value.sequence ?? []))
    case "before", "after":
      _ = instant(value.string, at: value.position)
    case "semver":
      if let text = value.string, SemanticVersionRange(text) == nil {
        report(
          .badVersionRange, at: value.position, "\"\(text)\" is no range of versions",
          remedy: "Write comparators such as \">=2.4.0 <3.0.0\", each with a full version")
      }
    default:
      break
    }
    return Self.test(name, entry.key, value)
  }

  private static func test(_ attribute: String, _ operation: String, _ value: Node) -> Node {
    .fields([
      "attribute": .string(attribute), "operator": .string(operation),
      "value": Node(value.value),
    ])
  }

  private static func several(_ form: String, _ members: [Node], at position: Position) -> Node {
    Node(Node.fields([form: .sequence(members)]).value, at: position)
  }

  /// Unique, sorted by canonical bytes.
  private static func set(_ values: [Node]) -> Node {
    let keyed = values.map { (bytes: CanonicalJSON.bytes($0), node: $0) }
      .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    var unique: [Node] = []
    for (index, item) in keyed.enumerated()
    where index == 0 || keyed[index - 1].bytes != item.bytes {
      unique.append(Node(item.node.value))
    }
    return .sequence(unique)
  }
}
