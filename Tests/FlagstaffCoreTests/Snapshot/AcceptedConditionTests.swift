// Whatever the checks accept must be readable to the end: by the evaluator, by who verifies the
// audit chain, by the next plan. A condition that passes the checks and stops a later stage would
// stall its whole scope.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import TestHarness
import Testing

@Suite("Accepted conditions")
struct AcceptedConditionTests {
  /// Takes a condition through every stage; nil where the checks refuse it.
  private static func carry(_ condition: String, segments: String = "{}") throws -> Evaluation? {
    let sections = """
      segments: \(segments)
      flags: {f: {environments: {production: {}}, rules: [{when: \(condition), serve: true}]}}
      """
    guard TestRepository(sections).errorCodes.isEmpty else { return nil }
    var scope = TestScope()
    let applied = try scope.pass(sections)
    let key = try #require(AuditKey(secret: [UInt8](repeating: 7, count: 32)))
    var verification = AuditWalk(trusting: .secrets(AuditKeyring(key)))
    for event in try applied.events(after: .start, key: key) { try verification.check(event) }
    #expect(try scope.plan(sections).isEmpty)
    return try scope.snapshot().evaluate(flag: "f", context: .init(attributes: ["a": .string("x")]))
  }

  private static let operators = [
    "equals", "notEquals", "in", "notIn", "startsWith", "endsWith", "contains", "lessThan",
    "lessOrEqual", "greaterThan", "greaterOrEqual", "before", "after", "semver", "exists",
  ]

  @Test("An operand that the checks accept is one that the evaluator takes", arguments: operators)
  func operands(name: String) throws {
    let operands = [
      "x", "''", "'1'", "0", "-0.0", "1.5", "1e3", "-9007199254740991", "true", "no",
      "[x]", "[1, 1.0, true, x, '']", "[[x]]", "[]", "{}", "{x: y}", "null",
      "2026-01-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01", "'>=1.0.0'", "'>=1.0.0 <2'",
      "'1.0.0 || 2.0.0'", "'=1.0.0-beta.1+x'", "'  >1.0.0   <=2.0.0 '", "'^1.0.0'", "'>=1.0'",
    ]
    let accepted = try operands.filter { try Self.carry("{a: {\(name): \($0)}}") != nil }
    #expect(!accepted.isEmpty && accepted.count < operands.count, "\(accepted)")
  }

  @Test("A condition as deep as a file can make it is carried through every stage")
  func deepFile() throws {
    var condition = "{a: x}"
    for _ in 0..<25 { condition = "{a: x, not: {b: y, not: \(condition)}}" }
    #expect(try Self.carry(condition)?.variant == "true")
    var lists = "{a: x}"
    for _ in 0..<28 { lists = "{all: [\(lists)]}" }
    #expect(try Self.carry(lists)?.variant == "true")
  }

  @Test("A condition as deep as segments can make it is carried through every stage")
  func deepSegments() throws {
    func nested(_ inner: String) -> String {
      String(repeating: "{all: [", count: 24) + inner + String(repeating: "]}", count: 24)
    }
    let segments =
      "{s1: \(nested("{a: x}")), s2: \(nested("{segment: s1}")), s3: \(nested("{segment: s2}")),"
      + " s4: \(nested("{segment: s3}"))}"
    #expect(try Self.carry("{segment: s4}", segments: segments)?.variant == "true")
    #expect(try Self.carry("{all: [{segment: s4}]}", segments: segments) == nil)
  }

  @Test("The longest chain and the longest cycle of segments are refused without recursion")
  func longChains() {
    let count = 3_000
    let lines = (1..<count).map { "  s\($0): {segment: s\($0 - 1)}" }.joined(separator: "\n")
    let cycle = TestRepository("segments:\n  s0: {segment: s\(count - 1)}\n\(lines)")
    #expect(cycle.findings.count == Limits.findingsMax + 1)
    #expect(Set(cycle.errorCodes.map { $0.prefix(6) }) == ["FS2014", "FS2007"])
    let chain = TestRepository("segments:\n  s0: {a: b}\n\(lines)")
    #expect(Set(chain.findings.map(\.code.rawValue)) == ["FS2018"])
  }

  @Test("Forms of random conditions do not depend on the order in which they are written")
  func orderOfKeys() throws {
    var random = SeededGenerator(seed: 11)
    for _ in 0..<100 {
      let parts =
        ["a: x", "b: [1, 2]", "not: {c: d}", "any: [{e: f}, {g: h}]", "age: {lessThan: 3}"]
        .filter { _ in Bool.random(using: &random) } + ["z: 1"]
      func form(_ parts: [String]) throws -> Node? {
        let text = "segments: {s: {\(parts.joined(separator: ", "))}}\n\(Samples.flag)"
        return try #require(TestRepository(text).resolved())
          .definitions[Identity(.segment, "s")]?.form
      }
      let shuffled = try #require(try form(parts.shuffled(using: &random)))
      #expect(try form(parts).map(CanonicalJSON.bytes) == CanonicalJSON.bytes(shuffled))
    }
  }
}
