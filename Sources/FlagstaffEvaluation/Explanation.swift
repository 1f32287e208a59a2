// Why a flag answers as it does, as data: every rule in order with what it came to, and for those
// that were asked each comparison, the unit and the buckets. Explaining takes longer than
// evaluating and is done beside it, so answers cost nothing for being explainable.

/// An answer of a flag and the way to it.
public struct Explanation: Sendable, Equatable {
  /// The answer, as `Snapshot.evaluate` gives it.
  public let evaluation: Evaluation
  /// Whether a kill switch makes the flag serve its off variant.
  public let isKilled: Bool
  /// Whether the flag is disabled, and so serves its off variant; false where it is killed.
  public let isDisabled: Bool
  /// Every rule of the flag, in order; empty for an unknown key.
  public let rules: [RuleExplanation]
}

/// What one rule of a flag came to.
public struct RuleExplanation: Sendable, Equatable {
  /// What became of the rule. Later versions may add outcomes.
  public struct Outcome: RawRepresentable, Hashable, Sendable {
    /// The outcome as text.
    public let rawValue: String

    /// An outcome of a text.
    public init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// The rule decided.
    public static let decided = Outcome(rawValue: "decided")
    /// The rule decided, before all others: its experiment forces the unit to a variant.
    public static let forced = Outcome(rawValue: "forced")
    /// The answer was there before this rule's turn.
    public static let notReached = Outcome(rawValue: "not-reached")
    /// Its condition is not met.
    public static let conditionNotMet = Outcome(rawValue: "condition-not-met")
    /// The targeting of its experiment is not met.
    public static let targetingNotMet = Outcome(rawValue: "targeting-not-met")
    /// It buckets, and the context has no unit to bucket by.
    public static let noUnit = Outcome(rawValue: "no-unit")
    /// The unit's bucket is not in the experiment's traffic.
    public static let notInTraffic = Outcome(rawValue: "not-in-traffic")
    /// The unit's bucket is not below the rollout's share.
    public static let notInRollout = Outcome(rawValue: "not-in-rollout")
    /// No variant owns the unit's bucket.
    public static let noVariant = Outcome(rawValue: "no-variant")
    /// Its experiment is not published in this environment.
    public static let experimentAbsent = Outcome(rawValue: "experiment-absent")
    /// Its experiment is paused, over, killed or not yet at its start, and has no winner.
    public static let experimentNotLive = Outcome(rawValue: "experiment-not-live")
  }

  /// Its place among the flag's rules, from 0.
  public let index: Int
  /// Its key, where it has one.
  public let key: String?
  /// The key of its experiment, where it is one.
  public let experiment: String?
  /// What became of it.
  public let outcome: Outcome
  /// Its condition; nil where it has none, or was not reached.
  public internal(set) var condition: ConditionExplanation?
  /// The targeting of its experiment; nil where there is none, or it was not asked.
  public internal(set) var targeting: ConditionExplanation?
  /// The attribute that it buckets by; nil where it needs no unit, or was not reached.
  public internal(set) var unit: UnitExplanation?
  /// The buckets that were looked at, in order.
  public internal(set) var buckets: [BucketExplanation] = []

  init(_ name: Evaluation.Rule, _ outcome: Outcome) {
    index = name.index
    key = name.key
    experiment = name.experiment
    self.outcome = outcome
  }
}

/// What identifies the user in a rule.
public struct UnitExplanation: Sendable, Equatable {
  /// The attribute's name.
  public let attribute: String
  /// The unit; nil where the attribute is absent, empty, or neither text nor an integer.
  public let unit: String?
}

/// A bucket and the ranges that it was looked for in.
public struct BucketExplanation: Sendable, Equatable {
  /// What a bucket decides. Later versions may add purposes.
  public struct Purpose: RawRepresentable, Hashable, Sendable {
    /// The purpose as text.
    public let rawValue: String

    /// A purpose of a text.
    public init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// Whether the unit takes part in an experiment.
    public static let traffic = Purpose(rawValue: "traffic")
    /// Which variant of an experiment or split the unit gets.
    public static let variant = Purpose(rawValue: "variant")
    /// Whether a rollout has reached the unit.
    public static let rollout = Purpose(rawValue: "rollout")
  }

  /// What the bucket decides.
  public let purpose: Purpose
  /// The unit's bucket, from 0 to 9,999.
  public let bucket: Int
  /// The buckets that are in: of the traffic, of the rollout, or of the variant that owns the
  /// bucket; empty where no variant does.
  public let ranges: [Range<Int>]
  /// Whether the bucket is in one of the ranges.
  public let isInside: Bool

  init(_ purpose: Purpose, _ bucket: Int, in ranges: BucketRanges) {
    self.purpose = purpose
    self.bucket = bucket
    self.ranges = ranges.ranges
    isInside = ranges.contains(bucket)
  }
}

/// A condition and whether each part of it is met.
public struct ConditionExplanation: Sendable, Equatable {
  /// How a condition is built. Later versions may add forms.
  public struct Form: RawRepresentable, Hashable, Sendable {
    /// The form as text.
    public let rawValue: String

    /// A form of a text.
    public init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// Met where every part is.
    public static let all = Form(rawValue: "all")
    /// Met where one part is.
    public static let any = Form(rawValue: "any")
    /// Met where its only part is not.
    public static let not = Form(rawValue: "not")
    /// One comparison of an attribute.
    public static let test = Form(rawValue: "test")
  }

  /// One comparison.
  public struct Test: Sendable, Equatable {
    /// The attribute's name.
    public let attribute: String
    /// The operator, as definitions write it.
    public let comparison: String
    /// What the attribute is compared with.
    public let operand: JSONValue
    /// The attribute's value; nil where it is absent.
    public let found: JSONValue?
  }

  /// How the condition is built.
  public let form: Form
  /// Whether the context meets it.
  public let isMet: Bool
  /// The parts of `all`, `any` and `not`.
  public let parts: [ConditionExplanation]
  /// The comparison of `test`.
  public let test: Test?
}
