// One connection to PostgreSQL through libpq: synchronous, throwing, owned by one worker at a time.
// Work happens in transactions (`PostgresTransaction.swift`) by unnamed, parameterised statements;
// nothing outlives a transaction on the server, so the connection may lead to a pooler that hands
// each transaction to another server connection.

internal import CLibPQ
internal import Documents

/// A connection. Not Sendable: a `RegistryWorker` keeps it on one queue.
package final class PostgresConnection {
  /// How long the server may take, in milliseconds.
  struct Timeouts {
    var statementMilliseconds = Limits.statementMillisecondsMax
    var lockMilliseconds = Limits.lockMillisecondsMax
    var idleMilliseconds = Limits.idleTransactionMillisecondsMax
  }

  /// Owned: made in `init`, finished in `deinit`.
  let handle: OpaquePointer
  let timeouts: Timeouts
  /// Host and port, for messages.
  package let server: String
  /// Transactions that the server has begun for this connection; tells a worker whether a lost
  /// connection was lost before anything was done.
  private(set) var transactionsBegun = 0

  /// Connects.
  /// - Parameter url: What libpq takes: a URL, or `key=value` pairs.
  /// - Throws: `RegistryError` of code `unreachable`, `authentication`, `databaseMissing`, or
  ///   `unexpected` where the text is not a connection string. It never quotes the string.
  package convenience init(url: String) throws {
    try self.init(url: url, timeouts: Timeouts())
  }

  init(url: String, timeouts: Timeouts) throws {
    let connecting = try Connecting(url: url)
    try connecting.finish()
    handle = connecting.takeHandle()
    server = connecting.server
    self.timeouts = timeouts
  }

  deinit {
    PQfinish(handle)
  }

  /// Whether libpq has found the connection lost. It does not look; it remembers.
  package var isBroken: Bool { PQstatus(handle) != CONNECTION_OK }

  /// Runs one statement in no transaction and as the login itself: only for what PostgreSQL
  /// refuses inside a transaction, `CREATE DATABASE` for instance.
  /// - Throws: `RegistryError`.
  @discardableResult
  package func runOutsideTransaction(_ statement: SQL) throws -> Rows {
    try run(statement)
  }
}

extension PostgresConnection {
  /// Runs one statement with its values bound, unnamed.
  @discardableResult
  func run(_ statement: SQL) throws -> Rows {
    let operation = "asking the registry"
    let parameters = statement.parameters
    for parameter in parameters where !parameter.isBinary {
      guard parameter.bytes?.contains(0) != true else {
        throw RegistryError.zeroByte(operation: operation, statement: statement.text)
      }
    }
    // One buffer for all values, each closed by a zero byte, which text parameters need.
    var bytes: [UInt8] = []
    var offsets: [Int?] = []
    for parameter in parameters {
      offsets.append(parameter.bytes.map { _ in bytes.count })
      bytes += parameter.bytes ?? []
      bytes.append(0)
    }
    let result = bytes.withUnsafeBytes { buffer in
      let start = buffer.assumingMemoryBound(to: CChar.self).baseAddress
      return PQexecParams(
        handle, statement.text, Int32(parameters.count), parameters.map(\.type),
        offsets.map { offset in offset.flatMap { start?.advanced(by: $0) } },
        parameters.map { Int32($0.bytes?.count ?? 0) },
        parameters.map { $0.isBinary ? 1 : 0 }, 0)
    }
    return try rows(result, operation: operation, statement: statement.text)
  }

  /// Runs statements without parameters in one round trip.
  func run(script: String, operation: String) throws {
    _ = try rows(PQexec(handle, script), operation: operation, statement: script)
  }

  /// Commits what is open.
  /// - Throws: `RegistryError` of code `commitUnknown` where the connection was lost in between.
  func commit() throws {
    do {
      let result = try rows(
        PQexec(handle, "COMMIT"), operation: "committing to the registry", statement: "COMMIT")
      // After a statement that failed, the server answers COMMIT with ROLLBACK and no error.
      guard result.command == "COMMIT" else {
        throw RegistryError(
          .unexpected, operation: "committing to the registry",
          reason: "a statement had failed, so the transaction was rolled back")
      }
    } catch var error as RegistryError where isBroken {
      error.code = .commitUnknown
      error.consequence = error.code.consequence
      throw error
    }
  }

  /// Rolls back what is open. A failure needs no telling: the server rolls back what it loses.
  func rollBack() {
    PQclear(PQexec(handle, "ROLLBACK"))
  }

  func countTransaction() {
    transactionsBegun += 1
  }

  /// Takes a result over, as rows or as an error.
  func rows(_ result: OpaquePointer?, operation: String, statement: String) throws -> Rows {
    guard let result else {
      throw failure(nil, operation: operation, statement: statement)
    }
    switch PQresultStatus(result) {
    case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_COPY_IN, PGRES_COPY_OUT:
      return Rows(takingOwnershipOf: result, statement: statement)
    default:
      defer { PQclear(result) }
      throw failure(result, operation: operation, statement: statement)
    }
  }

  /// The error that a result holds, or the connection where there is no result.
  func failure(_ result: OpaquePointer?, operation: String, statement: String) -> RegistryError {
    let state = Self.field(result, PG_DIAG_SQLSTATE)
    let code: RegistryError.Code =
      isBroken ? .unreachable : state.map(RegistryError.Code.init(sqlState:)) ?? .unexpected
    // Only the primary message: details and context may quote what is stored.
    var reason = Self.field(result, PG_DIAG_MESSAGE_PRIMARY) ?? Connecting.message(of: handle)
    if code == .invalidValue { reason = RegistryError.withoutQuotedText(reason) }
    if code == .schemaMissing {
      reason +=
        ": the registry was never made here, or is gone. Restore the database if it was lost; where"
        + " it is new, run `flagstaff database migrate`"
    }
    if isBroken { reason = "the connection to \(server) was lost: \(reason)" }
    return RegistryError(
      code, operation: operation, reason: reason, statement: statement, sqlState: state)
  }

  private static func field(_ result: OpaquePointer?, _ code: Character) -> String? {
    guard let ascii = code.asciiValue else { return nil }
    return PQresultErrorField(result, Int32(ascii)).map { String(cString: $0) }
  }
}

/// PG_DIAG_SQLSTATE and PG_DIAG_MESSAGE_PRIMARY of libpq's postgres_ext.h: character constants,
/// which Swift does not import.
private let PG_DIAG_SQLSTATE: Character = "C"
private let PG_DIAG_MESSAGE_PRIMARY: Character = "M"

extension Limits {
  /// From the first packet to a connection that is ready, in seconds; the connection string's
  /// `connect_timeout` replaces it.
  package static let connectSecondsMax = 10

  /// A transaction in which the program is silent, in milliseconds. A pass that hangs between two
  /// statements must not hold the locks of a scope.
  package static let idleTransactionMillisecondsMax = 60_000
}
