// Whether a change of trust may be applied. It needs an ADMIN, by the trust before it, whatever the
// mode is: else nobody could trust what is judged by it. The only ADMIN may approve what he wrote
// himself, because otherwise trust could never change again; that is marked wherever it is told.

internal import Documents

/// What a change of trust is judged by.
package struct TrustJudgement: Sendable {
  package let evidence: EvidenceIndex
  package let setAside: [SetAside]
  /// Of each definition that the plan changes. What is missing here makes the verdict unknown.
  package let contributors: [TrustIdentity: Contributors]
  package let forward: Forward
  package let doubt: Doubt?

  package init(
    evidence: [Evidence] = [], setAside: [SetAside] = [],
    contributors: [TrustIdentity: Contributors] = [:], forward: Forward = .descends,
    doubt: Doubt? = nil
  ) {
    self.evidence = EvidenceIndex(evidence)
    self.setAside = setAside
    self.contributors = contributors
    self.forward = forward
    self.doubt = doubt
  }
}

package struct TrustVerdict: Sendable {
  package let decision: Verdict.Decision
  /// One a change, in their order; none where trust begins or is reset, which nobody approves.
  package let changes: [ChangeVerdict]
  package let waits: [Plan.Wait]
  /// Where nobody can approve any more: what helps.
  package let remedy: String?
  /// Nil where the plan may not be applied.
  package let admitted: AdmittedTrust?

  fileprivate init(
    _ decision: Verdict.Decision, changes: [ChangeVerdict] = [], waits: [Plan.Wait] = [],
    remedy: String? = nil, admitted: AdmittedTrust?
  ) {
    self.decision = decision
    self.changes = changes
    self.waits = waits
    self.remedy = remedy
    self.admitted = admitted
  }
}

/// A plan of trust that may be applied.
package struct AdmittedTrust: Sendable {
  package let plan: TrustPlan
  /// One a change, in their order; none where trust begins or is reset.
  package let verdicts: [ChangeVerdict]
  /// The evidence that the verdicts name.
  package let counted: [Evidence]

  /// Judges a plan. What begins trust, or resets it, is the operator's, who acts on the registry
  /// itself; whether he may is the registry's to say.
  package static func judge(_ plan: TrustPlan, by judgement: TrustJudgement) -> TrustVerdict {
    switch (plan.beginning, plan.former) {
    case (.initialised, nil), (.reset, .some):
      return TrustVerdict(.approved, admitted: AdmittedTrust(plan, [], counted: []))
    case (.initialised, .some), (.reset, nil), (.commit, nil):
      return TrustVerdict(.refused, admitted: nil)
    case (.commit, .some(let former)):
      return judge(plan, after: former, by: judgement)
    }
  }

  private static func judge(
    _ plan: TrustPlan, after former: RegisteredTrust, by judgement: TrustJudgement
  ) -> TrustVerdict {
    let trust = JudgingTrust(judging: former, newest: former)
    let judge = TrustJudge(trust, judgement, at: plan.instant)
    let changes = plan.changes.map { judge.verdict(on: $0) }
    let waits = judgement.forward.wait.map { [$0] } ?? []
    var decision = Verdict.Decision.refused
    if let doubt = judge.doubt(about: changes) {
      decision = .unknown(doubt)
    } else if changes.allSatisfy(\.decision.isApproved) {
      decision = .approved
    }
    let isAdmitted = decision == .approved && waits.isEmpty
    return TrustVerdict(
      decision, changes: changes, waits: waits,
      remedy: judge.admins.isEmpty ? Self.resetRemedy : nil,
      admitted: isAdmitted
        ? AdmittedTrust(plan, changes, counted: judgement.evidence.all.counted(by: changes)) : nil)
  }

  package static let resetRemedy =
    "No ADMIN has a key that counts now, so nobody can approve a change of trust. Let whoever may"
    + " become the database's owner run `flagstaff trust reset`, which is recorded"

  private init(_ plan: TrustPlan, _ verdicts: [ChangeVerdict], counted: [Evidence]) {
    self.plan = plan
    self.verdicts = verdicts
    self.counted = counted
  }
}

private struct TrustJudge {
  let trust: JudgingTrust
  let judgement: TrustJudgement
  let instant: Instant
  /// The ADMINs who can sign now.
  let admins: [String]

  /// What every change of trust asks for.
  static let role = BuiltInRole.admin.rawValue
  static let requirement = Requirement.people(1, of: .role(role))
  /// How verdicts call it, since no policy says it.
  static let name = "trust"

  init(_ trust: JudgingTrust, _ judgement: TrustJudgement, at instant: Instant) {
    self.trust = trust
    self.judgement = judgement
    self.instant = instant
    admins = trust.ableToSign(at: instant).filter {
      trust.has($0, among: .role(Self.role))
    }
  }

  func verdict(on change: TrustChange) -> ChangeVerdict {
    let judged = JudgedChange(change)
    guard judgement.doubt == nil, let all = judgement.contributors[change.identity] else {
      let reason = judgement.doubt?.reason ?? "who contributed to it is not known"
      return ChangeVerdict(judged, .unknown(reason: reason), by: trust, contributors: .nobody)
    }
    let sole = admins.count == 1 ? admins.first : nil
    let counted = sole.map { all.asSeenByOnlyAdmin($0) } ?? all
    let approvers = Approvers(
      of: judged, among: judgement.evidence, by: trust, at: instant, contributors: counted,
      having: Self.role)
    let persons = approvers.approvals.map(\.person)
    let others = admins.filter { !persons.contains($0) && !counted.known.contains($0) }
    let requirement = Self.requirement.raised(by: counted.unknownCommits.isEmpty ? 0 : 1)
    let (tree, isMet) = RequirementJudge(trust: trust, approvers: persons, others: others)
      .judge(requirement)
    let policy = PolicyVerdict(
      policy: Self.name, why: [], exposure: nil, isExempt: false, requirement: tree, isMet: isMet)
    let isByContributor = sole.map { all.known.contains($0) || !all.unknownCommits.isEmpty }
    return ChangeVerdict(
      judged, isMet ? .approved : .missing, by: trust, contributors: all,
      approvals: approvers.approvals, policies: [policy],
      isSoleAdmin: isMet && isByContributor == true,
      acceptedHistory: judgement.forward.approval,
      setAside: judgement.setAside + approvers.setAside)
  }

  func doubt(about changes: [ChangeVerdict]) -> Doubt? {
    for change in changes {
      guard case .unknown(let reason) = change.decision else { continue }
      return judgement.doubt
        ?? Doubt(reason: reason, remedy: "Let the next pass look at the history again")
    }
    return nil
  }
}
