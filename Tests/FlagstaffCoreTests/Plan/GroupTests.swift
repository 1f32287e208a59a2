// Exclusion groups through the planner: members are disjoint, what is released rests, the holdout
// is nobody's, and what a group cannot give is a finding or a wait.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import Testing

@Suite("Exclusion groups")
struct GroupTests {
  /// Experiments of one group: key, status and traffic; and the group's own fields.
  static func shop(_ members: [(String, String, String)], group: String = "") -> String {
    var text = "groups: {g: {\(group)}}\nflags: {spare: {environments: {production: {}}}}\n"
    text += "experiments:\n"
    for (key, status, traffic) in members {
      text += """
          \(key): {status: \(status), traffic: \(traffic), group: g, control: a,
            variants: {a: 1, b: 1}, environments: {production: {}}}

        """
    }
    return text
  }

  private static func traffic(_ scope: TestScope, _ key: String) throws -> [[Int]] {
    try scope.recordedExperiment(key).traffic.ranges.map { [$0.lowerBound, $0.upperBound] }
  }

  private static func rests(_ scope: TestScope) -> [String] {
    scope.state.rests.map { rest in
      let ranges = rest.ranges.ranges.map { "\($0.lowerBound)-\($0.upperBound)" }
      return "\(rest.experiment) \(ranges.joined(separator: " ")) \(rest.until)"
    }
  }

  @Test("Members take free buckets in key order, lowest first, and none of the holdout")
  func taking() throws {
    let scope = try TestScope.applied(
      Self.shop(
        [("b", "running", "30%"), ("a", "running", "10%"), ("c", "draft", "50%")],
        group: "holdout: 2%"))
    #expect(try Self.traffic(scope, "a") == [[0, 1_000]])
    #expect(try Self.traffic(scope, "b") == [[1_000, 4_000]])
    #expect(try Self.traffic(scope, "c") == [])
    guard case .group(let group) = scope.state.definitions[Identity(.group, "g")]?.recorded else {
      throw Unexpected("no group")
    }
    #expect(group.holdout == BucketRanges([9_800..<10_000]))
    #expect(group.id == Identifiers.group("g", of: "acme"))
  }

  @Test("What is lowered releases its highest buckets, which rest; their holder takes them back")
  func restingAndRetaking() throws {
    var scope = try TestScope.applied(
      Self.shop([("a", "running", "50%"), ("b", "running", "30%")]), at: "2026-11-20T00:00:00Z")
    try scope.pass(
      Self.shop([("a", "running", "20%"), ("b", "running", "40%")]), at: "2026-11-21T00:00:00Z")
    #expect(try Self.traffic(scope, "a") == [[0, 2_000]])
    // Not the 3,000 buckets that rest: b goes on behind its own.
    #expect(try Self.traffic(scope, "b") == [[5_000, 9_000]])
    #expect(Self.rests(scope) == ["a 2000-5000 2026-12-05T00:00:00Z"])
    try scope.pass(
      Self.shop([("a", "running", "35%"), ("b", "running", "40%")]), at: "2026-11-22T00:00:00Z")
    #expect(try Self.traffic(scope, "a") == [[0, 3_500]])
    #expect(Self.rests(scope) == ["a 3500-5000 2026-12-05T00:00:00Z"])
    // Rested: anybody's.
    try scope.pass(
      Self.shop([("a", "running", "35%"), ("b", "running", "55%")]), at: "2026-12-05T00:00:00Z")
    #expect(try Self.traffic(scope, "b") == [[3_500, 9_000]])
    #expect(Self.rests(scope) == [])
  }

  @Test(
    "Paused keeps its buckets, completed and deleted release them, before its start it has them")
  func statuses() throws {
    var scope = try TestScope.applied(
      Self.shop([("a", "running", "50%"), ("b", "running", "10%")]))
    try scope.pass(Self.shop([("a", "paused", "50%"), ("b", "running", "10%")]))
    #expect(try Self.traffic(scope, "a") == [[0, 5_000]])
    try scope.pass(
      Self.shop([("a", "completed", "50%"), ("b", "running", "10%")]), at: "2026-11-22T00:00:00Z")
    #expect(try Self.traffic(scope, "a") == [])
    #expect(Self.rests(scope) == ["a 0-5000 2026-12-06T00:00:00Z"])
    // Resumed within the rest it has the same users again.
    try scope.pass(
      Self.shop([("a", "running", "50%"), ("b", "running", "10%")]), at: "2026-11-23T00:00:00Z")
    #expect(try Self.traffic(scope, "a") == [[0, 5_000]] && Self.rests(scope) == [])
    try scope.pass(
      Self.shop([("a", "completed", "50%"), ("b", "running", "10%")]), at: "2026-11-24T00:00:00Z")
    try scope.pass(Self.shop([("b", "running", "10%")]), at: "2026-11-25T00:00:00Z")
    #expect(Self.rests(scope) == ["a 0-5000 2026-12-08T00:00:00Z"])
    let early = Self.shop([("c", "running", "10%")]).replacingFirst(
      "traffic: 10%", "traffic: 10%, schedule: {start: 2030-01-01T00:00:00Z}")
    #expect(try Self.traffic(TestScope.applied(early), "c") == [[0, 1_000]])
    // What never ran has nothing to keep.
    #expect(try Self.traffic(TestScope.applied(Self.shop([("d", "paused", "10%")])), "d") == [])
  }

  @Test("With no days of rest a released bucket is free at once")
  func noRest() throws {
    var scope = try TestScope.applied(
      Self.shop([("a", "running", "90%"), ("b", "running", "10%")], group: "restDays: 0"))
    try scope.pass(
      Self.shop([("a", "running", "10%"), ("b", "running", "90%")], group: "restDays: 0"))
    #expect(try Self.traffic(scope, "b") == [[1_000, 10_000]] && Self.rests(scope) == [])
  }

  @Test("A group that is full only by resting waits until there is room, and says when")
  func waiting() throws {
    var scope = try TestScope.applied(
      Self.shop([("a", "running", "60%"), ("b", "running", "30%")]), at: "2026-11-20T00:00:00Z")
    try scope.pass(
      Self.shop([("a", "running", "40%"), ("b", "running", "30%")]), at: "2026-11-21T00:00:00Z")
    try scope.pass(
      Self.shop([("a", "running", "20%"), ("b", "running", "30%")]), at: "2026-11-23T00:00:00Z")
    func plan(_ traffic: String, at instant: String) throws -> Plan {
      try scope.plan(
        Self.shop([("a", "running", "20%"), ("b", "running", traffic)]), at: instant)
    }
    // 10 % are free, 20 % from the 5th on, 20 % more from the 7th on.
    let at = "2026-11-24T00:00:00Z"
    #expect(try plan("40%", at: at).waitingFor.isEmpty)
    #expect(try plan("60%", at: at).waitingFor.map(\.until) == [Instant("2026-12-05T00:00:00Z")])
    let later = try plan("61%", at: at)
    #expect(later.waitingFor.map(\.until) == [Instant("2026-12-07T00:00:00Z")])
    #expect(later.waitingFor.first?.reason.contains("full until 2026-12-07T00:00:00Z") == true)
    #expect(try plan("60%", at: "2026-12-05T00:00:00Z").waitingFor.isEmpty)
    #expect(try plan("61%", at: "2026-12-05T00:00:00Z").waitingFor.count == 1)
    #expect(try plan("80%", at: "2026-12-07T00:00:00Z").waitingFor.isEmpty)
  }

  @Test("What a plan releases itself cannot be waited for within it")
  func releasedByPlan() throws {
    let scope = try TestScope.applied(
      Self.shop([("a", "running", "60%"), ("b", "running", "40%")]))
    let plan = try scope.plan(Self.shop([("a", "running", "40%"), ("b", "running", "60%")]))
    #expect(plan.waitingFor.map(\.until) == [nil])
    #expect(plan.waitingFor.first?.remedy.contains("commit of its own") == true)
  }

  @Test("More than all users is a finding of the plan where only the registry can tell")
  func full() throws {
    let paused = try TestScope.applied(
      Self.shop([("a", "running", "60%"), ("b", "draft", "50%")]))
    let both = Self.shop([("a", "paused", "60%"), ("b", "running", "50%")])
    #expect(try paused.findings(both).map(\.code.rawValue) == ["FS4009"])
    let room = Self.shop([("a", "completed", "60%"), ("b", "running", "40%")])
    #expect(try paused.findings(room).isEmpty)
  }

  @Test("The holdout grows over free buckets only")
  func holdout() throws {
    var scope = try TestScope.applied(
      Self.shop([("a", "running", "50%"), ("b", "running", "45%")]), at: "2026-11-20T00:00:00Z")
    func shop(_ first: String, _ second: String, holdout: String) -> String {
      Self.shop(
        [("a", "running", first), ("b", "running", second)], group: "holdout: \(holdout)")
    }
    #expect(try scope.plan(shop("50%", "45%", holdout: "5%")).waitingFor.isEmpty)
    // There is room below it, but b stands where the holdout would.
    #expect(
      try scope.findings(shop("10%", "45%", holdout: "6%")).map(\.code.rawValue) == ["FS4010"])
    try scope.pass(shop("50%", "40%", holdout: "5%"), at: "2026-11-21T00:00:00Z")
    let plan = try scope.plan(shop("50%", "40%", holdout: "6%"), at: "2026-11-22T00:00:00Z")
    #expect(plan.waitingFor.map(\.until) == [Instant("2026-12-05T00:00:00Z")])
    try scope.pass(shop("50%", "40%", holdout: "6%"), at: "2026-12-05T00:00:00Z")
    try scope.pass(shop("55%", "40%", holdout: "1%"), at: "2026-12-06T00:00:00Z")
    #expect(try Self.traffic(scope, "a") == [[0, 5_000], [9_000, 9_500]])
  }

  @Test("Rests outlive their group; its id does not change under its members")
  func groupGoesAndComesBack() throws {
    var scope = try TestScope.applied(Self.shop([("a", "running", "50%")]))
    try scope.pass(Self.shop([("a", "completed", "50%")]), at: "2026-11-21T00:00:00Z")
    let flag = "flags: {spare: {environments: {production: {}}}}"
    try scope.pass(flag, at: "2026-11-22T00:00:00Z")
    #expect(Self.rests(scope) == ["a 0-5000 2026-12-05T00:00:00Z"])
    try scope.pass(Self.shop([("b", "running", "50%")]), at: "2026-11-23T00:00:00Z")
    #expect(try Self.traffic(scope, "b") == [[5_000, 10_000]])
    let id = "11111111-2222-4333-8444-555555555555"
    #expect(
      try scope.findings(Self.shop([("b", "running", "50%")], group: "id: \(id)"))
        .map(\.code.rawValue) == ["FS4006"])
    // Nor under one that never ran: it is published with the group's id.
    let paused = try TestScope.applied(Self.shop([("b", "paused", "50%")]))
    let renamed = Self.shop([("b", "paused", "50%")], group: "id: \(id)")
    #expect(try paused.findings(renamed).map(\.code.rawValue) == ["FS4006"])
    let pinned = try TestScope.applied(Self.shop([("b", "draft", "50%")], group: "id: \(id)"))
    let snapshot = String(
      decoding: try Publication.project(pinned.state).state.bytes, as: UTF8.self)
    #expect(snapshot.contains(#""holdout":[],"id":"\#(id)","key":"g","kind":"group""#))
  }

  @Test("No unit is in two members, nor in the holdout, by what is published")
  func publishedMembersAreDisjoint() throws {
    let flags = ["a", "b"].map { key in
      "  f\(key): {variants: {a: 1, b: 2, none: 0}, off: none, environments: {production: {}},"
        + " rules: [{experiment: \(key)}]}\n"
    }
    let sections = Self.shop(
      [("a", "running", "40%"), ("b", "running", "50%")], group: "holdout: 10%"
    ).replacingFirst(
      "flags: {spare: {environments: {production: {}}}}\n", "flags:\n" + flags.joined())
    let snapshot = try TestScope.applied(sections).snapshot()
    var counts: [String: Int] = [:]
    for unit in 0..<4_000 {
      let context = EvaluationContext(targetingKey: "unit-\(unit)")
      let answers = ["fa", "fb"].map { snapshot.evaluate(flag: $0, context: context).reason }
      let held = answers.map { $0 == .split ? "1" : "0" }.joined()
      counts[held, default: 0] += 1
    }
    #expect(counts["11"] == nil)
    #expect(abs((counts["00"] ?? 0) - 400) < 100 && abs((counts["10"] ?? 0) - 1_600) < 160)
  }

  @Test("Two running experiments of one group may share a flag")
  func oneFlag() {
    let sections = """
      groups: {g: {}}
      experiments:
        a: {status: running, group: g, traffic: 1%, control: true, variants: {true: 1, false: 1},
            environments: {production: {}}}
        b: {status: running, group: g, traffic: 1%, control: true, variants: {true: 1, false: 1},
            environments: {production: {}}}
      flags:
        f: {environments: {production: {}}, rules: [{experiment: a}, {experiment: b}]}
      """
    #expect(TestRepository(sections).errorCodes == [])
    let alone = sections.replacingFirst("b: {status: running, group: g", "b: {status: running")
    #expect(TestRepository(alone).errorCodes.map { $0.prefix(6) } == ["FS2055"])
  }
}
