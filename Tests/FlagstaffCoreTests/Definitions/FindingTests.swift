// Every code of the definitions stages, by fixtures with marked places. The list of codes is read
// from the source, so a code that no fixture reaches fails, and so does a fixture of a code that
// is gone.

import Documents
import FlagstaffCore
import Foundation
import Testing

@Suite("Findings of definitions")
struct FindingTests {
  @Test("A mistake is found where it stands", arguments: FindingFixture.all)
  func mistakeIsFound(fixture: FindingFixture) {
    let repository = TestRepository(fixture.wrong)
    let places = repository.marks + fixture.files.map { Location(file: $0) }
    let found = repository.findings
    if fixture.code == "FS2007" {
      #expect(found.map(\.location) == places)
      #expect(found.last?.code.rawValue == "FS2007")
      #expect(found.count == Limits.findingsMax + 1)
    } else {
      #expect(
        found.map { "\($0.code.rawValue) \($0.location)" }
          == places.map { "\(fixture.code) \($0)" }, "\(found.map(\.described))")
    }
  }

  @Test("The mistake put right leaves no finding", arguments: FindingFixture.all)
  func correctionIsAccepted(fixture: FindingFixture) {
    let found = TestRepository(fixture.right).findings
    #expect(found.isEmpty, "\(found.map(\.described))")
  }

  @Test("Every code of the definitions stages has a fixture, and every fixture a code")
  func everyCodeHasFixture() throws {
    let declared = try SourceCodes.declared(in: "1-Definitions/DefinitionFindings.swift")
    #expect(declared.count > 25)
    #expect(declared.sorted() == Set(FindingFixture.all.map(\.code)).sorted())
  }

  @Test("A message and its remedy are sentences without a full stop")
  func messagesAreSentences() {
    for finding in FindingFixture.all.flatMap({ TestRepository($0.wrong).findings }) {
      #expect(!finding.message.hasSuffix(".") && !finding.remedy.hasSuffix("."))
      #expect(finding.remedy.first?.isUppercase == true, "\(finding.remedy)")
    }
  }
}

/// The codes that a source file of the core declares.
enum SourceCodes {
  static func declared(in path: String) throws -> [String] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appending(path: "Sources/FlagstaffCore/\(path)")
    let text = try String(contentsOf: file, encoding: .utf8)
    return text.matches(of: /Self\(\s*"(FS[0-9]{4})"/).map { String($0.output.1) }
  }
}
