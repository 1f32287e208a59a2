// Whether a plan may be applied, and why. Approval policies do not exist yet, so a plan is judged
// ungated and every output, event and pointer says so. A plan that waits for something is not
// admitted; the only way to apply a plan is an `AdmittedPlan`, which this file alone can make.

package struct Verdict: Sendable {
  package enum Decision: Hashable, Sendable {
    /// Nothing had to be approved, for this reason.
    case ungated(reason: String)
  }

  package let decision: Decision
  /// What the plan itself says that it waits for; nobody's approval ends that.
  package let waits: [Plan.Wait]
  /// Nil where the plan may not be applied.
  package let admitted: AdmittedPlan?

  fileprivate init(_ decision: Decision, waits: [Plan.Wait], admitted: AdmittedPlan?) {
    self.decision = decision
    self.waits = waits
    self.admitted = admitted
  }
}

/// A plan that may be applied.
package struct AdmittedPlan: Sendable {
  package let plan: Plan
  package let mode: ApprovalMode

  /// Judges a plan.
  package static func judge(_ plan: Plan, by judgement: Judgement) -> Verdict {
    Verdict(
      .ungated(reason: ApprovalMode.ungatedReason), waits: plan.waitingFor,
      admitted: plan.waitingFor.isEmpty ? AdmittedPlan(plan, judgement.mode) : nil)
  }

  private init(_ plan: Plan, _ mode: ApprovalMode) {
    self.plan = plan
    self.mode = mode
  }
}
