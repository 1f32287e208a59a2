// A real Git repository in a temporary folder, made with the `git` command under an environment of
// its own, so that nobody's configuration changes a test.

import Foundation

/// A folder that goes away with its last reference.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    let name = "flagstaff-git-\(UUID().uuidString)"
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }
}

struct CommandFailure: Error, CustomStringConvertible {
  let description: String
}

/// Runs a command to its end and returns what it wrote to its standard output.
@discardableResult
func command(
  _ name: String, _ arguments: [String], in folder: String, input: [UInt8] = [],
  environment: [String: String] = [:]
) throws -> String {
  let scratch = try TemporaryFolder()
  try Data(input).write(to: URL(fileURLWithPath: scratch.path + "/input"))
  // Plain system calls: Foundation's `Process` takes many times as long.
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  let creates = O_WRONLY | O_CREAT
  posix_spawn_file_actions_addopen(&actions, 0, scratch.path + "/input", O_RDONLY, 0)
  posix_spawn_file_actions_addopen(&actions, 1, scratch.path + "/output", creates, 0o600)
  posix_spawn_file_actions_addopen(&actions, 2, scratch.path + "/errors", creates, 0o600)
  let words = (["env", "--chdir", folder, name] + arguments).map { strdup($0) } + [nil]
  let variables =
    isolatedEnvironment.merging(environment) { $1 }
    .map { strdup("\($0.key)=\($0.value)") } + [nil]
  defer { for word in words + variables { free(word) } }
  var process: pid_t = 0
  guard posix_spawnp(&process, "env", &actions, nil, words, variables) == 0 else {
    throw CommandFailure(description: "\(name) cannot be started")
  }
  var status: CInt = 0
  while waitpid(process, &status, 0) < 0, errno == EINTR {}
  func text(_ file: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: scratch.path + file)), as: UTF8.self)
  }
  guard status == 0 else {
    throw CommandFailure(description: "\(name) \(arguments): \(try text("/errors"))")
  }
  return try text("/output")
}

let isolatedEnvironment = [
  "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
  "HOME": "/nonexistent",
  "GIT_CONFIG_GLOBAL": "/dev/null",
  "GIT_CONFIG_NOSYSTEM": "1",
  "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@acme.example",
  "GIT_AUTHOR_DATE": "2026-11-20T08:00:00Z",
  "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@acme.example",
  "GIT_COMMITTER_DATE": "2026-11-20T08:00:00Z",
]

struct TestRepository {
  let folder: TemporaryFolder

  var path: String { folder.path }

  init() throws {
    folder = try TemporaryFolder()
    try git("init", "--quiet", "--initial-branch=main")
  }

  /// Runs `git` and returns its output without the final newline.
  @discardableResult
  func git(_ arguments: String..., input: String = "") throws -> String {
    let output = try command("git", arguments, in: path, input: Array(input.utf8))
    return output.hasSuffix("\n") ? String(output.dropLast()) : output
  }

  func write(_ content: String, to file: String) throws {
    let url = URL(fileURLWithPath: path + "/" + file)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(content.utf8).write(to: url)
  }

  func remove(_ file: String) throws {
    try FileManager.default.removeItem(atPath: path + "/" + file)
  }

  /// Commits everything and returns the commit's id.
  @discardableResult
  func commit(_ message: String = "Change") throws -> String {
    try git("add", "--all")
    try git("commit", "--quiet", "--allow-empty", "--message", message)
    return try git("rev-parse", "HEAD")
  }

  /// Writes a tree as given to `git mktree`, and returns its id.
  func tree(_ entries: [String]) throws -> String {
    let output = try command(
      "git", ["mktree", "--missing", "-z"], in: path,
      input: Array(entries.map { $0 + "\0" }.joined().utf8))
    return output.trimmingCharacters(in: .newlines)
  }

  /// Stores the bytes of an object as they are, however wrong.
  func object(type: String, _ bytes: [UInt8]) throws -> String {
    let output = try command(
      "git", ["hash-object", "-t", type, "--literally", "-w", "--stdin"], in: path, input: bytes)
    return output.trimmingCharacters(in: .newlines)
  }

  /// Commits a tree and returns the commit's id.
  func commit(tree: String) throws -> String {
    try git("commit-tree", tree, "-m", "Odd")
  }
}
