// What a branch brings, beside what `git rev-list` says of random histories, and of repositories
// that lie about them.

import Documents
import Foundation
import GitSource
import TestHarness
import Testing

@Suite("Ranges of commits")
struct CommitRangeTests {
  /// A random history: each commit follows some before it; dates say nothing.
  private func history(_ generator: inout SeededGenerator) throws -> (TestRepository, [String]) {
    let repository = try TestRepository()
    let tree = try repository.git("mktree")
    var commits: [String] = []
    for number in 0..<Int.random(in: 2...14, using: &generator) {
      let count =
        commits.isEmpty ? 0 : Int.random(in: number < 3 ? 1...1 : 0...3, using: &generator)
      var parents: [String] = []
      for _ in 0..<count {
        let parent = generator.pick(commits.suffix(6))
        if !parents.contains(parent) { parents.append(parent) }
      }
      let date = Int.random(in: 1_000_000_000...1_900_000_000, using: &generator)
      let links = parents.map { "parent \($0)\n" }.joined()
      let person = "Ada <ada@acme.example> \(date) +0000"
      let text = "tree \(tree)\n\(links)author \(person)\ncommitter \(person)\n\n\(number)\n"
      commits.append(try repository.object(type: "commit", Array(text.utf8)))
    }
    return (repository, commits)
  }

  @Test("Agree with git rev-list on random histories", arguments: 0..<24)
  func random(seed: Int) throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let (repository, commits) = try history(&generator)
    let git = try GitRepository(path: repository.path)
    for _ in 0..<6 {
      let (head, base) = (generator.pick(commits), generator.pick(commits))
      let range = try git.range(to: #require(CommitID(head)), from: CommitID(base))
      let listed = try repository.git("rev-list", head, "^\(base)").split(separator: "\n")
      #expect(Set(range.commits.keys.map(\.hexadecimal)) == Set(listed.map(String.init)))
      let line = try repository.git("rev-list", "--first-parent", head).split(separator: "\n")
        .map(String.init).prefix { listed.contains(Substring($0)) }
      #expect(range.firstParents.map(\.hexadecimal) == line.reversed())
      let isAncestor = (try? repository.git("merge-base", "--is-ancestor", base, head)) != nil
      #expect(range.isDescending == isAncestor)
      #expect(
        try git.descends(#require(CommitID(head)), from: #require(CommitID(base))) == isAncestor)
      let all = Set(commits.compactMap { CommitID($0) })
      let reached = try repository.git("rev-list", head).split(separator: "\n")
      #expect(
        try git.lost(to: #require(CommitID(head)), of: all)
          == all.subtracting(reached.compactMap { CommitID(String($0)) }))
      let bases = (try? repository.git("merge-base", "--all", head, base)) ?? ""
      #expect(
        try git.mergeBases(#require(CommitID(head)), #require(CommitID(base))).map(\.hexadecimal)
          == bases.split(separator: "\n").map(String.init).sorted())
    }
  }

  @Test("Without a base, all that the head descends from")
  func all() throws {
    let repository = try TestRepository()
    let ids = try (0..<3).map { try repository.commit("\($0)") }
    let range = try GitRepository(path: repository.path)
      .range(to: #require(CommitID(ids[2])), from: nil)
    #expect(range.firstParents.map(\.hexadecimal) == ids)
  }

  @Test("Neither a replace ref, a graft nor a forged commit-graph changes what a branch brings")
  func lies() throws {
    let repository = try TestRepository()
    let ids = try (0..<4).map { try repository.commit("\($0)") }
    // A graph file in which the last commit has no parents, made while a replace ref says so.
    let orphan = try repository.git("commit-tree", "-m", "3", "HEAD^{tree}")
    try repository.git("-c", "core.commitGraph=true", "commit-graph", "write", "--reachable")
    let file = repository.path + "/.git/objects/info/commit-graph"
    var graph = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
    try forgeParents(&graph)
    try FileManager.default.removeItem(atPath: file)
    try Data(graph).write(to: URL(fileURLWithPath: file))
    try repository.git("replace", ids[3], orphan)
    try Data("\(ids[3])\n".utf8).write(
      to: URL(fileURLWithPath: repository.path + "/.git/info/grafts"))
    let range = try GitRepository(path: repository.path)
      .range(to: #require(CommitID(ids[3])), from: CommitID(ids[0]))
    #expect(range.firstParents.map(\.hexadecimal) == Array(ids.dropFirst()))
  }

  /// Lets every commit of a graph file have no parents (gitformat-commit-graph(5)), and its
  /// checksum be right.
  private func forgeParents(_ graph: inout [UInt8]) throws {
    let chunks = Int(graph[6])
    for index in 0..<chunks {
      let entry = 8 + index * 12
      guard graph[entry..<entry + 4].elementsEqual("CDAT".utf8) else { continue }
      let start = graph[(entry + 4)..<(entry + 12)].reduce(0) { $0 << 8 | Int($1) }
      let end = graph[(entry + 16)..<(entry + 24)].reduce(0) { $0 << 8 | Int($1) }
      for row in stride(from: start, to: end, by: 36) {
        graph.replaceSubrange((row + 20)..<(row + 28), with: [0x70, 0, 0, 0, 0x70, 0, 0, 0])
      }
    }
    let sum = try command(
      "sha1sum", [], in: "/", input: Array(graph.dropLast(20)))
    let digest = try #require(Hexadecimal.bytes(String(sum.prefix(40))))
    graph.replaceSubrange((graph.count - 20)..<graph.count, with: digest)
  }

  @Test("A shallow clone says so where it ends too soon, and answers where it does not")
  func shallow() throws {
    let origin = try TestRepository()
    let ids = try (0..<4).map { try origin.commit("\($0)") }
    let folder = try TemporaryFolder()
    try command(
      "git", ["clone", "--quiet", "--depth=2", "file://\(origin.path)", "clone"], in: folder.path)
    let git = try GitRepository(path: folder.path + "/clone")
    let head = try #require(CommitID(ids[3]))
    #expect(try git.range(to: head, from: CommitID(ids[2])).firstParents == [head])
    #expect { try git.range(to: head, from: CommitID(ids[0])) } throws: {
      ($0 as? GitError)?.code == .shallow
    }
  }

  @Test("More commits than a pass looks at are refused")
  func tooMany() throws {
    let repository = try TestRepository()
    let count = Limits.rangeCommitsMax + 1
    let commits = (0..<count).map { number in
      "commit refs/heads/main\ncommitter Ada <ada@acme.example> \(number) +0000\ndata 0\n"
    }
    try repository.git("fast-import", "--quiet", input: commits.joined())
    let git = try GitRepository(path: repository.path)
    let head = try git.head(ofBranch: "main")
    #expect { try git.range(to: head, from: nil) } throws: {
      ($0 as? GitError)?.code == .tooMany
    }
  }
}
