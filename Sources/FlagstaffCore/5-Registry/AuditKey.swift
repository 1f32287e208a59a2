// The secret under which audit events are authenticated. Whoever edits the log without it leaves a
// MAC that does not verify. A secret is known by an identifier that tells nothing of it.

internal import Documents
package import Signing

/// The secret under which events are authenticated (`AUDIT_HMAC_SECRET`).
package struct AuditKey: Sendable, CustomStringConvertible {
  private let secret: [UInt8]
  /// The first 16 hexadecimal digits of HMAC-SHA256(secret, tag(`audit-key`)).
  package let identifier: String

  /// The shortest secret, in bytes: as long as the hash (RFC 2104, section 3).
  package static let secretBytesMin = 32

  /// - Returns: nil where the secret is shorter than 32 bytes.
  package init?(secret: [UInt8]) {
    guard secret.count >= Self.secretBytesMin else { return nil }
    self.secret = secret
    let full = Signing.hmacSHA256(key: secret, Signing.tag("audit-key"))
    identifier = String(Hexadecimal.string(full).prefix(16))
  }

  /// HMAC-SHA256(secret, tag(`audit-mac`) + raw hash).
  package func mac(of hash: Digest) -> [UInt8] { mac(of: hash, as: "audit-mac") }

  /// HMAC-SHA256(secret, tag(use) + raw digest). Each use has a tag of its own, so that what was
  /// authenticated as one thing never passes for another.
  package func mac(of digest: Digest, as use: StaticString) -> [UInt8] {
    Signing.hmacSHA256(key: secret, Signing.tag(use) + digest.bytes)
  }

  /// Checks the codes of many events.
  func authenticator() -> Authenticator {
    Authenticator(key: secret, prefix: Signing.tag("audit-mac"))
  }

  package var description: String { "audit key \(identifier)" }
}

/// The secrets that an installation holds: around a rotation there is more than one.
package struct AuditKeyring: Sendable {
  /// Each once. A log that is empty begins under the first.
  package let keys: [AuditKey]

  package init(_ first: AuditKey, _ others: [AuditKey] = []) {
    var keys = [first]
    for key in others where !keys.contains(where: { $0.identifier == key.identifier }) {
      keys.append(key)
    }
    self.keys = keys
  }

  package var first: AuditKey { keys[0] }

  package subscript(identifier: String) -> AuditKey? {
    keys.first { $0.identifier == identifier }
  }

  /// The key with which the log goes on; nil where its secret was not given.
  package func next(after head: ChainHead) -> AuditKey? {
    guard let key = head.key else { return first }
    return self[key]
  }
}
