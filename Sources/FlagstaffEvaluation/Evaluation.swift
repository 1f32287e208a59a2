// The answer of an evaluation, in the words of OpenFeature: value, variant, reason and error code,
// and beside them the rule that decided. Why it decided is part of the answer, since an answer
// that cannot be explained cannot be debugged.

internal import Documents

/// What a flag serves to a context, and why.
public struct Evaluation: Sendable, Equatable {
  /// Why a value is served, as OpenFeature names it. Later versions may add reasons.
  public struct Reason: RawRepresentable, Hashable, Sendable {
    /// The reason as text.
    public let rawValue: String

    /// A reason of a text.
    public init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// The flag has no rules: everyone gets its default.
    public static let `static` = Reason(rawValue: "STATIC")
    /// The flag has rules, and none of them answered.
    public static let `default` = Reason(rawValue: "DEFAULT")
    /// A rule's condition, a forced unit or an experiment's winner decided.
    public static let targetingMatch = Reason(rawValue: "TARGETING_MATCH")
    /// The unit's bucket decided: an experiment, a split or a rollout.
    public static let split = Reason(rawValue: "SPLIT")
    /// The flag is disabled or killed, and serves its off variant.
    public static let disabled = Reason(rawValue: "DISABLED")
    /// There is no answer: see the error code.
    public static let error = Reason(rawValue: "ERROR")
  }

  /// Why there is no answer, as OpenFeature names it. Later versions may add codes.
  public struct ErrorCode: RawRepresentable, Hashable, Sendable {
    /// The code as text.
    public let rawValue: String

    /// A code of a text.
    public init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// The snapshot has no such flag, and no experiment that answers as one.
    public static let flagNotFound = ErrorCode(rawValue: "FLAG_NOT_FOUND")
  }

  /// The rule that decided.
  public struct Rule: Sendable, Equatable {
    /// Its place among the flag's rules, from 0. An experiment that answers as a flag of its key
    /// is that flag's only rule.
    public let index: Int
    /// Its key, where it has one.
    public let key: String?
    /// The key of its experiment, where it is one.
    public let experiment: String?
    /// Whether the experiment lists the unit under `force`.
    public let isForced: Bool
  }

  private let answer: Answer

  /// The key that was asked for.
  public var flag: String { answer.flag }
  /// The value served; nil where there is no answer and the caller's own default counts.
  public var value: JSONValue? { answer.value }
  /// The variant served; nil where there is no answer.
  public var variant: String? { answer.variant }
  /// The rule that decided; nil where off or default is served, or there is no answer.
  public var rule: Rule? { answer.rule }
  /// Why this value.
  public var reason: Reason { answer.reason }
  /// Why there is no answer; nil where there is one.
  public var errorCode: ErrorCode? { answer.errorCode }

  init(
    flag: String, value: JSONValue?, variant: String?, rule: Rule?, reason: Reason,
    errorCode: ErrorCode?
  ) {
    answer = Answer(
      flag: flag, value: value, variant: variant, rule: rule, reason: reason, errorCode: errorCode)
  }

  static func unanswered(_ flag: String, _ code: ErrorCode) -> Evaluation {
    Evaluation(
      flag: flag, value: nil, variant: nil, rule: nil, reason: .error, errorCode: code)
  }

  /// The same answer: all that it says, not whether it was given at the same time.
  public static func == (a: Evaluation, b: Evaluation) -> Bool {
    a.answer === b.answer
      || a.flag.hasSameBytes(as: b.flag) && a.value == b.value && a.variant == b.variant
        && a.rule == b.rule && a.reason == b.reason && a.errorCode == b.errorCode
  }
}

/// What an evaluation says. A flag has few different answers, so all of them are made when the
/// snapshot is read, and an evaluation hands on a reference to one.
private final class Answer: Sendable {
  let flag: String
  let value: JSONValue?
  let variant: String?
  let rule: Evaluation.Rule?
  let reason: Evaluation.Reason
  let errorCode: Evaluation.ErrorCode?

  init(
    flag: String, value: JSONValue?, variant: String?, rule: Evaluation.Rule?,
    reason: Evaluation.Reason, errorCode: Evaluation.ErrorCode?
  ) {
    self.flag = flag
    self.value = value
    self.variant = variant
    self.rule = rule
    self.reason = reason
    self.errorCode = errorCode
  }
}
