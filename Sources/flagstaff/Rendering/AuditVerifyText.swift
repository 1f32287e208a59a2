// What came of verifying the audit log, as a person reads it and as JSON. It tells what was found,
// how far it reaches, and what was not looked at.

internal import Documents
internal import FlagstaffController
internal import FlagstaffCore

enum AuditVerifyText {
  static func lines(_ outcome: AuditCheck.Outcome, _ isPublic: Bool, _ terminal: Terminal)
    -> [String]
  {
    if let failure = outcome.failure, outcome.isStale {
      let verdict = terminal.colour("The audit log verifies, but is not new enough", .red)
      return ["\(verdict): \(failure.reason)."]
    }
    if let failure = outcome.failure {
      return [
        "\(terminal.colour("The audit log does not verify", .red)): \(failure)",
        "Nothing from event \(failure.sequence) on can be trusted. Keep the database, the origins"
          + " and every checkpoint as they are, find out who could change them, and restore the log"
          + " from a backup that verifies.",
      ]
    }
    let count = max(0, outcome.last - outcome.first + 1)
    var lines = [
      "\(terminal.colour("The audit log verifies", .green)): \(Plural.text(count, "event")),"
        + " none edited, removed, inserted or swapped;"
        + " \(Plural.text(outcome.checkpoints, "checkpoint")) of origins agree"
    ]
    if outcome.checkpoints == 0 {
      lines.append("Without a checkpoint at an origin a cut-off tail cannot be seen.")
    } else if let newest = outcome.newest {
      lines.append("The newest checkpoint is of \(newest).")
    }
    if outcome.first > 1 {
      lines.append(
        "Events before \(outcome.first) were not looked at"
          + (outcome.isStartUnverified
            ? ", and no checkpoint of event \(outcome.first - 1) shows that it follows them."
            : "; a checkpoint shows that it follows them."))
    }
    if outcome.checkpointsBefore > 0 {
      lines.append(
        "\(Plural.text(outcome.checkpointsBefore, "checkpoint")) of earlier events were not"
          + " compared.")
    }
    if outcome.eventsByChainAlone > 0 {
      lines.append(
        "\(Plural.text(outcome.eventsByChainAlone, "event")) of former secrets verify by the chain"
          + " that the present secret covers; with the former secrets"
          + " (AUDIT_HMAC_SECRET_FORMER_FILES) their own codes are checked too.")
    }
    if isPublic {
      lines.append("No secret was used, so who wrote the events was not checked.")
    }
    return lines
  }

  /// - Parameter approvals: what came of verifying them; nil where that was not asked for.
  static func node(
    _ outcome: AuditCheck.Outcome, _ isPublic: Bool, _ approvals: Node?
  ) -> Node {
    .fields([
      "formatVersion": .integer(1), "verified": .boolean(outcome.failure == nil),
      "events": .integer(max(0, outcome.last - outcome.first + 1)),
      "from": .integer(outcome.first), "last": .integer(outcome.last),
      "checkpoints": .integer(outcome.checkpoints),
      "checkpointsNotCompared": .integer(outcome.checkpointsBefore),
      "newestCheckpoint": outcome.newest.map { .string($0.description) },
      "eventsByChainAlone": .integer(outcome.eventsByChainAlone),
      "rotations": .integer(outcome.rotations), "public": .boolean(isPublic),
      "startVerified": .boolean(!outcome.isStartUnverified), "approvals": approvals,
      "failure": outcome.failure.map { failure in
        .fields(["sequence": .integer(failure.sequence), "reason": .string(failure.reason)])
      },
    ])
  }
}
