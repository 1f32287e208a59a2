// What a changed flag records and publishes: the step of each rollout that is in force, each split
// laid out by its weights, and the ids that rules hash with. A flag keeps no assignments, so all of
// it follows from its form and the instant.

internal import Documents

extension PlanCheck {
  func checkFlag(_ change: PlanClaim.Change, _ entry: Node) throws(PlanDisagreement) {
    let identity = change.identity
    guard let form = change.after?.definition.form else { return }
    var steps: [(String, Node)] = []
    var splits: [(String, Node)] = []
    for rule in form["rules"]?.sequence ?? [] {
      guard let key = rule["key"]?.string else { continue }
      if let rollout = rule["rollout"] {
        steps.append((key, .integer(share(rollout, at: now(of: identity)))))
      }
      if let split = rule["split"] { splits.append((key, .mapping(canonical(split)))) }
    }
    try expect(
      .identity, identity, "the steps in force", planned: entry["steps"], found: .mapping(steps))
    try expect(
      .ranges, identity, "the buckets of splits", planned: entry["splits"],
      found: .mapping(splits))
    try expect(published(form, of: identity.key), published: identity)
  }

  /// The last step that is due: 0 before the first.
  private func share(_ rollout: Node, at instant: Instant) -> Int {
    if let constant = rollout.integer { return constant }
    var newest: (from: Instant, share: Int)?
    for step in rollout.mapping?.entries ?? [] {
      guard let from = Instant(step.key), from <= instant, let share = step.value.integer
      else { continue }
      if newest.map({ $0.from < from }) ?? true { newest = (from, share) }
    }
    return newest?.share ?? 0
  }

  private func canonical(_ split: Node) -> [(String, Node)] {
    let weights = (split.mapping?.entries ?? []).map { ($0.key, $0.value.integer ?? 0) }
    return SizesByWeight(weights).canonical.map { ($0.name, $0.ranges) }
  }

  private func published(_ form: Node, of key: String) -> Node {
    let type = form["variants"]?.mapping?.entries.first?.value.typeName ?? ""
    return .fields([
      "kind": .string("flag"), "key": form["key"],
      "type": .string(type == "integer" ? "number" : type), "variants": form["variants"],
      "off": form["off"], "default": form["default"], "enabled": form["enabled"],
      "killed": .boolean(isKilled(Identity(.flag, key))), "bucketBy": form["bucketBy"],
      "rules": .sequence((form["rules"]?.sequence ?? []).map { published($0, ofFlag: key) }),
    ])
  }

  private func published(_ rule: Node, ofFlag flag: String) -> Node {
    let split = rule["split"].map { split in
      Node.sequence(
        canonical(split).map { .fields(["key": .string($0.0), "ranges": $0.1]) })
    }
    return .fields([
      "key": rule["key"], "id": rule["key"]?.string.map { id("Flag/\(flag)/\($0)") },
      "when": rule["when"],
      "share": rule["rollout"].map {
        .integer(share($0, at: now(of: Identity(.flag, flag))))
      },
      "serve": rule["serve"], "experiment": rule["experiment"], "split": split,
    ])
  }
}
