// A schema is refused as a whole when any part of it cannot be used, with the place of that part.

import Documents
import JSONSchema
import Testing

struct CompileTests {
  static let refusedSchemas: [(String, String, String)] = [
    (#"{"properties": {"a": {"format": "uuid"}}}"#, "/properties/a/format", "not supported"),
    (#"{"$defs": {"unused": {"typ": "x"}}}"#, "/$defs/unused/typ", "not supported"),
    (#"{"$anchor": "x"}"#, "/$anchor", "not supported"),
    (##"{"$dynamicRef": "#x"}"##, "/$dynamicRef", "not supported"),
    (#"{"contains": {}}"#, "/contains", "not supported"),
    (#"{"unevaluatedProperties": false}"#, "/unevaluatedProperties", "not supported"),
    (#"{"dependencies": {}}"#, "/dependencies", "not supported"),
    (#"{"$schema": "http://json-schema.org/draft-07/schema#"}"#, "/$schema", "only the dialect"),
    (#"{"items": {"$id": "x"}}"#, "/items/$id", "at the root of a schema only"),
    (##"{"$ref": "#/$defs/gone"}"##, "", "leads nowhere"),
    (#"{"$ref": "other.json"}"#, "", "there is no schema"),
    (##"{"$ref": "#name"}"##, "", "anchors"),
    (#"{"type": "text"}"#, "/type", "there is no type 'text'"),
    (#"{"type": []}"#, "/type", "must be a type"),
    (#"{"type": [1]}"#, "/type", "must be a type"),
    (#"{"pattern": "("}"#, "/pattern", "does not compile"),
    (#"{"patternProperties": {"[": true}}"#, "/patternProperties", "does not compile"),
    (#"{"minLength": -1}"#, "/minLength", "at least 0"),
    (#"{"maxItems": 1.5}"#, "/maxItems", "at least 0"),
    (#"{"multipleOf": 0}"#, "/multipleOf", "above 0"),
    (#"{"minimum": "1"}"#, "/minimum", "must be a number"),
    (#"{"required": "a"}"#, "/required", "must be a list"),
    (#"{"required": ["a", "a"]}"#, "/required", "twice"),
    (#"{"properties": []}"#, "/properties", "must be a mapping"),
    (#"{"allOf": []}"#, "/allOf", "at least one"),
    (#"{"properties": {"a": 5}}"#, "/properties/a", "a schema is a mapping or a boolean"),
    (#"{"title": 5}"#, "/title", "must be a string"),
    (#"{"enum": 5}"#, "/enum", "must be a list"),
    (#"{"uniqueItems": 1}"#, "/uniqueItems", "must be a boolean"),
    (##"{"$ref": "#"}"##, "", "refers to itself"),
    (
      ##"{"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [true, {"$ref": "#/$defs/a"}]}}}"##,
      "/$defs/a", "refers to itself"
    ),
  ]

  @Test("A schema that cannot be used is refused, and the part is named", arguments: refusedSchemas)
  func refused(text: String, pointer: String, reason: String) throws {
    let node = try JSONReader.read(text)
    let error = #expect(throws: SchemaError.self) {
      try JSONSchema("test:s", among: ["test:s": node])
    }
    #expect(error?.pointer.hasPrefix(pointer) == true)
    #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
    #expect(error?.resource == "test:s")
  }

  @Test("References resolve among the given schemas, by address and by $id")
  func references() throws {
    let resources = [
      "https://flagstaff.dev/schemas/v1/a.json":
        #"{"properties": {"x": {"$ref": "common.json#/$defs/key"}, "y": {"$ref": "../z.json"}}}"#,
      "file.json":
        #"{"$id": "https://flagstaff.dev/schemas/v1/common.json", "$defs": {"key": {"type": "string"}}}"#,
      "https://flagstaff.dev/schemas/z.json": #"{"$ref": "/schemas/v1/common.json#/$defs/key"}"#,
    ]
    let schema = try JSONSchema(
      "https://flagstaff.dev/schemas/v1/a.json",
      among: resources.mapValues { try JSONReader.read($0) })
    #expect(schema.violations(of: try JSONReader.read(#"{"x": "a", "y": "b"}"#)).isEmpty)
    let violations = schema.violations(of: try JSONReader.read(#"{"x": 1, "y": 2}"#))
    #expect(violations.map(\.path) == ["x", "y"])
  }

  @Test("Two schemas of one $id are refused, unless they are equal")
  func duplicateIdentifier() throws {
    let one = try JSONReader.read(#"{"$id": "https://x/y", "type": "string"}"#)
    let two = try JSONReader.read(#"{"$id": "https://x/y", "type": "array"}"#)
    #expect(throws: SchemaError.self) { try JSONSchema("a", among: ["a": one, "b": two]) }
    #expect(throws: Never.self) { try JSONSchema("a", among: ["a": one, "b": one]) }
  }
}
