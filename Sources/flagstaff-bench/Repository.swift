// The Git repository and the registry of a benchmark: made by the `git` command, and by the private
// PostgreSQL, as a user would have them. No configuration of the machine reaches them.

import FlagstaffController
import FlagstaffCore
import Foundation
import GitSource
import PostgresRegistry
import SSHSignatures

extension Workplace {
  /// Turns the definitions into a repository with one commit, unless it is one.
  func makeRepository() throws {
    let path = definitions.appending(path: ".git").path(percentEncoded: false)
    if FileManager.default.fileExists(atPath: path) { return }
    try git("init", "--quiet", "--initial-branch=main")
    try commit("First")
    // As a fetched mirror has them: one pack, not ten thousand files.
    try git("gc", "--quiet")
  }

  /// Commits everything that the folder holds.
  func commit(_ subject: String) throws {
    try git("add", "--all")
    try git(
      "-c", "user.name=Benchmark", "-c", "user.email=benchmark@flagstaff.example", "commit",
      "--quiet", "-m", subject)
  }

  @discardableResult
  func git(_ arguments: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["git"] + arguments
    process.currentDirectoryURL = definitions
    process.environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
      "HOME": root.path(percentEncoded: false), "GIT_CONFIG_NOSYSTEM": "1",
    ]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw BenchmarkFailure("git \(arguments.joined(separator: " ")) failed")
    }
    return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines)
  }

  /// Words that differ from turn to turn, put into the hypothesis of one experiment.
  func changeOneFile(_ words: String) throws {
    let folder = definitions.appending(path: "customers")
    let paths = try FileManager.default.subpathsOfDirectory(
      atPath: folder.path(percentEncoded: false))
    for path in paths.sorted() where path.hasSuffix(".yaml") {
      let file = folder.appending(path: path)
      var lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
      let field = "    description: "
      guard let index = lines.firstIndex(where: { $0.hasPrefix(field) }) else { continue }
      lines[index] = field + words
      return try lines.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
    }
    throw BenchmarkFailure("no generated definition has a description in one line")
  }
}

/// An empty registry with an empty origin beside it.
struct BenchmarkRegistry {
  let worker: RegistryWorker
  private let database: PrivateDatabase
  private let keys: Keys
  private let state: String

  static func with(_ place: Workplace, _ body: (BenchmarkRegistry) async throws -> Void)
    async throws
  {
    let state = place.root.appending(path: "state").path(percentEncoded: false)
    let database = try PrivateDatabase(stateDirectory: state)
    let worker = RegistryWorker(url: try await database.start())
    let result: Result<Void, any Error>
    do {
      _ = try await worker.run { try RegistrySchema.prepare($0) }
      let registry = BenchmarkRegistry(
        worker: worker, database: database, keys: try Keys.load(from: [:], stateDirectory: state),
        state: state)
      result = .success(try await body(registry))
    } catch {
      result = .failure(error)
    }
    await worker.close()
    _ = await database.release()
    try? FileManager.default.removeItem(atPath: state)
    try result.get()
  }

  /// The secrets that audit events are written with.
  var auditKeys: AuditKeyring { keys.audit }

  /// A reconciler that remembers nothing, as a new process has it.
  func reconciler(
    of place: Workplace, _ selection: ScopeSelection = ScopeSelection()
  ) throws -> Reconciler {
    let address = try RemoteAddress(place.definitions.path(percentEncoded: false))
    return Reconciler(
      source: DefinitionsSource(address: address, branch: nil, fetch: nil), registry: worker,
      publishers: [
        Publisher(directory: state + "/origin", key: keys.signing, failpoints: Failpoints())
      ], keys: keys.audit,
      verifier: SignatureVerifier(SSHKeygen(environment: [:])), selection: selection)
  }
}
