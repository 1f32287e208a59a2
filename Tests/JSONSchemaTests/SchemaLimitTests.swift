// Hostile schemas and documents: whatever cannot be decided within its limits is a violation of
// its own kind, never silently valid.

import Documents
import JSONSchema
import Testing

struct SchemaLimitTests {
  private func codes(_ schema: String, _ document: Node) throws -> [String] {
    let schema = try JSONSchema("s", among: ["s": JSONReader.read(schema)])
    return schema.violations(of: document).map(\.code.rawValue)
  }

  @Test(
    "A pattern that gives up is neither a match nor a mismatch",
    arguments: [
      #"{"pattern": "^(a+)+$"}"#, #"{"not": {"pattern": "^(a+)+$"}}"#,
      #"{"anyOf": [{"pattern": "^(a+)+$"}]}"#, #"{"oneOf": [{"pattern": "^(a+)+$"}]}"#,
      #"{"if": {"pattern": "^(a+)+$"}, "then": true, "else": true}"#,
    ])
  func patternGivesUp(schema: String) throws {
    let text = String(repeating: "a", count: 40) + "!"
    let clock = ContinuousClock()
    var found: [String] = []
    let elapsed = try clock.measure { found = try codes(schema, .string(text)) }
    #expect(found == ["FS1106"])
    #expect(elapsed < .seconds(2))
  }

  @Test("A pattern over keys that gives up is reported, and so is one of propertyNames")
  func keyPatternGivesUp() throws {
    let node = Node.mapping([(String(repeating: "a", count: 40) + "!", .null)])
    #expect(try codes(#"{"patternProperties": {"^(a+)+$": false}}"#, node).contains("FS1106"))
    #expect(try codes(#"{"propertyNames": {"pattern": "^(a+)+$"}}"#, node) == ["FS1106"])
  }

  @Test("A pattern that needs too much memory gives up")
  func patternMemory() throws {
    let text = String(repeating: "a", count: 200_000)
    let found = try codes(#"{"pattern": "^(?:(a)|b)*c"}"#, .string(text))
    #expect(found == ["FS1106"])
  }

  @Test("A schema that doubles its work at each level is given up, not run for ever")
  func steps() throws {
    var parts: [String] = []
    for level in 0..<40 {
      let next = ##"{"$ref": "#/$defs/l\##(level + 1)"}"##
      parts.append(#""l\#(level)": {"allOf": [\#(next), \#(next)]}"#)
    }
    parts.append(#""l40": {"type": "string"}"#)
    let schema = ##"{"$ref": "#/$defs/l0", "$defs": {\##(parts.joined(separator: ","))}}"##
    #expect(try codes(schema, .string("x")) == ["FS1106"])
  }

  @Test("A chain of references deeper than the limit is given up without exhausting the stack")
  func depth() throws {
    func chain(_ count: Int) -> String {
      var parts = (0..<count).map { ##""l\##($0)": {"$ref": "#/$defs/l\##($0 + 1)"}"## }
      parts.append(#""l\#(count)": {"type": "string"}"#)
      return ##"{"$ref": "#/$defs/l0", "$defs": {\##(parts.joined(separator: ","))}}"##
    }
    #expect(try codes(chain(Limits.schemaDepthMax - 2), .string("x")) == [])
    #expect(try codes(chain(Limits.schemaDepthMax - 1), .string("x")) == ["FS1106"])
    #expect(try codes(chain(5_000), .string("x")) == ["FS1106"])
  }

  @Test("A recursive schema checks a deep document")
  func recursion() throws {
    let schema = ##"{"type": "array", "items": {"$ref": "#"}}"##
    var node = Node.sequence([])
    for _ in 0..<Limits.depthMax { node = .sequence([node]) }
    #expect(try codes(schema, node) == [])
  }

  @Test("Long lists are searched for repetitions in a short time")
  func uniqueItems() throws {
    let numbers = (0..<50_000).map { Node.sequence([.integer($0)]) }
    let clock = ContinuousClock()
    let start = clock.now
    #expect(try codes(#"{"uniqueItems": true}"#, .sequence(numbers)) == [])
    let repeated = Node.sequence(numbers + numbers.prefix(1))
    #expect(try codes(#"{"uniqueItems": true}"#, repeated) == ["FS1104"])
    let elapsed = clock.now - start
    #expect(elapsed < .seconds(10))
  }

  @Test("One compiled schema is used by many tasks at once")
  func manyTasks() async throws {
    let text = #"{"additionalProperties": {"pattern": "^[a-z]([a-z.-]{0,62}[a-z])?$"}}"#
    let schema = try JSONSchema("s", among: ["s": JSONReader.read(text)])
    let valid = try JSONReader.read(#"{"a": "checkout.flow", "b": "x"}"#)
    let invalid = try JSONReader.read(#"{"a": "checkout.flow", "b": "-x"}"#)
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<32 {
        group.addTask {
          (0..<50).allSatisfy { _ in
            schema.violations(of: valid).isEmpty && schema.violations(of: invalid).count == 1
          }
        }
      }
      for await isRight in group { #expect(isRight) }
    }
  }
}
