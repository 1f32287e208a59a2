// SSH keys that are the same in every run: made of a seed, and written as OpenSSH writes private
// keys without a passphrase (PROTOCOL.key). Ed25519 is deterministic, so signatures, ids of signed
// commits and everything made of them are the same too.

internal import Signing

/// A key pair of Ed25519.
package struct SSHKeyPair: Sendable {
  /// `ssh-ed25519 AAAA…`, without a comment.
  package let publicText: String
  /// The file of the private key. ssh-keygen wants its mode to be 0600.
  package let privateFile: [UInt8]

  /// - Parameter seed: any text; the same text is the same key.
  package init(seed: String) throws {
    let secret = Signing.sha256(Array(seed.utf8)).bytes
    let publicKey = try PrivateKey(seed: secret).publicKey.bytes
    let type = Array("ssh-ed25519".utf8)
    let blob = Self.field(type) + Self.field(publicKey)
    publicText = "ssh-ed25519 \(DSSE.base64(blob))"
    // Two equal numbers, by which a reader sees that a passphrase was right.
    var body = [UInt8](repeating: 7, count: 8)
    body += Self.field(type) + Self.field(publicKey) + Self.field(secret + publicKey)
    body += Self.field([])
    var padding: UInt8 = 1
    while !body.count.isMultiple(of: 8) {
      body.append(padding)
      padding += 1
    }
    let none = Self.field(Array("none".utf8))
    let file =
      Array("openssh-key-v1".utf8) + [0] + none + none + Self.field([]) + [0, 0, 0, 1]
      + Self.field(blob) + Self.field(body)
    let digits = Array(DSSE.base64(file).utf8)
    let lines = stride(from: 0, to: digits.count, by: 70).map {
      String(decoding: digits[$0..<min($0 + 70, digits.count)], as: UTF8.self) + "\n"
    }
    privateFile = Array(
      ("-----BEGIN OPENSSH PRIVATE KEY-----\n" + lines.joined()
        + "-----END OPENSSH PRIVATE KEY-----\n").utf8)
  }

  /// A field of SSH's wire format: its length in four bytes, and itself.
  package static func field(_ bytes: [UInt8]) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: bytes.count >> $0) } + bytes
  }
}
