// Digests, message authentication and identities against the vectors of their standards.

import Signing
import Testing

/// The bytes of hexadecimal digits.
func bytes(_ digits: String) -> [UInt8] {
  var bytes: [UInt8] = []
  var rest = digits[...]
  while !rest.isEmpty {
    bytes.append(UInt8(rest.prefix(2), radix: 16) ?? 0)
    rest = rest.dropFirst(2)
  }
  return bytes
}

func digits(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

struct DigestTests {
  /// FIPS 180-4, examples.
  static let digests: [([UInt8], String)] = [
    ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (Array("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ]

  @Test("SHA-256 yields the digests of FIPS 180-4", arguments: digests)
  func sha256(message: [UInt8], expected: String) {
    #expect(Signing.sha256(message).hexadecimal == expected)
    #expect(Digest(hexadecimal: expected) == Signing.sha256(message))
  }

  @Test("Only 64 lower-case hexadecimal digits are a digest")
  func refusedDigest() {
    let digest = Signing.sha256([]).hexadecimal
    #expect(Digest(hexadecimal: digest.uppercased()) == nil)
    #expect(Digest(hexadecimal: String(digest.dropLast(2))) == nil)
    #expect(Digest(hexadecimal: digest + "00") == nil)
    #expect(Digest(hexadecimal: "") == nil)
    #expect(Digest.zero.hexadecimal == String(repeating: "0", count: 64))
  }

  /// RFC 4231, sections 4.2 to 4.8 (without 4.6, a truncated one).
  static let codes: [(key: [UInt8], message: [UInt8], code: String)] = [
    (
      [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
    ),
    (
      Array(1...25), [UInt8](repeating: 0xCD, count: 50),
      "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
    ),
    (
      [UInt8](repeating: 0xAA, count: 131),
      Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
    (
      [UInt8](repeating: 0xAA, count: 131),
      Array(
        ("This is a test using a larger than block-size key and a larger than block-size data. "
          + "The key needs to be hashed before being used by the HMAC algorithm.").utf8),
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
    ),
  ]

  @Test("HMAC-SHA256 yields the codes of RFC 4231", arguments: codes)
  func hmac(key: [UInt8], message: [UInt8], code: String) {
    #expect(digits(Signing.hmacSHA256(key: key, message)) == code)
  }

  @Test("An empty key and an empty message have a code too")
  func emptyHMAC() {
    #expect(
      digits(Signing.hmacSHA256(key: [], []))
        == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
  }

  static let identities: [(namespace: String, name: String, uuid: String)] = [
    // RFC 9562, appendix A.4.
    (
      "6ba7b8109dad11d180b400c04fd430c8", "www.example.com", "2ed6657d-e927-568b-95e1-2665a8aea6a2"
    ),
    (
      "08dc8e836e5a4ef4a277f445a7943ae2", "acme/Experiment/checkout-flow-v2",
      "e7f19845-4e98-5040-96fc-2a9d7f697f7c"
    ),
  ]

  @Test("A UUID of version 5 follows from namespace and name", arguments: identities)
  func uuid(namespace: String, name: String, uuid: String) {
    #expect(Signing.uuidV5(namespace: bytes(namespace), name: name) == uuid)
  }

  @Test("A tag ends in a zero byte, so no tag begins another")
  func tag() {
    #expect(Signing.tag("definition") == Array("flagstaff/definition/v1".utf8) + [0])
  }

  @Test("Equality in constant time is equality")
  func constantTime() {
    #expect(Signing.constantTimeEqual([1, 2, 3], [1, 2, 3]))
    #expect(!Signing.constantTimeEqual([1, 2, 3], [1, 2, 4]))
    #expect(!Signing.constantTimeEqual([1, 2], [1, 2, 3]))
    #expect(Signing.constantTimeEqual([], []))
  }

  @Test("Random bytes are as many as asked for, and differ")
  func random() {
    #expect(Signing.randomBytes(count: 32).count == 32)
    #expect(Signing.randomBytes(count: 32) != Signing.randomBytes(count: 32))
    #expect(Signing.randomBytes(count: 0) == [])
  }
}
