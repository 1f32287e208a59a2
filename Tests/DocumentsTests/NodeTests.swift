// Equality, order and hashing of nodes and texts follow bytes, not Swift's canonical equivalence.

import Documents
import Testing

struct NodeTests {
  static let composed = "\u{e9}"
  static let decomposed = "e\u{301}"

  @Test("Strings that Swift calls equal are different texts when their bytes differ")
  func canonicalEquivalence() {
    #expect(Self.composed == Self.decomposed)
    #expect(Text(Self.composed) != Text(Self.decomposed))
    #expect(Set([Text(Self.composed), Text(Self.decomposed)]).count == 2)
    #expect(Node.string(Self.composed) != Node.string(Self.decomposed))
    let mapping = Node.mapping([(Self.composed, .integer(1))])
    #expect(mapping[Self.decomposed] == nil)
    #expect(mapping[Self.composed] == .integer(1))
  }

  @Test("Texts are sorted by UTF-8 bytes, keys of canonical JSON by UTF-16 units")
  func order() {
    let hebrew = "\u{FB33}"
    #expect(Text(hebrew) < Text("😀"))
    #expect(!hebrew.precedesInUTF16("😀"))
    #expect("😀".precedesInUTF16(hebrew))
    #expect(Text("a") < Text("aa"))
    #expect(Text("Z") < Text("a"))
    #expect(Text(Self.decomposed) < Text(Self.composed))
    #expect(!(Text("a") < Text("a")))
  }

  @Test("Equality of nodes leaves out positions and the order of mappings")
  func equality() {
    let place = Position(line: 3, column: 4)
    #expect(Node(.integer(1), at: place) == .integer(1))
    #expect(
      Node.fields(["a": .integer(1), "b": .null]) == Node.fields(["b": .null, "a": .integer(1)]))
    #expect(Node.fields(["a": .integer(1)]) != Node.fields(["a": .integer(2)]))
    #expect(Node.fields(["a": .integer(1)]) != Node.fields(["b": .integer(1)]))
    #expect(Node.integer(0) != Node.boolean(false))
    #expect(Node.string("") != Node.null)
    #expect(Node.sequence([]) != Node.mapping([]))
  }

  @Test("A whole double within the integers of JSON is an integer node")
  func numbers() {
    #expect(Node.number(3.0).integer == 3)
    #expect(Node.number(-0.0).integer == 0)
    #expect(Node.number(9_007_199_254_740_991).integer == Node.integerMax)
    #expect(Node.number(-9_007_199_254_740_991).integer == -Node.integerMax)
    #expect(Node.number(9_007_199_254_740_992).integer == nil)
    #expect(Node.number(0.5).integer == nil)
    #expect(Node.number(0.5).double == 0.5)
  }

  @Test("Absent fields are left out")
  func fields() {
    let node = Node.fields(["a": .integer(1), "b": nil, "c": .null])
    #expect(CanonicalJSON.string(node) == #"{"a":1,"c":null}"#)
  }

  @Test("Findings are sorted by file, place, code and message")
  func findings() {
    func finding(_ file: String, _ line: UInt32, _ code: String, _ message: String) -> Finding {
      let location = Location(file: file, position: Position(line: line, column: 1))
      return Finding(.init(code, "A title"), at: location, message, remedy: "Do")
    }
    let sorted = [
      finding("a", 1, "FS1001", "m"), finding("a", 2, "FS1001", "m"),
      finding("a", 2, "FS1002", "l"), finding("a", 2, "FS1002", "m"),
      finding("a", 10, "FS1001", "m"), finding("b", 1, "FS1001", "m"),
    ]
    #expect(sorted.reversed().sorted() == sorted)
    #expect(sorted[4].location.description == "a:10:1")
    #expect(Location(file: "a").description == "a")
  }

  @Test("Hexadecimal digits are lower case, and nothing else is read")
  func hexadecimal() {
    #expect(Hexadecimal.string([0x00, 0x0F, 0xAB, 0xFF]) == "000fabff")
    #expect(Hexadecimal.bytes("000fabff") == [0x00, 0x0F, 0xAB, 0xFF])
    #expect(Hexadecimal.bytes("") == [])
    for text in ["0", "0F", "0g", "00 ", "é0", "０0"] { #expect(Hexadecimal.bytes(text) == nil) }
  }
}
