// Shows trust: who may sign with which key, in which window, and by which commit it is in force.
// What it shows is what is registered, never what a commit only claims.

internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import SSHSignatures

struct TrustOutput {
  private let output: OutputOptions

  init(_ output: OutputOptions) {
    self.output = output
  }

  /// - Parameters:
  ///   - trust: nil where trust never began.
  ///   - approvals: who approved it; nil where that is not told.
  func show(
    _ trust: RegisteredTrust?, by approvals: TrustApprovals? = nil, heading: String,
    warnings: [Finding]
  ) {
    switch output.format {
    case .json:
      output.terminal.result(CanonicalJSON.string(document(trust, approvals, warnings)))
    case .text:
      for line in lines(trust, approvals, heading) { output.terminal.result(line) }
      for warning in warnings {
        output.terminal.note(
          "\(warning.code.rawValue): \(warning.message). \(warning.remedy).")
      }
    }
  }

  private func lines(
    _ trust: RegisteredTrust?, _ approvals: TrustApprovals?, _ heading: String
  ) -> [String] {
    guard let trust else {
      return [
        "Trust never began: \(ApprovalMode.ungatedReason).",
        "Begin it with `flagstaff trust init --key FILE`.",
      ]
    }
    var lines = [
      "\(heading): version \(trust.version), of commit \(trust.commit.prefix(12)), since"
        + " \(trust.instant) (\(trust.beginning.rawValue))."
    ]
    if let approvals {
      let people = approvals.people.map(Visible.text).joined(separator: ", ")
      let mark = approvals.isSoleAdmin ? ", the only ADMIN, who contributed to it" : ""
      lines.append("  approved by \(people)\(mark)")
    }
    for person in trust.trust.people.values.sorted(by: { $0.key.precedesInBytes($1.key) }) {
      lines.append("  \(person.key), \(person.role)")
      for key in person.keys {
        let from = key.from.map { " from \($0)" } ?? ""
        let until = key.until.map { " until \($0)" } ?? ""
        lines.append("    \(key.key.fingerprint)\(from)\(until)")
      }
    }
    let teams = trust.trust.teams.values.sorted { $0.key.precedesInBytes($1.key) }
    for team in teams {
      lines.append("  team \(team.key): \(team.members.joined(separator: ", "))")
    }
    let policies = trust.trust.policies.map(\.key)
    lines.append(
      policies.isEmpty
        ? "  no policies: changes of scopes ask nobody"
        : "  policies: \(policies.joined(separator: ", "))")
    return lines
  }

  private func document(
    _ trust: RegisteredTrust?, _ approvals: TrustApprovals?, _ warnings: [Finding]
  ) -> Node {
    .fields([
      "formatVersion": .integer(1), "version": .integer(trust?.version ?? 0),
      "commit": trust.map { .string($0.commit) },
      "instant": trust.map { .string($0.instant.description) },
      "beginning": trust.map { .string($0.beginning.rawValue) },
      "mode": .string((trust?.mode ?? .ungated).rawValue),
      "approvedBy": approvals.map { .strings($0.people) },
      "soleAdmin": approvals?.isSoleAdmin == true ? .boolean(true) : nil,
      "definitions": .sequence(trust?.trust.definitions.map(\.form) ?? []),
      "warnings": .sequence(
        warnings.map {
          .fields([
            "code": .string($0.code.rawValue), "message": .string($0.message),
            "remedy": .string($0.remedy),
          ])
        }),
    ])
  }
}
