// Signed envelopes: the encoding that is signed, and every way to cheat that is refused.

import Signing
import Testing

struct DSSETests {
  static let type = "application/vnd.flagstaff.pointer.v1+json"

  @Test("The pre-authentication encoding is that of DSSE's own example")
  func preAuthenticationEncoding() {
    let encoding = DSSE.preAuthenticationEncoding(
      type: "http://example.com/HelloWorld", payload: Array("hello world".utf8))
    #expect(
      String(decoding: encoding, as: UTF8.self)
        == "DSSEv1 29 http://example.com/HelloWorld 11 hello world")
    #expect(
      DSSE.preAuthenticationEncoding(type: "é", payload: []) == Array("DSSEv1 2 é 0 ".utf8))
  }

  private func envelope(of key: PrivateKey, _ payload: String = #"{"version":17}"#) throws -> String
  {
    String(
      decoding: try DSSE.sealed(Array(payload.utf8), type: Self.type, key: key), as: UTF8.self)
  }

  private func isOpened(_ envelope: String, type: String = type, by keys: [PublicKey]) -> Bool {
    (try? DSSE.opened(Array(envelope.utf8), type: type, keys: keys)) != nil
  }

  @Test("What was sealed is opened by the key that signed")
  func opened() throws {
    let key = try PrivateKey.generate()
    let other = try PrivateKey.generate()
    let opened = try DSSE.opened(
      Array(envelope(of: key).utf8), type: Self.type, keys: [other.publicKey, key.publicKey])
    #expect(opened.payload == Array(#"{"version":17}"#.utf8))
    #expect(opened.keyIdentifier == key.publicKey.identifier)
  }

  @Test("Sealing is repeatable to the byte, in canonical JSON")
  func repeatable() throws {
    let key = try PrivateKey(seed: [UInt8](repeating: 7, count: 32))
    let sealed = try envelope(of: key)
    #expect(try envelope(of: key) == sealed)
    #expect(
      sealed.hasPrefix(
        #"{"payload":"eyJ2ZXJzaW9uIjoxN30=","payloadType":"\#(Self.type)","signatures":[{"keyid":""#
      ))
  }

  @Test("An envelope by an unknown key, or of another type, is refused")
  func unknownKey() throws {
    let key = try PrivateKey.generate()
    let sealed = try envelope(of: key)
    #expect(isOpened(sealed, by: [key.publicKey]))
    #expect(!isOpened(sealed, by: []))
    #expect(!isOpened(sealed, by: [try PrivateKey.generate().publicKey]))
    #expect(!isOpened(sealed, type: "application/x", by: [key.publicKey]))
    let retyped = sealed.replacing(Self.type, with: "application/x")
    #expect(!isOpened(retyped, type: "application/x", by: [key.publicKey]))
  }

  @Test("A payload that was swapped or changed is refused")
  func swappedPayload() throws {
    let key = try PrivateKey.generate()
    let sealed = try envelope(of: key)
    let changed = sealed.replacing(
      DSSE.base64(Array(#"{"version":17}"#.utf8)), with: DSSE.base64(Array(#"{"version":18}"#.utf8))
    )
    #expect(changed != sealed)
    #expect(!isOpened(changed, by: [key.publicKey]))
  }

  @Test("An envelope with any one byte changed never yields another payload")
  func changedBytes() throws {
    let key = try PrivateKey.generate()
    let sealed = Array(try envelope(of: key).utf8)
    for index in sealed.indices {
      var changed = sealed
      changed[index] ^= 1
      #expect(throws: SigningError.self) {
        try DSSE.opened(changed, type: Self.type, keys: [key.publicKey])
      }
    }
  }

  @Test(
    "What is no envelope is refused",
    arguments: ["", "{}", "[]", "null", "{\"payload\":\"\",\"payloadType\":\"x\"}", "{\"a\":1"])
  func noEnvelope(text: String) {
    #expect(!isOpened(text, type: "x", by: []))
  }

  /// RFC 4648, section 10.
  static let encodings: [(String, String)] = [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
  ]

  @Test("Base64 is that of RFC 4648", arguments: encodings)
  func base64(text: String, encoded: String) {
    #expect(DSSE.base64(Array(text.utf8)) == encoded)
    #expect(DSSE.decodedBase64(encoded) == Array(text.utf8))
  }

  @Test(
    "Base64 in any other spelling is refused",
    arguments: [
      "Zg", "Zg=", "Zh==", "Zm9=", "Zm9v\n", " Zm9v", "Zm9v Zm9v", "Zm 9v", "====", "=m9v", "Z===",
      "Zm-_", "Zg==Zg==", "Zm9v\nZm9v\n\n\n\n", "é9v", "Zm9v====",
    ])
  func refusedBase64(text: String) {
    #expect(DSSE.decodedBase64(text) == nil)
  }
}
