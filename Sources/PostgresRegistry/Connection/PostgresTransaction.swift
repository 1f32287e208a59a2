// A transaction is where the registry is read and written. It begins by taking a role, time-outs
// and the spellings that `Rows` reads, all of them with SET LOCAL and in one round trip, so that
// nothing is left on the server afterwards; it commits, or rolls back on any error.

internal import CLibPQ
internal import Documents

/// An open transaction; only `PostgresConnection.transaction` makes one, and it is of no use after.
package struct PostgresTransaction: ~Copyable {
  /// The role in which the statements run.
  package enum Role: String {
    /// Reads and writes rows; cannot change or remove audit events.
    case application = "flagstaff_app"
    /// Owns the schema.
    case owner = "flagstaff_owner"
    /// The login itself, for what precedes the roles.
    case login
  }

  package enum Isolation: String {
    case readCommitted = "READ COMMITTED"
    /// One view of the registry for the whole transaction.
    case repeatableRead = "REPEATABLE READ"
  }

  let connection: PostgresConnection

  /// Never inlined: a value that cannot be copied, made of a borrowed reference, makes the
  /// optimizer of Swift 6.3 give up, so that no release could be built.
  @inline(never)
  fileprivate init(_ connection: PostgresConnection) {
    self.connection = connection
  }

  /// Runs one statement. Unqualified names mean the schema `experimentation`.
  /// - Throws: `RegistryError`.
  @discardableResult
  package borrowing func run(_ statement: SQL) throws -> Rows {
    try connection.run(statement)
  }

  /// Runs statements that take no values in one round trip.
  /// - Throws: `RegistryError`.
  package borrowing func run(script: StaticString) throws {
    try connection.run(script: script.description, operation: "asking the registry")
  }

  /// Runs a step of the schema, which is a constant of the program put together from several.
  borrowing func run(migrationScript script: String) throws {
    try connection.run(script: script, operation: "migrating the registry")
  }
}

extension PostgresConnection {
  /// Begins a transaction, runs `body` in it and commits.
  ///
  /// - Parameter isReadOnly: Makes the server refuse writes. Without it, what the database is set
  ///   to holds: a database that its owner made read-only stays so.
  /// - Throws: What `body` throws, after a roll-back; `RegistryError` of code `schemaMissing` where
  ///   the role does not exist, `permission` where the login may not take it, `commitUnknown` where
  ///   the connection was lost while committing.
  @discardableResult
  package func transaction<T>(
    as role: PostgresTransaction.Role = .application,
    isolation: PostgresTransaction.Isolation = .readCommitted, isReadOnly: Bool = false,
    _ body: (borrowing PostgresTransaction) throws -> T
  ) throws -> T {
    do {
      try begin(role, isolation, isReadOnly: isReadOnly)
      let value = try body(PostgresTransaction(self))
      try commit()
      return value
    } catch {
      if !isBroken { rollBack() }
      throw error
    }
  }

  private func begin(
    _ role: PostgresTransaction.Role, _ isolation: PostgresTransaction.Isolation, isReadOnly: Bool
  ) throws {
    // The names are constants and the numbers are integers: nothing here comes from outside.
    let script = """
      BEGIN ISOLATION LEVEL \(isolation.rawValue)\(isReadOnly ? " READ ONLY" : "");
      SET LOCAL statement_timeout = \(timeouts.statementMilliseconds);
      SET LOCAL lock_timeout = \(timeouts.lockMilliseconds);
      SET LOCAL idle_in_transaction_session_timeout = \(timeouts.idleMilliseconds);
      SET LOCAL timezone = 'UTC';
      SET LOCAL datestyle = 'ISO';
      SET LOCAL bytea_output = 'hex';
      SET LOCAL search_path = experimentation, pg_temp;
      \(role == .login ? "" : "SET LOCAL ROLE \(role.rawValue)")
      """
    do {
      try run(script: script, operation: "beginning a transaction of the registry")
      countTransaction()
    } catch let error as RegistryError {
      throw Self.explained(error, role)
    }
  }

  /// Says what to do where the role is missing (22023) or may not be taken (42501).
  private static func explained(
    _ error: RegistryError, _ role: PostgresTransaction.Role
  ) -> RegistryError {
    var error = error
    error.statement = nil
    switch error.sqlState {
    case "22023":
      error.code = .schemaMissing
      error.reason =
        "the role \(role.rawValue) does not exist; run `flagstaff database migrate` "
        + "with a login that may create roles"
    case "42501":
      error.reason =
        "the login may not take the role \(role.rawValue); let its administrator run "
        + "`GRANT \(role.rawValue) TO` the login"
    default: break
    }
    return error
  }
}

extension PostgresTransaction {
  /// Fills a table by COPY, streaming: what `rows` appends goes out in pieces while it runs.
  ///
  /// - Parameters:
  ///   - table: The table's name, without quotes.
  ///   - columns: Their names, in the order in which each row's values are appended.
  /// - Returns: How many rows were copied.
  /// - Throws: What `rows` throws, or `RegistryError`; the transaction is then lost.
  @discardableResult
  package borrowing func copyIn(
    table: StaticString, columns: [StaticString], _ rows: (inout CopyRows) throws -> Void
  ) throws -> Int {
    let names = columns.map { SQL.quoted(identifier: $0.description) }.joined(separator: ", ")
    let statement = "COPY \(SQL.quoted(identifier: table.description)) (\(names)) FROM STDIN"
    let connection = connection
    try connection.run(script: statement, operation: Self.copying)
    do {
      var encoder = CopyRows(columnCount: columns.count) { bytes in
        try connection.putCopyData(bytes, statement: statement)
      }
      try rows(&encoder)
      try encoder.finish()
      let count = encoder.count
      try connection.endCopy(abort: false, statement: statement)
      return count
    } catch {
      // A server that refused a row says so only at the end; that is the reason worth hearing.
      if PQtransactionStatus(connection.handle) == PQTRANS_ACTIVE {
        try? connection.endCopy(abort: true, statement: statement)
      }
      throw error
    }
  }

  fileprivate static let copying = "copying rows into the registry"

  fileprivate static let copyingOut = "reading rows of the registry"
}

extension PostgresConnection {
  /// Reads the rows of a query by COPY in binary format, one after another as they arrive, so that
  /// no number of them stands in memory. Within a transaction.
  ///
  /// - Parameters:
  ///   - query: a constant of the program, in which only numbers were filled in: COPY binds none.
  ///   - row: takes a row's fields, each with its length before it; they are valid while it runs.
  /// - Returns: how many rows there were.
  /// - Throws: what `row` throws, once the server's answer was read to its end; `RegistryError`.
  func copyOut(
    query: String, _ row: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> Int {
    let statement = "COPY (\(query)) TO STDOUT (FORMAT binary)"
    try run(script: statement, operation: PostgresTransaction.copyingOut)
    var (count, thrown) = (0, (any Error)?.none)
    var stream = BinaryCopyStream()
    while let message = try nextCopyData(statement: statement) {
      defer { PQfreemem(message.start) }
      // The rest is read and dropped: the connection accepts no statement before the end.
      guard thrown == nil else { continue }
      do {
        let bytes = UnsafeRawBufferPointer(start: message.start, count: message.count)
        guard let fields = try stream.row(in: bytes, statement: statement) else { continue }
        count += 1
        try row(fields)
      } catch {
        thrown = error
      }
    }
    if let thrown { throw thrown }
    return count
  }
}

/// What stands around the rows of a binary COPY (PostgreSQL manual, COPY, "Binary Format").
private struct BinaryCopyStream {
  private static let signature: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0]
  private var isBegun = false

  /// The fields of the row in a message; nil where it holds none.
  mutating func row(in message: UnsafeRawBufferPointer, statement: String) throws
    -> UnsafeRawBufferPointer?
  {
    var rest = message[...]
    if !isBegun {
      // The signature, then flags, of which none may be set, then the length of an extension.
      guard rest.count >= 19, rest.prefix(11).elementsEqual(Self.signature),
        rest.dropFirst(11).prefix(8).allSatisfy({ $0 == 0 })
      else {
        throw RegistryError(
          .unexpected, operation: PostgresTransaction.copyingOut,
          reason: "the server sends no binary rows that this program knows", statement: statement)
      }
      isBegun = true
      rest = rest.dropFirst(19)
    }
    // Two bytes count the fields; -1 of them ends the rows.
    guard rest.count > 2 else { return nil }
    return UnsafeRawBufferPointer(rebasing: rest.dropFirst(2))
  }
}

extension PostgresConnection {
  fileprivate func putCopyData(_ bytes: UnsafeRawBufferPointer, statement: String) throws {
    guard let start = bytes.assumingMemoryBound(to: CChar.self).baseAddress, !bytes.isEmpty
    else { return }
    // In blocking mode libpq answers 1, or -1 for an error.
    guard PQputCopyData(handle, start, Int32(bytes.count)) == 1 else {
      try endCopy(abort: true, statement: statement)
      throw failure(nil, operation: PostgresTransaction.copying, statement: statement)
    }
  }

  /// The next message of rows, owned by the caller; nil once the server's answer is at its end.
  fileprivate func nextCopyData(statement: String) throws
    -> (start: UnsafeMutablePointer<CChar>, count: Int)?
  {
    var start: UnsafeMutablePointer<CChar>?
    let count = PQgetCopyData(handle, &start, 0)
    if count > 0, let start { return (start, Int(count)) }
    var first: RegistryError?
    if count == -2 {
      first = failure(nil, operation: PostgresTransaction.copyingOut, statement: statement)
    }
    while let result = PQgetResult(handle) {
      do {
        _ = try rows(result, operation: PostgresTransaction.copyingOut, statement: statement)
      } catch let error as RegistryError {
        first = first ?? error
      }
    }
    if let first { throw first }
    return nil
  }

  /// Ends the stream and reads the answer; on `abort` the server fails the statement.
  fileprivate func endCopy(abort: Bool, statement: String) throws {
    let sent = PQputCopyEnd(handle, abort ? "the program gave up" : nil)
    var first: RegistryError?
    if sent != 1 {
      first = failure(nil, operation: PostgresTransaction.copying, statement: statement)
    }
    // Results must be read until nil, or the connection accepts no further statement.
    while let result = PQgetResult(handle) {
      do {
        _ = try rows(result, operation: PostgresTransaction.copying, statement: statement)
      } catch let error as RegistryError {
        first = first ?? error
      }
    }
    if let first { throw first }
  }
}
