// Merges in memory beside those that `git merge` makes: the same files with the same contents, the
// same files in conflict, and nothing written to the repository.

import Documents
import Foundation
import GitSource
import Testing

/// Two branches that come from one commit.
struct MergeCase: Sendable, CustomTestStringConvertible {
  let name: String
  /// Files by path; an empty content removes a file.
  var base: [String: String] = [:]
  var ours: [String: String] = [:]
  var theirs: [String: String] = [:]
  /// The findings, as `code place`.
  var findings: [String] = []

  var testDescription: String { name }

  static let lines = (1...20).map { "line \($0)\n" }.joined()
  static func lines(_ changes: [Int: String]) -> String {
    (1...20).map { "\(changes[$0] ?? "line \($0)")\n" }.joined()
  }

  static let all = [
    MergeCase(
      name: "each branch changes a file of its own",
      base: ["customers/a/x.yaml": "x: 1\n", "customers/a/y.yaml": "y: 1\n"],
      ours: ["customers/a/x.yaml": "x: 2\n"], theirs: ["customers/a/y.yaml": "y: 2\n"]),
    MergeCase(
      name: "both change different places of one file", base: ["shared/s.yaml": lines],
      ours: ["shared/s.yaml": lines([2: "ours"])], theirs: ["shared/s.yaml": lines([18: "theirs"])]
    ),
    MergeCase(
      name: "both make the same change", base: ["shared/s.yaml": lines],
      ours: ["shared/s.yaml": lines([2: "same"])], theirs: ["shared/s.yaml": lines([2: "same"])]),
    MergeCase(
      name: "both change the same line", base: ["shared/s.yaml": lines],
      ours: ["shared/s.yaml": "new\n" + lines([2: "ours", 12: "ours"])],
      theirs: ["shared/s.yaml": lines([12: "theirs", 19: "theirs"])],
      findings: ["FS3011 shared/s.yaml:13:1"]),
    MergeCase(
      name: "changes side by side", base: ["shared/s.yaml": lines],
      ours: ["shared/s.yaml": lines([7: "ours"])], theirs: ["shared/s.yaml": lines([8: "theirs"])],
      findings: ["FS3011 shared/s.yaml:7:1"]),
    MergeCase(
      name: "one deletes what the other changes", base: ["shared/s.yaml": lines, "README.md": "r"],
      ours: ["shared/s.yaml": ""], theirs: ["shared/s.yaml": lines([2: "theirs"])],
      findings: ["FS3012 shared/s.yaml"]),
    MergeCase(
      name: "one deletes what nobody changes",
      base: ["shared/s.yaml": lines, "shared/t.yaml": "t: 1\n"], ours: ["shared/s.yaml": ""],
      theirs: ["shared/t.yaml": "t: 2\n"]),
    MergeCase(
      name: "both add a file, each with another content", base: ["README.md": "r"],
      ours: ["shared/s.yaml": "a: 1\n"], theirs: ["shared/s.yaml": "b: 1\n"],
      findings: ["FS3011 shared/s.yaml:1:1"]),
    MergeCase(
      name: "one renames what the other changes", base: ["customers/a/x.yaml": lines],
      ours: ["customers/a/x.yaml": "", "customers/a/z.yaml": lines([3: "ours"])],
      theirs: ["customers/a/x.yaml": lines([18: "theirs"])]),
    MergeCase(
      name: "a conflict in what is no definition",
      base: ["README.md": lines, "shared/s.yaml": "a"],
      ours: ["README.md": lines([1: "ours"])], theirs: ["README.md": lines([1: "theirs"])],
      findings: ["FS3013 README.md"]),
    MergeCase(
      name: "they have nothing new", base: ["shared/s.yaml": lines],
      ours: ["shared/s.yaml": lines([4: "ours"])]),
    MergeCase(
      name: "we have nothing new", base: ["shared/s.yaml": lines],
      theirs: ["shared/s.yaml": lines([4: "theirs"])]),
  ]

  /// A repository with the branches `main` and `side`.
  func repository() throws -> TestRepository {
    let repository = try TestRepository()
    try Self.apply(base, to: repository)
    try repository.git("branch", "side")
    try Self.apply(ours, to: repository)
    try repository.git("checkout", "--quiet", "side")
    try Self.apply(theirs, to: repository)
    try repository.git("checkout", "--quiet", "main")
    return repository
  }

  private static func apply(_ files: [String: String], to repository: TestRepository) throws {
    guard !files.isEmpty else { return }
    for (path, content) in files {
      if content.isEmpty {
        try FileManager.default.removeItem(atPath: repository.path + "/" + path)
      } else {
        try repository.write(content, to: path)
      }
    }
    try repository.commit("Change")
  }
}

@Suite struct MergeTests {
  static let roots = ["flagstaff.yaml", "shared", "customers"]

  @Test("A merge in memory is the merge that Git makes", arguments: MergeCase.all)
  func agreesWithGit(merge: MergeCase) throws {
    let repository = try merge.repository()
    let before = try Self.everything(in: repository)
    let git = try GitRepository(path: repository.path)
    let merged = try git.merge(
      git.commit(ofRevision: "side"), into: git.commit(ofRevision: "main"), under: Self.roots)
    #expect(try Self.everything(in: repository) == before, "something was written")
    #expect(
      merged.listing.findings.map { "\($0.code.rawValue) \($0.location)" } == merge.findings)

    let isClean = (try? repository.git("merge", "--quiet", "--no-edit", "side")) != nil
    #expect(isClean == merge.findings.isEmpty)
    let unmerged = try repository.git("diff", "--name-only", "--diff-filter=U")
      .split(separator: "\n").map(String.init)
    #expect(merged.listing.findings.map(\.location.file) == unmerged)
    var expected: [String: String] = [:]
    for line in try repository.git("ls-files", "--stage").split(separator: "\n") {
      let parts = line.split(whereSeparator: \.isWhitespace).map(String.init)
      guard parts[2] == "0", parts[3].hasSuffix(".yaml") else { continue }
      expected[parts[3]] = parts[1]
    }
    let found = merged.listing.files.map { ($0.path, $0.blob.hexadecimal) }
    #expect(Dictionary(uniqueKeysWithValues: found) == expected)
    for (blob, content) in merged.contents { #expect(BlobID(hashing: content) == blob) }
    for file in merged.listing.files where merged.contents[file.blob] == nil {
      #expect(throws: Never.self) { try git.blob(file.blob) }
    }
  }

  @Test("A rename is found among so many files that differ, and not among more")
  func renames() throws {
    let limit = Int(Limits.renamesMax)
    for (others, isFound) in [(limit - 2, true), (limit - 1, false)] {
      var ours = [
        "customers/a/x.yaml": "", "customers/a/z.yaml": MergeCase.lines([3: "ours"]),
      ]
      for number in 0..<others { ours["other/\(number)"] = "\(number)" }
      let repository = try MergeCase(
        name: "", base: ["customers/a/x.yaml": MergeCase.lines], ours: ours,
        theirs: ["customers/a/x.yaml": MergeCase.lines([18: "theirs"])]
      ).repository()
      let git = try GitRepository(path: repository.path)
      let merged = try git.merge(
        git.commit(ofRevision: "side"), into: git.commit(ofRevision: "main"), under: Self.roots)
      #expect(merged.listing.findings.isEmpty == isFound, "\(merged.listing.findings)")
    }
  }

  @Test("Branches that were merged crosswise have a virtual base, as with Git")
  func crossed() throws {
    let repository = try MergeCase(
      name: "", base: ["shared/s.yaml": MergeCase.lines],
      ours: ["shared/s.yaml": MergeCase.lines([2: "ours"])],
      theirs: ["shared/s.yaml": MergeCase.lines([10: "theirs"])]
    ).repository()
    let (main, side) = (
      try repository.git("rev-parse", "main"), try repository.git("rev-parse", "side")
    )
    try repository.git("merge", "--quiet", "--no-edit", side)
    try repository.write(
      MergeCase.lines([2: "ours", 10: "theirs", 18: "later"]), to: "shared/s.yaml")
    try repository.commit("Later")
    try repository.git("checkout", "--quiet", "side")
    try repository.git("merge", "--quiet", "--no-edit", main)
    try repository.write(
      MergeCase.lines([2: "ours", 6: "side", 10: "theirs"]), to: "shared/s.yaml")
    try repository.commit("On the side")
    try repository.git("checkout", "--quiet", "main")
    let git = try GitRepository(path: repository.path)
    let merged = try git.merge(
      git.commit(ofRevision: "side"), into: git.commit(ofRevision: "main"), under: Self.roots)
    #expect(merged.listing.findings.isEmpty)
    let content = MergeCase.lines([2: "ours", 6: "side", 10: "theirs", 18: "later"])
    #expect(merged.contents.values.map { String(decoding: $0, as: UTF8.self) } == [content])
  }

  @Test("In a shallow clone a merge needs the common ancestor, and says how it comes")
  func shallow() throws {
    let repository = try MergeCase.all[0].repository()
    let folder = try TemporaryFolder()
    try command(
      "git",
      ["clone", "--quiet", "--depth", "1", "--no-single-branch", "file://\(repository.path)", "c"],
      in: folder.path)
    let git = try GitRepository(path: folder.path + "/c")
    let error = try #require(throws: GitError.self) {
      try git.merge(
        git.commit(ofRevision: "side"), into: git.commit(ofRevision: "main"), under: Self.roots)
    }
    #expect(error.code == .shallow)
    #expect(error.description.contains("git fetch --unshallow"))
    #expect(error.description.contains("fetch-depth: 0"))
    // Deep enough for the ancestor is enough.
    try command(
      "git", ["fetch", "--quiet", "--depth", "2", "origin", "main", "side"],
      in: folder.path + "/c")
    let deeper = try GitRepository(path: folder.path + "/c")
    let merged = try deeper.merge(
      deeper.commit(ofRevision: "side"), into: deeper.commit(ofRevision: "main"),
      under: Self.roots)
    #expect(merged.listing.files.count == 2)
  }

  @Test("Histories without a common commit are not merged")
  func unrelated() throws {
    let repository = try MergeCase.all[0].repository()
    try repository.git("checkout", "--quiet", "--orphan", "other")
    try repository.commit("Another beginning")
    let git = try GitRepository(path: repository.path)
    let error = try #require(throws: GitError.self) {
      try git.merge(
        git.commit(ofRevision: "other"), into: git.commit(ofRevision: "main"), under: Self.roots)
    }
    #expect(error.code == .unrelated)
  }

  @Test("A branch that only the remote has is a revision too, and a shallow clone says what to do")
  func remoteBranch() throws {
    let repository = try MergeCase.all[0].repository()
    let side = try repository.git("rev-parse", "side")
    let folder = try TemporaryFolder()
    try command("git", ["clone", "--quiet", "file://\(repository.path)", "c"], in: folder.path)
    let git = try GitRepository(path: folder.path + "/c")
    #expect(try git.commit(ofRevision: "side").hexadecimal == side)
    try command(
      "git", ["clone", "--quiet", "--depth", "1", "file://\(repository.path)", "d"],
      in: folder.path)
    let shallow = try GitRepository(path: folder.path + "/d")
    let error = try #require(throws: GitError.self) { try shallow.commit(ofRevision: "main~1") }
    #expect(error.code == .unknownRevision)
    #expect(error.description.contains("git fetch --unshallow"))
    #expect(error.description.contains("fetch-depth: 0"))
  }

  /// Every file of the repository's own folder, and its references.
  private static func everything(in repository: TestRepository) throws -> [String] {
    let files = try FileManager.default.subpathsOfDirectory(atPath: repository.path + "/.git")
    return files.sorted() + [try repository.git("for-each-ref")]
  }
}
