// What somebody is about to sign: of plans, or of some of their changes, one statement an
// environment. It says exactly what the plan says, to the digest; a change that time alone brings
// about leaves the form as it is and needs no signature.

internal import Documents

package struct ApprovalDraft: Hashable, Sendable {
  /// A change that is signed for.
  package struct Item: Hashable, Sendable {
    package let scope: ScopeID
    package let identity: Identity
    package let classes: [ChangeClass]
    package let generation: Int
  }

  package let environment: String
  /// In the order of the statement's subjects.
  package let items: [Item]
  package let approval: Statement.Approval

  /// The drafts of some plans, in the order of environments.
  ///
  /// - Parameter keys: which definitions; nil for all.
  package static func make(_ plans: [Plan], keys: Set<String>? = nil) -> [ApprovalDraft] {
    let wanted = plans.map { plan in
      (plan.scope, plan.changes.filter { $0.isEdited && keys?.contains($0.identity.key) != false })
    }
    let environments = Set(wanted.filter { !$0.1.isEmpty }.map(\.0.environment))
    return environments.sorted { $0.precedesInBytes($1) }.map { environment in
      ApprovalDraft(environment, wanted.filter { $0.0.environment.hasSameBytes(as: environment) })
    }
  }

  private init(_ environment: String, _ changes: [(scope: ScopeID, changes: [Change])]) {
    self.environment = environment
    let all = changes.flatMap { scope, changes in changes.map { (scope, $0) } }
    approval = Statement.Approval(
      environment: environment, classes: Set(all.flatMap { $0.1.classes.map(\.rawValue) }),
      blastRadius: all.map(\.1.bucketsToApprove).max() ?? 0,
      subjects: all.map { $0.1.subject(in: $0.0) })
    items = all.map { scope, change in
      Item(
        scope: scope, identity: change.identity, classes: change.classes,
        generation: change.generation)
    }.sorted {
      $0.scope == $1.scope ? $0.identity < $1.identity : $0.scope < $1.scope
    }
  }
}

extension Change {
  /// Whether the definition itself becomes another one.
  fileprivate var isEdited: Bool { before?.definition.digest != after?.definition.digest }

  fileprivate func subject(in scope: ScopeID) -> Subject {
    Subject(
      place: .scope(scope), kind: identity.kind.rawValue, key: identity.key,
      generation: generation, before: before?.definition.digest, after: after?.definition.digest)
  }

  /// What the judge asks for: the greatest share that moves in any flag.
  fileprivate var bucketsToApprove: Int { exposures.map(\.buckets).max() ?? 0 }
}
