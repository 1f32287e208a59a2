// The way to a connection: libpq's asynchronous start, driven to its end under one deadline. It is
// done this way for two things that the one-call form lacks: a deadline over everything, and the
// SQLSTATE of a refusal. What libpq says is passed on only after the password is out of it, and a
// text that libpq cannot have read as it was meant is refused before it can echo any part of it.

internal import CLibPQ
internal import Documents

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A connection being made. It owns its handle until `takeHandle`.
final class Connecting {
  private var handle: OpaquePointer?
  private let secrets: [String]
  private let timeoutSeconds: Int
  let server: String

  init(url: String) throws {
    let settings = try Self.settings(of: url)
    let host = settings["host"] ?? settings["hostaddr"] ?? "the local socket"
    server = settings["port"].map { "\(host):\($0)" } ?? host
    timeoutSeconds =
      settings["connect_timeout"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
      ?? Limits.connectSecondsMax
    secrets = [settings["password"], settings["sslpassword"]].compactMap { $0 }
      .filter { !$0.isEmpty }

    // What stands before `dbname` are defaults; the string after it wins. Keep-alives find a peer
    // that is gone for good, which no time-out of the server can.
    let defaults: KeyValuePairs = [
      "application_name": "flagstaff", "client_encoding": "UTF8", "keepalives_idle": "30",
      "keepalives_interval": "10", "keepalives_count": "3", "tcp_user_timeout": "60000",
      "dbname": url,
    ]
    handle = withStrings(defaults.map(\.key)) { keys in
      withStrings(defaults.map(\.value)) { values in PQconnectStartParams(keys, values, 1) }
    }
    if let handle {
      // Verbose messages carry the SQLSTATE, which libpq gives in no other way while connecting.
      PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
      // Without this, libpq writes notices to standard error.
      PQsetNoticeProcessor(handle, { _, _ in }, nil)
    }
  }

  deinit {
    PQfinish(handle)
  }

  /// Drives the connection until it is ready.
  func finish() throws {
    guard let handle, PQstatus(handle) != CONNECTION_BAD else { throw failure() }
    let deadline = ContinuousClock.now.advanced(by: .seconds(timeoutSeconds))
    // The manual asks to behave as if the first answer had been PGRES_POLLING_WRITING.
    var state = PGRES_POLLING_WRITING
    while state != PGRES_POLLING_OK {
      let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
      let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
      var entry = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
      let ready = poll(&entry, 1, Int32(max(0, left)))
      if ready < 0 && errno == EINTR { continue }
      guard ready > 0 else { throw timedOut() }
      state = PQconnectPoll(handle)
      if state == PGRES_POLLING_FAILED { throw failure() }
    }
    PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
  }

  /// The handle of a finished connection, now the caller's.
  func takeHandle() -> OpaquePointer {
    guard let taken = handle else { preconditionFailure("the connection was not finished") }
    handle = nil
    return taken
  }

  /// libpq's last message in one line.
  static func message(of handle: OpaquePointer?) -> String {
    guard let text = PQerrorMessage(handle) else { return "libpq is out of memory" }
    return String(cString: text).split(separator: "\n").joined(separator: "; ")
  }
}

extension Connecting {
  private func failure() -> RegistryError {
    var lines = String(cString: PQerrorMessage(handle)).split(separator: "\n").map(String.init)
    lines.removeAll { $0.hasPrefix("LOCATION:") }
    var reason = lines.joined(separator: "; ")
    var state: String?
    // "FATAL:  28P01: password authentication failed …"
    if let match = reason.firstMatch(of: #/:  ([0-9A-Z]{5}): /#) {
      state = String(match.1)
      reason.replaceSubrange(match.range, with: ": ")
    }
    for secret in secrets { reason = reason.replacing(secret, with: "***") }
    // Without a SQLSTATE the server said nothing, or libpq itself lacks what it was asked for.
    let isPasswordMissing = PQconnectionNeedsPassword(handle) == 1
    let code: RegistryError.Code =
      state.map(RegistryError.Code.init(sqlState:))
      ?? (isPasswordMissing ? .authentication : .unreachable)
    return RegistryError(code, operation: operation, reason: reason, sqlState: state)
  }

  private func timedOut() -> RegistryError {
    RegistryError(
      .unreachable, operation: operation, reason: "no answer within \(timeoutSeconds) seconds")
  }

  private var operation: String { "connecting to the registry at \(server)" }

  /// The settings that the string names, as libpq reads them.
  private static func settings(of url: String) throws -> [String: String] {
    var message: UnsafeMutablePointer<CChar>?
    defer { PQfreemem(message) }
    let options = PQconninfoParse(url, &message)
    defer { PQconninfoFree(options) }
    // libpq's own message quotes the string, so it is not passed on.
    guard let options, !isAmbiguous(url) else {
      throw RegistryError(
        .unexpected, operation: "reading the registry's connection string",
        reason: "it is not one that libpq understands; write "
          + "postgresql://user:password@host:port/database, and in user and password "
          + "%40 for @, %3A for :, %2F for / and %3F for ?")
    }
    var settings: [String: String] = [:]
    var next = options
    while let keyword = next.pointee.keyword {
      if let value = next.pointee.val {
        settings[String(cString: keyword)] = String(cString: value)
      }
      next += 1
    }
    return settings
  }

  /// Whether a URL holds an `@` or a `:` where libpq sees a host, a port or a database, but the
  /// writer surely meant a password: libpq would look up, and name, a part of the password.
  private static func isAmbiguous(_ url: String) -> Bool {
    guard let scheme = url.firstRange(of: "://"), !url.prefix(upTo: scheme.lowerBound).contains("=")
    else { return false }
    let beforeQuery = url[scheme.upperBound...].prefix { $0 != "?" }
    let authority = beforeQuery.prefix { $0 != "/" }
    let signs = url[scheme.upperBound...].filter { $0 == "@" }.count
    return signs > 1 || (signs == 1 && !authority.contains("@"))
  }
}

/// Hands the strings to C as an array that ends with nil.
private func withStrings<T>(
  _ strings: [String], _ body: ([UnsafePointer<CChar>?]) -> T
) -> T {
  let copies = strings.map { strdup($0) }
  defer { copies.forEach { free($0) } }
  return body(copies.map { UnsafePointer($0) } + [nil])
}
