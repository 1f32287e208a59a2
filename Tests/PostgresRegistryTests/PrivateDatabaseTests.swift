// The private PostgreSQL, with real servers: its life among several users, what a crash leaves, and
// the folders in which it cannot live.

import Foundation
import Testing

@testable import PostgresRegistry

@Suite(.serialized) struct PrivateDatabaseTests {
  @Test("It starts in a moment, answers at its url, and is gone after its last user")
  func lifetime() async throws {
    try await withStateDirectory { state in
      let database = try PrivateDatabase(stateDirectory: state)
      #expect(!database.isRunning)
      #expect(try await database.stop())
      let url = try await database.start()
      #expect(url == database.url)
      #expect(url.hasPrefix("postgresql://flagstaff@/flagstaff?host=/"))
      #expect(try run("/usr/bin/psql", [url, "-XAtc", "SELECT current_database()"]) == "flagstaff")
      #expect(database.isRunning)
      // Neither Ctrl-C nor the end of a terminal reaches it.
      #expect(getsid(try processOfServer(in: state)) != getsid(0))

      // Started again by the same process or another, it is the same server.
      let process = try processOfServer(in: state)
      try await database.start()
      let second = try PrivateDatabase(stateDirectory: state)
      try await second.start()
      #expect(try processOfServer(in: state) == process)
      await database.release()
      await database.release()
      #expect(second.isRunning)
      await second.release()
      #expect(!second.isRunning)

      let clock = ContinuousClock()
      let restarted = try await clock.measure { try await second.start() }
      #expect(restarted < .seconds(10), "bounded loosely: the machine may be busy")
      print("a private database started again in \(restarted)")
      #expect(await second.release() == nil)
    }
  }

  @Test("Users that come at once start one server")
  func concurrentStarts() async throws {
    try await withStateDirectory { state in
      let databases = try (0..<4).map { _ in try PrivateDatabase(stateDirectory: state) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for database in databases { group.addTask { try await database.start() } }
        try await group.waitForAll()
      }
      await withTaskGroup(of: Void.self) { group in
        for database in databases { group.addTask { await database.release() } }
      }
      #expect(!databases[0].isRunning)
    }
  }

  @Test("A server that is to be kept stays, and is stopped on demand")
  func keeping() async throws {
    try await withStateDirectory { state in
      let database = try PrivateDatabase(stateDirectory: state)
      try await database.start()
      try await database.keep()
      await database.release()
      #expect(database.isRunning)
      let user = try PrivateDatabase(stateDirectory: state)
      try await user.start()
      await user.release()
      #expect(database.isRunning)
      #expect(try await database.stop())
      #expect(!database.isRunning)

      // What others use is not taken from them: the last of them stops it.
      try await user.start()
      try await user.keep()
      #expect(try await database.stop() == false)
      #expect(database.isRunning)
      await user.release()
      #expect(!database.isRunning)
    }
  }

  @Test("A killed command leaves the server running, and the next one takes it over")
  func killedCommand() async throws {
    try await withStateDirectory { state in
      // The lock goes with its owner, as it does with a killed process.
      try await PrivateDatabase(stateDirectory: state).start()
      let process = try processOfServer(in: state)
      let next = try PrivateDatabase(stateDirectory: state)
      #expect(next.isRunning)
      try await next.start()
      #expect(try processOfServer(in: state) == process)
      await next.release()
      #expect(!next.isRunning)
    }
  }

  @Test("After SIGKILL of the server the next start recovers what was committed")
  func killedServer() async throws {
    try await withStateDirectory { state in
      let database = try PrivateDatabase(stateDirectory: state)
      try await database.start()
      do {
        let connection = try PostgresConnection(url: database.url)
        try RegistrySchema.prepare(connection)
        try connection.transaction { try insertTombstone($0, key: "kept") }
      }
      kill(try processOfServer(in: state), SIGKILL)
      try await database.start()
      let connection = try PostgresConnection(url: database.url)
      let keys = try connection.transaction { transaction in
        try transaction.run("SELECT key FROM tombstones").map { try $0.string(0) }
      }
      #expect(keys == ["kept"])
      #expect(await database.release() == nil)

      // A process file whose number belongs to another program by now does not count.
      let file = state + "/postgres/data/postmaster.pid"
      try "\(getpid())\n".write(toFile: file, atomically: true, encoding: .utf8)
      try await database.start()
      await database.release()
    }
  }

  @Test("Data that an interrupted initdb left are made anew")
  func interruptedInitdb() async throws {
    try await withStateDirectory { state in
      let database = try PrivateDatabase(stateDirectory: state)
      try await database.start()
      await database.release()
      let data = state + "/postgres/data"
      try FileManager.default.moveItem(atPath: data, toPath: data + ".new")
      try FileManager.default.removeItem(atPath: data + ".new/global")
      try await database.start()
      await database.release()
    }
  }

  @Test("Data of another major version are named, with what is installed, and left alone")
  func otherMajorVersion() async throws {
    try await withStateDirectory { state in
      let database = try PrivateDatabase(stateDirectory: state)
      try await database.start()
      await database.release()
      let file = state + "/postgres/data/PG_VERSION"
      try "9\n".write(toFile: file, atomically: false, encoding: .utf8)
      let error = await failure { try await database.start() }
      #expect(error?.reason.contains("were made by PostgreSQL 9, and here is PostgreSQL") == true)
      #expect(error?.reason.contains("install PostgreSQL 9") == true)
      try "nonsense".write(toFile: file, atomically: false, encoding: .utf8)
      let unreadable = await failure { try await database.start() }
      #expect(unreadable?.reason.contains("does not name a version") == true)
    }
  }

  @Test("Without PostgreSQL's programs the message says what to install")
  func notInstalled() async throws {
    let found = await Installation.all(path: "/nowhere:relative", versionsFolder: "/nowhere")
    #expect(found == [])
    let error = expectError(.privateDatabase) {
      try Installation.choose(from: found, for: nil, data: "/x")
    }
    #expect(error?.reason.contains("apt-get install postgresql") == true)
    #expect(await !Installation.all().isEmpty)
  }

  @Test(
    "A parent that the server's account cannot enter is named, with the command that opens it",
    .enabled(if: geteuid() == 0, "only root runs the server as somebody else"))
  func closedParent() async throws {
    try await withStateDirectory { state in
      let closed = state + "/it's closed"
      try FileManager.default.createDirectory(
        atPath: closed, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
      let database = try PrivateDatabase(stateDirectory: closed + "/state")
      let error = await failure { try await database.start() }
      #expect(error?.reason.contains("cannot enter the folder \(closed);") == true)
      #expect(error?.reason.contains(#"chmod o+x '\#(state)/it'\''s closed'"#) == true)
      #expect(chmod(closed, 0o711) == 0)
      try await database.start()
      await database.release()
    }
  }

  @Test("A path too long for a socket, or full of what shells read, works all the same")
  func strangePaths() async throws {
    try await withStateDirectory { state in
      let strange = state + #"/a b,"c"$HOME`d`'e'%41&?#é"#
      let long = state + "/" + String(repeating: "long/", count: 30) + "end"
      for path in [strange, long] {
        let database = try PrivateDatabase(stateDirectory: path)
        try await database.start()
        #expect(try run("/usr/bin/psql", [database.url, "-XAtc", "SELECT 1"]) == "1")
        await database.release()
        #expect(!database.isRunning)
      }
      let database = try PrivateDatabase(stateDirectory: long)
      let socket = try #require(database.url.split(separator: "=").last.map(String.init))
      #expect(socket.hasPrefix("/tmp/flagstaff-"))
      // Somebody else's folder of that name is not trusted.
      #expect(access(socket, F_OK) != 0, "nothing is left of it")
      #expect(mkdir(socket, 0o700) == 0 && chmod(socket, 0o777) == 0)
      let error = await failure { try await database.start() }
      #expect(error?.reason.contains("nobody else can enter") == true)
      try FileManager.default.removeItem(atPath: socket)
    }
  }

  @Test("The state directory hides itself from Git, once, and every spelling of it is one")
  func stateDirectory() async throws {
    try await withStateDirectory { folder in
      let state = try StateDirectory(folder + "/new/./state/")
      #expect(state.path == folder + "/new/state")
      try state.make()
      let ignore = state.path + "/.gitignore"
      #expect(try String(contentsOfFile: ignore, encoding: .utf8) == "*\n")
      try "mine\n".write(toFile: ignore, atomically: true, encoding: .utf8)
      try state.make()
      #expect(try String(contentsOfFile: ignore, encoding: .utf8) == "mine\n")
      let link = folder + "/link"
      try FileManager.default.createSymbolicLink(
        atPath: link, withDestinationPath: folder + "/new")
      #expect(try StateDirectory(link + "/state") == state)
      for wrong in [ignore + "/below", folder + "/absent/../state"] {
        #expect(throws: RegistryError.self) { try StateDirectory(wrong) }
      }
    }
  }
}

/// Runs `body` with a new folder; whatever server is left in it ends with the test.
private func withStateDirectory(_ body: (String) async throws -> Void) async throws {
  let folder = try temporaryFolder()
  do {
    try await body(folder)
  } catch {
    Issue.record(error)
  }
  if let process = try? processOfServer(in: folder), kill(process, SIGQUIT) == 0 {
    for _ in 0..<500 where kill(process, 0) == 0 { try await Task.sleep(for: .milliseconds(10)) }
  }
  try FileManager.default.removeItem(atPath: folder)
}

private func processOfServer(in state: String) throws -> pid_t {
  let file = state + "/postgres/data/postmaster.pid"
  let text = try String(contentsOfFile: file, encoding: .utf8)
  return try #require(text.split(separator: "\n").first.flatMap { pid_t($0) })
}

private func failure(_ body: () async throws -> some Any) async -> RegistryError? {
  let error = await #expect(throws: RegistryError.self) { _ = try await body() }
  #expect(error?.code == .privateDatabase)
  return error
}

/// Runs a program and answers its output without the final newline.
func run(_ program: String, _ arguments: [String]) throws -> String {
  let process = Process()
  let output = Pipe()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  process.standardOutput = output
  try process.run()
  let data = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines)
}
