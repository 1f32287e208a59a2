// Fetches by the real program: the tests start the built `flagstaff`, as the controller does. Both
// transports keep the same promises, so most tests run for both.

import Documents
import Foundation
import Testing

@testable import GitSource

/// A mirror in a state directory of its own, and how the tests fetch into it.
struct TestMirror {
  let state: TemporaryFolder
  let mirror: Mirror
  var environment = [
    "PATH": isolatedEnvironment["PATH"] ?? "", "HOME": "/nonexistent", "UNLISTED": "unlisted",
  ]

  init(of address: String) throws {
    state = try TemporaryFolder()
    mirror = Mirror(
      stateDirectory: state.path + "/state", address: try RemoteAddress(address))
  }

  func fetch(
    _ branch: String? = nil, _ transport: FetchTransport = .libgit2, deadlineSeconds: Int = 30
  ) async throws(GitError) -> Fetch.Outcome {
    try await Fetch(
      program: Self.program, mirror: mirror, branch: branch, transport: transport,
      environment: environment, deadlineSeconds: deadlineSeconds
    ).run()
  }

  /// The error of a fetch that must fail.
  func failure(
    _ branch: String? = nil, _ transport: FetchTransport = .libgit2, deadlineSeconds: Int = 30
  ) async throws -> GitError {
    try await #require(throws: GitError.self) {
      try await fetch(branch, transport, deadlineSeconds: deadlineSeconds)
    }
  }

  func repository() throws -> GitRepository { try GitRepository(path: mirror.path) }

  /// The program stands beside the tests.
  static let program = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("flagstaff").path
}

@Suite struct FetchTests {
  @Test("A fetch over file:// brings the default branch", arguments: FetchTransport.allCases)
  func fileAddress(transport: FetchTransport) async throws {
    let origin = try TestRepository()
    try origin.write("x", to: "shared/a.yaml")
    let first = try origin.commit()
    try origin.git("branch", "other")
    let mirror = try TestMirror(of: "file://\(origin.path)")
    let outcome = try await mirror.fetch(nil, transport)
    #expect(outcome.fetched.branch == "main")
    #expect(outcome.fetched.commit.hexadecimal == first)
    #expect(outcome.removed.isEmpty)
    let repository = try mirror.repository()
    #expect(try repository.head().hexadecimal == first)
    let second = try origin.commit("Two")
    #expect(try await mirror.fetch(nil, transport).fetched.commit.hexadecimal == second)
    // An open repository sees what another process has fetched.
    #expect(try repository.head(ofBranch: "main").hexadecimal == second)
    #expect(try repository.files(of: repository.head(), under: ["shared"]).files.count == 1)
    // Only the wanted branch is fetched, and nothing is written about the remote.
    #expect(throws: GitError.self) { try repository.head(ofBranch: "other") }
    #expect(try await mirror.fetch("other", transport).fetched.commit.hexadecimal == first)
    #expect(try repository.head().hexadecimal == second)
  }

  @Test("A rewritten branch is followed, and a deleted one stands in nobody's way")
  func rewritten() async throws {
    let origin = try TestRepository()
    try origin.commit("One")
    try origin.git("branch", "a")
    for transport in FetchTransport.allCases {
      let mirror = try TestMirror(of: "file://\(origin.path)")
      try origin.git("branch", "-f", "a", "main")
      _ = try await mirror.fetch("a", transport)
      try origin.git("commit", "--quiet", "--amend", "--allow-empty", "-m", "Other")
      let amended = try origin.git("rev-parse", "HEAD")
      #expect(try await mirror.fetch("main", transport).fetched.commit.hexadecimal == amended)
      try origin.git("branch", "-D", "a")
      try origin.git("branch", "a/b")
      #expect(try await mirror.fetch("a/b", transport).fetched.commit.hexadecimal == amended)
      try origin.git("branch", "-D", "a/b")
    }
  }

  @Test("An unknown branch is an error that names the remote's", arguments: FetchTransport.allCases)
  func unknownBranch(transport: FetchTransport) async throws {
    let origin = try TestRepository()
    try origin.commit()
    let mirror = try TestMirror(of: "file://\(origin.path)")
    let error = try await mirror.failure("mian", transport)
    #expect(error.code == .unknownBranch)
    #expect(error.description.contains("it has main"))
  }

  @Test("A remote that went away leaves the mirror as it was", arguments: FetchTransport.allCases)
  func vanishedRemote(transport: FetchTransport) async throws {
    let origin = try TestRepository()
    let commit = try origin.commit()
    let mirror = try TestMirror(of: "file://\(origin.path)")
    _ = try await mirror.fetch(nil, transport)
    try FileManager.default.removeItem(atPath: origin.path)
    let error = try await mirror.failure(nil, transport)
    #expect(error.code == .unreachable)
    #expect(error.consequence == .retry)
    #expect(try mirror.repository().head().hexadecimal == commit)
  }

  @Test(
    "A remote that falls silent ends at the deadline, with every process of the fetch gone",
    arguments: FetchTransport.allCases, ["https", "ssh"])
  func silentRemote(transport: FetchTransport, scheme: String) async throws {
    let server = try LoopbackServer.silent()
    let mirror = try TestMirror(of: "\(scheme)://localhost:\(server.port)/x.git")
    let start = ContinuousClock.now
    let error = try await mirror.failure(nil, transport, deadlineSeconds: 1)
    #expect(error.code == .hanging)
    #expect(error.description.contains("1 seconds"))
    #expect(ContinuousClock.now - start < .seconds(30))
    #expect(try processes(naming: mirror.mirror.path).isEmpty)
    // The lock is free again, as soon as the kernel has taken down what `git` had started.
    _ = try MirrorLock(of: mirror.mirror.path, at: mirror.mirror.lockPath, waitSeconds: 2)
  }

  @Test("What killed fetches left behind is removed, and said", arguments: FetchTransport.allCases)
  func leftovers(transport: FetchTransport) async throws {
    let origin = try TestRepository()
    try origin.commit("One")
    let mirror = try TestMirror(of: "file://\(origin.path)")
    _ = try await mirror.fetch(nil, transport)
    let planted = [
      "HEAD.lock", "config.lock", "objects/pack/pack_git2_AbCdEf", "objects/pack/tmp_pack_x1",
      "objects/tmp_obj_x", "packed-refs.lock", "refs/remotes/origin/HEAD.lock",
      "refs/remotes/origin/main.lock", "shallow.lock",
    ]
    for file in planted {
      try Data().write(to: URL(fileURLWithPath: mirror.mirror.path + "/" + file))
    }
    let second = try origin.commit("Two")
    let outcome = try await mirror.fetch(nil, transport)
    #expect(outcome.removed == planted)
    #expect(outcome.fetched.commit.hexadecimal == second)
    #expect(try command("git", ["fsck", "--strict"], in: mirror.mirror.path).isEmpty)
  }

  @Test("A mirror that another process holds is busy, and its locks are left alone")
  func busy() async throws {
    let origin = try TestRepository()
    try origin.commit("One")
    let mirror = try TestMirror(of: "file://\(origin.path)")
    _ = try await mirror.fetch()
    let file = mirror.mirror.path + "/config.lock"
    try Data().write(to: URL(fileURLWithPath: file))
    let lock = try MirrorLock(of: mirror.mirror.path, at: mirror.mirror.lockPath, waitSeconds: 1)
    let error = try await mirror.failure(deadlineSeconds: 3)
    #expect(error.code == .busy)
    #expect(error.consequence == .retry)
    #expect(FileManager.default.fileExists(atPath: file))
    withExtendedLifetime(lock) {}
  }

  @Test("Half a mirror, as a killed first fetch leaves it, is completed")
  func halfMirror() async throws {
    let origin = try TestRepository()
    let commit = try origin.commit("One")
    for half in ["objects", "refs/heads"] {
      let mirror = try TestMirror(of: "file://\(origin.path)")
      try FileManager.default.createDirectory(
        atPath: mirror.mirror.path + "/" + half, withIntermediateDirectories: true)
      #expect(try await mirror.fetch().fetched.commit.hexadecimal == commit)
    }
  }

  @Test("A program that cannot be started, or is another one, is an error")
  func wrongProgram() async throws {
    let origin = try TestRepository()
    try origin.commit()
    let mirror = try TestMirror(of: "file://\(origin.path)")
    for program in ["/nonexistent/flagstaff", "/bin/true", "/bin/false"] {
      let fetch = Fetch(
        program: program, mirror: mirror.mirror, branch: nil, environment: mirror.environment)
      let error = await #expect(throws: GitError.self) { try await fetch.run() }
      #expect(error?.code == .childFailed)
    }
  }

  @Test("The child refuses arguments that no parent gives")
  func childArguments() {
    for arguments in [[], ["libgit2"], ["cvs", "/m", "x", "", "1"], ["git", "/m", "x", "", "0"]] {
      #expect(FetchChild.run(arguments: arguments) == 64)
    }
  }

  @Test("An answer reads back as it was written, whatever its texts hold")
  func answers() throws {
    let commit = try #require(CommitID(String(repeating: "a", count: 40)))
    let fetched = FetchedBranch(branch: "a b", commit: commit)
    let good = FetchAnswer(text: FetchAnswer(removed: ["x y"], result: .success(fetched)).text)
    #expect(good.removed == ["x y"])
    #expect(try good.result?.get() == fetched)
    let error = GitError(.corrupt, operation: "a\ncommit b", reason: "c\u{1B}", remedy: "d")
    let bad = FetchAnswer(text: FetchAnswer(removed: [], result: .failure(error)).text)
    #expect(
      throws: GitError(.corrupt, operation: "a\\u{A}commit b", reason: "c\\u{1B}", remedy: "d")
    ) { try bad.result?.get() }
    #expect(FetchAnswer(text: "").result == nil)
  }
}

/// The running processes whose arguments name a text.
func processes(naming text: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { name in
    guard Int(name) != nil, let data = FileManager.default.contents(atPath: "/proc/\(name)/cmdline")
    else { return false }
    return String(decoding: data, as: UTF8.self).contains(text)
  }
}
