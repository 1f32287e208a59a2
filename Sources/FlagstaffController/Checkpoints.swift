// Tells every origin the end of the audit chain, as an object that nobody ever replaces. It is
// level-triggered, as publishing is: an origin that lacks the object of the chain's end gets it,
// whatever the reason. An origin that was told something else under the same number proves that
// there are two logs, and the pass says so.

internal import Documents
internal import FlagstaffCore
internal import Origins
internal import PostgresRegistry
internal import Signing

extension Publisher {
  func hasCheckpoint(of end: ChainHead) -> Bool {
    end.sequence == 0 || origin.exists(OriginPath.checkpoint(end.sequence))
  }

  /// Puts a checkpoint, unless it is there.
  ///
  /// - Throws: `ControllerError` where another one is there: `originAhead` where our key signed it,
  ///   `foreignPointer` where it did not.
  func put(_ object: CheckpointObject) throws {
    let path = OriginPath.checkpoint(object.checkpoint.sequence)
    let bytes = try sealed(object)
    guard let present = try origin.add(bytes, at: path), present != bytes else { return }
    let operation = "telling the origin \(origin.path) the end of the audit log"
    guard let known = KnownCheckpoint(present, name: path, keys: [publicKey]) else {
      throw ControllerError(
        .foreignPointer, operation: operation,
        reason: "\(path) was not signed by our key, and what stands there is never replaced."
          + " Restore the file from a backup, or publish to another origin")
    }
    throw ControllerError(
      .originAhead, operation: operation,
      reason: "it was told that event \(known.checkpoint.sequence) has the hash"
        + " \(known.checkpoint.hash), and the log's has \(object.checkpoint.hash): the database was"
        + " restored or is another one, so there are two logs. Restore the one that published"
        + " there, or publish to another origin; `flagstaff audit verify --checkpoint"
        + " \(origin.path)/\(path)` tells which events differ")
  }
}

extension Reconciler {
  /// How long a pass leaves origins without a checkpoint of what it committed: half of the minute
  /// that is promised.
  private static let checkpointSeconds = 30

  /// Brings every origin up to the end of the chain.
  func tellCheckpoint() async throws {
    let keys = keys
    untoldSince = nil
    guard !publishers.isEmpty else { return }
    let last = try await registry.run { connection in
      try connection.transaction(isolation: .repeatableRead, isReadOnly: true) {
        try $0.lastAuditEvent(keys: keys)
      }
    }
    guard let object = last.flatMap({ CheckpointObject(of: $0) }) else { return }
    for publisher in publishers { try publisher.put(object) }
  }

  /// The same where an origin lacks the object of this end.
  func tellCheckpoint(where end: ChainHead) async throws {
    guard publishers.contains(where: { !$0.hasCheckpoint(of: end) }) else { return }
    try await tellCheckpoint()
  }

  /// The same in the middle of a pass, where it has been going on for long.
  func tellCheckpointInTime() async throws {
    guard let untoldSince, untoldSince.duration(to: .now) > .seconds(Self.checkpointSeconds) else {
      return
    }
    try await tellCheckpoint()
  }

  /// Records what origins have at the end of a pass.
  func recordPublications(_ report: PassReport) async throws {
    let scopes = report.scopes.filter { scope in
      if case .failed = scope.outcome { false } else { true }
    }
    let known = scopes.compactMap { self.heads[$0.scope] }
    // Step by step, a scope had several.
    let heads = known + made.filter { self.heads[$0.scope] != $0 }
    let (origins, fixed) = (publishers.map(\.origin.path), fixedInstant)
    try await registry.run { connection in
      try connection.transaction {
        try $0.recordPublications(of: heads, at: origins, fixed: fixed)
      }
    }
    failpoints.hit("publication.recorded")
  }
}
