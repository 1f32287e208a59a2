// The traps of YAML scalars, as a table: what each spelling means under the core schema of
// YAML 1.2, which is not what YAML 1.1 made of it.

import Documents
import Testing
import YAMLDocuments

struct ScalarTests {
  static let values: [(String, Node)] = [
    ("no", .string("no")), ("on", .string("on")), ("yes", .string("yes")), ("y", .string("y")),
    ("off", .string("off")), ("NO", .string("NO")),
    ("null", .null), ("Null", .null), ("NULL", .null), ("~", .null), ("", .null),
    ("nULL", .string("nULL")), ("~x", .string("~x")), ("nullable", .string("nullable")),
    ("true", .boolean(true)), ("True", .boolean(true)), ("TRUE", .boolean(true)),
    ("false", .boolean(false)), ("False", .boolean(false)), ("FALSE", .boolean(false)),
    ("tRUE", .string("tRUE")), ("truely", .string("truely")), ("t", .string("t")),
    ("0", .integer(0)), ("-0", .integer(0)), ("+12", .integer(12)), ("-7", .integer(-7)),
    ("017", .integer(17)), ("0o17", .integer(15)), ("0x1F", .integer(31)),
    ("0xff", .integer(255)), ("0o18", .string("0o18")), ("0xG", .string("0xG")),
    ("0x", .string("0x")), ("0o", .string("0o")), ("-0x1F", .string("-0x1F")),
    ("0b11", .string("0b11")), ("1_000", .string("1_000")), ("1,000", .string("1,000")),
    ("9007199254740991", .integer(9_007_199_254_740_991)),
    ("-9007199254740991", .integer(-9_007_199_254_740_991)),
    (".5", .number(0.5)), ("5.", .integer(5)), ("-.5", .number(-0.5)), ("1.50", .number(1.5)),
    ("1e3", .integer(1000)), ("1E+3", .integer(1000)), ("25e-1", .number(2.5)),
    ("1.0", .integer(1)), ("-0.0", .integer(0)), ("1e21", .number(1e21)),
    ("1e-400", .integer(0)),
    (".", .string(".")), ("+", .string("+")), ("+.", .string("+.")),
    (".e3", .string(".e3")), ("1e", .string("1e")), ("1e+", .string("1e+")),
    ("1.2.3", .string("1.2.3")), ("e3", .string("e3")), ("--1", .string("--1")),
    ("+.nan", .string("+.nan")), (".infinity", .string(".infinity")),
    ("12:30:45", .string("12:30:45")), ("1:30", .string("1:30")),
    ("2026-11-23", .string("2026-11-23")),
    ("2026-11-23T09:00:00Z", .string("2026-11-23T09:00:00Z")),
    ("25%", .string("25%")), ("1 2", .string("1 2")), ("=", .string("=")),
    ("\"1\"", .string("1")), ("'true'", .string("true")), ("\"\"", .string("")),
    ("'~'", .string("~")), ("|-\n  12", .string("12")), (">-\n  a\n  b", .string("a b")),
    ("\"\\u00e9\\U0001F600\"", .string("é😀")), ("é", .string("é")),
  ]

  @Test("A scalar means what the core schema of YAML 1.2 says", arguments: values)
  func scalar(text: String, expected: Node) throws {
    let reading = YAMLReader.read(Array("a: \(text)\n".utf8), file: "f.yaml")
    #expect(reading.findings == [])
    #expect(reading.document?.root["a"] == expected)
  }

  @Test(
    "Numbers that no reader keeps exactly are findings",
    arguments: [
      ("9007199254740992", "FS1016"), ("-9007199254740992", "FS1016"),
      ("99999999999999999999999999", "FS1016"), ("0x20000000000000", "FS1016"),
      ("0o400000000000000000", "FS1016"), (".inf", "FS1014"), ("-.INF", "FS1014"),
      ("+.Inf", "FS1014"), (".nan", "FS1014"), (".NaN", "FS1014"), ("1e400", "FS1014"),
    ])
  func refusedNumber(text: String, code: String) {
    let reading = YAMLReader.read(Array("a: \(text)\n".utf8), file: "f.yaml")
    #expect(reading.document == nil)
    #expect(reading.findings.map(\.code.rawValue) == [code])
    #expect(reading.findings.first?.location.description == "f.yaml:1:4")
  }

  @Test(
    "A mapping key is the string that is written",
    arguments: ["1", "true", "0x1F", "no", "null", "1.50", "2026-11-23T09:00:00Z", ".inf", "~"])
  func key(text: String) {
    let reading = YAMLReader.read(Array("\(text): x\n".utf8), file: "f.yaml")
    #expect(reading.findings == [])
    #expect(reading.document?.root.mapping?.entries.map(\.key) == [text])
  }
}
