// The wire format of SSH (RFC 4251, section 5), in which keys and signatures are written: each
// field has its length before it, in four bytes. A length that leads beyond the end reads as
// nothing, so whoever reads never has to trust one.

/// Reads the fields of a key or a signature in their order.
struct SSHWireReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) {
    rest = bytes[...]
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// So many bytes without a length before them.
  mutating func bytes(_ count: Int) -> [UInt8]? {
    guard rest.count >= count else { return nil }
    let bytes = Array(rest.prefix(count))
    rest = rest.dropFirst(count)
    return bytes
  }

  /// A number of four bytes, the most significant first.
  mutating func integer() -> Int? {
    bytes(4)?.reduce(0) { $0 << 8 | Int($1) }
  }

  mutating func field() -> [UInt8]? {
    guard let length = integer() else { return nil }
    return bytes(length)
  }

  mutating func text() -> String? {
    field().flatMap { String(validating: $0, as: UTF8.self) }
  }

  /// The name of a curve, and an uncompressed point: 4, x, y.
  mutating func point(on curve: String, bytes: Int) -> Bool {
    guard text() == curve, let point = field() else { return false }
    return point.count == 2 * bytes + 1 && point.first == 4
  }

  /// What a security key signs for: `ssh:` and perhaps more.
  mutating func application() -> Bool {
    text()?.hasPrefix("ssh:") ?? false
  }

  /// The bytes of an mpint above 0 (RFC 4251, section 5), without its sign.
  mutating func positiveInteger() -> [UInt8]? {
    guard var bytes = field(), let first = bytes.first, first < 0x80 else { return nil }
    if first == 0 {
      bytes.removeFirst()
      // A zero stands only before a byte that would read as a sign.
      guard let next = bytes.first, next >= 0x80 else { return nil }
    }
    return bytes
  }
}
