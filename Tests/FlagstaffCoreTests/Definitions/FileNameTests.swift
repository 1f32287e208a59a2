// File names are told apart by bytes. Git and most disks keep `café` written in two ways apart, and
// Swift's own comparison does not: what is said of one file would be lost, or count for the other.

import Documents
import FlagstaffCore
import Testing
import YAMLDocuments

@Suite("Files whose names differ in bytes alone")
struct FileNameTests {
  private static let names = ["customers/acme/caf\u{e9}.yaml", "customers/acme/cafe\u{301}.yaml"]

  private func definitions(_ first: String, _ second: String) -> Definitions {
    let workspace = (Layout.workspaceFile, FileRole.workspace, TestRepository.workspace)
    let files = zip(Self.names, [first, second]).map { name, sections in
      (name, FileRole.customer("acme"), "flagstaff: v1\n" + sections)
    }
    return Definitions.check(
      RepositoryFiles(
        ([workspace] + files).compactMap { name, role, text in
          YAMLReader.read(Array(text.utf8), file: name).document.map { .check($0, as: role) }
        }))
  }

  @Test("The findings of both are told")
  func bothAreTold() {
    let findings = definitions(
      "flags: {a: {environments: {nowhere: {}}}}", "flags: {b: {environments: {nowhere: {}}}}"
    ).findings
    #expect(findings.map { Text($0.location.file) } == [Text(Self.names[1]), Text(Self.names[0])])
  }

  @Test("A comment silences what stands in its own file")
  func ignores() {
    let findings = definitions(
      "segments: {a: {x: 1}} # flagstaff:ignore FS2130 for later", "segments: {b: {x: 1}}"
    ).findings
    #expect(findings.map(\.code.rawValue) == ["FS2130"])
    #expect(findings.map { Text($0.location.file) } == [Text(Self.names[1])])
  }

  @Test("The block of an environment is one of its own file")
  func blocks() {
    let definitions = definitions(
      "flags: {a: {environments: {production: {default: true}}}}",
      "flags: {longer: {environments: {staging: {default: no}}}}")
    #expect(definitions.findings.map(\.code.rawValue) == ["FS2013"])
    #expect(definitions.heldScopes.map(\.description) == ["staging/acme"])
  }
}
