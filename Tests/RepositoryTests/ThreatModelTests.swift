// The threat model against the tests: each attack of its tables has the test of its name, in the
// suite that the row names, and each test of an attack has its row; and what the program answers to
// it is kept as a golden file.

import Foundation
import Testing

@Suite("The threat model")
struct ThreatModelTests {
  static let page = "Sources/FlagstaffCore/FlagstaffCore.docc/ThreatModel.md"
  static let tests = "Tests/FlagstaffTests/Attacks/"
  static let golden = "Tests/FlagstaffTests/Golden/"

  @Test("Each attack of the threat model has the test of its name, and each such test its row")
  func rowsAndTests() throws {
    let repository = try Repository.current()
    let rows = try ThreatModel.rows(in: repository.text(Self.page))
    let tests = try repository.paths.filter { $0.hasPrefix(Self.tests) }
      .flatMap { try ThreatModel.attacks(in: SourceFile($0, repository.text($0))) }
    #expect(rows.count >= 7)
    expectNone(ThreatModel.differences(rows, tests))
  }

  @Test("Each limit of somebody's trust names suites that there are")
  func trusted() throws {
    let repository = try Repository.current()
    let suites = Set(
      repository.paths.filter { $0.hasPrefix("Tests/FlagstaffTests/") }
        .map { String($0.split(separator: "/").last ?? "").replacing(".swift", with: "") })
    let rows = try ThreatModel.trusted(in: repository.text(Self.page))
    #expect(rows.count == 10)
    expectNone(
      rows.filter { $0.suites.isEmpty || !suites.isSuperset(of: $0.suites) }.map {
        Violation(
          path: Self.page, line: $0.line,
          message: "\($0.who) names \($0.suites), not all of which are suites")
      })
  }

  @Test("Each attack's answer is a golden file")
  func answers() throws {
    let repository = try Repository.current()
    let missing = try ThreatModel.rows(in: repository.text(Self.page)).filter { row in
      repository.text(Self.golden + ThreatModel.file(of: row.name)).isEmpty
    }
    expectNone(
      missing.map {
        Violation(path: Self.page, line: $0.line, message: "\($0.name) has no golden file")
      })
  }

  @Test("A row without a test, a test without a row, and a wrong suite are found")
  func differencesAreFound() throws {
    let page = """
      | attack | what stops it | test |
      | --- | --- | --- |
      | evil merge | Its signer is a contributor. | `EvidenceAttackTests` |
      | gone | Nothing. | `EvidenceAttackTests` |
      | moved | Something. | `KeyAttackTests` |
      """
    let file = SourceFile(
      Self.tests + "EvidenceAttackTests.swift",
      """
        @Test("evil merge")
        @Test(
          "moved", arguments: [1])
        @Test("new")
      """)
    let found = ThreatModel.differences(
      try ThreatModel.rows(in: page), try ThreatModel.attacks(in: file))
    #expect(
      found.map(\.message).sorted() == [
        "gone has no test in EvidenceAttackTests", "moved has no test in KeyAttackTests",
        "moved is in no row of EvidenceAttackTests", "new is in no row of EvidenceAttackTests",
      ])
    #expect(ThreatModel.file(of: "A→B→A→B replay") == "attacks/A-B-A-B-replay.txt")
  }
}

enum ThreatModel {
  /// An attack, with the suite that repels it.
  struct Attack: Hashable {
    let name: String
    let suite: String
    let path: String
    let line: Int

    var identity: String { "\(suite)/\(name)" }
  }

  /// The rows of the tables whose last column names a suite.
  static func rows(in text: String) throws -> [Attack] {
    try Pattern(#"^\| ([^|]+) \| [^|]+ \| `([A-Za-z]+AttackTests)` \|$"#).matches(in: text).map {
      Attack(
        name: $0.groups[1], suite: $0.groups[2], path: ThreatModelTests.page, line: $0.line)
    }
  }

  /// Who is trusted with what, with the suites that try what he is not trusted with.
  static func trusted(
    in text: String
  ) throws -> [(who: String, suites: Set<String>, line: Int)] {
    try Pattern(#"^\| ([^|]+) \| [^|]+ \| [^|]+ \| (`[^|]+`) \|$"#).matches(in: text).map {
      let suites = $0.groups[2].split(separator: ", ").map { String($0.dropFirst().dropLast()) }
      return ($0.groups[1], Set(suites), $0.line)
    }
  }

  static func attacks(in file: SourceFile) throws -> [Attack] {
    let name = String(file.path.split(separator: "/").last ?? "").replacing(".swift", with: "")
    return try Pattern(#"@Test\(\s*"([^"]+)""#).matches(in: file.text).map {
      Attack(name: $0.groups[1], suite: name, path: file.path, line: $0.line)
    }
  }

  static func differences(_ rows: [Attack], _ tests: [Attack]) -> [Violation] {
    let (known, tested) = (Set(rows.map(\.identity)), Set(tests.map(\.identity)))
    return rows.filter { !tested.contains($0.identity) }.map {
      Violation(path: $0.path, line: $0.line, message: "\($0.name) has no test in \($0.suite)")
    }
      + tests.filter { !known.contains($0.identity) }.map {
        Violation(
          path: $0.path, line: $0.line, message: "\($0.name) is in no row of \($0.suite)")
      }
  }

  /// As `Attack.file` of the attacks' own tests names it.
  static func file(of name: String) -> String {
    let words = name.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    return "attacks/\(words.joined(separator: "-")).txt"
  }
}
