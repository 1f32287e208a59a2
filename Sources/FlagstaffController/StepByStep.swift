// Several merges that one pass finds at once. What they come to as a whole may be approved by
// nobody, because each was approved by itself: a merge's signature is over what that merge brought.
// So where the whole is refused, the commits of the first-parent line are taken as so many passes
// would have taken them, oldest first, each planned and judged against what is registered by then.
// What is approved becomes a version of its own; what is not waits, and all that follows with it.

internal import Documents
internal import FlagstaffCore
internal import GitSource
internal import PostgresRegistry
internal import Signing

struct StepByStep: Sendable {
  /// What came of it.
  struct Outcome: Sendable {
    /// What was applied, oldest first.
    var applied: [PassReport.AppliedStep] = []
    /// The commits that change the scope further and are not applied, oldest first.
    var waiting: [String] = []
    /// What is registered in the end.
    var state: ScopeState
  }

  private let judging: PassJudging
  private let search: ContributorSearch<Identity>
  private let instant: Instant

  init(_ judging: PassJudging, of scope: ScopeID, at instant: Instant) {
    self.judging = judging
    self.instant = instant
    search = judging.search(of: scope)
  }

  /// Takes the commits between a scope's base and the head.
  ///
  /// - Parameters:
  ///   - state: what is registered; against it the whole was refused.
  ///   - apply: makes the next version, and returns what is registered then.
  /// - Throws: what applying throws; `RegistryError`. Where history cannot be read, nothing is
  ///   applied, as nothing was of the whole.
  func run(
    from state: ScopeState,
    apply: @Sendable (AdmittedPlan, ResolvedScope, ScopeState) async throws -> ScopeState
  ) async throws -> Outcome {
    var outcome = Outcome(state: state)
    var tries = Limits.stepsMax
    while let steps = try await steps(from: outcome.state) {
      outcome.waiting = steps.map(\.commit.hexadecimal)
      // The last one brings what the head says, and of that the whole was refused.
      let open = outcome.applied.isEmpty ? steps.dropLast() : steps[...]
      guard let next = try await firstAdmitted(of: open, from: outcome.state, &tries) else { break }
      let state = try await apply(next.admitted, next.wanted, outcome.state)
      outcome.applied.append(
        PassReport.AppliedStep(
          commit: next.admitted.plan.commit, plan: next.admitted.plan, version: state.version,
          verdict: next.verdict))
      outcome.state = state
    }
    return outcome
  }

  // MARK: One commit

  /// A commit that changes the scope, and what it makes of it; nil where that cannot be read.
  private struct Step {
    let commit: CommitID
    let digests: DigestTable<Identity>?
    /// Whether anything is known that could approve it.
    let isHopeful: Bool
  }

  private struct Admitted {
    let admitted: AdmittedPlan
    let wanted: ResolvedScope
    let verdict: Verdict
  }

  /// The commits that may become versions; nil where there are none, or history cannot be read.
  private func steps(from state: ScopeState) async throws -> [Step]? {
    guard let line = try await judging.line(of: state, by: search), !line.commits.isEmpty else {
      return nil
    }
    let registered = state.definitions.mapValues(\.definition.digest)
    return line.commits.map { commit, digests in
      Step(
        commit: commit, digests: digests,
        isHopeful: line.hope.isThere(for: digests, after: registered, in: state.scope))
    }
  }

  private func firstAdmitted(
    of steps: ArraySlice<Step>, from state: ScopeState, _ tries: inout Int
  ) async throws -> Admitted? {
    for step in steps where step.isHopeful && tries > 0 {
      tries -= 1
      let planned = try await judging.plan(step.commit, against: state, at: instant)
      guard let planned, case .plan(let plan, let wanted) = planned.outcome, !plan.isEmpty else {
        continue
      }
      let verdict = AdmittedPlan.judge(
        plan, by: try await judging.judgement(of: plan, against: state, by: search))
      if let admitted = verdict.admitted {
        return Admitted(admitted: admitted, wanted: wanted, verdict: verdict)
      }
    }
    return nil
  }
}

// MARK: - What is read of history

extension PassJudging {
  /// The commits of the first-parent line that change a scope further, oldest first, with what each
  /// says, and what could approve them.
  ///
  /// - Returns: nil where history cannot be read.
  /// - Throws: `RegistryError`.
  func line(
    of state: ScopeState, by search: ContributorSearch<Identity>
  ) async throws -> (
    commits: [(commit: CommitID, digests: DigestTable<Identity>?)], hope: ApprovalHope
  )? {
    guard let line, doubt == nil else { return nil }
    do {
      let base = try await search.base(
        of: line, state.definitions.mapValues(\.definition.digest), appliedAt: state.commit)
      let judging = try await trust(before: base, line, by: search).trust
      let owners = KeyOwners(judging: judging, newest: newest.trust, at: instant)
      let history = try await search.run(along: line, from: base, owners: owners)
      return (
        try await search.line(to: line.head, from: base),
        ApprovalHope(gathered.evidence + history.evidence, by: judging)
      )
    } catch let error as RegistryError {
      throw error
    } catch {
      return nil
    }
  }

  /// What a commit says of a scope, planned.
  ///
  /// - Returns: nil where its definitions cannot be read.
  /// - Throws: `MalformedForm`.
  func plan(
    _ commit: CommitID, against state: ScopeState, at instant: Instant
  ) async throws -> PlannedScope? {
    let customer = state.scope.customer
    guard
      let definitions = try? await sources.definitions.definitions(
        of: commit, customers: [customer])
    else { return nil }
    return try PlannedScope.make(
      definitions, by: newest.trust, against: state, commit: commit.hexadecimal, at: instant)
  }
}

/// What could approve a change at all: so that a hundred commits that nobody signed are not planned
/// one by one in every pass.
struct ApprovalHope: Sendable {
  private struct Covered: Hashable {
    let kind: String
    let key: String
    let before: Digest?
    let after: Digest?
  }

  /// Whether something may go ahead that nobody approved.
  private let isAlways: Bool
  private let covered: [ScopeID: Set<Covered>]

  init(_ evidence: [Evidence], by trust: Trust) {
    isAlways = trust.policies.isEmpty || trust.policies.contains(where: \.isSaferExempt)
    var covered: [ScopeID: Set<Covered>] = [:]
    for subject in evidence.flatMap(\.covers) {
      guard case .scope(let scope) = subject.place else { continue }
      covered[scope, default: []].insert(
        Covered(
          kind: subject.kind, key: subject.key, before: subject.before, after: subject.after))
    }
    self.covered = covered
  }

  /// Whether each definition that changes has some evidence for exactly this change.
  func isThere(
    for digests: DigestTable<Identity>?, after registered: DigestTable<Identity>, in scope: ScopeID
  ) -> Bool {
    // What cannot be read is held, as the head would be.
    guard let digests else { return false }
    if isAlways { return true }
    let known = covered[scope] ?? []
    return Set(digests.keys).union(registered.keys).allSatisfy { identity in
      let (before, after) = (registered[identity], digests[identity])
      return before == after
        || known.contains(
          Covered(
            kind: identity.kind.rawValue, key: identity.key, before: before, after: after))
    }
  }
}
