// Every operator, by tables: what it meets, what it does not, and what it makes of values that are
// absent, null or of another type.

import Documents
import FlagstaffEvaluation
import Testing

/// An operator, its operand and an attribute's value, the latter two as JSON.
struct Comparison: Sendable, CustomTestStringConvertible {
  var name: String
  var operand: String
  var value: String
  var isMet: Bool

  init(_ name: String, _ operand: String, _ value: String, _ isMet: Bool) {
    (self.name, self.operand, self.value, self.isMet) = (name, operand, value, isMet)
  }

  var testDescription: String { "\(value) \(name) \(operand): \(isMet)" }
}

struct ConditionTests {
  private static func isMet(_ condition: String, by context: String) throws -> Bool {
    try Condition(try JSONReader.read(condition))
      .isMet(by: EvaluationContext(json: Array(context.utf8)))
  }

  @Test(
    "equality is of type and content, byte for byte",
    arguments: [
      Comparison("equals", "\"US\"", "\"US\"", true),
      Comparison("equals", "\"US\"", "\"us\"", false),
      Comparison("equals", "\"\"", "\"\"", true),
      Comparison("equals", "5", "\"5\"", false),
      Comparison("equals", "\"5\"", "5", false),
      Comparison("equals", "true", "true", true),
      Comparison("equals", "true", "\"true\"", false),
      Comparison("equals", "true", "1", false),
      Comparison("equals", "1", "1.0", true),
      Comparison("equals", "1", "1e0", true),
      Comparison("equals", "0", "-0.0", true),
      Comparison("equals", "0.1", "0.1", true),
      Comparison("equals", "9007199254740991", "9007199254740991", true),
      Comparison("equals", "9007199254740991", "9007199254740992", false),
      Comparison("equals", "\"x\"", "[\"x\"]", false),
      Comparison("equals", "\"x\"", "{\"x\":1}", false),
      // é composed and decomposed, and two orders of the same marks, are different strings.
      Comparison("equals", "\"\\u00e9\"", "\"e\\u0301\"", false),
      Comparison("equals", "\"q\\u0307\\u0323\"", "\"q\\u0323\\u0307\"", false),
      Comparison("equals", "\"🏴‍☠️\"", "\"🏴‍☠️\"", true),
      Comparison("equals", "\"a\\u0000b\"", "\"a\\u0000b\"", true),
      Comparison("notEquals", "\"US\"", "\"DE\"", true),
      Comparison("notEquals", "\"US\"", "\"US\"", false),
      Comparison("notEquals", "\"US\"", "5", true),
      Comparison("notEquals", "\"US\"", "[\"US\"]", true),
      Comparison("notEquals", "\"US\"", "null", false),
      Comparison("in", "[\"US\",\"CA\"]", "\"CA\"", true),
      Comparison("in", "[\"US\",\"CA\"]", "\"C\"", false),
      Comparison("in", "[\"US\",5,true]", "5", true),
      Comparison("in", "[\"US\",5,true]", "true", true),
      Comparison("in", "[\"5\"]", "5", false),
      Comparison("in", "[]", "\"US\"", false),
      Comparison("in", "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",7]", "\"i\"", true),
      Comparison("in", "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",7]", "7", true),
      Comparison("in", "[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\",7]", "\"7\"", false),
      Comparison("in", "[\"x\"]", "[\"x\"]", false),
      Comparison("notIn", "[\"US\",\"CA\"]", "\"DE\"", true),
      Comparison("notIn", "[\"US\",\"CA\"]", "\"US\"", false),
      Comparison("notIn", "[\"US\",\"CA\"]", "7", true),
      Comparison("notIn", "[]", "7", true),
      Comparison("notIn", "[\"US\"]", "null", false),
    ])
  func equality(_ comparison: Comparison) throws {
    try check(comparison)
  }

  @Test(
    "texts are searched by their bytes, lists by their members",
    arguments: [
      Comparison("startsWith", "\"ab\"", "\"abc\"", true),
      Comparison("startsWith", "\"abc\"", "\"ab\"", false),
      Comparison("startsWith", "\"\"", "\"\"", true),
      Comparison("startsWith", "\"5\"", "55", false),
      Comparison("startsWith", "\"e\"", "\"e\\u0301\"", true),
      Comparison("endsWith", "\"@acme.example\"", "\"a@acme.example\"", true),
      Comparison("endsWith", "\"@acme.example\"", "\"a@acme.example.org\"", false),
      Comparison("endsWith", "\"abc\"", "\"bc\"", false),
      Comparison("endsWith", "\"\\u0301\"", "\"e\\u0301\"", true),
      Comparison("endsWith", "\"x\"", "[\"x\"]", false),
      Comparison("contains", "\"bc\"", "\"abcd\"", true),
      Comparison("contains", "\"aab\"", "\"aaab\"", true),
      Comparison("contains", "\"abcde\"", "\"abcd\"", false),
      Comparison("contains", "\"\"", "\"abcd\"", true),
      Comparison("contains", "\"\"", "\"\"", true),
      Comparison("contains", "\"日\"", "\"本日は\"", true),
      Comparison("contains", "5", "\"456\"", false),
      Comparison("contains", "\"beta\"", "[\"alpha\",\"beta\"]", true),
      Comparison("contains", "\"bet\"", "[\"alpha\",\"beta\"]", false),
      Comparison("contains", "5", "[4,5.0]", true),
      Comparison("contains", "5", "[\"5\"]", false),
      Comparison("contains", "true", "[true]", true),
      Comparison("contains", "5", "[[5]]", false),
      Comparison("contains", "5", "[]", false),
      Comparison("contains", "\"a\"", "{\"a\":1}", false),
    ])
  func texts(_ comparison: Comparison) throws {
    try check(comparison)
  }

  @Test(
    "numbers are compared as numbers, exactly",
    arguments: [
      Comparison("lessThan", "5", "4", true),
      Comparison("lessThan", "5", "5", false),
      Comparison("lessThan", "5", "4.999", true),
      Comparison("lessThan", "5", "\"4\"", false),
      Comparison("lessThan", "5", "true", false),
      Comparison("lessThan", "-1.5", "-2", true),
      Comparison("lessOrEqual", "5", "5.0", true),
      Comparison("lessOrEqual", "5", "5.0000001", false),
      Comparison("lessOrEqual", "5", "\"x\"", false),
      Comparison("greaterThan", "0.1", "0.2", true),
      Comparison("greaterThan", "5", "5", false),
      Comparison("greaterThan", "5", "1e300", true),
      Comparison("greaterThan", "9007199254740991", "9007199254740992", true),
      Comparison("greaterThan", "-1", "-1e300", false),
      Comparison("greaterOrEqual", "5", "5", true),
      Comparison("greaterOrEqual", "5", "[5]", false),
      Comparison("greaterOrEqual", "5", "4.9", false),
    ])
  func numbers(_ comparison: Comparison) throws {
    try check(comparison)
  }

  @Test("a 64-bit integer beyond 2^53 is not rounded beside a double")
  func wideIntegers() throws {
    let condition = try Condition(
      try JSONReader.read(
        #"{"attribute":"n","operator":"greaterThan","value":9007199254740992}"#))
    func isMet(_ integer: Int) -> Bool {
      condition.isMet(by: EvaluationContext(attributes: ["n": .integer(integer)]))
    }
    #expect(!isMet(9_007_199_254_740_992))
    #expect(isMet(9_007_199_254_740_993))
    #expect(isMet(.max))
    #expect(!isMet(.min))
    #expect(JSONValue.integer(.max) != .double(0x1p63))
    #expect(JSONValue.integer(.min) == .double(-0x1p63))
  }

  @Test(
    "instants are compared where both are instants",
    arguments: [
      Comparison("before", "\"2026-11-23T09:00:00Z\"", "\"2026-11-23T08:59:59Z\"", true),
      Comparison("before", "\"2026-11-23T09:00:00Z\"", "\"2026-11-23T09:00:00Z\"", false),
      Comparison("after", "\"2026-11-23T09:00:00Z\"", "\"2026-11-23T09:00:01Z\"", true),
      Comparison("after", "\"2026-11-23T09:00:00Z\"", "\"2026-11-23T09:00:00Z\"", false),
      Comparison("after", "\"2026-11-23T09:00:00Z\"", "\"2026-11-24\"", false),
      Comparison("after", "\"2026-11-23T09:00:00Z\"", "\"2026-11-24T00:00:00+01:00\"", false),
      Comparison("after", "\"2026-11-23T09:00:00Z\"", "\"2026-13-24T00:00:00Z\"", false),
      Comparison("after", "\"2026-11-23T09:00:00Z\"", "1900000000", false),
      Comparison("before", "\"2026-11-23T09:00:00Z\"", "\"yesterday\"", false),
    ])
  func instants(_ comparison: Comparison) throws {
    try check(comparison)
  }

  @Test(
    "presence is asked by exists alone; null is absent",
    arguments: [
      Comparison("exists", "true", "\"\"", true),
      Comparison("exists", "true", "false", true),
      Comparison("exists", "true", "[]", true),
      Comparison("exists", "true", "null", false),
      Comparison("exists", "false", "null", true),
      Comparison("exists", "false", "0", false),
      Comparison("semver", "\">=1.0.0\"", "\"1.2.0\"", true),
      Comparison("semver", "\">=1.0.0\"", "\"1.2\"", false),
      Comparison("semver", "\">=1.0.0\"", "1", false),
    ])
  func presence(_ comparison: Comparison) throws {
    try check(comparison)
  }

  private func check(_ comparison: Comparison) throws {
    let (name, operand) = (comparison.name, comparison.operand)
    let condition = #"{"attribute":"a.b","operator":"\#(name)","value":\#(operand)}"#
    let context = #"{"a.b":\#(comparison.value),"a":{"b":1},"other":1}"#
    #expect(try Self.isMet(condition, by: context) == comparison.isMet)
    #expect(try Self.isMet(#"{"not":\#(condition)}"#, by: context) == !comparison.isMet)
  }

  @Test(
    "an absent attribute meets no operator but exists: false", arguments: ConditionOperator.allCases
  )
  func absent(_ comparison: ConditionOperator) throws {
    let operand =
      switch comparison.operand {
      case .scalar, .string: #""x""#
      case .list: #"["x"]"#
      case .number: "5"
      case .instant: #""2026-11-23T09:00:00Z""#
      case .versions: #""<1.0.0""#
      case .boolean: "true"
      }
    let condition =
      #"{"attribute":"a","operator":"\#(comparison.rawValue)","value":\#(operand)}"#
    #expect(try !Self.isMet(condition, by: "{}"))
    #expect(try !Self.isMet(condition, by: #"{"a":null}"#))
    #expect(try Self.isMet(#"{"not":\#(condition)}"#, by: "{}"))
  }

  @Test("a number that JSON cannot express is absent")
  func notANumber() throws {
    let exists = try Condition(
      try JSONReader.read(#"{"attribute":"n","operator":"exists","value":true}"#))
    for value in [Double.nan, .infinity, -.infinity] {
      #expect(!exists.isMet(by: EvaluationContext(attributes: ["n": .double(value)])))
    }
  }

  @Test(
    "all, any and not combine",
    arguments: [
      (#"{"all":[T]}"#, true), (#"{"all":[T,F]}"#, false), (#"{"any":[F,T]}"#, true),
      (#"{"any":[F,F]}"#, false), (#"{"not":F}"#, true), (#"{"not":{"all":[T,T]}}"#, false),
      (#"{"all":[{"any":[F,T]},{"not":{"any":[F]}}]}"#, true),
    ])
  func combinations(text: String, isMet: Bool) throws {
    let condition =
      text
      .replacing("T", with: #"{"attribute":"x","operator":"equals","value":1}"#)
      .replacing("F", with: #"{"attribute":"x","operator":"equals","value":2}"#)
    #expect(try Self.isMet(condition, by: #"{"x":1}"#) == isMet)
  }

  @Test(
    "what is no condition is refused with its reason",
    arguments: [
      ("{}", "object with fields"), ("[]", "object with fields"), (#"{"all":[]}"#, "not empty"),
      (#"{"any":{}}"#, "not empty"), (#"{"none":[]}"#, "unknown form \"none\""),
      (#"{"all":[{"attribute":"a"}]}"#, "unknown form"),
      (#"{"attribute":"a","operator":"matches","value":"x"}"#, "unknown operator \"matches\""),
      (#"{"attribute":"a","operator":"equals"}"#, "needs an attribute"),
      (#"{"attribute":1,"operator":"equals","value":1}"#, "needs an attribute"),
      (#"{"attribute":"a","operator":"equals","value":1,"flags":"i"}"#, "unknown field \"flags\""),
      (#"{"all":[{"attribute":"a","operator":"equals","value":1}],"any":[]}"#, "unknown field"),
      (#"{"attribute":"a","operator":"equals","value":null}"#, "a string, a number"),
      (#"{"attribute":"a","operator":"equals","value":[]}"#, "a string, a number"),
      (#"{"attribute":"a","operator":"in","value":"x"}"#, "a list"),
      (#"{"attribute":"a","operator":"in","value":[null]}"#, "a list"),
      (#"{"attribute":"a","operator":"startsWith","value":5}"#, "takes a string"),
      (#"{"attribute":"a","operator":"lessThan","value":"5"}"#, "takes a number"),
      (#"{"attribute":"a","operator":"before","value":"2026-11-23"}"#, "an instant"),
      (#"{"attribute":"a","operator":"semver","value":"^1.0.0"}"#, "semantic versions"),
      (#"{"attribute":"a","operator":"exists","value":"true"}"#, "true or false"),
    ])
  func malformed(text: String, reason: String) throws {
    let error = #expect(throws: ConditionError.self) {
      try Condition(try JSONReader.read(text))
    }
    #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
  }

  @Test("a condition may be nested to the limit and no deeper")
  func depth() throws {
    func nested(_ levels: Int) throws -> Node {
      let test = #"{"attribute":"x","operator":"equals","value":1}"#
      let text = String(repeating: #"{"not":"#, count: levels) + test
      return try JSONReader.read(text + String(repeating: "}", count: levels), depthMax: 400)
    }
    #expect(try Condition(nested(100)).isMet(by: EvaluationContext(attributes: ["x": 1])))
    #expect(throws: ConditionError.self) { try Condition(nested(101)) }
  }
}
