// Changes by hand after the audit secret was rotated and the former one thrown away: what was
// applied lately is known by the chain, and by nothing that somebody else can write.

import Documents
import FlagstaffController
import FlagstaffCore
import Foundation
import PostgresRegistry
import Signing
import Testing

@Suite("The gate after a rotation")
struct RotatedGateTests {
  private static let next = String(repeating: "2", count: 40)
  private static let policies = """
    approvals:
      large: {match: {blastRadius: {atLeast: 15%}}, require: {count: 2, role: DEVELOPER}}
      small: {match: {}, require: {count: 1, role: DEVELOPER}}

    """

  /// Bob raises traffic, and Carol approves.
  private func raise(
    from old: String, to new: String, _ people: People, _ installation: Installation
  ) throws {
    let repository = installation.repository
    try repository.replace("traffic: \(old)%", by: "traffic: \(new)%", in: ApprovedLog.shop)
    try repository.commit(as: .bob, people)
    try installation.approve(as: .carol, people)
  }

  /// Traffic was raised by 10 of 100, then the secret was rotated, and the former one is gone.
  private func rotated(_ people: People) async throws -> Installation {
    var installation = try await ApprovedLog.begun(people, policies: Self.policies)
    try raise(from: "20", to: "30", people, installation)
    try installation.expect(0, "reconcile", "--quiet")
    try installation.expect(0, "audit", "rotate", with: [Keys.nextAuditVariable: Self.next])
    installation.variables["AUDIT_HMAC_SECRET"] = Self.next
    try raise(from: "30", to: "40", people, installation)
    return installation
  }

  @Test("Within a day, what was applied under the former secret adds up, and a change goes on")
  func slices() async throws {
    let people = try People()
    let installation = try await rotated(people)
    // 10 and 10 of 100 in a day: two people are asked for.
    let waiting = try installation.expect(4, "reconcile")
    #expect(waiting.output.contains("large"), "\(waiting)")
    try installation.approve(as: .alice, people)
    try installation.expect(0, "reconcile")
    try installation.expect(0, "audit", "verify", "--approvals")
    try await installation.discard()
  }

  @Test(
    "An event of the former secret that was edited stops its scope, with that secret's code too",
    arguments: [false, true])
  func edited(knowsFormerSecret: Bool) async throws {
    let people = try People()
    let installation = try await rotated(people)
    let key = try #require(AuditKey(secret: Array(Installation.secret.utf8)))
    let connection = try installation.connection()
    let rows = try connection.runOutsideTransaction(
      """
      SELECT sequence, bytes FROM experimentation.audit_events
      WHERE convert_from(bytes, 'UTF8') LIKE '%traffic.raised%'
      """)
    try connection.runOutsideTransaction("SET session_replication_role = replica")
    for row in rows {
      let event = try JSONReader.read(try row.bytes("bytes")).with(["exposure"]) { _ in nil }
      let bytes = CanonicalJSON.bytes(event)
      let hash = Signing.sha256(bytes)
      let mac = knowsFormerSecret ? key.mac(of: hash) : [UInt8](repeating: 1, count: 32)
      try connection.runOutsideTransaction(
        """
        UPDATE experimentation.audit_events SET bytes = \(bytes), hash = \(hash.bytes),
          mac = \(mac) WHERE sequence = \(try row.int("sequence"))
        """)
    }
    let before = try scopesPublished(by: installation)
    let refused = try installation.expect(1, "reconcile")
    #expect(refused.output.contains("it does not follow the event before it"), "\(refused)")
    #expect(refused.output.contains("flagstaff audit verify"), "\(refused)")
    expectEqual(try scopesPublished(by: installation), before, "origin")
    try await installation.discard()
  }

  /// What is at the origin but checkpoints, of which a pass may tell one for the rotation.
  private func scopesPublished(by installation: Installation) throws -> [String: OriginEntry] {
    try installation.originTree().filter { path, _ in !path.hasPrefix("v1/audit") }
  }
}
