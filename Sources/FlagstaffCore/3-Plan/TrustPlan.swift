// The plan of trust: what has to change so that the registered trust equals a commit's. Like a
// scope's it is immutable, names the version that it was made against and applies only to that. It
// also warns where soon nobody could change trust any more, which nobody would be told in time
// otherwise.

package import Documents

package struct TrustPlan: Sendable {
  /// Nil before trust begins.
  package let former: RegisteredTrust?
  package let beginning: RegisteredTrust.Beginning
  package let commit: String
  package let instant: Instant
  package let wanted: Trust
  /// In the order of identities.
  package let changes: [TrustChange]
  /// What is worth a look, for every pass: FS5001.
  package let warnings: [Finding]

  /// The version that the plan was made against, and the only one that it applies to.
  package var parent: Int { former?.version ?? 0 }
  package var isEmpty: Bool { changes.isEmpty }

  /// Compares a commit's trust with the registered one.
  ///
  /// - Parameters:
  ///   - instant: the pass's instant; raised to the registered one where a clock went back.
  ///   - beginning: how the version comes about. A reset is recorded even where nothing differs.
  package static func make(
    _ wanted: Trust, against former: RegisteredTrust?, commit: String, at instant: Instant,
    as beginning: RegisteredTrust.Beginning = .commit
  ) -> TrustPlan {
    TrustPlan(
      wanted, former, commit, at: max(instant, former?.instant ?? instant), beginning)
  }

  private init(
    _ wanted: Trust, _ former: RegisteredTrust?, _ commit: String, at instant: Instant,
    _ beginning: RegisteredTrust.Beginning
  ) {
    self.wanted = wanted
    self.former = former
    self.commit = commit
    self.instant = instant
    self.beginning = beginning
    let wantedForms = Dictionary(
      wanted.definitions.map { ($0.identity, $0) }, uniquingKeysWith: { first, _ in first })
    let identities = Set(wantedForms.keys).union(former?.definitions.keys.map(\.self) ?? [])
    changes = identities.sorted().compactMap {
      TrustChange($0, to: wantedForms[$0], from: former, beginning)
    }
    warnings = wanted.adminWarning(at: instant).map { [$0] } ?? []
  }
}

/// What a change of trust does. The list is closed.
package enum TrustClass: String, Hashable, Comparable, Sendable, CaseIterable {
  case initialised = "trust.initialised"
  case personChanged = "trust.person.changed"
  case personCreated = "trust.person.created"
  case personDeleted = "trust.person.deleted"
  case policyChanged = "trust.policy.changed"
  case policyCreated = "trust.policy.created"
  case policyDeleted = "trust.policy.deleted"
  case reset = "trust.reset"
  case teamChanged = "trust.team.changed"
  case teamCreated = "trust.team.created"
  case teamDeleted = "trust.team.deleted"
  case workspaceChanged = "trust.workspace.changed"
  case workspaceCreated = "trust.workspace.created"
  case workspaceDeleted = "trust.workspace.deleted"

  package static func < (a: TrustClass, b: TrustClass) -> Bool {
    a.rawValue.precedesInBytes(b.rawValue)
  }
}

package struct TrustChange: Sendable {
  package let identity: TrustIdentity
  /// Sorted; at least one.
  package let classes: [TrustClass]
  package let before: TrustDefinition?
  /// Nil for a deletion.
  package let after: TrustDefinition?
  /// The version of trust that the change gives, so that what was approved for one version counts
  /// for no other, and whoever knows the version in force can approve.
  package let generation: Int

  /// - Returns: nil where nothing changes. A beginning is recorded with the workspace, always.
  fileprivate init?(
    _ identity: TrustIdentity, to after: TrustDefinition?, from former: RegisteredTrust?,
    _ beginning: RegisteredTrust.Beginning
  ) {
    let before = former?.definitions[identity]
    var classes: [TrustClass] = []
    if before != after, let kind = Self.change(of: identity.kind, before, after) {
      classes.append(kind)
    }
    if identity.kind == .workspace, after != nil, let mark = beginning.mark { classes.append(mark) }
    guard !classes.isEmpty else { return nil }
    self.identity = identity
    self.classes = classes.sorted()
    self.before = before
    self.after = after
    generation = (former?.version ?? 0) + 1
  }

  private static func change(
    of kind: TrustKind, _ before: TrustDefinition?, _ after: TrustDefinition?
  ) -> TrustClass? {
    let verb = before == nil ? "created" : after == nil ? "deleted" : "changed"
    return TrustClass(rawValue: "trust.\(kind.rawValue).\(verb)")
  }
}

extension RegisteredTrust.Beginning {
  /// The class of the event that says so.
  fileprivate var mark: TrustClass? {
    switch self {
    case .initialised: .initialised
    case .commit: nil
    case .reset: .reset
    }
  }
}

extension Trust {
  /// Warns where no ADMIN's key stays valid for a month: then nobody could change trust any more.
  fileprivate func adminWarning(at instant: Instant) -> Finding? {
    let later = instant.adding(seconds: Limits.adminKeySecondsMin)
    let keys = people(having: BuiltInRole.admin.rawValue).flatMap(\.keys)
    guard !keys.contains(where: { $0.isValid(at: later) }) else { return nil }
    let last = keys.filter { $0.isValid(at: instant) }.compactMap(\.until).max()
    let state = last.map { "The last one counts until \($0)" } ?? "None counts today"
    return Finding(
      .adminKeysEnd, at: Location(file: Layout.workspaceFile),
      "no ADMIN has a key that counts for 30 days more. \(state)",
      remedy: "Add a key to an ADMIN, or extend an `until`, and let an ADMIN approve it in time:"
        + " afterwards only `flagstaff trust reset` helps")
  }
}

extension Finding.Code {
  // Against trust: what only the registered trust, or the clock, can tell.
  static let adminKeysEnd = Self(
    "FS5001", "No ADMIN whose key lasts a month", severity: .warning)
}
