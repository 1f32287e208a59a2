// Every node of the tree knows where it stands.

import Documents
import Testing
import YAMLDocuments

struct PositionTests {
  @Test("Keys and values carry their positions, counted in characters")
  func positions() throws {
    let text = "é: {b: [1, 😀, x]}\nlong:\n  - c: d\n"
    let reading = YAMLReader.read(Array(text.utf8), file: "dir/f.yaml")
    let document = try #require(reading.document)
    #expect(document.file == "dir/f.yaml")
    let root = try #require(document.root.mapping)
    #expect(root.entries.map(\.keyPosition) == [.start, Position(line: 2, column: 1)])
    #expect(root["é"]?.position == Position(line: 1, column: 4))
    let items = try #require(root["é"]?["b"]?.sequence)
    #expect(items.map(\.position.column) == [9, 12, 15])
    let first = try #require(root["long"]?.sequence?.first?.mapping?.entry("c"))
    #expect(first.keyPosition == Position(line: 3, column: 5))
    #expect(first.value.position == Position(line: 3, column: 8))
  }

  @Test("The order of a mapping is the order of the file")
  func order() {
    let reading = YAMLReader.read(Array("b: 1\na: 2\nc: 3\n".utf8), file: "f.yaml")
    #expect(reading.document?.root.mapping?.entries.map(\.key) == ["b", "a", "c"])
  }
}
