// What an audit event says, before it has a place in the chain. Everything that is recorded makes a
// record, whatever changed: a definition, trust, or the log itself. So one place writes the bytes
// of all events, and BYTES, *Audit event*, is true of each of them.

package import Documents
internal import Signing

/// The content of an audit event, without what the chain adds.
package struct AuditRecord: Sendable {
  /// Who acted.
  package struct Actor: Hashable, Sendable {
    /// `reconciler`, `member`, `key` or `operator`.
    package let kind: String
    package let id: String

    package init(kind: String, id: String) {
      self.kind = kind
      self.id = id
    }

    /// A pass of the controller.
    package static let reconciler = Actor(kind: "reconciler", id: "flagstaff")

    /// A person at a machine of this installation, by the name of the database's login.
    package static func `operator`(_ login: String) -> Actor {
      Actor(kind: "operator", id: login)
    }
  }

  package let instant: Instant
  package let workspace: String
  /// Nil where no scope is concerned: trust, and the log itself.
  package var scope: ScopeID?
  /// The version that the change belongs to, of the scope or of trust.
  package var version: Int?
  package var actor = Actor.reconciler
  package var commit: String?
  /// Why somebody who acted by hand did so, in his words.
  package var reason: String?
  package let classes: [String]
  package let subjectKind: String
  package let subjectKey: String
  package var generation: Int?
  package var before: Node?
  package var after: Node?
  /// `{evidence,person,kind}` of each approval that counted.
  package var approvals: [Node] = []
  /// `{flag,buckets}` of each flag that the change exposes; left out where there is none.
  package var exposure: [Node] = []
  /// Why the change was let through; nil where nothing judged it.
  package var verdict: Node?
  /// What the version publishes; of the last event of a scope's version alone.
  package var published: Node?
  package let mode: ApprovalMode

  package init(
    instant: Instant, workspace: String, classes: [String],
    subject: (kind: String, key: String), mode: ApprovalMode
  ) {
    self.instant = instant
    self.workspace = workspace
    self.classes = classes
    subjectKind = subject.kind
    subjectKey = subject.key
    self.mode = mode
  }

  /// The record of one change of an admitted plan.
  init(_ change: Change, of admitted: AdmittedPlan) {
    let plan = admitted.plan
    self.init(
      instant: plan.instant, workspace: plan.workspace, classes: change.classes.map(\.rawValue),
      subject: (change.identity.kind.rawValue, change.identity.key), mode: admitted.mode)
    scope = plan.scope
    version = plan.parent + 1
    commit = plan.commit
    if let order = plan.order {
      actor = .operator(order.login)
      reason = order.reason
    }
    generation = change.generation
    before = change.before?.definition.form
    after = change.after?.definition.form
    guard let verdict = admitted.verdict(on: change) else { return }
    approvals = verdict.approvals.map(\.node)
    exposure = change.exposures.filter { $0.buckets > 0 }.map {
      .fields(["flag": .string($0.flag), "buckets": .integer($0.buckets)])
    }
    self.verdict = verdict.node
  }

  /// The event's content at its place in the chain.
  func body(sequence: Int, key: String, previous: Digest) -> Node {
    .fields([
      "format": .integer(1), "sequence": .integer(sequence),
      "instant": .string(instant.description), "workspace": .string(workspace),
      "environment": scope.map { .string($0.environment) },
      "customer": scope.map { .string($0.customer) },
      "version": version.map(Node.integer),
      "actor": .fields(["kind": .string(actor.kind), "id": .string(actor.id)]),
      "commit": commit.map(Node.string), "reason": reason.map(Node.string),
      "classes": .strings(classes),
      "subject": .fields(["kind": .string(subjectKind), "key": .string(subjectKey)]),
      "generation": generation.map(Node.integer), "before": before, "after": after,
      "approvals": .sequence(approvals),
      "exposure": exposure.isEmpty ? nil : .sequence(exposure), "verdict": verdict,
      "published": published, "mode": .string(mode.rawValue), "key": .string(key),
      "previous": .string(previous.hexadecimal),
    ])
  }
}
