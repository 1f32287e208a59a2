// The comparison of two commits against `git diff`, over random edits, and its promise to leave
// equal subtrees alone.

import Documents
import GitSource
import TestHarness
import Testing

private let roots = ["flagstaff.yaml", "shared", "customers"]

@Suite struct TreeComparisonTests {
  @Test("What changed is what `git diff --name-status` says", arguments: 1...4)
  func randomEdits(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let repository = try TestRepository()
    var files: [String: String] = [:]
    var commits: [String] = []
    for round in 0..<8 {
      for edit in 0..<Int.random(in: 1...6, using: &random) {
        let content = "\(round) \(edit)"
        if Bool.random(using: &random), let file = files.keys.sorted().randomElement(using: &random)
        {
          try repository.remove(file)
          files[file] = nil
        } else {
          let file = Self.paths.randomElement(using: &random) ?? "shared/a.yaml"
          // A file takes the place of a folder and a folder that of a file.
          for old in files.keys where old.hasPrefix(file + "/") || file.hasPrefix(old + "/") {
            try? repository.remove(old)
            files[old] = nil
          }
          try command("rm", ["-rf", file], in: repository.path)
          try repository.write(content, to: file)
          files[file] = content
        }
      }
      commits.append(try repository.commit("Round \(round)"))
    }
    let git = try GitRepository(path: repository.path)
    for old in commits {
      for new in commits {
        let from = try #require(CommitID(old))
        let to = try #require(CommitID(new))
        let comparison = try git.changedFiles(from: from, to: to, under: roots)
        #expect(comparison.findings.isEmpty)
        let expected = try repository.git(
          "diff", "--name-status", "--no-renames", "-z", old, new, "--", "shared", "customers",
          "flagstaff.yaml")
        #expect(comparison.changes.map(Self.shown).joined() == expected)
        let applied = try git.files(of: from, under: roots).applying(comparison)
        let isContentOnly = comparison.changes.allSatisfy {
          if case .modified = $0.kind { true } else { false }
        }
        #expect(try applied == (isContentOnly ? git.files(of: to, under: roots) : nil))
      }
    }
  }

  private static let paths = [
    "flagstaff.yaml", "shared/a.yaml", "shared/a.yaml/b.yaml", "shared/a-b.yaml",
    "customers/x/a.yaml", "customers/x/b/c.yaml", "customers/x.yaml", "customers/x-y/a.yaml",
    "customers/y/a.yaml", "customers/y/b.yaml", "elsewhere/a.yaml",
  ]

  private static func shown(_ change: TreeChange) -> String {
    let letter =
      switch change.kind {
      case .added: "A"
      case .modified: "M"
      case .deleted: "D"
      }
    return "\(letter)\0\(change.path)\0"
  }

  @Test("A change names the blobs before and after")
  func blobs() throws {
    let repository = try TestRepository()
    try repository.write("one", to: "shared/a.yaml")
    try repository.write("gone", to: "shared/b.yaml")
    let old = try #require(CommitID(repository.commit()))
    try repository.write("two", to: "shared/a.yaml")
    try repository.remove("shared/b.yaml")
    try repository.write("new", to: "shared/c.yaml")
    let new = try #require(CommitID(repository.commit()))
    func id(_ text: String) -> BlobID { BlobID(hashing: Array(text.utf8)) }
    let git = try GitRepository(path: repository.path)
    let changes = try git.changedFiles(from: old, to: new, under: roots).changes
    #expect(changes.map(\.path) == ["shared/a.yaml", "shared/b.yaml", "shared/c.yaml"])
    guard case .modified(id("one"), let modified) = changes[0].kind else {
      Issue.record("the first is modified")
      return
    }
    #expect(modified.blob == id("two"))
    #expect(changes[1].kind == .deleted(id("gone")))
  }

  @Test("A file that becomes a link is deleted, and the link is a finding")
  func becomesLink() throws {
    let repository = try TestRepository()
    try repository.write("one", to: "shared/a.yaml")
    let old = try #require(CommitID(repository.commit()))
    try repository.remove("shared/a.yaml")
    try command("ln", ["-s", "/etc/passwd", "shared/a.yaml"], in: repository.path)
    let new = try #require(CommitID(repository.commit()))
    let git = try GitRepository(path: repository.path)
    let comparison = try git.changedFiles(from: old, to: new, under: roots)
    #expect(comparison.changes.map(\.path) == ["shared/a.yaml"])
    #expect(comparison.findings.map(\.code) == [.symbolicLink])
  }

  @Test("Equal subtrees are skipped by id: that they cannot be read does not matter")
  func skipsEqualSubtrees() throws {
    let repository = try TestRepository()
    let missing = String(repeating: "1", count: 40)
    let blob = try repository.object(type: "blob", Array("x".utf8))
    func commit(_ file: String) throws -> CommitID {
      let shared = try repository.tree([
        "040000 tree \(missing)\tequal", "100644 blob \(blob)\t\(file)",
      ])
      let top = try repository.tree(["040000 tree \(shared)\tshared"])
      return try #require(CommitID(repository.commit(tree: top)))
    }
    let git = try GitRepository(path: repository.path)
    let comparison = try git.changedFiles(
      from: commit("a.yaml"), to: commit("b.yaml"), under: roots)
    #expect(comparison.changes.map(\.path) == ["shared/a.yaml", "shared/b.yaml"])
  }
}
