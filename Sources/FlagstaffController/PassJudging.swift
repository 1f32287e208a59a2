// What a pass judges by, once trust began: evidence from refs and from the registry, who has
// contributed since the base of each scope, what was applied to it lately, whether history goes
// forward. It is gathered for those plans alone that somebody has to approve, and nothing is
// decided here. What cannot be gathered is a doubt, and that admits nothing.

internal import Documents
internal import FlagstaffCore
internal import GitSource
internal import PostgresRegistry
internal import SSHSignatures
internal import Signing

/// Where evidence and history are read from.
struct JudgingSources: Sendable {
  let definitions: DefinitionsSource
  let registry: RegistryWorker
  let keys: AuditKeyring
  let verifier: SignatureVerifier
  /// The name of the branch that is followed, as accepted histories sign it; nil where HEAD is.
  let branch: String?
  /// Whether policies only warn.
  let isWarning: Bool
}

struct PassJudging: Sendable {
  private let sources: JudgingSources
  private let head: CommitID
  private let instant: Instant
  /// The newest accepted trust.
  private let newest: RegisteredTrust
  private let gathered: GatheredEvidence
  private let forward: Forward
  private let doubt: Doubt?

  /// What all scopes of a pass have in common.
  ///
  /// - Parameters:
  ///   - applied: the commits of all scopes.
  ///   - key: under which the log goes on.
  /// - Throws: `RegistryError`. Trouble with Git or with ssh-keygen becomes a doubt.
  static func gather(
    _ sources: JudgingSources, to head: CommitID, trust: RegisteredTrust, applied: Set<String>,
    key: AuditKey, at instant: Instant
  ) async throws -> PassJudging {
    let owners = KeyOwners(judging: trust.trust, newest: trust.trust, at: instant)
    let judging = JudgingTrust(judging: trust, newest: trust)
    do {
      let gathered = try await EvidenceGathering(
        sources.definitions, verifier: sources.verifier, owners: owners,
        workspace: trust.trust.workspace?.id ?? ""
      ).run(sources.registry, key: key, at: instant)
      let check = ForwardCheck(
        sources.definitions, branch: sources.branch ?? "HEAD", trust: judging)
      let commits = Set(applied.union([trust.commit]).compactMap { CommitID($0) })
      let forward = try await check.run(
        to: head, from: commits, evidence: gathered.evidence, at: instant)
      return PassJudging(
        sources: sources, head: head, instant: instant, newest: trust, gathered: gathered,
        forward: forward, doubt: nil)
    } catch let error as RegistryError {
      throw error
    } catch {
      return PassJudging(
        sources: sources, head: head, instant: instant, newest: trust, gathered: .none,
        forward: .descends, doubt: Doubt(error))
    }
  }

  /// The same, once a change of trust was accepted.
  func after(_ trust: RegisteredTrust) -> PassJudging {
    PassJudging(
      sources: sources, head: head, instant: instant, newest: trust, gathered: gathered,
      forward: forward, doubt: doubt)
  }
}

// MARK: - Trust

extension PassJudging {
  /// What a change of trust is judged by.
  func judgement(of plan: TrustPlan) async -> TrustJudgement {
    if let doubt { return TrustJudgement(forward: forward, doubt: doubt) }
    let search = ContributorSearch(ofTrustIn: sources.definitions, verifier: sources.verifier)
    let registered = newest.definitions.mapValues(\.digest)
    do {
      let history = try await history(
        search, registered, appliedAt: newest.commit,
        KeyOwners(judging: newest.trust, newest: newest.trust, at: instant))
      let contributors = plan.changes.map { ($0.identity, history.contributors(to: $0.identity)) }
      return TrustJudgement(
        evidence: gathered.evidence + history.evidence,
        setAside: gathered.setAside + history.setAside,
        contributors: Dictionary(contributors) { first, _ in first }, forward: forward)
    } catch {
      return TrustJudgement(forward: forward, doubt: Doubt(error))
    }
  }

  private func history<Name>(
    _ search: ContributorSearch<Name>, _ registered: DigestTable<Name>, appliedAt commit: String?,
    _ owners: KeyOwners
  ) async throws -> ScopeHistory<Name> {
    let base = try await search.base(
      of: head, registered: registered, applied: commit.flatMap { CommitID($0) })
    return try await search.run(to: head, from: base, owners: owners)
  }
}

// MARK: - Scopes

extension PassJudging {
  /// What a scope's plan is judged by.
  ///
  /// - Throws: `RegistryError`.
  func judgement(of plan: Plan, against state: ScopeState) async throws -> Judgement {
    let judged = plan.changes.map { JudgedChange($0, in: plan.scope) }
    // What the clock alone brings was approved with its form; only freezes are asked about it.
    if judged.allSatisfy(\.isByClock) { return clock(plan.commit == state.commit) }
    if let doubt { return judgement(by: newest, doubt: doubt) }
    let search = ContributorSearch(
      of: plan.scope, in: sources.definitions, verifier: sources.verifier)
    do {
      let base = try await search.base(
        of: head, registered: state.definitions.mapValues(\.definition.digest),
        applied: state.commit.flatMap { CommitID($0) })
      let judging = try await trust(before: base)
      let owners = KeyOwners(judging: judging.trust, newest: newest.trust, at: instant)
      let history = try await search.run(to: head, from: base, owners: owners)
      let contributors = plan.changes.map { ($0.identity, history.contributors(to: $0.identity)) }
      let recent = try await RecentChanges.read(
        plan.scope, breaking: breaking(in: plan.scope), at: instant, sources.registry,
        sources.keys)
      return Judgement(
        by: JudgingTrust(judging: judging, newest: newest), isWarning: sources.isWarning,
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

  private var freezes: [FreezeWindow] { newest.trust.freezes.compactMap(\.window) }

  /// - Parameter isApplied: whether it is the applied commit's own schedule, which goes on wherever
  ///   the branch is now.
  private func clock(_ isApplied: Bool) -> Judgement {
    Judgement(
      by: JudgingTrust(judging: newest, newest: newest), isWarning: sources.isWarning,
      freezes: freezes, forward: isApplied ? .descends : forward)
  }

  private func judgement(by trust: RegisteredTrust, doubt: Doubt? = nil) -> Judgement {
    Judgement(
      by: JudgingTrust(judging: trust, newest: newest), isWarning: sources.isWarning,
      freezes: freezes, forward: forward, doubt: doubt)
  }

  /// The trust that was in force at the base of a scope: the newest whose commit the base has, and
  /// none from before trust began, or was reset.
  private func trust(before base: CommitID?) async throws -> RegisteredTrust {
    let keys = sources.keys
    var version = newest.version
    var trust = newest
    while trust.beginning == .commit {
      if let base, let commit = CommitID(trust.commit),
        try await sources.definitions.worker.descends(base, from: commit)
      {
        return trust
      }
      version -= 1
      let number = version
      let former = try await sources.registry.run { connection in
        try connection.transaction(isReadOnly: true) { try $0.trust(version: number, keys: keys) }
      }
      guard let former else { return trust }
      trust = former
    }
    return trust
  }
}

extension Doubt {
  /// What Git or ssh-keygen refused.
  fileprivate init(_ error: any Error) {
    self.init(
      reason: String(describing: error),
      remedy: "Mend that; the next pass looks again, and until then nothing is applied by hand")
  }
}
