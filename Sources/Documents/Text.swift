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
    guard utf8.count == other.utf8.count else { return false }
    let isSame =
      utf8.withContiguousStorageIfAvailable { ours in
        other.utf8.withContiguousStorageIfAvailable { theirs in
          UnsafeRawBufferPointer(ours).hasSameBytes(as: UnsafeRawBufferPointer(theirs))
        } ?? nil
      } ?? nil
    return isSame ?? utf8.elementsEqual(other.utf8)
  }

  /// Whether this string sorts before the other by UTF-8 bytes.
  package func precedesInBytes(_ other: String) -> Bool {
    let precedes =
      utf8.withContiguousStorageIfAvailable { ours in
        other.utf8.withContiguousStorageIfAvailable { theirs in
          UnsafeRawBufferPointer(ours).precedes(UnsafeRawBufferPointer(theirs))
        } ?? nil
      } ?? nil
    return precedes ?? utf8.lexicographicallyPrecedes(other.utf8)
  }

  /// Whether this string sorts before the other by UTF-16 code units, the order of the keys of
  /// canonical JSON (RFC 8785, section 3.2.3).
  package func precedesInUTF16(_ other: String) -> Bool {
    utf16.lexicographicallyPrecedes(other.utf16)
  }
}

extension UnsafeRawBufferPointer {
  /// Word by word, since comparing views of strings costs some fifty instructions a byte.
  fileprivate func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
    var offset = 0
    while offset + 8 <= count {
      if loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        != other.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      {
        return false
      }
      offset += 8
    }
    while offset < count {
      if self[offset] != other[offset] { return false }
      offset += 1
    }
    return true
  }
  /// Word by word too, the byte that comes first in memory counting most.
  fileprivate func precedes(_ other: UnsafeRawBufferPointer) -> Bool {
    var offset = 0
    let common = Swift.min(count, other.count)
    while offset + 8 <= common {
      let ours = UInt64(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      let theirs = UInt64(bigEndian: other.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      if ours != theirs { return ours < theirs }
      offset += 8
    }
    while offset < common {
      if self[offset] != other[offset] { return self[offset] < other[offset] }
      offset += 1
    }
    return count < other.count
  }
}
