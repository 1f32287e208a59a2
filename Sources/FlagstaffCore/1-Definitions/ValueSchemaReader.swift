// The `valueSchema` of a flag: a JSON Schema that a user wrote, and the values that must meet it.
// Formats are asserted: an editor would, and who writes one means it. The draft allows keywords
// that it does not know; one that is nearly the name of another is a mistake all the same.

internal import Documents
internal import JSONSchema

extension DefinitionReader {
  mutating func checkValueSchema(_ source: FlagSource) {
    guard let valueSchema = source.valueSchema else { return }
    do throws(SchemaError) {
      let schema = try valueSchemas.compiled(valueSchema)
      for doubt in schema.doubts { report(doubt) }
      for variant in source.variants {
        let violations = schema.violations(
          of: variant.value, at: variant.key, within: &valueBudget)
        for violation in violations { report(violation, of: variant.key, in: source) }
      }
    } catch {
      for error in [error] + error.further { report(error, in: valueSchema) }
    }
  }

  private mutating func report(_ doubt: SchemaDoubt) {
    guard let suggestion = doubt.suggestion else { return }
    report(
      .idleKeyword, at: doubt.position, "in valueSchema, \(doubt.reason)",
      remedy: "Write '\(suggestion)'")
  }

  private mutating func report(
    _ violation: Violation, of variant: String, in source: FlagSource
  ) {
    let position = violation.position == .none ? source.position : violation.position
    guard violation.code != .notChecked else {
      report(.notChecked, at: position, violation.message, remedy: violation.remedy)
      return
    }
    report(
      .valueAgainstSchema, at: position,
      "the value of \(variant) does not meet valueSchema: \(violation.message)",
      remedy: "\(violation.remedy); or change the flag's valueSchema")
  }

  private mutating func report(_ error: SchemaError, in valueSchema: Node) {
    let place = error.pointer.isEmpty ? "" : " at \(error.pointer)"
    report(
      .badValueSchema, at: error.position == .none ? valueSchema.position : error.position,
      "valueSchema cannot be used\(place): \(error.reason)",
      remedy: "Write it by JSON Schema 2020-12")
  }
}

/// Compiled schemas by what they say: many flags share one.
package struct ValueSchemas: Sendable {
  private var schemas: [[UInt8]: JSONSchema] = [:]
  /// Files that share a schema mostly stand side by side.
  private var last: (node: Node, schema: JSONSchema)?
  /// Of the schemas that are kept: at most `Limits.valueSchemasBytesMax`, beyond which all are
  /// forgotten.
  package private(set) var bytes = 0

  package init() {}

  mutating func compiled(_ node: Node) throws(SchemaError) -> JSONSchema {
    if let last, last.node == node { return last.schema }
    let schema = try found(node)
    if schema.doubts.isEmpty { last = (node, schema) }
    return schema
  }

  /// The same schema, as another file has it where that is known: trees of schemas are large, and
  /// where their parts stand does not count once they have been checked.
  func kept(_ node: Node) -> Node {
    if let last, last.node == node { return last.node }
    return node
  }

  private mutating func found(_ node: Node) throws(SchemaError) -> JSONSchema {
    let text = CanonicalJSON.bytes(node)
    if let schema = schemas[text] { return schema }
    // References lead into the schema itself or to the meta-schemas, and nowhere else.
    let schema = try JSONSchema("valueSchema", among: ["valueSchema": node], formats: .asserted)
    // A doubt knows where it stands in its own file.
    guard schema.doubts.isEmpty, text.count <= Limits.valueSchemasBytesMax else { return schema }
    if bytes + text.count > Limits.valueSchemasBytesMax { self = ValueSchemas() }
    schemas[text] = schema
    bytes += text.count
    return schema
  }
}
