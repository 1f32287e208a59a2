// The server of a private database: making its data, starting and stopping it. Every command runs
// in the server's account, in a session of its own, so that Ctrl-C in a terminal reaches neither
// the command nor the server, and with a listed environment. Paths that a shell inside pg_ctl
// would read are kept out of its reach or quoted.

internal import Documents
internal import Signing
internal import Subprocess
internal import SystemPackage

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The places of a cluster under a state directory.
struct Cluster: Sendable {
  /// `<state>/postgres`, the server's own folder.
  let folder: String
  /// Where the server listens; the same as `folder` unless its path is too long for a socket, or
  /// holds a comma, which libpq reads as the end of a host.
  let socketFolder: String

  var data: String { folder + "/data" }

  /// `sun_path` of a Unix socket has 108 bytes on Linux, the zero byte included.
  private static let socketPathBytesMax = 107

  init(state: StateDirectory) {
    folder = state.path + "/postgres"
    let length = "\(folder)/.s.PGSQL.5432".utf8.count
    if length <= Self.socketPathBytesMax && !folder.contains(",") {
      socketFolder = folder
    } else {
      // Named after the path, so that every command finds it; always in /tmp, so that commands
      // with different variables find the same.
      let digest = Signing.sha256(Array(state.path.utf8)).hexadecimal
      socketFolder = "/tmp/flagstaff-\(digest.prefix(16))"
    }
  }

  /// What libpq and `psql` take.
  func url(database: String) -> String {
    let unreserved = Array(
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8)
    let host = socketFolder.utf8.map { byte in
      unreserved.contains(byte)
        ? String(UnicodeScalar(byte)) : "%" + Hexadecimal.string([byte]).uppercased()
    }
    return "postgresql://flagstaff@/\(database)?host=\(host.joined())"
  }

  /// The major version that made the data; nil where there are none.
  /// - Throws: `RegistryError` of code `privateDatabase` where it cannot be told.
  func majorVersion() throws -> Int? {
    guard StateDirectory.isFolder(data) else { return nil }
    guard let text = Self.read("\(data)/PG_VERSION"),
      let version = text.split(separator: "\n").first.flatMap({ Int($0) })
    else {
      throw RegistryError(
        .privateDatabase, operation: "reading \(data)/PG_VERSION",
        reason: "it does not name a version of PostgreSQL; move \(data) away to begin anew")
    }
    return version
  }

  static func read(_ path: String) -> String? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 8192)
    let count = fread(&buffer, 1, buffer.count, file)
    return String(decoding: buffer[..<count], as: UTF8.self)
  }
}

/// A cluster together with the programs and the account that serve it.
struct Server: Sendable {
  let cluster: Cluster
  let installation: Installation
  let account: Account

  /// Makes the data. They come into being under another name and are moved into place when they
  /// are whole, so that a killed `initdb` leaves nothing that looks like a database.
  func makeData() async throws {
    let operation = "making the private database in \(cluster.data)"
    let new = cluster.data + ".new"
    try await run("/bin/rm", ["-rf", new], operation: operation)
    try await run(
      "\(installation.folder)/initdb",
      ["-A", "trust", "-U", "flagstaff", "-E", "UTF8", "--locale=C", "-D", new],
      operation: operation)
    guard rename(new, cluster.data) == 0 else { throw RegistryError.system(operation) }
  }

  /// Whether a process serves the data; it may still be recovering them.
  func isAlive() async throws -> Bool {
    try await command("\(installation.folder)/pg_ctl", ["status"]).isSuccess
  }

  /// Starts the server and waits until it accepts connections.
  func start() async throws {
    let operation = "starting the private database in \(cluster.data)"
    removeForeignProcessFile()
    // The server's options pass a shell. `unix_socket_directories` is a list with its own quoting.
    let socket = SQL.quoted(identifier: cluster.socketFolder)
    let settings = [
      "listen_addresses=", "unix_socket_directories=\(socket)", "unix_socket_permissions=0700",
      "timezone=UTC", "log_timezone=UTC", "log_checkpoints=off",
    ]
    let options = settings.map { "-c " + Self.shellQuoted($0) }.joined(separator: " ")
    var attempts = 8
    while true {
      // -l is relative to the working folder: pg_ctl puts it, unquoted, before a shell.
      let outcome = try await command(
        "\(installation.folder)/pg_ctl",
        ["start", "-w", "-t", "60", "-s", "-l", "server.log", "-o", options])
      if outcome.isSuccess { return }
      attempts -= 1
      // After a killed server, its children need a moment to notice; until then the shared memory
      // counts as in use.
      guard attempts > 0 else {
        throw RegistryError(
          .privateDatabase, operation: operation, reason: lastLines(of: outcome.text))
      }
      try await Task.sleep(for: .milliseconds(250))
    }
  }

  /// Stops the server, closing every connection, and waits for it.
  func stop() async throws {
    try await run(
      "\(installation.folder)/pg_ctl", ["stop", "-m", "fast", "-w", "-t", "60", "-s"],
      operation: "stopping the private database in \(cluster.data)")
  }

  /// The first parent that the account cannot pass through, if there is one.
  func checkParents() async throws {
    guard account.isOther else { return }
    var folders: [String] = []
    for part in cluster.folder.split(separator: "/").dropLast() {
      folders.append((folders.last ?? "") + "/" + part)
    }
    // Tried rather than read from modes: access lists and capabilities count too.
    let script = #"for d; do cd "$d" 2>/dev/null || { printf %s "$d"; exit 1; }; done"#
    let outcome = try await command("/bin/sh", ["-c", script, "sh"] + folders, workingFolder: "/")
    guard !outcome.isSuccess else { return }
    throw RegistryError(
      .privateDatabase, operation: "preparing the private database in \(cluster.folder)",
      reason: "it runs as the user \(account.name), who cannot enter the folder \(outcome.text); "
        + "run `chmod o+x \(Self.shellQuoted(outcome.text))`, or choose another --state-dir")
  }
}

extension Server {
  private struct Outcome {
    let isSuccess: Bool
    /// Standard output, then standard error.
    let text: String
  }

  private func run(_ program: String, _ arguments: [String], operation: String) async throws {
    let outcome = try await command(program, arguments)
    guard outcome.isSuccess else {
      throw RegistryError(
        .privateDatabase, operation: operation, reason: lastLines(of: outcome.text))
    }
  }

  private func command(
    _ program: String, _ arguments: [String], workingFolder: String? = nil
  ) async throws -> Outcome {
    var options = PlatformOptions()
    options.createSession = true
    let line = account.commandLine(program, arguments)
    do {
      let result = try await Subprocess.run(
        .path(FilePath(line[0])), arguments: Arguments(Array(line.dropFirst())),
        environment: .custom([
          "PATH": "\(installation.folder):/usr/bin:/bin", "LC_ALL": "C", "PGDATA": cluster.data,
        ]),
        workingDirectory: FilePath(workingFolder ?? cluster.folder), platformOptions: options,
        output: .string(limit: 256 * 1024), error: .string(limit: 256 * 1024))
      let texts = [result.standardOutput, result.standardError].compactMap { $0 }
      return Outcome(isSuccess: result.terminationStatus.isSuccess, text: texts.joined())
    } catch let error as SubprocessError {
      throw RegistryError(
        .privateDatabase, operation: "running \(line[0])", reason: String(describing: error))
    }
  }

  /// The end of what a command said, or of the server's log where it said nothing of use.
  private func lastLines(of text: String) -> String {
    let log = Cluster.read("\(cluster.folder)/server.log") ?? ""
    let lines = (text + "\n" + log).split(separator: "\n").filter { !$0.isEmpty }
    return lines.suffix(8).joined(separator: "; ")
  }

  /// A process file that a crash left may name a number that another program has by now, or, where
  /// nobody reaps, a process that is dead and still listed. Both happen in containers, and in both
  /// PostgreSQL believes that it is running. See proc(5) for the form: `12 (postgres) S …`.
  private func removeForeignProcessFile() {
    let path = "\(cluster.data)/postmaster.pid"
    guard let line = Cluster.read(path)?.split(separator: "\n").first, let process = pid_t(line),
      let status = Cluster.read("/proc/\(process)/stat")
    else { return }
    let isServer = status.contains("(postgres) ") && !status.contains("(postgres) Z")
    if !isServer { unlink(path) }
  }

  static func shellQuoted(_ text: String) -> String {
    "'" + text.replacing("'", with: "'\\''") + "'"
  }
}
