// Schemas and documents that are made to take long, to nest deeply, or to fill the memory. Each
// ends within a time that even a debug build on a busy machine keeps, with a violation that says
// that the check was given up.

import Documents
import JSONSchema
import Testing

struct HostileSchemaTests {
  private func codes(_ schema: String, _ document: Node) throws -> [String] {
    let schema = try JSONSchema("s", among: ["s": JSONReader.read(schema)])
    return schema.violations(of: document).map(\.code.rawValue)
  }

  /// What a hostile schema and document must not do: take long. Debug builds are slow, and several
  /// tests run at once.
  private func expectSoon(_ work: () throws -> Void) rethrows {
    let elapsed = try ContinuousClock().measure(work)
    #expect(elapsed < .seconds(60))
  }

  @Test("A pattern that is slow at each place of a long text gives up as a whole")
  func slowAtEachPlace() throws {
    let text = String(repeating: "a", count: 50_000)
    let pattern = "a{0,200}a{0,200}[bc]"
    try expectSoon {
      let found = try codes(#"{"pattern": "\#(pattern)"}"#, .string(text))
      #expect(found == ["FS1106"])
    }
  }

  @Test(
    "A pattern that needs a look at each place of a long text is matched",
    arguments: [("[^\\\\s]$", true), ("a[bc]", false), ("(?<!a)a", true), (".*x", false)])
  func longText(pattern: String, matches: Bool) throws {
    let text = String(repeating: "a", count: 20_000)
    #expect(try codes(#"{"pattern": "\#(pattern)"}"#, .string(text)).isEmpty == matches)
  }

  @Test("Many slow patterns are given up together")
  func manySlowPatterns() throws {
    let texts = (0..<5_000).map { Node.string(String(repeating: "a", count: 21) + "!\($0)") }
    try expectSoon {
      let found = try codes(#"{"items": {"pattern": "^(a|aa)+$"}}"#, .sequence(texts))
      #expect(found.contains("FS1106"))
    }
  }

  @Test("A pattern beyond its length is refused, and so is one that PCRE2 finds too large")
  func largePattern() throws {
    let long = String(repeating: "a", count: Limits.patternBytesMax)
    #expect(try codes(#"{"pattern": "\#(long)"}"#, .string(long)) == [])
    for pattern in [long + "a", "((a{1000}){1000}){1000}", String(repeating: "(", count: 1_000)] {
      #expect(throws: SchemaError.self) { try codes(#"{"pattern": "\#(pattern)"}"#, .null) }
    }
  }

  @Test("Alternatives inside alternatives are given up while they are explained, too")
  func alternatives() throws {
    var schema = #"{"type": "string"}"#
    for _ in 0..<12 { schema = #"{"anyOf": [\#(schema), \#(schema)]}"# }
    // Twelve levels of two, on each of thirty levels of the document.
    let recursive =
      ##"{"$defs": {"s": \##(schema)}, "anyOf": [{"type": "array", "items": {"$ref": "#"}}, "##
      + ##"{"type": "array", "items": {"$ref": "#"}}, {"$ref": "#/$defs/s"}]}"##
    var node = Node.sequence([.integer(1)])
    for _ in 0..<30 { node = .sequence([node, .integer(1)]) }
    try expectSoon {
      let found = try codes(recursive, node)
      #expect(found.count { $0 == "FS1106" } == 1)
    }
  }

  @Test("A reference that leads to itself only at run time is given up")
  func dynamicLoop() throws {
    let schema = ##"""
      {
        "$id": "https://x/a", "$dynamicAnchor": "n", "$ref": "b",
        "$defs": {"b": {"$id": "b", "$dynamicRef": "#n", "$defs": {"n": {"$dynamicAnchor": "n"}}}}
      }
      """##
    #expect(try codes(schema, .null) == ["FS1106"])
  }

  @Test(
    "Schemas inside each other up to the limit do not exhaust the stack",
    arguments: [
      #"{"allOf": [_]}"#, #"{"anyOf": [_]}"#, #"{"oneOf": [_]}"#, #"{"not": _}"#,
      #"{"if": _, "then": true}"#, #"{"dependentSchemas": {"a": _}}"#,
      #"{"anyOf": [_], "unevaluatedProperties": false}"#,
      ##"{"$dynamicRef": "#n", "anyOf": [_], "$defs": {"n": {"$dynamicAnchor": "n"}}}"##,
    ])
  func nesting(form: String) throws {
    func nested(_ count: Int) throws -> Node {
      var parts: [(String, Node)] = [("l\(count)", .fields(["minProperties": .integer(5)]))]
      for level in 0..<count {
        let next = ##"{"$ref": "#/$defs/l\##(level + 1)"}"##
        let text = form.replacing("_", with: next).replacing("#n", with: "#n\(level)")
          .replacing(#": "n""#, with: #": "n\#(level)""#)
        parts.append(("l\(level)", try JSONReader.read(text)))
      }
      return .fields(["$ref": .string("#/$defs/l0"), "$defs": .mapping(parts)])
    }
    let document = Node.fields(["a": .integer(1)])
    for (count, isDecided) in [(Limits.schemaDepthMax / 2 - 4, true), (5_000, false)] {
      let schema = try JSONSchema("s", among: ["s": nested(count)])
      let found = schema.violations(of: document).map(\.code.rawValue)
      #expect(found.contains("FS1106") != isDecided)
    }
  }

  @Test("Long enumerations, many fields and many unknown ones are checked in bounded time")
  func wideSchemas() throws {
    let numbers = (0..<20_000).map { Node.integer($0) }
    let values = Node.sequence((0..<20_000).map { .integer($0 + 20_000) })
    let names = (0..<4_000).map { "field-\(10_000 + $0)" }
    let fields = Node.mapping(names.map { ($0, Node.boolean(true)) })
    let unknown = Node.mapping(names.map { ("other" + $0, Node.null) })
    try expectSoon {
      let schema = Node.fields(["items": .fields(["enum": .sequence(numbers)])])
      let found = try JSONSchema("s", among: ["s": schema]).violations(of: values)
      #expect(found.contains { $0.code.rawValue == "FS1106" })
    }
    try expectSoon {
      let schema = Node.fields([
        "properties": fields, "required": .strings(names), "additionalProperties": .boolean(false),
        "minProperties": .integer(1),
      ])
      let found = try JSONSchema("s", among: ["s": schema]).violations(of: unknown)
      #expect(found.count { $0.code.rawValue == "FS1101" } == names.count)
      #expect(found.allSatisfy { $0.remedy.utf8.count < 1_000 })
    }
  }

  @Test("Many values share one budget")
  func sharedBudget() throws {
    var parts = (0..<14).map { level in
      let next = ##"{"$ref": "#/$defs/l\##(level + 1)"}"##
      return #""l\#(level)": {"allOf": [\#(next), \#(next)]}"#
    }
    parts.append(#""l14": {"type": "string"}"#)
    let text = ##"{"$ref": "#/$defs/l0", "$defs": {\##(parts.joined(separator: ","))}}"##
    let schema = try JSONSchema("s", among: ["s": JSONReader.read(text)])
    var budget = CheckBudget()
    let found = (0..<200).map { index in
      schema.violations(of: .string("x"), at: "v\(index)", within: &budget).map(\.code.rawValue)
    }
    #expect(found.first == [])
    #expect(found.last == ["FS1106"])
  }

  @Test("A schema of a great many resources and anchors is compiled in a short time")
  func manyResources() throws {
    let parts = (0..<3_000).map { index in
      (
        "r\(index)",
        Node.fields([
          "$id": .string("r\(index)"), "$dynamicAnchor": .string("a\(index % 50)"),
          "$dynamicRef": .string("#a\(index % 50)"), "title": .string("one"),
        ])
      )
    }
    let node = Node.fields(["$defs": .mapping(parts), "$ref": .string("r7")])
    try expectSoon {
      let schema = try JSONSchema("s", among: ["s": node])
      #expect(schema.violations(of: .null).map(\.code.rawValue) == ["FS1106"])
    }
  }
}
