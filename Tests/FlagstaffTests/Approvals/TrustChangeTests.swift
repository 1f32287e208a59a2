// Changes of trust from a commit to the registry: an ADMIN sees them in words, signs them beside
// those of scopes, and the next pass takes them first. Nobody else's word counts there, whatever
// policies say.

import Documents
import Foundation
import SSHSignatures
import TestHarness
import Testing

@Suite("Changes of trust")
struct TrustChangeTests {
  private static let stricter = GatedInstallation.policies.replacing("count: 1", with: "count: 2")

  private static func governance(_ policies: String = GatedInstallation.policies) throws -> String {
    try People.governance(policies: policies)
  }

  @Test(
    "An ADMIN approves a change of trust: it goes first, and scopes are judged by the one before")
  func approved() async throws {
    let gated = try await GatedInstallation()
    try gated.repository.write(
      Self.governance(Self.stricter), to: GatedInstallation.governance)
    try gated.repository.replace("off: old", by: "off: new", in: GatedInstallation.shop)
    let commit = try gated.repository.commit(as: .bob, gated.people)
    // A DEVELOPER's approval of the trust part would not count, so she signs for scopes alone.
    let scopes = try gated.approve(as: .carol)
    #expect(scopes.output.contains("policy everything  trust.policy.changed"), "\(scopes)")
    #expect(scopes.output.contains("require.count: 1 → 2"), "\(scopes)")
    #expect(scopes.errors.contains("carol is no ADMIN. It is left out."), "\(scopes)")
    #expect(!scopes.output.contains("To be signed for trust"))
    let trust = try gated.approve(as: .alice, "everything")
    #expect(trust.output.contains("To be signed for trust, until"), "\(trust)")
    #expect(trust.output.contains("  policy everything, trust.policy.changed, generation 2"))
    #expect(!trust.output.contains("To be signed for production"))

    let applied = try gated.reconcile()
    #expect(applied.output.contains("trust  applied as version 2"), "\(applied)")
    #expect(try gated.version("production/acme") == 2)
    let event = try #require(try gated.events(approvedBy: "carol").first)
    #expect(event["verdict"]?["judging"]?.integer == 1 && event["verdict"]?["newest"]?.integer == 2)
    let shown = try gated.trust()
    #expect(shown["version"]?.integer == 2 && shown["commit"]?.string == commit)
    #expect(shown["approvedBy"] == .strings(["alice"]) && shown["soleAdmin"] == nil)
    let text = try gated.installation.expect(0, "trust", "show")
    #expect(text.output.contains("approved by alice\n"), "\(text)")

    // The next change is judged by it.
    try gated.repository.replace("off: new", by: "off: old", in: GatedInstallation.shop)
    try gated.repository.commit(as: .bob, gated.people)
    try gated.approve(as: .carol)
    try gated.reconcile(4)
    try gated.approve(as: .alice)
    try gated.reconcile()
    try gated.installation.expect(0, "audit", "verify")
    try await gated.installation.discard()
  }

  @Test(
    "A customer's broken file hinders nobody from approving trust, or another customer's change")
  func brokenBeside() async throws {
    let gated = try await GatedInstallation()
    try gated.repository.write(
      Self.governance(Self.stricter), to: GatedInstallation.governance)
    try gated.repository.replace("off: old", by: "off: new", in: GatedInstallation.shop)
    try gated.repository.replace("zone: A", by: "zone: [", in: "customers/globex/depot.yaml")
    try gated.repository.commit(as: .bob, gated.people)
    let signed = try gated.approve(as: .alice)
    #expect(signed.output.contains("customers/globex/depot.yaml"), "\(signed)")
    #expect(signed.output.contains("To be signed for trust, until"), "\(signed)")
    #expect(signed.output.contains("  acme: flag checkout, default.changed"), "\(signed)")
    #expect(
      signed.errors.contains("Findings hold production/globex. It is left out."), "\(signed)")
    // Who asks for what cannot be read signs nothing.
    let words = ["approve", "--base", "HEAD~1", "--yes", "--signing-key"]
    let broken = try gated.installation.start(
      words + [gated.people.key(of: .alice), "pick-by-light"]
    ).wait()
    #expect(broken.code == 3 && !broken.output.contains("To be signed"), "\(broken)")
    // What all share is broken: then nobody knows what would be approved.
    let applied = try gated.reconcile(3)
    #expect(applied.output.contains("trust  applied as version 2"), "\(applied)")
    #expect(try gated.version("production/acme") == 2)
    try gated.repository.replace("environments:", by: "environment:", in: "flagstaff.yaml")
    try gated.repository.commit(as: .bob, gated.people)
    let nothing = try gated.installation.start(words + [gated.people.key(of: .alice)]).wait()
    #expect(nothing.code == 3 && !nothing.output.contains("To be signed"), "\(nothing)")
    try await gated.installation.discard()
  }

  @Test("A DEVELOPER's approval of a change of trust is set aside, and the reason is told")
  func developer() async throws {
    let gated = try await GatedInstallation()
    try gated.repository.write(
      Self.governance(Self.stricter), to: GatedInstallation.governance)
    try gated.repository.commit(as: .bob, gated.people)
    // There is nothing else that she could approve.
    let told = try gated.installation.expect(
      4, "approve", "--base", "HEAD~1", "--yes", "--signing-key", gated.people.key(of: .carol))
    #expect(told.errors.contains("would not count: carol is no ADMIN."), "\(told)")
    #expect(told.errors.contains("Nothing else is left to approve. Nothing was signed."))
    let scoped = try gated.installation.expect(
      0, "approve", "--base", "HEAD~1", "--environment", "production", "--yes", "--signing-key",
      gated.people.key(of: .alice))
    #expect(scoped.errors.contains("What changes is trust, which has neither"), "\(scoped)")
    let signed = try gated.approve(as: .carol, with: Gated.signsAnything)
    #expect(signed.output.contains("To be signed for trust"), "\(signed)")
    let refused = try gated.reconcile(4)
    #expect(refused.output.contains("is by carol, who is no ADMIN"), "\(refused)")
    #expect(refused.output.contains("1 of role ADMIN; 1 missing, who could give it: alice"))
    #expect(try gated.trust()["version"]?.integer == 1)
    try gated.approve(as: .alice)
    try gated.reconcile()
    #expect(try gated.trust()["approvedBy"] == .strings(["alice"]))
    try await gated.installation.discard()
  }

  @Test("The only ADMIN may change trust, which is marked; one of two may not alone")
  func soleAdmin() async throws {
    let gated = try await GatedInstallation()
    try gated.repository.replace(
      "bob: {role: DEVELOPER", by: "bob: {role: ADMIN", in: GatedInstallation.governance)
    try gated.repository.commit(as: .alice, gated.people)
    let signed = try gated.approve(as: .alice)
    #expect(signed.output.contains("      role: DEVELOPER → ADMIN"), "\(signed)")
    try gated.reconcile()
    let shown = try gated.installation.expect(0, "trust", "show")
    #expect(
      shown.output.contains("approved by alice, the only ADMIN, who contributed to it"), "\(shown)")
    #expect(try gated.trust()["soleAdmin"]?.boolean == true)

    try gated.repository.write(
      Self.governance(Self.stricter).replacing("bob: {role: DEVELOPER", with: "bob: {role: ADMIN"),
      to: GatedInstallation.governance)
    try gated.repository.commit(as: .alice, gated.people)
    try gated.approve(as: .alice, with: Gated.signsAnything)
    let refused = try gated.reconcile(4)
    #expect(refused.output.contains("is by alice, who contributed to the change"), "\(refused)")
    try gated.approve(as: .bob)
    try gated.reconcile()
    #expect(try gated.trust()["version"]?.integer == 3)
    try await gated.installation.discard()
  }

  @Test("Who is added is shown with the whole key, and nobody else is signed for than is named")
  func added() async throws {
    let gated = try await GatedInstallation()
    let key = try Member.mallory.publicKey()
    try gated.repository.replace(
      "people:\n", by: "people:\n  mallory: {role: DEVELOPER, keys: [{ssh: \"\(key.text)\"}]}\n",
      in: GatedInstallation.governance)
    try gated.repository.replace(
      "environments: [production, staging]", by: "environments: [production, staging, test]",
      in: "flagstaff.yaml")
    try gated.repository.commit(as: .bob, gated.people)
    let signed = try gated.approve(as: .alice, "mallory")
    #expect(signed.output.contains("keys: [{ssh: \(key.fingerprint)}]"), "\(signed)")
    #expect(signed.output.contains("environments: gains test"), "\(signed)")
    // The workspace's own change is still nobody's.
    let refused = try gated.reconcile(4)
    #expect(refused.output.contains("workspace tests"), "\(refused)")
    try gated.approve(as: .alice)
    try gated.reconcile()
    #expect(try gated.trust()["version"]?.integer == 2)
    try await gated.installation.discard()
  }

  @Test("An ADMIN approves a change of trust without a database, by what an origin was told")
  func byOrigin() async throws {
    let gated = try await GatedInstallation()
    try gated.repository.write(
      Self.governance(Self.stricter), to: GatedInstallation.governance)
    try gated.repository.commit(as: .bob, gated.people)
    let words = [
      "approve", "--against", "origin:\(gated.installation.origin)", "--base", "HEAD~1", "--yes",
      "--signing-key", gated.people.key(of: .alice),
    ]
    let signed = try gated.installation.start(
      words, without: ["DATABASE_URL", "AUDIT_HMAC_SECRET", "FLAGSTAFF_SIGNING_KEY_FILE"]
    ).wait()
    #expect(signed.code == 0, "\(signed)")
    #expect(
      signed.output.contains("policy everything, trust.policy.changed, generation 2"), "\(signed)")
    try gated.reconcile()
    #expect(try gated.trust()["approvedBy"] == .strings(["alice"]))
    let history = try gated.installation.expect(0, "history", "everything").output
    #expect(history.contains("the policy was added"), "\(history)")
    #expect(history.contains("the policy was changed"), "\(history)")
    #expect(history.contains("alice"), "\(history)")
    try await gated.installation.discard()
  }
}
