// The approvals that an event names, one by one: whether the evidence covers its change, who signed
// it by both trusts at the event's instant, and that nobody counts twice or for what he wrote. Then
// whether they are enough, with the policies of the trust that judged.

internal import Documents
internal import SSHSignatures
internal import Signing

struct RecordedApprovals {
  let event: RecordedChange
  let verdict: RecordedVerdict
  let judging: Trust
  let newest: Trust

  init(
    _ event: RecordedChange, _ verdict: RecordedVerdict, _ judging: Trust, _ newest: Trust
  ) {
    (self.event, self.verdict, self.judging, self.newest) = (event, verdict, judging, newest)
  }
}

// MARK: - Who signed

extension RecordedApprovals {
  /// Whose approvals count for policies.
  ///
  /// - Parameter evidence: what the event names, each verified.
  /// - Throws: `AuditFailure` with the first approval that is none.
  func people(by evidence: [Digest: Evidence]) throws(AuditFailure) -> Set<String> {
    guard event.approvals == verdict.approvals else {
      throw event.failure("it names other approvals than its verdict")
    }
    var people: Set<String> = []
    for approval in event.approvals {
      guard let piece = evidence[approval.evidence], piece.kind == approval.kind else {
        throw event.failure("it names evidence of another kind")
      }
      if let reason = reasonAgainst(piece) ?? reasonAgainst(approval, piece) {
        throw event.failure("\(piece.name), by which \(approval.person) approved it, \(reason)")
      }
      if approval.kind == .breakGlass { continue }
      guard people.insert(approval.person).inserted else {
        throw event.failure("\(approval.person) is counted twice")
      }
      if verdict.contributors.contains(approval.person), approval.person != soleAdmin {
        throw event.failure("\(approval.person) is counted, and contributed to it")
      }
    }
    if let history = verdict.history { try check(history, evidence) }
    return people
  }

  /// Why a piece of evidence does not cover the change; follows its name.
  private func reasonAgainst(_ piece: Evidence) -> String? {
    let (before, after) = (
      event.before.map(RecordedChange.digest), event.after.map(RecordedChange.digest)
    )
    let isCovering = piece.covers.contains {
      $0.place == event.place && $0.kind.hasSameBytes(as: event.kind)
        && $0.key.hasSameBytes(as: event.key) && $0.before == before && $0.after == after
        && ($0.generation == nil ? piece.statement == nil : $0.generation == event.generation)
    }
    guard isCovering else { return "does not cover it" }
    guard let statement = piece.statement else { return nil }
    guard statement.workspace.hasSameBytes(as: event.workspace) else {
      return "is of another workspace"
    }
    guard let approval = statement.approval, let expires = statement.expires else {
      return "approves nothing"
    }
    guard statement.issued <= event.instant.adding(seconds: Limits.clockSkewSecondsMax),
      event.instant < expires
    else { return "did not count at \(event.instant)" }
    guard Set(event.classes).isSubset(of: approval.classes),
      event.exposure.allSatisfy({ $0.buckets <= approval.blastRadius })
    else { return "allows less than it does" }
    return nil
  }

  /// Why a piece is not that person's; follows its name.
  private func reasonAgainst(_ approval: Approval, _ piece: Evidence) -> String? {
    guard let signer = signer(with: piece.key) else {
      return "is signed by a key that nobody had at \(event.instant) in the trust that it names"
    }
    switch piece.kind {
    case .statement, .merge: return signer == approval.person ? nil : "is signed by \(signer)"
    case .breakGlass:
      guard signer == approval.person else { return "is signed by \(signer)" }
      return isAdmin(signer) ? nil : "is by no ADMIN"
    case .trailer:
      guard belongs(signer, to: .role("BOT")) else { return "is signed by no BOT" }
      let isKnown = judging.people[approval.person] != nil && newest.people[approval.person] != nil
      guard isKnown, piece.people.contains(approval.person) else { return "does not name him" }
      return isNamed(approval.person, in: piece) ? nil : "names him nowhere in what is signed"
    case .withdrawal, .acceptHistory: return "approves no change"
    }
  }

  /// Whether the signed commit itself says `Approved-by:` of a person.
  private func isNamed(_ person: String, in piece: Evidence) -> Bool {
    guard let message = Evidence.claim(in: piece.document)?.message else { return false }
    // By bytes: a line may end in two characters, which a String takes for one.
    let lines = message.split(separator: UInt8(ascii: "\n")).map {
      String(decoding: $0, as: UTF8.self)
    }
    let address = newest.people[person]?.email.map { "<\($0.lowercased())>" }
    return lines.contains { line in
      let parts = line.split(separator: ":", maxSplits: 1).map {
        $0.filter { !" \t\r".contains($0) }
      }
      guard parts.count == 2, parts[0].lowercased() == "approved-by" else { return false }
      return parts[1] == person || address.map { parts[1].lowercased().hasSuffix($0) } == true
    }
  }

  private func check(
    _ history: Approval, _ evidence: [Digest: Evidence]
  ) throws(AuditFailure) {
    guard let piece = evidence[history.evidence], piece.kind == .acceptHistory,
      case .acceptHistory? = piece.statement?.content,
      piece.statement?.workspace.hasSameBytes(as: event.workspace) == true,
      let statement = piece.statement, let expires = statement.expires, event.instant < expires,
      statement.issued <= event.instant.adding(seconds: Limits.clockSkewSecondsMax)
    else { throw event.failure("the history that it names was not accepted by a statement") }
    // Trust may have changed in the same pass, after history was looked at: one of both is enough.
    let isAdmin = [judging, newest].contains { trust in
      Self.owner(of: piece.key, in: trust, at: event.instant) == history.person
        && trust.people(having: "ADMIN").contains { $0.key == history.person }
    }
    guard isAdmin else {
      throw event.failure("its history was accepted by \(history.person), who was no ADMIN")
    }
  }

  /// Whose key it is in both trusts, at the event's instant.
  private func signer(with key: SSHPublicKey) -> String? {
    let owner = Self.owner(of: key, in: judging, at: event.instant)
    return owner == Self.owner(of: key, in: newest, at: event.instant) ? owner : nil
  }

  private static func owner(of key: SSHPublicKey, in trust: Trust, at instant: Instant) -> String? {
    trust.people.values.first { person in
      person.keys.contains { $0.key == key && $0.isValid(at: instant) }
    }?.key
  }

  private func isAdmin(_ person: String) -> Bool { belongs(person, to: .role("ADMIN")) }

  /// Whether a person counts among voters, by both trusts. A BOT counts as a BOT alone.
  func belongs(_ person: String, to voters: Voters) -> Bool {
    [judging, newest].allSatisfy { trust in
      guard let own = trust.people[person] else { return false }
      if own.role == "BOT"
        || trust.roles.lineage(of: own.role).contains(where: { $0.name == "BOT" })
      {
        return voters == .role("BOT")
      }
      return switch voters {
      case .team(let team): trust.teams[team]?.members.contains(person) == true
      case .role(let role): trust.people(having: role).contains { $0.key == person }
      }
    }
  }
}

// MARK: - Whether that is enough

extension RecordedApprovals {
  private var isUnknown: Bool { verdict.isSomeoneUnknown }

  /// The only one who could approve a change of trust; nil where there are others, or of a scope.
  private var soleAdmin: String? {
    guard event.place == .trust else { return nil }
    let able = newest.people(having: "ADMIN").filter { person in
      person.keys.contains { $0.isValid(at: event.instant) }
    }
    return able.count == 1 ? able.first?.key : nil
  }

  /// Trust asks for an ADMIN; for two where somebody unknown wrote it and there are two.
  func checkTrust(approvedBy people: Set<String>) throws(AuditFailure) {
    let sole = soleAdmin
    let needed = isUnknown && sole == nil ? 2 : 1
    guard verdict.decision == "approved", people.filter(isAdmin).count >= needed else {
      throw event.failure("it changes trust, and \(needed) of the ADMINs did not approve it")
    }
    let isAlone = sole.map { isUnknown || verdict.contributors.contains($0) } ?? false
    guard verdict.isSoleAdmin == isAlone else {
      throw event.failure("it says otherwise than the record whether its only ADMIN was alone")
    }
  }

  /// - Returns: how many policies were met by their exemption alone.
  func checkPolicies(
    approvedBy people: Set<String>, _ exposures: RecentExposures
  ) throws(AuditFailure) -> Int {
    let recount = RequirementRecount(people) { belongs($0, to: $1) }
    var judged: [String: RecordedVerdict.Policy] = [:]
    for policy in verdict.policies { judged[policy.key] = policy }
    guard !judged.isEmpty else { throw event.failure("no policy is about it") }
    var exempt = 0
    for policy in judging.policies {
      let claim = judged.removeValue(forKey: policy.key)
      let match = RecordedMatch(policy, event, exposures)
      guard let claim else {
        guard match != .certain else {
          throw event.failure("the policy \(policy.key) is about it and was not judged")
        }
        continue
      }
      guard match != .impossible else {
        throw event.failure("the policy \(policy.key) is not about it and was judged")
      }
      // An exemption that was not needed is none.
      let isMet = recount.meets(policy.requirement.raised(by: isUnknown ? 1 : 0))
      if !isMet, claim.isExempt, mayBeExempt(from: policy) {
        exempt += 1
      } else if !isMet || !claim.isMet {
        throw event.failure("its approvals do not meet the policy \(policy.key)")
      }
    }
    if let unknown = judged.keys.min() {
      throw event.failure("it was judged by the policy \(unknown), which its trust has not")
    }
    return exempt
  }

  /// As far as the forms tell: who moves where is in no event.
  private func mayBeExempt(from policy: Policy) -> Bool {
    let fields: [String: Set<String>] = [
      "flag": ["enabled", "default", "rules"], "experiment": ["status", "traffic", "schedule"],
    ]
    guard policy.isSaferExempt, !isUnknown, let fields = fields[event.kind],
      let before = event.before, let after = event.after
    else { return false }
    let forms = [before, after]
    let names = Set(forms.flatMap { ($0.mapping?.entries ?? []).map(\.key) })
    return names.subtracting(fields).allSatisfy { before[$0] == after[$0] }
      && !forms.contains { $0["protective"]?.boolean == true }
  }
}

/// Whether a policy is about a change, as far as its event tells: labels of the flags that an
/// experiment reaches, and what other changes of the version moved there, stand elsewhere.
enum RecordedMatch {
  case certain, possible, impossible

  init(_ policy: Policy, _ event: RecordedChange, _ exposures: RecentExposures) {
    let match = policy.match
    guard case .scope(let scope) = event.place,
      match.environments?.contains(scope.environment) != false,
      match.customers?.contains(scope.customer) != false,
      match.kinds.map({ $0.contains { $0.rawValue == event.kind } }) != false,
      match.keys?.contains(event.key) != false,
      match.classes.map({ $0.contains { event.classes.contains($0.rawValue) } }) != false
    else {
      self = .impossible
      return
    }
    self = .certain
    let isLabelled = [event.before, event.after].contains { form in
      match.labels.allSatisfy { label, values in
        form?["labels"]?[label]?.string.map(values.contains) == true
      }
    }
    if !isLabelled { self = .possible }
    guard let least = match.blastRadiusMin else { return }
    let sums = exposures.sums(of: event, for: policy.key)
    if sums.most < least { self = .impossible } else if sums.named < least { self = .possible }
  }
}
