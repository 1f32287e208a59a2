// The people of the tests: each with a key that is the same in every run, so that commits,
// signatures and what is made of them are, too. Mallory has a key that nobody knows.

import Documents
import FlagstaffCore
import Foundation
import SSHSignatures
import TestHarness

enum Member: String, CaseIterable, Sendable {
  case alice, bob, carol
  case bot = "merge-bot"
  case mallory

  var role: String {
    switch self {
    case .alice: "ADMIN"
    case .bob, .carol, .mallory: "DEVELOPER"
    case .bot: "BOT"
    }
  }

  /// Who stands in governance/.
  static let known = allCases.filter { $0 != .mallory }

  func publicKey() throws -> SSHPublicKey {
    try SSHPublicKey(SSHKeyPair(seed: rawValue).publicText)
  }
}

/// The keys of all members, in files.
struct People: Sendable {
  let folder: Folder

  init() throws {
    folder = try Folder()
    for member in Member.allCases {
      let path = key(of: member)
      let pair = try SSHKeyPair(seed: member.rawValue)
      try Data(pair.privateFile).write(to: URL(fileURLWithPath: path))
      try Data(pair.publicText.utf8).write(to: URL(fileURLWithPath: "\(path).pub"))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }
  }

  /// The path of a private key.
  func key(of member: Member) -> String { "\(folder.path)/\(member.rawValue)" }

  /// `governance/people.yaml`.
  static func governance(_ members: [Member] = Member.known, policies: String = "") throws -> String
  {
    let people = try members.map { member in
      let key = try SSHKeyPair(seed: member.rawValue).publicText
      return "  \(member.rawValue): {role: \(member.role), "
        + "email: \(member.rawValue)@acme.example, keys: [{ssh: \"\(key)\"}]}\n"
    }
    return "flagstaff: v1\npeople:\n" + people.joined() + policies
  }
}

extension DefinitionsRepository {
  /// Settings of Git with which a member signs.
  private static func settings(_ member: Member, _ people: People) -> [String] {
    ["-c", "gpg.format=ssh", "-c", "user.signingKey=\(people.key(of: member))"]
  }

  /// Commits everything, signed by a member, whoever the author is said to be.
  @discardableResult
  func commit(
    as member: Member, _ people: People, _ message: String = "Change", author: String? = nil
  ) throws -> String {
    try git("add", "--all")
    let author = author.map { ["--author", "\($0) <\($0)@acme.example>"] } ?? []
    try Programs.command(
      "git",
      Self.settings(member, people)
        + ["commit", "--quiet", "--allow-empty", "-S", "--message", message] + author, in: path)
    return try git("rev-parse", "HEAD")
  }

  /// Merges branches into the current one, signed by a member.
  @discardableResult
  func merge(
    _ branches: [String], as member: Member, _ people: People, message: String = "Merge",
    options: [String] = []
  ) throws -> String {
    try Programs.command(
      "git",
      Self.settings(member, people)
        + ["merge", "--quiet", "--no-ff", "-S", "--message", message] + options + branches,
      in: path)
    return try git("rev-parse", "HEAD")
  }

  /// Commits the index with any parents, signed by a member, or by nobody.
  func commit(parents: [String], as member: Member?, _ people: People) throws -> String {
    let tree = try git("write-tree")
    let signing = member.map { Self.settings($0, people) } ?? []
    let seal = member == nil ? [] : ["-S"]
    let arguments =
      signing + ["commit-tree"] + seal + parents.flatMap { ["-p", $0] } + ["-m", "Change", tree]
    return try Programs.command("git", arguments, in: path)
      .trimmingCharacters(in: .newlines)
  }
}

/// A program named `ssh-keygen` before the real one, which counts how often it is started.
struct CountingKeygen: Sendable {
  private let folder: Folder

  init() throws {
    folder = try Folder()
    let script = "#!/bin/sh\necho x >>'\(folder.path)/calls'\nexec /usr/bin/ssh-keygen \"$@\"\n"
    // By a child: what this process has open for writing, or a child of it meanwhile, cannot run.
    try Programs.command(
      "sh",
      [
        "-c", "printf '%s' \"$1\" >\"$2\" && chmod 755 \"$2\"", "sh", script,
        "\(folder.path)/ssh-keygen",
      ])
  }

  var path: String { "\(folder.path):/usr/bin:/bin" }

  var keygen: SSHKeygen { SSHKeygen(environment: ["PATH": path]) }

  /// How often it was started.
  var calls: Int {
    let data = FileManager.default.contents(atPath: "\(folder.path)/calls") ?? Data()
    return data.count / 2
  }
}

/// A bare repository that clones push to.
struct Remote: Sendable {
  let folder: Folder

  var path: String { folder.path + "/remote.git" }
  var address: String { "file://\(path)" }

  /// Of a repository, which gets it as `origin`.
  init(of repository: DefinitionsRepository) throws {
    folder = try Folder()
    try Programs.command("git", ["clone", "--quiet", "--bare", repository.path, path])
    try repository.git("remote", "add", "origin", address)
    try repository.git("fetch", "--quiet", "origin")
    try repository.git("remote", "set-head", "origin", "main")
  }
}
