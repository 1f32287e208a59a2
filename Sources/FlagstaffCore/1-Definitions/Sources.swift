// Definitions as one file states them: typed, with positions, before references are followed and
// before an environment is chosen. `DefinitionReader` makes them; `Definitions` checks them
// against each other; `ResolvedScope` turns them into resolved forms.

internal import Documents

/// A condition of a file. A class, because rules hold one and are handed on more often than it is
/// read.
final class ConditionSource: Sendable {
  let form: ConditionForm
  let position: Position
  /// The segments that it names, each with the place where, in the order of the form.
  let segments: [Reference]
  /// Levels above each of them.
  let segmentDepths: [Int]
  /// Without the segments.
  let ownSize: ConditionSize

  init(form: ConditionForm, position: Position, segments: [Reference]) {
    (self.form, self.position, self.segments) = (form, position, segments)
    (ownSize, segmentDepths) = ConditionSize.own(form)
  }
}

/// A name of something else, and where it stands.
struct Reference: Hashable, Sendable {
  var key: String
  var position: Position
}

struct Labels: Sendable {
  var entries: [(key: String, value: String)] = []
}

struct ScheduleSource: Sendable {
  var start: Instant?
  var end: Instant?
}

/// What an environment may set for an experiment; each field replaces the whole field.
struct ExperimentSettings: Sendable {
  var status: ExperimentStatus?
  var phase: Int?
  var schedule: ScheduleSource?
  /// Buckets, 0 to 10,000.
  var traffic: Int?
  var targeting: ConditionSource?
  var force: [(variant: Reference, units: [String])]?
  /// Where an environment's block stands; nil for what holds in every environment.
  var places: ClosedRange<Position>?
}

struct ExperimentSource: Sendable {
  var key: String
  var position: Position
  var description: String?
  var hypothesis: String?
  var labels = Labels()
  var bucketBy = "targetingKey"
  var group: Reference?
  var reassign = Reassign.fresh
  var bandit: BanditSource?
  var control: Reference
  var variants: [Variant] = []
  var winner: Reference?
  var id: String?
  var salt: Reference?
  var revive = false
  var visibility: String?
  var metrics: ExperimentMetricsSource?
  var splitURL: SplitURLSource?
  var settings = ExperimentSettings()
  var environments: [(name: Reference, settings: ExperimentSettings)] = []

  struct Variant: Sendable {
    var key: String
    var position: Position
    var weight: Int
    var payload: Node?
  }

  /// Whether it answers by itself, with the payloads of its variants.
  var isFlagless: Bool { variants.allSatisfy { $0.payload != nil } }
}

/// What a bandit may do with the weights: each variant keeps at least the floor.
struct BanditSource: Sendable {
  var position: Position
  /// Buckets, 0 to 10,000.
  var floor = 0
}

struct RuleSource: Sendable {
  enum Outcome: Sendable {
    case experiment(Reference)
    case serve(Reference)
    case rollout(Reference, Rollout)
    case split([(variant: Reference, weight: Int)])
  }

  enum Rollout: Sendable {
    case constant(Int)
    /// Ascending by instant.
    case steps([(from: Instant, share: Int)])
  }

  var position: Position
  var key: Reference?
  var when: ConditionSource?
  var outcome: Outcome
}

/// What an environment may set for a flag; each field replaces the whole field.
struct FlagSettings: Sendable {
  var enabled: Bool?
  var defaultVariant: Reference?
  var rules: [RuleSource]?
  /// Where an environment's block stands; nil for what holds in every environment.
  var places: ClosedRange<Position>?
}

struct FlagSource: Sendable {
  var key: String
  var position: Position
  var description: String?
  var labels = Labels()
  /// In the order of the file; true and false where the file names none.
  var variants: [(key: String, value: Node)] = []
  /// Where each stands that the file names.
  var namedVariants: [Reference] = []
  var off: Reference
  var bucketBy = "targetingKey"
  var visibility = "server"
  var protective = false
  var revive = false
  var valueSchema: Node?
  var settings = FlagSettings()
  var environments: [(name: Reference, settings: FlagSettings)] = []
}

struct SegmentSource: Sendable {
  var key: String
  var position: Position
  var condition: ConditionSource
}

struct GroupSource: Sendable {
  var key: String
  var position: Position
  var description: String?
  /// Buckets, 0 to 10,000.
  var holdout = 0
  var restDays = 14
  var id: String?
}

/// A definition with the file that it comes from. A class, because its fields are many and it is
/// handed on more often than it is read.
final class SourceItem<Source: Sendable>: Sendable {
  let file: String
  let owner: String?
  let source: Source

  init(file: String, owner: String?, source: Source) {
    self.file = file
    self.owner = owner
    self.source = source
  }
}

struct WorkspaceSource: Sendable {
  var id: String
  var environments: [String]
  var deletionBudget: DeletionBudget
  var flagdSplits = FlagdSplits.omitted
  var drift = DriftHandling.repair
  var roles: [RoleSource] = []
  var freezes: [FreezeSource] = []
}

/// How many definitions of a scope one plan may delete: the greater of a number and a share.
package struct DeletionBudget: Hashable, Sendable {
  package var count = 10
  /// Buckets of the scope's definitions, 0 to 10,000.
  package var share = 2_000

  package init(count: Int = 10, share: Int = 2_000) {
    self.count = count
    self.share = share
  }

  /// The most definitions that may go from a scope of the given size.
  package func deletionsMax(of definitions: Int) -> Int {
    max(count, definitions * share / Share.whole)
  }
}

/// What happens with rows that somebody edited by hand.
package enum DriftHandling: String, Hashable, Sendable {
  case repair
  case report
}

/// What a higher phase does with assignments.
package enum Reassign: String, Hashable, Sendable {
  /// A new salt and the canonical layout: everybody is assigned anew.
  case fresh
  /// The same salt, and the fewest buckets move.
  case least
}

/// The status that a definition states; what is in force also depends on the schedule.
package enum ExperimentStatus: String, Hashable, Sendable {
  case draft, running, paused, completed
}
