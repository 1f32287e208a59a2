// Promise P1 over time: a scope whose definitions at the head are held or wait stays at its commit,
// and what that commit orders for later still happens. Somebody's broken file keeps no experiment
// running past its end.

import Foundation
import PostgresRegistry
import Testing

@Suite("What schedules order of scopes that are held or wait")
struct MeanwhileTests {
  private static let before = "2026-12-01T05:59:59Z"
  private static let after = "2026-12-01T06:00:00Z"

  private static let definitions = """
    flagstaff: v1
    experiments:
      trial: # flagstaff:ignore FS2127 nobody measures a test
        status: running
        traffic: 50%
        schedule: {end: 2026-12-01T06:00:00Z}
        control: a
        variants: {a: {weight: 1, payload: 1}, b: {weight: 1, payload: 2}}
        environments: {production: {}}
    flags:
      light: {environments: {production: {}}}

    """

  struct Edit: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let file: String
    let text: String
    /// The exit code of a pass over it, and how the scope's line begins.
    let code: Int32
    let state: String

    static let all = [
      Edit(
        testDescription: "a broken file", file: "customers/globex/broken.yaml",
        text: "flagstaff: v1\nflags: {x: {variants: 7}}\n", code: 3, state: "held"),
      Edit(
        testDescription: "a finding of the plan", file: "customers/globex/trial.yaml",
        text: definitions.replacing("status: running", with: "status: draft"), code: 3,
        state: "held"),
      Edit(
        testDescription: "a deletion that waits", file: "customers/globex/trial.yaml",
        text: definitions.replacing("  light: {environments: {production: {}}}\n", with: "")
          .replacing("flags:\n", with: "").replacing("traffic: 50%", with: "traffic: 60%"),
        code: 4, state: "waiting"),
    ]
  }

  @Test("An experiment ends on its day, by the commit that is applied", arguments: Edit.all)
  func ends(edit: Edit) async throws {
    let repository = try DefinitionsRepository.small()
    let installation = try await Installation(repository)
    try repository.write(Self.definitions, to: "customers/globex/trial.yaml")
    let applied = try repository.commit()
    try installation.expect(0, "reconcile", "--quiet")
    try repository.write(edit.text, to: edit.file)
    try repository.commit()
    let (early, late) = (["FLAGSTAFF_INSTANT": Self.before], ["FLAGSTAFF_INSTANT": Self.after])

    let kept = try installation.expect(edit.code, "reconcile", with: early)
    #expect(kept.output.contains("production/globex  \(edit.state) at version 1"), "\(kept)")
    #expect(!kept.output.contains("meanwhile"))

    // What a pass would do is what it does.
    for format in ["json", "text", "markdown"] {
      let plan = try installation.expect(edit.code, "plan", "--format", format, with: late)
      #expect(plan.output.contains("experiment.completed"), "\(plan)")
      #expect(plan.output.contains("meanwhile"), "\(plan)")
      if format == "json" { try ReviewCheck.expectValid(plan.output, against: "plan.schema.json") }
    }
    let ended = try installation.expect(edit.code, "reconcile", with: late)
    #expect(ended.output.contains("production/globex  \(edit.state) at version 2"), "\(ended)")
    #expect(
      ended.output.contains("meanwhile, by schedule alone: applied as version 2"), "\(ended)")
    #expect(try installation.heads()["production/globex"] == "2 \(applied)")
    let log = try installation.expect(0, "audit", "log", "--key", "trial").output
    #expect(log.contains("experiment.completed"), "\(log)")
    try installation.expect(
      0, "snapshot", "verify", installation.origin + "/v1/production/globex")

    // And then nothing is due any more.
    let again = try installation.expect(edit.code, "reconcile", with: late)
    #expect(again.output.contains("\(edit.state) at version 2"), "\(again)")
    #expect(!again.output.contains("meanwhile"), "\(again)")
    try installation.expect(0, "audit", "verify")
    try await installation.discard()
  }

  @Test("A plan of what is scheduled shows it, and a pass says when it is due")
  func scheduled() async throws {
    let repository = try DefinitionsRepository.small()
    let installation = try await Installation(repository)
    try repository.write(Self.definitions, to: "customers/globex/trial.yaml")
    try repository.commit()
    try installation.expect(0, "reconcile", "--quiet")
    try repository.write(Edit.all[0].text, to: Edit.all[0].file)
    try repository.commit()
    let plan = try installation.expect(3, "plan", "--until", "2026-12-02T00:00:00Z")
    let later = try #require(plan.output.split(separator: "By schedule, at \(Self.after)").last)
    #expect(later.contains("experiment trial") && later.contains("experiment.completed"))
    let pass = try installation.expect(3, "reconcile", "--format", "json")
    #expect(pass.output.contains("\"due\":\"\(Self.after)\""), "\(pass)")
    try await installation.discard()
  }

  @Test("Where the workspace file is broken nothing goes on")
  func brokenWorkspace() async throws {
    let repository = try DefinitionsRepository.small()
    let installation = try await Installation(repository)
    try repository.write(Self.definitions, to: "customers/globex/trial.yaml")
    try repository.commit()
    try installation.expect(0, "reconcile", "--quiet")
    try repository.write("flagstaff: v1\nworkspace: 1\n", to: "flagstaff.yaml")
    try repository.commit()
    let moment = try installation.moment()
    try installation.expect(3, "reconcile", with: ["FLAGSTAFF_INSTANT": Self.after])
    #expect(try installation.moment() == moment)
    try await installation.discard()
  }
}

extension Installation {
  /// The registered version and its commit, by scope.
  fileprivate func heads() throws -> [String: String] {
    let rows = try connection().runOutsideTransaction(
      """
      SELECT environment || '/' || customer AS scope, version || ' ' || commit AS head
      FROM experimentation.scopes
      """)
    return Dictionary(
      uniqueKeysWithValues: try rows.map { (try $0.string("scope"), try $0.string("head")) })
  }
}
