// What a pass found and did: data, rendered by the command line and counted by the loop. It holds
// no open resource, so it outlives the pass.

package import Documents
package import FlagstaffCore

/// The outcome of one pass.
package struct PassReport: Sendable {
  package enum Outcome: Sendable {
    /// Registered and published already.
    case unchanged
    /// What would be applied; from a dry run.
    case planned(Plan)
    /// Applied as this version.
    case applied(Plan, version: Int)
    /// Held at its last applied commit by findings, of the files or of the plan.
    case held([Finding])
    /// Not applied until what the plan waits for has happened.
    case waiting(Plan)
    /// Not applied because of a failure of this scope alone.
    case failed(String)

    /// What the scope would do or did; nil where there is nothing to do, or nothing that could be
    /// said.
    package var plan: Plan? {
      switch self {
      case .planned(let plan), .applied(let plan, _), .waiting(let plan): plan
      case .unchanged, .held, .failed: nil
      }
    }
  }

  package struct Scope: Sendable {
    package let scope: ScopeID
    /// The version after the pass; 0 where nothing was ever applied.
    package let version: Int
    package let outcome: Outcome
    /// Whether an origin lacked what the registry had, and was brought up.
    package let wasRepaired: Bool
    /// When something scheduled happens next in the scope; nil where nothing is.
    package let due: Instant?
    /// What the schedule orders of the registered definitions, applied or planned, where the
    /// definitions of the commit are held or wait; nil where that is nothing.
    package var meanwhile: Plan?
    /// What was decided about the plan, and why; nil where there was none to judge.
    package var verdict: Verdict?
    /// What was applied of commits before the pass's, each as a version of its own, oldest first:
    /// where the whole was not approved at once.
    package var steps: [AppliedStep] = []
    /// The commits that wait because they are not approved, oldest first; none where the pass did
    /// not look at them one by one.
    package var waitingCommits: [String] = []
    /// What a planned scope is registered as; nil for every other outcome.
    package var before: ScopeState?
  }

  /// A commit that became a version of its own.
  package struct AppliedStep: Sendable {
    package let commit: String
    package let plan: Plan
    package let version: Int
    package let verdict: Verdict
  }

  /// What the schedule alone brings at an instant after the pass's.
  package struct Step: Sendable {
    package let instant: Instant
    /// Those in which something changes then, in the order of scopes.
    package let scopes: [Scope]
  }

  package let commit: String
  package let instant: Instant
  package let workspace: String?
  /// Findings of the definitions themselves.
  package let findings: [Finding]
  /// Findings of the definitions and of plans, each once, in the order of places.
  package let allFindings: [Finding]
  /// In the order of scopes.
  package let scopes: [Scope]
  /// Definitions files, and how many of them had to be parsed.
  package let files: Int
  package let parsed: Int
  /// What happens after the pass, in the order of time; nil where nobody asked.
  package var scheduled: [Step]?
  /// How strictly approvals were enforced.
  package var mode = ApprovalMode.ungated
  /// What came of trust, or would; nil where it never began.
  package var trust: TrustReport?
  /// What whoever reads a plan should know beside it: a sentence each.
  package var notes: [String] = []

  init(
    commit: String, instant: Instant, workspace: String?, findings: [Finding], scopes: [Scope],
    files: Int, parsed: Int
  ) {
    self.commit = commit
    self.instant = instant
    self.workspace = workspace
    self.findings = findings
    self.scopes = scopes
    self.files = files
    self.parsed = parsed
    let ofPlans = scopes.flatMap { scope -> [Finding] in
      if case .held(let findings) = scope.outcome { return findings }
      return scope.outcome.plan?.warnings ?? []
    }
    allFindings = Set(findings + ofPlans).sorted()
  }

  /// When something scheduled happens next; nil where nothing is.
  package var due: Instant? { scopes.compactMap(\.due).min() }

  /// The same outcome, found again at a later instant.
  func again(at instant: Instant) -> PassReport {
    var report = PassReport(
      commit: commit, instant: instant, workspace: workspace, findings: findings, scopes: scopes,
      files: files, parsed: 0)
    report.mode = mode
    report.trust = trust
    return report
  }

  /// One step of the schedule as a pass of its own, in which the definitions have no findings.
  package func at(_ step: Step) -> PassReport {
    PassReport(
      commit: commit, instant: step.instant, workspace: workspace, findings: [],
      scopes: step.scopes, files: files, parsed: 0)
  }

  /// The scopes that findings hold, in order.
  package var heldScopes: [ScopeID] {
    scopes.filter { if case .held = $0.outcome { true } else { false } }.map(\.scope)
  }

  package var hasErrors: Bool { allFindings.contains { $0.severity == .error } }

  package var hasChanges: Bool {
    scopes.contains { scope in
      switch scope.outcome {
      case .planned(let plan): !plan.isEmpty
      case .applied, .waiting: true
      case .held: scope.meanwhile != nil
      case .unchanged, .failed: false
      }
    }
  }

  /// Whether something is not applied because it is not approved.
  package var isRefused: Bool {
    if trust?.isRefused == true { return true }
    return scopes.contains { scope in
      scope.verdict.map { $0.admitted == nil && $0.decision != .approved } ?? false
    }
  }

  package var isWaiting: Bool {
    if trust?.isRefused == true { return true }
    return scopes.contains { scope in
      switch scope.outcome {
      case .waiting: true
      case .planned(let plan):
        !plan.waitingFor.isEmpty || scope.verdict.map { $0.admitted == nil } ?? false
      default: false
      }
    }
  }

  package var hasFailures: Bool {
    scopes.contains { if case .failed = $0.outcome { true } else { false } }
  }
}
