// What came of verifying approvals, as a person reads it and as JSON. It tells what people
// approved, and what nobody had to approve, by its reason, so that neither is taken for the other.

internal import Documents
internal import FlagstaffController
internal import FlagstaffCore

enum ApprovalAuditText {
  static func lines(_ outcome: ApprovalAuditing.Outcome, _ terminal: Terminal) -> [String] {
    let tally = outcome.tally
    if let failure = outcome.failure {
      return [
        "\(terminal.colour("The approvals do not verify", .red)): \(failure)",
        "The events before it were allowed by what they name. Keep the database and every"
          + " checkpoint as they are, and compare the table approvals with a backup; what was"
          + " applied there is not shown to be approved.",
      ]
    }
    var lines = [
      "\(terminal.colour("The approvals verify", .green)):"
        + " \(Plural.text(tally.approved, "change")) and \(tally.trustChanges) of trust,"
        + " by \(tally.people.count == 1 ? "1 person" : "\(tally.people.count) people");"
        + " \(Plural.text(outcome.evidence, "piece")) of evidence"
    ]
    let free = counts(of: tally).filter { $0.count > 0 }.map { "\($0.count) \($0.words)" }
    if !free.isEmpty {
      lines.append("Not approved by people's signatures: \(free.joined(separator: ", ")).")
    }
    let marked = marks(of: tally).filter { $0.count > 0 }.map { "\($0.count) \($0.words)" }
    if !marked.isEmpty { lines.append("Marked: \(marked.joined(separator: ", ")).") }
    return lines
  }

  private typealias Count = (name: String, count: Int, words: String)

  private static func counts(of tally: ApprovalAudit.Tally) -> [Count] {
    [
      ("ungated", tally.ungated, "before trust began"),
      ("warned", tally.warned, "under --approvals warn"),
      ("byClock", tally.byClock, "by the clock alone"),
      ("kills", tally.kills, "kills, which ask nobody"),
      ("exempt", tally.exempt, "exempt as safer"),
      ("withoutPolicies", tally.withoutPolicies, "while trust had no policies"),
    ]
  }

  private static func marks(of tally: ApprovalAudit.Tally) -> [Count] {
    [
      ("brokenGlasses", tally.brokenGlasses, "by breaking the glass"),
      ("soleAdmin", tally.bySoleAdmin, "of trust by its only ADMIN alone"),
      ("acceptedHistories", tally.acceptedHistories, "on a history that an ADMIN accepted"),
      ("beginnings", tally.beginnings, "beginning of trust"),
      ("resets", tally.resets, "reset of trust by the database's owner"),
    ]
  }

  /// `{verified,changes,trustChanges,people,evidence,…,failure?}`, with a count for each reason.
  static func node(_ outcome: ApprovalAuditing.Outcome) -> Node {
    let tally = outcome.tally
    let counted = (counts(of: tally) + marks(of: tally)).map { ($0.name, Node.integer($0.count)) }
    let failure = outcome.failure.map { failure in
      (
        "failure",
        Node.fields([
          "sequence": .integer(failure.sequence), "reason": .string(failure.reason),
        ])
      )
    }
    return .mapping(
      [
        ("verified", .boolean(outcome.failure == nil)), ("changes", .integer(tally.approved)),
        ("trustChanges", .integer(tally.trustChanges)),
        ("people", .strings(tally.people.sorted { $0.precedesInBytes($1) })),
        ("evidence", .integer(outcome.evidence)),
      ] + counted + [failure].compactMap(\.self))
  }
}
