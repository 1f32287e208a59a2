// What a plan's changes are as rows: the definitions that remain, by kind, and the tombstones of
// those that go. Each kind is one COPY.

internal import Documents
internal import FlagstaffCore
internal import FlagstaffEvaluation
internal import Signing

struct ScopeRows {
  let scope: ScopeID
  private(set) var experiments: [(ResolvedExperiment, RecordedExperiment, RegisteredDefinition)] =
    []
  private(set) var flags: [(ResolvedFlag, RecordedFlag, RegisteredDefinition)] = []
  private(set) var groups: [(ResolvedGroup, RecordedGroup, RegisteredDefinition)] = []
  let rests: [Rest]
  private(set) var metrics: [(ResolvedMetric, RegisteredDefinition)] = []
  private(set) var segments: [RegisteredDefinition] = []
  private(set) var tombstones: [(Identity, Tombstone)] = []
  let kills: [Identity: Kill]

  init(_ plan: Plan) throws(MalformedForm) {
    scope = plan.scope
    rests = plan.rests
    kills = plan.kills
    for change in plan.changes {
      if let tombstone = change.tombstone(at: plan.instant) {
        tombstones.append((change.identity, tombstone))
      }
      guard let after = change.after else { continue }
      let form = after.definition.form
      switch after.recorded {
      case .experiment(let recorded):
        experiments.append((try ResolvedExperiment(form: form), recorded, after))
      case .flag(let recorded): flags.append((try ResolvedFlag(form: form), recorded, after))
      case .group(let recorded):
        groups.append((try ResolvedGroup(form: form), recorded, after))
      case .metric: metrics.append((try ResolvedMetric(form: form), after))
      case .segment: segments.append(after)
      }
    }
  }
}

extension PostgresTransaction {
  borrowing func copyExperiments(_ rows: ScopeRows) throws {
    guard !rows.experiments.isEmpty else { return }
    try copyIn(
      table: "experiments",
      columns: [
        "environment", "id", "customer_id", "key", "generation", "digest", "definition", "status",
        "phase", "salt", "hash_version", "bucket_by", "traffic_pct", "traffic", "targeting_rules",
        "created_at", "started_at", "stopped_at",
      ]
    ) { output in
      for (resolved, recorded, registered) in rows.experiments {
        try output.identity(rows.scope, id: recorded.id, registered)
        try output.text(resolved.status.rawValue)
        output.int(recorded.phase)
        try output.text(recorded.salt)
        output.int(recorded.hash)
        try output.text(resolved.bucketBy)
        try output.text(Share.percent(recorded.traffic.count))
        try output.node(recorded.traffic.node)
        try output.node(resolved.targeting)
        output.instant(registered.created)
        output.instant(recorded.started)
        output.instant(recorded.stopped)
        try output.endRow()
      }
    }
    try copyVariants(rows)
  }

  borrowing private func copyVariants(_ rows: ScopeRows) throws {
    try copyIn(
      table: "variants",
      columns: [
        "environment", "experiment_id", "key", "is_control", "weight", "payload", "ranges",
      ]
    ) { output in
      for (resolved, recorded, _) in rows.experiments {
        for (variant, ranges) in zip(resolved.variants, recorded.variants.map(\.ranges)) {
          try output.text(rows.scope.environment)
          try output.text(recorded.id)
          try output.text(variant.key)
          output.bool(variant.key == resolved.control)
          output.int(variant.weight)
          try output.node(variant.payload)
          try output.node(ranges.node)
          try output.endRow()
        }
      }
    }
  }

  borrowing func copyFlags(_ rows: ScopeRows) throws {
    guard !rows.flags.isEmpty else { return }
    try copyIn(
      table: "feature_flags",
      columns: [
        "environment", "id", "customer_id", "key", "generation", "digest", "definition", "enabled",
        "value_type", "off_variant", "default_variant", "bucket_by", "visibility", "steps",
        "splits", "created_at",
      ]
    ) { output in
      for (resolved, recorded, registered) in rows.flags {
        let id = Identifiers.flag(resolved.key, of: rows.scope.customer)
        try output.identity(rows.scope, id: id, registered)
        output.bool(resolved.enabled)
        try output.text(resolved.valueType)
        try output.text(resolved.off)
        try output.text(resolved.fallback)
        try output.text(resolved.bucketBy)
        try output.text(resolved.visibility)
        try output.node(.mapping(recorded.steps.map { ($0.rule, .integer($0.share)) }))
        try output.node(
          .mapping(
            recorded.splits.map { split in
              (split.rule, .mapping(split.variants.map { ($0.key, $0.ranges.node) }))
            }))
        output.instant(registered.created)
        try output.endRow()
      }
    }
    try copyRules(rows)
  }

  borrowing private func copyRules(_ rows: ScopeRows) throws {
    try copyIn(
      table: "targeting_rules",
      columns: ["environment", "flag_id", "position", "id", "key", "rule"]
    ) { output in
      for (resolved, _, registered) in rows.flags {
        let flag = Identifiers.flag(resolved.key, of: rows.scope.customer)
        let forms = registered.definition.form["rules"]?.sequence ?? []
        for (position, (rule, form)) in zip(resolved.rules, forms).enumerated() {
          try output.text(rows.scope.environment)
          try output.text(flag)
          output.int(position)
          try output.text(
            rule.key.map { Identifiers.rule($0, of: resolved.key, rows.scope.customer) })
          try output.text(rule.key)
          try output.node(form)
          try output.endRow()
        }
      }
    }
  }

  borrowing func copyGroups(_ rows: ScopeRows) throws {
    guard !rows.groups.isEmpty else { return }
    try copyIn(
      table: "exclusion_groups",
      columns: [
        "environment", "id", "customer_id", "key", "generation", "digest", "definition",
        "holdout_pct", "holdout", "rest_days", "created_at",
      ]
    ) { output in
      for (resolved, recorded, registered) in rows.groups {
        try output.identity(rows.scope, id: recorded.id, registered)
        try output.text(Share.percent(recorded.holdout.count))
        try output.node(recorded.holdout.node)
        output.int(resolved.restDays)
        output.instant(registered.created)
        try output.endRow()
      }
    }
  }

  borrowing func copyRests(_ rows: ScopeRows) throws {
    guard !rows.rests.isEmpty else { return }
    try copyIn(
      table: "rests",
      columns: ["environment", "customer_id", "group_key", "experiment_key", "until", "ranges"]
    ) { output in
      for rest in rows.rests {
        try output.text(rows.scope.environment)
        try output.text(rows.scope.customer)
        try output.text(rest.group)
        try output.text(rest.experiment)
        output.instant(rest.until)
        try output.node(rest.ranges.node)
        try output.endRow()
      }
    }
  }

  borrowing func copySegments(_ rows: ScopeRows) throws {
    guard !rows.segments.isEmpty else { return }
    try copyIn(
      table: "segments",
      columns: [
        "environment", "id", "customer_id", "key", "generation", "digest", "definition",
        "condition", "created_at",
      ]
    ) { output in
      for registered in rows.segments {
        let key = registered.definition.identity.key
        let id = Identifiers.segment(key, of: rows.scope.customer)
        try output.identity(rows.scope, id: id, registered)
        try output.node(registered.definition.form["condition"])
        output.instant(registered.created)
        try output.endRow()
      }
    }
  }

  borrowing func copyTombstones(_ rows: ScopeRows) throws {
    guard !rows.tombstones.isEmpty else { return }
    try copyIn(
      table: "tombstones",
      columns: [
        "environment", "customer", "kind", "key", "id", "generation", "phase", "deleted",
      ]
    ) { output in
      for (identity, tombstone) in rows.tombstones {
        try output.text(rows.scope.environment)
        try output.text(rows.scope.customer)
        try output.text(identity.kind.rawValue)
        try output.text(identity.key)
        try output.text(tombstone.id)
        output.int(tombstone.generation)
        output.int(tombstone.phase)
        output.instant(tombstone.deleted)
        try output.endRow()
      }
    }
  }

  borrowing func copyKills(_ rows: ScopeRows) throws {
    guard !rows.kills.isEmpty else { return }
    try copyIn(
      table: "kills",
      columns: ["environment", "customer", "kind", "key", "since", "schedule"]
    ) { output in
      for (identity, kill) in rows.kills {
        try output.text(rows.scope.environment)
        try output.text(rows.scope.customer)
        try output.text(identity.kind.rawValue)
        try output.text(identity.key)
        output.instant(kill.since)
        output.instant(kill.schedule)
        try output.endRow()
      }
    }
  }
}

extension CopyRows {
  /// The columns that all tables of definitions begin with.
  mutating func identity(
    _ scope: ScopeID, id: String, _ registered: RegisteredDefinition
  ) throws {
    try text(scope.environment)
    try text(id)
    try text(scope.customer)
    try text(registered.definition.identity.key)
    int(registered.generation)
    try text(registered.definition.digest.hexadecimal)
    try node(registered.definition.form)
  }

  fileprivate mutating func node(_ node: Node?) throws {
    try json(node.map(CanonicalJSON.bytes))
  }
}
