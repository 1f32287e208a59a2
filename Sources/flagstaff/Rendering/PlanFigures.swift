// A pass in figures: how much changes where, how many users move at most, and what stands in the
// way. Every format that begins with a summary takes it from here, so that all say the same.

internal import Documents
internal import FlagstaffController
internal import FlagstaffCore

struct PlanFigures {
  /// Scopes with a plan that changes something, in their order.
  private(set) var plans: [(scope: ScopeID, plan: Plan)] = []
  private(set) var held: [(scope: PassReport.Scope, findings: [Finding])] = []
  private(set) var failed: [(scope: ScopeID, reason: String)] = []
  private(set) var waits: [(scope: ScopeID, wait: Plan.Wait)] = []
  /// What lacks approvals, for formats that do not tell it change by change.
  private(set) var approvals: [(scope: ScopeID, wait: Plan.Wait)] = []
  /// What the schedule does by itself in scopes that are held, or wait.
  private(set) var meanwhile: [(scope: ScopeID, plan: Plan)] = []
  private(set) var unchanged: [ScopeID] = []
  /// On the changes of each scope that was judged, in their order.
  private(set) var verdicts: [ScopeID: [ChangeVerdict]] = [:]
  let errors: Int
  let warnings: Int

  init(_ report: PassReport) {
    let findings = report.allFindings
    errors = findings.count { $0.severity == .error }
    warnings = findings.count - errors
    for scope in report.scopes {
      verdicts[scope.scope] = scope.verdict?.changes
      if let plan = scope.meanwhile { meanwhile.append((scope.scope, plan)) }
      switch scope.outcome {
      case .unchanged: unchanged.append(scope.scope)
      case .held(let findings): held.append((scope, findings))
      case .failed(let reason): failed.append((scope.scope, reason))
      case .planned(let plan), .applied(let plan, _), .waiting(let plan):
        waits += scope.waits.map { (scope.scope, $0) }
        approvals += scope.approvals(at: report.commit).map { (scope.scope, $0) }
        if plan.isEmpty {
          unchanged.append(scope.scope)
        } else {
          plans.append((scope.scope, plan))
        }
      }
    }
  }

  var changeCount: Int { plans.reduce(0) { $0 + $1.plan.changes.count } }

  /// The greatest share of users, of any flag in any scope, once the plans are applied.
  var assignments: UserShare { radii.map(\.assignments).max() ?? .none }
  var values: UserShare { radii.map(\.values).max() ?? .none }
  /// The same over every instant that schedules and rollouts still order.
  var greatest: UserShare { radii.map(\.greatest).max() ?? .none }
  var isExact: Bool { radii.allSatisfy(\.isExact) }

  private var radii: [BlastRadius] { plans.flatMap { $0.plan.changes.map(\.blastRadius) } }
}

extension PassReport.Scope {
  /// What its plan waits for beside approvals: also where these are not known.
  var waits: [Plan.Wait] {
    guard let plan = outcome.plan else { return [] }
    guard let verdict else { return plan.waitingFor }
    return verdict.waits + verdict.decision.wait
  }
}

extension PassReport.Scope {
  /// The approvals that its plan lacks, as one wait at most.
  ///
  /// - Parameter head: what people approve.
  func approvals(at head: String) -> [Plan.Wait] {
    [outcome.plan.flatMap { verdict?.missingApprovals(of: $0, at: head) }].compactMap(\.self)
  }
}

extension TrustVerdict {
  /// The same of trust, where it may be that nobody can approve any more.
  var allWaits: [Plan.Wait] {
    waits + decision.wait
      + (remedy.map {
        [Plan.Wait(for: Doubt(reason: "nobody can approve it", remedy: $0))]
      } ?? [])
  }
}

extension Verdict.Decision {
  fileprivate var wait: [Plan.Wait] {
    guard case .unknown(let doubt) = self else { return [] }
    return [Plan.Wait(for: doubt)]
  }
}

/// The figures in plain sentences, for formats without emphasis.
struct PlanSummary {
  let figures: PlanFigures

  init(_ figures: PlanFigures) {
    self.figures = figures
  }

  var sentences: [String] {
    var lines = [changes]
    if !figures.held.isEmpty {
      let names = figures.held.map { "\($0.scope.scope) at version \($0.scope.version)" }
      lines.append("Held: \(names.listed(atMost: Self.namesMax)).")
      let others = figures.plans.map(\.scope.description)
      if !others.isEmpty { lines.append("Going on: \(others.listed(atMost: Self.namesMax)).") }
    }
    return lines
  }

  private var changes: String {
    guard figures.changeCount > 0 else { return "No changes." }
    func share(_ share: UserShare) -> String {
      (figures.isExact || share.isNone ? "" : "at most ") + share.percent
    }
    return "\(Plural.text(figures.changeCount, "change")) in"
      + " \(Plural.text(figures.plans.count, "scope")); in one flag"
      + " \(share(figures.assignments)) of users change assignment and"
      + " \(share(figures.values)) get another value, \(share(figures.greatest)) at any time"
      + " that is scheduled."
  }

  private static let namesMax = 20

}
