// What users and the world do wrong: each gives a message that says what is wrong, the right exit
// code, and leaves registry and origin as they were, to the byte and to the time of each file.

import Foundation
import PostgresRegistry
import Signing
import Testing

/// A small installation that was reconciled once; each test breaks a copy of it.
actor SoundInstallation {
  static let shared = SoundInstallation()

  private var task: Task<Installation, any Error>?

  /// A copy with a repository of its own, whose head has a change that is not applied yet.
  func copy(withChange: Bool = true) async throws -> Installation {
    let prepared =
      task
      ?? Task {
        let installation = try await Installation(DefinitionsRepository.small())
        try installation.expect(0, "reconcile", "--quiet")
        return installation
      }
    task = prepared
    var copy = try await prepared.value.copy()
    let repository = try DefinitionsRepository()
    try Programs.command(
      "cp", ["-a", copy.repository.path + "/.", repository.path])
    copy.use(repository)
    guard withChange else { return copy }
    try repository.replace("zone: A", by: "zone: B", in: "customers/globex/depot.yaml")
    try repository.commit("Pending")
    return copy
  }
}

extension Installation {
  fileprivate mutating func use(_ repository: DefinitionsRepository) {
    self.repository = repository
    variables["FLAGSTAFF_REPOSITORY"] = repository.path
  }
}

// MARK: The world

struct BadWorld: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let code: Int32
  /// What the message has to say.
  let words: [String]
  let breakIt: @Sendable (inout Installation) async throws -> Void

  init(
    _ name: String, _ code: Int32, _ words: String...,
    breakIt: @escaping @Sendable (inout Installation) async throws -> Void
  ) {
    testDescription = name
    self.code = code
    self.words = words
    self.breakIt = breakIt
  }

  /// Sets one variable.
  init(
    _ name: String, _ code: Int32, set variable: String, to value: String, _ words: String...
  ) {
    testDescription = name
    self.code = code
    self.words = words
    breakIt = { $0.variables[variable] = value }
  }
}

extension BadWorld {
  static let repositories: [BadWorld] = [
    BadWorld("a folder that is no repository", 1, "could not find repository") {
      try FileManager.default.removeItem(atPath: $0.repository.path + "/.git")
    },
    BadWorld(
      "a folder that is not there", 1, set: "FLAGSTAFF_REPOSITORY", to: "/nonexistent/definitions",
      "/nonexistent/definitions"),
    BadWorld(
      "an unknown branch", 1, set: "FLAGSTAFF_BRANCH", to: "trunk", "the branch trunk",
      "there are only: main"),
    BadWorld("an unknown branch of a remote", 1, "trunk", "no branch") {
      $0.variables["FLAGSTAFF_REPOSITORY"] = "file://" + $0.repository.path
      $0.variables["FLAGSTAFF_BRANCH"] = "trunk"
    },
    BadWorld("a repository without a commit", 1, "no branch with a commit") {
      $0.use(try DefinitionsRepository())
    },
    BadWorld(
      "a remote that leads nowhere", 1, set: "FLAGSTAFF_REPOSITORY",
      to: "file:///nonexistent/definitions.git", "fetching"),
    BadWorld(
      "a remote that refuses the connection", 1, set: "FLAGSTAFF_REPOSITORY",
      to: "https://127.0.0.1:1/definitions.git", "fetching"),
  ]

  static let databases: [BadWorld] = [
    BadWorld(
      "a database that cannot be reached", 1, set: "DATABASE_URL",
      to: "postgresql://flagstaff:hidden-password@127.0.0.1:1/flagstaff", "127.0.0.1"),
    BadWorld(
      "a connection string that is none", 1, set: "DATABASE_URL", to: "postgresql://:::/hidden",
      "connecting to the registry"),
    BadWorld("a database that is not there", 1, "does not exist") {
      $0.variables["DATABASE_URL"] = $0.url.replacing("flagstaff_test_", with: "no_such_")
    },
    BadWorld("a read-only database", 1, "read-only") {
      try $0.connection().runOutsideTransaction(
        """
        ALTER DATABASE \(identifier: TestCluster.name(of: $0.url))
        SET default_transaction_read_only = on
        """)
    },
    BadWorld(
      "a login without rights", 1, "may not take the role flagstaff_app", "GRANT flagstaff_app TO"
    ) {
      let login = "reader_of_" + TestCluster.name(of: $0.url)
      try $0.connection().runOutsideTransaction("CREATE ROLE \(identifier: login) LOGIN")
      $0.variables["DATABASE_URL"] = $0.url.replacing(
        "postgresql://flagstaff@", with: "postgresql://\(login)@")
    },
    BadWorld("a schema that this program is too old for", 1, "too old", "newer flagstaff") {
      try $0.connection().runOutsideTransaction(
        """
        INSERT INTO experimentation.migrations (number, name, oldest_program)
        VALUES (99, 'later', 99)
        """)
    },
  ]

  static let secrets: [BadWorld] = [
    BadWorld(
      "a wrong secret", 1, set: "AUDIT_HMAC_SECRET", to: "another-secret-that-is-long-enough",
      "AUDIT_HMAC_SECRET", "Give the secret that the log was written with"),
    BadWorld(
      "a short secret", 1, set: "AUDIT_HMAC_SECRET", to: "too-short", "AUDIT_HMAC_SECRET",
      "at least 32"),
    BadWorld("a missing secret", 1, "AUDIT_HMAC_SECRET is missing") {
      $0.variables["AUDIT_HMAC_SECRET"] = nil
    },
    BadWorld("a missing signing key", 1, "FLAGSTAFF_SIGNING_KEY is missing") {
      $0.variables["FLAGSTAFF_SIGNING_KEY_FILE"] = nil
    },
    BadWorld("a signing key that is none", 1, "FLAGSTAFF_SIGNING_KEY is no Ed25519 key") {
      $0.variables["FLAGSTAFF_SIGNING_KEY_FILE"] = nil
      $0.variables["FLAGSTAFF_SIGNING_KEY"] = "hidden-key"
    },
  ]

  static let origins: [BadWorld] = [
    BadWorld("an origin that is a file", 1, "origin-file") {
      let path = $0.folder.path + "/origin-file"
      try Data("file".utf8).write(to: URL(fileURLWithPath: path))
      $0.variables["FLAGSTAFF_ORIGIN"] = path
    },
    BadWorld(
      "an origin under a file", 1, set: "FLAGSTAFF_ORIGIN", to: "/dev/null/origin", "/dev/null"),
    BadWorld("a pointer signed by another key", 1, "FLAGSTAFF_SIGNING_KEY") {
      let key = try PrivateKey(seed: [UInt8](repeating: 8, count: 32))
      $0.variables["FLAGSTAFF_SIGNING_KEY_FILE"] = nil
      $0.variables["FLAGSTAFF_SIGNING_KEY"] = String(decoding: try key.pem(), as: UTF8.self)
    },
    BadWorld("a pointer that is damaged", 1, "v1/production/acme/latest.json: the next pass") {
      try Data("{".utf8).write(
        to: URL(fileURLWithPath: $0.origin + "/v1/production/acme/latest.json"))
    },
    BadWorld("an origin ahead of a registry that was lost", 1, "the database was lost") {
      $0.url = try await TestCluster.shared.makeDatabase()
      $0.variables["DATABASE_URL"] = $0.url
    },
    BadWorld("an origin ahead of a registry that was restored", 1, "the database was lost") {
      let restored = try await $0.copy()
      try $0.expect(0, "reconcile", "--quiet")
      $0.url = restored.url
      $0.variables["DATABASE_URL"] = $0.url
      try $0.repository.replace("zone: B", by: "zone: C", in: "customers/globex/depot.yaml")
      try $0.repository.commit()
    },
    BadWorld("an origin with another history under the same versions", 1, "another history") {
      let other = try await SoundInstallation.shared.copy(withChange: false)
      try other.repository.replace("zone: A", by: "zone: Z", in: "customers/globex/depot.yaml")
      try other.repository.commit()
      let strange = try await Installation(other.repository)
      try strange.expect(0, "reconcile", "--quiet")
      $0.url = strange.url
      $0.variables["DATABASE_URL"] = strange.url
      $0.use(other.repository)
    },
  ]
}

@Suite("Bad input")
struct BadInputTests {
  @Test(
    "What the world does wrong is said, and changes nothing",
    arguments: BadWorld.repositories + BadWorld.databases + BadWorld.secrets + BadWorld.origins)
  func world(_ bad: BadWorld) async throws {
    var installation = try await SoundInstallation.shared.copy()
    try await bad.breakIt(&installation)
    let moment = try installation.moment()
    for command in ["reconcile", "reconcile"] {
      let ended = try installation.expect(bad.code, command)
      for words in bad.words { #expect(ended.errors.contains(words), "\(words): \(ended)") }
      #expect(!ended.errors.contains("hidden"), "a secret is shown: \(ended)")
      #expect(ended.seconds < 30)
    }
    #expect(try installation.dump() == moment.registry)
    expectEqual(try installation.originTree(), moment.origin, "the origin")
    try await installation.discard()
  }

  @Test("A remote that never answers is given up in time", arguments: ["libgit2", "git"])
  func hangingRemote(transport: String) async throws {
    let installation = try await SoundInstallation.shared.copy()
    let moment = try installation.moment()
    let listener = try SilentListener()
    let ended = try installation.expect(
      1, "reconcile",
      with: [
        "FLAGSTAFF_REPOSITORY": "https://127.0.0.1:\(listener.port)/definitions.git",
        "FLAGSTAFF_FETCH_SECONDS": "2", "FLAGSTAFF_GIT_TRANSPORT": transport,
      ])
    #expect(ended.errors.contains("2 s"), "\(ended)")
    #expect(ended.seconds < 20)
    #expect(try installation.moment() == moment)
    try await installation.discard()
  }

  @Test("A read-only database still answers `plan` and `status`")
  func readOnlyDatabase() async throws {
    let installation = try await SoundInstallation.shared.copy()
    let connection = try installation.connection()
    try connection.runOutsideTransaction(
      """
      ALTER DATABASE \(identifier: TestCluster.name(of: installation.url))
      SET default_transaction_read_only = on
      """)
    try installation.expect(0, "plan")
    try installation.expect(0, "status")
    try installation.expect(0, "audit", "verify")
    try await installation.discard()
  }

  @Test(
    "An origin that is full or read-only is found before anything is committed",
    .enabled(if: TemporaryMount.isAllowed, "mounting is not allowed here"),
    arguments: [false, true])
  func fullOrigin(isReadOnly: Bool) async throws {
    var installation = try await SoundInstallation.shared.copy()
    let mount = try TemporaryMount("size=4m")
    let origin = mount.folder.path + "/origin"
    try Programs.command("cp", ["-a", installation.origin, origin])
    installation.variables["FLAGSTAFF_ORIGIN"] = origin
    try isReadOnly ? mount.makeReadOnly() : mount.fill()
    let (rows, tree) = (try installation.dump(), try Installation.tree(origin))
    let ended = try installation.expect(1, "reconcile")
    let reason = isReadOnly ? "ead-only" : "no space is left"
    #expect(ended.errors.contains(reason), "\(ended)")
    #expect(try installation.dump() == rows)
    expectEqual(try Installation.tree(origin), tree, "the origin")
    try await installation.discard()
  }
}

// MARK: Files

struct BadFile: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let finding: String
  let content: Data

  init(_ name: String, _ finding: String, _ content: String) {
    testDescription = name
    self.finding = finding
    self.content = Data(content.utf8)
  }

  init(_ name: String, _ finding: String, bytes: [UInt8]) {
    testDescription = name
    self.finding = finding
    content = Data(bytes)
  }

  private static let bomb =
    "flagstaff: v1\na0: &a0 [x, x]\n"
    + (1...30).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]\n" }.joined()

  static let all: [BadFile] = [
    BadFile("not UTF-8", "FS1002", bytes: Array("flagstaff: v1 # ".utf8) + [0xff, 0xfe, 0x0a]),
    BadFile("300 KiB", "FS3004", bytes: [UInt8](repeating: 0x23, count: 300 * 1024)),
    BadFile("100 KB of [", "FS1004", bytes: [UInt8](repeating: 0x5b, count: 100_000)),
    BadFile("an alias bomb", "FS1010", bomb),
    BadFile("a key twice", "FS1013", "flagstaff: v1\nflags: {}\nflags: {}\n"),
    BadFile("another version", "FS1104", "flagstaff: v2\nflags: {}\n"),
    BadFile("a misspelt section", "FS1101", "flagstaff: v1\nflgas: {}\n"),
    BadFile("an empty file", "FS1006", ""),
    BadFile(
      "a flag of another file", "FS2016", "flagstaff: v1\nflags: {banner: {environments: {}}}\n"),
    BadFile(
      "a reference to nothing", "FS2012",
      """
      flagstaff: v1
      flags:
        lost:
          environments: {production: {}}
          rules: [{when: {segment: nobody}, serve: true}]

      """),
  ]
}

extension BadInputTests {
  @Test("A file that is wrong holds its customer, and the others go on", arguments: BadFile.all)
  func file(_ bad: BadFile) async throws {
    let installation = try await SoundInstallation.shared.copy()
    try installation.repository.write(bad.content, to: "customers/acme/bad.yaml")
    // A sound change beside it waits with it.
    try installation.repository.replace(
      "traffic: 20%", by: "traffic: 50%", in: "customers/acme/shop.yaml")
    try installation.repository.commit()
    let former = try installation.moment()
    let ended = try installation.expect(3, "reconcile")
    #expect(ended.output.contains("customers/acme/bad.yaml"), "\(ended)")
    #expect(ended.output.contains(bad.finding), "\(ended)")
    #expect(ended.output.contains("production/acme  held at version 1"), "\(ended)")
    #expect(ended.output.contains("production/globex  applied as version 2"), "\(ended)")
    let now = try installation.moment()
    for environment in ["production", "staging"] {
      #expect(now.registry["\(environment)/acme"] == former.registry["\(environment)/acme"])
      #expect(now.registry["\(environment)/globex"] != former.registry["\(environment)/globex"])
    }
    expectEqual(
      now.origin.filter { $0.key.contains("/acme") },
      former.origin.filter { $0.key.contains("/acme") }, "acme's files")
    let validated = try installation.expect(3, "validate", installation.repository.path)
    #expect(validated.output.contains(bad.finding), "\(validated)")
    try installation.expect(3, "plan")
    try installation.expect(0, "status")
    try await installation.discard()
  }

  @Test("Every problem of every file is said in one run, with its place")
  func allProblems() async throws {
    let installation = try await SoundInstallation.shared.copy()
    for (place, bad) in BadFile.all.enumerated() {
      try installation.repository.write(bad.content, to: "customers/acme/bad-\(place).yaml")
    }
    let ended = try installation.expect(3, "validate", installation.repository.path)
    // What is not found may stand in a file that cannot be read, so that is not said yet.
    for bad in BadFile.all where bad.finding != "FS2012" {
      #expect(ended.output.contains(bad.finding), "\(bad.finding): \(ended)")
    }
    try await installation.discard()
  }

  @Test("A workspace file that is wrong holds everything")
  func workspace() async throws {
    let installation = try await SoundInstallation.shared.copy()
    try installation.repository.write("flagstaff: v1\nworkspace: {}\n", to: "flagstaff.yaml")
    try installation.repository.commit()
    let moment = try installation.moment()
    let ended = try installation.expect(3, "reconcile")
    #expect(ended.output.contains("flagstaff.yaml:2"), "\(ended)")
    #expect(try installation.moment() == moment)
    try await installation.discard()
  }

  @Test("A symbolic link among the definitions is a finding, never followed")
  func symbolicLink() async throws {
    let installation = try await SoundInstallation.shared.copy()
    try FileManager.default.createSymbolicLink(
      atPath: installation.repository.path + "/customers/acme/link.yaml",
      withDestinationPath: "/etc/passwd")
    try installation.repository.commit()
    let ended = try installation.expect(3, "reconcile")
    #expect(ended.output.contains("FS3001"), "\(ended)")
    try await installation.discard()
  }
}

// MARK: Faults

/// Accepts connections by its backlog alone, and never says a word.
private final class SilentListener: Sendable {
  let port: UInt16
  private let socket: Int32

  init() throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let socket = socket
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, length) == 0 && listen(socket, 8) == 0
          && getsockname(socket, $0, &length) == 0
      }
    }
    guard isListening else { throw ProgramFailure(description: "no listener") }
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(socket) }
}

/// A file system of its own in memory; only root may have one.
private final class TemporaryMount: Sendable {
  let folder: Folder

  static let isAllowed: Bool = (try? TemporaryMount("size=64k")) != nil

  init(_ options: String) throws {
    folder = try Folder()
    try Programs.command("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder.path])
  }

  /// Leaves no more than a few blocks.
  func fill() throws {
    let file = open(folder.path + "/filler", O_WRONLY | O_CREAT, 0o600)
    defer { close(file) }
    let block = [UInt8](repeating: 1, count: 4096)
    for _ in 0..<2048 where write(file, block, block.count) < 0 { return }
  }

  func makeReadOnly() throws {
    try Programs.command("mount", ["-o", "remount,ro", folder.path])
  }

  deinit {
    _ = try? Programs.command("umount", ["--lazy", folder.path])
  }
}
