// What somebody is about to sign: of plans, or of some of their changes, one statement an
// environment, and one for trust. It says exactly what the plan says, to the digest; a change that
// time alone brings about leaves the form as it is and needs no signature.

internal import Documents

package struct ApprovalDraft: Hashable, Sendable {
  /// A change that is signed for.
  package struct Item: Hashable, Sendable {
    package let subject: Subject
    /// The generation that the change gives.
    package let generation: Int
    /// As stored bytes spell them.
    package let classes: [String]
  }

  /// Nil for trust.
  package let environment: String?
  /// In the order of the statement's subjects.
  package let items: [Item]
  package let approval: Statement.Approval

  /// The drafts of some plans, in the order of environments.
  ///
  /// - Parameters:
  ///   - keys: which definitions; nil for all.
  ///   - isLeftOut: which of them not, scope by scope.
  package static func make(
    _ plans: [Plan], keys: Set<String>? = nil,
    except isLeftOut: (ScopeID, Identity) -> Bool = { _, _ in false }
  ) -> [ApprovalDraft] {
    let wanted = plans.map { plan in
      (
        plan.scope,
        plan.changes.filter {
          $0.isSigned && keys?.contains($0.identity.key) != false
            && !isLeftOut(plan.scope, $0.identity)
        }
      )
    }
    let environments = Set(wanted.filter { !$0.1.isEmpty }.map(\.0.environment))
    return environments.sorted { $0.precedesInBytes($1) }.map { environment in
      let changes = wanted.filter { $0.0.environment.hasSameBytes(as: environment) }
        .flatMap { scope, changes in changes.map { JudgedChange($0, in: scope) } }
      return ApprovalDraft(environment, changes)
    }
  }

  /// The draft for a change of trust; nil where nothing of it is to be approved.
  ///
  /// - Parameter keys: which people, teams, policies and workspace; nil for all.
  package static func make(_ plan: TrustPlan, keys: Set<String>? = nil) -> ApprovalDraft? {
    let wanted = plan.changes.filter { keys?.contains($0.identity.key) != false }
    return wanted.isEmpty ? nil : ApprovalDraft(nil, wanted.map { JudgedChange($0) })
  }

  private init(_ environment: String?, _ changes: [JudgedChange]) {
    self.environment = environment
    items = changes.map { change in
      Item(
        subject: change.subject, generation: change.generation,
        classes: change.classes.sorted { $0.precedesInBytes($1) })
    }.sorted { $0.subject.place(before: $1.subject) }
    approval = Statement.Approval(
      environment: environment, classes: changes.reduce(into: []) { $0.formUnion($1.classes) },
      blastRadius: changes.map(\.blastRadius).max() ?? 0, subjects: items.map(\.subject))
  }
}

extension Change {
  /// Whether it is one to sign: the definition itself becomes another one, or comes back from a
  /// kill.
  package var isSigned: Bool {
    before?.definition.digest != after?.definition.digest || classes.contains(.released)
  }
}

extension JudgedChange {
  /// What a statement about it names.
  fileprivate var subject: Subject {
    Subject(
      place: place, kind: kind, key: key, generation: generation, before: before, after: after)
  }
}
