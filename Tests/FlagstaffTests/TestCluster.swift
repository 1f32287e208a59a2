// One PostgreSQL for the whole test process, made by the means that the program itself uses. Each
// test gets a database of its own, empty or a copy of one that another test run prepared.

import Foundation
import PostgresRegistry

actor TestCluster {
  static let shared = TestCluster()

  private var starting: Task<String, any Error>?
  private var databases = 0

  /// The connection string of a new database: empty, or a copy of another, which nobody uses.
  func makeDatabase(copying template: String? = nil) async throws -> String {
    let url = try await cluster()
    databases += 1
    let name = "flagstaff_test_\(databases)"
    let connection = try PostgresConnection(url: url)
    let source = template.map(Self.name) ?? "template0"
    try connection.runOutsideTransaction(
      "CREATE DATABASE \(identifier: name) TEMPLATE \(identifier: source)")
    return Self.url(url, database: name)
  }

  /// Removes a database, whoever is connected to it.
  func drop(_ url: String) async throws {
    let connection = try PostgresConnection(url: try await cluster())
    try connection.runOutsideTransaction(
      "DROP DATABASE \(identifier: Self.name(of: url)) WITH (FORCE)")
  }

  /// A connection as superuser to the cluster's first database.
  func administrator() async throws -> String { try await cluster() }

  static func name(of url: String) -> String {
    String(url.split(separator: "?")[0].split(separator: "/").last ?? "")
  }

  private static func url(_ url: String, database: String) -> String {
    let query = url.split(separator: "?").last ?? ""
    return "postgresql://flagstaff@/\(database)?\(query)"
  }

  private func cluster() async throws -> String {
    if let starting { return try await starting.value }
    let task = Task {
      let folder = try Folder()
      let database = try PrivateDatabase(stateDirectory: folder.path)
      let url = try await database.start()
      remove(folder, andServerAtExit: "\(folder.path)/postgres/data/postmaster.pid")
      return url
    }
    starting = task
    return try await task.value
  }
}

/// Written once, when the cluster has started, and read once, when the process ends.
nonisolated(unsafe) private var leftovers: (folder: Folder, processFile: String)?

private func remove(_ folder: Folder, andServerAtExit processFile: String) {
  leftovers = (folder, processFile)
  atexit {
    guard let leftovers else { return }
    if let text = try? String(contentsOfFile: leftovers.processFile, encoding: .utf8),
      let process = text.split(separator: "\n").first.flatMap({ pid_t($0) })
    {
      kill(process, SIGQUIT)
      for _ in 0..<200 where kill(process, 0) == 0 { usleep(10_000) }
    }
    try? FileManager.default.removeItem(atPath: leftovers.folder.path)
  }
}
