// Metrics decide no answer: they are registered and audited as every definition is, with what each
// experiment is judged by, but never published, and a change of one moves nobody. What stands in
// shared/ becomes part of the scopes that use it. A split-URL test, in contrast, is published.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import Signing
import Testing

@Suite("Metrics and split-URL tests")
struct MetricTests {
  private static let metrics = """
    metrics:
      orders: {event: order_completed, aggregation: count, minimumSampleSize: 10000}
      errors: {event: failed, aggregation: mean, guardrail: {atMost: 0.02}, description: d}
      page: {event: view, aggregation: unique, guardrail: {atLeast: 1, atMost: 5e1}}
    """
  private static let measured =
    Samples.running.replacingFirst(
      "traffic: 30%", "traffic: 30%\n    metrics: {primary: [orders], guardrails: [errors, page]}")
    + "\n" + metrics

  @Test("The forms hold every field, and absent stays absent")
  func forms() throws {
    let scope = try #require(TestRepository(Self.measured).resolved())
    func text(_ kind: Kind, _ key: String, _ field: String? = nil) throws -> String {
      let form = try #require(scope.definitions[Identity(kind, key)]).form
      return CanonicalJSON.string(field.map { form[$0] ?? .null } ?? form)
    }
    #expect(
      try text(.metric, "orders")
        == #"{"aggregation":"count","event":"order_completed","key":"orders","kind":"metric","#
        + #""minimumSampleSize":10000}"#)
    #expect(
      try text(.metric, "errors")
        == #"{"aggregation":"mean","description":"d","event":"failed","guardrail":{"atMost":0.02},"#
        + #""key":"errors","kind":"metric"}"#)
    #expect(try text(.metric, "page", "guardrail") == #"{"atLeast":1,"atMost":50}"#)
    #expect(
      try text(.experiment, "checkout", "metrics")
        == #"{"guardrails":["errors","page"],"primary":["orders"]}"#)
    let plain = try #require(TestRepository(Samples.running).resolved())
    let form = try #require(plain.definitions[Identity(.experiment, "checkout")]).form
    #expect(form["metrics"] == nil && form["splitUrl"] == nil)
  }

  @Test("A shared metric is part of the scopes whose experiments name it, and of no other")
  func shared() throws {
    let files = [
      "shared/a.yaml": """
      flagstaff: v1
      metrics:
        used: {event: e, aggregation: count}
        idle: {event: e, aggregation: count}
      """,
      "customers/acme/a.yaml": "flagstaff: v1\n"
        + Samples.running.replacingFirst(
          "traffic: 30%", "traffic: 30%\n    metrics: {primary: [used]}"
        )
        .replacingFirst(
          "    environments: {production: {}}\nflags:\n  page:\n",
          "    environments: {production: {}}\nflags:\n  idle: {environments: {staging: {}}}\n"
            + "  page:\n"),
    ]
    let repository = TestRepository(files)
    // What nobody uses is a warning.
    #expect(repository.codes == ["FS2131 shared/a.yaml:4:3"])
    func metrics(_ environment: String) throws -> [String] {
      try #require(repository.resolved(environment)).definitions.keys
        .filter { $0.kind == .metric }.map(\.key)
    }
    #expect(try metrics("production") == ["used"])
    #expect(try metrics("staging") == [])
    #expect(repository.definitions().count == 5)
  }

  @Test("Metrics alone make no scope, and keep none alive")
  func alone() {
    #expect(TestRepository(Self.metrics).definitions().scopes.isEmpty)
    #expect(TestRepository(Self.metrics).resolved()?.definitions.isEmpty == true)
  }

  @Test("Metrics are planned, recorded with generation and digest, and never published")
  func planned() throws {
    var scope = try TestScope.applied(Self.measured)
    let publication = try Publication.project(scope.state)
    let published = String(decoding: publication.server.index.bytes, as: UTF8.self)
    #expect(!published.contains("metric") && !published.contains("order_completed"))
    let state = String(decoding: publication.state.bytes, as: UTF8.self)
    let digest = try #require(scope.state.definitions[Identity(.metric, "orders")])
      .definition.digest.hexadecimal
    #expect(
      state.contains(
        #"{"digest":"\#(digest)","generation":1,"key":"orders","kind":"metric"}"#))

    let edited = Self.measured.replacingFirst("10000", "20000")
    let plan = try scope.plan(edited)
    #expect(plan.lines == ["metric orders: metric.changed"])
    #expect(plan.changes.map(\.blastRadius.flagCount) == [0])
    try scope.pass(edited)
    #expect(scope.state.definitions[Identity(.metric, "orders")]?.generation == 2)
    try scope.pass(
      edited.replacingFirst("primary: [orders], ", "").replacingFirst(
        "  orders: {event: order_completed, aggregation: count, minimumSampleSize: 20000}\n", ""))
    #expect(scope.state.tombstones[Identity(.metric, "orders")]?.generation == 3)
  }

  @Test("A metric of a group's key moves nobody when it changes together with a member")
  func sameKey() throws {
    let sections =
      Samples.replacing(Samples.running, "traffic: 30%", "traffic: 30%\n    group: g")
      + "\ngroups: {g: {}}\nmetrics: {g: {event: e, aggregation: count}}"
    var scope = try TestScope.applied(sections)
    let plan = try scope.plan(
      sections.replacingFirst("30%", "60%").replacingFirst("event: e", "event: f"))
    #expect(
      plan.lines == ["experiment checkout: traffic.raised", "metric g: metric.changed"])
    #expect(plan.changes.map(\.blastRadius.flagCount) == [1, 0])
    try scope.pass(sections.replacingFirst("30%", "60%"))
  }

  @Test("A split-URL test is published with its experiment, and evaluators read past it")
  func splitURL() throws {
    let split = Samples.running.replacingFirst(
      "traffic: 30%",
      "traffic: 30%\n    splitUrl: {path: /a, urls: {old: /a, new: 'https://b.example'}}")
    var scope = try TestScope.applied(split)
    let index = try Publication.project(scope.state).server.index.bytes
    let text = String(decoding: index, as: UTF8.self)
    #expect(
      text.contains(#""splitUrl":{"path":"/a","urls":{"new":"https://b.example","old":"/a"}}"#))
    #expect(try scope.snapshot().flagKeys == ["page"])
    let changed = split.replacingFirst("https://b.example", "/b")
    #expect(try scope.plan(changed).lines == ["experiment checkout: values.changed"])
    try scope.pass(changed)
    try scope.pass(Samples.running)
    #expect(
      try Publication.project(scope.state).server.index.bytes
        == Publication.project(TestScope.applied(Samples.running).state).server.index.bytes)
  }
}
