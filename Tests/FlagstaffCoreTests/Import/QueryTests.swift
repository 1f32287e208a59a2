// Queries of GO Feature Flag: how they are read, and that an imported flag answers what the query
// means. The meaning is evaluated by a second reading of the language that shares nothing with the
// importer, over random queries and contexts.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import Foundation
import TestHarness
import Testing
import YAMLDocuments

/// The meaning of a query, from the documentation of its language.
private enum Meaning {
  indirect enum Query {
    case compare(String, String, Operand)
    case present(String)
    case join(String, Query, Query)
    case not(Query)
  }

  enum Operand {
    case text(String), integer(Int), boolean(Bool), version(String), texts([String])
    case integers([Int])
  }

  static func isMet(_ query: Query, _ context: [String: JSONValue]) -> Bool {
    switch query {
    case .not(let inner): return !isMet(inner, context)
    case .join("and", let a, let b): return isMet(a, context) && isMet(b, context)
    case .join(_, let a, let b): return isMet(a, context) || isMet(b, context)
    case .present(let name): return found(name, context) != nil
    case .compare(let name, let sign, let operand):
      guard let value = found(name, context) else { return false }
      return compare(value, sign, operand)
    }
  }

  /// What GO Feature Flag puts into each context counts too.
  private static func found(_ name: String, _ context: [String: JSONValue]) -> JSONValue? {
    switch name {
    case "key", "targetingKey": return context["targetingKey"] ?? .string("")
    case "anonymous":
      if case .boolean(true)? = context[name] { return .boolean(true) }
      return .boolean(false)
    default:
      if case .null? = context[name] { return nil }
      return context[name]
    }
  }

  private static func compare(_ value: JSONValue, _ sign: String, _ operand: Operand) -> Bool {
    switch (value, operand) {
    case (.string(let a), .text(let b)): return text(a.lowercased(), sign, b.lowercased())
    case (.string(let a), .texts(let list)): return list.contains { $0 == a }
    case (.integer(let a), .integer(let b)): return ordered(a, sign, b)
    case (.integer(let a), .integers(let list)): return list.contains(a)
    case (.boolean(let a), .boolean(let b)): return (a == b) == (sign == "eq")
    case (.string(let a), .version(let b)):
      guard let a = numbers(a), let b = numbers(b) else { return false }
      let place = zip(a, b).first { $0 != $1 } ?? (0, 0)
      return ordered(place.0, sign, place.1)
    default: return false
    }
  }

  private static func text(_ a: String, _ sign: String, _ b: String) -> Bool {
    switch sign {
    case "eq": a == b
    case "ne": a != b
    case "co": b.isEmpty || a.contains(b)
    case "sw": a.hasPrefix(b) || b.isEmpty
    default: a.hasSuffix(b) || b.isEmpty
    }
  }

  private static func ordered(_ a: Int, _ sign: String, _ b: Int) -> Bool {
    switch sign {
    case "eq": a == b
    case "ne": a != b
    case "lt": a < b
    case "le": a <= b
    case "gt": a > b
    default: a >= b
    }
  }

  /// Versions of three numbers alone.
  private static func numbers(_ text: String) -> [Int]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
    return parts.count == 3 && !parts.contains(nil) ? parts.compactMap(\.self) : nil
  }
}

/// Random queries, written and meant.
private struct QueryCases {
  var random: SeededGenerator
  /// Whether texts have no letters, so that their case cannot matter.
  let isCaseless: Bool

  private mutating func pick<T>(_ values: [T]) -> T {
    values[Int.random(in: 0..<values.count, using: &random)]
  }

  mutating func text() -> String {
    isCaseless
      ? pick(["1", "12", "-", "7.5", "", "東京", "😀", "12-7"]) : pick(["a", "ab", "b-c", "abc"])
  }

  mutating func comparison() -> (text: String, meaning: Meaning.Query) {
    let written = { (sign: String) in ["eq": "==", "ne": "!=", "lt": "<", "ge": ">="][sign] ?? sign
    }
    switch Int.random(in: 0..<8, using: &random) {
    case 0, 1:
      let (name, sign, text) = (
        pick(["s", "t", "key", "targetingKey"]), pick(["eq", "ne", "co", "sw", "ew"]), text()
      )
      return ("\(name) \(sign) \"\(text)\"", .compare(name, sign, .text(text)))
    case 2:
      let (name, texts) = (pick(["s", "t", "key"]), [text(), text()])
      let list = texts.map { "\"\($0)\"" }.joined(separator: pick([",", ", "]))
      return ("\(name) in [\(list)]", .compare(name, "in", .texts(texts)))
    case 3:
      let (name, sign, value) = (
        pick(["b", "anonymous"]), pick(["eq", "ne"]), Bool.random(using: &random)
      )
      return ("\(name) \(written(sign)) \(value)", .compare(name, sign, .boolean(value)))
    case 4:
      let name = pick(["s", "b", "n", "anonymous", "key"])
      return ("\(name) pr", .present(name))
    case 5:
      let (sign, version) = (pick(["eq", "ne", "lt", "le", "gt", "ge"]), pick(["1.2.3", "2.0.0"]))
      return ("v \(written(sign)) \(version)", .compare("v", sign, .version(version)))
    case 6 where !isCaseless:
      let list = [1, 5]
      return ("n in [1, 5]", .compare("n", "in", .integers(list)))
    default:
      guard !isCaseless else { return ("b eq true", .compare("b", "eq", .boolean(true))) }
      let (sign, value) = (pick(["eq", "ne", "lt", "le", "gt", "ge"]), pick([-2, 0, 1, 5]))
      return ("n \(written(sign)) \(value)", .compare("n", sign, .integer(value)))
    }
  }

  /// Without parentheses both operators bind equally, from the left.
  mutating func query(_ depth: Int = 0) -> (text: String, meaning: Meaning.Query) {
    var (text, meaning) = term(depth)
    for _ in 0..<Int.random(in: 0...2, using: &random) {
      let sign = pick(["and", "or"])
      let next = term(depth)
      (text, meaning) = ("\(text) \(sign) \(next.text)", .join(sign, meaning, next.meaning))
    }
    return (text, meaning)
  }

  private mutating func term(_ depth: Int) -> (text: String, meaning: Meaning.Query) {
    guard depth < 2, Int.random(in: 0..<3, using: &random) == 0 else { return comparison() }
    let inner = query(depth + 1)
    return Bool.random(using: &random)
      ? ("not (\(inner.text))", .not(inner.meaning)) : ("( \(inner.text) )", inner.meaning)
  }

  mutating func context() -> [String: JSONValue] {
    var context: [String: JSONValue] = [:]
    for name in ["s", "t", "n", "b", "v", "anonymous", "targetingKey"] {
      guard Int.random(in: 0..<4, using: &random) > 0 else { continue }
      switch name {
      case "targetingKey": context[name] = .string(text())
      case "v": context[name] = .string(pick(["1.2.3", "1.2.4", "2.0.0", "10.0.0", "no"]))
      default:
        context[name] = pick([
          .string(text()), .string(text()), .integer(pick([-2, 0, 1, 5, 9])),
          .boolean(Bool.random(using: &random)), .null,
        ])
      }
    }
    return context
  }
}

@Suite("Queries of GO Feature Flag")
struct QueryTests {
  /// - Parameter isCaseless: then no difference may be told; else case and fractions, which the
  ///   contexts do not have.
  @Test("An imported query is met as it is meant", arguments: [true, false], 1...4)
  func meansTheSame(isCaseless: Bool, seed: UInt64) throws {
    var cases = QueryCases(random: SeededGenerator(seed: seed), isCaseless: isCaseless)
    let queries = (0..<150).map { _ in cases.query() }
    let flags = queries.enumerated().map { number, query in
      (
        "flag-\(number)",
        Node.fields([
          "variations": .fields(["yes": .string("Y"), "no": .string("N")]),
          "targeting": .sequence([
            .fields(["query": .string(query.text), "variation": .string("yes")])
          ]),
          "defaultRule": .fields(["variation": .string("no")]),
        ])
      )
    }
    let imported = ImportedDefinitions.goFeatureFlag(
      Document(file: "flags.yaml", root: .mapping(flags)), environments: ["production"])
    #expect(imported.flags.count == queries.count, "\(imported.findings.map(\.described))")
    if isCaseless { #expect(!imported.flags.contains { !$0.isSame }, "\(imported.findings)") }
    let text = try YAMLWriter.text(try #require(imported.file))
    var scope = TestScope()
    try scope.pass(
      TestRepository(["customers/acme/a.yaml": text]), at: "2026-11-20T00:00:00Z")
    let snapshot = try scope.snapshot()
    for _ in 0..<60 {
      let context = cases.context()
      let ours = EvaluationContext(attributes: context.map { (key: $0.key, value: $0.value) })
      for (number, query) in queries.enumerated() {
        let answer = snapshot.evaluate(flag: "flag-\(number)", context: ours)
        let expected = Meaning.isMet(query.meaning, context) ? "yes" : "no"
        #expect(answer.variant == expected, "\(query.text) for \(context)")
      }
    }
  }

  @Test(
    "What is no query leaves its flag out, with the reason",
    arguments: [
      ("", nil), ("country eq \"CH\" and", "begins with no attribute"),
      ("country is \"CH\"", "no comparison"), ("(a pr", "never closed"),
      ("a eq \"b", "closing quote"),
      ("a eq [1, \"b\"]", "several types"), ("a eq \"b\" c pr", "follows"),
      ("not a pr", "no comparison"), ("a eq b", "no value"), ("a eq \"\\\"\"", "backslash"),
      ("a.b eq 1", "inside another"), ("segment eq 1", "word of conditions"),
      ("a co 5", "no counterpart"), ("a gt \"b\"", "no counterpart"),
      ("a eq null", "no counterpart"),
      (String(repeating: "(", count: 100) + "a pr", "too deep"),
      ("{\"==\": [{\"var\": \"a\"}, \"b\"]}", nil), ("{\"a\"", "no JSON"),
      ("{\"==\": [{\"var\": \"key\"}, \"b\"]}", "adds itself"),
    ] as [(String, String?)])
  func refused(query: String, reason: String?) throws {
    let flag = Node.fields([
      "variations": .fields(["a": .integer(1), "b": .integer(2)]),
      "targeting": .sequence([.fields(["query": .string(query), "variation": .string("b")])]),
      "defaultRule": .fields(["variation": .string("a")]),
    ])
    let imported = ImportedDefinitions.goFeatureFlag(
      Document(file: "flags.yaml", root: .fields(["flag": flag])), environments: ["production"])
    let errors = imported.findings.filter { $0.severity == .error }
    guard let reason else {
      #expect(errors.isEmpty && imported.flags.count == 1, "\(errors)")
      return
    }
    #expect(imported.file == nil && errors.count == 1)
    #expect(errors.first?.message.contains(reason) == true, "\(errors.map(\.message))")
  }
}
