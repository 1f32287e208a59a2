// What somebody who edits a file is told. Documents and schemas are JSON here, which a YAML file
// may be too; what counts is the place, the words and the remedy.

import Documents
import JSONSchema
import Testing

struct MessageTests {
  static let schema = """
    {
      "type": "object", "required": ["flagstaff"], "additionalProperties": false,
      "properties": {
        "flagstaff": {"const": "v1"},
        "experiments": {
          "type": "object",
          "propertyNames": {"$ref": "#/$defs/key"},
          "additionalProperties": {"$ref": "#/$defs/experiment"}
        },
        "rules": {"type": "array", "items": {"$ref": "#/$defs/rule"}, "maxItems": 3},
        "condition": {"anyOf": [{"type": "string"}, {"type": "array", "minItems": 1}]},
        "units": {"type": "array", "uniqueItems": true},
        "page": {
          "type": "object", "properties": {"path": {"type": "string"}},
          "examples": [{"path": "/a b", "tags": ["x", true, 2], "true": "no-1"}]
        },
        "removed": false,
        "password": {"type": "string", "minLength": 3, "maxLength": 5},
        "count": {"type": "integer", "minimum": 1, "maximum": 9, "multipleOf": 2},
        "split": {
          "type": "object", "minProperties": 2, "patternProperties": {"^x-": {"type": "integer"}}
        },
        "payload": {"not": {"type": "null", "description": "null"}},
        "either": {
          "oneOf": [{"title": "the short form", "maxLength": 3}, {"title": "the long form"}]
        },
        "pair": {"dependentRequired": {"from": ["until"]}},
        "guard": {
          "if": {"required": ["winner"]}, "then": {"required": ["end"]},
          "properties": {"end": {"title": "the last instant"}}
        }
      },
      "$defs": {
        "key": {"pattern": "^[a-z-]+$", "description": "lower-case letters and hyphens."},
        "experiment": {
          "type": "object", "required": ["control", "traffic"], "additionalProperties": false,
          "properties": {
            "control": {"$ref": "#/$defs/key", "description": "the variant that changes nothing"},
            "traffic": {"type": "string", "pattern": "^[0-9]+%$", "title": "a share",
              "examples": ["25%"]},
            "status": {"enum": ["draft", "running", "paused"]},
            "phase": {"type": ["integer", "null"]}
          }
        },
        "rule": {
          "oneOf": [
            {
              "title": "an experiment", "required": ["experiment"], "additionalProperties": false,
              "properties": {"experiment": {"type": "string"}}
            },
            {
              "title": "a value", "required": ["serve"], "additionalProperties": false,
              "properties": {"when": {"type": "object"}, "serve": true}
            },
            {
              "title": "a split", "required": ["key", "split"], "additionalProperties": false,
              "properties": {
                "key": {"type": "string"}, "when": {"type": "object"},
                "split": {"additionalProperties": {"type": "integer"}}
              }
            }
          ]
        }
      }
    }
    """

  /// A document, and the lines that its findings make.
  static let documents: [(String, [String])] = [
    ("{}", ["1:1 FS1102 the document lacks the field 'flagstaff' → Add 'flagstaff'"]),
    (
      #"{"flagstaff": "v2"}"#,
      ["1:15 FS1104 flagstaff is 'v2', which is not allowed → Write 'v1'"]
    ),
    (
      #"{"flagstaf": "v1"}"#,
      ["1:2 FS1101 unknown field 'flagstaf' → Write 'flagstaff' instead"]
    ),
    (
      #"{"flagstaff": "v1", "experiments": {"a": {"control": "c", "trafic": "5%"}}}"#,
      ["1:59 FS1101 unknown field 'trafic' in experiments.a → Write 'traffic' instead"]
    ),
    (
      #"{"flagstaff": "v1", "experiments": {"a": {"traffic": "5%"}}}"#,
      [
        "1:37 FS1102 experiments.a lacks the field 'control' → "
          + "Add 'control': the variant that changes nothing"
      ]
    ),
    (
      #"{"flagstaff": "v1", "experiments": {"a": {"control": "c", "traffic": 25}}}"#,
      [
        "1:70 FS1103 experiments.a.traffic is the number 25 → "
          + "Write '25%': a share"
      ]
    ),
    (
      #"{"flagstaff": "v1", "experiments": {"a": {"control": "c", "traffic": "25"}}}"#,
      [
        "1:70 FS1104 experiments.a.traffic is '25', which has the wrong form → "
          + "Write it like '25%': a share"
      ]
    ),
    (
      #"{"flagstaff": "v1", "experiments": {"a": {"control": null, "traffic": "1%", "phase": "x"}}}"#,
      [
        "1:86 FS1103 experiments.a.phase is the string 'x' → Write an integer or null"
      ]
    ),
    (
      #"{"flagstaff": "v1", "experiments": {"A b": {"control": "c", "traffic": "1%"}}}"#,
      [
        "1:37 FS1104 the key 'A b' of experiments has the wrong form → "
          + "Correct it: lower-case letters and hyphens"
      ]
    ),
    (
      #"{"flagstaff": "v1", "experiments": {"a": {"control": "c", "traffic": "1%", "status": "runing"}}}"#,
      ["1:86 FS1104 experiments.a.status is 'runing', which is not allowed → Write 'running'"]
    ),
    (
      #"{"flagstaff": "v1", "experiments": {"a": {"control": "c", "traffic": "1%", "status": 7}}}"#,
      [
        "1:86 FS1104 experiments.a.status is 7, which is not allowed → "
          + "Write one of 'draft', 'running', 'paused'"
      ]
    ),
    (
      #"{"flagstaff": "v1", "page": "x"}"#,
      [
        "1:29 FS1103 page is the string 'x' → "
          + #"Write a mapping such as {path: "/a b", tags: [x, true, 2], "true": no-1}"#
      ]
    ),
    (
      #"{"flagstaff": "v1", "path": "x"}"#,
      ["1:21 FS1101 unknown field 'path' → Write it below 'page'"]
    ),
    (
      #"{"flagstaff": "v1", "exp": {}}"#,
      ["1:21 FS1101 unknown field 'exp' → Write 'experiments' instead"]
    ),
    (
      #"{"flagstaff": "v1", "unitsOfUsers": 1}"#,
      ["1:21 FS1101 unknown field 'unitsOfUsers' → Write 'units' instead"]
    ),
    (
      #"{"flagstaff": "v1", "count": "7"}"#,
      ["1:30 FS1103 count is the string '7' → Write an integer"]
    ),
    (
      #"{"flagstaff": "v1", "experiments": null}"#,
      ["1:36 FS1103 experiments has no value → Write a mapping"]
    ),
    (
      #"{"flagstaff": "v1", "rules": [{"serve": 1}, {"when": {}, "serv": 1}]}"#,
      ["1:58 FS1101 unknown field 'serv' in rules[1] → Write 'serve' instead"]
    ),
    (
      #"{"flagstaff": "v1", "rules": [{"key": "k", "split": {"a": "x"}}]}"#,
      ["1:59 FS1103 rules[0].split.a is the string 'x' → Write an integer"]
    ),
    (
      #"{"flagstaff": "v1", "rules": [{}]}"#,
      [
        "1:31 FS1105 rules[0] fits none of the allowed forms → "
          + "Write an experiment, or a value"
      ]
    ),
    (
      #"{"flagstaff": "v1", "rules": [{"serve": 1}, {"serve": 1}, {"serve": 1}, {"serve": 1}]}"#,
      ["1:30 FS1104 rules has 4 items → Write at most 3 items"]
    ),
    (
      #"{"flagstaff": "v1", "condition": 5}"#,
      ["1:34 FS1103 condition is the number 5 → Write a string or a list"]
    ),
    (
      #"{"flagstaff": "v1", "condition": []}"#,
      ["1:34 FS1104 condition has no items → Write at least 1 item"]
    ),
    (
      #"{"flagstaff": "v1", "units": ["a", "b", "a"]}"#,
      ["1:41 FS1104 units[2] stands in the list before → Remove one of the two"]
    ),
    (
      #"{"flagstaff": "v1", "removed": 1}"#,
      ["1:32 FS1104 removed is not allowed here → Remove it"]
    ),
    (
      #"{"flagstaff": "v1", "password": ""}"#,
      ["1:33 FS1104 password is blank → Write 3 to 5 characters"]
    ),
    (
      #"{"flagstaff": "v1", "password": "123456"}"#,
      ["1:33 FS1104 password has 6 characters → Write 3 to 5 characters"]
    ),
    (
      #"{"flagstaff": "v1", "count": 12}"#,
      [
        "1:30 FS1104 count is 12, which is out of range → "
          + "Write a number of at least 1 and of at most 9"
      ]
    ),
    (
      #"{"flagstaff": "v1", "count": 3}"#,
      ["1:30 FS1104 count is 3, which is no multiple of 2 → Write a multiple of 2"]
    ),
    (
      #"{"flagstaff": "v1", "split": {"x-a": "1"}}"#,
      [
        "1:30 FS1104 split has 1 field → Write at least 2 fields",
        "1:38 FS1103 split.x-a is the string '1' → Write an integer",
      ]
    ),
    (
      #"{"flagstaff": "v1", "payload": null}"#,
      ["1:32 FS1104 payload has a form that is not allowed: null → Write it in another form"]
    ),
    (
      #"{"flagstaff": "v1", "either": "x"}"#,
      [
        "1:31 FS1105 either fits more than one of the allowed forms: "
          + "the short form, the long form → Write it so that exactly one of them fits"
      ]
    ),
    (
      #"{"flagstaff": "v1", "pair": {"from": 1}}"#,
      [
        "1:21 FS1102 pair lacks the field 'until', which 'from' needs → "
          + "Add 'until', or remove 'from'"
      ]
    ),
    (
      #"{"flagstaff": "v1", "guard": {"winner": 1}}"#,
      ["1:21 FS1102 guard lacks the field 'end' → Add 'end'"]
    ),
    (
      #"{"flagstaff": "v1", "nothing-like-it": 1, "count": 4}"#,
      [
        "1:21 FS1101 unknown field 'nothing-like-it' → Remove it; what may stand here: "
          + "experiments, rules, condition, units, page, password, split, payload, either, "
          + "pair, guard"
      ]
    ),
  ]

  @Test("Messages say where, what is wrong and what to do", arguments: documents)
  func message(text: String, expected: [String]) throws {
    let schema = try JSONSchema("s", among: ["s": JSONReader.read(Self.schema)])
    let document = Document(file: "f.yaml", root: try JSONReader.read(text))
    let lines = schema.findings(of: document).map { finding in
      "\(finding.location.position.line):\(finding.location.position.column) "
        + "\(finding.code.rawValue) \(finding.message) → \(finding.remedy)"
    }
    #expect(lines == expected)
  }

  @Test("All problems of a document are reported, each once, in the order of the file")
  func allProblems() throws {
    let schema = try JSONSchema("s", among: ["s": JSONReader.read(Self.schema)])
    let text = #"{"flagstaf": 1, "count": "x", "units": [1, 1], "experiments": {"a": {}}}"#
    let document = Document(file: "f.yaml", root: try JSONReader.read(text))
    let codes = schema.findings(of: document).map(\.code.rawValue)
    #expect(codes == ["FS1101", "FS1103", "FS1104", "FS1102", "FS1102"])
  }

  @Test("A part of a document is named by the path that leads to it")
  func partOfDocument() throws {
    let text = #"{"type": "object", "properties": {"a": {"items": {"type": "string"}}}}"#
    let schema = try JSONSchema("s", among: ["s": JSONReader.read(text)])
    let path = "flags.search.off"
    let nested = schema.violations(of: try JSONReader.read(#"{"a": ["x", 1]}"#), at: path)
    #expect(nested.map(\.message) == ["flags.search.off.a[1] is the number 1"])
    #expect(nested.map(\.path) == ["flags.search.off.a[1]"])
    let whole = schema.violations(of: .sequence([]), at: path)
    #expect(whole.map(\.message) == ["flags.search.off is a list"])
  }
}
