// `flagstaff audit verify --approvals` against what was really approved, and against somebody who
// owns the database, with the audit secret and without it: each event whose approval cannot be
// shown is named, and the log alone verifies all the while.

import Documents
import FlagstaffController
import Foundation
import PostgresRegistry
import Signing
import Testing

/// What somebody does to a log that was approved.
struct ApprovalTampering: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let reason: String
  let tamper: @Sendable (Installation) throws -> Void

  init(
    _ name: String, _ reason: String, _ tamper: @escaping @Sendable (Installation) throws -> Void
  ) {
    (testDescription, self.reason, self.tamper) = (name, reason, tamper)
  }

  private static func statements(
    _ name: String, _ reason: String, _ statement: SQL
  ) -> ApprovalTampering {
    ApprovalTampering(name, reason) { _ = try $0.tamper([statement]) }
  }

  /// A holder of the secret lets every event of a merge say something else.
  private static func rewritten(
    _ name: String, _ reason: String, _ edit: @escaping @Sendable (Node) -> Node
  ) -> ApprovalTampering {
    ApprovalTampering(name, reason) { installation in
      try installation.rewriteLog { $0.isApproved(by: "merge") ? edit($0) : $0 }
    }
  }

  static let rows: [ApprovalTampering] = [
    statements(
      "a statement removed", "is not in the registry",
      "DELETE FROM experimentation.approvals WHERE kind = 'statement'"),
    statements(
      "a merge removed", "is not in the registry",
      "DELETE FROM experimentation.approvals WHERE kind = 'merge'"),
    statements(
      "a document exchanged", "was exchanged",
      """
      UPDATE experimentation.approvals SET document =
        (SELECT document FROM experimentation.approvals WHERE kind = 'statement' LIMIT 1)
      WHERE kind = 'trailer'
      """),
    statements(
      "a code edited", "was written into the registry by hand",
      "UPDATE experimentation.approvals SET mac = set_byte(mac, 0, get_byte(mac, 0) # 1)"),
    statements(
      "a version of trust edited", "is another than the one that the log tells",
      """
      UPDATE experimentation.trust SET document =
        convert_to(replace(convert_from(document, 'UTF8'), 'carol@', 'karol@'), 'UTF8')
      WHERE version = 1
      """),
    statements(
      "a version of trust removed", "is missing",
      "DELETE FROM experimentation.trust WHERE version = 1"),
  ]

  static let rewriting: [ApprovalTampering] = [
    rewritten("a person counted twice", "carol is counted twice") { event in
      let twice = { (list: Node) -> Node in
        .sequence((list.sequence ?? []).flatMap { [$0, $0] })
      }
      return event.with(["approvals"], twice).with(["verdict", "approvals"], twice)
    },
    rewritten("an approval under another's name", "is signed by carol") { event in
      let other = { (list: Node) -> Node in
        .sequence((list.sequence ?? []).map { $0.with(["person"]) { _ in .string("alice") } })
      }
      return event.with(["approvals"], other).with(["verdict", "approvals"], other)
    },
    rewritten("the approvals left out", "do not meet the policy everything") { event in
      event.with(["approvals"]) { _ in .sequence([]) }
        .with(["verdict", "approvals"]) { _ in .sequence([]) }
    },
    rewritten("a policy left out", "the policy in-production is about it and was not judged") {
      $0.with(["verdict", "policies"]) {
        .sequence(($0.sequence ?? []).filter { $0["policy"]?.string != "in-production" })
      }
    },
    rewritten("every policy left out", "no policy is about it") {
      $0.with(["verdict", "policies"]) { _ in .sequence([]) }
    },
    rewritten("a policy that is none", "the policy lax, which its trust has not") {
      $0.with(["verdict", "policies"]) {
        let lax = ($0.sequence ?? []).first?.with(["policy"]) { _ in .string("lax") }
        return .sequence(($0.sequence ?? []) + [lax].compactMap(\.self))
      }
    },
    rewritten("somebody unknown beside", "do not meet the policy everything") {
      $0.with(["verdict", "judging"]) { $0 }.with(["verdict"]) { verdict in
        var entries = verdict.mapping?.entries ?? []
        entries.append(.init(key: "unknownCommits", value: .strings(["0123456789"])))
        return Node(.mapping(Mapping(entries)))
      }
    },
    rewritten("the approver a contributor", "carol is counted, and contributed to it") {
      $0.with(["verdict", "contributors"]) { _ in .strings(["bob", "carol"]) }
    },
    rewritten("said to be ungated", "version 1 of trust was in force") {
      $0.with(["mode"]) { _ in .string("ungated") }
    },
    rewritten("said to be by the clock", "without a reason that the record shows") {
      $0.with(["verdict", "decision"]) { _ in .string("free") }
    },
    rewritten("judged by a trust that was not in force", "where version 1 was in force") {
      $0.with(["verdict", "newest"]) { _ in .integer(2) }
    },
    rewritten("no verdict at all", "nobody judged it") { $0.with(["verdict"]) { _ in nil } },
    // In every event, since each begins with what the former one left.
    ApprovalTampering("another form", "does not cover it") {
      try $0.rewriteLog { event in
        guard event["environment"] != nil else { return event }
        return ["before", "after"].reduce(event) { event, form in
          event.with([form, "key"]) { _ in .string("other") }
        }
      }
    },
    ApprovalTampering("another signature", "bears a signature that is not over it") {
      try $0.exchangeSignature(of: "statement")
    },
    ApprovalTampering("at an instant at which nobody had said so", "did not count at 2027") {
      try $0.rewriteLog { event in
        event["mode"]?.string == "ungated"
          ? event : event.with(["instant"]) { _ in .string("2027-06-01T00:00:00Z") }
      }
    },
  ]
}

@Suite("Verifying approvals")
struct ApprovalAuditTests {
  private static let noOrigin = ["FLAGSTAFF_ORIGIN": ""]

  @Test("Agrees with what was applied, with the secret and without, and tells what nobody approved")
  func agrees() async throws {
    let installation = try await ApprovedLog.shared.copy()
    let kinds = try installation.connection().runOutsideTransaction(
      "SELECT kind, count(*) AS count FROM experimentation.approvals GROUP BY 1 ORDER BY 1"
    ).map { "\(try $0.string("kind")) \(try $0.int("count"))" }
    #expect(kinds == ["merge 3", "statement 2", "trailer 2"])
    let counting = try CountingKeygen()
    let told = try installation.expect(
      0, "audit", "verify", "--approvals", with: ["PATH": counting.path])
    try Golden.expect(told.output, as: "audit-approvals.txt")
    // A merge is evidence of its own for each environment, and so are a bot's trailers; those of one
    // commit bear one signature.
    #expect(counting.calls == 5)
    let json = try installation.expect(0, "audit", "verify", "--approvals", "--format", "json")
    let approvals = try JSONReader.read(Array(json.output.utf8.dropLast()))["approvals"]
    #expect(approvals?["changes"]?.integer == 6 && approvals?["trustChanges"]?.integer == 1)
    #expect(approvals?["soleAdmin"]?.integer == 1 && approvals?["evidence"]?.integer == 7)
    let open = try installation.expect(
      0, "audit", "verify", "--approvals", "--public", without: ["AUDIT_HMAC_SECRET"])
    #expect(open.output.contains("The approvals verify"), "\(open)")
    let later = try installation.run("audit", "verify", "--approvals", "--from", "2")
    #expect(later.code == 64 && later.errors.contains("leave out --from"), "\(later)")
    try await installation.discard()
  }

  @Test(
    "Evidence that was removed or exchanged in the registry is found",
    arguments: ApprovalTampering.rows)
  func rows(_ tampering: ApprovalTampering) async throws {
    let installation = try await ApprovedLog.shared.copy()
    try tampering.tamper(installation)
    try installation.expect(0, "audit", "verify")
    let ended = try installation.expect(1, "audit", "verify", "--approvals")
    #expect(ended.output.contains(tampering.reason), "\(ended)")
    #expect(ended.output.contains("The approvals do not verify: event "), "\(ended)")
    try await installation.discard()
  }

  @Test(
    "A log that a holder of the secret wrote anew has to be approved all the same",
    arguments: ApprovalTampering.rewriting)
  func rewritten(_ tampering: ApprovalTampering) async throws {
    let installation = try await ApprovedLog.shared.copy()
    try tampering.tamper(installation)
    try installation.expect(0, "audit", "verify", with: Self.noOrigin)
    let ended = try installation.expect(1, "audit", "verify", "--approvals", with: Self.noOrigin)
    #expect(ended.output.contains(tampering.reason), "\(ended)")
    let json = try installation.expect(
      1, "audit", "verify", "--approvals", "--format", "json", with: Self.noOrigin)
    #expect(json.output.contains(#""verified":false"#), "\(json)")
    try await installation.discard()
  }

  @Test("After a rotation the new secret alone is enough, and what is missing is found")
  func rotated() async throws {
    var installation = try await ApprovedLog.shared.copy()
    let next = String(repeating: "2", count: 40)
    try installation.expect(0, "audit", "rotate", with: [Keys.nextAuditVariable: next])
    installation.variables["AUDIT_HMAC_SECRET"] = next
    let told = try installation.expect(0, "audit", "verify", "--approvals")
    #expect(told.output.contains("The approvals verify"), "\(told)")
    _ = try installation.tamper(["DELETE FROM experimentation.approvals WHERE kind = 'trailer'"])
    let ended = try installation.expect(1, "audit", "verify", "--approvals")
    #expect(ended.output.contains("is not in the registry"), "\(ended)")
    try await installation.discard()
  }
}

extension Installation {
  /// Flips a bit of a signature, and lets the log and the codes say so, under the real secret.
  fileprivate func exchangeSignature(of kind: String) throws {
    let (old, new) = try exchangeEvidence(of: kind) { document in
      let armored = try #require(
        document["signature"]?.string.flatMap { DSSE.decodedBase64($0) })
      var lines = String(decoding: armored, as: UTF8.self).split(separator: "\n").map(String.init)
      var blob = try #require(DSSE.decodedBase64(lines.dropFirst().dropLast().joined()))
      blob[blob.count - 1] ^= 1
      var rest = Substring(DSSE.base64(blob))
      var body: [String] = []
      while !rest.isEmpty {
        body.append(String(rest.prefix(70)))
        rest = rest.dropFirst(70)
      }
      lines = [lines[0]] + body + [lines[lines.count - 1], ""]
      return document.with(["signature"]) { _ in
        .string(DSSE.base64(Array(lines.joined(separator: "\n").utf8)))
      }
    }
    try rewriteLog { event in
      let text = CanonicalJSON.string(event).replacingOccurrences(of: old, with: new)
      return (try? JSONReader.read(Array(text.utf8))) ?? event
    }
  }
}
