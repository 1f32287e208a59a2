// Our own schemas, as schemas: each meets the meta-schema of the draft, and none has a keyword that
// checks nothing. What they allow and refuse is tested by fixtures of findings.

import Documents
import JSONSchema
import Schemas
import Testing

@Suite("Embedded schemas")
struct EmbeddedSchemaTests {
  private static func schemas() throws -> [String: Node] {
    var schemas: [String: Node] = [:]
    for file in EmbeddedSchema.all where file.path.hasSuffix(".schema.json") {
      schemas[file.path] = try JSONReader.read(file.bytes)
    }
    return schemas
  }

  @Test("Each meets the meta-schema of JSON Schema 2020-12")
  func meetMetaSchema() throws {
    let meta = try JSONSchema(
      "https://json-schema.org/draft/2020-12/schema", among: [:], formats: .asserted)
    let schemas = try Self.schemas()
    #expect(!schemas.isEmpty)
    for (path, schema) in schemas {
      let violations = meta.violations(of: schema)
      #expect(violations.isEmpty, "\(path): \(violations.map(\.message))")
    }
  }

  @Test("None has a keyword that checks nothing")
  func noDoubts() throws {
    let schemas = try Self.schemas()
    for path in schemas.keys {
      let schema = try JSONSchema(path, among: schemas, formats: .asserted)
      #expect(schema.doubts.isEmpty, "\(path): \(schema.doubts.map(\.reason))")
    }
  }
}
