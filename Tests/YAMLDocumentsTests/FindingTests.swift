// What definitions files may not contain, each case with the positions marked in its text.

import Documents
import TestHarness
import Testing
import YAMLDocuments

struct FindingTests {
  static let refusedTexts: [(String, [String])] = [
    ("", ["FS1006"]),
    ("# nothing\n", ["FS1006"]),
    ("---\n...\n", ["FS1006"]),
    ("a: 1\n‸---\nb: 2\n", ["FS1007"]),
    ("a: 1\n‸---\nb: 2\n---\nc: ‸*x\n", ["FS1007", "FS1009"]),
    ("‸%YAML 1.2\n---\na: 1\n", ["FS1008"]),
    ("‸%TAG ! tag:example.org,2026:\n---\na: 1\n", ["FS1008"]),
    ("‸%FOO bar\n---\na: 1\n", ["FS1008"]),
    ("a: ‸*b\n", ["FS1009"]),
    ("‸*b : 1\n", ["FS1009"]),
    ("a: ‸&b 1\nc: ‸*b\n", ["FS1010", "FS1009"]),
    ("‸&k a: 1\n", ["FS1010"]),
    ("a: ‸&b\n  c: 1\n", ["FS1010"]),
    ("a: ‸&b [1]\n", ["FS1010"]),
    ("a: ‸!!str 1\n", ["FS1011"]),
    ("a: ‸!custom {b: 1}\n", ["FS1011"]),
    ("a: ‸! 1\n", ["FS1011"]),
    ("a: ‸!e!x 1\n", ["FS1011"]),
    ("‸<<: {a: 1}\nb: 2\n", ["FS1012"]),
    ("a: 1\nb: 2\n‸a: 3\n", ["FS1013"]),
    ("a: {b: 1, ‸\"b\": 2, ‸'b': 3}\n", ["FS1013", "FS1013"]),
    ("1: x\n‸\"1\": y\n", ["FS1013"]),
    ("a: 1\n‸a: ‸*x\n", ["FS1013", "FS1009"]),
    ("a: ‸\"x\\0y\"\n", ["FS1015"]),
    ("‸\"x\\0y\": 1\n", ["FS1015"]),
    ("a: x‸\u{0}y\n", ["FS1015"]),
    ("é: x‸\u{1}y\n", ["FS1003"]),
    ("‸[a, b]: 1\n", ["FS1017"]),
    ("? ‸{a: 1}\n: ‸*b\n", ["FS1017", "FS1009"]),
    ("a: {‸{{ x }}: 1}\n", ["FS1017"]),
    ("‸\u{FEFF}a: 1\n", ["FS1018"]),
  ]

  @Test(
    "What YAML allows and definitions do not is a finding at its place", arguments: refusedTexts)
  func refused(marked: String, codes: [String]) {
    let marked = MarkedText(marked)
    let reading = YAMLReader.read(Array(marked.text.utf8), file: "f.yaml")
    #expect(reading.document == nil)
    #expect(reading.findings.map(\.code.rawValue) == codes)
    if !marked.positions.isEmpty {
      #expect(reading.findings.map(\.location.position) == marked.positions)
    }
    #expect(reading.findings.allSatisfy { !$0.remedy.isEmpty && $0.location.file == "f.yaml" })
  }

  @Test(
    "A line break that Git does not show is told once a line, wherever it stands",
    arguments: [
      ("a: 1 # see‸\u{2028}b: 2\n", "U+2028"), ("a: 1 # see‸\u{2029}b: 2\n", "U+2029"),
      ("é: 1 # see‸\u{85}b: 2\u{85}c: 3\nd: ‸\u{85}4\n", "U+0085"),
      ("a: 1 # see‸\rb: 2\n", "a carriage return"), ("a: 1\r\nb: 2‸\r", "a carriage return"),
      ("a: 1‸\r\r\nb: 2\r\n", "a carriage return"), ("a: \"x‸\u{2028}y\"\n", "U+2028"),
      ("a: 'x‸\u{85}y'\n", "U+0085"), ("a: |\n  x‸\u{2029}y\n", "U+2029"),
      // What else is wrong stands on another line for libyaml.
      ("a: 1 #‸\u{2028}\nb: *x\n", "U+2028"), ("a: [1 #‸\u{2028}\n", "U+2028"),
    ])
  func hiddenLineBreak(marked: String, name: String) {
    let marked = MarkedText(marked)
    let reading = YAMLReader.read(Array(marked.text.utf8), file: "f.yaml")
    #expect(reading.document == nil)
    #expect(reading.findings.map(\.location.position) == marked.positions)
    #expect(
      reading.findings.allSatisfy {
        $0.code.rawValue == "FS1021" && $0.message.hasPrefix("\(name) ")
      })
  }

  @Test("Line feeds, both together, and an escape in double quotes are no hidden line breaks")
  func shownLineBreaks() {
    let text = "a: \"\\u2028\\u2029\\u0085\\r\"\r\nb: \u{20AC}\u{A9}\u{2027}\u{202A}\n"
    let reading = YAMLReader.read(Array(text.utf8), file: "f.yaml")
    #expect(reading.findings == [])
    #expect(reading.document?.root["a"] == .string("\u{2028}\u{2029}\u{85}\r"))
  }

  static let brokenTexts: [(String, String)] = [
    ("a: b‸: c\n", "a ': ' is not expected here"),
    ("a:\n‸\tb: 1\n", "a tab cannot indent"),
    ("a: ‸@x\n", "a value cannot begin with '@'"),
    ("a: ‸`x`\n", "a value cannot begin with '`'"),
    ("a: [1, 2\n‸", "expected ',' or ']'"),
    ("a: {b: 1\n‸", "expected ',' or '}'"),
    ("a: 1\nb: ‸\"x\nc: 2\n", "the quote that opens here is not closed"),
    ("a: ‸'x\nb: 'y'\n", "the quote that opens here is closed only on line 2"),
    ("a: {b: ‸\"x}\nc: {d: \"y\"}\n", "the quote that opens here is closed only on line 2"),
    ("a: 'one‸'s'\n", "text goes on behind the quote that ends a string"),
    ("a: \"x\" ‸y: 1\n", "text goes on behind the quote that ends a string"),
    (
      "a:\n    b: 1\n  ‸c: 2\n",
      "this line is indented by 2, and the lines around it by 0 and 4"
    ),
    ("a:\n  b: {}\n‸c: {}\n  d: 1\n", "this line is indented by 0, and the lines around it by 2"),
    ("a:\n  b: {}\n‸c: 1\n  d: 1\n", "this line is indented by 0, and the lines around it by 2"),
    (
      "a:\n# c\n\n‸b:\n    c: 1\n  d: 1\n",
      "this line is indented by 0, and the lines around it by 2"
    ),
    ("a:\n  b: 1\n    ‸c: 2\n", "this line is indented deeper than what it could belong to"),
    ("a:\n  b: 1\nc:\n  d: 1‸: 2\n", "a ': ' is not expected here"),
    ("a:\n  b: 1\n  c: 1‸: 2\n", "a ': ' is not expected here"),
    ("a:\n  - 1\n  ‸b: 2\n", "this line does not belong to the list around it"),
    ("abc\n‸def: 1\n", "a ': ' is not expected here"),
  ]

  @Test("Text that is not YAML is a finding in plain words", arguments: brokenTexts)
  func broken(marked: String, message: String) {
    let marked = MarkedText(marked)
    let reading = YAMLReader.read(Array(marked.text.utf8), file: "f.yaml")
    #expect(reading.document == nil)
    #expect(reading.findings.map(\.message) == [message])
    #expect(reading.findings.map(\.code.rawValue) == ["FS1003"])
    #expect(reading.findings.first?.location.position.line == marked.positions.first?.line)
  }

  private static let conflict = "a: 1\n‸<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> other\nc: 3\n"

  @Test(
    "A merge conflict is called so, and nothing else is told of the file",
    arguments: [
      (conflict, "a Git merge conflict is not resolved, which goes on to line 6"),
      (
        conflict.replacing("\n", with: "\r\n"),
        "a Git merge conflict is not resolved, which goes on to line 6"
      ),
      (
        "a: *b\nc:\n‸<<<<<<< ours\n  d: 1\n||||||| base\n  d: 0\n=======\n>>>>>>> theirs",
        "a Git merge conflict is not resolved, which goes on to line 8"
      ),
      // In brackets the marks would be items of a list.
      (
        "a: [\n‸<<<<<<< HEAD\n x,\n=======\n y,\n>>>>>>> z\n]",
        "a Git merge conflict is not resolved, which goes on to line 6"
      ),
      ("a: 1\n‸=======\nb: 2\n", "a line of a Git merge conflict was left here"),
      ("a: 1\n‸>>>>>>> other\nb: 2\n", "a line of a Git merge conflict was left here"),
      ("a: 1\n‸<<<<<<< HEAD\nb: 2\n", "a Git merge conflict is not resolved"),
    ])
  func mergeConflict(marked: String, message: String) {
    let marked = MarkedText(marked)
    let reading = YAMLReader.read(Array(marked.text.utf8), file: "f.yaml")
    #expect(reading.document == nil)
    #expect(reading.findings.map(\.code.rawValue) == ["FS1020"])
    #expect(reading.findings.map(\.message) == [message])
    #expect(reading.findings.map(\.location.position) == marked.positions)
  }

  @Test(
    "What only resembles the marks of a conflict is text",
    arguments: [
      "a: |\n  <<<<<<< HEAD\n  =======\n  >>>>>>> x\n", "<<<<<<<<: 1\n", "# <<<<<<< HEAD\na: 1\n",
      "a: 1 # x\n# =======\nb: 2\n", "<<<<<<<x: 1\n",
    ])
  func noConflict(text: String) {
    #expect(YAMLReader.read(Array(text.utf8), file: "f.yaml").findings == [])
  }

  @Test("What is wrong before text that is not YAML is reported too")
  func problemsBeforeBrokenText() {
    let reading = YAMLReader.read(Array("a: &x 1\nb: *x\nc: [1\n".utf8), file: "f.yaml")
    #expect(reading.findings.map(\.code.rawValue) == ["FS1010", "FS1009", "FS1003"])
  }

  @Test("A duplicate key names the place of the first, in large mappings too")
  func duplicateNote() throws {
    let keys = (0..<50).map { "k\($0): 1\n" }.joined()
    let reading = YAMLReader.read(Array((keys + "k7: 2\n").utf8), file: "f.yaml")
    let finding = try #require(reading.findings.first)
    #expect(reading.findings.count == 1)
    #expect(finding.location.description == "f.yaml:51:1")
    #expect(finding.notes.first?.location?.description == "f.yaml:8:1")
  }

  @Test("Keys that look alike but differ in bytes are different keys")
  func canonicalEquivalence() {
    let reading = YAMLReader.read(Array("\u{e9}: 1\ne\u{301}: 2\n".utf8), file: "f.yaml")
    #expect(reading.findings == [])
    #expect(reading.document?.root.mapping?.count == 2)
  }

  static let bytesNotUTF8: [([UInt8], Position)] = [
    ([0xFF, 0xFE, 0x61, 0x00], .start),
    ([0xFE, 0xFF, 0x00, 0x61], .start),
    (Array("a: 1\nb: ".utf8) + [0xE9, 0x0A], Position(line: 2, column: 4)),
    (Array("é: ".utf8) + [0xC0, 0x80], Position(line: 1, column: 4)),
    (Array("a: ".utf8) + [0xED, 0xA0, 0x80], Position(line: 1, column: 4)),
    (Array("a: ".utf8) + [0xF8, 0x88, 0x80, 0x80, 0x80], Position(line: 1, column: 4)),
  ]

  @Test("Only UTF-8 is read, whatever a byte order mark says", arguments: bytesNotUTF8)
  func notUTF8(bytes: [UInt8], position: Position) {
    let reading = YAMLReader.read(bytes, file: "f.yaml")
    #expect(reading.findings.map(\.code.rawValue) == ["FS1002"])
    #expect(reading.findings.first?.location.position == position)
  }
}
