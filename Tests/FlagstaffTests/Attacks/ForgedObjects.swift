// Git objects as an attacker writes them, past `git commit` and `flagstaff approve`: raw commits
// with any headers, refs of signers that hold anything, statements that are signed for something
// else. The signatures are real ones, by ssh-keygen.

import Foundation
import GitSource
import SSHSignatures
import TestHarness
import Testing

extension Gated {
  /// Writes an object of any content, and returns its id.
  func object(_ type: String, _ bytes: [UInt8]) throws -> String {
    let file = repository.path + "/.git/forged"
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return try repository.git("hash-object", "-t", type, "-w", "--literally", file)
  }

  /// A signature in its armor.
  func signature(
    over bytes: [UInt8], as name: String, for namespace: String
  ) throws -> [UInt8] {
    let file = repository.path + "/.git/signed"
    try? FileManager.default.removeItem(atPath: file + ".sig")
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    try Programs.command(
      "ssh-keygen",
      ["-q", "-Y", "sign", "-n", namespace, "-f", "\(people.folder.path)/\(name)", file])
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: file + ".sig")))
  }

  // MARK: Commits

  /// The bytes of a commit.
  func bytes(ofCommit id: String) throws -> [UInt8] {
    // What `git` writes ends without the line break that the output of a command may lack.
    let text = try Programs.command("git", ["cat-file", "commit", id], in: repository.path)
    return Array(text.utf8)
  }

  /// The same commit with further headers, behind all others, and what it is of; `main` follows.
  @discardableResult
  func reseal(_ id: String, with headers: [(name: String, armored: [UInt8])]) throws -> String {
    let lines = headers.map { name, armored in
      let text = String(decoding: armored, as: UTF8.self).trimmingCharacters(in: .newlines)
      return "\(name) " + text.replacingOccurrences(of: "\n", with: "\n ") + "\n"
    }
    let text = String(decoding: try bytes(ofCommit: id), as: UTF8.self)
    let end = try #require(text.range(of: "\n\n"))
    let new = text[..<end.lowerBound] + "\n" + lines.joined() + text[end.lowerBound...].dropFirst()
    let commit = try object("commit", Array(new.utf8))
    try repository.git("reset", "--quiet", "--hard", commit)
    return commit
  }

  // MARK: Refs of signers

  func ref(of name: String) throws -> String {
    ApprovalRef.name(try SSHPublicKey(SSHKeyPair(seed: name).publicText).identifier)
  }

  /// The statements in a signer's ref, in the order of their files.
  func statements(of name: String) throws -> [[UInt8]] {
    let ref = try ref(of: name)
    return try repository.git("ls-tree", "--name-only", ref).split(separator: "\n")
      .filter { $0.hasSuffix(".json") }.map {
        Array(try Programs.command("git", ["show", "\(ref):\($0)"], in: repository.path).utf8)
      }
  }

  /// The signature of the first statement of a signer's ref.
  func firstSignature(of name: String) throws -> [UInt8] {
    let ref = try ref(of: name)
    let files = try repository.git("ls-tree", "--name-only", ref).split(separator: "\n")
    let file = try #require(files.first { $0.hasSuffix(".sig") })
    return Array(try Programs.command("git", ["show", "\(ref):\(file)"], in: repository.path).utf8)
  }

  /// Lets a signer's ref hold some statements with their signatures, and nothing else.
  func write(
    _ entries: [(statement: [UInt8], signature: [UInt8])], toRefOf name: String
  ) throws {
    var tree = ""
    for (number, entry) in entries.enumerated() {
      let file = String(format: "%064x", number)
      tree += "100644 blob \(try object("blob", entry.statement))\t\(file).json\n"
      tree += "100644 blob \(try object("blob", entry.signature))\t\(file).sig\n"
    }
    try point(refOf: name, toTree: tree)
  }

  /// Lets a signer's ref lead to a commit of a tree, given as `git mktree` reads it.
  func point(refOf name: String, toTree lines: String) throws {
    let file = repository.path + "/.git/tree"
    try Data(lines.utf8).write(to: URL(fileURLWithPath: file))
    let tree = try Programs.command(
      "sh", ["-c", "git mktree --missing <.git/tree"], in: repository.path
    ).trimmingCharacters(in: .newlines)
    let commit = try repository.git("commit-tree", "-m", "Statements", tree)
    try repository.git("update-ref", try ref(of: name), commit)
  }
}

extension [UInt8] {
  func replacing(_ text: String, with other: String) -> [UInt8] {
    Array(
      String(decoding: self, as: UTF8.self).replacingOccurrences(of: text, with: other).utf8)
  }
}
