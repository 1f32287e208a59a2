// Where crashes begin, and what they must lead to. Each stage is prepared once: the moment before
// a pass, and the moment after an undisturbed one, with how often it reached each failpoint. What a
// crashed process left behind is held against both.

import Documents
import FlagstaffController
import Foundation
import PostgresRegistry
import Testing

/// A pass that is worth interrupting.
enum CrashStage: String, CaseIterable, Sendable {
  /// The first commit of the generated repository, into an empty registry.
  case firstCommit
  /// A commit that changes, adds and deletes in several scopes.
  case secondCommit
  /// The first commit of a repository of two customers.
  case smallRepository
  /// A commit that changes trust, and scopes with approvals of every kind.
  case gatedCommit

  /// The points that its pass reaches.
  var points: [String] {
    self == .gatedCommit ? Failpoints.names + Failpoints.trustNames : Failpoints.names
  }
}

struct PreparedStage: Sendable {
  /// Copied for each crash.
  let start: Installation
  let before: Moment
  /// After an undisturbed pass.
  let after: Moment
  let eventsBefore: [String: Int]
  let eventsAfter: [String: Int]
  /// How often each failpoint was reached.
  let hits: [String: Int]
  /// How long the undisturbed pass took.
  let seconds: Double
}

actor PreparedStages {
  static let shared = PreparedStages()

  private var tasks: [CrashStage: Task<PreparedStage, any Error>] = [:]

  func stage(_ stage: CrashStage) async throws -> PreparedStage {
    if let task = tasks[stage] { return try await task.value }
    let task = Task { try await Self.prepare(stage) }
    tasks[stage] = task
    return try await task.value
  }

  private static func prepare(_ stage: CrashStage) async throws -> PreparedStage {
    let start = try await start(of: stage)
    let undisturbed = try await start.copy(variables: start.variables)
    let trace = undisturbed.folder.path + "/trace"
    let ended = try undisturbed.expect(
      0, "reconcile", "--quiet", with: ["FLAGSTAFF_FAILPOINT_TRACE": trace])
    let lines = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
    try undisturbed.expect(0, "status")
    try undisturbed.expect(0, "audit", "verify", "--approvals")
    try undisturbed.expect(0, "snapshot", "verify", undisturbed.origin)
    return PreparedStage(
      start: start, before: try start.moment(), after: try undisturbed.moment(),
      eventsBefore: try start.eventCounts(), eventsAfter: try undisturbed.eventCounts(),
      hits: Dictionary(lines.map { (String($0), 1) }, uniquingKeysWith: +),
      seconds: ended.seconds)
  }
}

extension PreparedStages {
  private static func start(of stage: CrashStage) async throws -> Installation {
    if stage == .gatedCommit {
      let people = try People()
      let installation = try await ApprovedLog.begun(people)
      try ApprovedLog.change(installation, people)
      return installation
    }
    let repository =
      try stage == .smallRepository ? DefinitionsRepository.small() : .generated()
    var start = try await Installation(repository)
    if stage == .secondCommit {
      try start.expect(0, "reconcile", "--quiet")
      try repository.changeSeveralScopes()
      start.variables["FLAGSTAFF_INSTANT"] = "2026-11-23T13:00:00Z"
    }
    return start
  }
}

extension Installation {
  /// A copy under the same variables but those that name its own places.
  func copy(variables former: [String: String]) async throws -> Installation {
    var copy = try await copy()
    copy.variables["FLAGSTAFF_INSTANT"] = former["FLAGSTAFF_INSTANT"]
    return copy
  }

  /// How many audit events each scope has.
  func eventCounts() throws -> [String: Int] {
    let connection = try connection()
    guard
      try connection.runOutsideTransaction(
        "SELECT to_regclass('experimentation.audit_events') IS NOT NULL AS there"
      ).only().bool("there")
    else { return [:] }
    let rows = try connection.runOutsideTransaction(
      """
      SELECT environment || '/' || customer AS scope, count(*) AS events
      FROM experimentation.audit_events WHERE environment IS NOT NULL GROUP BY 1
      """)
    var counts: [String: Int] = [:]
    for row in rows { counts[try row.string("scope")] = try row.int("events") }
    return counts
  }
}

extension PreparedStage {
  /// P1, P2 and P3 of what a crashed pass left behind.
  func expectPromises(
    _ crashed: Installation, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let (registry, origin) = (try crashed.dump(), try crashed.originTree())
    let events = try crashed.eventCounts()
    // P1: each scope is whole, at the old version or at the new one; P2: with that one's events.
    for scope in Set(after.registry.keys).union(registry.keys)
    where scope != Installation.auditRows {
      let (rows, count) = (registry[scope], events[scope])
      let isOld = rows == before.registry[scope] && count == eventsBefore[scope]
      let isNew = rows == after.registry[scope] && count == eventsAfter[scope]
      #expect(isOld || isNew, "\(what): \(scope) is mixed", sourceLocation: sourceLocation)
    }
    if !registry.isEmpty || !origin.isEmpty {
      // Whatever was applied was approved, and what shows it is there.
      try crashed.expect(0, "audit", "verify", "--approvals", sourceLocation: sourceLocation)
    }
    expectOrigin(origin, what, sourceLocation: sourceLocation)
    if try !crashed.pointerPaths().isEmpty {
      try expectVerified(crashed, what, sourceLocation: sourceLocation)
    }
  }

  /// What a pointer names by digest is there and right. What it names by path is replaced before the
  /// pointer is, so a crash between the two leaves it newer than the pointer; nothing else may be
  /// wrong with it.
  private func expectVerified(
    _ crashed: Installation, _ what: String, sourceLocation: SourceLocation
  ) throws {
    let ended = try crashed.run("snapshot", "verify", crashed.origin, "--format", "json")
    let scopes = try JSONReader.read(Array(ended.output.utf8.dropLast()))["scopes"]?.sequence ?? []
    let problems = scopes.flatMap { $0["problems"]?.sequence?.compactMap(\.string) ?? [] }
    #expect(!scopes.isEmpty, "\(what): \(ended)", sourceLocation: sourceLocation)
    #expect(
      problems.allSatisfy { $0.hasPrefix("flagd.json: ") } && problems.count <= 1,
      "\(what): \(problems)", sourceLocation: sourceLocation)
  }

  /// P3: a pointer is the old or the new one, and what is named by its digest has that digest.
  private func expectOrigin(
    _ origin: [String: OriginEntry], _ what: String, sourceLocation: SourceLocation
  ) {
    for (path, entry) in origin {
      let replaced = ["/latest.json", "/flagd.json", "/root/trust.json"]
      if replaced.contains(where: path.hasSuffix) {
        let isKnown = [before.origin[path]?.content, after.origin[path]?.content]
          .contains(entry.content)
        #expect(isKnown, "\(what): \(path) is another", sourceLocation: sourceLocation)
      } else if Installation.checkpoint(at: path) != nil {
        // Known by its place: what was told is never told otherwise.
        #expect(
          [nil, entry.content].contains(before.origin[path]?.content),
          "\(what): \(path) is another", sourceLocation: sourceLocation)
      } else if path.hasSuffix(".json") {
        let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
        #expect(
          entry.content == name, "\(what): \(path) has not its digest",
          sourceLocation: sourceLocation)
      }
    }
    for path in before.origin.keys where !path.contains(".flagstaff-") {
      #expect(origin[path] != nil, "\(what): \(path) is gone", sourceLocation: sourceLocation)
    }
  }

  /// After another pass everything is as if nothing had happened: the undisturbed pass published
  /// all that it committed (P4), and what is equal to it to the byte need not be verified again.
  func expectRecovery(
    _ crashed: Installation, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try crashed.expect(0, "reconcile", "--quiet", sourceLocation: sourceLocation)
    expectEqual(
      try crashed.dump(), after.registry, "\(what): rows", sourceLocation: sourceLocation)
    expectEqual(
      try crashed.originContent(), Installation.content(of: after.origin), "\(what): origin",
      sourceLocation: sourceLocation)
  }
}
