// Refs of signers: what `approve` writes is read again, whatever else somebody pushes there is told
// and not loaded, and fetches bring those that are wanted and no other.

import Documents
import Foundation
import GitSource
import Testing

@Suite("Refs of signers")
struct ApprovalRefTests {
  private let repository: TestRepository
  private static let signer = String(repeating: "a1", count: 32)
  private static let other = String(repeating: "b2", count: 32)
  private static let instant = Instant(secondsSince1970: 1_795_000_000)

  init() throws {
    repository = try TestRepository()
    try repository.commit("First")
  }

  private static func name(_ index: Int) -> String {
    let digits = String(index)
    return String(repeating: "0", count: 64 - digits.count) + digits
  }

  private static func entry(_ index: Int, statement: String = "{}") -> ApprovalEntry {
    ApprovalEntry(
      name: name(index), statement: Array(statement.utf8), signature: Array("s\(index)".utf8))
  }

  private func open() throws -> GitRepository { try GitRepository(path: repository.path) }

  private func read(_ signer: String = signer) throws -> ApprovalEntries {
    let git = try open()
    let ref = try #require(try git.approvalRefs().first { $0.identifier == signer })
    return git.entries(of: ref)
  }

  /// Lets the ref lead to an object.
  private func point(to object: String) throws {
    try repository.git("update-ref", "refs/flagstaff/approvals/\(Self.signer)", object)
  }

  /// Lets the ref lead to a commit of a tree, given to `git mktree`.
  private func point(toTree entries: [String]) throws {
    try point(to: repository.commit(tree: repository.tree(entries)))
  }

  private func blob(_ text: String) throws -> String {
    try repository.object(type: "blob", Array(text.utf8))
  }

  private func pair(_ index: Int, _ statement: String, _ signature: String) -> [String] {
    [
      "100644 blob \(statement)\t\(Self.name(index)).json",
      "100644 blob \(signature)\t\(Self.name(index)).sig",
    ]
  }

  @Test("What is written is read again, and the former commit is the parent")
  func written() throws {
    let git = try open()
    let first = try git.write(
      [Self.entry(1)], toRefOf: Self.signer, after: nil, at: Self.instant)
    let second = try git.write(
      [Self.entry(2), Self.entry(1)], toRefOf: Self.signer, after: first, at: Self.instant)
    #expect(try read() == ApprovalEntries(entries: [Self.entry(1), Self.entry(2)]))
    #expect(try repository.git("rev-parse", "\(second.target)^") == first.target)
    #expect(try repository.git("fsck", "--strict", "--no-dangling") == "")
    // The same statements at the same time are the same commit.
    let again = try git.write(
      [Self.entry(1)], toRefOf: Self.other, after: nil, at: Self.instant)
    #expect(again.target == first.target)
    #expect(try git.approvalRefs().map(\.identifier) == [Self.signer, Self.other])
  }

  @Test("A ref that is no signer's is passed over")
  func otherNames() throws {
    for name in ["x", "A1" + Self.signer.dropFirst(2), Self.signer + "/x", "y/" + Self.signer] {
      try repository.git("update-ref", "refs/flagstaff/approvals/\(name)", "HEAD")
    }
    #expect(try open().approvalRefs().isEmpty)
  }

  @Test("A ref to no commit holds nothing, and says so")
  func noCommit() throws {
    let blob = try blob("x")
    let tree = try repository.tree([])
    try repository.git("tag", "-a", "-m", "x", "tag")
    for object in [blob, tree, try repository.git("rev-parse", "tag")] {
      try point(to: object)
      let entries = try read()
      #expect(entries.entries.isEmpty)
      #expect(entries.problems.count == 1)
    }
  }

  @Test("What is no statement is told, and what stands beside it counts")
  func garbage() throws {
    let (statement, signature) = (try blob("{}"), try blob("s1"))
    let folder = try repository.tree(["100644 blob \(statement)\tx"])
    try point(
      toTree: pair(1, statement, signature) + [
        "100644 blob \(statement)\tREADME.md",
        "040000 tree \(folder)\t\(Self.name(2)).json",
        "120000 blob \(statement)\t\(Self.name(3)).json",
        "100644 blob \(statement)\t\(Self.name(4)).json",
        "160000 commit \(try repository.git("rev-parse", "HEAD"))\tsub",
      ])
    let entries = try read()
    #expect(entries.entries == [Self.entry(1)])
    #expect(entries.problems.count == 5, "\(entries.problems)")
  }

  @Test("A huge statement is found by its header and left out; others count")
  func huge() throws {
    let large = try blob(String(repeating: "x", count: Limits.statementBytesMax + 1))
    let signature = try blob("s1")
    try point(
      toTree: pair(1, try blob("{}"), signature) + pair(2, large, signature)
        + pair(3, try blob("{}"), large))
    let entries = try read()
    #expect(entries.entries == [Self.entry(1)])
    #expect(entries.problems.count == 2, "\(entries.problems)")
  }

  @Test("A ref that holds more than a signer's share holds nothing")
  func tooMuch() throws {
    let (statement, signature) = (try blob("{}"), try blob("s1"))
    try point(
      toTree: (0...Limits.approvalStatementsMax).flatMap { pair($0, statement, signature) })
    #expect(try read().entries.isEmpty)
    try point(
      toTree: (1...Limits.approvalStatementsMax).flatMap { pair($0, statement, signature) })
    #expect(try read().entries.count == Limits.approvalStatementsMax)
    let large = try blob(String(repeating: "x", count: Limits.statementBytesMax))
    try point(toTree: (0..<5).flatMap { pair($0, large, signature) })
    let entries = try read()
    #expect(entries.entries.isEmpty && entries.problems.count == 1, "\(entries.problems)")
  }

  @Test("A fetch brings the refs that are wanted, follows them, and loses what the remote lost")
  func fetched() async throws {
    for transport in FetchTransport.allCases {
      let mirror = try TestMirror(of: "file://\(repository.path)")
      func fetched(_ wanted: Set<String>) async throws -> [String: String] {
        let outcome = try await Fetch(
          program: TestMirror.program, mirror: mirror.mirror, branch: nil, approvals: wanted,
          transport: transport, environment: mirror.environment
        ).run()
        #expect(outcome.fetched.approvalProblem == nil)
        let refs = try mirror.repository().approvalRefs()
        return Dictionary(uniqueKeysWithValues: refs.map { ($0.identifier, $0.target) })
      }
      let git = try open()
      let first = try git.write(
        [Self.entry(1)], toRefOf: Self.signer, after: nil, at: Self.instant)
      try git.write([Self.entry(1)], toRefOf: Self.other, after: nil, at: Self.instant)
      #expect(try await fetched([]) == [:])
      #expect(try await fetched([Self.signer]) == [Self.signer: first.target])
      let mirrored = try mirror.repository()
      #expect(mirrored.entries(of: first).entries == [Self.entry(1)])
      // Forced back, forward, to no commit, gone.
      let second = try git.write(
        [Self.entry(2)], toRefOf: Self.signer, after: first, at: Self.instant)
      #expect(try await fetched([Self.signer]) == [Self.signer: second.target])
      try point(to: first.target)
      #expect(try await fetched([Self.signer]) == [Self.signer: first.target])
      let blob = try blob("x")
      try point(to: blob)
      #expect(try await fetched([Self.signer]) == [Self.signer: blob])
      try repository.git("update-ref", "-d", "refs/flagstaff/approvals/\(Self.signer)")
      #expect(try await fetched([Self.signer]) == [:])
    }
  }

  @Test("A push brings the ref to the remote; what is there already is not overwritten")
  func pushed() throws {
    let folder = try TemporaryFolder()
    try command(
      "git", ["clone", "--quiet", "--bare", repository.path, "remote"], in: folder.path)
    try repository.git("remote", "add", "origin", "file://\(folder.path)/remote")
    let remote = try GitRepository(path: folder.path + "/remote")
    let push = ApprovalPush(
      path: repository.path, remote: "origin", identifier: Self.signer,
      environment: isolatedEnvironment)
    try push.fetch()
    let git = try open()
    let first = try git.write(
      [Self.entry(1)], toRefOf: Self.signer, after: nil, at: Self.instant)
    #expect(try push.push() == .pushed)
    #expect(try remote.approvalRefs() == [first])
    // Another clone of the same signer.
    let theirs = try remote.write(
      [Self.entry(1), Self.entry(2)], toRefOf: Self.signer, after: first, at: Self.instant)
    try git.write([Self.entry(3)], toRefOf: Self.signer, after: first, at: Self.instant)
    #expect(try push.push() == .behind)
    #expect(try remote.approvalRefs() == [theirs])
    try push.fetch()
    #expect(try git.approvalRefs() == [theirs])
    #expect(throws: GitError.self) {
      try ApprovalPush(
        path: repository.path, remote: "nowhere", identifier: Self.signer,
        environment: isolatedEnvironment
      ).push()
    }
  }
}
