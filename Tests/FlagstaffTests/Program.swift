// The real programs, as their users run them: separate processes, found beside these tests, with a
// listed environment. What they wrote and how they ended, a signal included, is handed back.

import Foundation
import Testing

/// How a process ended and what it wrote.
struct Ended: Sendable, CustomStringConvertible {
  /// The exit code; nil where a signal ended it.
  var code: Int32?
  /// The signal that ended it, or nil.
  var signal: Int32?
  let output: String
  let errors: String
  let seconds: Double

  var description: String {
    "code \(code.map(String.init) ?? "-"), signal \(signal.map(String.init) ?? "-")\n"
      + "output: \(output.prefix(4_000))\nerrors: \(errors.prefix(4_000))"
  }
}

struct ProgramFailure: Error, CustomStringConvertible {
  let description: String
}

/// A process that runs, with its output in files.
final class Running: Sendable {
  let process: pid_t
  private let scratch: Folder
  private let began = ContinuousClock.now

  /// Starts a program with exactly the given variables.
  init(_ program: String, _ arguments: [String], variables: [String: String], in folder: String)
    throws
  {
    scratch = try Folder()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let creates = O_WRONLY | O_CREAT | O_APPEND
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, scratch.path + "/output", creates, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, scratch.path + "/errors", creates, 0o600)
    let words = ["env", "--chdir", folder, program] + arguments
    let argumentList = words.map { strdup($0) } + [nil]
    let environment = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for word in argumentList + environment { free(word) } }
    var process: pid_t = 0
    guard posix_spawnp(&process, "env", &actions, nil, argumentList, environment) == 0 else {
      throw ProgramFailure(description: "\(program) cannot be started")
    }
    self.process = process
  }

  /// Long enough for a debug build on a busy machine, and more for a large repository.
  static let secondsMax = 240 + Double(DefinitionsRepository.generatedDefinitions) / 5

  var output: String { text("/output") }
  var errors: String { text("/errors") }

  private func text(_ file: String) -> String {
    let data = FileManager.default.contents(atPath: scratch.path + file) ?? Data()
    return String(decoding: data, as: UTF8.self)
  }

  func send(_ signal: Int32) { kill(process, signal) }

  /// Waits for the end; a process that takes longer than it may is killed, and that is a failure.
  func wait(secondsMax: Double = Running.secondsMax) throws -> Ended {
    let process = process
    let deadline = DispatchWorkItem { _ = kill(process, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + secondsMax, execute: deadline)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    deadline.cancel()
    let took = began.duration(to: .now)
    let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18
    guard seconds < secondsMax else {
      throw ProgramFailure(description: "it ran for more than \(secondsMax) s: \(errors)")
    }
    let signal = status & 0x7f
    return Ended(
      code: signal == 0 ? (status >> 8) & 0xff : nil, signal: signal == 0 ? nil : signal,
      output: output, errors: errors, seconds: seconds)
  }
}

enum Programs {
  /// The folder of FLAGSTAFF_TEST_PROGRAMS, where `.ci/full` keeps programs that are fast enough for
  /// its size; else the one in which the test bundle lies, and the programs beside it.
  private static let folder: URL = {
    if let chosen = ProcessInfo.processInfo.environment["FLAGSTAFF_TEST_PROGRAMS"] {
      return URL(fileURLWithPath: chosen)
    }
    let arguments = CommandLine.arguments
    let flag = arguments.firstIndex(of: "--test-bundle-path")
    let bundle = flag.map { arguments[$0 + 1] } ?? arguments[0]
    var folder = URL(fileURLWithPath: bundle).resolvingSymlinksInPath()
    repeat {
      folder.deleteLastPathComponent()
    } while folder.path != "/"
      && !FileManager.default.isExecutableFile(atPath: folder.path + "/flagstaff")
    return folder
  }()

  static let flagstaff = folder.appendingPathComponent("flagstaff").path
  static let bench = folder.appendingPathComponent("flagstaff-bench").path

  /// Runs another command that has to succeed, and returns its output.
  @discardableResult
  static func command(
    _ name: String, _ arguments: [String], in folder: String = "/",
    variables: [String: String] = [:]
  ) throws -> String {
    let environment = Self.variables.merging(variables) { $1 }
    let ended = try Running(name, arguments, variables: environment, in: folder).wait()
    guard ended.code == 0 else {
      throw ProgramFailure(description: "\(name) \(arguments): \(ended)")
    }
    return ended.output
  }

  /// What every process gets: nothing of whoever runs the tests but the search path.
  static let variables = [
    "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
    "HOME": "/nonexistent", "LANG": "C.UTF-8",
    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@acme.example",
    "GIT_AUTHOR_DATE": "2026-11-20T08:00:00Z",
    "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@acme.example",
    "GIT_COMMITTER_DATE": "2026-11-20T08:00:00Z",
  ]
}

/// A folder under /tmp that goes away with its last reference. Its path is short enough for the
/// socket of a private PostgreSQL, and others may enter it, since that runs as another user.
final class Folder: Sendable {
  let path: String

  init() throws {
    _ = Self.sweeping
    path = "/tmp/fst-\(getpid())-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
  }

  /// What lives until the process ends is removed then.
  private static let sweeping: Void = {
    atexit {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: "/tmp")) ?? []
      for name in names where name.hasPrefix("fst-\(getpid())-") {
        try? FileManager.default.removeItem(atPath: "/tmp/" + name)
      }
    }
  }()

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }
}
