// Audit events that something is decided by, or told from. An event counts only with its code,
// because whoever owns the database could otherwise forget, or invent, what was applied and who
// approved it. After a rotation events of the former secret count by the chain instead, since
// nobody has to keep that secret: they must lead, hash by hash, to the rotation, whose proof under
// the present secret covers all before it. So a former secret that leaks changes no event either.
// An event that is missing says nothing, so where it would have counted the log has to be whole.

internal import Documents
internal import FlagstaffCore
internal import PostgresRegistry
internal import Signing

enum VerifiedEvents {
  /// The events that a filter lets through, in their order.
  ///
  /// - Throws: `RegistryError`, with the code `corrupt` where an event is not what was written, and
  ///   `secretWrong` where the log goes on under a secret that is not given.
  static func read(
    _ filter: AuditFilter, _ registry: RegistryWorker, _ keys: AuditKeyring
  ) async throws -> [Node] {
    try await registry.run { connection in
      try connection.transaction(isolation: .repeatableRead, isReadOnly: true) { transaction in
        let key = try keys.key(for: try transaction.chainHead())
        var events: [Node] = []
        var former: [Int: Digest] = [:]
        var sequence = 0
        while true {
          let page = try transaction.auditEvents(filter, after: sequence)
          guard let last = page.last else { break }
          for event in page {
            let (body, digest) = try Self.body(of: event)
            events.append(body)
            if body["key"]?.string != key.identifier {
              former[event.sequence] = digest
            } else if !Signing.constantTimeEqual(key.mac(of: digest), event.mac) {
              throw corrupt(event.sequence, "its code is not by the secret that is given")
            }
          }
          sequence = last.sequence
        }
        try prove(former, up: key, transaction)
        return events
      }
    }
  }

  /// How long the events of one pass, which bear the time of its beginning, may come behind those
  /// of a later one: no pass takes so long.
  private static let overlapSeconds = 60 * 60

  /// Shows that no event is missing up to the log's end.
  ///
  /// - Parameter instant: from when on; nil for the whole log, which takes a second for some
  ///   hundred megabytes of events.
  /// - Throws: `RegistryError`, with the code `corrupt` where one is missing, or is not what was
  ///   written.
  static func requireWhole(
    since instant: Instant?, _ registry: RegistryWorker, _ keys: AuditKeyring
  ) async throws {
    try await registry.run { connection in
      try connection.transaction(isolation: .repeatableRead, isReadOnly: true) { transaction in
        let end = try transaction.chainHead()
        // Its last event before is taken at its word, and what follows must follow it.
        let start = try instant.flatMap {
          try transaction.lastAuditEvent(before: $0.adding(seconds: -overlapSeconds))
        }
        var walk = AuditWalk(
          trusting: .secrets(keys), from: start.map { .unverified(at: $0) } ?? .beginning)
        do {
          try transaction.forEachStoredEvent(after: (start ?? 1) - 1) { try walk.check($0) }
          try walk.checkEnd(end)
        } catch let failure as AuditFailure {
          throw corrupt(failure.sequence, failure.reason)
        }
      }
    }
  }

  /// Shows that the log tells of a scope's version, and of what it publishes. Its row bears no
  /// code, so whoever owns the database could else write one, and have it signed and published.
  ///
  /// - Throws: `RegistryError`, with the code `corrupt` where it does not.
  static func require(
    _ head: ScopeHead, _ registry: RegistryWorker, _ keys: AuditKeyring
  ) async throws {
    var filter = AuditFilter(
      environments: [head.scope.environment], customers: [head.scope.customer])
    filter.since = head.instant
    filter.until = head.instant.adding(seconds: 1)
    let last = try await read(filter, registry, keys).last { event in
      event["version"]?.integer == head.version
        && event["commit"]?.string?.hasSameBytes(as: head.commit) == true
    }
    guard let last, let pointer = Pointer(payload: head.payload),
      PublishedContent(pointer).isTold(by: last)
    else {
      throw RegistryError(
        .corrupt, operation: "reading version \(head.version) of \(head.scope)",
        reason:
          "the audit log does not tell of it: its row was edited. Restore the registry, and see who"
          + " could change it")
    }
  }

  /// Shows that events of former secrets are those of the chain that the present one vouches for.
  ///
  /// - Parameter events: their hashes by their numbers.
  private static func prove(
    _ events: [Int: Digest], up key: AuditKey, _ transaction: borrowing PostgresTransaction
  ) throws {
    guard let first = events.keys.min() else { return }
    // Only the present secret: a code of a former one, or a rotation to it, proves nothing here.
    var walk = AuditWalk(
      trusting: .secrets(AuditKeyring(key)), from: .unverified(at: first))
    var open = events
    while walk.key != key.identifier {
      let page = try transaction.auditEvents(after: walk.sequence)
      if page.isEmpty { throw corrupt(first, "no rotation to the present secret follows it") }
      for event in page where walk.key != key.identifier {
        do throws(AuditFailure) {
          try walk.check(event)
        } catch {
          throw corrupt(error.sequence, error.reason)
        }
        if let digest = open.removeValue(forKey: event.sequence),
          RawDigest(digest) != walk.hash
        {
          throw corrupt(event.sequence, "it is not what was written")
        }
      }
    }
    if let left = open.keys.min() {
      throw corrupt(left, "it was written under a former secret, behind the rotation")
    }
  }

  private static func body(of event: AuditEvent) throws -> (Node, Digest) {
    guard let node = try? JSONReader.read(event.bytes, depthMax: Limits.storedDepthMax) else {
      throw corrupt(event.sequence, "it is not what was written")
    }
    return (node, Signing.sha256(event.bytes))
  }

  private static func corrupt(_ sequence: Int, _ reason: String) -> RegistryError {
    RegistryError(
      .corrupt, operation: "reading what was applied",
      reason: "event \(sequence): \(reason). See `flagstaff audit verify`, and restore the log")
  }
}
