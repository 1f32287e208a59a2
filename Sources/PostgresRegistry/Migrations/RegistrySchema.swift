// Brings the registry's schema to where this program needs it, or says why it may not. Roles come
// first: `flagstaff_owner` owns the schema, `flagstaff_app` works in it; the login only takes them.
// Each step runs in its own transaction behind an advisory lock, so of two programs that migrate at
// once the second finds nothing to do.

internal import Documents

/// The schema `experimentation` and its numbered steps.
package enum RegistrySchema {
  /// What this program is able to live with; raised with every step that older programs cannot.
  package static let programLevel = 8

  /// Checks the schema and applies the steps that are missing.
  ///
  /// - Returns: How many steps were applied.
  /// - Throws: `RegistryError` of code `schemaTooNew` before anything is written, `schemaMissing`
  ///   where the login may not become the owner, `permission` where it may not work in the schema.
  @discardableResult
  package static func prepare(_ connection: PostgresConnection) throws -> Int {
    try prepare(connection, migrations: Migration.all, programLevel: programLevel)
  }

  /// Checks the schema and writes nothing; a database without a registry passes.
  ///
  /// - Throws: `RegistryError` of code `schemaTooNew`, or `schemaMissing` where steps are missing.
  package static func check(_ connection: PostgresConnection) throws {
    let login = try connection.transaction(as: .login, isReadOnly: true) { transaction in
      try Login(reading: transaction)
    }
    guard login.isSchemaThere else { return }
    let missing = try missingMigrations(
      connection, login, of: Migration.all, programLevel: programLevel)
    guard missing.isEmpty else {
      throw RegistryError(
        .schemaMissing, operation: operation,
        reason: "\(missing.count) migrations are missing; run `flagstaff database migrate`")
    }
  }

  private static func missingMigrations(
    _ connection: PostgresConnection, _ login: Login, of migrations: [Migration],
    programLevel: Int
  ) throws -> [Migration] {
    // An administrator may own the schema without working in it.
    let role = login.isOwner && !login.isApplication ? PostgresTransaction.Role.owner : .application
    return try connection.transaction(as: role, isReadOnly: true) { transaction in
      try missing(of: migrations, transaction, programLevel: programLevel)
    }
  }

  static func prepare(
    _ connection: PostgresConnection, migrations: [Migration], programLevel: Int
  ) throws -> Int {
    let login = try connection.transaction(as: .login, isReadOnly: true) { transaction in
      try Login(reading: transaction)
    }
    if login.isSchemaThere {
      let missing = try missingMigrations(
        connection, login, of: migrations, programLevel: programLevel)
      if missing.isEmpty { return 0 }
    }
    try login.checkMayMigrate()
    var applied = 0
    for migration in migrations {
      applied += try apply(migration, of: migrations, connection, programLevel: programLevel)
    }
    return applied
  }
}

extension RegistrySchema {
  private static let operation = "preparing the registry's schema"

  /// The first eight bytes of SHA-256("flagstaff/migrate/v1"), as a signed number: a lock that no
  /// other program will take by chance.
  private static let lock = -8_392_018_266_474_774_296

  /// The steps that the registry lacks.
  /// - Throws: `schemaTooNew` where it has one that this program cannot live with.
  private static func missing(
    of migrations: [Migration], _ transaction: borrowing PostgresTransaction, programLevel: Int
  ) throws -> [Migration] {
    let rows = try transaction.run(
      "SELECT number, oldest_program FROM experimentation.migrations ORDER BY number")
    let oldest = try rows.map { try $0.int("oldest_program") }.max() ?? 0
    guard oldest <= programLevel else {
      throw RegistryError(
        .schemaTooNew, operation: operation,
        reason: "this program is too old for the registry: it is of level \(programLevel), and "
          + "the registry was migrated for level \(oldest); install a newer flagstaff")
    }
    let applied = Set(try rows.map { try $0.int("number") })
    return migrations.filter { !applied.contains($0.number) }
  }

  /// Applies one step unless somebody else has.
  private static func apply(
    _ migration: Migration, of migrations: [Migration], _ connection: PostgresConnection,
    programLevel: Int
  ) throws -> Int {
    try connection.transaction(as: .login) { transaction in
      // Waiting for another program that migrates may take as long as its statements may.
      try transaction.run(script: "SET LOCAL lock_timeout = 0")
      try transaction.run("SELECT pg_advisory_xact_lock(\(lock))")
      let login = try Login(reading: transaction)
      if migration.number == 1 { try createRolesAndSchema(transaction, login) }
      try transaction.run(script: "SET LOCAL ROLE flagstaff_owner")
      if login.isSchemaThere {
        let missing = try missing(of: migrations, transaction, programLevel: programLevel)
        guard missing.contains(where: { $0.number == migration.number }) else { return 0 }
      }
      try transaction.run(migration)
      return 1
    }
  }

  /// Roles belong to the whole cluster, the lock only to this database: so another database's
  /// migration may create the same role at the same time, and that is no error.
  private static func createRolesAndSchema(
    _ transaction: borrowing PostgresTransaction, _ login: Login
  ) throws {
    if !login.isOwner || !login.isApplication {
      try transaction.run(
        script: """
          DO $$
          DECLARE
            role text;
          BEGIN
            FOREACH role IN ARRAY ARRAY['flagstaff_owner', 'flagstaff_app'] LOOP
              BEGIN
                IF to_regrole(role) IS NULL THEN
                  EXECUTE format('CREATE ROLE %I NOLOGIN', role);
                END IF;
              EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;
              END;
              BEGIN
                IF NOT pg_has_role(session_user, role, 'MEMBER') THEN
                  EXECUTE format('GRANT %I TO %I', role, session_user);
                END IF;
              EXCEPTION WHEN unique_violation THEN
                NULL;
              END;
            END LOOP;
          END
          $$
          """)
    }
    if !login.hasSchema {
      try transaction.run("CREATE SCHEMA experimentation AUTHORIZATION flagstaff_owner")
    }
  }
}

extension PostgresTransaction {
  fileprivate borrowing func run(_ migration: Migration) throws {
    try run(migrationScript: migration.script)
    try run(
      """
      INSERT INTO experimentation.migrations (number, name, oldest_program)
      VALUES (\(migration.number), \(migration.name), \(migration.oldestProgram))
      """)
  }
}

/// What the login finds and may do. All of it comes from catalogs that everybody may read.
private struct Login {
  let name: String
  let isOwner: Bool
  let isApplication: Bool
  let hasSchema: Bool
  let isSchemaThere: Bool
  let encoding: String
  /// 150020 for PostgreSQL 15.20.
  let serverVersion: Int
  /// Whether it may create what is missing of roles and schema.
  let mayCreate: Bool

  init(reading transaction: borrowing PostgresTransaction) throws {
    let row = try transaction.run(
      """
      WITH login AS (
        SELECT rolname, rolsuper, rolcreaterole FROM pg_roles WHERE rolname = session_user
      ), owner AS (SELECT to_regrole('flagstaff_owner') AS role),
        app AS (SELECT to_regrole('flagstaff_app') AS role),
        space AS (SELECT to_regnamespace('experimentation') AS schema)
      SELECT
        login.rolname::text AS name,
        COALESCE(pg_has_role(session_user, owner.role, 'MEMBER'), false) AS is_owner,
        COALESCE(pg_has_role(session_user, app.role, 'MEMBER'), false) AS is_application,
        space.schema IS NOT NULL AS has_schema,
        EXISTS (SELECT FROM pg_class
          WHERE relnamespace = space.schema AND relname = 'migrations') AS is_schema_there,
        pg_encoding_to_char(encoding)::text AS encoding,
        current_setting('server_version_num') AS server_version,
        login.rolsuper
          OR (owner.role IS NOT NULL OR login.rolcreaterole)
          AND (app.role IS NOT NULL OR login.rolcreaterole)
          AND (space.schema IS NOT NULL
            OR has_database_privilege(session_user, datname, 'CREATE')) AS may_create
      FROM login, owner, app, space, pg_database WHERE datname = current_database()
      """
    ).only()
    name = try row.string("name")
    isOwner = try row.bool("is_owner")
    isApplication = try row.bool("is_application")
    hasSchema = try row.bool("has_schema")
    isSchemaThere = try row.bool("is_schema_there")
    encoding = try row.string("encoding")
    serverVersion = try row.int("server_version")
    mayCreate = try row.bool("may_create")
  }

  /// - Throws: `schemaMissing` where the login can neither become the owner nor create it.
  func checkMayMigrate() throws {
    let operation = "preparing the registry's schema"
    // Compression by lz4 and functions with a parsed body came with version 14.
    guard serverVersion >= 140_000 else {
      throw RegistryError(
        .schemaMissing, operation: operation,
        reason:
          "the server is PostgreSQL \(serverVersion / 10_000), and Flagstaff needs 14 or later"
      )
    }
    guard encoding == "UTF8" else {
      throw RegistryError(
        .schemaMissing, operation: operation,
        reason: "the database's encoding is \(encoding), and Flagstaff needs UTF8; "
          + "create another with `CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`")
    }
    let mayBecomeOwner = isSchemaThere ? isOwner : mayCreate
    guard mayBecomeOwner else {
      throw RegistryError(
        .schemaMissing, operation: operation,
        reason: "the schema is not up to date, and the login \(name) may not change it; run "
          + "`flagstaff database migrate` with a login that may become flagstaff_owner")
    }
  }
}
