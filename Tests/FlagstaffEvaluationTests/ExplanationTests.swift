// The walk of the rules: what each rule came to, and that it always leads to the answer that an
// evaluation gives. Contexts are drawn at random, bad ones too.

import Documents
import FlagstaffEvaluation
import Testing

struct ExplanationTests {
  private static func snapshot() throws -> Snapshot {
    try Snapshot(index: Array(StorefrontSnapshot.whole.utf8)) { _ in [] }
  }

  private static func explain(_ flag: String, _ context: String) throws -> Explanation {
    try snapshot().explain(flag: flag, context: EvaluationContext(json: Array(context.utf8)))
  }

  @Test(
    "every rule has an outcome",
    arguments: [
      ("checkout", "{}", ["condition-not-met", "no-unit", "condition-not-met"]),
      ("checkout", #"{"employee":true}"#, ["decided", "not-reached", "not-reached"]),
      (
        "checkout", #"{"targetingKey":"qa-1","employee":true}"#,
        ["not-reached", "forced", "not-reached"]
      ),
      (
        "checkout", #"{"targetingKey":"c","country":"US"}"#,
        ["condition-not-met", "not-in-traffic", "condition-not-met"]
      ),
      (
        "checkout", #"{"targetingKey":"cd","country":"DE"}"#,
        ["condition-not-met", "targeting-not-met", "decided"]
      ),
      (
        "fallback", #"{"targetingKey":"cd"}"#,
        ["experiment-absent", "experiment-not-live", "not-in-rollout"]
      ),
      ("ramp", #"{"targetingKey":"cde"}"#, ["decided"]),
      ("ramp", #"{"targetingKey":""}"#, ["no-unit"]),
      ("shipped", "{}", ["decided", "not-reached"]),
      ("shipped", #"{"country":"DE"}"#, ["targeting-not-met", "decided"]),
      ("banner", #"{"account":"c"}"#, ["no-variant"]),
      ("killed", "{}", ["not-reached"]), ("off", "{}", ["not-reached"]), ("still", "{}", []),
    ])
  func outcomes(flag: String, context: String, outcomes: [String]) throws {
    let explanation = try Self.explain(flag, context)
    #expect(explanation.rules.map(\.outcome.rawValue) == outcomes)
    #expect(explanation.isKilled == (flag == "killed"))
    #expect(explanation.isDisabled == (flag == "off"))
  }

  @Test("an experiment tells unit, targeting and both buckets")
  func experiment() throws {
    let rule = try Self.explain("checkout", #"{"targetingKey":"cd","country":"DE"}"#).rules[1]
    #expect(rule.experiment == "checkout-v2" && rule.index == 1 && rule.key == nil)
    #expect(rule.unit?.unit == "cd")
    #expect(rule.unit?.attribute == "targetingKey")
    #expect(rule.buckets.map(\.purpose) == [.traffic, .variant])
    #expect(rule.buckets.map(\.bucket) == [872, 1978])
    #expect(rule.buckets.map(\.ranges) == [[0..<2500], [1900..<10000]])
    #expect(rule.buckets.map(\.isInside) == [true, true])
    let test = try #require(rule.targeting?.test)
    #expect(test.attribute == "country" && test.comparison == "in")
    #expect(test.operand == ["CA", "US"] && test.found == "DE")
    #expect(rule.targeting?.isMet == false)
  }

  @Test("every part of a condition is told, met or not, with its operand as it is published")
  func parts() throws {
    let long = (0..<20).map { #""c\#($0)""# }.joined(separator: ",")
    let tests = [
      (#"{"attribute":"a","operator":"in","value":[\#(long)]}"#, false),
      (#"{"attribute":"b","operator":"semver","value":">=1.2.0 <2.0.0"}"#, true),
      (#"{"attribute":"b","operator":"startsWith","value":"1."}"#, true),
      (#"{"attribute":"n","operator":"lessThan","value":1.5}"#, true),
      (#"{"attribute":"t","operator":"before","value":"2026-01-01T00:00:00Z"}"#, false),
      (#"{"attribute":"l","operator":"contains","value":true}"#, true),
      (#"{"attribute":"x","operator":"exists","value":false}"#, true),
      (#"{"attribute":"n","operator":"notEquals","value":"1"}"#, true),
    ]
    let condition = #"{"any":[{"not":{"all":[\#(tests.map(\.0).joined(separator: ","))]}}]}"#
    let text = StorefrontSnapshot.whole.replacing(
      #"{"attribute":"employee","operator":"equals","value":true}"#, with: condition)
    let snapshot = try Snapshot(index: Array(text.utf8)) { _ in [] }
    let context = try EvaluationContext(
      json: Array(#"{"a":"c20","b":"1.3.0","n":1,"l":[true]}"#.utf8))
    let whole = try #require(
      snapshot.explain(flag: "checkout", context: context).rules[0].condition)
    #expect(whole.form == .any && whole.isMet)
    let negated = try #require(whole.parts.first)
    #expect(negated.form == .not && negated.isMet)
    let all = try #require(negated.parts.first)
    #expect(all.form == .all && !all.isMet)
    #expect(all.parts.map(\.isMet) == tests.map(\.1))
    for (part, published) in zip(all.parts, tests) {
      let node = try JSONReader.read(published.0)
      #expect(part.test?.attribute == node["attribute"]?.string)
      #expect(part.test?.comparison == node["operator"]?.string)
      #expect(part.test?.operand.json == node["value"].map { CanonicalJSON.string($0) })
    }
    #expect(all.parts[4].test?.found == nil && all.parts[0].test?.found == "c20")
  }

  @Test("a unit that is no unit is told by its attribute's name alone", arguments: ["true", "[]"])
  func noUnit(value: String) throws {
    let rule = try Self.explain("ramp", #"{"targetingKey":\#(value)}"#).rules[0]
    #expect(rule.unit?.attribute == "targetingKey" && rule.unit?.unit == nil)
    #expect(rule.buckets.isEmpty)
  }

  @Test("an unknown key is explained by its error")
  func unknown() throws {
    let explanation = try Self.explain("nothing", "{}")
    #expect(explanation.evaluation.errorCode == .flagNotFound && explanation.rules.isEmpty)
  }

  @Test("the walk leads to the answer, whatever the context")
  func agreement() throws {
    let snapshot = try Self.snapshot()
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2_000 {
      let context = BadContexts.random(using: &random)
      for key in snapshot.flagKeys {
        let explanation = snapshot.explain(flag: key, context: context)
        let answer = snapshot.evaluate(flag: key, context: context)
        #expect(explanation.evaluation == answer)
        let deciding = explanation.rules.filter { [.decided, .forced].contains($0.outcome) }
        #expect(deciding.map(\.index) == answer.rule.map { [$0.index] } ?? [])
        #expect(deciding.map { $0.outcome == .forced } == answer.rule.map { [$0.isForced] } ?? [])
      }
    }
  }
}
