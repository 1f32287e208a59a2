// What stands beside the roots, in a commit and in a folder alike, and which files were edited and
// not committed.

import Documents
import Foundation
import GitSource
import Testing

private let roots = ["flagstaff.yaml", "shared", "customers"]

@Suite struct OutsideFileTests {
  private static func found(_ outside: OutsideFiles) -> [String] {
    outside.files.map { "\($0.path) \(String(decoding: $0.content, as: UTF8.self))" }
  }

  @Test("A folder and its commit have the same files outside of the roots, the top's first")
  func sameAsCommit() throws {
    let repository = try TestRepository()
    for file in [
      "flagstaff.yaml", "shared/a.yaml", "zebra.yaml", "Customers/a/x.yml", "notes.txt",
      ".github/workflows/a.yaml", "a/b/c/deep.yaml", "a/b/c/d/deeper.yaml",
      "other/flagstaff.yaml", "other/customers/a/a.yaml", "a/shared/b.yaml",
    ] {
      try repository.write(file, to: file)
    }
    try repository.commit()
    let git = try GitRepository(path: repository.path)
    let committed = git.outsideFiles(of: try git.head(), roots: roots, marker: "flagstaff.yaml")
    let working = WorkingTree.outsideFiles(
      of: repository.path, roots: roots, marker: "flagstaff.yaml")
    let paths = [
      "zebra.yaml", "Customers/a/x.yml", "a/b/c/deep.yaml", "a/shared/b.yaml",
    ]
    #expect(Self.found(committed) == paths.map { "\($0) \($0)" })
    #expect(Self.found(working) == Self.found(committed))
    #expect(committed.markers == ["other/flagstaff.yaml"])
    #expect(working.markers == committed.markers)
  }

  @Test("Links are not followed, and what cannot be read is passed over")
  func oddEntries() throws {
    let repository = try TestRepository()
    try repository.write("x", to: "other/good.yaml")
    try command("ln", ["-s", "other", "link"], in: repository.path)
    try command("ln", ["-s", "other/good.yaml", "link.yaml"], in: repository.path)
    try command("mkfifo", ["pipe.yaml"], in: repository.path)
    let working = WorkingTree.outsideFiles(
      of: repository.path, roots: roots, marker: "flagstaff.yaml")
    #expect(working.files.map(\.path) == ["other/good.yaml"])
    #expect(WorkingTree.outsideFiles(of: "/nowhere", roots: roots, marker: "x").files.isEmpty)
  }

  @Test("More than is looked at ends the search, and nothing else")
  func limit() throws {
    let repository = try TestRepository()
    for number in 0...Limits.outsideFilesMax {
      try repository.write("x", to: "other/\(number).yaml")
    }
    let working = WorkingTree.outsideFiles(
      of: repository.path, roots: roots, marker: "flagstaff.yaml")
    #expect(working.files.count == Limits.outsideFilesMax)
  }

  @Test("Edited, new, staged and removed files are uncommitted, of the roots and of YAML alone")
  func uncommitted() throws {
    let repository = try TestRepository()
    for file in ["shared/a.yaml", "shared/b.yaml", "shared/c.yaml", "other/x.yaml"] {
      try repository.write("1", to: file)
    }
    try repository.write("shared/ignored.yaml\n", to: ".gitignore")
    let former = try #require(CommitID(try repository.commit()))
    let head = try #require(CommitID(try repository.commit("Again")))
    let git = try GitRepository(path: repository.path)
    #expect(try git.uncommittedFiles(beside: head, under: roots).isEmpty)
    try repository.write("22", to: "shared/a.yaml")
    try repository.remove("shared/b.yaml")
    for file in [
      "shared/new.yaml", "customers/a/b.yaml", "flagstaff.yaml", "shared/notes.txt",
      "shared/ignored.yaml", "other/y.yaml", "shared[a]/z.yaml",
    ] {
      try repository.write("22", to: file)
    }
    try repository.git("add", "shared/new.yaml")
    let all = [
      "customers/a/b.yaml", "flagstaff.yaml", "shared/a.yaml", "shared/b.yaml", "shared/new.yaml",
    ]
    #expect(try git.uncommittedFiles(beside: head, under: roots) == all)
    #expect(try git.uncommittedFiles(beside: former, under: roots).isEmpty)
    let folder = try TemporaryFolder()
    try command("git", ["clone", "--quiet", "--bare", repository.path, "bare"], in: folder.path)
    let bare = try GitRepository(path: folder.path + "/bare")
    #expect(try bare.uncommittedFiles(beside: head, under: roots).isEmpty)
  }
}
