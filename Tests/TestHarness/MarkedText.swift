// Texts of tests that carry the expected positions inside them: a `‸` stands right before each
// place where a finding is expected. So a fixture is read and changed without counting columns.

package import Documents

package struct MarkedText: Sendable {
  /// The text without its marks.
  package let text: String
  package let positions: [Position]

  package init(_ marked: String) {
    var text = ""
    var positions: [Position] = []
    var position = Position.start
    for scalar in marked.unicodeScalars {
      if scalar == "‸" {
        positions.append(position)
        continue
      }
      text.unicodeScalars.append(scalar)
      position.column += 1
      if scalar == "\n" { position = Position(line: position.line + 1, column: 1) }
    }
    self.text = text
    self.positions = positions
  }
}
