// Contexts that no application should send: missing and mistyped attributes, no unit, any Unicode,
// numbers beyond doubles, versions that are none. Each has a defined answer, and none a crash.

import Documents
import FlagstaffEvaluation
import Testing

/// Attribute values that are wrong somewhere, and contexts drawn from them.
enum BadContexts {
  static let values: [JSONValue] = [
    nil, true, false, "", "cd", "qa-1", "US", "DE", "\u{0}", "e\u{301}", "é", "👩‍👩‍👧", "\u{202E}x",
    "\u{FEFF}", .string(String(repeating: "x", count: 100_000)), 0, 42, -1, .integer(.max),
    .integer(.min), .double(.nan), .double(.infinity), .double(-.infinity), .double(1e308),
    .double(.leastNonzeroMagnitude), .double(-0.0), 1.5, .double(9_007_199_254_740_992), [], ["US"],
    [nil, [1]],
    [:], ["a": ["b": 1]], "1.2.3", "v1.2.3", "1.2", "01.2.3", "1.2.3-", "999999999999999999999.0.0",
    "2026-11-23T09:00:00Z", "2026-02-30T00:00:00Z", "2026-11-23", "10000-01-01T00:00:00Z",
  ]

  private static let names = ["targetingKey", "account", "country", "employee", "é", ""]

  static func random(using random: inout some RandomNumberGenerator) -> EvaluationContext {
    var attributes: [(key: String, value: JSONValue)] = []
    for name in names {
      if let value = values.randomElement(using: &random), Bool.random(using: &random) {
        attributes.append((key: name, value: value))
      }
    }
    return EvaluationContext(attributes: attributes)
  }
}

struct BadContextTests {
  private static let snapshot = try? Snapshot(index: Array(StorefrontSnapshot.whole.utf8)) { _ in
    []
  }

  @Test("every operator takes every value, and says met or not met")
  func operators() throws {
    let operands: [(ConditionOperator, String)] = [
      (.equals, #""US""#), (.notEquals, "1"), (.in, #"["US",1,true]"#), (.notIn, "[]"),
      (.startsWith, #""""#), (.endsWith, #""é""#), (.contains, #""US""#), (.lessThan, "1e308"),
      (.lessOrEqual, "0"), (.greaterThan, "-1e308"), (.greaterOrEqual, "9007199254740991"),
      (.before, #""9999-12-31T23:59:59Z""#), (.after, #""0000-01-01T00:00:00Z""#),
      (.semver, #"">=0.0.0-0""#), (.exists, "true"),
    ]
    #expect(Set(operands.map(\.0)) == Set(ConditionOperator.allCases))
    for (comparison, operand) in operands {
      let condition = try Condition(
        try JSONReader.read(
          #"{"attribute":"a","operator":"\#(comparison.rawValue)","value":\#(operand)}"#))
      for value in BadContexts.values {
        let isMet = condition.isMet(by: EvaluationContext(attributes: ["a": value]))
        let isAbsent =
          switch value {
          case .null: true
          case .double(let double): !double.isFinite
          default: false
          }
        if isAbsent { #expect(!isMet, "\(comparison) \(value)") }
      }
    }
  }

  @Test("a version that is none, and a date that does not exist, are compared with nothing")
  func mistyped() throws {
    for (comparison, operand, values) in [
      ("semver", #"">=0.0.0-0""#, ["v1.2.3", "1.2", "01.2.3", "1.2.3-", "", "1.2.3 "]),
      (
        "after", #""0000-01-01T00:00:00Z""#,
        ["2026-02-30T00:00:00Z", "2026-11-23", "10000-01-01T00:00:00Z", "2026-11-23T24:00:00Z"]
      ),
    ] {
      let condition = try Condition(
        try JSONReader.read(
          #"{"attribute":"a","operator":"\#(comparison)","value":\#(operand)}"#))
      for value in values {
        #expect(!condition.isMet(by: EvaluationContext(attributes: ["a": .string(value)])))
      }
    }
  }

  @Test("where nothing can be decided the default is served, with its reason")
  func defaults() throws {
    let snapshot = try #require(Self.snapshot)
    for value in BadContexts.values {
      // No unit: neither experiment nor rollout takes part.
      let context = EvaluationContext(attributes: ["country": value, "employee": value])
      let ramp = snapshot.evaluate(flag: "ramp", context: context)
      #expect(ramp.variant == "off" && ramp.reason == .default && ramp.errorCode == nil)
      let expected = value == true ? "b-one" : "a-three"
      #expect(snapshot.evaluate(flag: "checkout", context: context).variant == expected)
    }
  }

  @Test("texts of any Unicode are units by their bytes, and equal by nothing else")
  func unicode() throws {
    let snapshot = try #require(Self.snapshot)
    let text = StorefrontSnapshot.whole.replacing("\"qa-1\"", with: "\"é\"")
    let forced = try Snapshot(index: Array(text.utf8)) { _ in [] }
    for (unit, isForced) in [("é", true), ("e\u{301}", false), ("É", false), ("é ", false)] {
      let context = EvaluationContext(targetingKey: unit)
      #expect(
        (forced.evaluate(flag: "checkout", context: context).rule?.isForced ?? false) == isForced)
      #expect(snapshot.evaluate(flag: "checkout", context: context).value != nil)
    }
    for scalar in (0x20...0x3FF).compactMap(Unicode.Scalar.init) {
      let unit = String(Character(scalar))
      let answer = snapshot.evaluate(flag: "ramp", context: EvaluationContext(targetingKey: unit))
      let isIn = Murmur3(prefix: "ab").bucket(of: unit) < 1_900
      #expect((answer.variant == "on") == isIn)
    }
  }

  @Test("numbers beyond doubles are refused as JSON, and are absent as values")
  func numbers() throws {
    for number in ["1e309", "-1e309", "1e999999999999", "NaN", "Infinity", "0x10", "1."] {
      #expect(throws: ContextError.self) {
        try EvaluationContext(json: Array(#"{"targetingKey":\#(number)}"#.utf8))
      }
    }
    let snapshot = try #require(Self.snapshot)
    for (number, hasUnit) in [
      ("9007199254740991", true), ("9007199254740993", false), ("1e-400", true),
      ("123456789012345678901234567890", false), ("-0", true), ("1e15", true), ("0.5", false),
    ] {
      let context = try EvaluationContext(json: Array(#"{"account":\#(number)}"#.utf8))
      let unit = snapshot.explain(flag: "banner", context: context).rules[0].unit
      #expect((unit?.unit != nil) == hasUnit, "\(number)")
    }
  }
}
