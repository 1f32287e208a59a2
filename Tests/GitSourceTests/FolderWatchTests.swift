// What a watch tells, by real edits of real files: each way in which editors and Git write, and
// what must not be told.

import Documents
import Foundation
import Testing

@testable import GitSource

@Suite(.timeLimit(.minutes(1)))
struct FolderWatchTests {
  private let folder: TestRepository
  private let watch: FolderWatch

  private static let files: Set<Text> = [
    "flagstaff.yaml", "customers/acme/a.yaml", "customers/acme/deep/b.yaml",
  ]

  init() async throws {
    folder = try TestRepository()
    for file in Self.files {
      try folder.write("content", to: file.string)
    }
    watch = try FolderWatch(
      folder.path, under: ["flagstaff.yaml", "customers", "shared"])
  }

  /// Waits until all of these have been named, and requires that nothing else is. On a busy machine
  /// an edit of several steps may become several changes; and a process that another test starts may
  /// hold a file of the beginning open for a moment, so that it is closed, and named, later.
  private func expect(_ expected: Set<Text>) async throws {
    var names: Set<Text> = []
    while !expected.isSubset(of: names) {
      if case .files(let more) = try await watch.next() { names.formUnion(more) }
    }
    #expect(names.subtracting(Self.files).isSubset(of: expected), "\(names)")
  }

  private func url(_ path: String) -> URL { URL(filePath: folder.path).appending(path: path) }

  @Test("A file that is written in place is named")
  func written() async throws {
    try folder.write("more", to: "customers/acme/a.yaml")
    try await expect(["customers/acme/a.yaml"])
  }

  @Test("A file in a deeper folder, and one of the folder itself, are named with their paths")
  func deep() async throws {
    try folder.write("more", to: "customers/acme/deep/b.yaml")
    try folder.write("more", to: "flagstaff.yaml")
    try await expect(["customers/acme/deep/b.yaml", "flagstaff.yaml"])
  }

  @Test("An editor that writes anew and renames is one change of two names")
  func renamed() async throws {
    try Data("more".utf8).write(to: url("customers/acme/.a.yaml.swp"))
    try FileManager.default.removeItem(at: url("customers/acme/a.yaml"))
    try FileManager.default.moveItem(
      at: url("customers/acme/.a.yaml.swp"), to: url("customers/acme/a.yaml"))
    try await expect(["customers/acme/.a.yaml.swp", "customers/acme/a.yaml"])
  }

  @Test("A file that is removed is named")
  func removed() async throws {
    try FileManager.default.removeItem(at: url("customers/acme/a.yaml"))
    try await expect(["customers/acme/a.yaml"])
  }

  @Test("Where a folder comes, everything may have changed, and what is in it is watched then")
  func newFolder() async throws {
    try folder.write("content", to: "shared/new/deeper/c.yaml")
    while try await watch.next() != .everything {}
    try folder.write("more", to: "shared/new/deeper/c.yaml")
    try await expect(["shared/new/deeper/c.yaml"])
  }

  @Test("What goes on beside the roots is not told")
  func elsewhere() async throws {
    try folder.write("content", to: "README.md")
    try folder.write("content", to: "notes/a.yaml")
    try folder.write("more", to: "flagstaff.yaml")
    try await expect(["flagstaff.yaml"])
  }

  @Test("A folder that is not there cannot be watched")
  func missing() {
    #expect(throws: GitError.self) { try FolderWatch(folder.path + "/none", under: ["shared"]) }
  }

  @Test("One path is read again by the rules of the whole folder")
  func readAgain() throws {
    func read(_ path: String) throws -> (content: String?, findings: [String]) {
      let (file, findings) = try WorkingTree.read(folder.path, at: path)
      return (
        file.map { String(decoding: $0.content, as: UTF8.self) }, findings.map(\.code.rawValue)
      )
    }
    #expect(try read("customers/acme/deep/b.yaml") == ("content", []))
    #expect(try read("customers/acme/none.yaml") == (nil, []))
    #expect(try read("customers/none/b.yaml") == (nil, []))
    let odd = "customers/ǘ/\u{0301}ä.yaml"
    try folder.write("odd", to: odd)
    #expect(try read(odd) == ("odd", []))
    #expect(
      try WorkingTree.read(folder.path, at: odd).file?.path.utf8.elementsEqual(odd.utf8) == true)
    try FileManager.default.createSymbolicLink(
      atPath: url("customers/acme/link.yaml").path, withDestinationPath: "a.yaml")
    #expect(try read("customers/acme/link.yaml") == (nil, ["FS3001"]))
    try FileManager.default.createSymbolicLink(
      atPath: url("customers/linked").path, withDestinationPath: "acme")
    #expect(try read("customers/linked/a.yaml") == (nil, []))
  }
}
