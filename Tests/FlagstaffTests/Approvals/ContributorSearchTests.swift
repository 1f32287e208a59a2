// Random histories in a real repository, signed by random people, and beside the program's search a
// naive one: every commit that `git rev-list` names, each file as `git show` prints it, and the
// rule written down once more over those texts.

import Documents
import FlagstaffController
import FlagstaffCore
import Foundation
import GitSource
import SSHSignatures
import Signing
import TestHarness
import Testing

/// A repository whose flags are files of one word each.
private struct RandomRepository {
  static let flags = ["a", "b"]
  static let words = ["x", "y", "z"]

  let repository: DefinitionsRepository
  let people: People
  private(set) var commits: [String] = []
  private(set) var signers: [String: Member] = [:]

  init(_ generator: inout SeededGenerator, people: People) throws {
    self.people = people
    repository = try DefinitionsRepository()
    try repository.write(DefinitionsRepository.workspace, to: "flagstaff.yaml")
    try repository.write(try People.governance(), to: "governance/people.yaml")
    for number in 0..<Int.random(in: 3...10, using: &generator) {
      let count = number == 0 ? 0 : Int.random(in: number < 3 ? 1...1 : 1...3, using: &generator)
      var parents: [String] = []
      for _ in 0..<count {
        let parent = generator.pick(commits.suffix(5))
        if !parents.contains(parent) { parents.append(parent) }
      }
      try write(after: parents, &generator)
      let members: [Member?] = [.alice, .bob, .carol, .bot, .mallory, nil]
      let signer = generator.pick(members)
      let commit = try repository.commit(parents: parents, as: signer, people)
      if !commits.contains(commit) { commits.append(commit) }
      signers[commit] = signer
    }
  }

  /// Mostly each flag is as in some parent.
  private func write(after parents: [String], _ generator: inout SeededGenerator) throws {
    for flag in Self.flags {
      var word = generator.pick(Self.words + [""])
      if !parents.isEmpty, Int.random(in: 0..<4, using: &generator) > 0 {
        word = try self.word(flag, at: generator.pick(parents))
      }
      let file = "customers/acme/\(flag).yaml"
      try? repository.remove(file)
      if word.isEmpty { continue }
      try repository.write(
        """
        flagstaff: v1
        flags:
          \(flag):
            variants: {x: 1, y: 2, z: 3}
            off: \(word)
            environments: {production: {}}

        """, to: file)
    }
    try repository.git("add", "--all")
  }

  /// The word of a flag at a commit; empty where it is not there.
  func word(_ flag: String, at commit: String) throws -> String {
    let file = "\(commit):customers/acme/\(flag).yaml"
    guard let text = try? repository.git("show", file) else { return "" }
    let line = text.split(separator: "\n").first { $0.contains("off: ") }
    return line.map { String($0.suffix(1)) } ?? ""
  }

  // MARK: The naive search

  func words(at commit: String) throws -> [String] {
    try Self.flags.map { try word($0, at: commit) }
  }

  func base(of head: String, registered: [String]) throws -> String? {
    try repository.git("rev-list", "--first-parent", head).split(separator: "\n").map(String.init)
      .first { try words(at: $0) == registered }
  }

  func contributing(to flag: String, head: String, base: String?) throws -> Set<String> {
    let range = base.map { [head, "^\($0)"] } ?? [head]
    let listed = try Programs.command("git", ["rev-list"] + range, in: repository.path)
    return Set(
      try listed.split(separator: "\n").map(String.init).filter { try contributes($0, to: flag) })
  }

  private func contributes(_ commit: String, to flag: String) throws -> Bool {
    let line = try repository.git("rev-list", "--parents", "-n", "1", commit)
    let parents = line.split(separator: " ").dropFirst().map(String.init)
    let own = try word(flag, at: commit)
    guard let first = parents.first else { return own != "" }
    var merged: Set<String>? = [try word(flag, at: first)]
    for (index, parent) in parents.enumerated().dropFirst() {
      let theirs = try word(flag, at: parent)
      var bases: Set<String> = []
      for earlier in parents.prefix(index) {
        let found = (try? repository.git("merge-base", "--all", earlier, parent)) ?? ""
        for base in found.split(separator: "\n") { bases.insert(try word(flag, at: String(base))) }
      }
      if bases.isEmpty { bases = [""] }
      var next: Set<String>? = []
      for ours in merged ?? [] {
        for base in bases {
          if ours != theirs, base != ours, base != theirs { next = nil }
          next?.insert(ours == base ? theirs : theirs == base ? ours : theirs)
        }
      }
      merged = next
      if merged == nil { return true }
    }
    return merged != [own]
  }
}

@Suite("Who contributed")
struct ContributorSearchTests {
  private func source(_ repository: DefinitionsRepository) throws -> DefinitionsSource {
    DefinitionsSource(address: try RemoteAddress(repository.path), branch: nil, fetch: nil)
  }

  private func owners(_ source: DefinitionsSource, _ commit: String) async throws -> KeyOwners {
    let id = try #require(CommitID(commit))
    let trust = try #require(try await source.definitions(of: id).definitions.trust)
    return KeyOwners(judging: trust, newest: trust, at: Instant(secondsSince1970: 1_795_000_000))
  }

  private let scope = ScopeID(environment: "production", customer: "acme")

  @Test("Agrees with a naive walk over random histories", arguments: 0..<20)
  func random(seed: Int) async throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    let history = try RandomRepository(&generator, people: People())
    let source = try source(history.repository)
    let owners = try await owners(source, history.commits[0])
    let search = ContributorSearch(
      of: scope, in: source,
      verifier: SignatureVerifier(SSHKeygen(environment: ["PATH": "/usr/bin:/bin"])))
    for _ in 0..<3 {
      let (head, old) = (generator.pick(history.commits), generator.pick(history.commits))
      let registered = try history.words(at: old)
      let table = try await digests(source, old)
      let id = try #require(CommitID(head))
      let foundBase = try await search.base(of: id, registered: table, applied: nil)
      let base = try history.base(of: head, registered: registered)
      #expect(foundBase?.hexadecimal == base)
      let found = try await search.run(to: id, from: foundBase, owners: owners)
      for flag in RandomRepository.flags {
        let commits = try history.contributing(to: flag, head: head, base: base)
        let contributors = found.contributors(to: Identity(.flag, flag))
        let known = commits.compactMap { history.signers[$0] }.filter { $0 != .mallory }
        #expect(contributors.known == Set(known.map(\.rawValue)), "\(flag) at \(head)")
        // A bot signs for others.
        let unknown = commits.filter {
          [nil, .mallory, .bot].contains(history.signers[$0])
        }
        #expect(Set(contributors.unknownCommits) == unknown, "\(flag) at \(head)")
      }
    }
  }

  private func digests(
    _ source: DefinitionsSource, _ commit: String
  ) async throws -> [Identity: Digest] {
    let definitions = try await source.definitions(of: #require(CommitID(commit))).definitions
    return try #require(ResolvedScope.resolve(scope, in: definitions)).definitions
      .mapValues(\.digest)
  }

  // MARK: Merges as approvals

  private struct Merged {
    let repository: DefinitionsRepository
    let people: People
    let base: String
  }

  /// A branch of bob's that changes a flag, and a line that is elsewhere by now.
  private func branched() throws -> Merged {
    let people = try People()
    let repository = try DefinitionsRepository.small()
    try repository.write(try People.governance(), to: "governance/people.yaml")
    let base = try repository.commit()
    try repository.git("checkout", "--quiet", "-b", "branch")
    try repository.replace("off: old", by: "off: new", in: "customers/acme/shop.yaml")
    try repository.commit(as: .bob, people)
    try repository.git("checkout", "--quiet", "main")
    try repository.write("text", to: "README.md")
    try repository.commit(as: .carol, people)
    return Merged(repository: repository, people: people, base: base)
  }

  private func search(
    _ merged: Merged, keygen: SSHKeygen = SSHKeygen(environment: ["PATH": "/usr/bin:/bin"])
  ) async throws -> ScopeHistory<Identity> {
    let source = try source(merged.repository)
    let head = try #require(CommitID(try merged.repository.git("rev-parse", "HEAD")))
    let search = ContributorSearch(of: scope, in: source, verifier: SignatureVerifier(keygen))
    let base = try await search.base(
      of: head, registered: digests(source, merged.base), applied: CommitID(merged.base))
    return try await search.run(
      to: head, from: base, owners: owners(source, merged.base))
  }

  private let flag = Identity(.flag, "checkout")

  @Test("Who merges by a signature approves what the merge brings, and contributed nothing")
  func merge() async throws {
    let merged = try branched()
    let commit = try merged.repository.merge(["branch"], as: .carol, merged.people)
    let history = try await search(merged)
    #expect(history.contributors(to: flag).known == ["bob"])
    let evidence = try #require(history.evidence.first)
    #expect(history.evidence.count == 1 && history.setAside.isEmpty)
    #expect(evidence.kind == .merge && evidence.commit == commit)
    #expect(evidence.key == (try Member.carol.publicKey()))
    #expect(evidence.covers.map(\.key) == ["checkout"])
    #expect(evidence.covers.map(\.place) == [.scope(scope)])
  }

  @Test("Trailers count in what a bot signed, for people who are known")
  func trailers() async throws {
    let merged = try branched()
    let message = """
      Merge

      Approved-by: mallory

      approved-by: alice
      Reviewed-by: bob
      Approved-by: Carol <CAROL@acme.example>
      Approved-by: eve
      Approved-by: Eve <eve@acme.example>
      """
    try merged.repository.merge(["branch"], as: .bot, merged.people, message: message)
    let history = try await search(merged)
    let trailer = try #require(history.evidence.first { $0.kind == .trailer })
    #expect(trailer.people == ["alice", "carol"])
    #expect(history.evidence.map(\.kind) == [.merge, .trailer])
    #expect(history.setAside.map(\.why) == ["names nobody", "names nobody"])
    #expect(history.setAside[0].what.contains("eve"))
  }

  @Test("Trailers in what a person signed are set aside")
  func trailersOfAPerson() async throws {
    let merged = try branched()
    try merged.repository.merge(
      ["branch"], as: .carol, merged.people, message: "Merge\n\nApproved-by: alice")
    let history = try await search(merged)
    #expect(history.evidence.map(\.kind) == [.merge])
    #expect(history.setAside.map(\.why).first?.contains("BOT") == true)
  }

  @Test("A merge that changes more than it merges has its signer among the contributors")
  func evilMerge() async throws {
    let merged = try branched()
    try merged.repository.git("merge", "--quiet", "--no-commit", "--no-ff", "branch")
    try merged.repository.replace(
      "{old: old, new: new}", by: "{old: old, new: newer}", in: "customers/acme/shop.yaml")
    try merged.repository.commit(as: .carol, merged.people)
    #expect(try await search(merged).contributors(to: flag).known == ["bob", "carol"])
  }

  @Test("A merge that drops what its branch brought has its signer among the contributors")
  func oursMerge() async throws {
    let merged = try branched()
    try merged.repository.replace(
      "{old: old, new: new}", by: "{old: old, new: newer}", in: "customers/acme/shop.yaml")
    try merged.repository.commit(as: .alice, merged.people)
    try merged.repository.git("checkout", "--quiet", "branch")
    // It differs from neither parent: for the flag it is the branch, as if alice had done nothing.
    try merged.repository.merge(
      ["main"], as: .carol, merged.people, options: ["--strategy", "ours"])
    #expect(
      try await search(merged).contributors(to: flag).known == ["alice", "bob", "carol"])
  }

  @Test("A key that nobody has starts no process, and a merge by it is set aside")
  func unknownKey() async throws {
    let merged = try branched()
    try merged.repository.merge(["branch"], as: .mallory, merged.people)
    let counting = try CountingKeygen()
    let history = try await search(merged, keygen: counting.keygen)
    #expect(history.evidence.isEmpty)
    #expect(history.setAside.map(\.why).first?.contains("nobody's key") == true)
    // Bob's commit alone.
    #expect(counting.calls == 1)
  }
}
