// What a verdict says of itself, in eight situations: as lines and as the canonical bytes that a
// plan shows and an event keeps. The golden file is `Approval/verdicts.golden`; it is read by whoever
// changes a word.

import Documents
import FlagstaffCore
import Foundation
import JSONSchema
import Schemas
import Testing

@Suite("Documents of verdicts")
struct VerdictDocumentTests {
  private static let golden = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "verdicts.golden")
  private static let before =
    "flags: {page: {labels: {tier: critical}, environments: {production: {}}}}"
  private static let after =
    "flags: {page: {labels: {tier: critical}, environments: {production: {}}, default: true}}"
  private static let policies = """
      exposure:
        match: {environments: [production], blastRadius: {atLeast: 5%}}
        require: {allOf: [{count: 1, team: growth}, {anyOf: [{count: 1, role: ADMIN}, {count: 2, role: VIEWER}]}]}
        exempt: safer
      everything: {match: {}, require: {count: 1, role: DEVELOPER}}
    """

  private static func situations() throws -> [(String, ChangeVerdict)] {
    let up = try TestScope.applied(before).plan(after)
    let down = try TestScope.applied(after).plan(before)
    var trust = TestTrust()
    trust.policies = policies
    let judging = try trust.judging()
    var only = trust
    only.policies = "  other: {match: {kinds: [segment]}, require: {count: 1, role: ADMIN}}"
    var small = TestTrust()
    small.policies = "  p: {match: {}, require: {count: 2, team: growth}}"
    small.people["carol"]?.until = "2026-11-01T00:00:00Z"
    func verdict(_ plan: Plan, _ judgement: Judgement) throws -> ChangeVerdict {
      try #require(AdmittedPlan.judge(plan, by: judgement).changes.first)
    }
    let many = try (0..<25).map { try Evidence.by("mallory \($0)", up.subjects) }
    let identity = Identity(.flag, "page")
    return [
      (
        "approved by three",
        try verdict(
          up,
          up.judged(
            by: judging, evidence: try ["alice", "bob"].map { try .by($0, up.subjects) },
            contributors: ["carol"]))
      ),
      (
        "one is missing",
        try verdict(
          up,
          up.judged(
            by: judging, evidence: [try .by("bob", up.subjects)], contributors: ["carol"]))
      ),
      (
        "a squash, and the contributor approves",
        try verdict(
          up,
          up.judged(
            by: judging, evidence: [try .by("bob", up.subjects)], contributors: ["bob"],
            unknown: ["09ab09ab09ab09ab09ab09ab09ab09ab09ab09ab"]))
      ),
      ("a stop", try verdict(down, down.judged(by: judging, contributors: ["bob"]))),
      ("no policy is about it", try verdict(up, up.judged(by: only.judging()))),
      (
        "nobody could give it",
        try verdict(up, up.judged(by: small.judging(), contributors: ["bob"]))
      ),
      (
        "unknown",
        try verdict(
          up,
          Judgement(
            by: judging, contributors: [identity: .nobody],
            doubt: Doubt(reason: "the clone is shallow", remedy: "git fetch --unshallow")))
      ),
      ("many strangers", try verdict(up, up.judged(by: only.judging(), evidence: many))),
    ]
  }

  @Test("Eight situations read as the golden file says, as lines and as bytes")
  func golden() throws {
    let text = try Self.situations().map { name, verdict in
      "# \(name)\n" + verdict.explanation.map(\.text).joined(separator: "\n") + "\n"
        + CanonicalJSON.string(verdict.node) + "\n"
    }.joined(separator: "\n")
    if ProcessInfo.processInfo.environment["FLAGSTAFF_UPDATE_GOLDEN"] != nil {
      try Data(text.utf8).write(to: Self.golden)
    }
    #expect(try String(contentsOf: Self.golden, encoding: .utf8) == text)
  }

  @Test("Every document is valid against the published schema, and another is not")
  func schema() throws {
    let file = try #require(EmbeddedSchema.all.first { $0.path == "v1/verdict.schema.json" })
    let node = try JSONReader.read(file.bytes)
    let id = try #require(node["$id"]?.string)
    let schema = try JSONSchema(id, among: [id: node])
    for (name, verdict) in try Self.situations() {
      let found = schema.violations(of: verdict.node)
      #expect(found.isEmpty, "\(name): \(found)")
    }
    #expect(!schema.violations(of: .fields(["decision": .string("approved")])).isEmpty)
  }

  @Test("A verdict is the same whatever order evidence comes in")
  func order() throws {
    let plan = try TestScope.applied(Self.before).plan(Self.after)
    let judging = try TestTrust().judging()
    let evidence = try ["alice", "bob", "carol", "mallory"].map {
      try Evidence.by($0, plan.subjects)
    }
    func node(_ evidence: [Evidence]) -> Node? {
      AdmittedPlan.judge(plan, by: plan.judged(by: judging, evidence: evidence)).changes.first?.node
    }
    #expect(node(evidence) == node(evidence.reversed()))
  }

  @Test("The event of a change holds its verdict, to the byte what the plan said")
  func event() throws {
    let plan = try TestScope.applied(Self.before).plan(Self.after)
    let judgement = plan.judged(
      by: try TestTrust().judging(), evidence: [try .by("bob", plan.subjects)])
    let verdict = AdmittedPlan.judge(plan, by: judgement)
    let admitted = try #require(verdict.admitted)
    let applied = AppliedScope.apply(admitted, to: try TestScope.applied(Self.before).state)
    let key = try #require(AuditKey(secret: Array(repeating: 7, count: 32)))
    let event = try #require(applied.events(after: .start, key: key).first)
    let body = try JSONReader.read(event.bytes, depthMax: Limits.storedDepthMax)
    let said = try #require(verdict.changes.first)
    #expect(body["verdict"] == said.node)
    #expect(body["approvals"] == .sequence(said.approvals.map(\.node)))
    #expect(body["approvals"]?.sequence?.first?["person"]?.string == "bob")
    #expect(
      body["exposure"]
        == .sequence([.fields(["flag": .string("page"), "buckets": .integer(10_000)])]))
    #expect(body["mode"]?.string == "enforce")
  }
}
