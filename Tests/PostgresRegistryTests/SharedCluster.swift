// One PostgreSQL for the whole test run, made by the means that the program itself uses. A template
// database is migrated once; each test gets a copy of it, or an empty database, under its own name.

import Documents
import Foundation
import Testing

@testable import PostgresRegistry

/// The cluster of this test process.
actor SharedCluster {
  static let shared = SharedCluster()

  private var starting: Task<PrivateDatabase, any Error>?
  private var databases = 0

  /// The connection string of a new database, migrated unless `isEmpty`.
  func makeDatabase(isEmpty: Bool = false) async throws -> String {
    let running = try await cluster()
    databases += 1
    let name = "test_\(databases)"
    let template = isEmpty ? "template0" : "flagstaff_template"
    let connection = try PostgresConnection(url: running.url)
    try connection.runOutsideTransaction(
      "CREATE DATABASE \(identifier: name) TEMPLATE \(identifier: template)")
    return Self.url(running.url, database: name)
  }

  /// The connection string of another database or login of the same cluster.
  static func url(_ url: String, login: String = "flagstaff", database: String) -> String {
    let query = url.split(separator: "?").last ?? ""
    return "postgresql://\(login)@/\(database)?\(query)"
  }

  private func cluster() async throws -> PrivateDatabase {
    if let starting { return try await starting.value }
    let task = Task {
      let folder = try temporaryFolder()
      let cluster = try PrivateDatabase(stateDirectory: folder)
      let url = try await cluster.start()
      remove(folder: folder, andServerAtExit: "\(folder)/postgres/data/postmaster.pid")
      let connection = try PostgresConnection(url: url)
      // Tests write a lot, and nothing of it must outlive them.
      try connection.runOutsideTransaction("ALTER SYSTEM SET fsync = off")
      try connection.runOutsideTransaction("SELECT pg_reload_conf()")
      try connection.runOutsideTransaction(
        "CREATE DATABASE flagstaff_template TEMPLATE template0")
      let template = try PostgresConnection(url: Self.url(url, database: "flagstaff_template"))
      try RegistrySchema.prepare(template)
      return cluster
    }
    starting = task
    return try await task.value
  }
}

/// A new folder with a short path that the server's account can reach.
func temporaryFolder() throws -> String {
  let folder = "/tmp/fs-\(getpid())-\(UInt32.random(in: 0 ... .max))"
  try FileManager.default.createDirectory(
    atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
  return folder
}

/// A connection to a new, migrated database.
func makeConnection() async throws -> PostgresConnection {
  try PostgresConnection(url: await SharedCluster.shared.makeDatabase())
}

/// Expects a `RegistryError` of the given code and hands it on.
@discardableResult
func expectError<T>(
  _ code: RegistryError.Code, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> T
) -> RegistryError? {
  let error = #expect(throws: RegistryError.self, sourceLocation: sourceLocation) {
    _ = try body()
  }
  #expect(error?.code == code, "\(String(describing: error))", sourceLocation: sourceLocation)
  return error
}

/// Written once, when the cluster has started, and read once, when the process ends.
nonisolated(unsafe) private var leftovers: (folder: String, processFile: String)?

private func remove(folder: String, andServerAtExit processFile: String) {
  leftovers = (folder, processFile)
  atexit {
    guard let leftovers else { return }
    if let text = try? String(contentsOfFile: leftovers.processFile, encoding: .utf8),
      let process = text.split(separator: "\n").first.flatMap({ pid_t($0) })
    {
      kill(process, SIGQUIT)
      for _ in 0..<200 where kill(process, 0) == 0 { usleep(10_000) }
    }
    try? FileManager.default.removeItem(atPath: leftovers.folder)
  }
}
