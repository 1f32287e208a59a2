// The order in which a flag answers, and what each answer says, over the snapshot made by hand.

import FlagstaffEvaluation
import Testing

/// A question and its answer: "variant REASON" and the rule that decided, if any.
struct Question: Sendable, CustomTestStringConvertible {
  var flag: String
  var context: String
  var answer: String
  var rule: String

  init(_ flag: String, _ context: String, _ answer: String, _ rule: String = "") {
    (self.flag, self.context, self.answer, self.rule) = (flag, context, answer, rule)
  }

  var testDescription: String { "\(flag) for \(context)" }
}

struct EvaluationTests {
  private static func snapshot() throws -> Snapshot {
    try Snapshot(index: Array(StorefrontSnapshot.whole.utf8)) { _ in [] }
  }

  private static func describe(_ rule: Evaluation.Rule?) -> String {
    guard let rule else { return "" }
    let experiment = rule.experiment.map { " of \($0)" } ?? ""
    let key = rule.key.map { " \($0)" } ?? ""
    return "\(rule.index)" + key + experiment + (rule.isForced ? " forced" : "")
  }

  @Test(
    "a flag answers in the order killed, disabled, forced, rules, default",
    arguments: [
      Question("killed", #"{"targetingKey":"cd"}"#, "off DISABLED"),
      Question("off", #"{"targetingKey":"cd"}"#, "off DISABLED"),
      Question("still", "{}", "on STATIC"),
      Question("fallback", #"{"targetingKey":"cd"}"#, "on DEFAULT"),
      Question("checkout", "{}", "a-three DEFAULT"),
      Question("checkout", #"{"employee":true}"#, "b-one TARGETING_MATCH", "0"),
      Question("checkout", #"{"employee":"true"}"#, "a-three DEFAULT"),
      // Forced units come before the rules, and need neither targeting nor traffic.
      Question(
        "checkout", #"{"targetingKey":"qa-1"}"#, "b-one TARGETING_MATCH",
        "1 of checkout-v2 forced"),
      Question(
        "checkout", #"{"targetingKey":"x","employee":true}"#, "a-three TARGETING_MATCH",
        "1 of checkout-v2 forced"),
      Question(
        "checkout", #"{"targetingKey":42}"#, "b-one TARGETING_MATCH",
        "1 of checkout-v2 forced"),
      // An experiment that is not live forces nobody; its winner is served all the same.
      Question("fallback", #"{"targetingKey":"qa-1"}"#, "on DEFAULT"),
      Question("shipped", #"{"targetingKey":"qa-1"}"#, "on TARGETING_MATCH", "0 of ended"),
    ])
  func order(_ question: Question) throws {
    try check(question)
  }

  @Test(
    "buckets decide experiments, splits and rollouts",
    arguments: [
      Question(
        "checkout", #"{"targetingKey":"cd","country":"US"}"#, "b-one SPLIT",
        "1 of checkout-v2"),
      Question(
        "checkout", #"{"targetingKey":"cde","country":"CA"}"#, "a-three SPLIT",
        "1 of checkout-v2"),
      Question(
        "checkout", #"{"targetingKey":"d","country":"CA"}"#, "b-one SPLIT",
        "1 of checkout-v2"),
      // Out of traffic, out of targeting.
      Question("checkout", #"{"targetingKey":"c","country":"US"}"#, "a-three DEFAULT"),
      Question("checkout", #"{"targetingKey":"cd","country":"FR"}"#, "a-three DEFAULT"),
      Question("checkout", #"{"targetingKey":"cd","country":"DE"}"#, "b-one SPLIT", "2 de-split"),
      Question(
        "checkout", #"{"targetingKey":"cde","country":"DE"}"#, "a-three SPLIT",
        "2 de-split"),
      Question("ramp", #"{"targetingKey":"cde"}"#, "on SPLIT", "0 ramp"),
      Question("ramp", #"{"targetingKey":"cd"}"#, "off DEFAULT"),
      Question("shipped", "{}", "on TARGETING_MATCH", "0 of ended"),
      Question("shipped", #"{"country":"DE"}"#, "off TARGETING_MATCH", "1"),
      // A flagless experiment: its own bucketBy, a bucket that nobody owns, no unit.
      Question("banner", #"{"account":"cd"}"#, "sale SPLIT", "0 of banner"),
      Question("banner", #"{"account":"cde"}"#, "plain SPLIT", "0 of banner"),
      Question("banner", #"{"account":"c"}"#, "plain DEFAULT"),
      Question("banner", #"{"targetingKey":"cd"}"#, "plain DEFAULT"),
    ])
  func buckets(_ question: Question) throws {
    try check(question)
  }

  @Test(
    "what is no unit falls through wherever a hash is needed",
    arguments: [
      "null", #""""#, "true", "1.5", "9007199254740992", "-9007199254740992", "1e300", "[\"cd\"]",
      #"{"targetingKey":"cd"}"#,
    ])
  func noUnit(value: String) throws {
    for (flag, country) in [("checkout", "US"), ("checkout", "DE"), ("ramp", "US")] {
      let context = #"{"targetingKey":\#(value),"country":"\#(country)"}"#
      let off = flag == "ramp" ? "off" : "a-three"
      try check(Question(flag, context, "\(off) DEFAULT"))
    }
  }

  @Test("an integer and its decimal text are one unit, as are equal spellings of it")
  func integerUnits() throws {
    for value in ["42", "42.0", "4.2e1", #""42""#] {
      try check(
        Question(
          "checkout", #"{"targetingKey":\#(value)}"#, "b-one TARGETING_MATCH",
          "1 of checkout-v2 forced"))
    }
    let snapshot = try Self.snapshot()
    for value in [JSONValue.integer(42), .double(42)] {
      let context = EvaluationContext(attributes: ["targetingKey": value])
      #expect(snapshot.evaluate(flag: "checkout", context: context).rule?.isForced == true)
    }
  }

  @Test("an unknown key is an error with a code and no value")
  func unknown() throws {
    for key in ["nothing", "", "checkout-v2", "ended", "checkou\u{301}t"] {
      let evaluation = try Self.snapshot().evaluate(flag: key, context: EvaluationContext())
      #expect(evaluation.reason == .error)
      #expect(evaluation.errorCode == .flagNotFound)
      #expect(evaluation.value == nil && evaluation.variant == nil && evaluation.rule == nil)
      #expect(evaluation.flag == key)
    }
  }

  @Test("values come as they were published")
  func values() throws {
    let snapshot = try Self.snapshot()
    let context = EvaluationContext(targetingKey: "qa-1", attributes: ["account": "cd"])
    #expect(snapshot.evaluate(flag: "checkout", context: context).value == ["steps": 1])
    #expect(snapshot.evaluate(flag: "banner", context: context).value?.json == #"{"text":"Sale"}"#)
    #expect(snapshot.evaluate(flag: "ramp", context: context).value == .boolean(false))
  }

  @Test("all flags in bulk answer as each does alone")
  func bulk() throws {
    let snapshot = try Self.snapshot()
    let keys = ["banner", "checkout", "fallback", "killed", "off", "ramp", "shipped", "still"]
    #expect(snapshot.flagKeys == keys)
    let context = EvaluationContext(targetingKey: "cd", attributes: ["country": "US"])
    #expect(
      snapshot.evaluateAll(context: context)
        == keys.map { snapshot.evaluate(flag: $0, context: context) })
  }

  @Test("a targeting key wins over an attribute of its name, and the last of two attributes")
  func contextOrder() throws {
    let snapshot = try Self.snapshot()
    let pairs: KeyValuePairs<String, JSONValue> = [
      "targetingKey": "qa-1", "country": "DE", "country": "US",
    ]
    let context = EvaluationContext(targetingKey: "cd", attributes: pairs)
    #expect(snapshot.evaluate(flag: "checkout", context: context).rule?.index == 1)
    #expect(snapshot.evaluate(flag: "checkout", context: context).rule?.isForced == false)
  }

  @Test("a context of many attributes is searched as one of few")
  func manyAttributes() throws {
    let snapshot = try Self.snapshot()
    let many = (0..<500).map { (key: "attribute-\($0)", value: JSONValue.integer($0)) }
    let context = EvaluationContext(
      targetingKey: "cd", attributes: many + [(key: "country", value: "US")])
    #expect(snapshot.evaluate(flag: "checkout", context: context).reason == .split)
  }

  private func check(_ question: Question) throws {
    let context = try EvaluationContext(json: Array(question.context.utf8))
    let evaluation = try Self.snapshot().evaluate(flag: question.flag, context: context)
    #expect("\(evaluation.variant ?? "") \(evaluation.reason.rawValue)" == question.answer)
    #expect(Self.describe(evaluation.rule) == question.rule)
    #expect(evaluation.errorCode == nil && evaluation.value != nil)
  }
}
