// Audit events: one for each change, stored as exact canonical bytes, numbered without gaps,
// chained by hash, with a MAC beside each. Whoever edits, removes, inserts, swaps or cuts leaves a
// chain that does not verify. The bytes are fixed by BYTES, *Audit event*.

internal import Documents
package import Signing

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

  /// The event of a record, behind the end of the chain.
  package init(_ record: AuditRecord, after head: ChainHead, key: AuditKey) {
    sequence = head.sequence + 1
    bytes = CanonicalJSON.bytes(
      record.body(sequence: sequence, key: key.identifier, previous: head.hash))
    hash = Signing.sha256(bytes)
    mac = key.mac(of: hash)
  }

  /// The end of the chain once this event is its last.
  package func head(key: String) -> ChainHead {
    ChainHead(sequence: sequence, hash: hash, key: key)
  }
}
