// Each class of change by an edit that produces exactly it. Policies will match these classes, so
// one class too few lets something through, and one too many asks people for nothing.

import Documents
import FlagstaffCore
import Testing

/// An edit of a sample, and the changes that it is.
struct ClassFixture: Sendable, CustomTestStringConvertible {
  let before: String
  let after: String
  let lines: [String]
  var at = "2026-11-21T00:00:00Z"

  var testDescription: String { lines.joined(separator: ", ") }

  static func edit(_ sample: String, _ part: String, _ other: String, _ lines: String...) -> Self {
    ClassFixture(before: sample, after: sample.replacingFirst(part, other), lines: lines)
  }

  /// A field added to the experiment of a sample.
  static func adding(_ field: String, to sample: String, _ lines: String...) -> Self {
    ClassFixture(
      before: sample,
      after: sample.replacingFirst("traffic: 30%", "traffic: 30%\n    \(field)"), lines: lines)
  }
}

extension ClassFixture {
  static let all = created + experiments + flags + others + timed

  private static let created = [
    ClassFixture(before: "", after: Samples.flag, lines: ["flag search: flag.created"]),
    ClassFixture(
      before: Samples.flag,
      after: Samples.flag + "\n"
        + Samples.draft.prefix(upToText: "flags:"),
      lines: ["experiment checkout: experiment.created"]),
    ClassFixture(
      before: "", after: Samples.running,
      lines: [
        "experiment checkout: experiment.created experiment.started", "flag page: flag.created",
      ]),
    ClassFixture(
      before: Samples.flag, after: Samples.flag + "\nsegments: {a: {b: c}}",
      lines: ["segment a: segment.created"]),
  ]

  private static let experiments = [
    edit(Samples.draft, "draft", "running", "experiment checkout: experiment.started"),
    edit(Samples.running, "running", "paused", "experiment checkout: experiment.paused"),
    // What was never running is not resumed: it starts.
    edit(paused, "paused", "running", "experiment checkout: experiment.started"),
    edit(Samples.running, "running", "completed", "experiment checkout: experiment.completed"),
    edit(
      Samples.running.replacingFirst("running", "completed"), "completed", "running",
      "experiment checkout: experiment.started"),
    adding(
      "winner: new", to: Samples.running.replacingFirst("running", "completed"),
      "experiment checkout: experiment.completed"),
    edit(Samples.running, "30%", "30.01%", "experiment checkout: traffic.raised"),
    edit(Samples.running, "30%", "29.99%", "experiment checkout: traffic.lowered"),
    edit(
      Samples.draft, "{old: 50, new: 50}", "{old: 50, new: 51}",
      "experiment checkout: variants.reweighted"),
    edit(Samples.draft, "control: old", "control: new", "experiment checkout: variants.changed"),
    adding("bucketBy: company", to: Samples.draft, "experiment checkout: variants.changed"),
    adding("salt: s", to: Samples.draft, "experiment checkout: variants.changed"),
    adding(
      "weights: {managedBy: bandit, floor: 5%}", to: Samples.draft,
      "experiment checkout: variants.reweighted"),
    adding("reassign: least", to: Samples.running, "experiment checkout: definition.described"),
    adding("targeting: {a: b}", to: Samples.draft, "experiment checkout: targeting.changed"),
    adding("force: {new: [u]}", to: Samples.running, "experiment checkout: force.changed"),
    adding("phase: 2", to: Samples.running, "experiment checkout: phase.raised"),
    adding(
      "schedule: {end: 2027-01-01T00:00:00Z}", to: Samples.running,
      "experiment checkout: schedule.changed"),
    adding("hypothesis: h", to: Samples.running, "experiment checkout: definition.described"),
    adding("labels: {a: b}", to: Samples.running, "experiment checkout: definition.described"),
    edit(flagless, "payload: 2", "payload: 3", "experiment banner: values.changed"),
    adding(
      "splitUrl: {path: /a, urls: {old: /a, new: /b}}", to: Samples.running,
      "experiment checkout: values.changed"),
    adding(
      "metrics: {primary: [m]}", to: Samples.running + "\n" + metric,
      "experiment checkout: definition.described"),
    edit(
      flagless, "traffic: 1%", "traffic: 1%, visibility: client",
      "experiment banner: visibility.changed"),
  ]

  private static let paused = Samples.running.replacingFirst("running", "paused")

  static let flagless = """
    experiments:
      banner: {status: running, traffic: 1%, control: a, environments: {production: {}},
        variants: {a: {weight: 1, payload: 1}, b: {weight: 1, payload: 2}}}
    """

  private static func flag(_ fields: String) -> String {
    "flags: {f: {environments: {production: {}}, \(fields)}}"
  }

  private static let flags = [
    edit(flag("enabled: false"), "false", "true", "flag f: flag.enabled"),
    edit(flag("enabled: true"), "true", "false", "flag f: flag.disabled"),
    edit(
      flag("variants: {a: 1, b: 2}, off: a"), "b: 2", "b: 3", "flag f: values.changed"),
    edit(flag("variants: {a: 1, b: 2}, off: a"), "b: 2", "b: 2, c: 3", "flag f: values.changed"),
    edit(flag("default: true"), "true", "false", "flag f: default.changed"),
    edit(
      flag("default: true, off: true"), "off: true", "off: false", "flag f: default.changed"),
    edit(flag("rules: []"), "[]", "[{serve: true}]", "flag f: rules.changed"),
    edit(flag("bucketBy: a"), "bucketBy: a", "bucketBy: b", "flag f: rules.changed"),
    edit(flag("visibility: client"), "client", "server", "flag f: visibility.changed"),
    edit(
      flag("description: a"), "description: a", "description: b",
      "flag f: definition.described"),
    edit(flag("protective: true"), "true", "false", "flag f: definition.described"),
    edit(
      flag("variants: {a: 1, b: 2}, off: a"), "{a: 1, b: 2}, off: a", "{b: 2, a: 1}, off: a"),
  ]

  private static let metric = "metrics: {m: {event: e, aggregation: count}}"

  private static let others = [
    edit(
      Samples.flag + "\nmetrics: {}", "metrics: {}", metric, "metric m: metric.created"),
    edit(Samples.flag + "\n" + metric, metric, "", "metric m: metric.deleted"),
    edit(Samples.flag + "\n" + metric, "event: e", "event: f", "metric m: metric.changed"),
    edit(Samples.flag + "\n" + metric, "count}", "mean}", "metric m: metric.changed"),
    edit(
      Samples.flag + "\n" + metric, "count}", "count, minimumSampleSize: 5}",
      "metric m: metric.changed"),
    edit(
      Samples.flag + "\n" + metric, "count}", "count, guardrail: {atMost: 0.02}}",
      "metric m: metric.changed"),
    edit(
      Samples.flag + "\n" + metric, "count}", "count, description: d}",
      "metric m: definition.described"),
    edit(
      Samples.flag + "\nsegments: {a: {b: c}}", "{b: c}", "{b: d}", "segment a: segment.changed"),
    edit(
      Samples.flag + "\nsegments: {a: {b: c}}", "{a: {b: c}}", "{}", "segment a: segment.deleted"),
    edit(
      Samples.flag + "\ngroups: {}", "groups: {}", "groups: {g: {}}", "group g: group.created"),
    edit(Samples.flag + "\ngroups: {g: {}}", "{g: {}}", "{}", "group g: group.deleted"),
    edit(
      Samples.flag + "\ngroups: {g: {}}", "{g: {}}", "{g: {holdout: 2%}}",
      "group g: group.changed"),
    edit(
      Samples.flag + "\ngroups: {g: {}}", "{g: {}}", "{g: {restDays: 13}}",
      "group g: group.changed"),
    edit(
      Samples.flag + "\ngroups: {g: {}}", "{g: {}}", "{g: {description: d}}",
      "group g: definition.described"),
    edit(
      Samples.flag + "\nowner: growth", "growth", "sales", "flag search: definition.described"),
    edit(
      """
      segments: {s: {a: b}}
      flags: {f: {environments: {production: {}}, rules: [{when: {segment: s}, serve: true}]}}
      """, "{a: b}", "{a: c}", "flag f: rules.changed", "segment s: segment.changed"),
    ClassFixture(
      before: "flags: {f: {environments: {production: {}}, enabled: false}}\n" + spare,
      after: spare, lines: ["flag f: definition.deleted"]),
  ]

  private static let spare = "segments: {a: {b: c}}\n" + flagless

  private static let ramp = flag(
    "rules: [{key: r, serve: true,"
      + " rollout: {2026-11-20T00:00:00Z: 5%, 2026-11-25T00:00:00Z: 25%}}]")
  private static let scheduled = Samples.running.replacingFirst(
    "traffic: 30%",
    "traffic: 30%\n    schedule: {start: 2026-11-22T00:00:00Z, end: 2026-11-24T00:00:00Z}")

  /// The same definitions, at a later instant.
  private static let timed = [
    ClassFixture(before: ramp, after: ramp, lines: [], at: "2026-11-24T23:59:59Z"),
    ClassFixture(
      before: ramp, after: ramp, lines: ["flag f: rollout.advanced"], at: "2026-11-25T00:00:00Z"),
    ClassFixture(before: scheduled, after: scheduled, lines: [], at: "2026-11-21T23:59:59Z"),
    ClassFixture(
      before: scheduled, after: scheduled, lines: ["experiment checkout: experiment.started"],
      at: "2026-11-22T00:00:00Z"),
    ClassFixture(
      before: scheduled, after: scheduled, lines: ["experiment checkout: experiment.completed"],
      at: "2026-11-24T00:00:00Z"),
  ]
}

extension String {
  /// What stands before a text.
  fileprivate func prefix(upToText text: String) -> String {
    String(split(separator: text, maxSplits: 1, omittingEmptySubsequences: false)[0])
  }
}

@Suite("Classes of change")
struct ChangeClassTests {
  @Test("An edit is exactly the changes that it says", arguments: ClassFixture.all)
  func classes(fixture: ClassFixture) throws {
    var scope = TestScope()
    if !fixture.before.isEmpty { try scope.pass(fixture.before, at: "2026-11-20T12:00:00Z") }
    let plan = try scope.plan(fixture.after, at: fixture.at)
    #expect(plan.lines == fixture.lines)
    #expect(plan.parent == scope.state.version)
  }

  @Test("Every class of change is produced by some edit")
  func everyClassIsProduced() {
    let produced = Set(
      ClassFixture.all.flatMap { $0.lines.flatMap { $0.split(separator: " ").map(String.init) } })
    // These need more than one edit; they have tests of their own.
    let others: Set<String> = ["definition.revived", "experiment.resumed", "killed", "released"]
    #expect(Set(ChangeClass.allCases.map(\.rawValue)).subtracting(produced) == others)
  }

  @Test("What had started and stopped is resumed", arguments: ["paused", "completed"])
  func resumed(status: String) throws {
    var scope = try TestScope.applied(Samples.running)
    try scope.pass(Samples.running.replacingFirst("running", status))
    let plan = try scope.plan(Samples.running)
    #expect(plan.lines == ["experiment checkout: experiment.resumed"])
  }

  @Test("Planning again after applying finds nothing", arguments: ClassFixture.all)
  func planningTwiceIsEmpty(fixture: ClassFixture) throws {
    var scope = TestScope()
    if !fixture.before.isEmpty { try scope.pass(fixture.before, at: "2026-11-20T12:00:00Z") }
    if !fixture.lines.isEmpty { try scope.pass(fixture.after, at: fixture.at) }
    #expect(try scope.plan(fixture.after, at: fixture.at).lines == [])
  }

  @Test("A change says where, what before, what after, and counts generations")
  func changeIsWhole() throws {
    var scope = try TestScope.applied(Samples.flag)
    let plan = try scope.plan(Samples.flag + "\n    enabled: false")
    let change = try #require(plan.changes.first)
    #expect(change.location?.description == "customers/acme/a.yaml:3:3")
    #expect(change.before?.definition.form["enabled"] == .boolean(true))
    #expect(change.after?.definition.form["enabled"] == .boolean(false))
    #expect(change.generation == 2)
    try scope.pass(Samples.flag + "\n    enabled: false")
    #expect(scope.state.version == 2)
    #expect(scope.state.definitions[Identity(.flag, "search")]?.generation == 2)
  }

  @Test("An instant before the state's own is raised to it")
  func clockGoesBack() throws {
    let scope = try TestScope.applied(Samples.flag, at: "2026-11-20T00:00:00Z")
    let plan = try scope.plan(Samples.running, at: "2026-11-19T00:00:00Z")
    #expect(plan.instant.description == "2026-11-20T00:00:00Z")
  }
}
