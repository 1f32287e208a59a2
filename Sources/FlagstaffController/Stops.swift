// Kills and releases: what a person orders by hand, in one scope, without any definition changing.
// A kill reads neither Git nor definitions and asks nobody, so that it works when everything else
// is broken; a release is judged as a change that shows somebody something. Whoever records one
// publishes it.

package import FlagstaffCore
internal import Origins
package import PostgresRegistry
internal import Signing

/// What came of an order.
package struct StopReport: Sendable {
  package var report: PassReport
  /// What was recorded and did not get everywhere: whole sentences.
  package var troubles: [String] = []
  /// The origins that have all of it.
  package var origins: [String] = []
}

extension Reconciler {
  /// Carries an order out in scope after scope, or tells what it waits for. Where there is nothing
  /// to do any more, a note says so. An origin that cannot be reached keeps no kill from being
  /// recorded, nor from the other origins, and a scope that fails keeps none from the others.
  ///
  /// - Parameters:
  ///   - scopes: one at least.
  ///   - reason: recorded with it; nil for none.
  /// - Throws: `StopFailure` where the only scope does not have the definition; what the world
  ///   refused.
  package func carryOut(
    _ action: StopOrder.Action, of identity: Identity, in scopes: [ScopeID],
    because reason: String?
  ) async throws -> StopReport {
    var troubles = OriginTroubles(mayBe: action == .kill)
    let pointers = try publishers.map { publisher in
      try troubles.skip(publisher, instead: []) { try publisher.pointers() }
    }
    let survey = try await survey()
    for (publisher, pointers) in zip(publishers, pointers) {
      try troubles.skip(publisher, instead: ()) {
        try survey.requireNotAhead([publisher], [pointers])
      }
    }
    if action != .kill { try survey.requireTrust(enforcement) }
    heads = survey.heads
    made = []
    let order = StopOrder(
      action, of: identity, by: try await registry.login(), reason: reason)
    let judging = action == .release ? try await releaseJudging(survey) : nil
    var results: [PassReport.Scope] = []
    var notes: [String] = []
    for scope in scopes {
      do {
        results.append(try await carryOut(order, in: scope, survey, judging, &troubles))
      } catch let failure as StopFailure where failure.isDone {
        notes.append("Nothing to do: \(failure)")
        // It may be missing at an origin all the same: who tries again means that, too.
        let wasRepaired = try await bringUp(scope, &troubles)
        results.append(result(.unchanged, of: scope, wasRepaired: wasRepaired))
      } catch  where scopes.count > 1 || error.isOfOneScope {
        results.append(result(.failed(String(describing: error)), of: scope))
      }
    }
    var report = PassReport(
      commit: scopes.first.flatMap { heads[$0]?.commit } ?? "", instant: survey.instant,
      workspace: heads.values.first.flatMap { Pointer(payload: $0.payload)?.workspace },
      findings: [], scopes: results, files: 0, parsed: 0)
    report.notes = notes
    report.mode = survey.trust == nil ? .ungated : isWarning ? .warn : .enforce
    report.trust = survey.trust.map {
      TrustReport(trust: $0, outcome: .unchanged, warnings: [])
    }
    // Whoever passes next tells origins the rest, and records where it was seen.
    if troubles.sentences.isEmpty {
      try await tellCheckpoint()
      try await recordPublications(report)
    }
    return StopReport(
      report: report, troubles: troubles.sentences,
      origins: publishers.map(\.origin.path).filter { !troubles.origins.contains($0) })
  }

  private func result(
    _ outcome: PassReport.Outcome, of scope: ScopeID, wasRepaired: Bool = false
  ) -> PassReport.Scope {
    PassReport.Scope(
      scope: scope, version: heads[scope]?.version ?? 0, outcome: outcome,
      wasRepaired: wasRepaired, due: nil)
  }

  /// One scope, again where another controller committed first.
  private func carryOut(
    _ order: StopOrder, in scope: ScopeID, _ first: Survey, _ judging: PassJudging?,
    _ troubles: inout OriginTroubles
  ) async throws -> PassReport.Scope {
    var (survey, attempt) = (first, 1)
    while true {
      do {
        return try await attemptOnce(order, in: scope, survey, judging, &troubles)
      } catch let error as RegistryError
        where error.code == .conflict && attempt < Self.attemptsMax
      {
        attempt += 1
        survey = try await self.survey()
      }
    }
  }

  /// Nil where trust never began.
  private func releaseJudging(_ survey: Survey) async throws -> PassJudging? {
    guard let signers = survey.trust?.signers else { return nil }
    return try await judging(try await source.head(withApprovalsOf: signers), survey)
  }

  private func attemptOnce(
    _ order: StopOrder, in scope: ScopeID, _ survey: Survey, _ judging: PassJudging?,
    _ troubles: inout OriginTroubles
  ) async throws -> PassReport.Scope {
    let (head, state) = try await registry.version(of: scope)
    guard let head, let pointer = Pointer(payload: head.payload) else {
      throw StopFailure(order, in: scope, .unknown)
    }
    if survey.trust != nil { try await VerifiedEvents.require(head, registry, keys) }
    let (plan, registered) = try Plan.make(
      order, against: state, commit: head.commit,
      in: try .recorded(by: pointer, of: state, survey.trust?.trust), at: survey.instant)
    let judgement: Judgement
    if let judging, let trust = survey.trust {
      judgement = try await judging.after(trust).judgement(ofRelease: plan)
    } else if let trust = survey.trust {
      judgement = Judgement(
        by: JudgingTrust(judging: trust, newest: trust), isWarning: isWarning)
    } else {
      judgement = .ungated
    }
    let verdict = AdmittedPlan.judge(plan, by: judgement)
    var outcome = PassReport.Outcome.waiting(plan)
    if let admitted = verdict.admitted {
      let checked = try CheckedScope.check(admitted, registered, against: state)
      if order.action == .release {
        for publisher in publishers {
          try publisher.origin.probe(bytes: checked.publication.byteCount)
        }
      }
      let head = try await commit(checked)
      for publisher in publishers {
        try troubles.skip(publisher, instead: ()) {
          try publisher.publish(head, checked.publication)
        }
      }
      outcome = .applied(plan, version: head.version)
    }
    var result = result(outcome, of: scope)
    result.verdict = verdict
    return result
  }
}

/// Origins that do not do as they should, while the others go on.
struct OriginTroubles {
  /// Whether that is anything but the end.
  private let mayBe: Bool
  private(set) var origins: Set<String> = []
  private(set) var sentences: [String] = []

  init(mayBe: Bool) { self.mayBe = mayBe }

  /// - Throws: what the body throws, where there may be no trouble.
  mutating func skip<T>(
    _ publisher: Publisher, instead: T, _ body: () throws -> T
  ) throws -> T {
    if origins.contains(publisher.origin.path) { return instead }
    do {
      return try body()
    } catch  where mayBe {
      origins.insert(publisher.origin.path)
      sentences.append("The origin \(publisher.origin.path) does not have it: \(error).")
      return instead
    }
  }
}

extension Definitions.Workspace {
  /// The settings under which a version was published, as far as a plan of the same definitions
  /// needs them: Git is not asked.
  ///
  /// - Throws: `MalformedForm`, `SnapshotTooLarge`.
  fileprivate static func recorded(
    by pointer: Pointer, of state: ScopeState, _ trust: Trust?
  ) throws -> Definitions.Workspace {
    let flagd = try Publication.project(state, recordedBy: pointer).flagd
    return Definitions.Workspace(
      id: pointer.workspace, environments: [state.scope.environment],
      deletionBudget: DeletionBudget(), flagdSplits: flagd?.splits ?? .omitted, drift: .repair
    ).accepted(by: trust)
  }
}

extension RegistryWorker {
  /// Who is logged in to the database: who acts by hand.
  nonisolated fileprivate func login() async throws -> String {
    try await run { connection in
      try connection.transaction(isReadOnly: true) { try $0.login() }
    }
  }

  /// Every scope that has a version, in order.
  nonisolated package func scopes() async throws -> [ScopeID] {
    try await run { connection in
      try connection.transaction(isReadOnly: true) { try $0.heads().map(\.scope) }
    }
  }

  /// Where a key is registered, in the order of scopes.
  nonisolated package func places(of key: String) async throws -> [RegisteredPlace] {
    try await run { connection in
      try connection.transaction(isReadOnly: true) { try $0.places(of: key) }
    }
  }
}
