// The classes of a change, derived anew: from which fields of the forms differ, from the status in
// force at both instants, and from what is recorded. Policies and reviewers rely on classes, so a
// wrong one is as bad as a wrong range.

internal import Documents

extension PlanCheck {
  func checkClasses(_ change: PlanClaim.Change) throws(PlanDisagreement) {
    let names = change.classes
    try expect(
      .classes, change.identity, "the classes", planned: names.joined(separator: ", "),
      found: classes(of: change).sorted().joined(separator: ", "))
  }

  private func classes(of change: PlanClaim.Change) -> Set<String> {
    let identity = change.identity
    let kind = identity.kind.rawValue
    guard let form = change.after?.definition.form else {
      return [kind == "experiment" || kind == "flag" ? "definition.deleted" : "\(kind).deleted"]
    }
    guard let former = change.before?.definition.form else {
      return created(identity, form, isRevived: before.tombstones[identity] != nil)
    }
    let fields = Fields(former, form)
    var classes: Set<String>
    switch kind {
    case "experiment": classes = experimentClasses(identity, former, form, fields)
    case "flag": classes = flagClasses(identity, form, fields)
    case "group": classes = groupClasses(identity, fields)
    case "metric":
      let isChanged = fields.differ("event", "aggregation", "minimumSampleSize", "guardrail")
      classes = isChanged ? ["metric.changed"] : []
    default: classes = fields.differ("condition") ? ["\(kind).changed"] : []
    }
    let stops = (before.kills[identity] != nil, after.kills[identity] != nil)
    if stops == (false, true) { classes.insert("killed") }
    if stops == (true, false) { classes.insert("released") }
    if classes.isEmpty { classes = ["definition.described"] }
    return classes
  }

  private func created(_ identity: Identity, _ form: Node, isRevived: Bool) -> Set<String> {
    let kind = identity.kind.rawValue
    var classes: Set = ["\(kind).created"]
    if isRevived, kind == "experiment" || kind == "flag" { classes.insert("definition.revived") }
    if kind == "experiment", StatusInForce(form, at: now(of: identity)) == .live {
      classes.insert("experiment.started")
    }
    return classes
  }

  private func flagClasses(_ identity: Identity, _ form: Node, _ fields: Fields) -> Set<String> {
    var classes = fields.classes([
      "variants": "values.changed", "default": "default.changed", "off": "default.changed",
      "visibility": "visibility.changed", "rules": "rules.changed", "bucketBy": "rules.changed",
    ])
    if fields.differ("enabled") {
      classes.insert(form["enabled"]?.boolean == true ? "flag.enabled" : "flag.disabled")
    }
    let (was, now) = (before.entries[identity]?.node, after.entries[identity]?.node)
    if !classes.contains("rules.changed"), was?["steps"] != now?["steps"] {
      classes.insert("rollout.advanced")
    }
    return classes
  }

  private func groupClasses(_ identity: Identity, _ fields: Fields) -> Set<String> {
    let (was, now) = (before.entries[identity]?.node, after.entries[identity]?.node)
    let isRecordChanged = was?["id"] != now?["id"] || was?["holdout"] != now?["holdout"]
    return isRecordChanged || fields.differ("holdout", "restDays") ? ["group.changed"] : []
  }
}

// MARK: Experiments

extension PlanCheck {
  private func experimentClasses(
    _ identity: Identity, _ former: Node, _ form: Node, _ fields: Fields
  ) -> Set<String> {
    let then = StatusInForce(former, at: then(of: identity))
    let now = StatusInForce(form, at: now(of: identity))
    let isFirst = before.entries[identity]?.node?["started"] == nil
    var classes = fields.classes([
      "schedule": "schedule.changed", "targeting": "targeting.changed", "force": "force.changed",
      "visibility": "visibility.changed",
    ])
    classes.formUnion(Self.transition(from: then, to: now, isFirst: isFirst))
    if fields.differ("winner") {
      switch (then, now) {
      case (.completed, .completed): classes.insert("experiment.completed")
      case (.completed, _), (_, .completed): break
      default: classes.insert("variants.changed")
      }
    }
    let traffic = (former["traffic"]?.integer ?? 0, form["traffic"]?.integer ?? 0)
    if traffic.1 > traffic.0 { classes.insert("traffic.raised") }
    if traffic.1 < traffic.0 { classes.insert("traffic.lowered") }
    if (form["phase"]?.integer ?? 0) > (former["phase"]?.integer ?? 0) {
      classes.insert("phase.raised")
    }
    classes.formUnion(variantClasses(former, form, fields, classes))
    return classes
  }

  /// What a change of the status in force is called.
  private static func transition(
    from then: StatusInForce, to now: StatusInForce, isFirst: Bool
  ) -> Set<String> {
    if then == now { return [] }
    switch (then, now) {
    case (_, .draft): return []
    case (_, .paused): return ["experiment.paused"]
    case (_, .completed): return ["experiment.completed"]
    case (.scheduled, .live): return ["experiment.started"]
    case (.live, .scheduled): return ["schedule.changed"]
    case (_, .live): return isFirst ? ["experiment.started"] : ["experiment.resumed"]
    case (_, .scheduled): return isFirst ? ["schedule.changed"] : ["experiment.resumed"]
    }
  }

  private func variantClasses(
    _ former: Node, _ form: Node, _ fields: Fields, _ others: Set<String>
  ) -> Set<String> {
    let (was, now) = (former.weights, form.weights)
    var classes: Set<String> = []
    let isSameSet = was.map(\.name) == now.map(\.name)
    if !isSameSet || fields.differ("control", "bucketBy", "salt", "id", "group") {
      classes.insert("variants.changed")
    }
    let isReweighted = was.map(\.weight) != now.map(\.weight) || fields.differ("weights")
    if isReweighted, !classes.union(others).contains("variants.changed") {
      classes.insert("variants.reweighted")
    }
    let payloads = [former, form].map { form in
      form.weights.map { form["variants"]?[$0.name]?["payload"] }
    }
    if isSameSet, payloads[0] != payloads[1] || fields.differ("splitUrl") {
      classes.insert("values.changed")
    }
    return classes
  }
}

/// Which fields of two forms differ.
private struct Fields {
  private let differing: Set<String>

  init(_ former: Node, _ form: Node) {
    let names = (former.mapping?.entries ?? []) + (form.mapping?.entries ?? [])
    differing = Set(names.map(\.key)).filter { former[$0] != form[$0] }
  }

  func differ(_ names: String...) -> Bool { names.contains(where: differing.contains) }

  /// The classes of the fields that differ.
  func classes(_ names: [String: String]) -> Set<String> {
    Set(names.filter { differing.contains($0.key) }.values)
  }
}
