// Judges the changes of one plan, one after another. What is asked for is what the policies of the
// trust before the change ask; what is found is what people signed who may vote now.

internal import Documents

struct ScopeJudge {
  let plan: Plan
  let judgement: Judgement
  let trust: JudgingTrust
  private let ableToSign: [String]

  init(_ plan: Plan, by judgement: Judgement, _ trust: JudgingTrust) {
    self.plan = plan
    self.judgement = judgement
    self.trust = trust
    ableToSign = trust.ableToSign(at: plan.instant)
  }

  func verdict(on change: Change) -> ChangeVerdict {
    let judged = JudgedChange(change, in: plan.scope)
    if let reason = Self.freedom(of: change, judged, trust) {
      return ChangeVerdict(
        judged, .free(reason: reason), by: trust, contributors: .nobody,
        acceptedHistory: judgement.forward.approval)
    }
    guard judgement.doubt == nil, let contributors = judgement.contributors[change.identity] else {
      let reason = judgement.doubt?.reason ?? "who contributed to it is not known"
      return ChangeVerdict(judged, .unknown(reason: reason), by: trust, contributors: .nobody)
    }
    let openBreakGlasses = judgement.openBreakGlasses[change.identity] ?? []
    let approvers = Approvers(
      of: judged, among: judgement.evidence, by: trust, at: plan.instant,
      contributors: contributors, openBreakGlasses: openBreakGlasses)
    let policies = policies(on: change, approvers, contributors)
    let decision: ChangeVerdict.Decision
    // A bot's merge tells who approved; it is no approval itself unless a policy asks for one.
    var approvals = approvers.approvals.filter { approval in
      !trust.isBot(approval.person)
        || policies.contains {
          $0.requirement.counts.contains { $0.found.contains(approval.person) }
        }
    }
    if !policies.isEmpty, policies.allSatisfy(\.isMet) {
      decision = .approved
    } else if let (breakGlass, reason) = approvers.breakGlass {
      decision = .free(reason: "\(breakGlass.person) broke the glass: \(reason)")
      approvals.append(breakGlass)
    } else {
      decision = policies.isEmpty ? .unmatched : .missing
    }
    return ChangeVerdict(
      judged, decision, by: trust, contributors: contributors, approvals: approvals,
      policies: policies, acceptedHistory: judgement.forward.approval,
      openBreakGlasses: openBreakGlasses,
      setAside: approvers.setAside + judgement.setAside)
  }

  /// Why nobody has to be asked about a change.
  private static func freedom(
    of change: Change, _ judged: JudgedChange, _ trust: JudgingTrust
  ) -> String? {
    if change.isKill { return "a kill asks nobody" }
    if trust.judging.policies.isEmpty { return "trust has no policies" }
    return judged.isByClock ? "its form was applied before, and only the clock moves it" : nil
  }

  private func policies(
    on change: Change, _ approvers: Approvers, _ contributors: Contributors
  ) -> [PolicyVerdict] {
    let isUnknown = !contributors.unknownCommits.isEmpty
    let persons = approvers.approvals.map(\.person)
    let judge = RequirementJudge(
      trust: trust, approvers: persons,
      others: ableToSign.filter { !persons.contains($0) && !contributors.known.contains($0) })
    return trust.judging.policies.compactMap { policy in
      let matching = PolicyMatching(policy.match, of: change, in: plan.scope) {
        judgement.exposure.greatest(of: change, for: policy.key, at: plan.instant)
      }
      guard let matching else { return nil }
      let (tree, isMet) = judge.judge(policy.requirement.raised(by: isUnknown ? 1 : 0))
      // Only what somebody answers for by his signature is exempt, and only where that is needed.
      let isExempt = !isMet && policy.isSaferExempt && change.isOnlySafer && !isUnknown
      return PolicyVerdict(
        policy: policy.key, why: matching.why, exposure: matching.exposure, isExempt: isExempt,
        requirement: tree, isMet: isMet || isExempt)
    }
  }
}
