// Whether the plan's changes are exactly what differs: between the published bytes, the recorded
// state and the definitions, before and after. What is not named as a change must be the same to
// the byte. Versions go up by one, generations too, and what goes away leaves a tombstone.

internal import Documents
internal import Signing

extension PlanCheck {
  func checkVersion() throws(PlanDisagreement) {
    try expect(.coverage, nil, "the scope", planned: plan.scope, found: plan.wanted.scope)
    try expect(
      .coverage, nil, "the parent version", planned: plan.parent, found: plan.former.version)
    try expect(
      .coverage, nil, "the next version", planned: plan.state.version,
      found: plan.former.version + 1)
    try expect(.coverage, nil, "the commit", planned: plan.state.commit, found: plan.commit)
    try expect(.coverage, nil, "the instant", planned: plan.state.instant, found: plan.instant)
    if let last = plan.former.instant, plan.instant < last {
      throw disagreement(
        .coverage, nil, planned: "the instant \(plan.instant)", found: "the last one, \(last)")
    }
    try expect(
      .coverage, nil, "so many changes, each once:", planned: plan.changes.count,
      found: changes.count)
    try expect(.identity, nil, "pins", planned: after.pins, found: before.pins)
  }

  func checkCoverage() throws(PlanDisagreement) {
    let all = Set(before.entries.keys).union(after.entries.keys).union(plan.wanted.definitions.keys)
      .union(changes.keys).union(before.published.keys).union(after.published.keys)
    for identity in all.sorted() {
      try expect(
        .coverage, identity, "a digest", planned: after.entries[identity]?.digest,
        found: plan.wanted.definitions[identity]?.digest.hexadecimal)
      if let change = changes[identity] {
        try checkRecord(change)
      } else if differs(identity) {
        throw disagreement(
          .coverage, identity, planned: "no change", found: "other bytes than before")
      }
    }
  }

  /// Whether what is published or recorded is not the same to the byte.
  private func differs(_ identity: Identity) -> Bool {
    before.published[identity]?.bytes != after.published[identity]?.bytes
      || before.entries[identity]?.bytes != after.entries[identity]?.bytes
  }

  /// A change starts from what is registered, ends where the definitions say, counts itself, and
  /// changes something.
  private func checkRecord(_ change: PlanClaim.Change) throws(PlanDisagreement) {
    let identity = change.identity
    let (was, now) = (before.entries[identity]?.node, after.entries[identity]?.node)
    try expect(
      .coverage, identity, "the digest of its former form",
      planned: change.before.map { Self.digest(of: $0) }, found: was?["digest"]?.string)
    try expect(
      .coverage, identity, "the digest of its form",
      planned: change.after.map { Self.digest(of: $0) }, found: now?["digest"]?.string)
    let wanted = plan.wanted.definitions[identity]
    try expect(
      .coverage, identity, "the form", planned: change.after?.definition.form, found: wanted?.form)
    try expect(
      .coverage, identity, "the recorded state", planned: change.after?.recorded,
      found: plan.state.definitions[identity]?.recorded)
    let tombstone = was == nil ? before.tombstones[identity] : nil
    let generation = ((was ?? tombstone)?["generation"]?.integer ?? 0) + 1
    try expect(
      .coverage, identity, "generation", planned: change.generation, found: generation)
    if let now {
      try expect(
        .coverage, identity, "the recorded generation", planned: now["generation"]?.integer,
        found: generation)
      try expect(
        .coverage, identity, "a creation at", planned: change.after?.created,
        found: change.before?.created ?? plan.instant)
    }
    guard
      before.published[identity]?.bytes != after.published[identity]?.bytes
        || was?.leaving("generation") != now?.leaving("generation")
        || before.kills[identity] != after.kills[identity]
    else {
      throw disagreement(.coverage, identity, planned: "a change", found: "nothing that differs")
    }
  }

  /// The digest of a form, hashed again.
  private static func digest(of registered: RegisteredDefinition) -> String {
    let bytes = CanonicalJSON.bytes(registered.definition.form)
    return Signing.sha256(Signing.tag("definition") + bytes).hexadecimal
  }

  /// What is recorded of a definition.
  func entry(_ identity: Identity, in bytes: ScopeBytes) throws(PlanDisagreement) -> Node {
    guard let entry = bytes.entries[identity]?.node else {
      throw disagreement(
        .coverage, identity, planned: "a recorded state", found: "none in the state document")
    }
    return entry
  }

  /// Compares what is published of a definition.
  func expect(_ form: Node?, published identity: Identity) throws(PlanDisagreement) {
    try expect(
      .publication, identity, "what is published of it,",
      planned: after.published[identity]?.node, found: form)
  }
}

// MARK: What goes away

extension PlanCheck {
  /// Deletions leave tombstones, revivals take theirs away, and no other comes or goes.
  func checkTombstones() throws(PlanDisagreement) {
    var expected = before.tombstones
    for (identity, change) in changes {
      expected[identity] = change.after == nil ? tombstone(of: identity) : nil
    }
    for identity in Set(expected.keys).union(after.tombstones.keys).sorted() {
      try expect(
        .identity, identity, "the tombstone", planned: after.tombstones[identity],
        found: expected[identity])
    }
  }

  private func tombstone(of identity: Identity) -> Node? {
    guard let entry = before.entries[identity]?.node else { return nil }
    let isExperiment = identity.kind == .experiment
    return .fields([
      "kind": .string(identity.kind.rawValue), "key": .string(identity.key),
      "id": isExperiment ? entry["id"] : nil,
      "generation": .integer((entry["generation"]?.integer ?? 0) + 1),
      "phase": isExperiment ? entry["phase"] : nil,
      "deleted": .string(plan.instant.description),
    ])
  }

  /// A missing file never deletes what runs or is enabled.
  func checkDeletion(_ change: PlanClaim.Change) throws(PlanDisagreement) {
    try expect(nil, published: change.identity)
    guard let form = change.before?.definition.form else { return }
    let runs = [StatusInForce.live, .scheduled]
      .contains(StatusInForce(form, at: now(of: change.identity)))
    let isEnabled = change.identity.kind == .flag && form["enabled"]?.boolean == true
    if (change.identity.kind == .experiment && runs) || isEnabled {
      throw disagreement(
        .coverage, change.identity, planned: "its deletion", found: "that it is running or enabled")
    }
  }

  /// Browsers read client-visible flags, the experiments that those use, and client-visible
  /// flagless experiments: the same bytes as servers.
  func checkClients() throws(PlanDisagreement) {
    var visible: Set<Identity> = []
    for (identity, definition) in plan.wanted.definitions
    where definition.form["visibility"]?.string == "client" {
      visible.insert(identity)
      visible.formUnion(definition.form.experimentsUsed.map { Identity(.experiment, $0) })
    }
    for identity in Set(after.client.keys).union(visible).sorted() {
      let expected = visible.contains(identity) ? after.published[identity]?.bytes : nil
      guard after.client[identity]?.bytes == expected else {
        throw disagreement(
          .publication, identity, planned: "what browsers read of it",
          found: expected == nil ? "that it is not theirs" : "other bytes for servers")
      }
    }
  }
}

extension Node {
  /// A mapping without one of its fields.
  fileprivate func leaving(_ field: String) -> Node {
    .mapping((mapping?.entries ?? []).filter { $0.key != field }.map { ($0.key, $0.value) })
  }

  /// The experiments that the rules of a flag use, in either form.
  var experimentsUsed: [String] {
    (self["rules"]?.sequence ?? []).compactMap { $0["experiment"]?.string }
  }
}

/// What an experiment is at an instant, by its resolved form.
enum StatusInForce: Equatable {
  case draft
  /// Running, before its start.
  case scheduled
  case live
  case paused
  case completed

  init(_ form: Node, at instant: Instant) {
    func time(_ name: String) -> Instant? {
      form["schedule"]?[name]?.string.flatMap { Instant($0) }
    }
    let isBeforeStart = time("start").map { instant < $0 } ?? false
    let isOver = time("end").map { $0 <= instant } ?? false
    switch form["status"]?.string {
    case "completed": self = .completed
    case "running" where isOver, "paused" where isOver: self = .completed
    case "paused": self = .paused
    case "running": self = isBeforeStart ? .scheduled : .live
    default: self = .draft
    }
  }
}
