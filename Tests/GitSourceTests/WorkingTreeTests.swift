// A plain folder under the rules of a commit, and what only a file system can hold.

import Documents
import Foundation
import Testing

@testable import GitSource

private let roots = ["flagstaff.yaml", "shared", "customers"]

/// Everything that is handed over, sorted as the files of a commit are.
private func read(_ directory: String, limits: ListingLimits = ListingLimits()) throws
  -> (files: [WorkingFile], findings: [Finding])
{
  var files: [WorkingFile] = []
  let findings = try WorkingTree.read(directory, under: roots, limits: limits) { files.append($0) }
  files.sortByPath(\.path)
  return (files, findings)
}

@Suite struct WorkingTreeTests {
  @Test("A folder gives the same files and blob ids as its commit")
  func sameAsCommit() throws {
    let repository = try TestRepository()
    for file in [
      "flagstaff.yaml", "customers/a-b/x.yaml", "customers/a/z.yaml", "customers/a.yaml",
      "customers/ä/x.yml", "shared/notes.txt", "other/x.yaml",
    ] {
      try repository.write("content of \(file)", to: file)
    }
    try repository.write("", to: "shared/empty.yaml")
    try repository.commit()
    let git = try GitRepository(path: repository.path)
    let committed = try git.files(of: git.head(), under: roots)
    let working = try read(repository.path)
    #expect(working.findings.isEmpty)
    let files = working.files.map {
      TreeFile(path: $0.path, blob: BlobID(hashing: $0.content), size: $0.content.count)
    }
    #expect(files == committed.files)
    #expect(working.files.last?.content == Array("".utf8))
  }

  @Test("Links, FIFOs and names of Git are findings, and nothing behind them is read")
  func oddEntries() throws {
    let repository = try TestRepository()
    try repository.write("x", to: "shared/good.yaml")
    try repository.write("secret", to: "outside/secret.yaml")
    try repository.write("gitdir: ../..", to: "customers/module/.git")
    let commands = [
      ["ln", "-s", "../outside/secret.yaml", "shared/link.yaml"],
      ["ln", "-s", "../outside", "shared/folder"], ["ln", "-s", "outside", "flagstaff.yaml"],
      ["mkfifo", "shared/pipe.yaml"],
    ]
    for line in commands { try command(line[0], Array(line.dropFirst()), in: repository.path) }
    let listing = try read(repository.path)
    #expect(listing.files.map(\.path) == ["shared/good.yaml"])
    #expect(
      listing.findings.map { "\($0.code.rawValue) \($0.location)" } == [
        "FS3003 customers/module/.git", "FS3001 flagstaff.yaml", "FS3001 shared/folder",
        "FS3001 shared/link.yaml", "FS3008 shared/pipe.yaml",
      ])
  }

  @Test(
    "What this user may not read is a finding, and the rest is read",
    .enabled(if: getuid() != 0, "root may read everything"))
  func unreadable() throws {
    let repository = try TestRepository()
    try repository.write("x", to: "shared/good.yaml")
    try repository.write("x", to: "shared/hidden.yaml")
    try command("chmod", ["0", "shared/hidden.yaml"], in: repository.path)
    let listing = try read(repository.path)
    #expect(listing.files.map(\.path) == ["shared/good.yaml"])
    #expect(
      listing.findings.map { "\($0.code.rawValue) \($0.location)" } == [
        "FS3010 shared/hidden.yaml"
      ])
  }

  @Test("A name that is not UTF-8 is a finding")
  func notUTF8() throws {
    let repository = try TestRepository()
    try repository.write("x", to: "shared/good.yaml")
    try command("sh", ["-c", "printf x > \"shared/$(printf 'a\\377.yaml')\""], in: repository.path)
    let listing = try read(repository.path)
    #expect(listing.files.map(\.path) == ["shared/good.yaml"])
    #expect(listing.findings.map(\.location.file) == ["shared/a\\xFF.yaml"])
  }

  @Test("The limits of a commit hold for a folder")
  func limits() throws {
    let repository = try TestRepository()
    for index in 0..<20 { try repository.write("12345", to: "shared/\(index).yaml") }
    func codes(_ limits: ListingLimits = ListingLimits()) throws -> [Finding.Code] {
      try read(repository.path, limits: limits).findings.map(\.code)
    }
    #expect(try codes(ListingLimits(filesMax: 21)) == [])
    #expect(try codes(ListingLimits(filesMax: 20)) == [.tooManyFiles])
    #expect(try codes(ListingLimits(bytesMax: 99)) == [.tooManyBytes])
    try repository.write(
      String(repeating: "x", count: Limits.fileBytesMax + 1), to: "shared/large.yaml")
    #expect(try codes() == [.fileTooLarge])
    try repository.remove("shared/large.yaml")
    let deep = (0..<Limits.depthMax).map { _ in "d" }.joined(separator: "/")
    try repository.write("x", to: "shared/\(deep)/x.yaml")
    #expect(try codes() == [.tooDeep])
  }

  @Test("A folder that is not there is an error that names it")
  func missingFolder() throws {
    let error = try #require(throws: GitError.self) {
      try WorkingTree.read("/nonexistent/folder", under: roots) { _ in }
    }
    #expect(error.code == .storage)
    #expect(error.description.contains("/nonexistent/folder"))
  }
}
