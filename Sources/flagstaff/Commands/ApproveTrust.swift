// The part of `flagstaff approve` that is about trust: what a head changes of people, teams,
// policies and the workspace, against what is registered. Trust has neither environment nor
// customer, so it has a statement of its own.

internal import FlagstaffController
internal import FlagstaffCore

/// What a head changes of trust.
struct TrustApproval {
  let plan: TrustPlan
  let verdict: TrustVerdict

  /// - Returns: nil where nothing of trust changes.
  init?(_ report: TrustReport) {
    guard case .planned(let plan, let verdict) = report.outcome else { return nil }
    self.plan = plan
    self.verdict = verdict
  }
}
