// One scope with its registered state, moved on by passes as the controller would: check, resolve,
// plan, judge, apply, check. Whatever a test does not expect of a pass is an error that says it.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import Signing

struct TestScope {
  private(set) var state: ScopeState

  init(_ environment: String = "production", _ customer: String = "acme") {
    state = .empty(ScopeID(environment: environment, customer: customer))
  }

  /// A scope to which some sections of the customer `acme` were applied.
  static func applied(_ sections: String, at instant: String = "2026-11-20T00:00:00Z") throws
    -> TestScope
  {
    var scope = TestScope()
    try scope.pass(sections, at: instant)
    return scope
  }

  static let commit = String(repeating: "c", count: 40)

  func outcome(_ repository: TestRepository, at instant: String) throws -> Plan.Outcome {
    let definitions = repository.definitions()
    guard let wanted = ResolvedScope.resolve(state.scope, in: definitions) else {
      throw Unexpected("held by \(definitions.findings.map(\.described))")
    }
    guard let instant = Instant(instant) else { throw Unexpected("no instant: \(instant)") }
    return try Plan.make(wanted, against: state, commit: Self.commit, at: instant)
  }

  func plan(_ repository: TestRepository, at instant: String = "2026-11-21T00:00:00Z") throws
    -> Plan
  {
    switch try outcome(repository, at: instant) {
    case .plan(let plan): return plan
    case .held(let findings): throw Unexpected("held by \(findings.map(\.described))")
    }
  }

  func plan(_ sections: String, at instant: String = "2026-11-21T00:00:00Z") throws -> Plan {
    try plan(TestRepository(sections), at: instant)
  }

  /// The findings that hold the scope; none where there is a plan.
  func findings(_ sections: String, at instant: String = "2026-11-21T00:00:00Z") throws
    -> [Finding]
  {
    switch try outcome(TestRepository(sections), at: instant) {
    case .plan: return []
    case .held(let findings): return findings
    }
  }

  @discardableResult
  mutating func pass(_ sections: String, at instant: String = "2026-11-21T00:00:00Z") throws
    -> AppliedScope
  {
    try pass(TestRepository(sections), at: instant)
  }

  @discardableResult
  mutating func pass(_ repository: TestRepository, at instant: String) throws -> AppliedScope {
    let applied = try self.applied(plan(repository, at: instant))
    if !applied.plan.isEmpty { try claim(applied, of: repository).verify() }
    state = applied.state
    return applied
  }

  /// What a pass would claim, for the checker.
  func claim(_ sections: String, at instant: String = "2026-11-21T00:00:00Z") throws -> PlanClaim {
    let repository = TestRepository(sections)
    return try claim(applied(plan(repository, at: instant)), of: repository)
  }

  private func claim(_ applied: AppliedScope, of repository: TestRepository) throws -> PlanClaim {
    guard let wanted = ResolvedScope.resolve(state.scope, in: repository.definitions()) else {
      throw Unexpected("held")
    }
    return PlanClaim(
      applied, from: state, wanted: wanted, publication: try Publication.project(applied.state))
  }

  /// The plan of a kill or a release, with what is registered.
  func stopping(
    _ action: StopOrder.Action, _ identity: Identity, at instant: String
  ) throws -> (plan: Plan, registered: ResolvedScope) {
    guard let instant = Instant(instant) else { throw Unexpected("no instant: \(instant)") }
    return try Plan.make(
      StopOrder(action, of: identity, by: "ops", reason: "a test"), against: state,
      commit: Self.commit,
      in: Definitions.Workspace(
        id: "acme-experiments", environments: ["production", "staging"],
        deletionBudget: DeletionBudget(), flagdSplits: .omitted, drift: .repair), at: instant)
  }

  /// What a kill or a release would claim, for the checker.
  func stopClaim(
    _ action: StopOrder.Action, _ identity: Identity, at instant: String = "2026-11-22T00:00:00Z"
  ) throws -> PlanClaim {
    let (plan, registered) = try stopping(action, identity, at: instant)
    let applied = try applied(plan)
    return PlanClaim(
      applied, from: state, wanted: registered,
      publication: try Publication.project(applied.state))
  }

  @discardableResult
  mutating func stop(
    _ action: StopOrder.Action, _ identity: Identity, at instant: String = "2026-11-22T00:00:00Z"
  ) throws -> AppliedScope {
    let (plan, _) = try stopping(action, identity, at: instant)
    try stopClaim(action, identity, at: instant).verify()
    let applied = try applied(plan)
    state = applied.state
    return applied
  }

  /// Now and then kills something, or releases what is killed.
  ///
  /// - Returns: what came of it; nil where nothing was done, or has to wait.
  mutating func stopSomething(
    at instant: String, using random: inout some RandomNumberGenerator
  ) throws -> AppliedScope? {
    let identities = state.definitions.keys.filter { $0.kind == .flag || $0.kind == .experiment }
    guard Int.random(in: 0..<3, using: &random) == 0,
      let identity = identities.sorted().randomElement(using: &random)
    else { return nil }
    let action: StopOrder.Action = state.kills[identity] == nil ? .kill : .release
    let (plan, _) = try stopping(action, identity, at: instant)
    if action == .kill, plan.changes.map(\.identity) != [identity] {
      throw Unexpected("a kill of \(identity) brings \(plan.lines)")
    }
    return plan.waitingFor.isEmpty ? try stop(action, identity, at: instant) : nil
  }

  private func applied(_ plan: Plan) throws -> AppliedScope {
    let verdict = AdmittedPlan.judge(plan, by: .ungated)
    guard let admitted = verdict.admitted else {
      throw Unexpected("waits for \(verdict.waits.map(\.reason))")
    }
    return AppliedScope.apply(admitted, to: state)
  }

  func recordedExperiment(_ key: String) throws -> RecordedExperiment {
    guard case .experiment(let recorded) = state.definitions[Identity(.experiment, key)]?.recorded
    else { throw Unexpected("no experiment \(key)") }
    return recorded
  }

  /// What the scope publishes for servers, or for browsers, read by the evaluator.
  func snapshot(forClients: Bool = false) throws -> Snapshot {
    let publication = try Publication.project(state)
    guard let layout = forClients ? publication.client : publication.server else {
      throw Unexpected("nothing is visible to clients")
    }
    return try Snapshot(index: layout.index.bytes) { digest in
      guard let part = layout.parts.first(where: { $0.digest.hexadecimal == digest }) else {
        throw Unexpected("no part \(digest)")
      }
      return part.bytes
    }
  }
}

/// Something that a test did not expect.
struct Unexpected: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

extension Finding {
  /// `FS2001 file:line:column: message`.
  var described: String { "\(code.rawValue) \(location): \(message)" }
}

extension Plan {
  /// `experiment checkout: traffic.raised`, a line a change.
  var lines: [String] {
    changes.map { "\($0.identity): \($0.classes.map(\.rawValue).joined(separator: " "))" }
  }
}

extension AppliedScope {
  /// Its events, with what it publishes.
  func events(after head: ChainHead, key: AuditKey) throws -> [AuditEvent] {
    events(
      after: head, key: key,
      publishing: try Publication.project(state, flagdSplits: plan.flagdSplits))
  }
}
