// Promises P1 to P4 after crashes: the real process is killed at each point that it lists itself,
// and at moments that nobody chose; then it runs again under the same instant. FLAGSTAFF_TEST_FULL=1
// takes the first, a middle and the last time that a point is reached, otherwise one of them.

import FlagstaffController
import Foundation
import PostgresRegistry
import Testing

/// A crash: at which point, and at which of the times that it is reached.
struct CrashCase: Sendable, CustomTestStringConvertible {
  enum Time: String, CaseIterable, Sendable {
    case first, middle, last

    func occurrence(of count: Int) -> Int {
      switch self {
      case .first: 1
      case .middle: (count + 1) / 2
      case .last: count
      }
    }
  }

  let stage: CrashStage
  let name: String
  let time: Time

  var testDescription: String { "\(stage.rawValue), \(name), \(time.rawValue)" }

  static let isFull = ProcessInfo.processInfo.environment["FLAGSTAFF_TEST_FULL"] == "1"

  /// One of the three times for each point and stage, in turn; or all three.
  static let all: [CrashCase] = [
    CrashStage.firstCommit, .secondCommit, .gatedCommit,
  ].enumerated().flatMap { shift, stage in
    stage.points.enumerated().flatMap { place, name in
      let times = isFull ? Time.allCases : [Time.allCases[(place + shift) % 3]]
      return times.map { CrashCase(stage: stage, name: name, time: $0) }
    }
  }
}

@Suite("Crashes")
struct CrashTests {
  @Test("Every failpoint that the program lists is reached", arguments: CrashStage.allCases)
  func everyFailpointIsReached(stage: CrashStage) async throws {
    let prepared = try await PreparedStages.shared.stage(stage)
    #expect(Set(prepared.hits.keys) == Set(stage.points))
    #expect(prepared.before != prepared.after)
  }

  @Test("A pass that is killed at a failpoint is finished by the next", arguments: CrashCase.all)
  func killedAtFailpoint(_ crash: CrashCase) async throws {
    let prepared = try await PreparedStages.shared.stage(crash.stage)
    let count = try #require(prepared.hits[crash.name], "\(crash.name) is never reached")
    try await Self.crash(prepared, at: crash.name, occurrence: crash.time.occurrence(of: count))
  }

  @Test(
    "A pass that is killed at any object is finished by the next",
    arguments: ["origin.object.written", "origin.object.renamed"])
  func killedAtEveryObject(name: String) async throws {
    let prepared = try await PreparedStages.shared.stage(.smallRepository)
    let count = try #require(prepared.hits[name])
    for occurrence in 1...count {
      try await Self.crash(prepared, at: name, occurrence: occurrence)
    }
  }

  @Test("A pass that is killed twice in a row, at different points, is finished by the third")
  func killedTwice() async throws {
    let prepared = try await PreparedStages.shared.stage(.smallRepository)
    let installation = try await prepared.start.copy(variables: prepared.start.variables)
    for point in ["apply.committed", "origin.object.renamed", "origin.pointer.written"] {
      let ended = try installation.run("reconcile", with: ["FLAGSTAFF_FAILPOINT": point])
      #expect(ended.signal == SIGKILL, "\(point): \(ended)")
      try prepared.expectPromises(installation, point)
    }
    try prepared.expectRecovery(installation, "after three crashes")
    try await installation.discard()
  }

  private static func crash(_ prepared: PreparedStage, at name: String, occurrence: Int)
    async throws
  {
    let installation = try await prepared.start.copy(variables: prepared.start.variables)
    let point = "\(name)@\(occurrence)"
    let ended = try installation.run("reconcile", with: ["FLAGSTAFF_FAILPOINT": point])
    #expect(ended.signal == SIGKILL, "\(point): \(ended)")
    try prepared.expectPromises(installation, point)
    try prepared.expectRecovery(installation, point)
    try await installation.discard()
  }
}

// MARK: Kills from outside

extension CrashTests {
  @Test("A pass that is killed from outside, whenever it is, is finished by the next")
  func killedAtAnyMoment() async throws {
    let prepared = try await PreparedStages.shared.stage(.firstCommit)
    // A fixed sequence, so that a failure can be had again as far as timing allows.
    var random = UInt64(20_261_123)
    var installation = try await prepared.start.copy(variables: prepared.start.variables)
    var kills = 0
    for _ in 0..<200 where kills < 20 {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let share = Double(random >> 33) / Double(1 << 31)
      let running = try installation.start(["reconcile", "--quiet"])
      try await Task.sleep(for: .seconds(share * prepared.seconds * 1.1))
      running.send(SIGKILL)
      let ended = try running.wait()
      if ended.signal == SIGKILL {
        kills += 1
        try prepared.expectPromises(installation, "kill \(kills)")
      } else {
        try prepared.expectRecovery(installation, "after \(kills) kills")
        try await installation.discard()
        installation = try await prepared.start.copy(variables: prepared.start.variables)
      }
    }
    #expect(kills == 20)
    try prepared.expectRecovery(installation, "after all kills")
    try await installation.discard()
  }

  @Test("A server that is killed within a transaction leaves nothing of it")
  func serverKilled() async throws {
    let prepared = try await PreparedStages.shared.stage(.smallRepository)
    // A server of its own: killing one of its processes throws out everybody who is connected.
    let state = try Folder()
    let database = try PrivateDatabase(stateDirectory: state.path)
    var installation = try await prepared.start.copy(variables: prepared.start.variables)
    installation.url = try await database.start()
    installation.variables["DATABASE_URL"] = installation.url
    try installation.expect(0, "database", "migrate")
    let blocker = try installation.connection()
    try blocker.runOutsideTransaction("BEGIN")
    try blocker.runOutsideTransaction("LOCK TABLE experimentation.tombstones")
    // A connection of its own: within a transaction the server's activity is read once and kept.
    let watcher = try installation.connection()
    let running = try installation.start(["reconcile"])
    var waiting: Int?
    // Two minutes: on a machine that is busy elsewhere the pass takes its time to get there. Without
    // suspending: where other tests hold every thread, the pass would give up its lock meanwhile.
    for _ in 0..<2_400 where waiting == nil {
      usleep(50_000)
      waiting = try watcher.runOutsideTransaction(
        """
        SELECT pid::bigint AS pid FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
        """
      ).first?.int("pid")
    }
    let backend = pid_t(try #require(waiting, "none ever waited: \(running.errors)"))
    #expect(kill(backend, SIGKILL) == 0)
    let ended = try running.wait()
    #expect(ended.code == 1 || ended.code == 0, "\(ended)")
    for _ in 0..<200 where (try? installation.connection()) == nil {
      try await Task.sleep(for: .milliseconds(50))
    }
    try prepared.expectPromises(installation, "the server's process was killed")
    try prepared.expectRecovery(installation, "the server's process was killed")
    await database.release()
  }
}
