// A signature as `ssh-keygen -Y sign` writes it (PROTOCOL.sshsig of OpenSSH): who signed, for which
// use, and by which hash. It is taken apart before any process is started, so that a key that
// nobody has, or a signature for another use, costs nothing. One signature has one spelling: what
// is kept is the blob, and its armor is made anew.

internal import Documents
internal import Signing

package struct SSHSignature: Hashable, Sendable {
  package enum Hash: String, Hashable, Sendable {
    case sha256, sha512
  }

  package let key: SSHPublicKey
  /// What the signature is for. `ssh-keygen` verifies it, since it is part of what was signed.
  package let namespace: String
  package let hash: Hash
  /// The bytes inside of the armor.
  let blob: [UInt8]

  /// The armor as OpenSSH writes it: lines of 70 digits.
  package var armored: [UInt8] {
    let digits = Array(DSSE.base64(blob).utf8)
    var text = Array((Self.begin + "\n").utf8)
    for start in stride(from: 0, to: digits.count, by: 70) {
      text += digits[start..<min(start + 70, digits.count)] + [UInt8(ascii: "\n")]
    }
    return text + Array((Self.end + "\n").utf8)
  }

  /// - Throws: `MalformedSignature` with what is wrong.
  package init(armored: [UInt8]) throws(MalformedSignature) {
    blob = try Self.blob(in: armored)
    var reader = SSHWireReader(blob)
    guard reader.bytes(6) == Array("SSHSIG".utf8), reader.integer() == 1 else {
      throw MalformedSignature("is not an SSH signature of version 1")
    }
    guard let keyBlob = reader.field(), let name = reader.text(), let reserved = reader.field(),
      let hashName = reader.text(), let signature = reader.field(), reader.isAtEnd
    else { throw MalformedSignature("is cut off, or has more in it than one signature") }
    do throws(MalformedKey) {
      key = try SSHPublicKey(blob: keyBlob)
    } catch {
      throw MalformedSignature("carries a key that \(error.reason)")
    }
    // OpenSSH ignores it, so anybody could write into it what nobody signed.
    guard reserved.isEmpty else { throw MalformedSignature("fills a field that is reserved") }
    guard !name.isEmpty else { throw MalformedSignature("is for no namespace") }
    namespace = name
    guard let hash = Hash(rawValue: hashName) else {
      throw MalformedSignature("is over another hash than sha256 or sha512")
    }
    self.hash = hash
    try Self.check(signature, by: key.algorithm)
  }
}

/// Why bytes are no signature.
package struct MalformedSignature: Error, Hashable, Sendable {
  /// Follows "the signature".
  package let reason: String

  init(_ reason: String) {
    self.reason = reason
  }
}

extension SSHSignature {
  private static let begin = "-----BEGIN SSH SIGNATURE-----"
  private static let end = "-----END SSH SIGNATURE-----"

  /// What stands between the two lines, of which there is one each, with nothing around them.
  private static func blob(in armored: [UInt8]) throws(MalformedSignature) -> [UInt8] {
    guard armored.count <= Limits.signatureBytesMax else {
      throw MalformedSignature("is longer than \(Limits.signatureBytesMax) bytes")
    }
    guard let text = String(validating: armored, as: UTF8.self) else {
      throw MalformedSignature("is not text")
    }
    let whole =
      text.unicodeScalars.last == "\n" ? text.unicodeScalars.dropLast() : text.unicodeScalars[...]
    var lines = whole.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    guard lines.count >= 3, lines.removeFirst().hasSameBytes(as: begin),
      lines.removeLast().hasSameBytes(as: end)
    else { throw MalformedSignature("does not stand between its two lines alone") }
    guard lines.allSatisfy({ (1...76).contains($0.utf8.count) }),
      let blob = DSSE.decodedBase64(lines.joined())
    else { throw MalformedSignature("is not base64 in lines") }
    return blob
  }

  /// Whether the innermost field is of the key's type. What it says is ssh-keygen's business.
  private static func check(
    _ signature: [UInt8], by algorithm: SSHPublicKey.Algorithm
  ) throws(MalformedSignature) {
    var reader = SSHWireReader(signature)
    let types =
      algorithm == .rsa ? ["rsa-sha2-256", "rsa-sha2-512"] : [algorithm.rawValue]
    guard let type = reader.text(), types.contains(type), reader.field()?.isEmpty == false else {
      throw MalformedSignature("is not made by a key of the type that it carries")
    }
    if [.securityKeyEd25519, .securityKeyECDSA].contains(algorithm) {
      // Both are part of what the security key signs (PROTOCOL.u2f). Bit 0 of the flags: somebody
      // touched it. ssh-keygen verifies a signature without it.
      guard let flags = reader.bytes(1), reader.integer() != nil, reader.isAtEnd else {
        throw MalformedSignature("is cut off, or has more in it than one signature")
      }
      guard flags[0] & 1 == 1 else {
        throw MalformedSignature("was made by a security key that nobody touched")
      }
    }
    guard reader.isAtEnd else {
      throw MalformedSignature("is cut off, or has more in it than one signature")
    }
  }
}
