// How often a pass starts ssh-keygen: once a signature, ever, and not at all where nothing changed.
// FLAGSTAFF_TEST_SIGNATURES says of how many changes, each approved by a statement of its own.

import Documents
import FlagstaffCore
import Foundation
import GitSource
import SSHSignatures
import Signing
import TestHarness
import Testing

@Suite("Signatures in a pass")
struct SignatureCountTests {
  private static let count =
    ProcessInfo.processInfo.environment["FLAGSTAFF_TEST_SIGNATURES"].flatMap(Int.init) ?? 30
  private static let file = "customers/acme/many.yaml"

  private static func flags(_ value: Bool) -> String {
    let flags = (0..<count).map {
      "  flag-\($0): {default: \(value), environments: {production: {}}}\n"
    }
    return "flagstaff: v1\nflags:\n" + flags.joined()
  }

  /// A statement for each change of a plan, signed by a member.
  private static func approveEach(_ plan: Node, as member: Member, _ gated: GatedInstallation)
    async throws
  {
    let keygen = SSHKeygen(environment: ["PATH": "/usr/bin:/bin"])
    let instant = try #require(Instant(Installation.instant))
    func digest(_ form: Node?) -> Digest? {
      form.map { Signing.sha256(Signing.tag("definition") + CanonicalJSON.bytes($0)) }
    }
    var entries: [ApprovalEntry] = []
    let scope = try #require(
      plan["scopes"]?.sequence?.first { $0["customer"]?.string == "acme" })
    for change in scope["changes"]?.sequence ?? [] {
      let subject = Subject(
        place: .scope(ScopeID(environment: "production", customer: "acme")),
        kind: change["kind"]?.string ?? "", key: change["key"]?.string ?? "",
        generation: change["generation"]?.integer, before: digest(change["before"]),
        after: digest(change["after"]))
      let classes = (change["classes"]?.sequence ?? []).compactMap(\.string)
      let statement = try Statement(
        workspace: "tests", issued: instant, expires: instant.adding(seconds: 86_400),
        content: .approval(
          .init(
            environment: "production", classes: Set(classes), blastRadius: 10_000,
            subjects: [subject])))
      let signature = try await keygen.sign(
        statement.bytes, in: .approval, with: .file(gated.people.key(of: member)))
      entries.append(
        ApprovalEntry(
          name: Signing.sha256(statement.bytes).hexadecimal, statement: statement.bytes,
          signature: signature.armored))
    }
    _ = try GitRepository(path: gated.repository.path).write(
      entries, toRefOf: member.publicKey().identifier, after: nil, at: instant)
  }

  @Test("Each signature is verified once, and a pass without changes starts no ssh-keygen")
  func once() async throws {
    let gated = try await GatedInstallation(
      policies: GatedInstallation.policies.replacing("count: 1", with: "count: 2"),
      files: [Self.file: Self.flags(false)])
    let counting = try CountingKeygen()
    let path = ["PATH": counting.path]
    try gated.repository.write(Self.flags(true), to: Self.file)
    try gated.repository.commit(as: .bob, gated.people)
    let planned = try gated.installation.expect(4, "plan", "--format", "json", with: path)
    let plan = try JSONReader.read(Array(planned.output.utf8), depthMax: 64)
    // The commit's own.
    #expect(counting.calls == 1)

    try await Self.approveEach(plan, as: .carol, gated)
    let clock = ContinuousClock()
    let first = try clock.measure { try gated.reconcile(4, with: path) }
    // A commit's signature is verified by each process that looks for who contributed.
    #expect(counting.calls == 2 + Self.count)
    try gated.reconcile(4, with: path)
    #expect(counting.calls == 3 + Self.count)

    try await Self.approveEach(plan, as: .alice, gated)
    let second = try clock.measure { try gated.reconcile(with: path) }
    #expect(counting.calls == 4 + 2 * Self.count)
    #expect(try gated.version("production/acme") == 2)

    let quiet = try clock.measure { try gated.reconcile(with: path) }
    #expect(counting.calls == 4 + 2 * Self.count)
    print("\(Self.count) signatures: \(first), then \(second), without changes \(quiet)")
    try await gated.installation.discard()
  }
}
