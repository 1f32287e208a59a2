// The keywords `contains`, `minContains` and `maxContains`: JSON Schema Core 2020-12, section
// 10.3.1.3, and Validation, sections 6.4.4 and 6.4.5. Items that fit count as looked at.

internal import Documents

final class ContainsKeywords: Sendable {
  private let schema: Int
  private let countMin: Int
  private let countMax: Int?

  /// Nil where the schema has no `contains`; the other two mean nothing without it.
  init?(_ reader: KeywordReader) throws(SchemaError) {
    guard reader.families.contains(.contains) else { return nil }
    countMin = try reader.count("minContains") ?? 1
    countMax = try reader.count("maxContains")
    guard let schema = reader.schema("contains") else { return nil }
    self.schema = schema
  }

  func allow(_ nodes: [Node], _ evaluation: inout Evaluation) throws(Undecided) -> Bool {
    var count = 0
    for index in nodes.indices {
      guard try evaluation.isValidApart(nodes[index], schema) else { continue }
      evaluation.mark(index)
      count += 1
      // Once it is certain there is no need to go on, unless somebody asks which items fit.
      if count >= countMin, countMax == nil, !evaluation.isAsked { return true }
    }
    return count >= countMin && count <= countMax ?? .max
  }

  func explain(_ node: Node, _ explanation: inout Explanation) {
    guard let nodes = node.sequence else { return }
    do throws(Undecided) {
      var count = 0
      for item in nodes where try explanation.evaluation.isValidApart(item, schema) { count += 1 }
      if count >= countMin, count <= countMax ?? .max { return }
      let hint = explanation.hint(of: schema)
      let which = count == 0 ? "no item" : Violation.count(count, "item")
      explanation.add(
        .wrongValue, "\(explanation.subject) has \(which) of the form that it must contain",
        remedy: "Write \(Violation.range(countMin, countMax, "such item"))", hint: hint)
    } catch {
      explanation.addUndecided()
    }
  }
}
