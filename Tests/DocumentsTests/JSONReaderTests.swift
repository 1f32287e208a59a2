// The JSON reader refuses all that is not exactly JSON, and says where. A `‸` in a text marks the
// expected position.

import Documents
import Testing

struct JSONReaderTests {
  static let refusedTexts: [(String, String)] = [
    ("‸", "unexpected end of the text"),
    ("  \n ‸", "unexpected end of the text"),
    ("1 ‸2", "unexpected text after the value"),
    ("[1‸", "expected ',' or ']'"),
    ("[1,‸]", "expected a value"),
    ("[1 ‸2]", "expected ',' or ']'"),
    ("[‸,1]", "expected a value"),
    ("{\"a\":1‸", "expected ',' or '}'"),
    ("{\"a\":1,‸}", "expected a key in quotes"),
    ("{‸a: 1}", "expected a key in quotes"),
    ("{\"a\" ‸1}", "expected ':' after the key"),
    ("{\"a\":\n ‸}", "expected a value"),
    ("{\"a\":1,\n \"b\":2,\n ‸\"a\":3}", "the key \"a\" stands twice"),
    ("{\"\\u0061\":1,‸\"a\":3}", "the key \"a\" stands twice"),
    ("‸'a'", "expected a value"),
    ("‸nul", "expected a value"),
    ("‸True", "expected a value"),
    ("true‸r", "unexpected text after the value"),
    ("‸NaN", "expected a value"),
    ("-‸Infinity", "expected a digit"),
    ("-‸", "expected a digit"),
    ("‸+1", "expected a value"),
    ("‸.5", "expected a value"),
    ("1.‸", "expected a digit"),
    ("1.‸e3", "expected a digit"),
    ("1e‸", "expected a digit"),
    ("1e+‸x", "expected a digit"),
    ("0‸1", "unexpected text after the value"),
    ("0‸x1F", "unexpected text after the value"),
    ("[‸é, 1]", "expected a value"),
    ("‸1e400", "the number is beyond a double"),
    ("‸-1e400", "the number is beyond a double"),
    ("‸\"abc", "the string has no end"),
    ("‸\"abc\\", "the string has no end"),
    ("‸\"abc\\\"", "the string has no end"),
    ("\"a‸\n\"", "a control character must be escaped"),
    ("\"a‸\u{0}\"", "a control character must be escaped"),
    ("\"a‸\t\"", "a control character must be escaped"),
    ("‸\"\\x\"", "unknown escape in the string"),
    ("‸\"\\u12G4\"", "\\u needs four hexadecimal digits"),
    ("‸\"\\u12\"", "\\u needs four hexadecimal digits"),
    ("‸\"\\u+123\"", "\\u needs four hexadecimal digits"),
    ("‸\"\\uD800\"", "a surrogate stands alone in the string"),
    ("‸\"\\uD800x\"", "a surrogate stands alone in the string"),
    ("‸\"\\uDC00\"", "a surrogate stands alone in the string"),
    ("‸\"\\uD800\\uD800\"", "a surrogate stands alone in the string"),
    ("[\"é😀\", ‸x]", "expected a value"),
    ("‸\u{FEFF}1", "expected a value"),
    ("‸// no\n1", "expected a value"),
  ]

  @Test("What is not JSON is refused at its place", arguments: refusedTexts)
  func refused(marked: String, message: String) throws {
    let text = marked.replacing("‸", with: "")
    let error = #expect(throws: JSONError.self) { try JSONReader.read(text) }
    #expect(error?.message == message)
    #expect(error?.position == Self.position(in: marked))
  }

  private static func position(in marked: String) -> Position {
    var position = Position.start
    for scalar in marked.unicodeScalars {
      if scalar == "‸" { break }
      position.column += 1
      if scalar == "\n" { position = Position(line: position.line + 1, column: 1) }
    }
    return position
  }

  @Test(
    "A string that is not UTF-8 is refused",
    arguments: [
      [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE9], [0xF5, 0x80, 0x80, 0x80], [0x80],
      [0x5C, 0x6E, 0xFF],
    ] as [[UInt8]])
  func notUTF8(bytes: [UInt8]) {
    let text = [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
    let error = #expect(throws: JSONError.self) { try JSONReader.read(text) }
    #expect(error?.message == "the string is not UTF-8")
    #expect(error?.position == .start)
  }

  @Test("Large mappings are searched for duplicate keys too")
  func duplicateInLargeMapping() {
    let entries = (0..<100).map { "\"k\($0)\":1" }.joined(separator: ",")
    let error = #expect(throws: JSONError.self) { try JSONReader.read("{\(entries),\n\"k5\":2}") }
    #expect(error?.position == Position(line: 2, column: 1))
  }

  @Test("Nesting is allowed to the greatest depth and no further")
  func depth() throws {
    func nested(_ count: Int) -> String {
      String(repeating: "[", count: count) + "1" + String(repeating: "]", count: count)
    }
    #expect(throws: Never.self) { try JSONReader.read(nested(Limits.depthMax)) }
    #expect(throws: Never.self) { try JSONReader.read(nested(3), depthMax: 3) }
    for text in [nested(Limits.depthMax + 1), String(repeating: "{\"a\":", count: 100_000)] {
      let error = #expect(throws: JSONError.self) { try JSONReader.read(text) }
      #expect(error?.message == "nested deeper than 64 levels")
    }
  }

  @Test("Positions count characters, and nodes know theirs")
  func positions() throws {
    let node = try JSONReader.read("{\n  \"é\": [\"😀\", 1],\r\n\t\"b\": {}}")
    let root = try #require(node.mapping)
    #expect(
      root.entries.map(\.keyPosition) == [
        Position(line: 2, column: 3), Position(line: 3, column: 2),
      ])
    #expect(root["é"]?.sequence?[1].position == Position(line: 2, column: 14))
    #expect(root["b"]?.position == Position(line: 3, column: 7))
  }

  @Test("Every escape is undone")
  func escapes() throws {
    let node = try JSONReader.read(#""\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00\u0000""#)
    #expect(node == .string("\"\\/\u{8}\u{C}\n\r\té😀\u{0}"))
  }

  @Test("Equal numbers are equal nodes, whatever their spelling")
  func numbers() throws {
    for text in ["1000", "1e3", "1000.0", "10.00E2"] {
      #expect(try JSONReader.read(text) == .integer(1000))
    }
    #expect(try JSONReader.read("9007199254740992").integer == nil)
  }

  @Test("Every prefix of a text is refused without a crash")
  func prefixes() {
    let text = Array(#"{"a": [1.5e-3, "x\u00e9\uD83D\uDE00é"], "b": {"c": true, "d": null}}"#.utf8)
    for count in 0..<text.count {
      #expect(throws: JSONError.self) { try JSONReader.read(Array(text[..<count])) }
    }
  }
}
