// A condition that is called impossible is met by no context: random conditions over few values, so
// that many exclude themselves, against the evaluator and thousands of random contexts.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import Testing

@Suite("Impossible conditions")
struct ContradictionTests {
  @Test("What is called impossible is met by no context", arguments: 0..<4)
  func neverFalse(seed: UInt64) throws {
    var random = RandomComparisons(seed: 0xC0_17AD + seed)
    var impossible = 0
    for _ in 0..<(TestRuns.isFull ? 20_000 : 1_000) {
      let source = Self.members(&random, depth: 2)
      let text =
        "flags: {f: {environments: {production: {}},"
        + " rules: [{when: {all: [\(source)]}, serve: true}]}}"
      let repository = TestRepository(text)
      // A part of an `any`, or what stands under `not`, may be impossible by itself.
      guard repository.findings.contains(where: { $0.code.rawValue == "FS2124" }),
        !source.contains("any"), !source.contains("not: {all")
      else { continue }
      impossible += 1
      let form = try #require(
        repository.resolved()?.definitions[Identity(.flag, "f")]?.form["rules"]?.sequence?.first)
      let condition = try Condition(try #require(form["when"]))
      for _ in 0..<200 {
        let context = Self.context(&random)
        #expect(!condition.isMet(by: context), "seed \(seed): \(source)")
      }
    }
    #expect(impossible > 50)
  }

  @Test(
    "What speaks of one thing is looked at, however it is written",
    arguments: [
      ("{x: 1}, {not: {x: 1}}", true), ("{x: 1}, {x: 2}", true), ("{x: 1}, {not: {x: 2}}", false),
      ("{segment: s}, {not: {segment: s}}", true), ("{segment: s}, {not: {segment: r}}", false),
      ("{y: 1}, {segment: s}, {not: {segment: [r, s]}}", true),
      ("{not: {any: [{y: 1}, {x: 1}]}}, {x: 1}", true),
      ("{not: {any: [{y: 1}, {all: [{x: 1}]}]}}, {x: 1}", true),
      ("{all: [{x: 1}, {y: 1}]}, {x: 2}", true), ("{all: [{x: 1}, {y: 1}]}, {z: 2}", false),
      ("{not: {all: [{x: 1}, {y: 1}]}}, {y: 1}, {x: 1}", true),
      ("{not: {x: {greaterThan: 1}}}, {x: {greaterThan: 2}}", true),
      ("{not: {x: 1}}, {not: {x: 2}}", false), ("{not: {y: 1}}, {x: 1}", false),
      ("{not: {not: {x: 1}}}, {not: {x: 1}}", true),
    ])
  func found(members: String, isImpossible: Bool) {
    let repository = TestRepository(
      "segments: {r: {x: 1}, s: {x: 1}}\nflags: {f: {environments: {production: {}},"
        + " rules: [{when: {all: [\(members)]}, serve: true}]}}")
    let isFound = repository.findings.contains { $0.code.rawValue == "FS2124" }
    #expect(isFound == isImpossible)
  }

  private static let numbers = ["0", "1", "1.5", "2", "true", "'1'", "a", "ab", "b"]

  private static func members(_ random: inout RandomComparisons, depth: Int) -> String {
    (0..<random.number(1...3)).map { _ in member(&random, depth: depth) }.joined(separator: ", ")
  }

  private static func member(_ random: inout RandomComparisons, depth: Int) -> String {
    switch random.number(0...(depth > 0 ? 9 : 6)) {
    case 7: return "{all: [\(members(&random, depth: depth - 1))]}"
    case 8: return "{any: [\(members(&random, depth: depth - 1))]}"
    case 9: return "{not: \(member(&random, depth: depth - 1))}"
    default: return test(&random)
    }
  }

  private static func test(_ random: inout RandomComparisons) -> String {
    let name = random.pick(["x", "x", "y"])
    let list = "[\((0...1).map { _ in random.pick(numbers) }.joined(separator: ", "))]"
    let instant = random.pick(["2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"])
    let comparison = random.pick([
      "equals: \(random.pick(numbers))", "notEquals: \(random.pick(numbers))", "in: \(list)",
      "notIn: \(list)", "lessThan: \(random.number(0...2))",
      "lessOrEqual: \(random.number(0...2))", "greaterThan: \(random.number(0...2))",
      "greaterOrEqual: \(random.number(0...2))", "startsWith: \(random.pick(["a", "ab", "b"]))",
      "endsWith: \(random.pick(["a", "ab", "b"]))", "contains: \(random.pick(["a", "b", "1"]))",
      "exists: \(random.pick(["true", "false"]))", "before: \(instant)", "after: \(instant)",
      "semver: '\(random.pick([">=1.0.0", "<1.0.0", "2.0.0", ">1.0.0 <=2.0.0", ">=0.9.0 <1.0.0"]))'",
    ])
    return "{\(name): {\(comparison)}}"
  }

  private static let values: [JSONValue] = [
    .integer(0), .integer(1), .double(1.5), .integer(2), .integer(-1), .double(0.5),
    .boolean(true), .boolean(false), .string("1"), .string("a"), .string("ab"), .string("b"),
    .string("ba"), .string("aab"), .string(""), .string("1.0.0"), .string("0.9.0"),
    .string("1.0.0-rc.1"), .string("2.0.0"), .list([.string("a")]),
    .list([.integer(1), .string("b")]), .string("2025-12-31T23:59:59Z"),
    .string("2026-01-01T00:00:00Z"), .string("2026-01-01T00:00:01Z"),
    .string("2026-01-01T00:00:02Z"),
  ]

  private static func context(_ random: inout RandomComparisons) -> EvaluationContext {
    var attributes: [(key: String, value: JSONValue)] = []
    for name in ["x", "y"] where random.chance(85) {
      attributes.append((key: name, value: random.pick(values)))
    }
    return EvaluationContext(attributes: attributes)
  }
}
