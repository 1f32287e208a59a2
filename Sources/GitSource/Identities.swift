// Names of Git objects. A commit and a blob are both forty hexadecimal digits, and mixing them up
// would compile with strings; so each has its own type. Only full, lower-case ids exist here:
// abbreviations are resolved at the edge, by `GitRepository.revision`.

internal import Documents

/// The id of a commit.
package struct CommitID: Hashable, Sendable, CustomStringConvertible {
  /// 40 lower-case hexadecimal digits.
  package let hexadecimal: String

  /// Nil for anything but 40 lower-case hexadecimal digits.
  package init?(_ hexadecimal: String) {
    guard isObjectID(hexadecimal) else { return nil }
    self.hexadecimal = hexadecimal
  }

  package var description: String { hexadecimal }
}

/// The id of a blob, of a repository or computed in the same way from the bytes of a file, so that
/// one cache by blob id serves both.
package struct BlobID: Hashable, Sendable, CustomStringConvertible {
  /// 40 lower-case hexadecimal digits.
  package let hexadecimal: String

  /// Nil for anything but 40 lower-case hexadecimal digits.
  package init?(_ hexadecimal: String) {
    guard isObjectID(hexadecimal) else { return nil }
    self.hexadecimal = hexadecimal
  }

  package var description: String { hexadecimal }
}

private func isObjectID(_ text: String) -> Bool {
  text.utf8.count == 40 && Hexadecimal.bytes(text) != nil
}
