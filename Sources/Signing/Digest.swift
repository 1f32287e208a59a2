// Digests, message authentication and identities, through OpenSSL's EVP interface: one audited
// library that libpq brings anyway. Functions without state; a failure of OpenSSL here means that
// the library itself is broken or out of memory.

internal import COpenSSL
internal import Documents

/// A SHA-256 digest: 32 bytes, written as 64 lower-case hexadecimal digits.
package struct Digest: Hashable, Sendable, CustomStringConvertible {
  package let bytes: [UInt8]

  /// The digest of 64 lower-case hexadecimal digits; nil for anything else.
  package init?(hexadecimal: String) {
    guard let bytes = Hexadecimal.bytes(hexadecimal), bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  /// The digest of 32 bytes; nil for any other number.
  package init?(bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  fileprivate init(hashed bytes: [UInt8]) {
    self.bytes = bytes
  }

  package var hexadecimal: String { Hexadecimal.string(bytes) }
  package var description: String { hexadecimal }

  /// 64 zeros: what the first event of a chain names as its predecessor.
  package static let zero = Digest(hashed: [UInt8](repeating: 0, count: 32))
}

package enum Signing {
  /// SHA-256 (FIPS 180-4).
  package static func sha256(_ bytes: [UInt8]) -> Digest {
    Digest(hashed: digest(bytes, EVP_sha256(), count: 32))
  }

  /// The text that separates one use of a key or digest from another: `flagstaff/NAME/v1` and a
  /// zero byte.
  package static func tag(_ name: StaticString) -> [UInt8] {
    Array("flagstaff/\(name)/v1".utf8) + [0]
  }

  /// HMAC-SHA256 (RFC 2104).
  package static func hmacSHA256(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: 32)
    var count = UInt32(0)
    let result = HMAC(
      EVP_sha256(), key, Int32(key.count), message, message.count, &output, &count)
    precondition(result != nil && count == 32, "OpenSSL cannot compute HMAC-SHA256")
    return output
  }

  /// A name-based UUID, version 5 (RFC 9562, section 5.5), in lower case.
  package static func uuidV5(namespace: [UInt8], name: String) -> String {
    precondition(namespace.count == 16, "a UUID has 16 bytes")
    var bytes = Array(digest(namespace + Array(name.utf8), EVP_sha1(), count: 20).prefix(16))
    bytes[6] = bytes[6] & 0x0F | 0x50
    bytes[8] = bytes[8] & 0x3F | 0x80
    let text = Array(Hexadecimal.string(bytes).utf8)
    let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32]
    return groups.map { String(decoding: text[$0], as: UTF8.self) }.joined(separator: "-")
  }

  /// Whether two byte strings are equal, in a time that does not depend on where they differ.
  package static func constantTimeEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
  }

  /// Bytes from OpenSSL's generator of random numbers, for new secrets.
  package static func randomBytes(count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    precondition(RAND_bytes(&bytes, Int32(count)) == 1, "OpenSSL has no random numbers")
    return bytes
  }

  private static func digest(_ bytes: [UInt8], _ type: OpaquePointer?, count: Int) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: count)
    var written = UInt32(0)
    let result = EVP_Digest(bytes, bytes.count, &output, &written, type, nil)
    precondition(result == 1 && Int(written) == count, "OpenSSL cannot compute a digest")
    return output
  }
}
