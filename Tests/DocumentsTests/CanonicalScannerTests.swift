// The scanner of canonical JSON against the slow way: read, write again, compare.

import Documents
import TestHarness
import Testing

@Suite("Scanning canonical JSON")
struct CanonicalScannerTests {
  /// What the scanner says.
  private static func isCanonical(_ bytes: [UInt8], depthMax: Int = 16) -> Bool {
    bytes.withUnsafeBytes {
      CanonicalScanner.isCanonicalObject($0, depthMax: depthMax) { _, _ in }
    }
  }

  /// What a reader and a writer say together.
  private static func isWrittenSo(_ bytes: [UInt8], depthMax: Int = 16) -> Bool {
    guard let node = try? JSONReader.read(bytes, depthMax: depthMax), node.mapping != nil else {
      return false
    }
    return CanonicalJSON.bytes(node) == bytes
  }

  @Test(
    "One spelling of each value is canonical",
    arguments: [
      ("{}", true), (#"{"a":1}"#, true), (#"{"a":-1}"#, true), (#"{"a":-0}"#, false),
      (#"{"a":01}"#, false), (#"{"a":0}"#, true), (#"{"a":1.0}"#, false), (#"{"a":1.5}"#, true),
      (#"{"a":1.50}"#, false), (#"{"a":-0.5}"#, true), (#"{"a":-0.0}"#, false),
      (#"{"a":0.000001}"#, true), (#"{"a":0.0000001}"#, false), (#"{"a":1.0000001}"#, true),
      (#"{"a":00.1}"#, false), (#"{"a":01.5}"#, false), (#"{"a":.5}"#, false),
      (#"{"a":1.}"#, false), (#"{"a":1.5.5}"#, false), (#"{"a":1.5e3}"#, false),
      (#"{"a":1.5-}"#, false), (#"{"a":0.10000000000000001}"#, false),
      (#"{"a":0.1234567890123456}"#, true), (#"{"a":1e3}"#, false), (#"{"a":1e+21}"#, true),
      (#"{"a":9007199254740991}"#, true), (#"{"a":9007199254740993}"#, false),
      (#"{"a":1e400}"#, false), (#"{"a":inf}"#, false), (#"{"a":0x1}"#, false),
      (#"{"a":-}"#, false), (#"{"a":}"#, false), (#"{"a":1,}"#, false), (#"{"a" :1}"#, false),
      (#"{ "a":1}"#, false), (#"{"a":1} "#, false), (#"{"b":1,"a":2}"#, false),
      (#"{"a":1,"a":2}"#, false), (#"{"a":1,"ab":2}"#, true), (#"{"ab":1,"a":2}"#, false),
      (#"{"a":[true,false,null]}"#, true), (#"{"a":[1,]}"#, false), (#"{"a":tru}"#, false),
      (#"{"a":"\n"}"#, true), (#"{"a":"\u000a"}"#, false), (#"{"a":"\u0001"}"#, true),
      (#"{"a":"\u000B"}"#, false), (#"{"a":"\u000b"}"#, true), (#"{"a":"\u0020"}"#, false),
      (#"{"a":"\/"}"#, false), (#"{"a":"\""}"#, true), (#"{"a":"ä€𝄞"}"#, true),
      (#"{"\n":1,"a":2}"#, true), (#"{"a":1,"\n":2}"#, false),
      // U+1D11E is two code units from 0xD834, so it precedes U+E000, whose bytes are less.
      ("{\"\u{1D11E}\":1,\"\u{E000}\":2}", true), ("{\"\u{E000}\":1,\"\u{1D11E}\":2}", false),
      ("[]", false), ("1", false), ("", false), ("{", false), (#"{"a":"#, false),
      (#"{"a":{"b":{"c":[[]]}}}"#, true),
    ])
  func spellings(_ text: String, _ expected: Bool) {
    let bytes = Array(text.utf8)
    #expect(Self.isCanonical(bytes) == expected)
    #expect(Self.isWrittenSo(bytes) == expected)
  }

  @Test("Bytes that are no UTF-8 are not canonical")
  func notUTF8() {
    let wrong: [[UInt8]] = [
      [0x80], [0xC0, 0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80],
      [0xF5, 0x80, 0x80, 0x80],
      [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82],
    ]
    for bytes in wrong {
      let text = Array(#"{"a":"x"#.utf8) + bytes + Array(#"y"}"#.utf8)
      #expect(!Self.isCanonical(text) && !Self.isWrittenSo(text), "\(bytes)")
    }
  }

  @Test("Nesting is limited as the reader limits it")
  func depth() {
    let text = Array((#"{"a":"# + String(repeating: "[", count: 3) + "]]]}").utf8)
    #expect(Self.isCanonical(text, depthMax: 4) && Self.isWrittenSo(text, depthMax: 4))
    #expect(!Self.isCanonical(text, depthMax: 3) && !Self.isWrittenSo(text, depthMax: 3))
  }

  @Test("It agrees with reading and writing again, on random documents and on damaged ones")
  func agreement() {
    var random = SeededGenerator(seed: 20_261_121)
    for _ in 0..<2_000 {
      let node = Node.mapping([("x", Self.node(&random, depth: 0))])
      var bytes = CanonicalJSON.bytes(node)
      #expect(Self.isCanonical(bytes))
      for _ in 0..<4 {
        let place = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = Self.damage.randomElement(using: &random) ?? 0
        case 1: bytes.remove(at: place)
        default: bytes.insert(Self.damage.randomElement(using: &random) ?? 0, at: place)
        }
        if bytes.isEmpty { break }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(Self.isCanonical(bytes) == Self.isWrittenSo(bytes), "\(text)")
      }
    }
  }

  private static let damage =
    Array(#""\{}[]:,0123456789.eE+-abfnrtu "#.utf8) + [0, 0x1F, 0x80, 0xC3, 0xF0]

  private static func node(_ random: inout SeededGenerator, depth: Int) -> Node {
    switch Int.random(in: 0..<(depth < 4 ? 8 : 6), using: &random) {
    case 5: return Node(.number(Double(Int.random(in: -9_999...9_999, using: &random)) / 1_000_000))
    case 0: return .boolean(Bool.random(using: &random))
    case 1: return .integer(Int.random(in: -1_000...1_000, using: &random))
    case 2: return Node(.number(Double.random(in: -1...1, using: &random)))
    case 3: return .null
    case 4: return .string(text(&random))
    case 6:
      return .sequence(
        (0..<Int.random(in: 0..<4, using: &random)).map { _ in node(&random, depth: depth + 1) })
    default:
      var entries: [(String, Node)] = []
      for _ in 0..<Int.random(in: 0..<5, using: &random) {
        let key = text(&random)
        if entries.contains(where: { $0.0.hasSameBytes(as: key) }) { continue }
        entries.append((key, node(&random, depth: depth + 1)))
      }
      return .mapping(entries)
    }
  }

  private static func text(_ random: inout SeededGenerator) -> String {
    let letters = [
      "a", "b", "Z", "\"", "\\", "\n", "\u{1}", "ä", "€", "\u{E000}", "\u{1D11E}", " ",
    ]
    return (0..<Int.random(in: 0..<20, using: &random)).compactMap { _ in
      letters.randomElement(using: &random)
    }.joined()
  }
}
