// Audit events: one for each change, stored as exact canonical bytes, numbered without gaps,
// chained by hash, with a MAC beside each. Whoever edits, removes, inserts, swaps or cuts leaves a
// chain that does not verify. The bytes are fixed by BYTES, *Audit event*.

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
  package func mac(of hash: Digest) -> [UInt8] {
    Signing.hmacSHA256(key: secret, Signing.tag("audit-mac") + hash.bytes)
  }

  package var description: String { "audit key \(identifier)" }
}

/// The end of the chain: what the next event follows.
package struct ChainHead: Hashable, Sendable {
  /// 0 before the first event.
  package let sequence: Int
  /// 64 zeros before the first event.
  package let hash: Digest
  /// The identifier of the key of the last event; nil before the first.
  package let key: String?

  package init(sequence: Int, hash: Digest, key: String?) {
    self.sequence = sequence
    self.hash = hash
    self.key = key
  }

  package static let start = ChainHead(sequence: 0, hash: .zero, key: nil)
}

/// One event as it is stored.
package struct AuditEvent: Sendable {
  package let sequence: Int
  /// The canonical bytes.
  package let bytes: [UInt8]
  /// SHA-256 of the bytes.
  package let hash: Digest
  package let mac: [UInt8]

  package init(sequence: Int, bytes: [UInt8], hash: Digest, mac: [UInt8]) {
    self.sequence = sequence
    self.bytes = bytes
    self.hash = hash
    self.mac = mac
  }

  /// The event of one change of an admitted plan.
  init(_ change: Change, of admitted: AdmittedPlan, after head: ChainHead, key: AuditKey) {
    let plan = admitted.plan
    let body = Node.fields([
      "format": .integer(1), "sequence": .integer(head.sequence + 1),
      "instant": .string(plan.instant.description), "workspace": .string(plan.workspace),
      "environment": .string(plan.scope.environment), "customer": .string(plan.scope.customer),
      "version": .integer(plan.parent + 1),
      "actor": .fields(["kind": .string("reconciler"), "id": .string("flagstaff")]),
      "commit": .string(plan.commit),
      "classes": .strings(change.classes.map(\.rawValue)),
      "subject": .fields([
        "kind": .string(change.identity.kind.rawValue), "key": .string(change.identity.key),
      ]),
      "generation": .integer(change.generation),
      "before": change.before?.definition.form, "after": change.after?.definition.form,
      "approvals": .sequence([]), "mode": .string(admitted.mode.rawValue),
      "key": .string(key.identifier), "previous": .string(head.hash.hexadecimal),
    ])
    bytes = CanonicalJSON.bytes(body)
    sequence = head.sequence + 1
    hash = Signing.sha256(bytes)
    mac = key.mac(of: hash)
  }

  /// The end of the chain once this event is its last.
  package func head(key: String) -> ChainHead {
    ChainHead(sequence: sequence, hash: hash, key: key)
  }
}
