// The worker over real connections that real servers end, and the whole room behind a pooler that
// gives each transaction another server connection.

import Documents
import Foundation
import Testing

@testable import PostgresRegistry

@Suite struct WorkerTests {
  private let identify: @Sendable (PostgresConnection) throws -> Int = { connection in
    try connection.transaction { try $0.run("SELECT pg_backend_pid()").only().int(0) }
  }

  @Test("An idle connection that the server ended is replaced without anybody noticing")
  func reconnects() async throws {
    let url = try await SharedCluster.shared.makeDatabase()
    let worker = RegistryWorker(url: url)
    let first = try await worker.run(identify)
    #expect(try await worker.run(identify) == first)
    try end(backend: first, url: url)
    #expect(try await worker.run(identify) != first)
  }

  @Test("Work that had begun when the connection was lost is not repeated")
  func doesNotRepeat() async throws {
    let url = try await SharedCluster.shared.makeDatabase()
    let worker = RegistryWorker(url: url)
    let first = try await worker.run(identify)
    let error = await #expect(throws: RegistryError.self) {
      try await worker.run { connection in
        try connection.transaction { transaction in
          try insertTombstone(transaction, key: "once")
          let backend = try transaction.run("SELECT pg_backend_pid()").only().int(0)
          try end(backend: backend, url: url)
          try transaction.run("SELECT 1")
        }
      }
    }
    #expect(error?.code == .unreachable)
    #expect(error?.consequence == .retry)
    #expect(try await worker.run(identify) != first)
    let count = try await worker.run { connection in
      try connection.transaction { try $0.run("SELECT count(*) FROM tombstones").only().int(0) }
    }
    #expect(count == 0)
  }

  @Test("A connection lost while committing leaves the outcome unknown, and says so")
  func lostCommit() async throws {
    let url = try await SharedCluster.shared.makeDatabase()
    let connection = try PostgresConnection(url: url)
    expectError(.commitUnknown) {
      try connection.transaction { transaction in
        let backend = try transaction.run("SELECT pg_backend_pid()").only().int(0)
        try end(backend: backend, url: url)
      }
    }
  }

  @Test("A connection that cannot be made is tried again by the next use")
  func triesAgain() async throws {
    let worker = RegistryWorker(url: "postgresql:///x?host=/nowhere")
    for _ in 0..<2 {
      let error = await #expect(throws: RegistryError.self) { try await worker.run(identify) }
      #expect(error?.code == .unreachable)
    }
  }

  @Test("Blocking statements do not hold up the rest of the program")
  func staysOffTheCooperativePool() async throws {
    let url = try await SharedCluster.shared.makeDatabase()
    let start = ContinuousClock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<16 {
        let worker = RegistryWorker(url: url)
        group.addTask {
          try await worker.run { connection in
            try connection.transaction { _ = try $0.run("SELECT pg_sleep(0.5)") }
          }
        }
      }
      try await group.waitForAll()
    }
    // One after the other would take 8 seconds, two at a time 4.
    #expect(ContinuousClock.now - start < .seconds(3))
  }

  private func end(backend: Int, url: String) throws {
    let other = try PostgresConnection(url: url)
    try other.runOutsideTransaction("SELECT pg_terminate_backend(\(backend)::int, 5000)")
  }
}

@Suite struct PoolerTests {
  private static let program = "/usr/sbin/pgbouncer"
  private static let isInstalled = access(program, X_OK) == 0

  @Test(
    "Everything works behind PgBouncer in transaction mode, many clients on one server connection",
    .enabled(if: isInstalled, "pgbouncer is not installed: apt-get install pgbouncer"))
  func transactionMode() async throws {
    let direct = try await SharedCluster.shared.makeDatabase(isEmpty: true)
    try await withPooler(for: direct) { url in
      let first = try PostgresConnection(url: url)
      let second = try PostgresConnection(url: url)
      #expect(try RegistrySchema.prepare(first) == Migration.all.count)
      #expect(try RegistrySchema.prepare(second) == 0)
      var backends: Set<Int> = []
      for round in 0..<20 {
        let connection = round.isMultiple(of: 2) ? first : second
        try connection.transaction { transaction in
          backends.insert(try transaction.run("SELECT pg_backend_pid()").only().int(0))
          let role = try transaction.run("SELECT current_user::text").only().string(0)
          #expect(role == "flagstaff_app")
          try transaction.run(
            script: "CREATE TEMP TABLE incoming (LIKE tombstones) ON COMMIT DROP")
          try transaction.copyIn(
            table: "incoming",
            columns: ["environment", "customer", "kind", "key", "generation", "deleted"]
          ) { rows in
            for number in 0..<10 {
              try rows.text("production")
              try rows.text("acme")
              try rows.text("flag")
              try rows.text("key-\(round)-\(number)")
              rows.int(1)
              try rows.text("now")
              try rows.endRow()
            }
          }
          try transaction.run("INSERT INTO tombstones SELECT * FROM incoming")
        }
      }
      #expect(backends.count == 1)
      let count: SQL = "SELECT count(*) FROM tombstones"
      #expect(try second.transaction(isReadOnly: true) { try $0.run(count).only().int(0) } == 200)
    }
  }

  private func withPooler(for url: String, _ body: (String) throws -> Void) async throws {
    let host = try #require(url.split(separator: "=").last)
    let name = try #require(url.split(separator: "/")[2].split(separator: "?").first)
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(chmod(folder, 0o777) == 0)
    try "\"flagstaff\" \"\"\n".write(
      toFile: folder + "/users", atomically: true, encoding: .utf8)
    try """
    [databases]
    \(name) = host=\(host) user=flagstaff
    [pgbouncer]
    pool_mode = transaction
    default_pool_size = 1
    auth_type = trust
    auth_file = \(folder)/users
    unix_socket_dir = \(folder)
    listen_port = 6432
    """.write(toFile: folder + "/ini", atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.program)
    // Like PostgreSQL it refuses to be root, and changes to another account by itself.
    let account = try Account.serving(folder: String(host))
    process.arguments = (account.isOther ? ["-u", account.name] : []) + ["-q", folder + "/ini"]
    process.standardError = FileHandle.nullDevice
    try process.run()
    defer {
      // Not SIGTERM: a child of Foundation inherits the signal mask of Dispatch's threads.
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    for _ in 0..<200 where access(folder + "/.s.PGSQL.6432", F_OK) != 0 {
      try await Task.sleep(for: .milliseconds(20))
    }
    try body("postgresql://flagstaff@/\(name)?host=\(folder)&port=6432")
  }
}
