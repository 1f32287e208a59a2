// How a radius is carried: over time to every instant that is still ordered, and over references
// from experiments and segments to the flags that they alter.

import Documents
import FlagstaffCore
import Testing

@Suite("Carried blast radius")
struct CarriedRadiusTests {
  private static func changes(_ before: String, _ after: String) throws -> [Change] {
    try TestScope.applied(before).plan(after).changes
  }

  private static func radius(_ change: Change?) throws -> [String] {
    try #require(change).blastRadius.flags.flatMap(\.lines)
  }

  private static let ramp = """
    flags:
      page:
        environments: {production: {}}
        rules:
          - key: ramp
            serve: true
            rollout: {2026-11-20T00:00:00Z: 5%, 2026-11-25T00:00:00Z: 60%, 2026-11-28T00:00:00Z: 40%}
    """

  @Test("The steps that a rollout still orders count, and the largest is told with its instant")
  func rollouts() throws {
    let changes = try Self.changes(Self.ramp, Self.ramp.replacingFirst("5%", "10%"))
    #expect(
      try Self.radius(changes.first) == [
        "page now", "exact all: assignments 5%, values 5%", "false > true 5%",
        "page at 2026-11-25T00:00:00Z", "exact all: assignments 55%, values 55%",
        "false > true 55%",
      ])
    #expect(changes.first?.blastRadius.greatest == .buckets(5_500))
  }

  @Test("Starts and ends that are ordered count")
  func schedules() throws {
    let after = Samples.running.replacingFirst(
      "traffic: 30%", "traffic: 30%\n    schedule: {start: 2026-12-01T00:00:00Z}")
    #expect(
      try Self.radius(Self.changes(Samples.draft, after).first) == [
        "page now", "page at 2026-12-01T00:00:00Z", "exact all: assignments 30%, values 15%",
        "old > new 15%",
      ])
    let ending = Samples.running.replacingFirst(
      "traffic: 30%", "traffic: 31%\n    schedule: {end: 2026-12-01T00:00:00Z}\n    winner: new")
    #expect(
      try Self.radius(Self.changes(Samples.running, ending).first) == [
        "page now", "exact all: assignments 1%, values 0.5%", "old > new 0.5%",
        "page at 2026-12-01T00:00:00Z", "exact all: assignments 85%, values 85%", "old > new 85%",
      ])
  }

  private static let segments = """
    segments: {staff: {segment: inner}, inner: {plan: pro}, other: {x: y}}
    flags:
      page: {environments: {production: {}}, rules: [{when: {segment: staff}, serve: true}]}
      still: {environments: {production: {}}, rules: [{when: {segment: other}, serve: true}]}
      wide:
        environments: {production: {}}
        rules: [{key: r, when: {segment: staff}, serve: true, rollout: 10%}]
    """

  @Test("A segment's change shows the greatest of the flags that it alters, through other segments")
  func segmentsAreCarried() throws {
    let changes = try Self.changes(
      Self.segments, Self.segments.replacingFirst("plan: pro", "plan: free"))
    let byKey = Dictionary(uniqueKeysWithValues: changes.map { ($0.identity.key, $0) })
    #expect(Set(byKey.keys) == ["inner", "staff", "page", "wide"])
    let page = [
      "page now", #"at most "pro": assignments 0%, values 100%"#, "true > false 100%",
      #"at most "free": assignments 0%, values 100%"#, "false > true 100%",
    ]
    #expect(try Self.radius(byKey["page"]) == page)
    #expect(try Self.radius(byKey["inner"]) == page)
    #expect(try Self.radius(byKey["staff"]) == page)
    #expect(byKey["inner"]?.blastRadius.flagCount == 2)
  }

  @Test("An experiment's change shows every flag that uses it, the greatest first")
  func experimentsAreCarried() throws {
    let two =
      Samples.running + """

          quiet:
            variants: {old: 1, new: 1}
            off: old
            environments: {production: {}}
            rules: [{key: r, serve: old, rollout: 50%}, {experiment: checkout}]
        """
    let changes = try Self.changes(two, two.replacingFirst("30%", "40%"))
    #expect(
      try Self.radius(changes.first) == [
        "page now", "exact all: assignments 10%, values 5%", "old > new 5%",
        "quiet now", "exact all: assignments 5%, values 0%", "old > new 2.5%, same value",
      ])
  }

  private static let group = """
    groups: {g: {holdout: 10%}}
    experiments:
      first: {status: running, traffic: 30%, group: g, control: old,
        variants: {old: 1, new: 1}, environments: {production: {}}}
      second: {status: running, traffic: 20%, group: g, control: old,
        variants: {old: 1, new: 1}, environments: {production: {}}}
    flags:
      page:
        variants: {old: 1, new: 2}
        off: old
        environments: {production: {}}
        rules: [{experiment: first}, {experiment: second}]
    """

  @Test("Members of a group share a layer: who leaves one of them does not come under another")
  func groups() throws {
    let raised = try Self.changes(Self.group, Self.group.replacingFirst("30%", "40%"))
    #expect(
      try Self.radius(raised.first) == [
        "page now", "exact all: assignments 10%, values 5%", "old > new 5%",
      ])
    let paused = try Self.changes(Self.group, Self.group.replacingFirst("running", "paused"))
    #expect(
      try Self.radius(paused.first) == [
        "page now", "exact all: assignments 30%, values 15%", "new > old 15%",
      ])
    let turned = try Self.changes(
      Self.group,
      Self.group.replacingFirst(
        "{experiment: first}, {experiment: second}", "{experiment: second}, {experiment: first}"))
    #expect(try Self.radius(turned.first) == ["page now"])
  }

  @Test("A group's change alters its members that change with it")
  func groupsAreCarried() throws {
    let after = Self.group.replacingFirst("30%", "40%").replacingFirst("10%", "11%")
    let changes = try Self.changes(Self.group, after)
    let group = try #require(changes.first { $0.identity.kind.rawValue == "group" })
    #expect(
      try Self.radius(group) == [
        "page now", "exact all: assignments 10%, values 5%", "old > new 5%",
      ])
  }

  @Test("A flag that changes together with its experiment is compared once, with both")
  func together() throws {
    let after = Samples.running.replacingFirst("30%", "40%")
      .replacingFirst("off: old", "off: old\n    default: new")
    let changes = try Self.changes(Samples.running, after)
    let expected = [
      "page now", "exact all: assignments 10%, values 65%", "old > new 65%",
    ]
    #expect(changes.count == 2)
    for change in changes { #expect(try Self.radius(change) == expected) }
  }

  @Test("What is new moves nobody, what is deleted moves everybody")
  func newAndDeleted() throws {
    let disabled = Samples.running.replacingFirst("off: old", "off: old\n    enabled: false")
    let gone = disabled.replacingFirst("status: running", "status: paused")
    let spare = "\n  spare: {environments: {production: {}}}"
    let created = try Self.changes(disabled, disabled + spare)
    #expect(try Self.radius(created.first) == ["spare new"])
    #expect(created.first?.blastRadius.greatest == UserShare.none)
    let withSpare = gone + "\n  spare: {environments: {production: {}}, enabled: false}"
    let deleted = try Self.changes(withSpare, gone)
    let radius = try #require(deleted.first?.blastRadius)
    #expect(radius.flags.flatMap(\.lines) == ["spare deleted"])
    #expect(radius.greatest == .whole)
  }

  @Test("A flagless experiment answers as the flag of its key")
  func flagless() throws {
    let text = """
      experiments:
        page:
          status: running
          traffic: 10%
          control: a
          variants: {a: {weight: 1, payload: 1}, b: {weight: 1, payload: 2}}
          environments: {production: {}}
      """
    let changes = try Self.changes(text, text.replacingFirst("10%", "20%"))
    #expect(
      try Self.radius(changes.first) == [
        "page now", "exact all: assignments 10%, values 5%", "a > b 5%",
      ])
    let payload = try Self.changes(text, text.replacingFirst("payload: 2", "payload: 3"))
    #expect(
      try Self.radius(payload.first) == [
        "page now", "exact all: assignments 0%, values 5%", "b > b 5%",
      ])
  }

  @Test("Forced units are counted beside the shares")
  func forced() throws {
    let after = Samples.running.replacingFirst(
      "traffic: 30%", "traffic: 30%\n    force: {new: [u1, u2]}")
    #expect(
      try Self.radius(Self.changes(Samples.running, after).first) == ["page now", "forced 2"])
    let moved = after.replacingFirst("{new: [u1, u2]}", "{new: [u1], old: [u3]}")
    #expect(try Self.radius(Self.changes(after, moved).first) == ["page now", "forced 2"])
  }
}
