// What an environment may set, field by field: each replaces the whole field there, the other
// environment keeps the general one, and a field that differs nowhere cannot be set.

import Documents
import FlagstaffCore
import Testing

/// A field, its general value, the environment's, and what both are in the resolved form.
struct OverrideFixture: Sendable, CustomTestStringConvertible {
  let kind: Kind
  let field: String
  let general: String
  let own: String
  let resolved: (general: String, own: String)

  var testDescription: String { "\(kind) \(field)" }

  init(
    _ kind: Kind, _ field: String, _ general: String, _ own: String, _ first: String,
    _ second: String
  ) {
    (self.kind, self.field, self.general, self.own) = (kind, field, general, own)
    resolved = (first, second)
  }

  static let all = [
    OverrideFixture(.experiment, "status", "running", "paused", #""running""#, #""paused""#),
    OverrideFixture(.experiment, "phase", "1", "2", "1", "2"),
    OverrideFixture(
      .experiment, "schedule", "{start: 2026-01-01T00:00:00Z, end: 2027-01-01T00:00:00Z}",
      "{end: 2028-01-01T00:00:00Z}",
      #"{"end":"2027-01-01T00:00:00Z","start":"2026-01-01T00:00:00Z"}"#,
      #"{"end":"2028-01-01T00:00:00Z"}"#),
    OverrideFixture(.experiment, "traffic", "25%", "0%", "2500", "0"),
    OverrideFixture(
      .experiment, "targeting", "{a: b, c: d}", "{e: f}",
      #"{"all":[{"attribute":"a","operator":"equals","value":"b"},"#
        + #"{"attribute":"c","operator":"equals","value":"d"}]}"#,
      #"{"attribute":"e","operator":"equals","value":"f"}"#),
    OverrideFixture(
      .experiment, "force", "{b: [u], c: [v]}", "{c: [w]}", #"{"b":["u"],"c":["v"]}"#,
      #"{"c":["w"]}"#),
    OverrideFixture(.experiment, "force", "{b: [u]}", "{}", #"{"b":["u"]}"#, "{}"),
    OverrideFixture(.flag, "enabled", "true", "false", "true", "false"),
    OverrideFixture(.flag, "default", "false", "true", #""false""#, #""true""#),
    OverrideFixture(
      .flag, "rules", "[{when: {a: b}, serve: true}, {serve: false}]", "[]",
      #"[{"serve":"true","when":{"attribute":"a","operator":"equals","value":"b"}},"#
        + #"{"serve":"false"}]"#, "[]"),
  ]

  var sections: String {
    let fixed = "control: b, variants: {b: 1, c: 1}"
    let traffic = field == "traffic" ? "" : ", traffic: 1%"
    let fields = kind == .experiment ? fixed + traffic + ", " : ""
    return """
      \(kind.section):
        x:
          {\(fields)\(field): \(general),
           environments: {production: {}, staging: {\(field): \(own)}}}
      """
  }
}

@Suite("Environments")
struct EnvironmentTests {
  @Test("An environment's field replaces the whole field there", arguments: OverrideFixture.all)
  func overrides(fixture: OverrideFixture) throws {
    let repository = TestRepository(fixture.sections)
    for (environment, expected) in [
      ("production", fixture.resolved.general), ("staging", fixture.resolved.own),
    ] {
      let scope = try #require(repository.resolved(environment))
      let form = try #require(scope.definitions[Identity(fixture.kind, "x")]).form
      #expect(CanonicalJSON.string(form[fixture.field] ?? .null) == expected)
    }
  }

  @Test(
    "What differs nowhere cannot be set for an environment",
    arguments: [
      "control: b", "variants: {b: 1, c: 1}", "group: g", "bucketBy: u", "winner: b", "salt: s",
      "reassign: least", "metrics: {primary: [m]}", "splitUrl: {path: /, urls: {b: /, c: /}}",
      "labels: {}", "hypothesis: h", "visibility: client", "revive: true", "environments: {}",
    ])
  func notForExperiments(field: String) {
    let repository = TestRepository(
      "experiments: {x: {traffic: 1%, control: b, variants: {b: 1, c: 1}, "
        + "environments: {production: {‸\(field)}}}}")
    #expect(repository.codes == repository.marks.map { "FS1101 \($0)" })
  }

  @Test(
    "Nor for a flag",
    arguments: [
      "off: false", "variants: {a: 1}", "bucketBy: u", "visibility: client", "protective: true",
      "valueSchema: {}", "labels: {}", "traffic: 1%",
    ])
  func notForFlags(field: String) {
    let repository = TestRepository("flags: {x: {environments: {production: {‸\(field)}}}}")
    #expect(repository.codes == repository.marks.map { "FS1101 \($0)" })
  }
}
