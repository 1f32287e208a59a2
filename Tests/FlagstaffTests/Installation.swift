// One installation of Flagstaff as a test sees it: a repository, a database, an origin, fixed keys
// and a fixed instant, and the program run against them. It says what the registry and the origin
// hold, so that two moments can be compared byte for byte.

import Documents
import Foundation
import PostgresRegistry
import Signing
import Testing

struct Installation: Sendable {
  static let instant = "2026-11-23T12:00:00Z"
  static let secret = "a-secret-of-tests-with-32-bytes-"

  let folder: Folder
  var repository: DefinitionsRepository
  /// The connection string of the registry.
  var url: String
  var variables: [String: String] = [:]

  var origin: String { folder.path + "/origin" }

  /// An installation with an empty registry and no origin yet.
  init(_ repository: DefinitionsRepository) async throws {
    try self.init(repository, url: try await TestCluster.shared.makeDatabase())
  }

  private init(_ repository: DefinitionsRepository, url: String) throws {
    folder = try Folder()
    self.repository = repository
    self.url = url
    let key = try PrivateKey(seed: [UInt8](repeating: 7, count: 32))
    try Data(key.pem()).write(to: URL(fileURLWithPath: folder.path + "/key.pem"))
    try Data(key.publicKey.pem()).write(to: URL(fileURLWithPath: folder.path + "/key.pub.pem"))
    variables = [
      "DATABASE_URL": url, "AUDIT_HMAC_SECRET": Self.secret,
      "FLAGSTAFF_SIGNING_KEY_FILE": folder.path + "/key.pem",
      "FLAGSTAFF_PUBLIC_KEY": folder.path + "/key.pub.pem",
      "FLAGSTAFF_REPOSITORY": repository.path, "FLAGSTAFF_ORIGIN": origin,
      "FLAGSTAFF_STATE_DIR": folder.path + "/state", "FLAGSTAFF_INSTANT": Self.instant,
    ]
  }

  /// A second installation that continues from where this one stands: its registry and origin are
  /// copies, times preserved. Nobody may be connected to this registry.
  func copy() async throws -> Installation {
    let copy = try Installation(
      repository, url: try await TestCluster.shared.makeDatabase(copying: url))
    if FileManager.default.fileExists(atPath: origin) {
      try Programs.command("cp", ["-a", origin, copy.origin])
    }
    return copy
  }

  /// Runs the program to its end.
  func run(
    _ arguments: String..., with more: [String: String] = [:], without: [String] = [],
    secondsMax: Double = Running.secondsMax
  ) throws -> Ended {
    try start(arguments, with: more, without: without).wait(secondsMax: secondsMax)
  }

  /// Starts the program.
  func start(_ arguments: [String], with more: [String: String] = [:], without: [String] = [])
    throws -> Running
  {
    var environment = Programs.variables.merging(variables) { $1 }.merging(more) { $1 }
    for name in without { environment[name] = nil }
    return try Running(
      Programs.flagstaff, arguments, variables: environment, in: folder.path)
  }

  /// Runs the program and expects its exit code.
  @discardableResult
  func expect(
    _ code: Int32, _ arguments: String..., with more: [String: String] = [:],
    without: [String] = [], sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Ended {
    let ended = try start(arguments, with: more, without: without).wait()
    #expect(ended.code == code, "\(arguments): \(ended)", sourceLocation: sourceLocation)
    return ended
  }

  /// A connection to the registry as its superuser.
  func connection() throws -> PostgresConnection { try PostgresConnection(url: url) }

  /// Removes what the file system does not: the database.
  func discard() async throws { try await TestCluster.shared.drop(url) }
}

// MARK: What the registry holds

/// The rows of the schema `experimentation`, each with its table and as text, by scope. Rows of the
/// audit log stand under "audit", and so do publications, without their origins, which have other
/// paths in each copy. The table `migrations` is left out: its `applied_at` is the clock.
typealias RegistryDump = [String: [String]]

extension Installation {
  static let auditRows = "audit"

  func dump() throws -> RegistryDump {
    let connection = try connection()
    let exists = try connection.runOutsideTransaction(
      "SELECT to_regclass('experimentation.scopes') IS NOT NULL AS there"
    ).only().bool("there")
    guard exists else { return [:] }
    // A table that a migration adds is not left out by mistake.
    let tables = try connection.runOutsideTransaction(
      """
      SELECT tablename::text FROM pg_tables WHERE schemaname = 'experimentation'
      AND tablename <> 'migrations' ORDER BY 1
      """
    ).map { try $0.string(0) }
    #expect(tables == Self.tables)
    let rows = try connection.runOutsideTransaction(Self.allRows)
    var dump: RegistryDump = [:]
    for row in rows {
      dump[try row.string("scope"), default: []].append(
        try row.string("name") + " " + row.string("line"))
    }
    return dump
  }

  private static let tables = [
    "approvals", "audit_chain", "audit_events", "exclusion_groups", "experiment_metrics",
    "experiments",
    "feature_flags", "kills", "metrics", "publications", "rests", "scopes", "segments", "snapshots",
    "targeting_rules", "tombstones", "trust", "variants",
  ]

  private static let allRows: SQL = """
    SELECT scope, name, line FROM (
      SELECT 'audit' AS scope, 'audit_chain' AS name, a::text AS line
        FROM experimentation.audit_chain a
      UNION ALL SELECT 'audit', 'audit_events', lpad(a.sequence::text, 12, '0') || a::text
        FROM experimentation.audit_events a
      UNION ALL SELECT 'audit', 'approvals', a::text FROM experimentation.approvals a
      UNION ALL SELECT 'audit', 'trust', t::text FROM experimentation.trust t
      UNION ALL SELECT DISTINCT 'audit', 'publications',
        concat_ws(' ', p.environment, p.customer, p.version, p.published)
        FROM experimentation.publications p
      UNION ALL SELECT environment || '/' || customer_id, 'exclusion_groups', g::text
        FROM experimentation.exclusion_groups g
      UNION ALL SELECT environment || '/' || customer_id, 'experiments', e::text
        FROM experimentation.experiments e
      UNION ALL SELECT x.environment || '/' || x.customer_id, 'experiment_metrics', e::text
        FROM experimentation.experiment_metrics e JOIN experimentation.experiments x
        ON x.environment = e.environment AND x.id = e.experiment_id
      UNION ALL SELECT environment || '/' || customer, 'kills', k::text
        FROM experimentation.kills k
      UNION ALL SELECT environment || '/' || customer_id, 'metrics', m::text
        FROM experimentation.metrics m
      UNION ALL SELECT environment || '/' || customer_id, 'rests', r::text
        FROM experimentation.rests r
      UNION ALL SELECT environment || '/' || customer_id, 'feature_flags', f::text
        FROM experimentation.feature_flags f
      UNION ALL SELECT environment || '/' || customer, 'scopes', s::text
        FROM experimentation.scopes s
      UNION ALL SELECT environment || '/' || customer_id, 'segments', s::text
        FROM experimentation.segments s
      UNION ALL SELECT environment || '/' || customer, 'snapshots', s::text
        FROM experimentation.snapshots s
      UNION ALL SELECT f.environment || '/' || f.customer_id, 'targeting_rules', r::text
        FROM experimentation.targeting_rules r JOIN experimentation.feature_flags f
        ON f.environment = r.environment AND f.id = r.flag_id
      UNION ALL SELECT environment || '/' || customer, 'tombstones', t::text
        FROM experimentation.tombstones t
      UNION ALL SELECT e.environment || '/' || e.customer_id, 'variants', v::text
        FROM experimentation.variants v JOIN experimentation.experiments e
        ON e.environment = v.environment AND e.id = v.experiment_id
    ) AS everything ORDER BY scope COLLATE "C", name COLLATE "C", line COLLATE "C"
    """
}

// MARK: What the origin holds

/// A file or folder of an origin.
struct OriginEntry: Hashable, Sendable {
  /// Nil for a folder.
  let digest: Digest?
  let bytes: Int
  /// Of a file; when a folder changed says nothing that its entries do not say.
  let modifiedNanoseconds: Int

  var content: String { "\(digest?.hexadecimal ?? "folder")" }
}

extension Installation {
  /// Everything under the origin by its path, hidden files included.
  func originTree() throws -> [String: OriginEntry] { try Self.tree(origin) }

  /// The same without times, and without checkpoints but the last: a pass that takes longer than
  /// half a minute tells one on its way, and none ever goes away.
  func originContent() throws -> [String: String] { Self.content(of: try originTree()) }

  static func content(of tree: [String: OriginEntry]) -> [String: String] {
    let last = tree.keys.compactMap { checkpoint(at: $0) }.max()
    return tree.mapValues(\.content).filter { path, _ in
      checkpoint(at: path).map { $0 == last } ?? true
    }
  }

  /// The sequence of the checkpoint object at a path of an origin; nil for any other file.
  static func checkpoint(at path: String) -> Int? {
    guard path.hasPrefix("v1/audit/"), path.hasSuffix(".json") else { return nil }
    return Int(path.dropFirst("v1/audit/".count).dropLast(".json".count))
  }

  static func tree(_ root: String) throws -> [String: OriginEntry] {
    var entries: [String: OriginEntry] = [:]
    var status = stat()
    guard lstat(root, &status) == 0 else { return [:] }
    let names = try FileManager.default.subpathsOfDirectory(atPath: root)
    for name in names {
      let path = root + "/" + name
      guard lstat(path, &status) == 0 else { continue }
      guard status.st_mode & S_IFMT == S_IFREG else {
        entries[name] = OriginEntry(digest: nil, bytes: 0, modifiedNanoseconds: 0)
        continue
      }
      let bytes = [UInt8](FileManager.default.contents(atPath: path) ?? Data())
      entries[name] = OriginEntry(
        digest: Signing.sha256(bytes), bytes: bytes.count,
        modifiedNanoseconds: status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec)
    }
    return entries
  }

  /// The paths of the pointers that are published.
  func pointerPaths() throws -> [String] {
    try originTree().keys.filter { $0.hasSuffix("/latest.json") }.sorted()
  }
}

// MARK: Both at once

/// All that a pass may change, at one moment.
struct Moment: Equatable, Sendable {
  let registry: RegistryDump
  let origin: [String: OriginEntry]
}

extension Installation {
  func moment() throws -> Moment { Moment(registry: try dump(), origin: try originTree()) }
}

/// Expects that two maps are equal, and says where they are not, in few words.
func expectEqual<Value: Equatable>(
  _ found: [String: Value], _ expected: [String: Value], _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let names = Set(found.keys).union(expected.keys).filter { found[$0] != expected[$0] }.sorted()
  let words = names.prefix(5).map { name in
    let state = found[name] == nil ? "missing" : expected[name] == nil ? "too much" : "different"
    return "\(name) is \(state)"
  }
  #expect(
    names.isEmpty, "\(what): \(names.count) differ: \(words.joined(separator: ", "))",
    sourceLocation: sourceLocation)
}
