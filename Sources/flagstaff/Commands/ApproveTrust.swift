// The part of `flagstaff approve` that is about trust: what a head changes of people, teams,
// policies and the workspace, against what is registered, and whether this signer's word counts
// there. Trust has neither environment nor customer, so it has a statement of its own.

internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import SSHSignatures

/// What a head changes of trust.
struct TrustApproval {
  let plan: TrustPlan
  private let registered: RegisteredTrust

  /// - Returns: nil where nothing of trust changes.
  init?(_ report: TrustReport) {
    guard case .planned(let plan, _) = report.outcome else { return nil }
    self.plan = plan
    registered = report.trust
  }

  /// Why a signature by a key would not count; nil where it would, or the key is not known here.
  func reasonAgainst(_ key: SSHPublicKey?) -> String? {
    guard let key else { return nil }
    let trust = JudgingTrust(judging: registered, newest: registered)
    switch trust.signer(with: key, at: plan.instant) {
    case .failure(let reason): return "it \(reason.reason)"
    case .success(let person):
      let isAdmin = trust.has(person.key, among: .role(BuiltInRole.admin.rawValue))
      return isAdmin ? nil : "\(Visible.text(person.key)) is no ADMIN"
    }
  }
}
