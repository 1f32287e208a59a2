// Whether a plan may be applied. Approval policies do not exist yet, so a plan is applied ungated
// and every output, event and pointer says so. A plan that waits for something is not admitted;
// the only way to apply a plan is an `AdmittedPlan`, which this file alone can make.

/// How strictly approvals were enforced, as events and pointers say it.
package enum ApprovalMode: String, Hashable, Sendable {
  case ungated

  /// Why nothing is gated.
  package static let ungatedReason = "no trust has been initialised, so no approval is required"
}

package enum Verdict: Sendable {
  case admitted(AdmittedPlan)
  /// What the plan itself says that it waits for.
  case waiting([Plan.Wait])
}

/// A plan that may be applied, with why.
package struct AdmittedPlan: Sendable {
  package let plan: Plan
  package let mode: ApprovalMode
  package let reason: String

  /// Admits a plan, or says what it waits for.
  package static func judge(_ plan: Plan) -> Verdict {
    guard plan.waitingFor.isEmpty else { return .waiting(plan.waitingFor) }
    return .admitted(AdmittedPlan(plan))
  }

  private init(_ plan: Plan) {
    self.plan = plan
    mode = .ungated
    reason = ApprovalMode.ungatedReason
  }
}
