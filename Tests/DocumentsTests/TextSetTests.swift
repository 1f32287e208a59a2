// A set of texts answers alike while it is small and once it is not.

import Documents
import Testing

@Suite("Sets of texts")
struct TextSetTests {
  @Test("A set holds what was put in, each once", arguments: [0, 1, 12, 13, 14, 100])
  func insert(count: Int) {
    let names = (0..<count).map { "variant-\($0)" }
    var set = TextSet(names)
    for name in names {
      #expect(set.contains(name))
      let isNew = set.insert(name)
      #expect(!isNew)
    }
    #expect(!set.contains("variant"))
    let isNew = set.insert("variant")
    #expect(isNew)
    #expect(set.contains("variant"))
  }

  @Test("Texts that look alike and have other bytes are two", arguments: [0, 20])
  func bytes(others: Int) {
    let set = TextSet((0..<others).map { "\($0)" } + ["caf\u{E9}"])
    #expect(set.contains("caf\u{E9}"))
    #expect(!set.contains("cafe\u{301}"))
  }
}
