// Nothing that is broken gets through, and nothing breaks the reader: every prefix, every deleted
// line, ten thousand edits of bytes, and every field of every schema with a value that is wrong.
// Whether a schema refuses something is asked of another implementation too.

import Documents
import FlagstaffCore
import Foundation
import JSONSchema
import TestHarness
import Testing
import YAMLDocuments

@Suite("Broken files")
struct BrokenFileTests {
  @Test("Every prefix of a file is a document or has findings, each inside the file")
  func prefixes() throws {
    let roles: [FileRole] = [.workspace, .governance, .customer("northwind")]
    for role in roles {
      let file = try #require(try SoundFile.all().first { $0.role == role })
      for count in file.bytes.indices { Self.check(Array(file.bytes[..<count]), as: file) }
    }
  }

  @Test("Every file with one line taken out is a document or has findings, each inside the file")
  func deletedLines() throws {
    for file in try SoundFile.all() {
      for broken in BrokenFiles.lineDeletions(of: file.bytes) { Self.check(broken, as: file) }
    }
  }

  @Test("Ten thousand edits of bytes make documents or findings, each inside the file")
  func editedBytes() throws {
    var random = SeededGenerator(seed: 2026)
    let files = try SoundFile.all()
    for turn in 0..<10_000 {
      let file = files[turn % files.count]
      Self.check(BrokenFiles.edit(of: file.bytes, &random), as: file)
    }
  }

  @Test("No field of any schema takes a wrong type, null or nothing, by two implementations")
  func swappedValues() throws {
    var cases: [(file: SoundFile, root: Node)] = []
    for file in try SoundFile.all() {
      for document in file.divided { cases += BrokenFiles.swaps(of: document).map { (file, $0) } }
    }
    let schemas = try Self.schemas()
    var refused: Set<Int> = []
    for (number, (file, root)) in cases.enumerated() {
      let checked = Self.check(CanonicalJSON.bytes(root), as: file)
      let violations = try #require(schemas[file.schema]).violations(of: root)
      if !violations.isEmpty { refused.insert(number) }
      if !violations.isEmpty, checked?.isValid ?? false {
        Issue.record("taken, against its schema: \(CanonicalJSON.string(root))")
      }
    }
    let theirs = try SecondImplementation.refused(
      cases.map { (schema: $0.file.schema, instance: $0.root) }, schemas: SoundFile.schemas)
    for number in theirs.symmetricDifference(refused).sorted().prefix(5) {
      let (file, root) = cases[number]
      let side = refused.contains(number) ? "us" : "them"
      Issue.record(
        "\(file.schema), refused by \(side) alone: \(CanonicalJSON.string(root))")
    }
    #expect(theirs == refused)
    #expect(refused.count > cases.count / 2)
    print("\(cases.count) swapped values, \(refused.count) of them refused")
  }

  private static func schemas() throws -> [String: JSONSchema] {
    var resources: [String: Node] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: SoundFile.schemas.path) {
      let bytes = [UInt8](try Data(contentsOf: SoundFile.schemas.appending(path: name)))
      let node = try JSONReader.read(bytes)
      if let id = node["$id"]?.string { resources[id] = node }
    }
    var schemas: [String: JSONSchema] = [:]
    for name in ["definitions", "governance", "workspace"] {
      schemas[name] = try JSONSchema(
        "https://flagstaff.dev/schemas/v1/\(name).schema.json", among: resources)
    }
    return schemas
  }

  /// What is promised of every file; its check, where it is a document.
  @discardableResult
  private static func check(_ bytes: [UInt8], as file: SoundFile) -> CheckedFile? {
    let reading = YAMLReader.read(bytes, file: file.path)
    let text = String(decoding: bytes, as: UTF8.self)
    #expect((reading.document == nil) == !reading.findings.isEmpty, "\(text)")
    let checked =
      reading.document.map { CheckedFile.check($0, as: file.role) }
      ?? .unreadable(file.path, as: file.role, findings: reading.findings)
    // A finding for what is missing at the end may stand on the line after it.
    let lines = text.unicodeScalars.reduce(2) { $0 + (breaks.contains($1) ? 1 : 0) }
    for finding in checked.findings {
      let position = finding.location.position
      #expect(position.line > 0 && position.line <= lines, "\(finding) in \(text)")
    }
    let together = Definitions.check(RepositoryFiles([checked]))
    #expect(
      checked.isValid || together.findings.contains { $0.severity == .error },
      "nobody is told: \(text)")
    return reading.document == nil ? nil : checked
  }

  private static let breaks: Set<Unicode.Scalar> = [
    "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}",
  ]
}
