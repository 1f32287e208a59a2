// The last stage: the second opinion. It takes what is about to be written and published (bytes,
// forms, and the plan as data) and works out by other means what they should be. It uses no code
// of the stages that assign and plan; it reads the published JSON as anybody else would, counts
// buckets one by one, and asks the evaluator that users run. Only a scope that passes can be
// committed: the registry takes nothing else.

internal import Documents

/// A scope's next version, with its publication, that two opinions agree on.
package struct CheckedScope: Sendable {
  package let applied: AppliedScope
  package let publication: Publication

  /// Checks what a plan does.
  ///
  /// - Parameters:
  ///   - applied: what would be committed.
  ///   - state: the registered state that the plan was made against.
  ///   - wanted: what the definitions say.
  ///   - publication: the projection of the applied state.
  /// - Throws: `PlanDisagreement` with the first thing that differs; what the projection of the
  ///   former state throws.
  package static func check(
    _ applied: AppliedScope, from state: ScopeState, wanted: ResolvedScope,
    publication: Publication
  ) throws -> CheckedScope {
    try VerdictCheck(applied.admitted).run()
    try PlanClaim(applied, from: state, wanted: wanted, publication: publication).verify()
    return CheckedScope(applied, publication)
  }

  private init(_ applied: AppliedScope, _ publication: Publication) {
    self.applied = applied
    self.publication = publication
  }
}

/// Everything that the checks look at.
struct PlanCheck {
  let plan: PlanClaim
  let before: ScopeBytes
  let after: ScopeBytes
  let changes: [Identity: PlanClaim.Change]
  let publications: (before: Publication?, after: Publication)

  init(_ plan: PlanClaim, before: Publication?) throws(PlanDisagreement) {
    self.plan = plan
    publications = (before, plan.publication)
    changes = Dictionary(plan.changes.map { ($0.identity, $0) }, uniquingKeysWith: { $1 })
    func read(_ publication: Publication) throws(PlanDisagreement) -> ScopeBytes {
      guard let bytes = ScopeBytes(publication) else {
        throw Self.disagreement(
          plan, .publication, nil, planned: "that its documents are lists of definitions",
          found: "bytes that are not")
      }
      return bytes
    }
    self.before = try before.map(read) ?? ScopeBytes()
    after = try read(plan.publication)
  }

  func run() throws(PlanDisagreement) {
    try checkVersion()
    try checkCoverage()
    try checkTombstones()
    try checkKills()
    for change in plan.changes {
      try checkClasses(change)
      try checkDefinition(change)
    }
    try checkGroups()
    try checkClients()
    try checkAnswers()
  }

  private func checkDefinition(_ change: PlanClaim.Change) throws(PlanDisagreement) {
    guard change.after != nil else { return try checkDeletion(change) }
    let entry = try entry(change.identity, in: after)
    switch change.identity.kind {
    case .experiment: try checkExperiment(change, entry)
    case .flag: try checkFlag(change, entry)
    case .group, .metric, .segment: try expect(nil, published: change.identity)
    }
  }

  func disagreement(
    _ check: PlanDisagreement.Check, _ identity: Identity?, planned: String, found: String
  ) -> PlanDisagreement {
    Self.disagreement(plan, check, identity, planned: planned, found: found)
  }

  private static func disagreement(
    _ plan: PlanClaim, _ check: PlanDisagreement.Check, _ identity: Identity?, planned: String,
    found: String
  ) -> PlanDisagreement {
    PlanDisagreement(
      check: check, scope: plan.scope, commit: plan.commit, identity: identity, planned: planned,
      found: found)
  }

  /// Throws where what the plan says is not what was found.
  func expect<Value: Equatable>(
    _ check: PlanDisagreement.Check, _ identity: Identity?, _ what: String, planned: Value,
    found: Value
  ) throws(PlanDisagreement) {
    guard planned != found else { return }
    throw disagreement(
      check, identity, planned: "\(what) \(Self.shown(planned))", found: Self.shown(found))
  }

  /// A value for a message: short, since it may be a whole definition.
  private static func shown(_ value: some Any) -> String {
    let text: String
    switch value {
    case let node as Node: text = CanonicalJSON.string(node)
    case let node as Node?: text = node.map(CanonicalJSON.string) ?? "nothing"
    case let text_ as String: text = text_
    default: text = "\(value)"
    }
    return text.count > 300 ? text.prefix(300) + "…" : text
  }
}
