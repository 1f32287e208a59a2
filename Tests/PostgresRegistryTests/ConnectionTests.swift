// Statements, values and transactions against a real server: what is bound arrives as it was, what
// fails says why, and nothing that is secret is said.

import Documents
import Foundation
import Testing

@testable import PostgresRegistry

/// Text that breaks careless quoting, escaping or transport.
private let hostileTexts = [
  "", " ", "'", "''; DROP TABLE experimentation.scopes; --", "\"", "\\", "\\\\", "\\N", "\\.", "\t",
  "\n", "\r\n", "a\tb\nc\\d", "$1", "{a,b}", "NULL", "null", "\u{1}\u{1F}\u{7F}", "é", "e\u{301}",
  "👩‍👩‍👧‍👦", "%s%n", "\\x00", "\u{FEFF}x", "x\\", "{\"a\\\"b\"}", "\\t\\n", "\u{2028}",
]

@Suite struct ConnectionTests {
  @Test("Whatever text is bound comes back byte for byte", arguments: hostileTexts)
  func bindsText(_ text: String) async throws {
    let connection = try await makeConnection()
    let row = try connection.transaction { transaction in
      try transaction.run("SELECT \(text)::text AS value, \([text, "", text])::text[] AS list")
        .only()
    }
    #expect(try row.utf8("value") == Array(text.utf8))
    let back = try connection.transaction { transaction in
      try transaction.run("SELECT e::text FROM unnest(\([text, "", text])) AS e")
        .map { try $0.utf8(0) }
    }
    #expect(back == [Array(text.utf8), [], Array(text.utf8)])
  }

  @Test("Numbers, booleans, bytes, instants and null keep their values")
  func bindsTypes() async throws {
    let connection = try await makeConnection()
    let bytes = (0...255).map { UInt8($0) }
    let instant = try #require(Instant("2026-11-23T09:00:00Z"))
    let row = try connection.transaction { transaction in
      try transaction.run(
        """
        SELECT \(Int.min) AS low, \(Int.max) AS high, \(true) AS yes, \(false) AS no,
          \(bytes) AS bytes, \([UInt8]()) AS empty, \(instant) AS instant,
          \(nil as String?)::text AS text, \(nil as Int?) AS int, \(nil as Instant?) AS never,
          (\(nil as [UInt8]?) IS NULL AND \(nil as Bool?) IS NULL) AS nothing
        """
      ).only()
    }
    #expect(try row.int("low") == Int.min)
    #expect(try row.int("high") == Int.max)
    #expect(try row.bool("yes"))
    #expect(try !row.bool("no"))
    #expect(try row.bytes("bytes") == bytes)
    #expect(try row.bytes("empty") == [])
    #expect(try row.instant("instant") == instant)
    #expect(try row.optionalString("text") == nil)
    #expect(try row.optionalInt("int") == nil)
    #expect(try row.optionalInstant("never") == nil)
    #expect(try row.bool("nothing"))
    #expect(try row.int(1) == Int.max)
  }

  @Test("A column that is missing, null or of another type is an error, not a default")
  func refusesWrongTypes() async throws {
    let connection = try await makeConnection()
    let row = try connection.transaction { transaction in
      try transaction.run(
        "SELECT 'x' AS text, NULL AS nothing, now() + interval '1 ms' AS fraction"
      ).only()
    }
    expectError(.corrupt) { try row.int("text") }
    expectError(.corrupt) { try row.bool("text") }
    expectError(.corrupt) { try row.bytes("text") }
    expectError(.corrupt) { try row.instant("text") }
    expectError(.corrupt) { try row.string("nothing") }
    expectError(.corrupt) { try row.string("absent") }
    expectError(.corrupt) { try row.string(3) }
    expectError(.corrupt) { try row.optionalInt("text") }
    let nothing = try connection.transaction { try $0.run("SELECT 1 WHERE false") }
    expectError(.corrupt) { try nothing.only() }
  }

  @Test("Text with U+0000 is refused before it is sent, in statements and in copies")
  func refusesZeroBytes() async throws {
    let connection = try await makeConnection()
    expectError(.invalidValue) {
      try connection.transaction { try $0.run("SELECT \("a\0b")::text") }
    }
    expectError(.invalidValue) {
      try connection.transaction { transaction in
        try transaction.run(script: "CREATE TEMP TABLE copied (t text) ON COMMIT DROP")
        try transaction.copyIn(table: "copied", columns: ["t"]) { rows in
          try rows.text("a\0b")
          try rows.endRow()
        }
      }
    }
    #expect(try connection.transaction { try $0.run("SELECT 1").only().int(0) } == 1)
  }

  @Test("An error names the statement and hides the values")
  func hidesValues() async throws {
    let connection = try await makeConnection()
    let secret = "s3cret \"quoted\" value"
    let wrong = expectError(.invalidValue) {
      try connection.transaction { try $0.run("SELECT \(secret)::uuid") }
    }
    #expect(wrong?.description.contains("s3cret") == false)
    #expect(wrong?.description.contains("quoted") == false)
    #expect(wrong?.statement == "SELECT $1::uuid")
    let twice = expectError(.conflict) {
      try connection.transaction { transaction in
        try transaction.run(script: "CREATE TEMP TABLE once (t text PRIMARY KEY)")
        try transaction.run("INSERT INTO once VALUES (\(secret)), (\(secret))")
      }
    }
    #expect(twice?.sqlState == "23505")
    #expect(twice?.description.contains("s3cret") == false)
  }

  @Test("A transaction whose body throws leaves nothing behind")
  func rollsBack() async throws {
    struct Stop: Error {}
    let connection = try await makeConnection()
    #expect(throws: Stop.self) {
      try connection.transaction { transaction in
        try insertTombstone(transaction, key: "gone")
        throw Stop()
      }
    }
    let count: SQL = "SELECT count(*) FROM tombstones"
    #expect(try connection.transaction { try $0.run(count).only().int(0) } == 0)
    // A body that swallows a failure must not look committed.
    expectError(.unexpected) {
      try connection.transaction { transaction in
        try insertTombstone(transaction, key: "gone")
        _ = try? transaction.run("SELECT 1/0")
      }
    }
    #expect(try connection.transaction { try $0.run(count).only().int(0) } == 0)
  }

  @Test("Nothing that a transaction sets outlives it")
  func leavesNoSessionState() async throws {
    let connection = try await makeConnection()
    let settings: SQL = """
      SELECT string_agg(name || '=' || setting, ',' ORDER BY name) FROM pg_settings
      WHERE name <> 'transaction_isolation' AND name <> 'transaction_read_only'
      """
    let before = try connection.runOutsideTransaction(settings).only().string(0)
    try connection.transaction(isolation: .repeatableRead, isReadOnly: true) { transaction in
      let role = try transaction.run("SELECT current_user::text").only().string(0)
      #expect(role == "flagstaff_app")
    }
    #expect(try connection.runOutsideTransaction(settings).only().string(0) == before)
    #expect(
      try connection.runOutsideTransaction("SELECT current_user::text").only()
        .string(0) == "flagstaff")
  }

  @Test("A statement, and the wait for a lock, end at their time-outs")
  func timesOut() async throws {
    let url = try await SharedCluster.shared.makeDatabase()
    let timeouts = PostgresConnection.Timeouts(
      statementMilliseconds: 2_000, lockMilliseconds: 100, idleMilliseconds: 300)
    let impatient = try PostgresConnection(url: url, timeouts: timeouts)
    let holder = try PostgresConnection(url: url)
    try holder.transaction { transaction in
      try transaction.run(script: "LOCK TABLE tombstones")
      let error = expectError(.lockTimeout) {
        try impatient.transaction { try $0.run("SELECT FROM tombstones") }
      }
      #expect(error?.consequence == .retry)
    }
    let brief = try PostgresConnection(
      url: url, timeouts: PostgresConnection.Timeouts(statementMilliseconds: 100))
    expectError(.timeout) { try brief.transaction { try $0.run("SELECT pg_sleep(10)") } }
    // A program that falls silent inside a transaction loses it, and its locks.
    try? impatient.transaction { transaction in
      try fallSilent()
      let error = expectError(.unreachable) { try transaction.run("SELECT 1") }
      #expect(error?.reason.contains("idle-in-transaction") == true)
    }
    #expect(impatient.isBroken)
  }

  @Test("A database that its owner made read-only is told as such")
  func readOnlyDatabase() async throws {
    let url = try await SharedCluster.shared.makeDatabase()
    let owner = try PostgresConnection(url: url)
    let name = try owner.runOutsideTransaction("SELECT current_database()::text").only().string(0)
    try owner.runOutsideTransaction(
      "ALTER DATABASE \(identifier: name) SET default_transaction_read_only = on")
    let connection = try PostgresConnection(url: url)
    let error = expectError(.readOnly) {
      try connection.transaction { try insertTombstone($0, key: "k") }
    }
    #expect(error?.consequence == .stalled)
    expectError(.readOnly) {
      try owner.transaction(isReadOnly: true) { try insertTombstone($0, key: "k") }
    }
  }

  @Test(
    "Where nobody answers, the error names the host and never the password",
    arguments: [
      "postgresql://bob:hunter2@127.0.0.1:1/x", "host=127.0.0.1 port=1 user=bob password=hunter2",
      "postgresql://bob@127.0.0.1:1/x?password=hunter2", "postgresql:///x?host=/nowhere/hunter3",
      "postgresql://bob:hunter2@127.0.0.1:1/x?connect_timeout=1",
    ])
  func unreachable(_ url: String) throws {
    let error = expectError(.unreachable) { try PostgresConnection(url: url) }
    #expect(error?.consequence == .retry)
    #expect(error?.description.contains("hunter2") == false)
    #expect(error?.description.contains("connecting to the registry at") == true)
  }

  @Test(
    "A connection string that is not one, or cannot be meant, is refused without being quoted",
    arguments: [
      "postgresql://bob:hun@ter2@db/x", "postgresql://bob:hunter2/x@db/y", "hunter2",
      "postgresql://bob:hunter2?@db/x", "host=db password='hunter2", "postgresql://[hunter2",
    ])
  func notAConnectionString(_ url: String) throws {
    let error = expectError(.unexpected) { try PostgresConnection(url: url) }
    for part in ["hun", "ter2"] { #expect(error?.description.contains(part) == false) }
  }

  @Test("A server that takes the connection and never answers is given up at the deadline")
  func silentServer() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { path in
      path.copyBytes(from: "\(folder)/.s.PGSQL.5432".utf8)
    }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(bound == 0 && listen(listener, 1) == 0)
    let error = expectError(.unreachable) {
      try PostgresConnection(url: "postgresql:///x?host=\(folder)&connect_timeout=1")
    }
    #expect(error?.reason == "no answer within 1 seconds")
    #expect(Limits.connectSecondsMax == 10)
  }

  @Test(
    "What a failure is follows the SQLSTATE, by its whole and by its class",
    arguments: [
      ("40001", "serialization", Consequence.retry), ("40P01", "serialization", .retry),
      ("55P03", "lock-timeout", .retry), ("57P01", "unreachable", .retry),
      ("08006", "unreachable", .retry), ("53300", "unreachable", .retry),
      ("23505", "conflict", .retry), ("28P01", "authentication", .stalled),
      ("42501", "permission", .stalled), ("25006", "read-only", .stalled),
      ("53100", "full", .stalled), ("3F000", "schema-missing", .stalled),
      ("42601", "unexpected", .stalled), ("XX001", "corrupt", .halt),
    ])
  func codes(_ state: String, _ code: String, _ consequence: Consequence) {
    #expect(RegistryError.Code(sqlState: state).rawValue == code)
    #expect(RegistryError.Code(sqlState: state).consequence == consequence)
  }

  @Test("A refusal of the server carries its SQLSTATE while connecting")
  func refusals() async throws {
    let url = try await SharedCluster.shared.makeDatabase()
    let missing = expectError(.databaseMissing) {
      try PostgresConnection(url: SharedCluster.url(url, database: "absent"))
    }
    #expect(missing?.sqlState == "3D000")
    expectError(.authentication) {
      try PostgresConnection(url: SharedCluster.url(url, login: "stranger", database: "postgres"))
    }
  }

  private func fallSilent() throws {
    var time = timespec(tv_sec: 0, tv_nsec: 600_000_000)
    nanosleep(&time, nil)
  }
}

func insertTombstone(_ transaction: borrowing PostgresTransaction, key: String) throws {
  try transaction.run(
    """
    INSERT INTO tombstones (environment, customer, kind, key, generation, deleted)
    VALUES ('production', 'acme', 'flag', \(key), 1, now())
    """)
}
