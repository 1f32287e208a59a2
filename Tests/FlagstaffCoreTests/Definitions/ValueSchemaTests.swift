// The schemas of values that several files share are compiled once, and what is kept of them has a
// limit. Whether they are kept or not, the findings are the same.

import Documents
import FlagstaffCore
import Testing
import YAMLDocuments

@Suite("Schemas of values")
struct ValueSchemaTests {
  @Test("A kept schema refuses the values of other files, at their own places")
  func kept() throws {
    var schemas = ValueSchemas()
    let right = try Self.check("{type: integer}", value: "3", in: "a.yaml", &schemas)
    let bytes = schemas.bytes
    let wrong = try Self.check("{type: integer}", value: "3.5", in: "b.yaml", &schemas)
    #expect(right.isEmpty)
    #expect(bytes > 0 && schemas.bytes == bytes)
    #expect(wrong.map { "\($0.code.rawValue) \($0.location)" } == ["FS2052 b.yaml:4:20"])
  }

  @Test("A schema with a doubtful keyword is doubted in each file")
  func doubtful() throws {
    var schemas = ValueSchemas()
    for file in ["a.yaml", "b.yaml"] {
      let findings = try Self.check("{maximun: 3}", value: "3", in: file, &schemas)
      #expect(findings.map { "\($0.code.rawValue) \($0.location)" } == ["FS1107 \(file):5:19"])
    }
  }

  @Test("No more is kept than the limit")
  func limit() throws {
    var schemas = ValueSchemas()
    var most = 0
    let comment = String(repeating: "x", count: 200_000)
    for number in 0..<24 {
      let schema = "{$comment: \(comment)\(number), type: integer}"
      #expect(try Self.check(schema, value: "3", in: "a.yaml", &schemas).isEmpty)
      #expect(schemas.bytes <= Limits.valueSchemasBytesMax)
      most = max(most, schemas.bytes)
    }
    #expect(most > Limits.valueSchemasBytesMax - 250_000)
    #expect(schemas.bytes < most)
  }

  private static func check(
    _ schema: String, value: String, in file: String, _ schemas: inout ValueSchemas
  ) throws -> [Finding] {
    let text = """
      flagstaff: v1
      flags:
        size:
          variants: {on: \(value), off: 0}
          valueSchema: \(schema)
          off: off
          environments: {production: {}}
          rules: [{serve: on}]
      """
    let document = try #require(YAMLReader.read(Array(text.utf8), file: file).document)
    return CheckedFile.check(document, as: .customer("acme"), &schemas).findings
  }
}
