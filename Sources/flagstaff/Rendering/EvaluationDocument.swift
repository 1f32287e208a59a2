// Answers and explanations as JSON. A bulk evaluation prints one such object a line; the fields of
// an answer are the same wherever one is printed.

internal import Documents
internal import FlagstaffCore
internal import FlagstaffEvaluation

enum EvaluationDocument {
  /// What says where an answer comes from.
  static func source(_ pointer: Pointer) -> [(String, Node)] {
    [
      ("environment", .string(pointer.scope.environment)),
      ("customer", .string(pointer.scope.customer)), ("version", .integer(pointer.version)),
    ]
  }

  static func answer(_ answer: Evaluation) -> [(String, Node)] {
    var fields: [(String, Node)] = [("flag", .string(answer.flag))]
    if let value = answer.value { fields.append(("value", value.node)) }
    if let variant = answer.variant { fields.append(("variant", .string(variant))) }
    fields.append(("reason", .string(answer.reason.rawValue)))
    if let error = answer.errorCode { fields.append(("errorCode", .string(error.rawValue))) }
    if let rule = answer.rule { fields.append(("rule", self.rule(rule))) }
    return fields
  }

  private static func rule(_ rule: Evaluation.Rule) -> Node {
    .fields([
      "index": .integer(rule.index), "key": rule.key.map(Node.string),
      "experiment": rule.experiment.map(Node.string), "forced": .boolean(rule.isForced),
    ])
  }

  static func explanation(_ explanation: Explanation) -> Node {
    .fields([
      "killed": .boolean(explanation.isKilled), "disabled": .boolean(explanation.isDisabled),
      "rules": .sequence(explanation.rules.map(rule)),
    ])
  }

  private static func rule(_ rule: RuleExplanation) -> Node {
    .fields([
      "index": .integer(rule.index), "key": rule.key.map(Node.string),
      "experiment": rule.experiment.map(Node.string), "outcome": .string(rule.outcome.rawValue),
      "condition": rule.condition.map(condition), "targeting": rule.targeting.map(condition),
      "unit": rule.unit.map { unit in
        .fields(["attribute": .string(unit.attribute), "value": unit.unit.map(Node.string)])
      },
      "buckets": rule.buckets.isEmpty ? nil : .sequence(rule.buckets.map(bucket)),
    ])
  }

  private static func bucket(_ bucket: BucketExplanation) -> Node {
    .fields([
      "purpose": .string(bucket.purpose.rawValue), "bucket": .integer(bucket.bucket),
      "ranges": .sequence(
        bucket.ranges.map { .sequence([.integer($0.lowerBound), .integer($0.upperBound)]) }),
      "inside": .boolean(bucket.isInside),
    ])
  }

  private static func condition(_ condition: ConditionExplanation) -> Node {
    .fields([
      "form": .string(condition.form.rawValue), "met": .boolean(condition.isMet),
      "parts": condition.parts.isEmpty ? nil : .sequence(condition.parts.map(self.condition)),
      "attribute": (condition.test?.attribute).map(Node.string),
      "operator": (condition.test?.comparison).map(Node.string),
      "value": condition.test?.operand.node, "found": condition.test?.found?.node,
    ])
  }
}
