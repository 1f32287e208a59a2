// Where something stands in a file. Every node, and so every finding, carries a position, because
// an error that cannot be found is hardly an error message. Positions are never compared for
// equality of documents: two nodes with the same content are the same wherever they stand.

/// A place in one file. Lines and columns count from 1; columns count Unicode scalars, as libyaml
/// does. `0:0` means "no place", for nodes that the program made itself.
package struct Position: Hashable, Sendable {
  package var line: UInt32
  package var column: UInt32

  package init(line: UInt32, column: UInt32) {
    self.line = line
    self.column = column
  }

  package static let none = Position(line: 0, column: 0)
  package static let start = Position(line: 1, column: 1)
}

extension Position: Comparable {
  package static func < (a: Position, b: Position) -> Bool {
    (a.line, a.column) < (b.line, b.column)
  }
}

/// A position and the file it is in. The file is a path relative to the repository's root.
package struct Location: Hashable, Sendable, CustomStringConvertible {
  package var file: String
  package var position: Position

  package init(file: String, position: Position = .none) {
    self.file = file
    self.position = position
  }

  /// `file:line:column`, or the file alone where no position is known.
  package var description: String {
    position == .none ? file : "\(file):\(position.line):\(position.column)"
  }
}

// Files, like all that users name, are told apart by bytes.
extension Location: Comparable {
  package static func == (a: Location, b: Location) -> Bool {
    a.position == b.position && a.file.hasSameBytes(as: b.file)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(Text(file))
    hasher.combine(position)
  }

  package static func < (a: Location, b: Location) -> Bool {
    Text(a.file) == Text(b.file) ? a.position < b.position : Text(a.file) < Text(b.file)
  }
}
