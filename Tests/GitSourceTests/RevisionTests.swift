// Branches, revisions, commits and histories of real clones, and what is said when they are not
// there.

import Documents
import GitSource
import Testing

@Suite struct RevisionTests {
  @Test("A branch, the default branch and any revision resolve to the commit that Git names")
  func resolution() throws {
    let repository = try TestRepository()
    let first = try repository.commit("One")
    try repository.git("branch", "release/1")
    try repository.git("tag", "-a", "v1", "-m", "Version 1")
    let second = try repository.commit("Two")
    let git = try GitRepository(path: repository.path)
    #expect(try git.head().hexadecimal == second)
    #expect(try git.head(ofBranch: "main").hexadecimal == second)
    #expect(try git.head(ofBranch: "release/1").hexadecimal == first)
    for revision in ["main~1", "v1", "release/1", first, String(first.prefix(10))] {
      #expect(try git.commit(ofRevision: revision).hexadecimal == first)
    }
  }

  @Test("A detached clone of CI finds the branch that it fetched")
  func detachedClone() throws {
    let origin = try TestRepository()
    let commit = try origin.commit()
    let clone = try TestRepository()
    try clone.git("fetch", "--quiet", origin.path, "main:refs/remotes/origin/main")
    try clone.git("checkout", "--quiet", "--detach", commit)
    let git = try GitRepository(path: clone.path)
    #expect(try git.head(ofBranch: "main").hexadecimal == commit)
    #expect(try git.head().hexadecimal == commit)
  }

  @Test(
    "An unknown branch is an error that names the branches there are",
    arguments: ["mian", "", "a..b", "../x", "main:", "-n", "HEAD"])
  func unknownBranch(name: String) throws {
    let repository = try TestRepository()
    try repository.commit()
    let git = try GitRepository(path: repository.path)
    let error = try #require(throws: GitError.self) { try git.head(ofBranch: name) }
    #expect(error.code == .unknownBranch)
    #expect(error.consequence == .stalled)
    #expect(error.description.contains("there are only: main"))
  }

  @Test("A repository without a commit has no branch, and says so")
  func emptyRepository() throws {
    let repository = try TestRepository()
    let git = try GitRepository(path: repository.path)
    let error = try #require(throws: GitError.self) { try git.head() }
    #expect(error.code == .noCommit)
    #expect(error.description.contains("no branch with a commit"))
  }

  @Test("A folder that is no repository, or is not there, is named with what to do")
  func notARepository() throws {
    let repository = try TestRepository()
    try repository.write("x", to: "sub/file")
    let folder = try TemporaryFolder()
    // A folder inside of a repository is none either: a wrong path never opens something else.
    for path in [folder.path, folder.path + "/absent", repository.path + "/sub"] {
      let error = try #require(throws: GitError.self) { try GitRepository(path: path) }
      #expect(error.code == .notARepository)
      #expect(error.description.contains(path))
      #expect(error.description.contains("--repository"))
    }
  }

  @Test("A folder inside of a repository is told whose it is, and that a workspace stands at a top")
  func folderOfRepository() throws {
    let repository = try TestRepository()
    try repository.write("x", to: "flags/flagstaff.yaml")
    try repository.commit()
    let error = try #require(throws: GitError.self) {
      try GitRepository(path: repository.path + "/flags")
    }
    #expect(error.description.contains("it is a folder of the repository \(repository.path)/"))
    #expect(error.description.contains("`flagstaff plan`"))
    #expect(GitRepository.top(around: repository.path + "/flags") == repository.path + "/")
    #expect(GitRepository.top(around: repository.path) == nil)
    #expect(GitRepository.top(around: try TemporaryFolder().path) == nil)
  }

  @Test(
    "The commands that a shallow clone is told bring what was asked for",
    arguments: ["HEAD~1", "main~1", "FIRST", "side", "origin/side", "v1", "ABBREVIATED"])
  func shallowRemedy(revision: String) throws {
    let origin = try TestRepository()
    let first = try origin.commit("One")
    try origin.git("branch", "side")
    try origin.git("tag", "v1")
    try origin.commit("Two")
    try origin.git("config", "uploadpack.allowAnySHA1InWant", "true")
    let revision = ["FIRST": first, "ABBREVIATED": String(first.prefix(9))][revision] ?? revision
    let folder = try TemporaryFolder()
    try command(
      "git", ["clone", "--quiet", "--depth", "1", "file://\(origin.path)", "clone"],
      in: folder.path)
    let clone = folder.path + "/clone"
    let error = try #require(throws: GitError.self) {
      try GitRepository(path: clone).commit(ofRevision: revision)
    }
    #expect(error.remedy.contains("`fetch-depth: 0`") && error.remedy.contains("`GIT_DEPTH: 0`"))
    let commands = error.remedy.matches(of: /`(git fetch [^`]*)`/).map { String($0.output.1) }
    #expect(!commands.isEmpty)
    // Either of them, or for a tag the last, which brings tags too.
    for line in commands where revision != "v1" || line.contains("unshallow") {
      let other = folder.path + "/\(commands.firstIndex(of: line) ?? 0)"
      try command("cp", ["-r", clone, other], in: folder.path)
      // A clone of one branch has no other, whatever its history is.
      if line.contains("unshallow"), revision.hasSuffix("side") { continue }
      try command("sh", ["-c", line + " --quiet"], in: other)
      #expect(try GitRepository(path: other).commit(ofRevision: revision).hexadecimal == first)
    }
  }

  @Test("In a whole clone of one branch another of its remote comes with the command that is told")
  func branchRemedy() throws {
    let origin = try TestRepository()
    let first = try origin.commit("One")
    try origin.git("branch", "side")
    let folder = try TemporaryFolder()
    try command(
      "git", ["clone", "--quiet", "--single-branch", "file://\(origin.path)", "clone"],
      in: folder.path)
    let git = try GitRepository(path: folder.path + "/clone")
    let error = try #require(throws: GitError.self) { try git.commit(ofRevision: "origin/side") }
    let line = try #require(error.remedy.firstMatch(of: /`(git fetch [^`]*)`/)?.output.1)
    try command("sh", ["-c", "\(line) --quiet"], in: folder.path + "/clone")
    #expect(try git.commit(ofRevision: "origin/side").hexadecimal == first)
    let unknown = try #require(throws: GitError.self) { try git.commit(ofRevision: "mian") }
    #expect(unknown.remedy.contains("that exists here"))
  }

  @Test("An unknown revision is an error", arguments: ["no", "main~9", "0000000", "v1^{tree}"])
  func unknownRevision(revision: String) throws {
    let repository = try TestRepository()
    try repository.commit()
    let git = try GitRepository(path: repository.path)
    let error = try #require(throws: GitError.self) { try git.commit(ofRevision: revision) }
    #expect(error.code == .unknownRevision)
  }

  @Test("A commit tells its author, time, subject and parents, made safe to show")
  func information() throws {
    let repository = try TestRepository()
    let first = try repository.commit("One")
    try repository.git("checkout", "--quiet", "-b", "side")
    let side = try repository.commit("Side")
    try repository.git("checkout", "--quiet", "main")
    try repository.commit("Two")
    let second = try repository.git("rev-parse", "HEAD")
    try repository.git("merge", "--quiet", "--no-ff", "side", "-m", "Merge\u{1B}[31m red\n\nBody")
    let git = try GitRepository(path: repository.path)
    let merge = try git.information(of: git.head())
    #expect(merge.parents.map(\.hexadecimal) == [second, side])
    #expect(merge.subject == "Merge\\u{1B}[31m red")
    #expect(merge.authorName == "Ada")
    #expect(merge.authored.description == "2026-11-20T08:00:00Z")
    #expect(try git.information(of: git.commit(ofRevision: first)).parents.isEmpty)
  }

  @Test("Ancestry is what `git merge-base --is-ancestor` says")
  func ancestry() throws {
    let repository = try TestRepository()
    let root = try repository.commit("One")
    try repository.git("checkout", "--quiet", "-b", "side")
    let side = try repository.commit("Side")
    try repository.git("checkout", "--quiet", "main")
    let tip = try repository.commit("Two")
    let git = try GitRepository(path: repository.path)
    let table = [
      (root, tip, true), (tip, root, false), (root, root, true), (side, tip, false),
      (root, side, true),
    ]
    for (ancestor, descendant, expected) in table {
      let ancestor = try #require(CommitID(ancestor))
      let descendant = try #require(CommitID(descendant))
      #expect(try git.isAncestor(ancestor, of: descendant) == expected)
    }
  }

  @Test("In a shallow clone a question beyond its boundary is an error, not an answer")
  func shallowClone() throws {
    let origin = try TestRepository()
    let first = try origin.commit("One")
    try origin.commit("Two")
    let third = try origin.commit("Three")
    let folder = try TemporaryFolder()
    try command(
      "git", ["clone", "--quiet", "--depth", "1", "file://\(origin.path)", "clone"],
      in: folder.path)
    let git = try GitRepository(path: folder.path + "/clone")
    let error = try #require(throws: GitError.self) {
      try git.isAncestor(#require(CommitID(first)), of: #require(CommitID(third)))
    }
    #expect(error.code == .shallow)
    #expect(error.description.contains("--unshallow"))
  }

  @Test("An identity is forty lower-case hexadecimal digits and nothing else")
  func identities() {
    let good = String(repeating: "0123456789abcdef", count: 3).prefix(40)
    #expect(CommitID(String(good)) != nil)
    for bad in ["", "abc", good.uppercased(), good + "00", good.dropLast() + "g"] as [String] {
      #expect(CommitID(bad) == nil)
      #expect(BlobID(bad) == nil)
    }
  }
}
