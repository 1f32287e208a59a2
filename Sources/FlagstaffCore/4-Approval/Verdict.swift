// The fourth stage: whether a plan may be applied, and why. What is judged by is a `Judgement`;
// nothing else is read. The only way to apply a plan is an `AdmittedPlan`, which this file alone
// can make: of a plan that waits for nothing and is approved, ungated, or let through by a mode
// that only warns.

package struct Verdict: Sendable {
  package enum Decision: Hashable, Sendable {
    /// Nothing had to be approved, for this reason.
    case ungated(reason: String)
    case approved
    /// Approvals are missing, or no policy is about a change.
    case refused
    /// What it depends on could not be found out.
    case unknown(Doubt)
  }

  package let decision: Decision
  package let mode: ApprovalMode
  /// One a change of the plan, in their order; none where nothing is gated.
  package let changes: [ChangeVerdict]
  /// What the plan waits for that nobody's approval ends: of the plan itself, freezes, history.
  package let waits: [Plan.Wait]
  /// Nil where the plan may not be applied.
  package let admitted: AdmittedPlan?

  fileprivate init(
    _ decision: Decision, mode: ApprovalMode, changes: [ChangeVerdict], waits: [Plan.Wait],
    admitted: AdmittedPlan?
  ) {
    self.decision = decision
    self.mode = mode
    self.changes = changes
    self.waits = waits
    self.admitted = admitted
  }
}

/// A plan that may be applied.
package struct AdmittedPlan: Sendable {
  package let plan: Plan
  package let mode: ApprovalMode
  /// What it was judged by, for the second opinion.
  package let judgement: Judgement
  /// One a change of the plan, in their order; none where nothing is gated.
  package let verdicts: [ChangeVerdict]
  private let places: [Identity: Int]

  /// The evidence that the verdicts name.
  package var counted: [Evidence] { judgement.evidence.all.counted(by: verdicts) }

  /// The verdict on one of its changes; nil where nothing is gated.
  func verdict(on change: Change) -> ChangeVerdict? {
    places[change.identity].map { verdicts[$0] }
  }

  /// Judges a plan.
  package static func judge(_ plan: Plan, by judgement: Judgement) -> Verdict {
    guard let trust = judgement.trust else {
      return Verdict(
        .ungated(reason: ApprovalMode.ungatedReason), mode: judgement.mode, changes: [],
        waits: plan.waitingFor,
        admitted: plan.waitingFor.isEmpty ? AdmittedPlan(plan, judgement, []) : nil)
    }
    let judge = ScopeJudge(plan, by: judgement, trust)
    let changes = plan.changes.map { judge.verdict(on: $0) }
    let decision = Self.decision(of: changes, judgement)
    let waits =
      plan.waitingFor + FreezeRule.waits(of: plan, in: judgement.freezes)
      + (judgement.forward.wait.map { [$0] } ?? [])
    let mayPass = decision == .approved || judgement.mode == .warn
    return Verdict(
      decision, mode: judgement.mode, changes: changes, waits: waits,
      admitted: mayPass && waits.isEmpty ? AdmittedPlan(plan, judgement, changes) : nil)
  }

  private static func decision(
    of changes: [ChangeVerdict], _ judgement: Judgement
  ) -> Verdict.Decision {
    for change in changes {
      if case .unknown(let reason) = change.decision {
        return .unknown(
          judgement.doubt
            ?? Doubt(reason: reason, remedy: "Let the next pass look at the history again"))
      }
    }
    return changes.allSatisfy(\.decision.isApproved) ? .approved : .refused
  }

  private init(_ plan: Plan, _ judgement: Judgement, _ verdicts: [ChangeVerdict]) {
    self.plan = plan
    self.judgement = judgement
    self.verdicts = verdicts
    places =
      verdicts.isEmpty
      ? [:]
      : Dictionary(
        plan.changes.enumerated().map { ($0.element.identity, $0.offset) },
        uniquingKeysWith: { first, _ in first })
    mode = judgement.mode
  }
}
