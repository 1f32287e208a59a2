// What somebody who edits a file is told about the keywords that look beyond one value: `contains`,
// `dependentSchemas`, `$dynamicRef`, `unevaluated…`; and about formats.

import Documents
import JSONSchema
import Testing

struct LaterKeywordMessageTests {
  static let schema = """
    {
      "$id": "https://x/list", "type": "object", "additionalProperties": false,
      "properties": {
        "tags": {
          "contains": {"pattern": "^team-", "title": "a tag such as team-growth"}, "maxContains": 1
        },
        "payment": {
          "type": "object", "properties": {"card": true, "address": true, "cheque": true},
          "dependentSchemas": {
            "card": {"required": ["address"]}, "cheque": false
          }
        },
        "person": {
          "$ref": "#/$defs/named",
          "properties": {"role": {"enum": ["admin", "guest"]}}, "required": ["role"],
          "anyOf": [
            {"properties": {"email": {"type": "string"}}, "required": ["email"]},
            {"properties": {"phone": {"type": "string"}}, "required": ["phone"]}
          ],
          "unevaluatedProperties": false
        },
        "numbers": {
          "$ref": "#/$defs/named", "unevaluatedProperties": {"type": "integer"}
        },
        "pair": {"prefixItems": [{"type": "string"}], "unevaluatedItems": false},
        "tree": {"$ref": "#/$defs/strictTree"},
        "address": {"format": "uri", "description": "where to send it"},
        "when": {"format": "date-time"}
      },
      "$defs": {
        "named": {
          "properties": {"name": {"type": "string"}, "nickname": {"type": "string"}},
          "required": ["name"]
        },
        "strictTree": {
          "$id": "https://x/strict", "$dynamicAnchor": "node",
          "$ref": "tree", "unevaluatedProperties": false
        },
        "tree": {
          "$id": "https://x/tree", "$dynamicAnchor": "node",
          "properties": {"value": true, "children": {"items": {"$dynamicRef": "#node"}}}
        }
      }
    }
    """

  /// A document, and the lines that its findings make.
  static let documents: [(String, [String])] = [
    (
      #"{"tags": ["a"]}"#,
      [
        "1:10 FS1104 tags has no item of the form that it must contain → "
          + "Write exactly 1 such item: a tag such as team-growth"
      ]
    ),
    (
      #"{"tags": ["team-a", "team-b"]}"#,
      [
        "1:10 FS1104 tags has 2 items of the form that it must contain → "
          + "Write exactly 1 such item: a tag such as team-growth"
      ]
    ),
    (
      #"{"payment": {"card": 1}}"#,
      ["1:2 FS1102 payment lacks the field 'address' → Add 'address'"]
    ),
    (
      #"{"payment": {"cheque": 1}}"#,
      ["1:24 FS1104 payment.cheque is not allowed here → Remove it"]
    ),
    (
      #"{"person": {"name": "a", "role": "guest", "email": "x", "nicknme": "b"}}"#,
      ["1:57 FS1101 unknown field 'nicknme' in person → Write 'nickname' instead"]
    ),
    (
      #"{"person": {"nam": "a", "role": "guest", "email": "x"}}"#,
      ["1:13 FS1101 unknown field 'nam' in person → Write 'name' instead"]
    ),
    (
      #"{"person": {"name": "a", "role": "gest", "email": "x", "shoe size": 44}}"#,
      [
        "1:34 FS1104 person.role is 'gest', which is not allowed → Write 'guest'",
        "1:56 FS1101 unknown field 'shoe size' in person → "
          + "Remove it; what may stand here: nickname, phone",
      ]
    ),
    (
      #"{"numbers": {"name": "a", "b": 1, "c": "x"}}"#,
      ["1:40 FS1103 numbers.c is the string 'x' → Write an integer"]
    ),
    (
      #"{"pair": ["a", 2, 3]}"#,
      [
        "1:16 FS1104 pair[1] is not allowed here → Remove it",
        "1:19 FS1104 pair[2] is not allowed here → Remove it",
      ]
    ),
    (
      #"{"tree": {"value": 1, "children": [{"children": [{"valu": 1}]}]}}"#,
      ["1:51 FS1101 unknown field 'valu' in tree.children[0].children[0] → Write 'value' instead"]
    ),
    (
      #"{"address": "example.com"}"#,
      [
        "1:13 FS1104 address is 'example.com', which is not an absolute URL → "
          + "Write an absolute URL such as https://example.com/checkout: where to send it"
      ]
    ),
    (
      #"{"when": ""}"#,
      [
        "1:10 FS1104 when is blank, which is not an instant → "
          + "Write an instant such as 2026-11-23T09:00:00Z"
      ]
    ),
  ]

  @Test("Messages say where, what is wrong and what to do", arguments: documents)
  func message(text: String, expected: [String]) throws {
    let schema = try JSONSchema(
      "s", among: ["s": JSONReader.read(Self.schema)], formats: .asserted)
    let document = Document(file: "f.yaml", root: try JSONReader.read(text))
    let lines = schema.findings(of: document).map { finding in
      "\(finding.location.position.line):\(finding.location.position.column) "
        + "\(finding.code.rawValue) \(finding.message) → \(finding.remedy)"
    }
    #expect(lines == expected)
  }

  @Test("Long lists of what is allowed are cut short")
  func longLists() throws {
    let names = (0..<500).map { "name-\($0)" }
    let schema = try JSONSchema(
      "s", among: ["s": .fields(["enum": .strings(names)])])
    let remedy = try #require(schema.violations(of: .integer(1)).first?.remedy)
    #expect(remedy.hasPrefix("Write one of 'name-0', 'name-1'"))
    #expect(remedy.hasSuffix("'name-19', and 480 more"))
  }
}
