// A schema is refused as a whole when any part of it cannot be used, with the place of each such
// part. What the specification allows is not refused, but told as a doubt where it looks like a
// mistake.

import Documents
import JSONSchema
import Testing

struct CompileTests {
  static let refusedSchemas: [(String, String, String)] = [
    (#"{"$schema": "http://json-schema.org/draft-07/schema#"}"#, "/$schema", "only the dialect"),
    (#"{"$schema": "https://x/unknown-meta-schema"}"#, "/$schema", "only the dialect"),
    (#"{"$schema": 5}"#, "/$schema", "must be a string"),
    (#"{"items": {"$id": "x#y"}}"#, "/items/$id", "must not have a fragment"),
    (#"{"$anchor": "1x"}"#, "/$anchor", "is no name"),
    (#"{"$dynamicAnchor": "a b"}"#, "/$dynamicAnchor", "is no name"),
    (#"{"$defs": {"a": {"$anchor": "x"}, "b": {"$anchor": "x"}}}"#, "/$defs", "two anchors 'x'"),
    (#"{"$defs": {"a": {"$id": "x"}, "b": {"$id": "x", "not": {}}}}"#, "/$defs", "the $id"),
    (##"{"$ref": "#/$defs/gone"}"##, "", "leads nowhere"),
    (##"{"$ref": "#/allOf/01", "allOf": [true, true]}"##, "", "leads nowhere"),
    (#"{"$ref": "other.json"}"#, "", "there is no schema"),
    (#"{"$ref": "https://json-schema.org/draft/2020-12/gone"}"#, "", "there is no schema"),
    (##"{"$ref": "#name"}"##, "", "no such anchor"),
    (##"{"$dynamicRef": "#name"}"##, "", "no such anchor"),
    (#"{"$vocabulary": {"https://x/y": 1}}"#, "/$vocabulary", "booleans"),
    (#"{"type": "text"}"#, "/type", "there is no type 'text'"),
    (#"{"type": []}"#, "/type", "must be a type"),
    (#"{"type": [1]}"#, "/type", "must be a type"),
    (#"{"pattern": "("}"#, "/pattern", "does not compile"),
    (#"{"patternProperties": {"[": true}}"#, "/patternProperties", "does not compile"),
    (#"{"minLength": -1}"#, "/minLength", "at least 0"),
    (#"{"maxItems": 1.5}"#, "/maxItems", "at least 0"),
    (#"{"contains": {}, "minContains": "1"}"#, "/minContains", "at least 0"),
    (#"{"multipleOf": 0}"#, "/multipleOf", "above 0"),
    (#"{"minimum": "1"}"#, "/minimum", "must be a number"),
    (#"{"required": "a"}"#, "/required", "must be a list"),
    (#"{"required": ["a", "a"]}"#, "/required", "twice"),
    (#"{"properties": []}"#, "/properties", "must be a mapping"),
    (#"{"dependentSchemas": []}"#, "/dependentSchemas", "must be a mapping"),
    (#"{"dependentRequired": {"a": "b"}}"#, "/dependentRequired", "mapping of lists"),
    (#"{"dependencies": {"a": "b"}}"#, "/dependencies/a", "a schema is a mapping or a boolean"),
    (#"{"allOf": []}"#, "/allOf", "at least one"),
    (#"{"items": [{}]}"#, "/items", "a schema is a mapping or a boolean"),
    (#"{"unevaluatedProperties": 5}"#, "/unevaluatedProperties", "a schema is a mapping"),
    (#"{"contentSchema": 5}"#, "/contentSchema", "a schema is a mapping or a boolean"),
    (#"{"properties": {"a": 5}}"#, "/properties/a", "a schema is a mapping or a boolean"),
    (#"{"title": 5}"#, "/title", "must be a string"),
    (#"{"readOnly": "yes"}"#, "/readOnly", "must be a boolean"),
    (#"{"format": 5}"#, "/format", "must be a string"),
    (#"{"enum": 5}"#, "/enum", "must be a list"),
    (#"{"uniqueItems": 1}"#, "/uniqueItems", "must be a boolean"),
    (##"{"$ref": "#"}"##, "", "refers to itself"),
    (##"{"dependentSchemas": {"a": {"$ref": "#"}}}"##, "", "refers to itself"),
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

  @Test("All parts that cannot be used are named, each with its place")
  func allErrors() throws {
    let text = #"{"type": "text", "properties": {"a": {"minLength": -1}, "b": {"pattern": "("}}}"#
    let error = #expect(throws: SchemaError.self) {
      try JSONSchema("s", among: ["s": JSONReader.read(text)])
    }
    let errors = [error].compactMap(\.self) + (error?.further ?? [])
    #expect(errors.map(\.pointer) == ["/type", "/properties/a/minLength", "/properties/b/pattern"])
    #expect(errors.map(\.position.column) == [10, 52, 74])
  }

  @Test(
    "A vocabulary that is not known and needed refuses the schema, and one that is not needed does not",
    arguments: [(true, true), (false, false)])
  func vocabulary(isNeeded: Bool, isRefused: Bool) throws {
    let meta = try JSONReader.read(
      """
      {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://x/meta",
        "$vocabulary": {
          "https://json-schema.org/draft/2020-12/vocab/core": true, "https://x/own": \(isNeeded)
        }
      }
      """)
    let node = try JSONReader.read(#"{"$schema": "https://x/meta"}"#)
    let schema = try? JSONSchema("s", among: ["s": node, "m": meta])
    #expect((schema == nil) == isRefused)
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

  @Test(
    "Parts of a schema are told apart by bytes, and pointers and paths are split by them",
    arguments: [
      #"{"properties": {"\#u{e9}": {"type": "null"}, "e\#u{301}": {"type": "string"}}}"#,
      ##"{"$ref": "#/$defs/\##u{301}x", "$defs": {"\##u{301}x": {"required": ["a"]}}}"##,
      #"{"$ref": "a/../\#u{301}b", "$defs": {"b": {"$id": "\#u{301}b", "required": ["a"]}}}"#,
    ])
  func bytes(text: String) throws {
    let schema = try JSONSchema("s/t", among: ["s/t": try JSONReader.read(text)])
    let value = try JSONReader.read("{\"\u{e9}\": null, \"e\u{301}\": null}")
    #expect(schema.violations(of: value).count == 1)
  }

  @Test(
    "Addresses resolve by RFC 3986",
    arguments: [
      ("http://a/b/c/d;p?q", "g", "http://a/b/c/g"),
      ("http://a/b/c/d;p?q", "./g/", "http://a/b/c/g/"),
      ("http://a/b/c/d;p?q", "/g", "http://a/g"), ("http://a/b/c/d;p?q", "//g", "http://g"),
      ("http://a/b/c/d;p?q", "?y", "http://a/b/c/d;p?y"),
      ("http://a/b/c/d;p?q", "g?y", "http://a/b/c/g?y"),
      ("http://a/b/c/d;p?q", ";x", "http://a/b/c/;x"), ("http://a/b/c/d;p?q", "..", "http://a/b/"),
      ("http://a/b/c/d;p?q", "../../../g", "http://a/g"),
      ("http://a/b/c/d;p?q", "g..", "http://a/b/c/g.."),
      ("http://a/b/c/d;p?q", "g;x=1/../y", "http://a/b/c/y"), ("http://a", "g", "http://a/g"),
      ("urn:a:b", "urn:c", "urn:c"), ("folder/a.json", "../b.json", "b.json"),
    ])
  func addresses(base: String, reference: String, expected: String) throws {
    let schema = try JSONSchema(
      base,
      among: [
        base: .fields(["$ref": .string(reference)]), expected: .fields(["type": .string("null")]),
      ])
    #expect(schema.violations(of: .null).isEmpty)
    #expect(schema.violations(of: .integer(1)).count == 1)
  }

  @Test("Two schemas of one $id are refused, unless they are equal")
  func duplicateIdentifier() throws {
    let one = try JSONReader.read(#"{"$id": "https://x/y", "type": "string"}"#)
    let two = try JSONReader.read(#"{"$id": "https://x/y", "type": "array"}"#)
    #expect(throws: SchemaError.self) { try JSONSchema("a", among: ["a": one, "b": two]) }
    #expect(throws: Never.self) { try JSONSchema("a", among: ["a": one, "b": one]) }
  }

  @Test("The meta-schema of the draft is at hand, and holds for itself and its vocabularies")
  func metaSchema() throws {
    let address = "https://json-schema.org/draft/2020-12/schema"
    let schema = try JSONSchema(address, among: [:], formats: .asserted)
    let wrong = try JSONReader.read(#"{"properties": {"a": {"allOf": [{"minLength": "x"}]}}}"#)
    #expect(
      schema.violations(of: wrong).map(\.path) == ["properties.a.allOf[0].minLength"])
    let right = try JSONReader.read(##"{"$dynamicRef": "#meta", "$id": "https://x/y"}"##)
    #expect(schema.violations(of: right).isEmpty)
  }

  static let doubts: [(String, [String])] = [
    (#"{"propertes": {}}"#, ["/propertes properties"]),
    (
      #"{"$defs": {"a": {"Type": "x"}}, "additionalItems": false}"#,
      ["/$defs/a/Type type", "/additionalItems items"]
    ),
    (#"{"nullable": true, "id": "x"}"#, ["/nullable type", "/id $id"]),
    (#"{"markdownDescription": "x", "x-own": 1, "$comment": "y"}"#, []),
    (#"{"something-else": 1}"#, ["/something-else -"]),
    (#"{"format": "date-tme"}"#, ["/format date-time"]),
    (#"{"format": "idn-hostname"}"#, ["/format -"]),
    (#"{"enum": [{"propertes": 1}], "default": {"propertes": 1}}"#, []),
  ]

  @Test(
    "A keyword that checks nothing is told, with the one that was probably meant", arguments: doubts
  )
  func doubted(text: String, expected: [String]) throws {
    let schema = try JSONSchema("s", among: ["s": JSONReader.read(text)], formats: .asserted)
    #expect(schema.doubts.map { "\($0.pointer) \($0.suggestion ?? "-")" } == expected)
    #expect(schema.doubts.allSatisfy { $0.position != .none })
  }
}
