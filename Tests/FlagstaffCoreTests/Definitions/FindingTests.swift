// Every code of the program, by fixtures with marked places. The list of codes is read from the
// source, so a code that no fixture reaches fails, and so does a fixture of a code that is gone.

import Documents
import FlagstaffCore
import Foundation
import Testing

@Suite("Findings")
struct FindingTests {
  static let wrong = FindingFixture.all.filter(\.isWrong).map(\.name)
  static let right = FindingFixture.all.filter { !$0.isWrong }.map(\.name)

  private func fixture(_ name: String) throws -> FindingFixture {
    try #require(FindingFixture.all.first { $0.name == name })
  }

  @Test("A mistake is found where it stands, and nothing else is", arguments: wrong)
  func mistakeIsFound(name: String) throws {
    let fixture = try fixture(name)
    let found = try fixture.found()
    if ["FS2007", "FS2132"].contains(fixture.code) {
      #expect(found.map(\.location) == fixture.places)
      #expect(found.last?.code.rawValue == fixture.code)
      #expect(found.count == Limits.findingsMax + 1)
    } else {
      #expect(!found.isEmpty)
      #expect(
        found.map { "\($0.code.rawValue) \($0.location)" }
          == fixture.places.map { "\(fixture.code) \($0)" }, "\(found.map(\.described))")
    }
  }

  @Test("The mistake put right leaves no finding", arguments: right)
  func correctionIsAccepted(name: String) throws {
    let found = try fixture(name).found()
    #expect(found.isEmpty, "\(found.map(\.described))")
  }

  @Test("Every code has a failing and a passing fixture, or a test elsewhere with a reason")
  func everyCodeHasFixtures() throws {
    let declared = try SourceCodes.declared()
    #expect(declared.count > 70)
    let codes = Set(declared.map(\.code))
    let elsewhere = Set(Self.shownElsewhere.map(\.code))
    let shown = Set(Self.wrong.map { String($0.prefix(6)) })
    #expect(codes.subtracting(elsewhere).sorted() == shown.sorted())
    #expect(
      Self.wrong.map { $0.replacing(".wrong", with: "") }
        == Self.right.map { $0.replacing(".right", with: "") })
    #expect(elsewhere.subtracting(codes).isEmpty)
  }

  @Test("A test that stands in for a fixture names the code", arguments: shownElsewhere)
  func standsElsewhere(code: String, file: String, reason: String) throws {
    #expect(!reason.isEmpty)
    let text = try SourceCodes.text("Tests/\(file)")
    let name = try #require(try SourceCodes.declared().first { $0.code == code }?.name)
    #expect(text.contains(code) || text.contains(".\(name)"))
  }

  /// The codes that a text in a file cannot show.
  static let shownElsewhere: [(code: String, file: String, reason: String)] = [
    ("FS1001", "YAMLDocumentsTests/LimitTests.swift", "a file of 256 KiB and one byte"),
    ("FS1002", "YAMLDocumentsTests/FindingTests.swift", "bytes that are no text"),
    ("FS1005", "YAMLDocumentsTests/LimitTests.swift", "a file of 100,001 events"),
    ("FS1105", "JSONSchemaTests/MessageTests.swift", "our schemas tell the nearest form instead"),
    ("FS1106", "JSONSchemaTests/SchemaLimitTests.swift", "a schema of our own never gives up"),
    ("FS4011", "FlagstaffCoreTests/Plan/KillTests.swift", "something that is killed by hand"),
    ("FS5001", "FlagstaffCoreTests/Trust/TrustPlanTests.swift", "trust that is about to end"),
    ("FS3001", "GitSourceTests/TreeListingTests.swift", "an entry of a Git tree"),
    ("FS3002", "GitSourceTests/TreeListingTests.swift", "an entry of a Git tree"),
    ("FS3003", "GitSourceTests/TreeListingTests.swift", "a name that this folder cannot hold"),
    ("FS3004", "GitSourceTests/TreeListingTests.swift", "a file of 256 KiB and one byte"),
    ("FS3005", "GitSourceTests/TreeListingTests.swift", "more files than a folder should hold"),
    ("FS3006", "GitSourceTests/TreeListingTests.swift", "1 GiB and one byte"),
    ("FS3007", "GitSourceTests/WorkingTreeTests.swift", "folders inside each other"),
    ("FS3008", "GitSourceTests/WorkingTreeTests.swift", "a pipe"),
    ("FS3009", "GitSourceTests/TreeListingTests.swift", "a tree that Git does not write"),
    ("FS3010", "GitSourceTests/WorkingTreeTests.swift", "a file without permissions"),
    ("FS3011", "GitSourceTests/MergeTests.swift", "two branches that are merged"),
    ("FS3012", "GitSourceTests/MergeTests.swift", "two branches that are merged"),
    ("FS3013", "GitSourceTests/MergeTests.swift", "two branches that are merged"),
    ("FS6001", "FlagstaffCoreTests/Import/ImportTests.swift", "a document to import"),
    ("FS6002", "FlagstaffCoreTests/Import/ImportTests.swift", "a document to import"),
    ("FS6003", "FlagstaffCoreTests/Import/ImportTests.swift", "a document to import"),
    ("FS6004", "FlagstaffCoreTests/Import/ImportTests.swift", "a document to import"),
    ("FS6005", "FlagstaffCoreTests/Import/ImportTests.swift", "a document to import"),
  ]

  @Test("A message and its remedy are sentences without a full stop")
  func messagesAreSentences() throws {
    for fixture in FindingFixture.all where fixture.isWrong {
      for finding in try fixture.found() {
        #expect(!finding.message.hasSuffix(".") && !finding.remedy.hasSuffix("."))
        #expect(finding.remedy.first?.isUppercase == true, "\(finding.remedy)")
      }
    }
  }
}

/// The codes that the sources declare, and the names that they have there.
enum SourceCodes {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// Those that say that a comment may silence them.
  static func ignorable() throws -> Set<String> {
    let paths = try FileManager.default.subpathsOfDirectory(
      atPath: root.appending(path: "Sources").path)
    let codes = try paths.filter { $0.hasSuffix(".swift") }.flatMap { path in
      try text("Sources/\(path)").matches(of: #/"(FS[0-9]{4})",[^)]*mayBeIgnored: true/#)
        .map { String($0.output.1) }
    }
    return Set(codes)
  }

  static func declared() throws -> [(code: String, name: String)] {
    let folder = root.appending(path: "Sources").path
    let paths = try FileManager.default.subpathsOfDirectory(atPath: folder)
    return try paths.filter { $0.hasSuffix(".swift") }.flatMap { path in
      try text("Sources/\(path)")
        .matches(of: /static let ([A-Za-z0-9]+) = (?:Self|Finding.Code)\(\s*"(FS[0-9]{4})"/)
        .map { (String($0.output.2), String($0.output.1)) }
    }
  }
}
