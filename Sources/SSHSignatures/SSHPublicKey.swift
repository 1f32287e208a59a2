// An OpenSSH public key as a file states it: type, base64, and perhaps a comment (sshd(8),
// "AUTHORIZED_KEYS FILE FORMAT"). Nothing else passes, since the text ends up in a generated
// allowed-signers file: no options, no `cert-authority`, no second line. The blob is taken apart
// (RFC 4253, section 6.6; RFC 5656, section 3.1; PROTOCOL.u2f of OpenSSH), so that it is of the
// type that stands before it and holds one whole key.

internal import Documents
internal import Signing

package struct SSHPublicKey: Hashable, Sendable {
  package enum Algorithm: String, Hashable, Sendable, CaseIterable {
    case ed25519 = "ssh-ed25519"
    case ecdsa256 = "ecdsa-sha2-nistp256"
    case ecdsa384 = "ecdsa-sha2-nistp384"
    case ecdsa521 = "ecdsa-sha2-nistp521"
    case securityKeyEd25519 = "sk-ssh-ed25519@openssh.com"
    case securityKeyECDSA = "sk-ecdsa-sha2-nistp256@openssh.com"
    case rsa = "ssh-rsa"
  }

  package let algorithm: Algorithm
  /// The key in the wire format of SSH: what is compared, and what the fingerprint is of.
  package let blob: [UInt8]

  /// `ssh-ed25519 AAAA…`, without a comment.
  package var text: String { "\(algorithm.rawValue) \(DSSE.base64(blob))" }

  /// `SHA256:` and base64 without padding, as `ssh-keygen -l` shows it.
  package var fingerprint: String {
    let digest = DSSE.base64(Signing.sha256(blob).bytes)
    return "SHA256:" + digest.prefix { $0 != "=" }
  }

  /// The lower-case hexadecimal SHA-256 of the blob. It stands where base64 would not do: in the
  /// names of refs and principals, which have no `/`, `+` or upper case, and in stored bytes.
  package var identifier: String { Signing.sha256(blob).hexadecimal }

  /// - Throws: `MalformedKey` with what is wrong.
  package init(_ text: String) throws(MalformedKey) {
    guard text.utf8.count <= Limits.signingKeyBytesMax else {
      throw MalformedKey("is longer than \(Limits.signingKeyBytesMax) bytes")
    }
    guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
      throw MalformedKey("has a line break or another control character")
    }
    let parts = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard let first = parts.first, let algorithm = Algorithm(rawValue: String(first)) else {
      let known = Algorithm.allCases.map(\.rawValue).joined(separator: ", ")
      throw MalformedKey("does not begin with one of the types \(known)")
    }
    guard parts.count > 1, let blob = DSSE.decodedBase64(String(parts[1])), !blob.isEmpty else {
      throw MalformedKey("has no base64 behind \(algorithm.rawValue) and one space")
    }
    self.algorithm = algorithm
    self.blob = blob
    try Self.check(blob, is: algorithm)
  }

  /// A key in the wire format of SSH, as a signature carries it.
  ///
  /// - Throws: `MalformedKey` with what is wrong.
  init(blob: [UInt8]) throws(MalformedKey) {
    var reader = SSHWireReader(blob)
    guard let algorithm = reader.text().flatMap(Algorithm.init(rawValue:)) else {
      throw MalformedKey("is of no type that may sign")
    }
    self.algorithm = algorithm
    self.blob = blob
    try Self.check(blob, is: algorithm)
  }
}

/// Why a text is no public key that may sign.
package struct MalformedKey: Error, Hashable, Sendable {
  /// Follows "the key".
  package let reason: String

  init(_ reason: String) {
    self.reason = reason
  }
}

extension SSHPublicKey {
  private static func check(_ blob: [UInt8], is algorithm: Algorithm) throws(MalformedKey) {
    var reader = SSHWireReader(blob)
    guard reader.text() == algorithm.rawValue else {
      throw MalformedKey("says that it is \(algorithm.rawValue), but its base64 is of another type")
    }
    var isWhole: Bool
    switch algorithm {
    case .ed25519: isWhole = reader.field()?.count == 32
    case .ecdsa256: isWhole = reader.point(on: "nistp256", bytes: 32)
    case .ecdsa384: isWhole = reader.point(on: "nistp384", bytes: 48)
    case .ecdsa521: isWhole = reader.point(on: "nistp521", bytes: 66)
    case .securityKeyEd25519: isWhole = reader.field()?.count == 32 && reader.application()
    case .securityKeyECDSA:
      isWhole = reader.point(on: "nistp256", bytes: 32) && reader.application()
    case .rsa: isWhole = try checkRSA(&reader)
    }
    guard isWhole, reader.isAtEnd else {
      throw MalformedKey("is cut off, or has more in its base64 than one key")
    }
  }

  private static func checkRSA(_ reader: inout SSHWireReader) throws(MalformedKey) -> Bool {
    guard let exponent = reader.positiveInteger(), let modulus = reader.positiveInteger(),
      let first = modulus.first, exponent.count <= 8, exponent.last.map({ $0 & 1 == 1 }) == true,
      exponent != [1]
    else { return false }
    let bits = modulus.count * 8 - first.leadingZeroBitCount
    guard bits >= Limits.rsaBitsMin else {
      throw MalformedKey("is an RSA key of \(bits) bits, fewer than \(Limits.rsaBitsMin)")
    }
    return true
  }
}
