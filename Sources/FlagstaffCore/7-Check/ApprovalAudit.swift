// The verification of approvals from the record alone, for auditors: a third reading, which shares
// neither the gate's quorum nor the second opinion's. It follows trust through the log, takes the
// evidence that each event names, and adds up whether the people who signed it meet each policy of
// the trust that judged. What nobody had to approve is counted, never passed over. Who contributed
// is taken from the event, since only Git can tell it again.

internal import Documents
package import Signing

package struct ApprovalAudit: Sendable {
  /// How events came about.
  package struct Tally: Hashable, Sendable {
    /// Changes of scopes whose policies people met.
    package internal(set) var approved = 0
    /// Those of which a policy was met by its exemption alone.
    package internal(set) var exempt = 0
    package internal(set) var byClock = 0
    /// Stops, which ask nobody.
    package internal(set) var kills = 0
    /// Under a trust that has no policies.
    package internal(set) var withoutPolicies = 0
    package internal(set) var brokenGlasses = 0
    /// In a mode that only warns, so whatever was missing.
    package internal(set) var warned = 0
    /// Before trust began.
    package internal(set) var ungated = 0
    /// Changes of trust that an ADMIN approved.
    package internal(set) var trustChanges = 0
    /// Those of them that the only ADMIN approved though he, or somebody unknown, wrote them.
    package internal(set) var bySoleAdmin = 0
    package internal(set) var beginnings = 0
    package internal(set) var resets = 0
    /// Changes on a branch that did not descend from what was applied, which an ADMIN accepted.
    package internal(set) var acceptedHistories = 0
    /// Whose approvals counted.
    package internal(set) var people: Set<String> = []
  }

  package private(set) var tally = Tally()
  package private(set) var trust = TrustLog()
  private var exposures = RecentExposures()
  /// Who broke the glass for what, and nobody else has approved since.
  private var openBreakGlasses: [OpenBreakGlass: Set<String>] = [:]

  private struct OpenBreakGlass: Hashable {
    let place: Subject.Place
    let kind: String
    let key: String

    init(_ event: RecordedChange) { (place, kind, key) = (event.place, event.kind, event.key) }
  }

  package init() {}

  /// Takes the next event of the log.
  ///
  /// - Returns: whether it has to be judged by its evidence; the others are counted.
  /// - Throws: `AuditFailure` where it cannot have come about as it says.
  package mutating func take(_ event: RecordedChange) throws(AuditFailure) -> Bool {
    if event.place == .trust {
      try trust.take(event)
      if event.isByOperator, event.verdict == nil {
        if event.classes.contains(TrustClass.initialised.rawValue) { tally.beginnings += 1 }
        if event.classes.contains(TrustClass.reset.rawValue) { tally.resets += 1 }
        return false
      }
    } else {
      try trust.close()
      guard (event.mode == .ungated) == (trust.version == 0) else {
        throw event.failure(
          trust.version == 0
            ? "it says that it was gated, and trust had not begun"
            : "it says that nothing was gated, and version \(trust.version) of trust was in force")
      }
      if event.mode == .ungated {
        tally.ungated += 1
        return false
      }
      if event.mode == .warn {
        tally.warned += 1
        remember(event)
        return false
      }
    }
    guard event.verdict != nil else {
      throw event.failure("nobody judged it, and it was applied under \(event.mode.rawValue)")
    }
    return true
  }

  /// Ends the walk.
  package mutating func end() throws(AuditFailure) { try trust.close() }

  /// Judges an event that was taken.
  ///
  /// - Parameters:
  ///   - evidence: what it names, each verified.
  ///   - versions: of trust, those that it names, each compared with the log.
  /// - Throws: `AuditFailure` where the evidence is not enough for the change.
  package mutating func judge(
    _ event: RecordedChange, by evidence: [Digest: Evidence], _ versions: [Int: RegisteredTrust]
  ) throws(AuditFailure) {
    let isTrust = event.place == .trust
    guard let verdict = event.verdict else { throw event.failure("nobody judged it") }
    let inForce = isTrust ? event.version - 1 : trust.version
    guard verdict.newest == inForce, verdict.judging <= inForce,
      verdict.judging >= (isTrust ? inForce : trust.beginning),
      let judging = versions[verdict.judging], let newest = versions[verdict.newest]
    else {
      throw event.failure(
        "it was judged by versions \(verdict.judging) and \(verdict.newest) of trust, where"
          + " version \(inForce) was in force")
    }
    let reading = RecordedApprovals(event, verdict, judging.trust, newest.trust)
    let people = try reading.people(by: evidence)
    if verdict.history != nil { tally.acceptedHistories += 1 }
    if isTrust {
      try reading.checkTrust(approvedBy: people)
      tally.trustChanges += 1
      if verdict.isSoleAdmin { tally.bySoleAdmin += 1 }
    } else {
      try judge(event, verdict, reading, people)
      remember(event)
    }
    tally.people.formUnion(people.union(event.breaking))
  }

  private mutating func judge(
    _ event: RecordedChange, _ verdict: RecordedVerdict, _ reading: RecordedApprovals,
    _ people: Set<String>
  ) throws(AuditFailure) {
    let breaking = event.breaking
    if let again = openBreakGlasses[OpenBreakGlass(event)]?.intersection(breaking).min() {
      throw event.failure(
        "\(again) broke the glass again, and nobody else had approved the former one")
    }
    switch verdict.decision {
    case "approved":
      let exempt = try reading.checkPolicies(approvedBy: people, exposures)
      if exempt > 0 { tally.exempt += 1 } else { tally.approved += 1 }
    case "free" where reading.judging.policies.isEmpty: tally.withoutPolicies += 1
    case "free" where event.isByClock: tally.byClock += 1
    case "free" where event.isKill: tally.kills += 1
    case "free" where !breaking.isEmpty: tally.brokenGlasses += 1
    default:
      throw event.failure(
        "it was applied under enforce, and its verdict is \(verdict.decision) without a reason"
          + " that the record shows")
    }
  }

  /// What later events are judged by: what was exposed, and where the glass is broken.
  private mutating func remember(_ event: RecordedChange) {
    exposures.take(event)
    let subject = OpenBreakGlass(event)
    var open = openBreakGlasses[subject] ?? []
    if event.breaking.isEmpty {
      let others = Set(event.approvals.map(\.person))
      open = open.filter { others.subtracting([$0]).isEmpty }
    }
    open.formUnion(event.breaking)
    openBreakGlasses[subject] = open.isEmpty ? nil : open
  }
}

extension RecordedChange {
  /// Who took it upon himself alone.
  var breaking: Set<String> {
    Set(approvals.filter { $0.kind == .breakGlass }.map(\.person))
  }

  /// Whether time alone brought it about: the form is the one that was applied before.
  var isByClock: Bool {
    isOfSameForm && Set(classes).isDisjoint(with: ["killed", "released"])
  }

  /// Whether it stopped the definition and did nothing else.
  var isKill: Bool { isOfSameForm && classes == ["killed"] && isByOperator }

  private var isOfSameForm: Bool {
    guard let before, let after else { return false }
    return Self.digest(of: before) == Self.digest(of: after)
  }
}

/// What was applied to each flag in the last day, as events tell it.
struct RecentExposures: Sendable {
  private struct Record: Sendable {
    let version: Int
    let instant: Instant
    var flags: [String: Int] = [:]
    /// The policies that were met, by flag: of all changes of the version that reach it.
    var met: [String: Set<String>] = [:]

    func isRecent(at instant: Instant) -> Bool {
      instant < self.instant.adding(seconds: 24 * 60 * 60)
    }
  }

  /// By scope, the oldest version first; what is older than a day goes when something is added.
  private var records: [ScopeID: [Record]] = [:]

  mutating func take(_ event: RecordedChange) {
    guard case .scope(let scope) = event.place, !event.exposure.isEmpty else { return }
    var former = records[scope] ?? []
    former.removeAll { !$0.isRecent(at: event.instant) }
    if former.last?.version != event.version {
      former.append(Record(version: event.version, instant: event.instant))
    }
    // What is exempt was approved by nobody, so it ends no count.
    let met = Set(
      (event.verdict?.policies ?? []).filter { $0.isMet && !$0.isExempt }.map(\.key))
    for part in event.exposure {
      let last = former.count - 1
      former[last].flags[part.flag] = max(part.buckets, former[last].flags[part.flag] ?? 0)
      former[last].met[part.flag, default: []].formUnion(met)
    }
    records[scope] = former
  }

  /// What an event's change and those of the day before it moved, in buckets: of the flags that it
  /// names, and of any flag of its scope, which is the most that a policy can have measured.
  func sums(of event: RecordedChange, for policy: String) -> (named: Int, most: Int) {
    guard case .scope(let scope) = event.place else { return (0, 0) }
    let former = (records[scope] ?? []).filter {
      $0.version < event.version && $0.isRecent(at: event.instant)
    }
    func sum(_ flag: String) -> Int {
      var sum = 0
      for record in former.reversed() {
        if record.met[flag]?.contains(policy) == true { break }
        sum += record.flags[flag] ?? 0
      }
      return sum
    }
    let named = event.exposure.map { $0.buckets + sum($0.flag) }.max() ?? 0
    let others = Set(former.flatMap { Array($0.flags.keys) }).map(sum).max() ?? 0
    return (named, max(named, others))
  }
}
