// Contexts from JSON and from values; what of them counts as a unit is tested with the snapshot.

import FlagstaffEvaluation
import Testing

struct EvaluationContextTests {
  @Test(
    "what is no context is refused with its reason",
    arguments: [
      ("", ContextError.Code.notJSON), ("{", .notJSON), (#"{"a":1,"a":2}"#, .notJSON),
      (#"{"a":1e999}"#, .notJSON), (#"{"a":NaN}"#, .notJSON), (#"{"a":"\ud800"}"#, .notJSON),
      ("{} {}", .notJSON), ("[]", .notAnObject), ("5", .notAnObject), ("null", .notAnObject),
    ])
  func refused(text: String, code: ContextError.Code) {
    let error = #expect(throws: ContextError.self) {
      try EvaluationContext(json: Array(text.utf8))
    }
    #expect(error?.code == code)
    #expect(error?.description.isEmpty == false)
  }

  @Test("nesting beyond 64 levels and bytes that are not UTF-8 are refused")
  func hostile() {
    let deep = #"{"a":"# + String(repeating: "[", count: 100_000)
    #expect(throws: ContextError.self) { try EvaluationContext(json: Array(deep.utf8)) }
    #expect(throws: ContextError.self) {
      try EvaluationContext(json: Array(#"{"a":""#.utf8) + [0xFF] + Array(#""}"#.utf8))
    }
  }

  @Test(
    "a value is written as canonical JSON",
    arguments: [
      (
        JSONValue.object([.init(name: "b", value: 1), .init(name: "a", value: [true, nil])]),
        #"{"a":[true,null],"b":1}"#
      ),
      (.double(1), "1"), (.double(0.1), "0.1"), (.string("é\"\n"), #""é\"\n""#),
      (.integer(.max), "9223372036854776000"), (.double(.nan), "null"),
    ])
  func json(value: JSONValue, text: String) {
    #expect(value.json == text)
  }

  @Test("values are equal by content, byte for byte")
  func equality() {
    #expect(JSONValue.integer(1) == .double(1))
    #expect(JSONValue.string("\u{e9}") != .string("e\u{301}"))
    let object: JSONValue = ["a": 1, "b": [2]]
    #expect(object == .object([.init(name: "b", value: [2.0]), .init(name: "a", value: 1)]))
    #expect(object["b"] == [2])
    #expect(object["c"] == nil)
    #expect(JSONValue.double(.nan) != .double(.nan))
    #expect(JSONValue.boolean(true) != .integer(1))
    #expect(JSONValue.null == nil as JSONValue)
  }
}
