// The schema's steps against a real server: who may apply them, two programs at once, a registry of
// a newer program; and what the application's role may not do to audit events.

import Documents
import Testing

@testable import PostgresRegistry

@Suite struct MigrationTests {
  @Test("An empty database is migrated once, and the second program finds nothing to do")
  func migratesOnce() async throws {
    let connection = try await emptyDatabase()
    #expect(try RegistrySchema.prepare(connection) == Migration.all.count)
    #expect(try RegistrySchema.prepare(connection) == 0)
    let rows = try connection.transaction { transaction in
      try transaction.run("SELECT * FROM migrations ORDER BY number")
    }
    #expect(try rows.map { try $0.int("number") } == Array(1...8))
    #expect(
      try rows.map { try $0.string("name") }
        == [
          "registry", "groups", "metrics", "audit", "approvals", "trust", "audit-storage", "kills",
        ])
    // Whoever does not know exclusion groups would give resting buckets away; whoever does not
    // know metrics would take a scope that has some for damaged; whoever does not know rotation
    // would call a log edited that went on under another key. Evidence is read by nobody who does
    // not know it. Whoever does not know kills would publish what is killed.
    #expect(try rows.map { try $0.int("oldest_program") } == [1, 2, 3, 4, 4, 6, 6, 8])
    #expect(RegistrySchema.programLevel == 8)
    for row in rows { _ = try row.instant("applied_at") }
  }

  @Test("Every relation belongs to flagstaff_owner; jsonb and events are compressed by lz4")
  func ownership() async throws {
    let connection = try await makeConnection()
    let strangers = try connection.transaction { transaction in
      try transaction.run(
        """
        SELECT relname::text FROM pg_class
        WHERE relnamespace = 'experimentation'::regnamespace
          AND (pg_get_userbyid(relowner) <> 'flagstaff_owner' OR relpersistence <> 'p')
        """
      ).map { try $0.string(0) }
    }
    #expect(strangers == [])
    let columns = try connection.transaction { transaction in
      try transaction.run(
        """
        SELECT count(*) FILTER (WHERE attcompression = 'l') AS lz4, count(*) AS "all"
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE relnamespace = 'experimentation'::regnamespace
          AND relkind = 'r'
          AND (atttypid = 'jsonb'::regtype OR relname = 'audit_events' AND attname = 'bytes')
        """
      ).only()
    }
    #expect(try columns.int("lz4") == columns.int("all"))
    #expect(try columns.int("all") > 10)
  }

  @Test("No column of an audit event leaves its row but for want of room in a page")
  func eventsInTheirRows() async throws {
    let connection = try await makeConnection()
    let leaving = try connection.transaction { transaction in
      try transaction.run(
        """
        SELECT attname::text FROM pg_attribute
        WHERE attrelid = 'experimentation.audit_events'::regclass AND attnum > 0
          AND attstorage NOT IN ('p', 'm')
        """
      ).map { try $0.string(0) }
    }
    #expect(leaving == [])
  }

  @Test("Of programs that migrate at once, each step is applied by one")
  func concurrently() async throws {
    let url = try await SharedCluster.shared.makeDatabase(isEmpty: true)
    let applied = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<4 {
        let worker = RegistryWorker(url: url)
        group.addTask { try await worker.run { try RegistrySchema.prepare($0) } }
      }
      return try await group.reduce(0, +)
    }
    #expect(applied == Migration.all.count)
  }

  @Test("A registry that demands a newer program is refused before anything is written")
  func tooNew() async throws {
    let connection = try await makeConnection()
    try connection.transaction(as: .owner) { transaction in
      try transaction.run(
        "INSERT INTO migrations (number, name, oldest_program) VALUES (90, 'later', 9)")
    }
    let later = Migration(number: 91, name: "unreached", oldestProgram: 1, script: "SELECT 1/0")
    let error = expectError(.schemaTooNew) {
      try RegistrySchema.prepare(
        connection, migrations: Migration.all + [later], programLevel: 8)
    }
    #expect(error?.reason.contains("this program is too old for the registry") == true)
    #expect(error?.consequence == .stalled)
    // The program for which it was migrated can live with it.
    #expect(
      try RegistrySchema.prepare(connection, migrations: Migration.all, programLevel: 9) == 0)
  }

  @Test("A step that fails leaves the schema at the step before it")
  func failingStep() async throws {
    let connection = try await emptyDatabase()
    let good = Migration(
      number: 90, name: "good", oldestProgram: 1, script: "CREATE TABLE experimentation.good ()")
    let bad = Migration(
      number: 91, name: "bad", oldestProgram: 1,
      script: "CREATE TABLE experimentation.bad (); SELECT 1/0")
    let steps = Migration.all + [good, bad]
    #expect(throws: RegistryError.self) {
      try RegistrySchema.prepare(connection, migrations: steps, programLevel: 8)
    }
    let numbers = try connection.transaction { transaction in
      #expect(try transaction.run("SELECT to_regclass('bad') IS NULL").only().bool(0))
      return try transaction.run("SELECT number FROM migrations ORDER BY 1").map { try $0.int(0) }
    }
    #expect(numbers == Array(1...8) + [90])
  }

  @Test("A login that may not become the owner is sent to `flagstaff database migrate`")
  func withoutPrivileges() async throws {
    let url = try await SharedCluster.shared.makeDatabase(isEmpty: true)
    let administrator = try PostgresConnection(url: url)
    let name = try administrator.runOutsideTransaction("SELECT current_database()::text").only()
      .string(0)
    let login = "login_of_\(name)"
    try administrator.runOutsideTransaction("CREATE ROLE \(identifier: login) LOGIN")
    let connection = try PostgresConnection(
      url: SharedCluster.url(url, login: login, database: name))
    let missing = expectError(.schemaMissing) { try RegistrySchema.prepare(connection) }
    #expect(missing?.reason.contains("`flagstaff database migrate`") == true)

    // Migrated by another, it still must be let in; then it works without owning anything.
    try RegistrySchema.prepare(administrator)
    let refused = expectError(.permission) { try RegistrySchema.prepare(connection) }
    #expect(refused?.reason.contains("GRANT flagstaff_app TO") == true)
    try administrator.runOutsideTransaction("GRANT flagstaff_app TO \(identifier: login)")
    #expect(try RegistrySchema.prepare(connection) == 0)
    try connection.transaction { try insertTombstone($0, key: "k") }
    expectError(.permission) { try connection.transaction(as: .owner) { try $0.run("SELECT 1") } }
  }

  @Test("A login that may create roles and schemas migrates without being superuser")
  func ordinaryAdministrator() async throws {
    let url = try await SharedCluster.shared.makeDatabase(isEmpty: true)
    let superuser = try PostgresConnection(url: url)
    let name = try superuser.runOutsideTransaction("SELECT current_database()::text").only()
      .string(0)
    let login = "admin_of_\(name)"
    try superuser.runOutsideTransaction("CREATE ROLE \(identifier: login) LOGIN CREATEROLE")
    try superuser.runOutsideTransaction(
      "GRANT CREATE ON DATABASE \(identifier: name) TO \(identifier: login)")
    let connection = try PostgresConnection(
      url: SharedCluster.url(url, login: login, database: name))
    #expect(try RegistrySchema.prepare(connection) == Migration.all.count)
    try connection.transaction { try insertTombstone($0, key: "k") }
  }
}

@Suite struct AuditTableTests {
  @Test(
    "Audit events are changed and removed by neither the application nor the owner",
    arguments: [PostgresTransaction.Role.application, .owner])
  func eventsStay(_ role: PostgresTransaction.Role) async throws {
    let connection = try await makeConnection()
    try connection.transaction { try insertEvent($0, sequence: 1) }
    let changes: [SQL] = [
      "UPDATE audit_events SET mac = hash", "DELETE FROM audit_events", "TRUNCATE audit_events",
      "UPDATE audit_events SET mac = hash WHERE false",
    ]
    for change in changes {
      expectError(.permission) { try connection.transaction(as: role) { try $0.run(change) } }
    }
    #expect(
      try connection.transaction { try $0.run("SELECT count(*) FROM audit_events").only().int(0) }
        == 1)
    // A superuser can, with replication's triggers off; the chain is what finds that.
    try connection.transaction(as: .login) { transaction in
      try transaction.run(script: "SET LOCAL session_replication_role = replica")
      #expect(try transaction.run("DELETE FROM audit_events RETURNING sequence").count == 1)
    }
  }

  @Test("The columns of an event are generated from its bytes and from nothing else")
  func generatedColumns() async throws {
    let connection = try await makeConnection()
    try connection.transaction { transaction in
      try insertEvent(transaction, sequence: 7)
      let row = try transaction.run("SELECT * FROM audit_events").only()
      #expect(try row.string("environment") == "production")
      #expect(try row.string("customer") == "acme")
      #expect(try row.int("version") == 3)
      #expect(try row.optionalString("commit") == nil)
      #expect(try row.string("kind") == "flag")
      #expect(try row.string("key") == "checkout")
      #expect(try row.string("instant") == "2026-11-23T09:00:00Z")
      #expect(try row.string("actor") == "bob")
      #expect(try row.string("people") == "{alice,bob}")
      #expect(try row.string("classes") == "{flag.disabled,rules.changed}")
      #expect(try row.bytes("bytes") == event)
    }
    #expect(throws: RegistryError.self) {
      try connection.transaction { transaction in
        try transaction.run("INSERT INTO audit_events (sequence, customer) VALUES (8, 'other')")
      }
    }
  }

  @Test("The chain's head is one row, which the application moves and never removes")
  func chainHead() async throws {
    let connection = try await makeConnection()
    let insert: SQL = """
      INSERT INTO audit_chain (sequence, hash, instant, key_id)
      VALUES (1, \([UInt8](repeating: 7, count: 32)), now(), '0123456789abcdef')
      """
    try connection.transaction { try $0.run(insert) }
    expectError(.conflict) { try connection.transaction { try $0.run(insert) } }
    try connection.transaction { try $0.run("UPDATE audit_chain SET sequence = sequence + 1") }
    expectError(.permission) {
      try connection.transaction { try $0.run("DELETE FROM audit_chain") }
    }
  }

  private let event =
    Array(
      (#"{"actor":{"id":"bob","kind":"member"},"approvals":[{"person":"bob"},{"person":"alice"}],"#
        + #""classes":["flag.disabled","rules.changed"],"customer":"acme","#
        + #""environment":"production","instant":"2026-11-23T09:00:00Z","#
        + #""subject":{"key":"checkout","kind":"flag"},"version":3}"#).utf8)

  private func insertEvent(
    _ transaction: borrowing PostgresTransaction, sequence: Int
  ) throws {
    let digest = [UInt8](repeating: 1, count: 32)
    try transaction.run(
      """
      INSERT INTO audit_events (sequence, bytes, hash, mac)
      VALUES (\(sequence), \(event), \(digest), \(digest))
      """)
  }
}

private func emptyDatabase() async throws -> PostgresConnection {
  try PostgresConnection(url: await SharedCluster.shared.makeDatabase(isEmpty: true))
}
