// The streaming forms against the plain ones, which have the vectors of the standards.

import Signing
import Testing

@Suite("Streaming digests and codes")
struct StreamingTests {
  @Test("A digest is the same in one piece, in many, and after another")
  func digests() {
    let stream = SHA256Stream()
    for count in [0, 1, 55, 56, 63, 64, 65, 1_000] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
      let expected = RawDigest(Signing.sha256(bytes))
      bytes.withUnsafeBytes { bytes in
        #expect(stream.digest(bytes) == expected)
        for place in bytes.indices {
          stream.add(UnsafeRawBufferPointer(rebasing: bytes[place..<(place + 1)]))
        }
        #expect(stream.finish() == expected)
      }
      #expect(expected.digest == Signing.sha256(bytes))
    }
  }

  @Test("A code verifies as HMAC makes it, again and again, and no other does")
  func codes() {
    let (key, prefix) = (Array("a key".utf8), Array("prefix".utf8))
    let authenticator = Authenticator(key: key, prefix: prefix)
    for number in UInt8(0)..<5 {
      let message = Signing.sha256([number])
      let code = Signing.hmacSHA256(key: key, prefix + message.bytes)
      code.withUnsafeBytes { #expect(authenticator.verifies($0, of: RawDigest(message))) }
      for place in code.indices {
        var wrong = code
        wrong[place] ^= 1
        wrong.withUnsafeBytes { #expect(!authenticator.verifies($0, of: RawDigest(message))) }
      }
      code.dropLast().withUnsafeBytes {
        #expect(!authenticator.verifies($0, of: RawDigest(message)))
      }
    }
  }
}
