// What is published of a state, with the definitions from Git, is the state again; and what does
// not belong together is refused.

import Documents
import FlagstaffCore
import Signing
import TestHarness
import Testing

@Suite("Published states, read back")
struct PublishedStateTests {
  private static let histories: UInt64 = TestRuns.isFull ? 500 : 10

  @Test(
    "Through a random history the published state and Git are the registered state, and plan alike")
  func roundTrip() throws {
    var (read, tombstones, rests, kills) = (0, 0, 0, 0)
    for seed in 1...Self.histories {
      var random = SeededGenerator(seed: seed)
      var (shop, scope) = (ChangingShop(), TestScope())
      for day in 10..<18 {
        for _ in 0..<3 { shop.edit(using: &random) }
        // What comes and goes leaves a tombstone.
        let passing = Int.random(in: 0..<2, using: &random) == 0 ? Self.passing : ""
        let repository = TestRepository(shop.sections + passing)
        let instant = "2026-11-\(day)T00:00:00Z"
        guard repository.resolved() != nil,
          case .plan(let plan) = try scope.outcome(repository, at: instant), !plan.isEmpty,
          plan.waitingFor.isEmpty
        else {
          shop.settle(scope.state)
          continue
        }
        var applied = try scope.pass(repository, at: instant)
        if let stopped = try scope.stopSomething(
          at: "2026-11-\(day)T03:00:00Z", using: &random)
        {
          applied = stopped
        }
        let pointer = try Self.pointer(applied)
        let resolved = try #require(repository.resolved())
        let published = StateDocument.object(of: scope.state)
        #expect(published.reference == pointer.state)
        let state = try PublishedState(published.bytes).state(of: pointer, resolved: resolved)
        Self.expectEqual(state, scope.state, "seed \(seed), day \(day)")
        read += 1
        kills += state.kills.count
        tombstones += state.tombstones.count
        rests += state.rests.count

        for _ in 0..<2 { shop.edit(using: &random) }
        guard let next = TestRepository(shop.sections).resolved() else { continue }
        let later = try #require(Instant("2026-11-\(day)T06:00:00Z"))
        #expect(
          String(describing: try Self.plan(next, state, later))
            == String(describing: try Self.plan(next, scope.state, later)),
          "seed \(seed), day \(day)")
      }
    }
    #expect(read > Int(Self.histories) && tombstones > 0 && rests > 0 && kills > 0)
  }

  private static let passing =
    "\n  passing: {enabled: false, revive: true, environments: {production: {}}}"

  private static func plan(_ wanted: ResolvedScope, _ state: ScopeState, _ instant: Instant) throws
    -> [String]
  {
    switch try Plan.make(wanted, against: state, commit: TestScope.commit, at: instant) {
    case .held(let findings): findings.map(\.described)
    case .plan(let plan):
      plan.lines + plan.waitingFor.map(\.reason)
        + plan.changes.map { CanonicalJSON.string($0.blastRadius.node) }
    }
  }

  private static func pointer(_ applied: AppliedScope) throws -> Pointer {
    let key = try #require(AuditKey(secret: [UInt8](repeating: 7, count: 32)))
    let last = try #require(applied.events(after: .start, key: key).last)
    return try Pointer(applied, Publication.project(applied.state), last: last)
  }

  private static func expectEqual(_ found: ScopeState, _ expected: ScopeState, _ place: String) {
    #expect(found.scope == expected.scope && found.version == expected.version, "\(place)")
    #expect(found.commit == expected.commit && found.instant == expected.instant, "\(place)")
    #expect(found.tombstones == expected.tombstones && found.rests == expected.rests, "\(place)")
    #expect(found.kills == expected.kills && found.schedule == expected.schedule, "\(place)")
    #expect(Set(found.definitions.keys) == Set(expected.definitions.keys), "\(place)")
    for (identity, registered) in expected.definitions {
      let other = found.definitions[identity]
      #expect(other?.definition.digest == registered.definition.digest, "\(place), \(identity)")
      #expect(other?.generation == registered.generation, "\(place), \(identity)")
      #expect(other?.recorded == registered.recorded, "\(place), \(identity)")
    }
  }

  // MARK: What is refused

  private static let shop = """
    experiments:
      speed: {status: running, traffic: 10%, control: a, variants: {a: 1, b: 1},
        environments: {production: {}}}
    flags:
      page: {variants: {a: 1, b: 2}, off: a, environments: {production: {}},
        rules: [{experiment: speed}, {key: s, split: {a: 1, b: 1}}]}

    """

  private static func published() throws -> (pointer: Pointer, bytes: [UInt8]) {
    var scope = TestScope()
    let pointer = try pointer(try scope.pass(shop, at: "2026-11-20T00:00:00Z"))
    return (pointer, StateDocument.object(of: scope.state).bytes)
  }

  @Test(
    "A definition that differs, lacks or comes on top in Git is named, with what to do",
    arguments: [
      ("traffic: 10%", "traffic: 20%", "experiment speed", "another digest"),
      ("  page:", "  leaf:", "flag page", "not defined"),
      (
        "flags:\n", "flags:\n  more: {environments: {production: {}}}\n", "flag more",
        "was not published"
      ),
    ])
  func differs(_ text: String, _ other: String, _ identity: String, _ difference: String) throws {
    let (pointer, bytes) = try Self.published()
    let sections = Self.shop.replacingFirst(text, other)
    let resolved = try #require(TestRepository(sections).resolved())
    let error = try #require(throws: PublishedStateError.self) {
      try PublishedState(bytes).state(of: pointer, resolved: resolved)
    }
    #expect(error.code == .differs)
    #expect(error.description.contains(identity) && error.description.contains(difference))
    #expect(error.description.contains(pointer.commit))
    #expect(error.description.contains("--against registry"))
  }

  @Test(
    "What a newer program recorded is refused, not passed over",
    arguments: [
      (
        #""kills":[]"#,
        #""kills":[{"by":"ops","key":"page","kind":"flag","schedule":"2026-11-20T00:00:00Z","#
          + #""since":"2026-11-20T00:00:00Z"}]"#
      ),
      (#""pins":[]"#, #""pins":[{}]"#), (#""format":1"#, #""format":2"#),
      (#""kind":"flag""#, #""kind":"poem""#), (#""hash":1"#, #""hash":1,"mood":"good""#),
      (#""format":1"#, #""format":1,"more":true"#),
    ])
  func newer(_ text: String, _ other: String) throws {
    let (pointer, bytes) = try Self.published()
    let changed = String(decoding: bytes, as: UTF8.self).replacingFirst(text, other)
    let resolved = try #require(TestRepository(Self.shop).resolved())
    let error = try #require(throws: PublishedStateError.self) {
      try PublishedState(Array(changed.utf8)).state(of: pointer, resolved: resolved)
    }
    #expect(error.code == .newer, "\(error)")
    #expect(error.description.contains("a newer version of flagstaff"))
  }

  @Test(
    "What is no state is damage",
    arguments: [
      (#""kills":[]"#, #""kills":0"#),
      (#""kills":[]"#, #""kills":[{"key":"page","kind":"flag"}]"#),
      (#""tombstones":"#, #""gravestones":"#),
      (#""salt":"#, #""sugar":"#), (#""splits":"#, #""slits":"#),
      (#""traffic":[["#, #""traffic":[["a",2],["#), (#""generation":1"#, #""generation":"1""#),
      ("{", ""),
    ])
  func damaged(_ text: String, _ other: String) throws {
    let (_, bytes) = try Self.published()
    let changed = String(decoding: bytes, as: UTF8.self).replacingFirst(text, other)
    let error = try #require(throws: PublishedStateError.self) {
      try PublishedState(Array(changed.utf8))
    }
    #expect(error.code == .damaged, "\(error)")
  }
}
