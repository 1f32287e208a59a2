// Verifies the audit log of a registry from end to end, and against what origins were told. A tail
// that was cut off leaves a chain that is whole in itself; only a checkpoint outside of the
// database shows that something is missing.

package import FlagstaffCore
internal import Origins
package import PostgresRegistry

package enum AuditCheck {
  package struct Outcome: Sendable {
    /// How many events verified.
    package let events: Int
    /// How many checkpoints were compared.
    package let checkpoints: Int
    package let failure: AuditFailure?
  }

  /// The checkpoints in the pointers of an origin.
  package static func checkpoints(at publisher: Publisher) throws -> [Checkpoint] {
    try publisher.origin.publishedScopes().compactMap { try publisher.pointer(of: $0)?.checkpoint }
  }

  /// Walks the chain and stops at the first event that cannot be trusted.
  package static func run(
    _ connection: PostgresConnection, key: AuditKey, _ checkpoints: [Checkpoint],
    progress: ProgressReporter = ProgressReporter()
  ) throws -> Outcome {
    var expected: [Int: Set<Checkpoint>] = [:]
    for checkpoint in checkpoints { expected[checkpoint.sequence, default: []].insert(checkpoint) }
    var verification = AuditVerification(key: key)
    var failure: AuditFailure?
    try connection.transaction(isolation: .repeatableRead, isReadOnly: true) { transaction in
      let end = try transaction.chainHead()
      do {
        try transaction.forEachAuditEvent { event in
          try verification.check(event)
          for checkpoint in expected[event.sequence] ?? [] where checkpoint.hash != event.hash {
            throw AuditFailure(
              sequence: event.sequence,
              reason: "an origin was told another event: the log was written anew")
          }
          if event.sequence % 1_000 == 0 {
            progress.report("verifying events", done: event.sequence, of: end.sequence)
          }
        }
        try verification.checkEnd(end)
        try verification.checkReaches(checkpoints)
      } catch let error as AuditFailure {
        failure = error
      }
    }
    return Outcome(
      events: verification.head.sequence, checkpoints: checkpoints.count, failure: failure)
  }
}
