// What the second opinion learns from sampled users: answers that differ without a change, figures
// that a count refutes, bytes that no evaluator reads. The checks that would notice first are left
// out here, so that this one stands on its own.

import Documents
import FlagstaffEvaluation
import TestHarness
import Testing

@testable import FlagstaffCore

@Suite("The second opinion on answers")
struct AnswerCheckTests {
  private static let raised = Samples.running.replacingFirst("30%", "80%")

  private static func answers(_ claim: PlanClaim) throws -> PlanDisagreement? {
    do {
      try PlanCheck(claim, before: Publication.project(claim.former)).checkAnswers()
      return nil
    } catch let disagreement as PlanDisagreement {
      return disagreement
    }
  }

  @Test("An answer that differs without a change is noticed")
  func unnamedChange() throws {
    var claim = try TestScope.applied(Samples.running).claim(Self.raised)
    #expect(try Self.answers(claim) == nil)
    claim.changes = []
    #expect(try Self.answers(claim)?.check == .answers)
  }

  @Test("A key that comes or goes without a change is noticed")
  func unnamedKey() throws {
    let other = "  other: {environments: {production: {}}}"
    var claim = try TestScope.applied(Samples.running).claim(Samples.running + "\n" + other)
    #expect(try Self.answers(claim) == nil)
    claim.changes = []
    #expect(try Self.answers(claim)?.check == .answers)
  }

  @Test("Bytes that no evaluator reads are refused")
  func unreadable() throws {
    var claim = try TestScope.applied(Samples.running).claim(Self.raised)
    try claim.record(
      Identity(.experiment, "checkout"),
      claim.experiment("checkout").with(variants: ["new": [0..<5_001], "old": [5_000..<10_000]]))
    #expect(try Self.answers(claim)?.found.contains("no evaluator reads it") == true)
  }

  @Test("A figure is refuted by the sample where it is far off, and not where it is true")
  func figures() throws {
    var claim = try TestScope.applied(Samples.running).claim(Self.raised)
    let radius = try #require(claim.changes.first?.blastRadius.flags.first)
    let figures = try #require(radius.now.classes.first)
    let (half, most, none) = (UserShare.buckets(5_000), UserShare.buckets(9_000), UserShare.none)
    #expect(figures.isExact && figures.assignments.share == half)
    let exact = (figures.assignments.share, figures.values.share)
    for (assignments, values, isExact, isRefuted) in [
      (exact.0, exact.1, true, false), (exact.0, exact.1, false, false),
      (exact.1, exact.1, true, true), (exact.0, most, true, true), (none, none, true, true),
      // A bound is refuted from above alone.
      (most, most, false, false), (exact.1, exact.1, false, true), (none, none, false, true),
    ] {
      let now = FlagRadius.Figures(
        instant: radius.now.instant,
        classes: [
          .init(
            users: figures.users, isExact: isExact,
            assignments: .init(share: assignments, least: nil),
            entering: figures.entering, leaving: figures.leaving,
            values: .init(share: values, least: nil), moves: figures.moves)
        ], hasOtherClasses: false, forcedUnits: 0)
      try claim.change("checkout") {
        $0.blastRadius = BlastRadius(
          flags: [.init(flag: "page", standing: .changed, now: now, largest: nil)], flagCount: 1)
      }
      let found = try Self.answers(claim)?.check
      #expect(found == (isRefuted ? .blastRadius : nil), "\(assignments) \(values) \(isExact)")
    }
    try claim.change("checkout") { $0.blastRadius = .nobody }
    #expect(try Self.answers(claim)?.check == .blastRadius)
  }

  @Test("The second hash is the first one")
  func hash() {
    var random = SeededGenerator(seed: 1)
    for length in 0..<200 {
      let bytes = (0..<(length % 40)).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect(SecondHash.hash(bytes) == Murmur3.hash(bytes))
    }
    #expect(SecondHash.hash(Array("hello, world".utf8)) == 0x149B_BB7F)
  }

  @Test(
    "Both readings take the same unit, whatever a condition compares it with",
    arguments: ["5", "-5", "9007199254740991", "0.5", "true", "''", "x", "é", "{exists: false}"])
  func units(operand: String) throws {
    _ = try TestScope.applied(
      """
      flags:
        f:
          bucketBy: company
          environments: {production: {}}
          rules:
            - {key: r, when: {not: {company: \(operand)}}, serve: true, rollout: 50%}
            - {key: s, when: {company: \(operand)}, split: {true: 1, false: 1}}
      """)
  }

  @Test("Sampled users meet and miss a condition of every operator")
  func conditions() throws {
    let conditions = [
      "{a: x}", "{a: {in: [x, y]}}", "{a: {startsWith: x}}", "{a: {lessThan: 5}}",
      "{a: {greaterOrEqual: 2.5}}", "{a: {exists: true}}", "{a: true}",
      "{a: {after: 2026-01-01T00:00:00Z}}", "{a: {before: 2026-01-01T00:00:00Z}}",
      #"{a: {semver: ">=1.2.3"}}"#, "{not: {a: x}}", "{any: [{a: x}, {b: y}]}",
    ]
    for condition in conditions {
      let scope = try TestScope.applied(
        "flags: {f: {environments: {production: {}}, rules: [{when: \(condition), serve: true}]}}")
      let bytes = try #require(ScopeBytes(Publication.project(scope.state)))
      let flag = try #require(bytes.published[Identity(.flag, "f")]?.node)
      let when = try Condition(try #require(flag["rules"]?.sequence?.first?["when"]))
      var users = SampledUsers([flag], scope: scope.state.scope, commit: "c")
      let met = (0..<64).map { when.isMet(by: users.next($0).context) }
      #expect(met.contains(true) && met.contains(false), "\(condition)")
    }
  }
}
