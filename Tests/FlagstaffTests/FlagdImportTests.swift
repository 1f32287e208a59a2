// What was carried over from flagd answers as flagd's own provider does: for every flag of which no
// difference was told, whatever the context holds; and for every flag at all, where attributes have
// the types that its conditions expect. flagd's published examples are among the flags.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import Foundation
import Signing
import TestHarness
import Testing
import YAMLDocuments

/// Definitions that were imported, and what they publish.
private struct ImportedSnapshot {
  let imported: ImportedDefinitions
  let snapshot: Snapshot?

  init(_ document: Document) throws {
    imported = ImportedDefinitions.flagd(document, environments: ["production"])
    guard let file = imported.file else {
      snapshot = nil
      return
    }
    let text = try YAMLWriter.text(file)
    let path = "definitions/imported.yaml"
    let read = YAMLReader.read(Array(text.utf8), file: path)
    let root = try #require(read.document?.root, "\(read.findings)\n\(text)")
    let workspace = Node.fields([
      "flagstaff": .string("v1"),
      "workspace": .fields([
        "id": .string("tests"), "environments": .strings(["production"]),
      ]),
    ])
    let definitions = Definitions.check(
      RepositoryFiles([
        .check(Document(file: path, root: root), as: .customer("default")),
        .check(Document(file: "flagstaff.yaml", root: workspace), as: .workspace),
      ]))
    let errors = definitions.findings.filter { $0.severity == .error }
    #expect(errors.isEmpty, "\(errors)\n\(text)")
    snapshot = try Self.published(definitions)
  }

  private static func published(_ definitions: Definitions) throws -> Snapshot? {
    let scope = ScopeID(environment: "production", customer: "default")
    let wanted = try #require(ResolvedScope.resolve(scope, in: definitions))
    let state = ScopeState.empty(scope)
    let instant = try #require(Instant("2026-11-23T12:00:00Z"))
    let commit = String(repeating: "c", count: 40)
    guard case .plan(let plan) = try Plan.make(wanted, against: state, commit: commit, at: instant),
      let admitted = AdmittedPlan.judge(plan, by: .ungated).admitted
    else { return nil }
    let publication = try Publication.project(AppliedScope.apply(admitted, to: state).state)
    return try Snapshot(index: publication.server.index.bytes) { digest in
      publication.server.parts.first { $0.digest.hexadecimal == digest }?.bytes ?? []
    }
  }

  /// Asks flagd's provider and us about some flags.
  func differences(
    _ document: [UInt8], _ contexts: [String], among isAsked: (ImportedDefinitions.Flag) -> Bool
  ) throws -> (compared: Int, differences: [String]) {
    let flags = Dictionary(
      imported.flags.filter(isAsked).map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let ours = try contexts.map { try EvaluationContext(json: Array($0.utf8)) }
    var (compared, differences) = (0, [String]())
    for answer in try FlagdProvider.answers(document, contexts: contexts) {
      guard let flag = flags[answer.flag], let snapshot else { continue }
      compared += 1
      let expected = snapshot.evaluate(flag: flag.key, context: ours[answer.context])
      let variant = answer.variant.flatMap { flag.variants[$0] }
      let value = answer.value.map { CanonicalJSON.string($0) }
      guard variant == nil || variant != expected.variant || value != expected.value?.json else {
        continue
      }
      if differences.count < 8 {
        differences.append(
          "\(answer.flag) for \(contexts[answer.context]): flagd says \(answer.line), we say"
            + " \(expected.variant ?? "nothing")")
      }
    }
    return (compared, differences)
  }
}

/// Makes targeting, and contexts for it.
private struct LogicCases {
  var random: SeededGenerator
  /// Whether an attribute always has the type that its name begins with.
  let isTyped: Bool

  private static let texts = ["a", "ab", "b", "é", "ß", "😀", "yellow", "@a.b", "no", "v"]
  private static let oddTexts = [
    "", "0", "1", "1.0", " 1 ", "true", "null", "a,b", "[object Object]",
  ]
  private static let versions = ["1.2.3", "1.2.3-rc.1", "2.0.0", "10.0.1", "0.9.0", "2.0.0-0"]

  private mutating func text() -> Node {
    .string(
      isTyped || Bool.random(using: &random)
        ? random.pick(Self.texts) : random.pick(Self.oddTexts))
  }

  private mutating func number() -> Node {
    random.pick([.integer(2), .integer(7), .integer(-3), .number(0.5), .number(2.25), .integer(10)])
  }

  /// An attribute, by the letter of its type.
  private mutating func attribute(_ type: String) -> Node {
    let name = Node.string("\(type)\(Int.random(in: 0..<2, using: &random))")
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return .fields(["var": .sequence([name])])
    case 1:
      let absent = type == "n" ? number() : type == "s" ? text() : .null
      return .fields(["var": .sequence([name, absent])])
    default: return .fields(["var": name])
    }
  }

  private mutating func call(_ name: String, _ arguments: Node...) -> Node {
    .mapping([(name, .sequence(arguments))])
  }

  mutating func condition(_ depth: Int = 0) -> Node {
    switch Int.random(in: depth > 2 ? 4..<16 : 0..<16, using: &random) {
    case 0: return call("and", condition(depth + 1), condition(depth + 1))
    case 1: return call("or", condition(depth + 1), condition(depth + 1))
    case 2: return .fields(["!": condition(depth + 1)])
    case 3: return call("if", condition(depth + 1), condition(depth + 1), condition(depth + 1))
    case 4, 5: return call(random.pick(["===", "!=="]), attribute("s"), text())
    case 6: return call(random.pick(["starts_with", "ends_with"]), attribute("s"), text())
    case 7: return call("in", attribute("s"), .sequence([text(), text(), text()]))
    case 8: return call("in", text(), attribute("s"))
    case 9: return call(random.pick(["===", "!=="]), attribute("s"), .null)
    case 10: return call(random.pick(["===", "!=="]), attribute("n"), number())
    case 11: return call("in", attribute("n"), .sequence([number(), .null, number()]))
    case 12: return .fields(["$ref": .string(random.pick(["shared", "other"]))])
    default: return loose()
    }
  }

  /// What converts types.
  private mutating func loose() -> Node {
    switch Int.random(in: 0..<7, using: &random) {
    case 0: return call(random.pick(["==", "!="]), attribute("s"), text())
    case 1: return call(random.pick(["==", "!="]), attribute("n"), number())
    case 2: return call(random.pick(["<", "<=", ">", ">="]), attribute("n"), number())
    case 3: return call(random.pick(["<", "<="]), .integer(-1), attribute("n"), number())
    case 4: return attribute(random.pick(["s", "n", "b"]))
    case 5: return call("==", attribute("b"), .boolean(true))
    default:
      let sign = random.pick(["=", "!=", "<", "<=", ">", ">=", "^", "~"])
      return call("sem_ver", attribute("v"), .string(sign), .string(random.pick(Self.versions)))
    }
  }

  private mutating func outcome(_ depth: Int) -> Node {
    switch Int.random(in: 0..<8, using: &random) {
    case 0 where depth < 3: return targeting(depth + 1)
    case 1: return .null
    default: return .string(random.pick(["on", "Off", "third"]))
    }
  }

  mutating func targeting(_ depth: Int = 0) -> Node {
    var arguments: [Node] = []
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      arguments += [condition(), outcome(depth)]
    }
    if Bool.random(using: &random) { arguments.append(outcome(depth)) }
    return .fields(["if": .sequence(arguments)])
  }

  mutating func document(flags count: Int) -> Node {
    let flags = (0..<count).map { number in
      let isShort = Int.random(in: 0..<8, using: &random) == 0
      let variants: Node =
        isShort
        ? .fields(["true": .boolean(true), "false": .boolean(false)])
        : .fields(["on": .string("A"), "Off": .string("B"), "third": .string("")])
      return (
        "flag-\(number)",
        Node.fields([
          "state": .string("ENABLED"), "variants": variants,
          "defaultVariant": .string(isShort ? "false" : random.pick(["on", "Off"])),
          "targeting": isShort
            ? call(random.pick(["===", "!=="]), attribute("s"), text()) : targeting(),
        ])
      )
    }
    var shared = condition(1)
    // The provider puts evaluators in as text, and stops at whatever JSON escapes in them.
    let isPlain = { (node: Node) in
      let text = CanonicalJSON.string(node)
      return !text.contains("$ref") && text.utf8.allSatisfy { $0 < 0x80 }
    }
    while !isPlain(shared) { shared = condition(1) }
    return .fields([
      "flags": .mapping(flags),
      "$evaluators": .fields([
        "shared": shared, "other": call("===", attribute("s"), .string("ab")),
      ]),
    ])
  }

  private mutating func value(_ type: String) -> Node {
    switch isTyped ? type : random.pick(["s", "n", "b", "v", "odd", "odd"]) {
    case "s": return isTyped ? text() : random.pick([text(), .string("ab"), .string("yellow")])
    case "n": return number()
    case "b": return .boolean(Bool.random(using: &random))
    case "v": return .string(random.pick(Self.versions))
    default:
      return random.pick([
        .integer(0), .integer(1), .null, .sequence([]), .sequence([text()]), .fields([:]),
        .sequence([.string("yellow")]), .sequence([number(), text()]), .string("2"),
        .string("v1.2.3"),
        .fields(["a": .string("a")]), .sequence([.sequence([.string("a")])]),
      ])
    }
  }

  mutating func context() -> String {
    var members: [(String, Node)] = []
    for name in ["s0", "s1", "n0", "n1", "b0", "b1", "v0", "v1"] {
      if Int.random(in: 0..<4, using: &random) > 0 {
        members.append((name, value(String(name.prefix(1)))))
      }
    }
    return CanonicalJSON.string(.mapping(members))
  }
}

@Suite("Imported from flagd")
struct FlagdImportTests {
  @Test("A flag without a told difference answers as flagd for every context", arguments: 1...3)
  func sameAnswers(seed: UInt64) throws {
    var cases = LogicCases(random: SeededGenerator(seed: seed), isTyped: false)
    let root = cases.document(flags: 400)
    let contexts = ["{}"] + (0..<60).map { _ in cases.context() }
    let imported = try ImportedSnapshot(Document(file: "flags.json", root: root))
    let (compared, differences) = try imported.differences(
      CanonicalJSON.bytes(root), contexts, among: \.isSame)
    #expect(differences.isEmpty, "seed \(seed): \(differences.joined(separator: "\n"))")
    // Or nothing would have been tried.
    #expect(compared > 50 * contexts.count, "\(compared)")
  }

  @Test("Where attributes have their types, every flag answers as flagd", arguments: 1...3)
  func sameAnswersOfTypes(seed: UInt64) throws {
    var cases = LogicCases(random: SeededGenerator(seed: seed &+ 100), isTyped: true)
    let root = cases.document(flags: 300)
    let contexts = ["{}"] + (0..<60).map { _ in cases.context() }
    let imported = try ImportedSnapshot(Document(file: "flags.json", root: root))
    let (compared, differences) = try imported.differences(
      CanonicalJSON.bytes(root), contexts, among: { _ in true })
    #expect(differences.isEmpty, "seed \(seed): \(differences.joined(separator: "\n"))")
    #expect(compared > 250 * contexts.count, "\(compared)")
  }

  @Test("flagd's own examples are carried over, and answer as there", .enabled(if: examples != nil))
  func ownExamples() throws {
    let contexts = [
      "{}", #"{"color":"yellow"}"#, #"{"color":"red"}"#, #"{"email":"a@company.com"}"#,
      #"{"email":"a@faas.com"}"#, #"{"email":7}"#, #"{"targetingKey":"u","email":"a@faas.com"}"#,
    ]
    for file in try #require(Self.examples) {
      let bytes = try [UInt8](Data(contentsOf: URL(filePath: file)))
      let imported = try ImportedSnapshot(
        Document(file: "flags.json", root: try JSONReader.read(bytes)))
      #expect(!imported.imported.flags.isEmpty, "\(file)")
      #expect(!imported.imported.findings.contains { $0.severity == .error }, "\(file)")
      // Its provider reads no lists of flags.
      guard !file.contains("array") else { continue }
      let (_, differences) = try imported.differences(bytes, contexts, among: \.isSame)
      #expect(differences.isEmpty, "\(file): \(differences)")
    }
  }

  static let examples: [String]? = FlagdProvider.schemas.map { folder in
    ["test/flags/positive", "test/flagd/positive"].flatMap { part in
      ((try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(part)")) ?? []).sorted()
        .map { "\(folder)/\(part)/\($0)" }
    }
  }
}
