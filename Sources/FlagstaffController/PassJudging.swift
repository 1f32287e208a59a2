// What a pass judges by, once trust began: evidence from refs and from the registry, who has
// contributed since the base of each scope, what was applied to it lately, whether history goes
// forward. It is gathered for those plans alone that somebody has to approve, and nothing is
// decided here. What cannot be gathered is a doubt, and that admits nothing.

internal import Documents
internal import FlagstaffCore
internal import GitSource
internal import PostgresRegistry

/// Where evidence and history are read from.
package struct JudgingSources: Sendable {
  let definitions: DefinitionsSource
  let verifier: SignatureVerifier
  /// What is asked of approvals; nil for enforcing them, whatever a former pass was asked.
  package let enforcement: Enforcement?
  /// Whether somebody is about to break the glass: then it is looked up for every change who may
  /// not.
  package let isBreakingGlass: Bool

  package init(
    _ definitions: DefinitionsSource, verifier: SignatureVerifier, enforcement: Enforcement?,
    isBreakingGlass: Bool = false
  ) {
    self.definitions = definitions
    self.verifier = verifier
    self.enforcement = enforcement
    self.isBreakingGlass = isBreakingGlass
  }
}

/// The line of commits on which contributors are sought.
struct JudgedLine: Sendable {
  let head: CommitID
  /// What counts as applied, of a branch that is to be merged into it; nil where each scope's own
  /// base on the head's line does.
  var base: CommitID?

  /// The line to an earlier commit of it, which a plan may be for; of a branch, always the whole.
  func leading(to commit: String) -> JudgedLine {
    guard base == nil, let id = CommitID(commit) else { return self }
    return JudgedLine(head: id)
  }
}

struct PassJudging: Sendable {
  let sources: JudgingSources
  private let records: ApprovalRecords
  /// Nil where what is planned is no commit.
  let line: JudgedLine?
  let instant: Instant
  /// The newest accepted trust.
  let newest: RegisteredTrust
  let gathered: GatheredEvidence
  private let forward: Forward
  let doubt: Doubt?
  private let log: RecentLog

  /// What all scopes of a pass have in common.
  ///
  /// - Parameters:
  ///   - line: nil where what is planned is no commit, and so is signed by nobody.
  ///   - applied: the commits of all scopes.
  /// - Throws: `RegistryError`. Trouble with Git or with ssh-keygen becomes a doubt, and history
  ///   does not count as going forward.
  static func gather(
    _ sources: JudgingSources, _ records: ApprovalRecords, along line: JudgedLine?,
    trust: RegisteredTrust, applied: Set<String>, at instant: Instant
  ) async throws -> PassJudging {
    func judging(
      _ gathered: GatheredEvidence, _ forward: Forward, _ doubt: Doubt?
    ) -> PassJudging {
      PassJudging(
        sources: sources, records: records, line: line, instant: instant, newest: trust,
        gathered: gathered, forward: forward, doubt: doubt, log: RecentLog(records, at: instant))
    }
    guard let line else { return judging(.none, .descends, .noCommit) }

    let owners = KeyOwners(judging: trust.trust, newest: trust.trust, at: instant)
    let signers = JudgingTrust(judging: trust, newest: trust)
    do {
      let gathered = try await records.evidence(
        EvidenceGathering(
          sources.definitions, verifier: sources.verifier, owners: owners,
          workspace: trust.trust.workspace?.id ?? ""), at: instant)
      let check = ForwardCheck(
        sources.definitions, branches: try await sources.definitions.followedBranches(),
        trust: signers)
      let commits = Set(applied.union([trust.commit]).compactMap { CommitID($0) })
      let forward = try await check.run(
        to: line.base ?? line.head, from: commits, evidence: gathered.evidence, at: instant)
      return judging(gathered, forward, nil)
    } catch let error as RegistryError {
      throw error
    } catch {
      return judging(.none, .unknown(error), Doubt(error))
    }
  }

  /// The same, once a change of trust was accepted.
  func after(_ trust: RegisteredTrust) -> PassJudging {
    PassJudging(
      sources: sources, records: records, line: line, instant: instant, newest: trust,
      gathered: gathered, forward: forward, doubt: doubt, log: log)
  }
}

/// The audit log, of which the last day is looked through once a pass, and only where something is
/// judged by it; all of it, once, where that depends on what is older.
private actor RecentLog {
  private let records: ApprovalRecords
  private let instant: Instant
  private var checks: [Bool: Task<Void, any Error>] = [:]

  init(_ records: ApprovalRecords, at instant: Instant) {
    (self.records, self.instant) = (records, instant)
  }

  /// - Throws: `RegistryError`, with the code `corrupt` where it is not whole.
  func requireWhole(ofAllTime isOfAllTime: Bool) async throws {
    let check =
      checks[isOfAllTime]
      ?? Task { [records, instant] in
        try await records.requireWhole(ofAllTime: isOfAllTime, at: instant)
      }
    checks[isOfAllTime] = check
    try await check.value
  }
}

// MARK: - Trust

extension PassJudging {
  /// What a change of trust is judged by.
  func judgement(of plan: TrustPlan) async -> TrustJudgement {
    guard let line, doubt == nil else { return TrustJudgement(forward: forward, doubt: doubt) }
    let owners = KeyOwners(judging: newest.trust, newest: newest.trust, at: instant)
    let (search, to) = (trustSearch, line.leading(to: plan.commit))
    do {
      let base = try await search.base(of: to, registered, appliedAt: newest.commit)
      let history = try await search.run(along: to, from: base, owners: owners)
      let contributors = plan.changes.map { ($0.identity, history.contributors(to: $0.identity)) }
      return TrustJudgement(
        evidence: gathered.evidence + history.evidence,
        setAside: gathered.setAside + history.setAside,
        contributors: Dictionary(contributors) { first, _ in first }, forward: forward)
    } catch {
      return TrustJudgement(forward: forward, doubt: Doubt(error))
    }
  }

  /// The commits that change trust further, oldest first; none where history cannot be read.
  func trustSteps() async -> [CommitID] {
    guard let line, doubt == nil else { return [] }
    let search = trustSearch
    do {
      let base = try await search.base(of: line, registered, appliedAt: newest.commit)
      return try await search.line(to: line.head, from: base).map(\.commit)
    } catch {
      return []
    }
  }

  private var trustSearch: ContributorSearch<TrustIdentity> {
    ContributorSearch(ofTrustIn: sources.definitions, verifier: sources.verifier)
  }

  private var registered: DigestTable<TrustIdentity> { newest.definitions.mapValues(\.digest) }
}

extension ContributorSearch {
  func base(
    of line: JudgedLine, _ registered: DigestTable<Name>, appliedAt commit: String?
  ) async throws -> CommitID? {
    if let base = line.base { return base }
    return try await base(
      of: line.head, registered: registered, applied: commit.flatMap { CommitID($0) })
  }

  /// Merges on a branch that is to be merged itself are not on the line that is followed.
  func run(
    along line: JudgedLine, from base: CommitID?, owners: KeyOwners
  ) async throws -> ScopeHistory<Name> {
    let history = try await run(to: line.head, from: base, owners: owners)
    guard line.base != nil else { return history }
    return ScopeHistory(notes: history.notes, evidence: [], setAside: [])
  }
}

// MARK: - Scopes

extension PassJudging {
  /// What a scope's plan is judged by.
  ///
  /// - Parameter search: one that was used already and knows its history; nil for a new one.
  /// - Throws: `RegistryError`.
  func judgement(
    of plan: Plan, against state: ScopeState, by search: ContributorSearch<Identity>? = nil
  ) async throws -> Judgement {
    let judged = plan.changes.map { JudgedChange($0, in: plan.scope) }
    // What the clock alone brings was approved with its form; only freezes are asked about it.
    if judged.allSatisfy(\.isByClock) { return clock(plan.commit == state.commit) }
    guard let line, doubt == nil else { return judgement(by: newest, doubt: doubt) }
    let (search, to) = (search ?? self.search(of: plan.scope), line.leading(to: plan.commit))
    do {
      let base = try await search.base(
        of: to, state.definitions.mapValues(\.definition.digest), appliedAt: state.commit)
      let judging = try await trust(before: base, to, by: search)
      let owners = KeyOwners(judging: judging.trust, newest: newest.trust, at: instant)
      let history = try await search.run(along: to, from: base, owners: owners)
      let contributors = plan.changes.map { ($0.identity, history.contributors(to: $0.identity)) }
      let recent = try await recentChanges(of: plan)
      return Judgement(
        by: JudgingTrust(judging: judging, newest: newest), isWarning: isWarning,
        evidence: gathered.evidence + history.evidence,
        setAside: gathered.setAside + history.setAside,
        contributors: Dictionary(contributors) { first, _ in first },
        exposure: recent.exposure, freezes: freezes, forward: forward,
        openBreakGlasses: recent.openBreakGlasses)
    } catch let error as RegistryError {
      throw error
    } catch {
      return judgement(by: newest, doubt: Doubt(error))
    }
  }

  /// What a release is judged by: nobody wrote it, and the trust in force judges.
  ///
  /// - Throws: `RegistryError`.
  func judgement(ofRelease plan: Plan) async throws -> Judgement {
    if let doubt { return judgement(by: newest, doubt: doubt) }
    let recent = try await recentChanges(of: plan)
    return Judgement(
      by: JudgingTrust(judging: newest, newest: newest), isWarning: isWarning,
      evidence: gathered.evidence, setAside: gathered.setAside,
      contributors: Dictionary(plan.changes.map { ($0.identity, .nobody) }) { first, _ in first },
      exposure: recent.exposure, freezes: freezes, forward: .descends,
      openBreakGlasses: recent.openBreakGlasses)
  }

  /// The search for a scope.
  func search(of scope: ScopeID) -> ContributorSearch<Identity> {
    ContributorSearch(of: scope, in: sources.definitions, verifier: sources.verifier)
  }

  /// What was applied lately to what a plan changes.
  private func recentChanges(of plan: Plan) async throws -> RecentChanges {
    let changed = Set(plan.changes.map(\.identity))
    let broken = sources.isBreakingGlass ? changed : breaking(in: plan.scope).intersection(changed)
    // However long ago somebody broke the glass, an event that is missing would have ended it.
    try await log.requireWhole(ofAllTime: !broken.isEmpty)
    return try await records.recentChanges(of: plan.scope, breaking: broken, at: instant)
  }

  /// The definitions of a scope for which somebody breaks the glass.
  private func breaking(in scope: ScopeID) -> Set<Identity> {
    let subjects = gathered.evidence.filter { $0.kind == .breakGlass }.flatMap(\.covers)
    return Set(
      subjects.compactMap { subject in
        guard subject.place == .scope(scope), let kind = Kind(rawValue: subject.kind) else {
          return nil
        }
        return Identity(kind, subject.key)
      })
  }

  private var isWarning: Bool { sources.enforcement == .warn }

  /// How strictly approvals are enforced.
  var mode: ApprovalMode { isWarning ? .warn : .enforce }

  private var freezes: [FreezeWindow] { newest.trust.freezes.compactMap(\.window) }

  /// - Parameter isApplied: whether it is the applied commit's own schedule, which goes on wherever
  ///   the branch is now.
  private func clock(_ isApplied: Bool) -> Judgement {
    Judgement(
      by: JudgingTrust(judging: newest, newest: newest), isWarning: isWarning,
      freezes: freezes, forward: isApplied ? .descends : forward)
  }

  private func judgement(by trust: RegisteredTrust, doubt: Doubt? = nil) -> Judgement {
    Judgement(
      by: JudgingTrust(judging: trust, newest: newest), isWarning: isWarning,
      freezes: freezes, forward: forward, doubt: doubt)
  }

  /// The trust that was in force before what a commit of the line says of a scope: the newest at
  /// whose commit the scope said something else, and none from before trust began, or was reset. So
  /// what came in the commit that changes trust, or before it, is judged by the trust before, and
  /// what came later is not, whichever line it came on.
  ///
  /// - Parameter base: of a branch that is to be merged, what it is merged into: whatever that does
  ///   not have comes after all that it has.
  func trust(
    before base: CommitID?, _ line: JudgedLine, by search: ContributorSearch<Identity>
  ) async throws -> RegisteredTrust {
    var trust = newest
    while trust.beginning == .commit {
      if let commit = CommitID(trust.commit) {
        let isBefore =
          line.base == nil
          ? try await precedes(line.head, commit, by: search)
          : try await !hasBehind(base, commit)
        if !isBefore { return trust }
      }
      trust = try await records.trust(version: trust.version - 1)
    }
    return trust
  }

  /// Whether what a commit says of a scope was there when another was accepted.
  private func precedes(
    _ head: CommitID, _ accepted: CommitID, by search: ContributorSearch<Identity>
  ) async throws -> Bool {
    guard try await sources.definitions.missing(of: [accepted]).commits.isEmpty else {
      return false
    }
    if try await sources.definitions.worker.descends(accepted, from: head) { return true }
    guard let said = try await search.digests(at: accepted) else { return false }
    return try await search.digests(at: head) == said
  }

  private func hasBehind(_ base: CommitID?, _ commit: CommitID) async throws -> Bool {
    guard let base else { return false }
    return try await sources.definitions.worker.descends(base, from: commit)
  }
}

extension Forward {
  /// Where Git or ssh-keygen cannot tell.
  fileprivate static func unknown(_ error: any Error) -> Forward {
    let doubt = Doubt(error)
    return .waits(
      reason: "whether history goes forward is not known: \(doubt.reason)", remedy: doubt.remedy)
  }
}

extension Doubt {
  fileprivate static let noCommit = Doubt(
    reason: "what is planned is no commit, so nobody has signed it",
    remedy: "Commit it, and plan the commit, to see what is approved and who is asked")

  /// What Git or ssh-keygen refused.
  fileprivate init(_ error: any Error) {
    self.init(
      reason: String(describing: error),
      remedy: "Mend that. The next pass looks again, and until then nothing is applied")
  }
}
