// Answers and their reasons as a person reads them: what is served, which rule decided, and for
// each rule before it what it missed by. Everything that users wrote is made visible first.

internal import Documents
internal import FlagstaffCore
internal import FlagstaffEvaluation

enum EvaluationText {
  /// `checkout = {"steps":1} (variant one-page)`.
  static func answer(_ answer: Evaluation) -> String {
    let flag = Visible.text(answer.flag)
    if let error = answer.errorCode { return "\(flag): \(error.rawValue)" }
    let variant = answer.variant.map { " (variant \(Visible.text($0)))" } ?? ""
    return "\(flag) = \(Visible.text(answer.value?.json ?? "null"))\(variant)"
  }

  /// `SPLIT, by experiment checkout-v2`.
  static func reason(_ answer: Evaluation) -> String {
    "\(answer.reason.rawValue)\(answer.rule.map { ", by \(name($0))" } ?? "")"
  }

  private static func name(_ rule: Evaluation.Rule) -> String {
    let name =
      rule.experiment.map { "experiment \($0)" } ?? rule.key.map { "rule \($0)" }
      ?? "rule \(rule.index + 1)"
    return Visible.text(rule.isForced ? "\(name), forced" : name)
  }

  static func source(_ pointer: Pointer) -> String {
    "\(pointer.scope), version \(pointer.version), commit \(pointer.commit.prefix(12))"
  }

  /// The walk of the rules, a line or more a rule.
  static func explanation(_ explanation: Explanation) -> [String] {
    var lines: [String] = []
    if explanation.isKilled { lines.append("killed: everyone gets the off variant") }
    if explanation.isDisabled { lines.append("disabled: everyone gets the off variant") }
    if explanation.evaluation.reason == .static {
      lines.append("it has no rules: everyone gets the default")
    }
    for rule in explanation.rules { lines += self.rule(rule, explanation.evaluation) }
    if explanation.evaluation.reason == .default {
      lines.append("no rule answers: the default is served")
    }
    return lines
  }

  private static func rule(_ rule: RuleExplanation, _ answer: Evaluation) -> [String] {
    var name = "rule \(rule.index + 1)"
    if let key = rule.key { name += " \(key)" }
    if let experiment = rule.experiment { name += ", experiment \(experiment)" }
    let lines = ["\(Visible.text(name)): \(outcome(rule, answer))"]
    guard rule.outcome != .notReached else { return lines }
    return lines + details(rule).map { "    \(Visible.text($0))" }
  }

  private static func outcome(_ rule: RuleExplanation, _ answer: Evaluation) -> String {
    let served = Visible.text(answer.variant ?? "")
    return switch rule.outcome {
    case .decided: "serves \(served)"
    case .forced: "forces this unit to \(served), before any other rule"
    case .notReached: "not reached"
    case .conditionNotMet: "its condition is not met"
    case .targetingNotMet: "its targeting is not met"
    case .noUnit: "there is no unit to bucket by"
    case .notInTraffic: "the unit is not in its traffic"
    case .notInRollout: "the rollout has not reached the unit"
    case .noVariant: "no variant owns the unit's bucket"
    case .experimentAbsent: "its experiment is not published in this environment"
    case .experimentNotLive: "its experiment is not running"
    default: rule.outcome.rawValue
    }
  }

  private static func details(_ rule: RuleExplanation) -> [String] {
    var lines: [String] = []
    if let condition = rule.condition { lines += self.condition("condition", condition) }
    if let targeting = rule.targeting { lines += self.condition("targeting", targeting) }
    if let unit = rule.unit {
      lines.append(
        "unit: \(unit.attribute) "
          + (unit.unit.map { "\"\($0)\"" } ?? "is absent, empty, or neither text nor an integer"))
    }
    for bucket in rule.buckets {
      let ranges = bucket.ranges.map { "[\($0.lowerBound), \($0.upperBound))" }
        .joined(separator: " ")
      lines.append(
        "\(bucket.purpose.rawValue): bucket \(bucket.bucket) is \(bucket.isInside ? "" : "not ")in "
          + (ranges.isEmpty ? "any range" : ranges))
    }
    return lines
  }

  /// Met or not, and the comparisons that make it so.
  private static func condition(_ name: String, _ condition: ConditionExplanation) -> [String] {
    let deciding = comparisons(of: condition, thatMakeIt: condition.isMet)
    let shown = deciding.prefix(comparisonsMax).map { "  \($0)" }
    let more = deciding.count - shown.count
    return ["\(name): \(condition.isMet ? "met" : "not met")"] + shown
      + (more > 0 ? ["  and \(more) more"] : [])
  }

  /// How many comparisons of one condition are told.
  private static let comparisonsMax = 20

  /// The comparisons that decide: those that miss where an `all` is not met, and so on down.
  private static func comparisons(
    of condition: ConditionExplanation, thatMakeIt isMet: Bool
  ) -> [String] {
    if let test = condition.test { return [words(test, isMet: condition.isMet)] }
    return condition.parts.filter { part in
      condition.form == .not || part.isMet == condition.isMet
    }.flatMap { comparisons(of: $0, thatMakeIt: $0.isMet) }
  }

  private static func words(_ test: ConditionExplanation.Test, isMet: Bool) -> String {
    let found = test.found.map { "is \(shortened($0.json))" } ?? "is absent"
    let verb = isMet ? "meets" : "does not meet"
    return "\(test.attribute) \(found), which \(verb) \(test.comparison)"
      + " \(shortened(test.operand.json))"
  }

  private static func shortened(_ text: String) -> String {
    text.count > 80 ? text.prefix(80) + "…" : text
  }
}
