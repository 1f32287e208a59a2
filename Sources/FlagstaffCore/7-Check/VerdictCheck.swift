// The second opinion on a verdict. It does not search for who could meet a policy: it takes the
// people that the verdict names in each place and checks them one by one against the evidence and
// against trust, reads policies and statements by code of its own, and adds the tree up again. So a
// gate that judges by too little does not open.

internal import Documents
internal import SSHSignatures

package struct VerdictCheck {
  private let admitted: AdmittedPlan
  private let plan: Plan
  private let judgement: Judgement

  /// - Parameter judgement: what the plan should have been judged by; what it was judged by, unless
  ///   given.
  package init(_ admitted: AdmittedPlan, by judgement: Judgement? = nil) {
    self.admitted = admitted
    self.judgement = judgement ?? admitted.judgement
    plan = admitted.plan
  }

  /// - Throws: `PlanDisagreement` with the first thing that differs.
  package func run() throws(PlanDisagreement) {
    if !plan.waitingFor.isEmpty { throw disagreement(nil, "that nothing is waited for", "waits") }
    guard let trust = judgement.trust else {
      guard admitted.mode == .ungated else {
        throw disagreement(nil, "the mode \(admitted.mode.rawValue)", "no trust to judge by")
      }
      return
    }
    if case .waits(let reason, _) = judgement.forward {
      throw disagreement(nil, "that history goes forward", reason)
    }
    try checkFreezes(judgement.freezes)
    guard admitted.mode != .warn else { return }
    // Where trust has no policies nobody is asked, and nothing about people has to be known.
    let isKnown = judgement.doubt == nil || trust.judging.policies.isEmpty
    guard isKnown, admitted.verdicts.count == plan.changes.count else {
      throw disagreement(nil, "a verdict on each change", "\(admitted.verdicts.count)")
    }
    for (change, verdict) in zip(plan.changes, admitted.verdicts) {
      try check(change, verdict, trust)
    }
  }

  private func checkFreezes(_ freezes: [FreezeWindow]) throws(PlanDisagreement) {
    for freeze in freezes where freeze.from <= plan.instant && plan.instant < freeze.until {
      guard freeze.environments.map({ $0.contains(plan.scope.environment) }) ?? true else {
        continue
      }
      for change in plan.changes where change.direction == .raise {
        let isEnd =
          change.classes == [.experimentCompleted]
          && change.before?.definition.digest == change.after?.definition.digest
        if !isEnd, change.classes != [.killed] {
          throw disagreement(change.identity, "no freeze", "one until \(freeze.until)")
        }
      }
    }
  }

  private func check(
    _ change: Change, _ verdict: ChangeVerdict, _ trust: JudgingTrust
  ) throws(PlanDisagreement) {
    let identity = change.identity
    guard verdict.kind == identity.kind.rawValue, verdict.key == identity.key,
      verdict.judging == trust.judgingVersion, verdict.newest == trust.newestVersion
    else { throw disagreement(identity, "a verdict on it", "one on \(verdict.key)") }
    let policies = trust.judging.policies
    let before = change.before?.definition.digest
    let isSameForm = before != nil && before == change.after?.definition.digest
    if policies.isEmpty || (isSameForm && !change.classes.contains(.released)) { return }
    let signers = Signers(change, plan, judgement, trust)
    if signers.hasBrokenGlass { return }
    var matched = 0
    for policy in policies where matches(policy, change, judgement.exposure) {
      matched += 1
      guard let claim = verdict.policies.first(where: { $0.policy == policy.key }) else {
        throw disagreement(identity, "nothing about the policy \(policy.key)", "that it matches")
      }
      if claim.isExempt {
        try checkExemption(policy, change, signers)
      } else if !signers.meets(policy.requirement, by: claim.requirement) {
        throw disagreement(identity, "that \(policy.key) is met", "that it is not")
      }
    }
    if matched == 0 { throw disagreement(identity, "that it is approved", "no policy about it") }
  }

  private func checkExemption(
    _ policy: Policy, _ change: Change, _ signers: Signers
  ) throws(PlanDisagreement) {
    let fields: Set<String> =
      change.identity.kind == .flag
      ? ["enabled", "default", "rules"] : ["status", "traffic", "schedule"]
    let forms = [change.before, change.after].map { $0?.definition.form.mapping?.entries ?? [] }
    let differing = Set(forms.joined().map(\.key)).filter { field in
      let values = forms.map { $0.first { $0.key == field }?.value }
      return values[0] != values[1]
    }
    guard policy.isSaferExempt, !signers.isSomeoneUnknown, change.before != nil,
      change.after != nil, [.flag, .experiment].contains(change.identity.kind),
      differing.isSubset(of: fields), !change.exposures.contains(where: \.isProtective)
    else {
      throw disagreement(change.identity, "that it is exempt from \(policy.key)", "that it is not")
    }
  }

  private func matches(_ policy: Policy, _ change: Change, _ history: ExposureHistory) -> Bool {
    let match = policy.match
    if let names = match.environments, !names.contains(plan.scope.environment) { return false }
    if let names = match.customers, !names.contains(plan.scope.customer) { return false }
    if let kinds = match.kinds, !kinds.contains(change.identity.kind) { return false }
    if let keys = match.keys, !keys.contains(change.identity.key) { return false }
    if let classes = match.classes, classes.isDisjoint(with: change.classes) { return false }
    if !match.labels.isEmpty {
      var sides = change.exposures.flatMap(\.labels)
      for side in [change.before, change.after].compactMap(\.self) {
        var labels: [String: String] = [:]
        for entry in side.definition.form["labels"]?.mapping?.entries ?? [] {
          labels[entry.key] = entry.value.string
        }
        sides.append(labels)
      }
      let isLabelled = sides.contains { side in
        match.labels.keys.allSatisfy { key in
          side[key].map { match.labels[key]?.contains($0) == true } == true
        }
      }
      if !isLabelled { return false }
    }
    guard let least = match.blastRadiusMin else { return true }
    return change.exposures.contains {
      $0.buckets + history.buckets(of: $0.flag, for: policy.key, at: plan.instant) >= least
    }
  }

  private func disagreement(
    _ identity: Identity?, _ planned: String, _ found: String
  ) -> PlanDisagreement {
    PlanDisagreement(
      check: .approval, scope: plan.scope, commit: plan.commit, identity: identity,
      planned: planned, found: found)
  }
}

extension PlanDisagreement.Check {
  /// Who approved what, against the policies in force.
  package static let approval = Self(rawValue: "approval")
}

/// Who signed a change, read from the evidence a second time.
private struct Signers {
  private(set) var people: Set<String> = []
  private(set) var hasBrokenGlass = false
  let isSomeoneUnknown: Bool
  private let trust: JudgingTrust

  init(_ change: Change, _ plan: Plan, _ judgement: Judgement, _ trust: JudgingTrust) {
    self.trust = trust
    let contributors = judgement.contributors[change.identity]
    // Whoever is missing is somebody unknown.
    isSomeoneUnknown = contributors?.unknownCommits.isEmpty != true
    for evidence in judgement.evidence.all {
      guard evidence.covers.contains(where: { Self.isAbout($0, change, plan.scope) }),
        Self.isInForce(evidence, change, at: plan.instant),
        let signer = owner(of: evidence.key, at: plan.instant)
      else { continue }
      switch evidence.kind {
      case .statement, .merge: people.insert(signer.key)
      case .trailer: if isBot(signer.key) { people.formUnion(evidence.people) }
      case .breakGlass:
        let isOpen = judgement.openBreakGlasses[change.identity]?.contains(signer.key) == true
        let isAdmin = [trust.judging, trust.newest].allSatisfy { trust in
          trust.people(having: "ADMIN").contains { $0.key == signer.key }
        }
        if isAdmin, !isOpen { hasBrokenGlass = true }
      case .withdrawal, .acceptHistory: continue
      }
    }
    people.subtract(contributors?.known ?? [])
  }

  private static func isAbout(_ subject: Subject, _ change: Change, _ scope: ScopeID) -> Bool {
    subject.place == .scope(scope) && subject.kind == change.identity.kind.rawValue
      && subject.key == change.identity.key
      && subject.before == change.before?.definition.digest
      && subject.after == change.after?.definition.digest
      && (subject.generation ?? change.generation) == change.generation
  }

  private static func isInForce(_ evidence: Evidence, _ change: Change, at instant: Instant) -> Bool
  {
    guard let bounds = evidence.bounds else { return true }
    return instant < bounds.expires
      && bounds.issued <= instant.adding(seconds: Limits.clockSkewSecondsMax)
      && change.classes.allSatisfy { bounds.classes.contains($0.rawValue) }
      && change.exposures.allSatisfy { $0.buckets <= bounds.blastRadius }
  }

  private func owner(of key: SSHPublicKey, at instant: Instant) -> Person? {
    let owners = [trust.judging, trust.newest].map { trust in
      trust.people.values.first { person in
        person.keys.contains { $0.key == key && $0.isValid(at: instant) }
      }
    }
    guard let first = owners[0], first.key == owners[1]?.key else { return nil }
    return first
  }

  /// Whether the people that a verdict names meet a requirement: each signed, belongs where he is
  /// counted, and is counted once.
  func meets(_ requirement: Requirement, by claim: RequirementVerdict) -> Bool {
    let named = claim.counts.flatMap(\.found)
    guard Set(named).count == named.count, people.isSuperset(of: named) else { return false }
    return adds(up: requirement, claim)
  }

  private func adds(up requirement: Requirement, _ claim: RequirementVerdict) -> Bool {
    switch (requirement, claim) {
    case (.people(let count, let voters), .people(let claim)):
      guard claim.found.allSatisfy({ belongs($0, to: voters) }) else { return false }
      return claim.found.count >= count + (isSomeoneUnknown ? 1 : 0)
    case (.allOf(let parts), .allOf(let claims)) where parts.count == claims.count:
      return zip(parts, claims).allSatisfy { adds(up: $0, $1) }
    case (.anyOf(let parts), .anyOf(let claims)) where parts.count == claims.count:
      return zip(parts, claims).contains { adds(up: $0, $1) }
    default: return false
    }
  }

  private func belongs(_ person: String, to voters: Voters) -> Bool {
    if isBot(person), voters != .role("BOT") { return false }
    return [trust.judging, trust.newest].allSatisfy { trust in
      switch voters {
      case .team(let team): trust.teams[team]?.members.contains(person) == true
      case .role(let role): trust.people(having: role).contains { $0.key == person }
      }
    }
  }

  /// Whether somebody is a BOT, by a role that extends it too, in either trust.
  private func isBot(_ person: String) -> Bool {
    [trust.judging, trust.newest].contains { trust in
      trust.people(having: "BOT").contains { $0.key == person }
    }
  }
}
