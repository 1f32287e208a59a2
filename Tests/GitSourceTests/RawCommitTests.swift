// Commits of every form, stored byte for byte, and Git's own word on those that are signed: what we
// would hand to ssh-keygen verifies exactly where `git verify-commit` says so, and where the two
// may differ, ours refuses.

import Documents
import Foundation
import GitSource
import TestHarness
import Testing

/// A repository with a list of allowed signers, and signatures by a key that is the same each time.
struct SigningRepository {
  let repository: TestRepository
  let tree: String
  private let key: String
  private let allowed: String

  init() throws {
    repository = try TestRepository()
    let pair = try SSHKeyPair(seed: "alice")
    key = repository.path + "/.git/alice"
    allowed = repository.path + "/.git/allowed"
    try Data(pair.privateFile).write(to: URL(fileURLWithPath: key))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
    try Data("alice \(pair.publicText)\n".utf8).write(to: URL(fileURLWithPath: allowed))
    tree = try repository.git("mktree")
  }

  /// The armor of a signature over some bytes, line by line.
  func signature(of payload: [UInt8]) throws -> [String] {
    let text = try command(
      "ssh-keygen", ["-q", "-Y", "sign", "-n", "git", "-f", key], in: repository.path,
      input: payload)
    return text.split(separator: "\n").map(String.init)
  }

  /// Whether Git takes a commit for one that alice signed.
  func isVerifiedByGit(_ id: String) -> Bool {
    (try? repository.git(
      "-c", "gpg.format=ssh", "-c", "gpg.ssh.allowedSignersFile=\(allowed)", "verify-commit", id))
      != nil
  }

  /// Whether what we would hand to ssh-keygen verifies.
  func isVerifiedByUs(_ commit: RawCommit) throws -> Bool {
    guard case .ssh(let armored) = commit.seal else { return false }
    let file = repository.path + "/.git/signature"
    try Data(armored).write(to: URL(fileURLWithPath: file))
    return
      (try? command(
        "ssh-keygen",
        ["-Y", "verify", "-f", allowed, "-I", "alice", "-n", "git", "-s", file],
        in: repository.path, input: commit.payload)) != nil
  }

  func read(_ id: String) throws -> RawCommit {
    try GitRepository(path: repository.path).rawCommit(#require(CommitID(id)))
  }
}

/// Where the signature goes, and what else stands in the commit.
struct CommitForm: Sendable, CustomTestStringConvertible {
  let name: String
  /// Between the tree and the author.
  var links = ""
  /// Between the committer and the signature.
  var before = ""
  /// Between the signature and the message.
  var after = ""
  var message: [UInt8] = Array("Subject\n".utf8)
  /// Headers put in after signing.
  var added = ""
  /// What we say of it: nil for signed.
  var problem: String?

  var testDescription: String { name }

  static let all = [
    CommitForm(name: "plain"),
    CommitForm(name: "an encoding", before: "encoding ISO-8859-1\n", message: [0xE9, 0x0A]),
    CommitForm(name: "a header behind", after: "encoding UTF-8\n"),
    CommitForm(name: "no final newline", message: Array("Subject".utf8)),
    CommitForm(name: "no message", message: []),
    CommitForm(name: "carriage returns", message: Array("Subject\r\n\r\nBody\r\n".utf8)),
    CommitForm(name: "not UTF-8", message: [0xFF, 0xFE, 0x0A]),
    CommitForm(
      name: "a signature in the message",
      message: Array("Subject\n\ngpgsig -----BEGIN SSH SIGNATURE-----\n x\n".utf8)),
    CommitForm(
      name: "a merged tag with a signature of its own",
      before: "mergetag object 0\n type commit\n gpgsig x\n -----BEGIN SSH SIGNATURE-----\n  y\n"),
    CommitForm(
      name: "a second signature before", added: "gpgsig x\n", problem: "more than one signature"),
    CommitForm(
      name: "one for other hashes", added: "gpgsig-sha256 x\n y\n",
      problem: "more than one signature"),
    CommitForm(
      name: "a header that begins like one", added: "gpgsigx y\n",
      problem: "more than one signature"),
    CommitForm(name: "a zero byte", message: [0x61, 0, 0x62], problem: "a zero byte"),
    CommitForm(name: "a header without a value", before: "odd\n", problem: "without a value"),
    CommitForm(
      name: "a parent behind the committer",
      before: "parent 0123456789012345678901234567890123456789\n", problem: "parent out of place"),
    CommitForm(
      name: "a second tree", before: "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n",
      problem: "tree out of place"),
  ]
}

@Suite("Raw commits")
struct RawCommitTests {
  private func bytes(
    _ form: CommitForm, _ signing: SigningRepository, signature: [String]
  ) -> [UInt8] {
    let person = "Ada <ada@acme.example> 1763625600 +0000"
    let seal =
      signature.isEmpty ? "" : "gpgsig " + signature.joined(separator: "\n ") + "\n" + form.added
    let head =
      "tree \(signing.tree)\n\(form.links)author \(person)\ncommitter \(person)\n" + form.before
      + seal + form.after
    return Array((head + "\n").utf8) + form.message
  }

  @Test("Is verified exactly where Git verifies it, or is refused", arguments: CommitForm.all)
  func forms(form: CommitForm) throws {
    let signing = try SigningRepository()
    let payload = bytes(form, signing, signature: [])
    let whole = bytes(form, signing, signature: try signing.signature(of: payload))
    let id = try signing.repository.object(type: "commit", whole)
    let commit = try signing.read(id)
    #expect(commit.tree == signing.tree)
    #expect(commit.message == form.message)
    if let problem = form.problem {
      guard case .malformed(let reason) = commit.seal else {
        Issue.record("it is \(commit.seal)")
        return
      }
      #expect(reason.contains(problem))
    } else {
      #expect(commit.payload == payload)
      #expect(try signing.isVerifiedByUs(commit))
      #expect(signing.isVerifiedByGit(id))
    }
  }

  @Test("An edited commit verifies nowhere", arguments: CommitForm.all.filter { $0.problem == nil })
  func edited(form: CommitForm) throws {
    let signing = try SigningRepository()
    let signature = try signing.signature(of: bytes(form, signing, signature: []))
    var other = form
    other.message += [UInt8(ascii: "!")]
    let id = try signing.repository.object(
      type: "commit", bytes(other, signing, signature: signature))
    #expect(!signing.isVerifiedByGit(id))
    #expect(try !signing.isVerifiedByUs(signing.read(id)))
  }

  @Test("What `git commit -S` makes is verified, whoever its author says that he is")
  func madeByGit() throws {
    let signing = try SigningRepository()
    let repository = signing.repository
    try repository.git(
      "-c", "gpg.format=ssh", "-c", "user.signingKey=\(repository.path)/.git/alice", "commit",
      "--quiet", "--allow-empty", "-S", "--author", "Bob <bob@acme.example>", "-m", "Change\n\nWhy")
    let id = try repository.git("rev-parse", "HEAD")
    let commit = try signing.read(id)
    #expect(signing.isVerifiedByGit(id))
    #expect(try signing.isVerifiedByUs(commit))
    #expect(commit.message == Array("Change\n\nWhy\n".utf8))
  }

  @Test(
    "Other signatures are told by their kind",
    arguments: [
      ("-----BEGIN PGP SIGNATURE-----", RawCommit.Seal.openPGP),
      ("-----BEGIN PGP MESSAGE-----", .openPGP), ("-----BEGIN SIGNED MESSAGE-----", .other),
      ("x", .other),
    ])
  func kinds(line: String, seal: RawCommit.Seal) throws {
    let signing = try SigningRepository()
    let id = try signing.repository.object(
      type: "commit", bytes(CommitForm(name: "other"), signing, signature: [line, "x"]))
    #expect(try signing.read(id).seal == seal)
  }

  @Test("A commit without a signature bears none")
  func unsigned() throws {
    let signing = try SigningRepository()
    let id = try signing.repository.object(
      type: "commit", bytes(CommitForm(name: "none"), signing, signature: []))
    #expect(try signing.read(id).seal == .none)
  }

  @Test("A replaced commit is read as it is")
  func replaced() throws {
    let repository = try TestRepository()
    let first = try repository.commit("First")
    let second = try repository.commit("Second")
    try repository.git("replace", first, second)
    #expect(try repository.git("log", "-1", "--format=%s", first) == "Second")
    let commit = try GitRepository(path: repository.path).rawCommit(#require(CommitID(first)))
    #expect(commit.message == Array("First\n".utf8))
  }

  @Test("What is no commit, or too large, is not read")
  func refused() throws {
    let signing = try SigningRepository()
    let blob = try signing.repository.object(type: "blob", Array("tree x\n".utf8))
    let large = try signing.repository.object(
      type: "commit",
      bytes(
        CommitForm(name: "large", message: [UInt8](repeating: 0x61, count: 1 << 20)), signing,
        signature: []))
    let nothing = try signing.repository.object(type: "commit", Array("author x\n".utf8))
    for (id, code) in [(blob, GitError.Code.corrupt), (large, .tooLarge), (nothing, .corrupt)] {
      #expect { try signing.read(id) } throws: { ($0 as? GitError)?.code == code }
    }
  }
}
