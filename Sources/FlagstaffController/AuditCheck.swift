// Verifies the audit log of a registry, and against what was told to the outside. A tail that was
// cut off, or a log that a holder of the secret wrote anew, is whole in itself; only checkpoints
// outside of the database show it. All of them must lie on one chain, the log's.

package import Documents
package import FlagstaffCore
package import PostgresRegistry
package import Signing

/// How a log is verified.
package struct AuditCheck: Sendable {
  /// Whose word counts.
  package var trust: AuditWalk.Trust
  /// What was told to the outside.
  package var checkpoints: [KnownCheckpoint]
  /// The first event that is verified, from 1.
  package var from = 1
  /// How old the newest checkpoint may be; nil for any age.
  package var ageSecondsMax: Int?

  package init(trusting trust: AuditWalk.Trust, _ checkpoints: [KnownCheckpoint]) {
    self.trust = trust
    self.checkpoints = checkpoints
  }

  package struct Outcome: Sendable {
    /// The first and the last event that verified; none where the first is greater.
    package let first: Int
    package let last: Int
    /// Of the last.
    package let hash: Digest
    package let workspace: String?
    /// How many checkpoints lie on the chain.
    package let checkpoints: Int
    /// How many stand before the first event that was verified, and so were not compared.
    package let checkpointsBefore: Int
    /// When the newest checkpoint was made.
    package let newest: Instant?
    /// Events of keys whose secret was not given: what follows them vouches for them.
    package let eventsByChainAlone: Int
    package let rotations: Int
    /// Whether the first event's own word was taken for what precedes it.
    package let isStartUnverified: Bool
    package let failure: AuditFailure?
    /// Whether the failure is nothing but that what is there is older than allowed.
    package let isStale: Bool
  }

  /// Walks the chain and stops at the first event that cannot be trusted.
  ///
  /// - Parameter now: the time of the machine, for the age of checkpoints.
  package func run(
    _ connection: PostgresConnection, now: Instant,
    progress: ProgressReporter = ProgressReporter()
  ) throws -> Outcome {
    let sorted = checkpoints.sorted { $0.checkpoint.sequence < $1.checkpoint.sequence }
    let start = start(sorted)
    var walk = AuditWalk(trusting: trust, from: start)
    var failure: AuditFailure?
    try connection.transaction(isolation: .repeatableRead, isReadOnly: true) { transaction in
      do {
        let end = try transaction.chainHead()
        try checkOneLog(sorted)
        try verify(transaction, &walk, sorted[...], end, progress)
        try walk.checkEnd(end)
        try checkReached(sorted, by: walk)
      } catch let error as AuditFailure {
        failure = error
      }
    }
    let stale = failure == nil ? staleness(sorted, now: now, last: walk.sequence) : nil
    var isStartUnverified = false
    if case .unverified = start { isStartUnverified = true }
    let before = sorted.count { $0.checkpoint.sequence < from - 1 }
    return Outcome(
      first: from, last: walk.sequence, hash: walk.head.hash, workspace: walk.workspace,
      checkpoints: sorted.count - before, checkpointsBefore: before,
      newest: sorted.map(\.checkpoint.time).max(), eventsByChainAlone: walk.eventsByChainAlone,
      rotations: walk.rotations, isStartUnverified: isStartUnverified,
      failure: failure ?? stale, isStale: stale != nil)
  }

  private func start(_ sorted: [KnownCheckpoint]) -> AuditWalk.Start {
    guard from > 1 else { return .beginning }
    guard let known = sorted.first(where: { $0.checkpoint.sequence == from - 1 }) else {
      return .unverified(at: from)
    }
    return .after(sequence: from - 1, hash: known.checkpoint.hash)
  }

  private func verify(
    _ transaction: borrowing PostgresTransaction, _ walk: inout AuditWalk,
    _ checkpoints: ArraySlice<KnownCheckpoint>, _ end: ChainHead, _ progress: ProgressReporter
  ) throws {
    var waiting = checkpoints.drop { $0.checkpoint.sequence < from }
    try transaction.forEachStoredEvent(after: from - 1) { event in
      try walk.check(event)
      while let next = waiting.first, next.checkpoint.sequence == event.sequence {
        guard RawDigest(next.checkpoint.hash) == walk.hash else {
          throw AuditFailure(
            sequence: event.sequence,
            reason: "\(next.source) was told another event: the log was written anew, or there are"
              + " two")
        }
        try compare(next, with: event)
        waiting = waiting.dropFirst()
      }
      if event.sequence % 1_000 == 0 {
        progress.report("verifying events", done: event.sequence, of: end.sequence)
      }
    }
  }
}

// MARK: Checkpoints

extension AuditCheck {
  /// What a pointer publishes has to be what the event tells that is its version's last.
  private func compare(_ known: KnownCheckpoint, with event: StoredEvent) throws {
    guard let content = known.content else { return }
    let body = try JSONReader.read(Array(event.bytes), depthMax: Limits.storedDepthMax)
    guard content.isTold(by: body) else {
      throw AuditFailure(
        sequence: event.sequence,
        reason: "\(known.source) publishes something else than it tells")
    }
  }

  /// Two checkpoints that contradict each other cannot both be of one log.
  private func checkOneLog(_ sorted: [KnownCheckpoint]) throws(AuditFailure) {
    for (former, next) in zip(sorted, sorted.dropFirst())
    where former.checkpoint.sequence == next.checkpoint.sequence
      && former.checkpoint.hash != next.checkpoint.hash
    {
      throw AuditFailure(
        sequence: next.checkpoint.sequence,
        reason: "\(former.source) and \(next.source) were told different events: there are two logs"
      )
    }
  }

  private func checkReached(
    _ sorted: [KnownCheckpoint], by walk: AuditWalk
  ) throws(AuditFailure) {
    if let last = sorted.last, last.checkpoint.sequence > walk.sequence {
      throw AuditFailure(
        sequence: walk.sequence + 1,
        reason: "it is missing: \(last.source) was told event \(last.checkpoint.sequence), and the"
          + " log ends at event \(walk.sequence): its tail was cut off")
    }
    guard let workspace = walk.workspace else { return }
    for known in sorted where !known.workspace.hasSameBytes(as: workspace) {
      throw AuditFailure(
        sequence: known.checkpoint.sequence,
        reason:
          "\(known.source) is a checkpoint of the workspace \(known.workspace), and the log is"
          + " of \(workspace)")
    }
  }

  /// Without a new checkpoint nobody can tell whether the log has gone on elsewhere.
  ///
  /// - Returns: nil where one is new enough, or any age is.
  private func staleness(
    _ sorted: [KnownCheckpoint], now: Instant, last: Int
  ) -> AuditFailure? {
    guard let ageSecondsMax else { return nil }
    guard let newest = sorted.map(\.checkpoint.time).max(), let end = sorted.last else {
      return AuditFailure(
        sequence: last,
        reason: "no checkpoint says how old the log's end is: name one with --checkpoint, or an"
          + " origin")
    }
    guard newest.adding(seconds: ageSecondsMax) < now else { return nil }
    let reason = "the newest checkpoint is of \(newest), longer ago than --max-age allows"
    guard end.checkpoint.sequence < last else {
      return AuditFailure(
        sequence: last,
        reason: "\(reason), and the log has nothing newer. Either nothing was changed since: then"
          + " allow more. Or what was changed is kept from here: the controller writes elsewhere,"
          + " or database and origins were set back together; a checkpoint that was kept apart from"
          + " both would show it")
    }
    return AuditFailure(
      sequence: last,
      reason: "\(reason), and the log goes on behind it to event \(last). Either the controller"
        + " tells origins nothing more: see `flagstaff status`. Or what it told them is kept from"
        + " here: name the origins that it publishes to")
  }
}
