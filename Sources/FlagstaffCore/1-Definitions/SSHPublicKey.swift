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
    var reader = WireReader(blob)
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

  private static func checkRSA(_ reader: inout WireReader) throws(MalformedKey) -> Bool {
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

/// Reads the fields of a key's blob: each has its length before it, in four bytes.
private struct WireReader {
  private var rest: ArraySlice<UInt8>

  init(_ blob: [UInt8]) {
    rest = blob[...]
  }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func field() -> [UInt8]? {
    guard rest.count >= 4 else { return nil }
    let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    guard rest.count - 4 >= length else { return nil }
    let field = Array(rest.dropFirst(4).prefix(length))
    rest = rest.dropFirst(4 + length)
    return field
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
