// Strings of documents are compared, hashed and sorted as UTF-8 bytes. Swift's own `==` follows
// canonical equivalence and its `<` follows neither UTF-8 nor UTF-16, so wherever a string that
// users wrote becomes a key, a set member or a sort criterion, it is wrapped in a `Text`.

/// A string that is equal to another exactly when their UTF-8 bytes are, and sorts by them.
package struct Text: Hashable, Comparable, Sendable, ExpressibleByStringLiteral {
  package let string: String

  package init(_ string: String) {
    self.string = string
  }

  package init(stringLiteral value: String) {
    self.string = value
  }

  package static func == (a: Text, b: Text) -> Bool {
    a.string.hasSameBytes(as: b.string)
  }

  package static func < (a: Text, b: Text) -> Bool {
    a.string.precedesInBytes(b.string)
  }

  package func hash(into hasher: inout Hasher) {
    var copy = string
    copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

extension String {
  /// Whether both strings have the same UTF-8 bytes.
  package func hasSameBytes(as other: String) -> Bool {
    let ours = utf8
    let theirs = other.utf8
    guard ours.count == theirs.count else { return false }
    // Iterating a string's UTF-8 view is many times slower than comparing its memory.
    let isEqual = ours.withContiguousStorageIfAvailable { ours in
      theirs.withContiguousStorageIfAvailable { ours.elementsEqual($0) }
    }
    return isEqual.flatMap { $0 } ?? ours.elementsEqual(theirs)
  }

  /// Whether this string sorts before the other by UTF-8 bytes.
  package func precedesInBytes(_ other: String) -> Bool {
    utf8.lexicographicallyPrecedes(other.utf8)
  }

  /// Whether this string sorts before the other by UTF-16 code units, the order of the keys of
  /// canonical JSON (RFC 8785, section 3.2.3).
  package func precedesInUTF16(_ other: String) -> Bool {
    utf16.lexicographicallyPrecedes(other.utf16)
  }
}
