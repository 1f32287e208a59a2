// Settings of the workspace count as accepted trust has them. Whoever may push can edit
// flagstaff.yaml; as long as no ADMIN has approved that, the edit changes nothing about how the
// same commit is judged, and once one has, the next pass goes by it.

import Documents
import Foundation
import TestHarness
import Testing

@Suite("Settings that trust has accepted")
struct AcceptedSettingsTests {
  /// An edit of the workspace together with what it would allow.
  struct Edit: CustomStringConvertible, Sendable {
    let description: String
    /// What the workspace says beside its id and environments.
    let settings: String
    let old: String
    let new: String
    /// What the same commit does to a customer's file.
    let change: @Sendable (String) -> String
    /// Why the scope waits.
    let message: String
    let scope: String
  }

  private static let file = "customers/acme/more.yaml"
  private static let flags = """
    flagstaff: v1
    flags:
      banner-one: {enabled: false, default: true, environments: {production: {}}}
      banner-two: {enabled: false, default: true, environments: {production: {}}}
      banner-three: {enabled: true, default: true, environments: {production: {}}}

    """

  static let edits = [
    Edit(
      description: "the deletion budget", settings: "  deletionBudget: {count: 1, share: 0%}\n",
      old: "count: 1", new: "count: 5",
      change: { text in
        text.split(separator: "\n").filter { !$0.contains("banner-one") && !$0.contains("-two") }
          .joined(separator: "\n") + "\n"
      },
      message: "2 definitions would be deleted; the budget of this scope is 1",
      scope: "production/acme"),
    Edit(
      description: "the environments", settings: "", old: "[production, staging]",
      new: "[production, staging, test]",
      change: { $0.replacing("production: {}", with: "production: {}, test: {}") },
      message: "trust has no environment test yet", scope: "test/acme"),
    Edit(
      description: "a freeze",
      settings: "  freezes: [{from: 2026-11-23T00:00, until: 2026-11-24T00:00, zone: Etc/UTC}]\n",
      old: "from: 2026-11-23T00:00, until: 2026-11-24",
      new: "from: 2026-11-22T00:00, until: 2026-11-23",
      change: { $0.replacing("enabled: false", with: "enabled: true") },
      message: "freeze", scope: "production/acme"),
  ]

  private static func gated(_ settings: String) async throws -> GatedInstallation {
    try await GatedInstallation(files: [
      "flagstaff.yaml": DefinitionsRepository.workspace + settings, file: flags,
    ])
  }

  @Test("An unapproved edit of it counts for nothing in the same commit", arguments: edits)
  func unapproved(edit: Edit) async throws {
    let gated = try await Self.gated(edit.settings)
    let before = try gated.version(edit.scope)
    try gated.repository.replace(edit.old, by: edit.new, in: "flagstaff.yaml")
    try gated.repository.write(edit.change(Self.flags), to: Self.file)
    try gated.repository.commit(as: .bob, gated.people)
    try gated.approve(as: .carol)
    let plan = try gated.installation.run("plan")
    #expect(plan.output.contains(edit.message), "\(plan)")
    let waiting = try gated.reconcile(4)
    #expect(waiting.output.contains(edit.message), "\(waiting)")
    #expect(waiting.output.contains("trust  waiting at version 1"), "\(waiting)")
    #expect(try gated.version(edit.scope) == before)

    try gated.approve(as: .alice, "tests")
    let applied = try gated.reconcile()
    #expect(applied.output.contains("trust  applied as version 2"), "\(applied)")
    #expect(try gated.version(edit.scope) == (before ?? 0) + 1, "\(applied)")
    try await gated.installation.discard()
  }

  @Test("What flagd is given follows what trust has accepted")
  func flagd() async throws {
    let gated = try await GatedInstallation()
    func raise(_ from: String, to: String) throws -> String {
      try gated.repository.replace(
        "traffic: \(from)", by: "traffic: \(to)", in: GatedInstallation.shop)
      try gated.repository.commit(as: .bob, gated.people)
      try gated.approve(as: .carol)
      _ = try gated.installation.run("reconcile")
      let path = gated.installation.origin + "/v1/production/acme/flagd.json"
      return try String(contentsOfFile: path, encoding: .utf8)
    }
    try gated.repository.write(
      DefinitionsRepository.workspace + "  flagd: {splits: native}\n", to: "flagstaff.yaml")
    #expect(try !raise("20%", to: "30%").contains("fractional"))
    #expect(try gated.version("production/acme") == 2)
    try gated.approve(as: .alice, "tests")
    #expect(try raise("30%", to: "40%").contains("fractional"))
    #expect(try gated.version("production/acme") == 3)
    try await gated.installation.discard()
  }

  @Test("A role that a commit extends lets nobody vote before that is approved")
  func roles() async throws {
    let helpers = "  roles: {helper: {extends: VIEWER}}\n"
    let governance = try People.governance(policies: GatedInstallation.policies)
      .replacing("carol: {role: DEVELOPER", with: "carol: {role: helper")
    let gated = try await GatedInstallation(files: [
      "flagstaff.yaml": DefinitionsRepository.workspace + helpers, Self.file: Self.flags,
      GatedInstallation.governance: governance,
    ])
    try gated.repository.replace("VIEWER", by: "DEVELOPER", in: "flagstaff.yaml")
    try gated.repository.replace("enabled: true", by: "enabled: false", in: Self.file)
    try gated.repository.commit(as: .bob, gated.people)
    try gated.approve(as: .carol)
    let waiting = try gated.reconcile(4)
    #expect(waiting.output.contains("1 missing, who could give it: alice"), "\(waiting)")
    // Even once it is accepted it does not count for the commit that brought it.
    try gated.approve(as: .alice, "tests")
    let still = try gated.reconcile(4)
    #expect(still.output.contains("trust  applied as version 2"), "\(still)")
    #expect(still.output.contains("production/acme  waiting at version 1"), "\(still)")
    try await gated.installation.discard()
  }
}
