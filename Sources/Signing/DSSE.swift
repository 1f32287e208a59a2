// Dead Simple Signing Envelope, version 1: what is signed is the type and the exact payload bytes,
// never a re-encoded form, so a verifier parses nothing before the signature holds.
// https://github.com/secure-systems-lab/dsse

internal import COpenSSL
internal import Documents

package enum DSSE {
  /// What a verified envelope contained.
  package struct Opened: Sendable {
    package let payload: [UInt8]
    /// The identifier of the key that signed.
    package let keyIdentifier: String
  }

  /// The pre-authentication encoding: what the signature is over.
  package static func preAuthenticationEncoding(type: String, payload: [UInt8]) -> [UInt8] {
    Array("DSSEv1 \(type.utf8.count) \(type) \(payload.count) ".utf8) + payload
  }

  /// The canonical bytes of an envelope with one signature.
  package static func sealed(_ payload: [UInt8], type: String, key: PrivateKey)
    throws(SigningError) -> [UInt8]
  {
    let message = preAuthenticationEncoding(type: type, payload: payload)
    let signature = try key.signature(of: message)
    return CanonicalJSON.bytes(
      .fields([
        "payload": .string(base64(payload)),
        "payloadType": .string(type),
        "signatures": .sequence([
          .fields([
            "keyid": .string(key.publicKey.identifier), "sig": .string(base64(signature)),
          ])
        ]),
      ]))
  }

  /// The payload, once a signature by one of the keys holds.
  ///
  /// - Throws: `SigningError` where the bytes are no envelope, the type is another, or no
  ///   signature by a given key verifies.
  package static func opened(_ bytes: [UInt8], type: String, keys: [PublicKey])
    throws(SigningError) -> Opened
  {
    func refused(_ reason: String) -> SigningError {
      SigningError(operation: "verifying a signed envelope", reason: reason)
    }
    guard let envelope = try? JSONReader.read(bytes) else { throw refused("it is not JSON") }
    guard envelope["payloadType"]?.string == type else {
      throw refused("its type is not \(type)")
    }
    guard let payload = envelope["payload"]?.string.flatMap(decodedBase64),
      let signatures = envelope["signatures"]?.sequence
    else { throw refused("it lacks a payload or signatures") }
    let message = preAuthenticationEncoding(type: type, payload: payload)
    for signature in signatures {
      guard let sig = signature["sig"]?.string.flatMap(decodedBase64) else { continue }
      for key in keys where signature["keyid"]?.string == key.identifier {
        if key.verifies(signature: sig, of: message) {
          return Opened(payload: payload, keyIdentifier: key.identifier)
        }
      }
    }
    throw refused("no signature by a known key verifies")
  }

  /// Standard base64 with padding (RFC 4648, section 4).
  package static func base64(_ bytes: [UInt8]) -> String {
    var output = [UInt8](repeating: 0, count: (bytes.count + 2) / 3 * 4 + 1)
    let count = EVP_EncodeBlock(&output, bytes, Int32(bytes.count))
    return String(decoding: output[..<Int(count)], as: UTF8.self)
  }

  /// The bytes of standard base64 with padding; nil for anything else, white space included.
  package static func decodedBase64(_ text: String) -> [UInt8]? {
    let input = Array(text.utf8)
    guard input.count.isMultiple(of: 4) else { return nil }
    if input.isEmpty { return [] }
    var output = [UInt8](repeating: 0, count: input.count / 4 * 3)
    guard EVP_DecodeBlock(&output, input, Int32(input.count)) == Int32(output.count) else {
      ERR_clear_error()
      return nil
    }
    let padding = input.suffix(2).filter { $0 == UInt8(ascii: "=") }.count
    output.removeLast(padding)
    return base64(output).hasSameBytes(as: text) ? output : nil
  }
}
