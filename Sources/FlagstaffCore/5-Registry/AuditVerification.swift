// Verifies a chain of audit events, one after another, in constant memory. It trusts nothing but
// the secret: the number, the predecessor, the key and the form are read from the event's own
// bytes, and the bytes must be canonical, so that no two spellings of an event verify.

package import Documents
package import Signing

/// What is wrong with a log, and from which event on it cannot be trusted.
package struct AuditFailure: WorldFailure, Hashable {
  package let sequence: Int
  package let reason: String

  package init(sequence: Int, reason: String) {
    self.sequence = sequence
    self.reason = reason
  }

  package var description: String { "event \(sequence): \(reason)" }
}

/// A walk along the chain from its first event.
package struct AuditVerification: Sendable {
  package private(set) var head = ChainHead.start
  private let key: AuditKey

  package init(key: AuditKey) {
    self.key = key
  }

  /// Checks the next event and moves on.
  ///
  /// - Throws: what is wrong with it; the walk must end there.
  package mutating func check(_ event: AuditEvent) throws(AuditFailure) {
    let expected = head.sequence + 1
    func failure(_ reason: String) -> AuditFailure {
      AuditFailure(sequence: expected, reason: reason)
    }
    guard event.sequence == expected else {
      throw failure("it is missing; the next event is \(event.sequence)")
    }
    guard Signing.sha256(event.bytes) == event.hash else {
      throw failure("its bytes do not have its hash: it was edited")
    }
    guard Signing.constantTimeEqual(key.mac(of: event.hash), event.mac) else {
      throw failure("its MAC does not verify: it was not written with this secret")
    }
    guard let body = try? JSONReader.read(event.bytes, depthMax: Limits.storedDepthMax),
      CanonicalJSON.bytes(body) == event.bytes, body["format"]?.integer == 1
    else { throw failure("its bytes are no canonical event of format 1") }
    guard body["sequence"]?.integer == expected else {
      throw failure("its bytes say that it is event \(body["sequence"]?.integer ?? 0)")
    }
    guard body["previous"]?.string == head.hash.hexadecimal else {
      throw failure("it does not follow the event before it")
    }
    guard body["key"]?.string == key.identifier else {
      throw failure("it names another key than \(key.identifier)")
    }
    guard let instant = body["instant"]?.string, Instant(instant) != nil else {
      throw failure("it has no instant")
    }
    head = event.head(key: key.identifier)
  }

  /// Checks that the chain ends where the registry says that it ends.
  package func checkEnd(_ recorded: ChainHead) throws(AuditFailure) {
    guard recorded.sequence == head.sequence, recorded.hash == head.hash else {
      throw AuditFailure(
        sequence: min(recorded.sequence, head.sequence) + 1,
        reason: "the log ends at event \(head.sequence), its recorded end is event"
          + " \(recorded.sequence): events were cut off or added")
    }
  }
}

extension AuditVerification {
  /// Checks that the chain reaches every point of it that was told to the outside.
  package func checkReaches(_ checkpoints: [Checkpoint]) throws(AuditFailure) {
    guard let last = checkpoints.map(\.sequence).max(), last > head.sequence else { return }
    throw AuditFailure(
      sequence: head.sequence + 1,
      reason: "it is missing: an origin was told event \(last), and the log ends at event"
        + " \(head.sequence): its tail was cut off")
  }
}

/// A point of the chain that was told to the outside: in a pointer, or as an object of its own.
package struct Checkpoint: Hashable, Sendable {
  package let sequence: Int
  package let hash: Digest
  package let time: Instant

  package init(sequence: Int, hash: Digest, time: Instant) {
    self.sequence = sequence
    self.hash = hash
    self.time = time
  }

  package var node: Node {
    .fields([
      "sequence": .integer(sequence), "hash": .string(hash.hexadecimal),
      "time": .string(time.description),
    ])
  }

  /// Reads `{sequence,hash,time}`; nil where it is anything else.
  package init?(_ node: Node?) {
    guard let sequence = node?["sequence"]?.integer,
      let hash = node?["hash"]?.string.flatMap({ Digest(hexadecimal: $0) }),
      let time = node?["time"]?.string.flatMap(Instant.init)
    else { return nil }
    self.init(sequence: sequence, hash: hash, time: time)
  }
}
