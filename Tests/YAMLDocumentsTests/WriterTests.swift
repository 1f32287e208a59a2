// What the writer writes, the reader reads back as an equal tree: for random trees of the strings
// and numbers that YAML likes to take for something else. How it looks is shown by one example.

import Documents
import Testing
import YAMLDocuments

@Suite("Writing YAML")
struct WriterTests {
  private static let oddStrings = [
    "", " ", "no", "yes", "on", "off", "y", "~", "null", "Null", "NULL", "true", "True", "false",
    "1", "-1", "+1", "1.0", "1.", ".5", "1e3", "0x1f", "0o17", "0b1", "1_000", "12:30:45", ".inf",
    "-.INF", ".nan", "2026-11-23", "2026-11-23T09:00:00Z", "25%", "<<", "=", "- a", "-", "--- a",
    "...", "? a", "?", ": a", ":", "a: b", "a:", "a #b", "#a", "&a", "*a", "!a", "!!str a", "|",
    ">",
    "@a", "`a", "%a", "\"a\"", "'a'", "'", "\"", "\\", "[a]", "{a}", ",", "a, b", "[", "{", "]",
    "}",
    " a", "a ", "\ta", "a\t", "a\n", "\na", "a\nb", "a\n\nb\n\n", " a\n  b", "a \n b", "\r",
    "a\r\nb",
    "\u{1}", "\u{1B}[31m", "\u{7F}", "\u{85}", "\u{A0}", "\u{2028}", "\u{2029}", "\u{202E}a",
    "\u{FEFF}", "\u{FFFD}", "\u{E000}", "é", "e\u{301}", "ß", "日本語", "😀", "👩‍👩‍👧", "a😀b",
    "\u{10FFFF}", String(repeating: "long ", count: 60), String(repeating: "k", count: 200),
    "<<: a", "key", "a'b\"c", "x: [y, {z: 1}]", "--- ", "%YAML 1.2",
  ]

  private struct Trees {
    var state: UInt64

    mutating func below(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(count))
    }

    mutating func string() -> String {
      if below(4) > 0 { return WriterTests.oddStrings[below(WriterTests.oddStrings.count)] }
      var scalars = String.UnicodeScalarView()
      for _ in 0..<below(9) {
        let pool: [UInt32] = [0x20, 0x41, 0x23, 0x3A, 0x0A, 0x09, 0x2D, 0xE9, 0x4E00, 0x1F600]
        if let scalar = Unicode.Scalar(pool[below(pool.count)]) { scalars.append(scalar) }
      }
      return String(scalars)
    }

    mutating func node(_ depth: Int) -> Node {
      switch below(depth > 4 ? 7 : 10) {
      case 0: return .null
      case 1: return .boolean(below(2) == 0)
      case 2: return .integer([0, 1, -1, Node.integerMax, -Node.integerMax][below(5)])
      case 3:
        return .number(
          [0.1, -2.5, 1e21, .leastNonzeroMagnitude, 1e300, 9_007_199_254_740_992][below(6)])
      case 7: return .sequence((0..<below(4)).map { _ in node(depth + 1) })
      case 8, 9:
        var keys: Set<String> = []
        return .mapping(
          (0..<below(5)).compactMap { _ in
            let key = string()
            // Swift's sets take é and e with an accent for one, so fewer keys, none twice.
            return keys.insert(key).inserted ? (key, node(depth + 1)) : nil
          })
      default: return .string(string())
      }
    }
  }

  @Test("Random trees read back as they were", arguments: 1...8)
  func readsBack(seed: UInt64) throws {
    var trees = Trees(state: seed)
    for _ in 0..<400 {
      var tree = trees.node(0)
      // The deeper, the more stands on one line.
      for _ in 0..<trees.below(4) { tree = .sequence([tree]) }
      tree = .fields(["root": tree])
      let text = try YAMLWriter.text(tree)
      let reading = YAMLReader.read(Array(text.utf8), file: "a.yaml")
      #expect(reading.findings.isEmpty, "\(reading.findings)\n\(text)")
      #expect(reading.document?.root == tree, "\(text)")
    }
  }

  @Test("Each odd string reads back as a value, as a key and inside a line", arguments: oddStrings)
  func oddString(_ string: String) throws {
    let tree = Node.fields([
      "value": .string(string), "keys": .mapping([(string, .integer(1)), ("other", .integer(2))]),
      "line": .sequence([
        .sequence([
          .sequence([.string(string)]), .mapping([(string, .string(string))]),
        ])
      ]),
    ])
    let text = try YAMLWriter.text(tree)
    #expect(YAMLReader.read(Array(text.utf8), file: "a").document?.root == tree, "\(text)")
  }

  @Test("A string with U+0000 is refused")
  func zeroIsRefused() {
    #expect(throws: YAMLWriteError.self) { try YAMLWriter.text(.string("a\u{0}")) }
  }

  @Test("Definitions look as a person would write them")
  func looks() throws {
    let rule = Node.fields([
      "when": .fields(["country": .strings(["DE", "no"])]), "serve": .string("on"),
    ])
    let flag = Node.fields([
      "variants": .fields(["on": .boolean(true), "off": .boolean(false)]), "off": .string("off"),
      "environments": .fields(["production": .fields([:]), "staging": .fields([:])]),
      "rules": .sequence([rule]), "description": .string("Two\nlines"),
    ])
    let text = try YAMLWriter.text(
      .fields(["flagstaff": .string("v1"), "flags": .fields(["a-flag": flag])]))
    #expect(
      text == """
        flagstaff: v1
        flags:
          a-flag:
            variants: {on: true, off: false}
            off: off
            environments: {production: {}, staging: {}}
            rules:
            - {when: {country: [DE, no]}, serve: on}
            description: "Two\\nlines"

        """, "\(text)")
  }
}
