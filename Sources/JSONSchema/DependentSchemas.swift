// The keyword `dependentSchemas`: JSON Schema Core 2020-12, section 10.2.2.4. Where a mapping has a
// key, a schema applies to the whole of it. The schemas of the older `dependencies` are read too.

internal import Documents

final class DependentSchemas: Sendable {
  private let dependents: [(key: String, schema: Int)]

  /// Nil where the schema has no such keyword.
  init?(_ reader: KeywordReader) throws(SchemaError) {
    guard reader.families.contains(.dependents) else { return nil }
    var dependents = try reader.schemasByKey("dependentSchemas")
    for entry in try reader.entries("dependencies") where entry.value.sequence == nil {
      dependents.append((entry.key, reader.schema("dependencies", entry)))
    }
    self.dependents = dependents
  }

  /// All schemas that may be applied.
  var all: [Int] { dependents.map(\.schema) }

  func allow(_ node: Node, _ evaluation: inout Evaluation) throws(Undecided) -> Bool {
    guard case .mapping(let mapping) = node.value else { return true }
    try evaluation.charge(dependents.count * mapping.count / 16)
    for (key, schema) in dependents where mapping.entry(key) != nil {
      guard try evaluation.isValid(node, schema) else { return false }
    }
    return true
  }

  func explain(_ node: Node, _ explanation: inout Explanation) {
    guard let mapping = node.mapping else { return }
    for (key, schema) in dependents where mapping.entry(key) != nil {
      if explanation.isNever(schema), let entry = mapping.entry(key) {
        explanation.descend(.key(key), to: entry.value, at: entry.keyPosition, schema)
      } else {
        explanation.explain(node, schema)
      }
    }
  }
}
