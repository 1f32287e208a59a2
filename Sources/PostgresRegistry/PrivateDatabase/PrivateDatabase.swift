// A PostgreSQL of Flagstaff's own, for a laptop, CI and tests: a real registry, durable as any
// other, on a Unix socket that nobody else can reach. Commands that run at once share one server;
// each holds a shared lock while it works, and the last one out switches the server off, unless a
// marker says to keep it. A killed command leaves the server running, and the next one finds it.

internal import Documents

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The private database of one state directory.
///
///     let database = try PrivateDatabase(stateDirectory: ".flagstaff")
///     let url = try await database.start()
///     …
///     await database.release()
package actor PrivateDatabase {
  private static let databaseName = "flagstaff"

  /// Starting includes the recovery after a crash; a command that waits for it waits this long.
  private static let startSecondsMax = 60

  private let state: StateDirectory
  private let cluster: Cluster
  /// Held in shared mode between `start` and `release`.
  private var users: FileLock?

  /// What libpq and `psql` take; a server need not be running.
  package nonisolated let url: String

  /// Resolves the path; starts and makes nothing.
  /// - Throws: `RegistryError` of code `privateDatabase`.
  package init(stateDirectory: String) throws {
    state = try StateDirectory(stateDirectory)
    cluster = Cluster(state: state)
    url = cluster.url(database: Self.databaseName)
  }

  /// Whether the server accepts connections.
  package nonisolated var isRunning: Bool {
    guard let connection = try? PostgresConnection(url: cluster.url(database: "postgres")) else {
      return false
    }
    return !connection.isBroken
  }

  /// Makes the database where there is none, starts the server where it does not run, and counts
  /// this process among its users.
  /// - Returns: The connection string.
  /// - Throws: `RegistryError`, mostly of code `privateDatabase`: PostgreSQL is not installed, or
  ///   of another major version than the data; the server's account cannot reach them.
  @discardableResult
  package func start() async throws -> String {
    try state.make()
    let operation = "starting the private database in \(cluster.data)"
    let users = try self.users ?? FileLock(path: state.path + "/postgres.users.lock")
    try await users.lock(.shared, seconds: Self.startSecondsMax, operation: operation)
    // Of several users one starts the server, and the others wait.
    let starting = try FileLock(path: state.path + "/postgres.start.lock")
    try await starting.lock(.exclusive, seconds: Self.startSecondsMax, operation: operation)
    try await ensureRunning()
    self.users = users
    return url
  }

  /// Ends this process's use. The last user stops the server unless it is to be kept.
  /// - Returns: Why the server could not be stopped, for the log: nobody's work depends on it, and
  ///   the next user finds it running.
  @discardableResult
  package func release() async -> RegistryError? {
    guard let users else { return nil }
    self.users = nil
    guard users.tryLock(.exclusive), !isKept else { return nil }
    do {
      try await stopServer()
      return nil
    } catch let error as RegistryError {
      return error
    } catch {
      return RegistryError(
        .privateDatabase, operation: "stopping the private database",
        reason: String(describing: error))
    }
  }

  /// Leaves the server running when its last user goes.
  /// - Throws: `RegistryError` of code `privateDatabase`.
  package func keep() throws {
    let descriptor = open(keepPath, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode_t(0o600))
    guard descriptor >= 0, close(descriptor) == 0 else {
      throw RegistryError.system("writing \(keepPath)")
    }
  }

  /// Takes `keep` back and stops the server unless others use it: the last of them will.
  /// - Returns: Whether the server is down now.
  /// - Throws: `RegistryError` of code `privateDatabase`.
  package func stop() async throws -> Bool {
    guard StateDirectory.isFolder(cluster.folder) else { return true }
    guard unlink(keepPath) == 0 || errno == ENOENT else {
      throw RegistryError.system("removing \(keepPath)")
    }
    let users = try self.users ?? FileLock(path: state.path + "/postgres.users.lock")
    self.users = nil
    guard users.tryLock(.exclusive) else { return false }
    try await stopServer()
    return true
  }

  private var keepPath: String { state.path + "/postgres.keep" }
  private var isKept: Bool { access(keepPath, F_OK) == 0 }
}

extension PrivateDatabase {
  /// Under the lock for starting. One connection tells most: that it runs, or what is missing.
  private func ensureRunning() async throws {
    do {
      _ = try PostgresConnection(url: url)
      return
    } catch let error as RegistryError where error.code == .databaseMissing {
      return try createDatabase()
    } catch let error as RegistryError where Self.isDown(error) {
      // Nobody listens, or the server is not ready.
    }
    let server = try await server()
    try await server.checkParents()
    try server.account.makePrivateFolder(cluster.folder)
    if cluster.socketFolder != cluster.folder {
      try server.account.makePrivateFolder(cluster.socketFolder)
    }
    if try cluster.majorVersion() == nil {
      try await server.makeData()
    } else if try await server.isAlive(), try await isReadyInTime() {
      return try createDatabase()
    }
    try await server.start()
    try createDatabase()
  }

  /// Whether the server is not there or not ready, rather than there and refusing.
  private static func isDown(_ error: RegistryError) -> Bool {
    error.code == .unreachable && (error.sqlState == nil || error.sqlState == "57P03")
  }

  /// Waits for a server that somebody else started and that is still recovering.
  private func isReadyInTime() async throws -> Bool {
    let deadline = ContinuousClock.now.advanced(by: .seconds(Self.startSecondsMax))
    repeat {
      do {
        _ = try PostgresConnection(url: cluster.url(database: "postgres"))
        return true
      } catch let error as RegistryError {
        // Without an answer of the server there is none: what looked alive is something else.
        guard error.sqlState == "57P03" else { return false }
      }
      try await Task.sleep(for: .milliseconds(50))
    } while ContinuousClock.now < deadline
    return false
  }

  private func createDatabase() throws {
    let connection = try PostgresConnection(url: cluster.url(database: "postgres"))
    let name = Self.databaseName
    guard
      try connection.runOutsideTransaction(
        "SELECT FROM pg_database WHERE datname = \(name)"
      ).isEmpty
    else { return }
    try connection.runOutsideTransaction("CREATE DATABASE \(identifier: name)")
  }

  /// Under the exclusive lock of the users.
  private func stopServer() async throws {
    guard try cluster.majorVersion() != nil else { return }
    let server = try await server()
    if try await server.isAlive() { try await server.stop() }
    // Nothing is left in the temporary folder.
    if cluster.socketFolder != cluster.folder { rmdir(cluster.socketFolder) }
  }

  private func server() async throws -> Server {
    let installation = try Installation.choose(
      from: await Installation.all(), for: try cluster.majorVersion(), data: cluster.data)
    return Server(
      cluster: cluster, installation: installation,
      account: try Account.serving(folder: cluster.folder))
  }
}
