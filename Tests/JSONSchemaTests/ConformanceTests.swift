// The official JSON Schema Test Suite, draft 2020-12, from the folder that `FLAGSTAFF_CONFORMANCE`
// names. Every required test must pass. Of the optional ones, those that do not hold stand in
// `KnownDeviations` with the reason, and must indeed not hold.

import Documents
import Foundation
import JSONSchema
import Testing

struct ConformanceTests {
  static let folder = ProcessInfo.processInfo.environment["FLAGSTAFF_CONFORMANCE"]
    .map { URL(filePath: $0).appending(path: "json-schema") }

  static let absence: Comment =
    "FLAGSTAFF_CONFORMANCE is not set, so the official JSON Schema tests were skipped"

  /// The resources of one run: what the suite expects at `http://localhost:1234/`.
  let remotes: [String: Node]
  let tests: URL

  init() throws {
    guard let folder = Self.folder else {
      remotes = [:]
      tests = URL(filePath: "/")
      return
    }
    tests = folder.appending(path: "tests/draft2020-12")
    let root = folder.appending(path: "remotes")
    var remotes: [String: Node] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: root.path)
    where path.hasSuffix(".json") {
      remotes["http://localhost:1234/" + path] = try Self.json(root.appending(path: path))
    }
    self.remotes = remotes
  }

  static func json(_ url: URL) throws -> Node {
    try JSONReader.read([UInt8](Data(contentsOf: url)), depthMax: 200)
  }

  /// One case of the suite.
  struct Case {
    /// File, group and test.
    let name: [String]
    let isValid: Bool
    let isRight: Bool
    /// Why the schema was refused, where it was.
    let refusal: String?

    var text: String {
      name.joined(separator: ": ") + (refusal.map { " (refused: \($0))" } ?? "")
    }
  }

  /// All cases of a folder.
  func cases(in folder: String, formats: FormatPolicy) throws -> [Case] {
    let files = try FileManager.default.contentsOfDirectory(
      atPath: tests.appending(path: folder).path)
    var cases: [Case] = []
    for file in files.sorted() where file.hasSuffix(".json") {
      let url = tests.appending(path: folder).appending(path: file)
      for group in try #require(Self.json(url).sequence) {
        cases += try self.cases(in: group, of: String(file.dropLast(5)), formats)
      }
    }
    return cases
  }

  private func cases(in group: Node, of file: String, _ formats: FormatPolicy) throws -> [Case] {
    var schema: JSONSchema?
    var refusal: String?
    do throws(SchemaError) {
      let resources = remotes.merging(["test:root": group["schema"] ?? .null]) { $1 }
      schema = try JSONSchema("test:root", among: resources, formats: formats)
    } catch {
      refusal = error.description
    }
    return try #require(group["tests"]?.sequence).map { test in
      let violations = schema?.violations(of: test["data"] ?? .null)
      return Case(
        name: [file, group["description"]?.string ?? "", test["description"]?.string ?? ""],
        isValid: test["valid"] == .boolean(true),
        isRight: violations.map { .boolean($0.isEmpty) == test["valid"] } ?? false,
        refusal: refusal)
    }
  }

  @Test("Every required test of the official suite passes", .enabled(if: folder != nil, absence))
  func required() throws {
    let cases = try cases(in: ".", formats: .annotated)
    for wrong in cases where !wrong.isRight { Issue.record("\(wrong.text)") }
    let passed = cases.count { $0.isRight }
    #expect(cases.count >= 1_299)
    print("JSON Schema Test Suite: \(passed) of \(cases.count) required tests pass")
  }

  @Test(
    "Every optional test of the official suite passes, or is known not to",
    .enabled(if: folder != nil, absence))
  func optional() throws {
    let cases = try cases(in: "optional", formats: .annotated)
    check(cases, KnownDeviations.optional, "optional")
  }

  @Test(
    "Every test of formats in the official suite passes, or is known not to",
    .enabled(if: folder != nil, absence))
  func formats() throws {
    let cases = try cases(in: "optional/format", formats: .asserted)
    check(cases, KnownDeviations.formats, "format")
  }

  /// What is wrong must be exactly what is known to be.
  private func check(_ cases: [Case], _ known: [KnownDeviations.Deviation], _ kind: String) {
    var seen = Set<Int>()
    for one in cases {
      let index = known.firstIndex { $0.covers(one.name, isValid: one.isValid) }
      if let index { seen.insert(index) }
      #expect(one.isRight == (index == nil), "\(one.text)")
    }
    for (index, deviation) in known.enumerated() where !seen.contains(index) {
      Issue.record("no such case: \(deviation.name)")
    }
    let passed = cases.count { $0.isRight }
    print(
      "JSON Schema Test Suite: \(passed) of \(cases.count) \(kind) tests pass, the others known")
  }

  @Test("Where the official suite is absent, that is said", .enabled(if: folder == nil))
  func absent() {
    print(Self.absence.rawValue)
  }
}
