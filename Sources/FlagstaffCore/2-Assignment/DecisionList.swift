// A flag as it decides at one instant, without a single user: its rules in order, each with the
// condition that it asks, the buckets that it asks, and what it then serves. Blast radius compares
// two of them. What cannot decide at the instant, such as an experiment that is not live, has no
// rule here.

internal import Documents
internal import FlagstaffEvaluation

struct DecisionList: Sendable {
  /// A hash of units into 10,000 buckets. Two layers that differ are independent.
  struct Layer: Hashable, Sendable {
    /// The attribute that holds the unit.
    let bucketBy: Text
    /// What is hashed before the unit.
    let prefix: Text
  }

  /// Who is in, of all units.
  struct Gate: Hashable, Sendable {
    let layer: Layer
    let ranges: BucketRanges
  }

  enum Choice: Sendable {
    case one(String)
    /// By bucket; a bucket that no variant has makes the rule fall through.
    case hashed(Layer, [RecordedExperiment.Variant])
  }

  /// Whose assignment an answer is: answers of plain rules and defaults are nobody's.
  enum Source: Hashable, Sendable {
    case experiment(String)
    /// The key of a rule with a rollout or a split.
    case rule(String)
  }

  struct Rule: Sendable {
    /// Nil where everybody meets it.
    let condition: Node?
    /// Nil for a plain `serve`.
    let source: Source?
    let gate: Gate?
    let choice: Choice
  }

  /// A unit that an experiment lists under `force`.
  struct ForcedUnit: Hashable, Sendable {
    let bucketBy: Text
    let unit: Text
  }

  struct ForcedAnswer: Hashable, Sendable {
    let experiment: String
    let variant: String
  }

  let rules: [Rule]
  /// The variant served where no rule decides; nil where there is no such flag.
  let fallback: String?
  let values: [String: Node]
  /// The answers of units that are forced; no share counts them.
  let forced: [ForcedUnit: ForcedAnswer]

  /// A key that has no answer.
  static let absent = DecisionList(rules: [], fallback: nil, values: [:], forced: [:])
}
