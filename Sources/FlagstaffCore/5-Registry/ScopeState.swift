// What is registered for a scope: the definitions last applied, and what Git does not know about
// them, which is little: ranges, phases, salts, steps, tombstones, kills. It is the `registry(n−1)`
// of the one idea; plans are made against it, and snapshots are projected from it.

package import Documents
package import FlagstaffEvaluation

/// The registered state of one scope at one version.
package struct ScopeState: Sendable {
  package let scope: ScopeID
  /// 0 where nothing was ever applied; then one up for each applied plan.
  package let version: Int
  /// The commit of the version; nil for version 0.
  package let commit: String?
  /// The instant of the version; nil for version 0.
  package let instant: Instant?
  /// The instant up to which schedules were followed: the version's own, save after a kill, which
  /// takes no schedule further; nil for version 0.
  package let schedule: Instant?
  package let definitions: [Identity: RegisteredDefinition]
  package let tombstones: [Identity: Tombstone]
  /// Buckets of exclusion groups that nobody but their former holder may have, sorted. Some may
  /// have rested long enough by now: they are left out with the next version.
  package let rests: [Rest]
  /// What somebody stopped and nobody has released. A kill stays whatever becomes of the definition
  /// meanwhile, its deletion included.
  package let kills: [Identity: Kill]

  /// - Parameter schedule: nil for the version's instant.
  package init(
    scope: ScopeID, version: Int, commit: String?, instant: Instant?, schedule: Instant? = nil,
    definitions: [Identity: RegisteredDefinition], tombstones: [Identity: Tombstone],
    rests: [Rest], kills: [Identity: Kill] = [:]
  ) {
    self.scope = scope
    self.version = version
    self.commit = commit
    self.instant = instant
    self.schedule = schedule ?? instant
    self.definitions = definitions
    self.tombstones = tombstones
    self.rests = rests
    self.kills = kills
  }

  /// A scope that was never applied.
  package static func empty(_ scope: ScopeID) -> ScopeState {
    ScopeState(
      scope: scope, version: 0, commit: nil, instant: nil, definitions: [:], tombstones: [:],
      rests: [])
  }
}

extension ScopeState {
  /// Where the schedule of a definition stands: a killed one's stood still when it was killed.
  func schedule(of identity: Identity) -> Instant? { kills[identity]?.schedule ?? schedule }

  /// What an experiment hashes its traffic with: its group's id, or its own.
  package func trafficSalt(of experiment: ResolvedExperiment, _ recorded: RecordedExperiment)
    throws(MalformedForm) -> String
  {
    guard let group = experiment.group else { return recorded.id }
    guard case .group(let group) = definitions[Identity(.group, group)]?.recorded else {
      throw MalformedForm(
        identity: Identity(.experiment, experiment.key), reason: "its group is not registered")
    }
    return group.id
  }
}

/// A stop that is recorded beside the definition, and outlives every commit until it is released.
package struct Kill: Hashable, Sendable {
  /// When it was recorded.
  package let since: Instant
  /// Where the schedule of the definition stands until it is released.
  package let schedule: Instant

  package init(since: Instant, schedule: Instant) {
    self.since = since
    self.schedule = schedule
  }
}

/// A definition as it stands in the registry.
package struct RegisteredDefinition: Sendable {
  package let definition: ResolvedDefinition
  /// Counts the applied changes of the definition; survives its deletion.
  package let generation: Int
  package let created: Instant
  package let recorded: Recorded

  package init(
    _ definition: ResolvedDefinition, generation: Int, created: Instant, recorded: Recorded
  ) {
    self.definition = definition
    self.generation = generation
    self.created = created
    self.recorded = recorded
  }
}

/// What the registry records beside the form.
package enum Recorded: Hashable, Sendable {
  case experiment(RecordedExperiment)
  case flag(RecordedFlag)
  case group(RecordedGroup)
  case metric
  case segment
}

package struct RecordedGroup: Hashable, Sendable {
  /// The identity with which all members hash their traffic.
  package let id: String
  /// The buckets in force that no member ever gets.
  package let holdout: BucketRanges

  package init(id: String, holdout: BucketRanges) {
    self.id = id
    self.holdout = holdout
  }
}

package struct RecordedExperiment: Hashable, Sendable {
  package struct Variant: Hashable, Sendable {
    package let key: String
    package let ranges: BucketRanges

    package init(key: String, ranges: BucketRanges) {
      self.key = key
      self.ranges = ranges
    }
  }

  /// The identity hashed for traffic.
  package let id: String
  package let phase: Int
  /// The literal prefix hashed for variants.
  package let salt: String
  /// The version of the hash; it never changes under an experiment.
  package let hash: Int
  /// The version that an experiment gets when it starts.
  static let currentHash = 1
  package let traffic: BucketRanges
  /// In key order.
  package let variants: [Variant]
  /// When it was first applied as running.
  package let started: Instant?
  /// When it was completed; nil again once it is resumed.
  package let stopped: Instant?

  package init(
    id: String, phase: Int, salt: String, hash: Int, traffic: BucketRanges, variants: [Variant],
    started: Instant?, stopped: Instant?
  ) {
    self.id = id
    self.phase = phase
    self.salt = salt
    self.hash = hash
    self.traffic = traffic
    self.variants = variants
    self.started = started
    self.stopped = stopped
  }
}

package struct RecordedFlag: Hashable, Sendable {
  package struct Split: Hashable, Sendable {
    package let rule: String
    /// In key order.
    package let variants: [RecordedExperiment.Variant]

    package init(rule: String, variants: [RecordedExperiment.Variant]) {
      self.rule = rule
      self.variants = variants
    }
  }

  package struct Step: Hashable, Sendable {
    package let rule: String
    /// Buckets, 0 to 10,000.
    package let share: Int

    package init(rule: String, share: Int) {
      self.rule = rule
      self.share = share
    }
  }

  /// The share in force of each rollout, by rule key.
  package let steps: [Step]
  /// The layout of each split, by rule key.
  package let splits: [Split]

  package init(steps: [Step], splits: [Split]) {
    self.steps = steps
    self.splits = splits
  }
}

/// What a deleted definition leaves behind, so that its key does not come back by accident.
package struct Tombstone: Hashable, Sendable {
  /// An experiment's identity.
  package let id: String?
  package let generation: Int
  /// An experiment's last phase; it comes back only with a higher one.
  package let phase: Int?
  package let deleted: Instant

  package init(id: String?, generation: Int, phase: Int?, deleted: Instant) {
    self.id = id
    self.generation = generation
    self.phase = phase
    self.deleted = deleted
  }
}
