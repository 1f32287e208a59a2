// Each limit of the reader is hit, from both sides, and hostile files are refused fast.

import Documents
import Testing
import YAMLDocuments

struct LimitTests {
  private func codes(_ text: String) -> [String] {
    YAMLReader.read(Array(text.utf8), file: "f.yaml").findings.map(\.code.rawValue)
  }

  @Test("A file of exactly the greatest size is read, one byte more is refused")
  func fileBytes() {
    let filler = String(repeating: "x", count: Limits.fileBytesMax - 3)
    #expect(codes("a: " + filler) == [])
    #expect(codes("a: " + filler + "x") == ["FS1001"])
  }

  @Test(
    "Nesting is allowed to the greatest depth and no further",
    arguments: [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", ""), ("[{a: ", "}]")])
  func depth(opening: String, closing: String) {
    let levels = opening.count == 5 ? 2 : 1
    func nested(_ count: Int) -> String {
      String(repeating: opening, count: count / levels) + "x"
        + String(repeating: closing, count: count / levels)
    }
    // A key that is a mapping is refused for itself, but nests all the same.
    let allowed = opening == "? " ? ["FS1017"] : []
    #expect(codes(nested(Limits.depthMax)) == allowed)
    #expect(codes(nested(Limits.depthMax + levels)).last == "FS1004")
  }

  @Test(
    "A file that is all brackets is refused at once",
    arguments: ["[", "{", "- ", "? ", "[{", "{a: ", "&a [", "!x "])
  func hostileNesting(text: String) {
    let count = 100_000 / text.utf8.count
    let clock = ContinuousClock()
    let elapsed = clock.measure {
      #expect(!codes(String(repeating: text, count: count)).isEmpty)
    }
    #expect(elapsed < .seconds(1))
  }

  @Test("A file of exactly the most events is read, one more is refused")
  func events() {
    // Stream, document and list each begin and end: six events but the items'.
    let items = String(repeating: "1,", count: Limits.eventsMax - 6)
    #expect(codes("[" + items + "]") == [])
    #expect(codes("[" + items + "1]") == ["FS1005"])
  }

  @Test("A bomb of aliases is refused without being unfolded")
  func aliasBomb() {
    var text = "a0: &a0 [x]\n"
    for level in 1..<30 {
      text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n"
    }
    #expect(Set(codes(text)) == ["FS1009", "FS1010"])
  }
}
