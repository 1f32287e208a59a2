// Conditions as users write them, short, become the one resolved form that is hashed, published
// and evaluated: `{all:[…]}`, `{any:[…]}`, `{not:c}`, `{attribute,operator,value}`. Segments stay
// named until the scope is resolved.

internal import Documents
internal import FlagstaffEvaluation

extension DefinitionReader {
  mutating func condition(_ source: Node) -> ConditionSource {
    var segments: [Reference] = []
    let node = form(source, segments: &segments)
    return ConditionSource(node: node, position: source.position, segments: segments)
  }

  /// A map of several entries is `all`, in key order.
  private mutating func form(_ source: Node, segments: inout [Reference]) -> Node {
    let entries = (source.mapping?.entries ?? []).sorted { $0.key.precedesInBytes($1.key) }
    var forms: [Node] = []
    for entry in entries {
      forms.append(form(entry, segments: &segments))
    }
    return forms.count == 1 ? forms[0] : .fields(["all": .sequence(forms)])
  }

  private mutating func form(_ entry: Mapping.Entry, segments: inout [Reference]) -> Node {
    let value = entry.value
    switch entry.key {
    case "all", "any":
      var forms: [Node] = []
      for item in value.sequence ?? [] { forms.append(form(item, segments: &segments)) }
      return .mapping([(entry.key, .sequence(forms))])
    case "not":
      return .fields(["not": form(value, segments: &segments)])
    case "segment":
      let references = (value.sequence ?? [value]).compactMap { node in
        node.string.map { Reference(key: $0, position: node.position) }
      }
      segments += references
      let forms = references.map { Node.fields(["segment": .string($0.key)]) }
      return forms.count == 1 ? forms[0] : .fields(["any": .sequence(forms)])
    default:
      return attribute(entry.key, value)
    }
  }

  private mutating func attribute(_ name: String, _ value: Node) -> Node {
    switch value.value {
    case .sequence(let values):
      return Self.test(name, "in", Self.set(values))
    case .mapping(let operators):
      var forms: [Node] = []
      for entry in operators.entries.sorted(by: { $0.key.precedesInBytes($1.key) }) {
        forms.append(test(name, entry))
      }
      return forms.count == 1 ? forms[0] : .fields(["all": .sequence(forms)])
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
