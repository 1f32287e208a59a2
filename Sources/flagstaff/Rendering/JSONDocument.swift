// What `--format json` prints: one canonical JSON document a command, with a format version.
// Programs read these, so fields are added and never renamed within a version.

internal import Documents
internal import FlagstaffController
internal import FlagstaffCore

enum JSONDocument {
  static func findings(
    _ findings: [Finding], files: Int, definitions: Int, held: [ScopeID], goingOn: [ScopeID]
  ) -> Node {
    .fields([
      "formatVersion": .integer(1), "files": .integer(files), "definitions": .integer(definitions),
      "held": .sequence(held.map(node)), "goingOn": .sequence(goingOn.map(node)),
      "findings": .sequence(findings.map(node)),
    ])
  }

  static func report(_ report: PassReport, _ population: PopulationCount? = nil) -> Node {
    .fields([
      "formatVersion": .integer(1), "commit": .string(report.commit),
      "instant": .string(report.instant.description),
      "workspace": report.workspace.map(Node.string),
      "mode": .string(report.mode.rawValue),
      "population": population.map { .fields(["contexts": .integer($0.contextCount)]) },
      "trust": report.trust.map { node($0, at: report.commit) },
      "scopes": .sequence(report.scopes.map { node($0, population) }),
      "findings": .sequence(report.allFindings.map(node)),
      "waitingFor": .sequence(report.scopes.flatMap { waits($0, at: report.commit) }),
      "scheduled": scheduled(report),
      "files": .integer(report.files), "parsed": .integer(report.parsed),
      "due": report.due.map { .string($0.description) },
    ])
  }

  /// What happens after the pass; nil where nobody asked.
  private static func scheduled(_ report: PassReport) -> Node? {
    report.scheduled.map { steps in
      .sequence(
        steps.map { step in
          .fields([
            "instant": .string(step.instant.description),
            "scopes": .sequence(step.scopes.map { node($0, nil) }),
            "findings": .sequence(report.at(step).allFindings.map(node)),
            "waitingFor": .sequence(step.scopes.flatMap { waits($0, at: report.commit) }),
          ])
        })
    }
  }

  static func node(_ finding: Finding) -> Node {
    .fields([
      "code": .string(finding.code.rawValue), "title": .string(finding.code.title),
      "severity": .string(finding.severity.rawValue),
      "location": node(finding.location), "message": .string(finding.message),
      "remedy": .string(finding.remedy),
      "notes": .sequence(
        finding.notes.map { note in
          .fields(["message": .string(note.message), "location": note.location.map(node)])
        }),
    ])
  }

  private static func node(_ scope: ScopeID) -> Node {
    .fields(["environment": .string(scope.environment), "customer": .string(scope.customer)])
  }

  private static func node(_ location: Location) -> Node {
    let isKnown = location.position != .none
    return .fields([
      "file": .string(location.file),
      "line": isKnown ? .integer(Int(location.position.line)) : nil,
      "column": isKnown ? .integer(Int(location.position.column)) : nil,
    ])
  }

  /// What came of trust, or would.
  private static func node(_ trust: TrustReport, at head: String) -> Node {
    let (outcome, plan, verdict): (String, TrustPlan?, TrustVerdict?) =
      switch trust.outcome {
      case .unchanged: ("unchanged", nil, nil)
      case .held: ("held", nil, nil)
      case .applied(let plan): ("applied", plan, nil)
      case .planned(let plan, let verdict): ("planned", plan, verdict)
      case .refused(let plan, let verdict): ("waiting", plan, verdict)
      }
    return .fields([
      "version": .integer(trust.trust.version), "outcome": .string(outcome),
      "changes": .sequence(
        (plan?.changes ?? []).enumerated().map { place, change in
          .fields([
            "classes": .strings(change.classes.map(\.rawValue)),
            "kind": .string(change.identity.kind.rawValue), "key": .string(change.identity.key),
            "generation": .integer(change.generation), "before": change.before?.form,
            "after": change.after?.form,
            "verdict": (verdict?.changes.dropFirst(place).first)?.node,
          ])
        }),
      "waitingFor": .sequence(
        (verdict.map { $0.allWaits + [$0.missingApprovals(at: head)].compactMap(\.self) } ?? []).map
        {
          .fields(["reason": .string($0.reason), "remedy": .string($0.remedy)])
        }),
    ])
  }

  private static func node(_ scope: PassReport.Scope, _ population: PopulationCount?) -> Node {
    let outcome: String
    var failure: String?
    switch scope.outcome {
    case .unchanged: outcome = "unchanged"
    case .planned(let plan): outcome = plan.isEmpty ? "unchanged" : "planned"
    case .applied: outcome = "applied"
    case .held: outcome = "held"
    case .waiting: outcome = "waiting"
    case .failed(let reason): (outcome, failure) = ("failed", reason)
    }
    let plan = scope.outcome.plan
    return .fields([
      "environment": .string(scope.scope.environment), "customer": .string(scope.scope.customer),
      "parent": .integer(plan?.parent ?? scope.version), "version": .integer(scope.version),
      "outcome": .string(outcome), "held": .boolean(outcome == "held"),
      "failure": failure.map(Node.string),
      "changes": .sequence(
        (plan?.changes ?? []).enumerated().map { place, change in
          node(change, of: scope.scope, population, scope.verdict?.changes.dropFirst(place).first)
        }),
      "steps": scope.steps.isEmpty
        ? nil : .sequence(scope.steps.map { node($0, of: scope.scope) }),
      "waitingCommits": scope.waitingCommits.isEmpty ? nil : .strings(scope.waitingCommits),
      "meanwhile": scope.meanwhile.map { plan in
        .fields([
          "parent": .integer(plan.parent),
          "changes": .sequence(plan.changes.map { node($0, of: scope.scope, population) }),
        ])
      },
    ])
  }

  /// A commit that became a version of its own.
  private static func node(_ step: PassReport.AppliedStep, of scope: ScopeID) -> Node {
    .fields([
      "commit": .string(step.commit), "version": .integer(step.version),
      "changes": .sequence(
        step.plan.changes.enumerated().map { place, change in
          node(change, of: scope, nil, step.verdict.changes.dropFirst(place).first)
        }),
    ])
  }

  private static func node(
    _ change: Change, of scope: ScopeID, _ population: PopulationCount?,
    _ verdict: ChangeVerdict? = nil
  ) -> Node {
    .fields([
      "classes": .strings(change.classes.map(\.rawValue)),
      "kind": .string(change.identity.kind.rawValue), "key": .string(change.identity.key),
      "generation": .integer(change.generation), "location": change.location.map(node),
      "before": change.before?.definition.form, "after": change.after?.definition.form,
      "behindKills": change.behindKills.map { .number($0.fraction) },
      "blastRadius": change.blastRadius.node, "verdict": verdict?.node,
      "population": population.map { population in
        .sequence(
          change.blastRadius.flags.compactMap { population.flag($0.flag, in: scope).map(node) })
      },
    ])
  }

  private static func node(_ flag: PopulationCount.Flag) -> Node {
    .fields([
      "flag": .string(flag.key), "assignments": .integer(flag.assignments),
      "values": .integer(flag.values),
      "moves": .sequence(
        flag.sortedMoves.map { move, count in
          .fields([
            "from": move.from.map(Node.string), "to": move.to.map(Node.string),
            "contexts": .integer(count),
          ])
        }),
    ])
  }

  private static func waits(_ scope: PassReport.Scope, at head: String) -> [Node] {
    (scope.waits + scope.approvals(at: head)).map { wait in
      .fields([
        "environment": .string(scope.scope.environment), "customer": .string(scope.scope.customer),
        "kind": wait.identity.map { .string($0.kind.rawValue) },
        "key": wait.identity.map { .string($0.key) }, "reason": .string(wait.reason),
        "remedy": .string(wait.remedy), "until": wait.until.map { .string($0.description) },
      ])
    }
  }
}
