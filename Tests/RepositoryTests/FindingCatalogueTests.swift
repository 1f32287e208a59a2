// The catalogue of findings. Codes are declared in the room that raises them, and documented in one
// table for those who meet them; this compares both, so that neither lies about the other.

import Foundation
import Testing

@Suite("The catalogue of findings")
struct FindingCatalogueTests {
  static let page = "Sources/FlagstaffCore/FlagstaffCore.docc/Findings.md"

  @Test("The documented table holds each code of the source with its severity and title")
  func tableIsComplete() throws {
    let repository = try Repository.current()
    let declared = try repository.sources.flatMap(FindingCatalogue.declared)
    let documented = try FindingCatalogue.documented(in: repository.text(Self.page), at: Self.page)
    #expect(declared.count > 70)
    expectNone(FindingCatalogue.differences(declared, documented))
  }

  @Test("A code that is missing, other, or used twice is found")
  func differencesAreFound() throws {
    let source = SourceFile(
      "Sources/Room/Codes.swift",
      """
      static let a = Self("FS2001", "A stray file")
      static let b = Self(
        "FS2002", "A warning", severity: .warning, mayBeIgnored: true)
      static let c = Finding.Code("FS2002", "Twice")
      static let d = Self("FS2003")
      """)
    let declared = try FindingCatalogue.declared(in: source)
    #expect(declared.map(\.line) == [1, 2, 4, 5])
    #expect(declared[1].severity == "warning, may be ignored")
    let page = """
      | FS2001 | error | A stray file | Why. | `validate` |
      | FS2002 | error | A warning | Why. | `validate` |
      | FS2004 | error | Gone | Why. | `plan` |
      """
    let found = FindingCatalogue.differences(
      declared, try FindingCatalogue.documented(in: page, at: "page"))
    #expect(
      found.map(\.description) == [
        "Sources/Room/Codes.swift:2: FS2002 is documented otherwise: error: A warning",
        "Sources/Room/Codes.swift:4: FS2002 is used twice",
        "Sources/Room/Codes.swift:5: FS2003 has no title",
        "Sources/Room/Codes.swift:5: FS2003 is not documented",
        "page:3: FS2004 is no code of the source",
      ])
  }
}

/// A code, as one of the two sides has it.
struct CataloguedCode {
  let code: String
  /// `error`, `warning`, and whether it may be ignored.
  let severity: String
  let title: String
  let path: String
  let line: Int

  fileprivate func violation(_ message: String) -> Violation {
    Violation(path: path, line: line, message: "\(code) \(message)")
  }
}

enum FindingCatalogue {
  /// The codes that a file declares: `Self("FS2001", "A title", severity: .warning)`.
  static func declared(in file: SourceFile) throws -> [CataloguedCode] {
    let pattern = try Pattern(
      #"(?:Self|Code)\(\s*"(FS[0-9]{4})"(?:,\s*"([^"]*)")?([^)]*)\)"#)
    return pattern.matches(in: file.text).map { match in
      let isWarning = match.groups[3].contains("severity: .warning")
      let mayBeIgnored = match.groups[3].contains("mayBeIgnored: true")
      return CataloguedCode(
        code: match.groups[1],
        severity: (isWarning ? "warning" : "error") + (mayBeIgnored ? ", may be ignored" : ""),
        title: match.groups[2], path: file.path, line: match.line)
    }
  }

  /// The rows of the documented tables.
  static func documented(in text: String, at path: String) throws -> [CataloguedCode] {
    let pattern = try Pattern(
      #"^\| (FS[0-9]{4}) \| ([^|]+) \| ([^|]+) \| [^|]+[.]"#
        + #" \| `(?:validate|plan|import|reconcile)` \|$"#)
    return pattern.matches(in: text).map { match in
      CataloguedCode(
        code: match.groups[1], severity: match.groups[2], title: match.groups[3], path: path,
        line: match.line)
    }
  }

  static func differences(_ declared: [CataloguedCode], _ documented: [CataloguedCode])
    -> [Violation]
  {
    var rows: [String: CataloguedCode] = [:]
    var found: [Violation] = []
    for row in documented {
      if rows.updateValue(row, forKey: row.code) != nil {
        found.append(row.violation("is documented twice"))
      }
    }
    var seen: Set<String> = []
    for code in declared {
      guard seen.insert(code.code).inserted else {
        found.append(code.violation("is used twice"))
        continue
      }
      if code.title.isEmpty { found.append(code.violation("has no title")) }
      if code.title.hasSuffix(".") { found.append(code.violation("has a title with a full stop")) }
      guard let row = rows[code.code] else {
        found.append(code.violation("is not documented"))
        continue
      }
      if row.severity != code.severity || row.title != code.title {
        found.append(code.violation("is documented otherwise: \(row.severity): \(row.title)"))
      }
    }
    return found
      + documented.filter { !seen.contains($0.code) }
      .map { $0.violation("is no code of the source") }
  }
}
