// Attacks by keys that count no more, or never did: whatever they sign, the registry stays as it
// was, and the answer says what to do.

import Foundation
import TestHarness
import Testing

@Suite("Attacks by keys")
struct KeyAttackTests {
  @Test("the last ADMIN expired")
  func lastAdminExpired() async throws {
    let installation = try await Installation.withPeople(until: "2026-11-23T13:00:00Z")
    try installation.expect(0, "trust", "init", "--key", installation.keyFile("alice"))
    try installation.repository.write(
      Governance.text(more: "  mallory: {role: ADMIN}"), to: "governance/people.yaml")
    try installation.repository.commit()
    let before = try installation.dump()
    let late = ["FLAGSTAFF_INSTANT": "2026-11-24T00:00:00Z"]
    let refused = try installation.expect(4, "reconcile", with: late)
    #expect(refused.output.contains("flagstaff trust reset"), "\(refused)")
    #expect(try installation.dump() == before)
    #expect(try installation.trustVersions() == ["1 init"])
    try Attack.expect(refused, of: installation)
    try await installation.discard()
  }
}
