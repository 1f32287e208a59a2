// Trust through the real program: how it begins, what is shown and recorded of it, how it is reset,
// and what a row that somebody wrote by hand, or a database that was lost, comes to.

import Documents
import FlagstaffCore
import Foundation
import PostgresRegistry
import SSHSignatures
import TestHarness
import Testing

@Suite("Trust")
struct TrustTests {
  private static func events(_ installation: Installation) throws -> [Node] {
    try installation.connection().runOutsideTransaction(
      """
      SELECT convert_from(bytes, 'UTF8') AS text FROM experimentation.audit_events
      WHERE environment IS NULL AND kind IN ('person', 'policy', 'team', 'workspace')
      ORDER BY sequence
      """
    ).map {
      try JSONReader.read(Array($0.string("text").utf8), depthMax: Limits.storedDepthMax)
    }
  }

  @Test("Nothing is gated until trust begins, and every output says so")
  func begins() async throws {
    let installation = try await Installation.withPeople()
    let before = try installation.expect(0, "trust", "show")
    #expect(before.output.contains("Trust never began"))
    let plan = try installation.expect(0, "plan", "--format", "json")
    #expect(try JSONReader.read(Array(plan.output.utf8))["mode"]?.string == "ungated")

    let begun = try installation.expect(0, "trust", "init", "--key", installation.keyFile("alice"))
    #expect(begun.output.contains("Trust began: version 1"))
    #expect(try installation.trustVersions() == ["1 init"])
    let events = try Self.events(installation)
    #expect(
      events.map { $0["subject"]?["key"]?.string } == [
        "alice", "bob", "everything", "tests",
      ])
    let last = try #require(events.last)
    #expect(
      last["classes"] == .strings(["trust.initialised", "trust.workspace.created"]))
    #expect(last["actor"]?["kind"]?.string == "operator" && last["mode"]?.string == "enforce")
    #expect(last["environment"] == nil && last["version"]?.integer == 1)
    try installation.expect(0, "audit", "verify", "--origin", installation.origin)

    let shown = try installation.expect(0, "trust", "show")
    let fingerprint = try SSHPublicKey(try SSHKeyPair(seed: "alice").publicText).fingerprint
    #expect(shown.output.contains("alice, ADMIN") && shown.output.contains(fingerprint))
    let again = try installation.expect(
      1, "trust", "init", "--key", installation.keyFile("alice"))
    #expect(again.errors.contains("it began already, with version 1"))
  }

  @Test("Trust begins with the key of an ADMIN of the commit, and with no other")
  func otherKeys() async throws {
    let installation = try await Installation.withPeople()
    for name in ["bob", "mallory"] {
      let refused = try installation.expect(
        1, "trust", "init", "--key", installation.keyFile(name))
      #expect(refused.errors.contains("no ADMIN of the commit"), "\(refused)")
    }
    let late = ["FLAGSTAFF_INSTANT": "2026-11-23T12:00:01Z"]
    try installation.repository.write(
      Governance.text(until: "2026-11-23T12:00:00Z"),
      to: "governance/people.yaml")
    try installation.repository.commit()
    let expired = try installation.expect(
      1, "trust", "init", "--key", installation.keyFile("alice"), with: late)
    #expect(expired.errors.contains("does not count at"), "\(expired)")
    #expect(try installation.trustVersions() == [])
    try installation.expect(64, "trust", "init", "--key", installation.folder.path + "/none")
  }

  @Test("Once trust began, what nobody approved is not applied, of scopes and of trust alike")
  func closed() async throws {
    let installation = try await Installation.withPeople()
    try installation.expect(0, "trust", "init", "--key", installation.keyFile("alice"))
    try installation.expect(0, "reconcile", "--quiet")
    let before = try installation.dump()
    try installation.repository.write(
      try Governance.text(more: "  mallory: {role: ADMIN}"), to: "governance/people.yaml")
    try installation.repository.commit()
    try installation.expect(4, "reconcile")
    #expect(try installation.dump() == before)
    try installation.repository.write(
      "flagstaff: v1\nflags: {extra: {environments: {production: {}}, default: true}}\n",
      to: "customers/acme/extra.yaml")
    try installation.repository.commit()
    try installation.expect(4, "reconcile")
    #expect(try installation.dump() == before)
  }

  @Test("Trust is reset by the database's owner alone, and the event says who")
  func reset() async throws {
    let installation = try await Installation.withPeople()
    try installation.expect(0, "trust", "init", "--key", installation.keyFile("alice"))
    try installation.repository.write(
      try Governance.text().replacing("bob: {role: DEVELOPER", with: "bob: {role: ADMIN"),
      to: "governance/people.yaml")
    try installation.repository.commit()
    // A login that may work, and nothing more.
    let connection = try installation.connection()
    let login =
      "worker_\(installation.folder.path.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) & 0xFFFFFF })"
    try connection.runOutsideTransaction("CREATE ROLE \(identifier: login) LOGIN")
    try connection.runOutsideTransaction("GRANT flagstaff_app TO \(identifier: login)")
    let refused = try installation.expect(
      1, "trust", "reset", "--key", installation.keyFile("bob"),
      with: ["DATABASE_URL": installation.url.replacing("//flagstaff@", with: "//\(login)@")])
    #expect(refused.errors.contains("GRANT flagstaff_owner TO"), "\(refused)")
    // Nor does the application's role write one by itself.
    #expect(throws: RegistryError.self) {
      try connection.transaction { transaction in
        try transaction.run(
          """
          INSERT INTO trust (version, commit, instant, beginning, document, mac, key_id)
          SELECT 2, commit, instant, 'reset', document, mac, key_id FROM trust
          """)
      }
    }
    #expect(try installation.trustVersions() == ["1 init"])

    try installation.expect(0, "trust", "reset", "--key", installation.keyFile("bob"))
    #expect(try installation.trustVersions() == ["1 init", "2 reset"])
    let events = try Self.events(installation).suffix(2)
    #expect(events.first?["subject"]?["key"]?.string == "bob")
    #expect(events.last?["classes"] == .strings(["trust.reset"]))
    #expect(events.last?["actor"]?["kind"]?.string == "operator")
    try installation.expect(0, "audit", "verify")
  }

  @Test("A version that somebody wrote by hand judges nobody, and nothing goes on")
  func editedByHand() async throws {
    let installation = try await Installation.withPeople()
    try installation.expect(0, "trust", "init", "--key", installation.keyFile("alice"))
    let connection = try installation.connection()
    try connection.runOutsideTransaction(
      "ALTER TABLE experimentation.trust DISABLE TRIGGER ALL")
    try connection.runOutsideTransaction(
      """
      UPDATE experimentation.trust SET document =
        convert_to(replace(convert_from(document, 'UTF8'), 'DEVELOPER', 'ADMIN'), 'UTF8')
      """)
    for arguments in [["reconcile"], ["trust", "show"]] {
      let ended = try installation.start(arguments).wait()
      #expect(ended.code == 1 && ended.errors.contains("it was edited by hand"), "\(ended)")
    }
  }

  @Test("An origin that was told a later trust than the registry's stops a pass")
  func lostDatabase() async throws {
    let installation = try await Installation.withPeople()
    try installation.expect(0, "trust", "init", "--key", installation.keyFile("alice"))
    let connection = try installation.connection()
    try connection.runOutsideTransaction(
      "ALTER TABLE experimentation.trust DISABLE TRIGGER ALL")
    try connection.runOutsideTransaction("DELETE FROM experimentation.trust")
    let stopped = try installation.expect(1, "reconcile")
    #expect(stopped.errors.contains("the origin was told version 1 of trust"), "\(stopped)")
  }
}
