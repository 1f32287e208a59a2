// `flagstaff approvals`: the verdict on one definition and nothing else, wherever it changes: what
// is asked for, who gave it, what was set aside and why, who could give the rest. It is a plan, and
// writes nothing.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore

struct Approvals: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell who approved a change, and who is asked.",
    usage: "flagstaff approvals [<options>] <key>",
    discussion: """
      Plans as `flagstaff plan` does, with the same options, and shows for the definitions of this \
      key, or the person, team or policy, what each policy asks for, whose signatures count, which \
      were set aside and why, and who could give what is missing. Exits with 4 where something is.

      Examples:
        flagstaff approvals checkout
        flagstaff approvals checkout --head HEAD --merge origin/main --base origin/main \
      --against origin:/srv/flags
      """)

  @Argument(help: "The key of a definition, or of a person, team or policy.")
  var key: String

  @OptionGroup var planning: PlanningOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let terminal = output.terminal
    let (report, subject) = try await planning.report(terminal)
    if subject.isSilentOnTrust {
      throw UsageError("Of \(Visible.text(key)) \(PlanSubject.trustUnknown).")
    }
    let found = Found(report, key: key)
    switch output.format {
    case .json: terminal.result(CanonicalJSON.string(found.node))
    case .text: for line in found.lines { terminal.result(line) }
    }
    if report.hasFailures { throw Ending.failure }
    if found.isMissing { throw Ending.waiting }
  }
}

/// What a report says of one key.
private struct Found {
  private let key: String
  private let report: PassReport
  private let trust: [(change: TrustChange, verdict: ChangeVerdict?)]
  private let scopes: [(scope: PassReport.Scope, change: Change, verdict: ChangeVerdict?)]

  init(_ report: PassReport, key: String) {
    self.key = key
    self.report = report
    var trust: [(TrustChange, ChangeVerdict?)] = []
    if case .planned(let plan, let verdict) = report.trust?.outcome {
      trust = plan.changes.enumerated().map { ($1, verdict.changes.dropFirst($0).first) }
    }
    self.trust = trust.filter { $0.0.identity.key.hasSameBytes(as: key) }
    scopes = report.scopes.flatMap { scope in
      (scope.outcome.plan?.changes ?? []).enumerated()
        .filter { $1.identity.key.hasSameBytes(as: key) }
        .map { (scope, $1, scope.verdict?.changes.dropFirst($0).first) }
    }
  }

  private var verdicts: [ChangeVerdict] {
    (trust.map(\.verdict) + scopes.map(\.verdict)).compactMap(\.self)
  }

  var isMissing: Bool {
    verdicts.contains { !$0.decision.isApproved } || scopes.contains { !$0.scope.waits.isEmpty }
  }

  var node: Node {
    .fields([
      "formatVersion": .integer(1), "key": .string(key), "commit": .string(report.commit),
      "instant": .string(report.instant.description), "mode": .string(report.mode.rawValue),
      "trust": .sequence(
        trust.map { change, verdict in
          .fields([
            "kind": .string(change.identity.kind.rawValue),
            "classes": .strings(change.classes.map(\.rawValue)),
            "generation": .integer(change.generation), "verdict": verdict?.node,
          ])
        }),
      "changes": .sequence(
        scopes.map { scope, change, verdict in
          .fields([
            "environment": .string(scope.scope.environment),
            "customer": .string(scope.scope.customer),
            "kind": .string(change.identity.kind.rawValue),
            "classes": .strings(change.classes.map(\.rawValue)),
            "generation": .integer(change.generation), "verdict": verdict?.node,
            "waitingFor": .strings(scope.waits.map(\.reason)),
          ])
        }),
    ])
  }

  var lines: [String] {
    if trust.isEmpty, scopes.isEmpty {
      let name = Visible.text(key)
      return [
        "\(name) does not change with \(report.commit.prefix(12)). Who approved what was applied is"
          + " told by `flagstaff history \(name)`."
      ]
    }
    if report.mode == .ungated { return ["Nobody is asked: \(ApprovalMode.ungatedReason)."] }
    let ofTrust = trust.flatMap { change, verdict in
      TrustChangeText.lines(change) + (verdict.map { VerdictText.lines($0, indent: 4) } ?? [])
    }
    let ofScopes = scopes.flatMap { scope, change, verdict in
      let classes = change.classes.map(\.rawValue).joined(separator: ", ")
      return [
        "\(scope.scope)  \(change.identity)  \(classes)  generation \(change.generation)"
      ] + (verdict.map { VerdictText.lines($0, indent: 2) } ?? [])
        + scope.waits.map { "  ! waits: \(Visible.text($0.reason))" }
    }
    return (ofTrust.isEmpty ? [] : ["trust"]) + ofTrust + ofScopes
  }
}
