// Verifies a chain of audit events, one after another, in memory that does not grow with them. It
// believes nothing but the secrets: number, predecessor, key, time and content are read from the
// event's own bytes, which must be canonical, so that no two spellings of an event verify; and the
// columns by which an event is found are compared with them, and each event of a scope with what
// its former ones left. Without any secret all but the codes is checked.

internal import Documents
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

/// A walk along the chain.
package struct AuditWalk {
  /// Whose word counts.
  package enum Trust: Sendable {
    /// The holders of these secrets. The key of the chain's end must be among them; events of
    /// another key count by what follows them.
    case secrets(AuditKeyring)
    /// Nobody: hashes alone, which whoever can write the whole log can make to fit.
    case nobody
  }

  /// Where the walk begins.
  package enum Start: Sendable {
    case beginning
    /// Behind an event whose hash is known.
    case after(sequence: Int, hash: Digest)
    /// At an event whose own word for its predecessor is taken.
    case unverified(at: Int)
  }

  /// The last event that verified.
  package private(set) var sequence: Int
  /// Its hash; where the walk has not begun, that of its predecessor.
  package private(set) var hash: RawDigest
  /// Nil before the first event.
  package private(set) var workspace: String?
  /// The key of the next event; nil where it may be any.
  package private(set) var key: String?
  /// Events whose code could not be checked, since the secret of their key was not given: the chain
  /// that later codes cover vouches for them.
  package private(set) var eventsByChainAlone = 0
  /// How many rotations were passed.
  package private(set) var rotations = 0

  private let trust: Trust
  private var takesPredecessor: Bool
  /// The first event under the present key.
  private var keyStart: Int
  private var authenticator: Authenticator?
  private var scopes: WalkedScopes
  private let stream = SHA256Stream()

  package init(trusting trust: Trust, from start: Start = .beginning) {
    self.trust = trust
    switch start {
    case .beginning:
      (sequence, hash, takesPredecessor) = (0, RawDigest(), false)
      scopes = WalkedScopes(fromBeginning: true)
    case .after(let sequence, let hash):
      (self.sequence, self.hash, takesPredecessor) = (sequence, RawDigest(hash), false)
      scopes = WalkedScopes(fromBeginning: false)
    case .unverified(let sequence):
      (self.sequence, hash, takesPredecessor) = (sequence - 1, RawDigest(), true)
      scopes = WalkedScopes(fromBeginning: false)
    }
    keyStart = sequence + 1
  }

  /// The end of the chain so far.
  package var head: ChainHead { ChainHead(sequence: sequence, hash: hash.digest, key: key) }

  /// The key under which the walk's last events were written, where its secret was given.
  private var isKeyKnown: Bool { authenticator != nil }

  /// Checks the next event and moves on.
  ///
  /// - Throws: what is wrong with it; the walk must end there.
  package mutating func check(_ event: StoredEvent) throws(AuditFailure) {
    let expected = sequence + 1
    guard event.sequence == expected else {
      throw failure("it is missing; the next event is \(event.sequence)")
    }
    let digest = stream.digest(event.bytes)
    guard digest == RawDigest(event.hash) else {
      throw failure("its bytes do not have its hash: it was edited")
    }
    guard let fields = EventFields(event.bytes) else {
      throw failure("its bytes are no canonical event of format 1")
    }
    guard fields.sequence == expected else {
      throw failure("its bytes say that it is event \(fields.sequence)")
    }
    guard takesPredecessor || fields.previous.isHexadecimal(hash) else {
      throw failure("it does not follow the event before it")
    }
    try checkKey(fields)
    try checkCode(event.mac, of: digest)
    if let columns = event.columns, let column = fields.differingColumn(columns) {
      throw failure("its column \(column) says something else than its bytes: it was edited")
    }
    try checkWorkspace(fields)
    if let reason = scopes.take(fields, at: expected) { throw failure(reason) }
    try checkRotation(fields, event.bytes)
    (sequence, hash, takesPredecessor) = (expected, digest, false)
  }

  /// The same of an event that stands in no table.
  package mutating func check(_ event: AuditEvent) throws(AuditFailure) {
    var result: Result<Void, AuditFailure> = .success(())
    event.bytes.withUnsafeBytes { bytes in
      event.hash.bytes.withUnsafeBytes { hash in
        event.mac.withUnsafeBytes { mac in
          do throws(AuditFailure) {
            try check(
              StoredEvent(
                sequence: event.sequence, bytes: bytes, hash: hash, mac: mac, columns: nil))
          } catch {
            result = .failure(error)
          }
        }
      }
    }
    try result.get()
  }

  private func failure(_ reason: String) -> AuditFailure {
    AuditFailure(sequence: sequence + 1, reason: reason)
  }
}

// MARK: One event

extension AuditWalk {
  private mutating func checkKey(_ fields: EventFields) throws(AuditFailure) {
    if let key {
      guard fields.key.isString(key) else {
        throw failure(
          "it names the key \(fields.key.string ?? "?"), where the log goes on under \(key)")
      }
      return
    }
    guard let first = fields.key.string else { throw failure("it names no key") }
    begin(first, at: sequence + 1)
  }

  private mutating func begin(_ identifier: String, at sequence: Int) {
    key = identifier
    keyStart = sequence
    if case .secrets(let ring) = trust { authenticator = ring[identifier]?.authenticator() }
  }

  private mutating func checkCode(
    _ mac: UnsafeRawBufferPointer, of digest: RawDigest
  ) throws(AuditFailure) {
    guard let authenticator else {
      if case .secrets = trust { eventsByChainAlone += 1 }
      return
    }
    guard authenticator.verifies(mac, of: digest) else {
      throw failure("its MAC does not verify: it was not written with this secret")
    }
  }

  private mutating func checkWorkspace(_ fields: EventFields) throws(AuditFailure) {
    if let workspace {
      guard fields.workspace.isString(workspace) else {
        throw failure(
          "it is of the workspace \(fields.workspace.string ?? "?"), the log of \(workspace)")
      }
    } else {
      workspace = fields.workspace.string
    }
  }

  private mutating func checkRotation(
    _ fields: EventFields, _ bytes: UnsafeRawBufferPointer
  ) throws(AuditFailure) {
    guard fields.subjectKind.isString(AuditRotation.kind) else { return }
    guard let rotation = AuditRotation(bytes), rotation.first == sequence + 2 else {
      throw failure("it is a rotation of the key without the new key's first event")
    }
    rotations += 1
    if case .secrets(let ring) = trust, let next = ring[rotation.key] {
      guard rotation.verifies(under: next) else {
        throw failure("it rotates to the key \(rotation.key), whose holder did not write it")
      }
    }
    begin(rotation.key, at: rotation.first)
  }
}

// MARK: The end

extension AuditWalk {
  /// Checks that the chain ends where the registry says that it ends, under a key that is known.
  package func checkEnd(_ recorded: ChainHead) throws(AuditFailure) {
    guard recorded.sequence == sequence, RawDigest(recorded.hash) == hash || sequence == 0 else {
      throw AuditFailure(
        sequence: min(recorded.sequence, sequence) + 1,
        reason: "the log ends at event \(sequence), its recorded end is event"
          + " \(recorded.sequence): events were cut off or added")
    }
    if let recorded = recorded.key, let key, recorded != key {
      throw failure("the log goes on under the key \(key), its recorded end names \(recorded)")
    }
    if case .secrets(let ring) = trust, let key, !isKeyKnown {
      let given = ring.keys.map(\.identifier).joined(separator: ", ")
      throw AuditFailure(
        sequence: keyStart,
        reason: "the log goes on from here under the key \(key), and the secret that was given"
          + " makes the key \(given)")
    }
  }
}

extension EventValue {
  /// Whether this is the hexadecimal text of a digest; compared without making either.
  fileprivate func isHexadecimal(_ digest: RawDigest) -> Bool {
    guard text.count == 66 else { return false }
    func digit(_ value: UInt8) -> UInt8 {
      value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
    return digest.withBytes { bytes in
      for index in 0..<32
      where text[2 * index + 1] != digit(bytes[index] >> 4)
        || text[2 * index + 2] != digit(bytes[index] & 15)
      {
        return false
      }
      return true
    }
  }
}
