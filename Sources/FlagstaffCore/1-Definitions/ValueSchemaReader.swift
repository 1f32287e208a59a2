// The `valueSchema` of a flag: a JSON Schema that a user wrote, and the values that must meet it.
// Formats are asserted: an editor would, and who writes one means it. The draft allows keywords
// that it does not know; one that is nearly the name of another is a mistake all the same.

internal import Documents
internal import JSONSchema
internal import Synchronization

extension DefinitionReader {
  mutating func checkValueSchema(_ source: FlagSource) {
    guard let valueSchema = source.valueSchema else { return }
    do throws(SchemaError) {
      let schema = try ValueSchemas.compiled(valueSchema)
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

/// Compiled schemas by what they say: many flags share one, and a long-running process meets each
/// again with every edit of its file.
private enum ValueSchemas {
  /// What is kept, counted in the bytes of the schemas; beyond it everything is compiled anew.
  private static let bytesMax = 4 << 20

  private struct Kept {
    var schemas: [[UInt8]: JSONSchema] = [:]
    var bytes = 0
  }

  private static let kept = Mutex(Kept())

  static func compiled(_ node: Node) throws(SchemaError) -> JSONSchema {
    let text = CanonicalJSON.bytes(node)
    if let schema = kept.withLock({ $0.schemas[text] }) { return schema }
    // References lead into the schema itself or to the meta-schemas, and nowhere else.
    let schema = try JSONSchema("valueSchema", among: ["valueSchema": node], formats: .asserted)
    // A doubt knows where it stands in its own file.
    guard schema.doubts.isEmpty, text.count <= bytesMax else { return schema }
    kept.withLock { kept in
      if kept.bytes + text.count > bytesMax { kept = Kept() }
      if kept.schemas.updateValue(schema, forKey: text) == nil { kept.bytes += text.count }
    }
    return schema
  }
}
