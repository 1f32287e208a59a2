// The keywords of arrays: JSON Schema Validation 2020-12, section 6.4, and Core, section 10.3.1.
// Each checks arrays alone and lets every other value pass, as the specification has it.

internal import Documents

final class ArrayKeywords: Sendable {
  private let prefix: [Int]
  let items: Int?
  private let countMin: Int?
  private let countMax: Int?
  private let isUnique: Bool

  /// Nil where the schema has none of these keywords.
  init?(_ reader: KeywordReader) throws(SchemaError) {
    guard reader.families.contains(.array) else { return nil }
    prefix = try reader.schemas("prefixItems") ?? []
    items = reader.schema("items")
    countMin = try reader.count("minItems")
    countMax = try reader.count("maxItems")
    isUnique = try reader.boolean("uniqueItems") ?? false
  }

  func allow(_ nodes: [Node], _ evaluation: inout Evaluation) throws(Undecided) -> Bool {
    guard hasAllowedCount(nodes) else { return false }
    if isUnique {
      try evaluation.charge(nodes.count)
      guard Self.repetition(in: nodes) == nil else { return false }
    }
    // Without a schema for the rest, items after the prefix are not looked at.
    let count = items == nil ? min(prefix.count, nodes.count) : nodes.count
    for index in 0..<count {
      guard let schema = schema(at: index) else { continue }
      guard try evaluation.isValidApart(nodes[index], schema) else { return false }
      evaluation.mark(index)
    }
    return true
  }

  private func schema(at index: Int) -> Int? {
    index < prefix.count ? prefix[index] : items
  }

  private func hasAllowedCount(_ nodes: [Node]) -> Bool {
    nodes.count >= countMin ?? 0 && nodes.count <= countMax ?? .max
  }

  /// The index of the first node that stands before too.
  private static func repetition(in nodes: [Node]) -> Int? {
    if nodes.count <= 8 {
      return nodes.indices.first { nodes[..<$0].contains(nodes[$0]) }
    }
    // Canonical bytes are equal exactly where nodes are; hashing keeps long lists linear.
    var seen = Set<[UInt8]>(minimumCapacity: nodes.count)
    return nodes.indices.first { !seen.insert(CanonicalJSON.bytes(nodes[$0])).inserted }
  }

  func explain(_ node: Node, _ explanation: inout Explanation) {
    guard let nodes = node.sequence else { return }
    if !hasAllowedCount(nodes) {
      explanation.add(
        .wrongValue, "\(explanation.subject) has \(Violation.count(nodes.count, "item"))",
        remedy: "Write \(Violation.range(countMin, countMax, "item"))")
    }
    for (index, item) in nodes.enumerated() {
      guard let schema = schema(at: index) else { continue }
      explanation.descend(.index(index), to: item, at: item.position, schema)
    }
    if isUnique, let index = Self.repetition(in: nodes) {
      explanation.descend(.index(index), at: nodes[index].position) { explanation in
        explanation.add(
          .wrongValue, "\(explanation.subject) stands in the list before",
          remedy: "Remove one of the two")
      }
    }
  }
}
