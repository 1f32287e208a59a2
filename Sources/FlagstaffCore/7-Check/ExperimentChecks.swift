// What a changed experiment records and publishes, worked out anew from the design's sections
// *Ranges* and *Phase*: who it is, with what it hashes, who sees which variant, who is in. Traffic
// inside a group is checked with the group.

internal import Documents
internal import Signing

extension PlanCheck {
  func checkExperiment(_ change: PlanClaim.Change, _ entry: Node) throws(PlanDisagreement) {
    let identity = change.identity
    guard let form = change.after?.definition.form else { return }
    let was = before.entries[identity]?.node
    let started = was?["started"] != nil ? was : nil
    try checkIdentity(identity, form, entry, was: was)
    if let started, let former = change.before?.definition.form {
      try checkPhase(identity, form, former: former, since: started)
    }
    try checkVariants(identity, form, entry, started: started)
    if form["group"] == nil {
      let share = form["traffic"]?.integer ?? 0
      let range = Node.sequence([.integer(0), .integer(share)])
      try expect(
        .traffic, identity, "the traffic", planned: entry["traffic"],
        found: .sequence(share > 0 ? [range] : []))
    }
    try expect(published(identity, form, entry), published: identity)
  }

  /// Identity, hash, phase, and when it started and stopped.
  private func checkIdentity(
    _ identity: Identity, _ form: Node, _ entry: Node, was: Node?
  ) throws(PlanDisagreement) {
    let now = StatusInForce(form, at: now(of: identity))
    let instant = Node.string(plan.instant.description)
    let isRunning = form["status"]?.string == "running"
    let expected: [(String, Node?)] = [
      ("id", form["id"] ?? id("Experiment/\(identity.key)")),
      ("hash", was?["hash"] ?? .integer(1)), ("phase", form["phase"]),
      ("started", was?["started"] ?? (isRunning ? instant : nil)),
      ("stopped", now == .completed ? was?["stopped"] ?? instant : nil),
    ]
    for (field, found) in expected {
      try expect(
        .identity, identity, "the recorded \(field)", planned: entry[field], found: found)
    }
    if was?["started"] != nil {
      try expect(.identity, identity, "the id", planned: entry["id"], found: was?["id"])
      if form["status"]?.string == "draft" {
        throw disagreement(
          .identity, identity, planned: "a draft", found: "that it has started already")
      }
    }
  }

  /// The UUIDv5 of a name under the customer.
  func id(_ name: String) -> Node {
    let namespace = "08dc8e836e5a4ef4a277f445a7943ae2"
    return .string(
      Signing.uuidV5(
        namespace: Hexadecimal.bytes(namespace) ?? [], name: "\(plan.scope.customer)/\(name)"))
  }

  /// What decides assignments stays within a phase, and phases only rise.
  private func checkPhase(
    _ identity: Identity, _ form: Node, former: Node, since started: Node
  ) throws(PlanDisagreement) {
    let (phase, last) = (form["phase"]?.integer ?? 0, started["phase"]?.integer ?? 0)
    guard phase >= last else {
      throw disagreement(
        .identity, identity, planned: "phase \(phase)", found: "that it was in phase \(last)")
    }
    guard phase == last else { return }
    for field in ["targeting", "bucketBy", "group"] {
      try expect(
        .ranges, identity, "within one phase another \(field):", planned: form[field],
        found: former[field])
    }
    try expect(
      .ranges, identity, "within one phase other weights:", planned: form.weights.map(\.described),
      found: former.weights.map(\.described))
  }

  /// The salt, and which variant has which bucket.
  private func checkVariants(
    _ identity: Identity, _ form: Node, _ entry: Node, started: Node?
  ) throws(PlanDisagreement) {
    let map = try map(identity, entry)
    let isRaised = (form["phase"]?.integer ?? 0) > (started?["phase"]?.integer ?? 0)
    if let started, !isRaised || form["reassign"]?.string == "least" {
      try expect(
        .identity, identity, "the salt", planned: entry["salt"], found: started["salt"])
      guard isRaised else {
        try expect(
          .ranges, identity, "the variants' buckets", planned: entry["variants"],
          found: started["variants"])
        return
      }
      return try checkFewestMoves(identity, form, from: self.map(identity, started), to: map)
    }
    let fresh = Node.string("\(entry["id"]?.string ?? "")/\(form["phase"]?.integer ?? 0)/")
    try expect(
      .identity, identity, "the salt", planned: entry["salt"], found: form["salt"] ?? fresh)
    if let started, started["salt"] == entry["salt"] {
      throw disagreement(
        .identity, identity, planned: "fresh assignments", found: "the salt of the last phase")
    }
    let canonical = SizesByWeight(form.weights.map { ($0.name, $0.weight) }).canonical
    try expect(
      .ranges, identity, "the variants' buckets", planned: entry["variants"],
      found: .mapping(canonical.map { ($0.name, $0.ranges) }))
  }

  /// The recorded buckets of variants: disjoint, and all of them.
  private func map(_ identity: Identity, _ entry: Node) throws(PlanDisagreement) -> BucketMap {
    let ranges = (entry["variants"]?.mapping?.entries ?? []).map { ($0.key, $0.value) }
    guard let map = BucketMap(ranges), map.isFull else {
      throw disagreement(
        .ranges, identity, planned: "variants that share out all buckets",
        found: "a bucket that none or several of them have")
    }
    return map
  }

  /// `reassign: least`: the sizes that the weights ask for, by the fewest moves, each of them the
  /// one that the design's procedure makes.
  private func checkFewestMoves(
    _ identity: Identity, _ form: Node, from: BucketMap, to: BucketMap
  ) throws(PlanDisagreement) {
    let sizes = SizesByWeight(form.weights.map { ($0.name, $0.weight) })
    for name in Set(to.names + sizes.sizes.map(\.name)).sorted() {
      try expect(
        .ranges, identity, "for \(name) so many buckets:", planned: to.size(of: name),
        found: sizes.size(of: name))
    }
    try expect(
      .ranges, identity, "so many buckets that move:", planned: from.differing(from: to).count,
      found: from.fewestMoves(to: sizes))
    let expected = LeastReassignment(from, to: sizes).owners
    for bucket in 0..<BucketMap.count {
      try expect(
        .ranges, identity, "for bucket \(bucket)", planned: to.name(of: bucket),
        found: expected[bucket])
    }
  }

  /// The published form; nil for a draft.
  private func published(_ identity: Identity, _ form: Node, _ entry: Node) -> Node? {
    let now = StatusInForce(form, at: now(of: identity))
    let isKilled = isKilled(identity)
    guard now != .draft else { return nil }
    var salt = entry["id"]
    if let group = form["group"]?.string {
      salt =
        after.entries.first { $0.key.kind == .group && $0.key.key == group }?.value
        .node?["id"]
    }
    let variants = (entry["variants"]?.mapping?.entries ?? []).map { variant in
      Node.fields([
        "key": .string(variant.key), "ranges": variant.value,
        "payload": form["variants"]?[variant.key]?["payload"],
      ])
    }
    return .fields([
      "kind": .string("experiment"), "key": form["key"], "id": entry["id"], "hash": entry["hash"],
      "live": .boolean(now == .live && !isKilled), "bucketBy": form["bucketBy"],
      "trafficSalt": salt,
      "traffic": entry["traffic"], "salt": entry["salt"], "targeting": form["targeting"],
      "control": form["control"], "variants": .sequence(variants), "force": form["force"],
      "winner": now == .completed && !isKilled ? form["winner"] : nil, "splitUrl": form["splitUrl"],
    ])
  }
}

/// A variant's weight, as the form has it.
struct VariantWeight {
  let name: String
  let weight: Int

  var described: String { "\(name): \(weight)" }
}

extension Node {
  /// The weights of an experiment's variants, or of a split, by name.
  var weights: [VariantWeight] {
    (self["variants"]?.mapping?.entries ?? [])
      .map { VariantWeight(name: $0.key, weight: $0.value["weight"]?.integer ?? 0) }
      .sorted { Text($0.name) < Text($1.name) }
  }
}
