// Evidence of what the real ssh-keygen signed and verified, on its way into the registry and back.

import Documents
import FlagstaffCore
import Foundation
import SSHSignatures
import Signing
import TestHarness
import Testing

@Suite("Evidence")
struct EvidenceTests {
  private let key: AuditKey

  init() throws {
    key = try #require(AuditKey(secret: [UInt8](repeating: 7, count: 32)))
  }

  /// Signs and verifies.
  private func verified(
    _ message: [UInt8], in namespace: SignatureNamespace, by seed: String = "alice"
  ) async throws -> VerifiedSignature {
    let file = NSTemporaryDirectory() + "flagstaff-key-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: file) }
    #expect(
      FileManager.default.createFile(
        atPath: file, contents: Data(try SSHKeyPair(seed: seed).privateFile),
        attributes: [.posixPermissions: 0o600]))
    let keygen = SSHKeygen(environment: ["PATH": "/usr/bin:/bin"])
    let signature = try await keygen.sign(message, in: namespace, with: .file(file))
    let claim = try #require(
      SignatureClaim(
        key: signature.key, namespace: namespace, message: message, signature: signature))
    return try #require(try await keygen.verified([claim])[claim.digest])
  }

  private let commit = String(repeating: "c", count: 40)

  private func all() async throws -> [Evidence] {
    let approval = try StatementTests.approval()
    let merge = try await verified(Array("tree\n".utf8), in: .git)
    let subjects = [
      Subject(
        place: .scope(ScopeID(environment: "production", customer: "acme")), kind: "flag",
        key: "a", generation: nil, before: nil, after: StatementTests.wanted),
      Subject(
        place: .trust, kind: "team", key: "a", generation: nil, before: StatementTests.wanted,
        after: nil),
    ]
    return [
      try .statement(await verified(approval.bytes, in: .approval)),
      try .merge(merge, commit: commit, covers: subjects),
      try .merge(merge, commit: commit, covers: []),
      try .trailer(merge, commit: commit, people: ["bob", "alice"], covers: subjects),
    ]
  }

  @Test("What is stored is read back the same, byte for byte")
  func storedAndRead() async throws {
    for evidence in try await all() {
      let read = try Evidence.stored(evidence.document, mac: evidence.mac(key), key: key)
      #expect(read == evidence)
      #expect(read.digest == evidence.digest)
    }
  }

  @Test("A statement's evidence says what the statement says")
  func statement() async throws {
    let evidence = try #require(try await all().first)
    let bounds = try #require(evidence.bounds)
    #expect(evidence.kind == .statement)
    #expect(evidence.key.text == (try SSHKeyPair(seed: "alice").publicText))
    #expect(bounds.classes == ["flag.enabled", "traffic.raised"])
    #expect(bounds.blastRadius == 2_500)
    #expect(bounds.expires == StatementTests.issued.adding(seconds: 86_400))
    #expect(evidence.covers.map(\.key) == ["a", "b", "c"])
  }

  @Test("A trailer's people are those whom it names, and a merge's nobody")
  func people() async throws {
    let all = try await all()
    #expect(all.map(\.people) == [[], [], [], ["alice", "bob"]])
    #expect(all.map(\.commit) == [nil, commit, commit, commit])
  }

  @Test("A row that was edited by hand, or stored under another secret, is set aside")
  func edited() async throws {
    let evidence = try #require(try await all().last)
    let text = String(decoding: evidence.document, as: UTF8.self)
    let edited = Array(text.replacing(#""bob""#, with: #""eve""#).utf8)
    #expect(edited != evidence.document)
    let other = try #require(AuditKey(secret: [UInt8](repeating: 8, count: 32)))
    let cases: [([UInt8], [UInt8])] = [
      (edited, evidence.mac(key)), (evidence.document, evidence.mac(other)),
      (evidence.document, []),
    ]
    for (document, mac) in cases {
      #expect(throws: SetAside.self) { try Evidence.stored(document, mac: mac, key: key) }
    }
  }

  @Test("A signature in a document can be verified again")
  func verifiedAgain() async throws {
    let keygen = SSHKeygen(environment: ["PATH": "/usr/bin:/bin"])
    for evidence in try await all() {
      let claim = try #require(Evidence.claim(in: evidence.document))
      #expect(claim.key == evidence.key)
      #expect(try await keygen.verified([claim]).count == 1)
    }
    #expect(Evidence.claim(in: Array("{}".utf8)) == nil)
  }

  @Test("What was signed as a commit is no statement, whatever it says, nor the other way round")
  func uses() async throws {
    let statement = try StatementTests.approval()
    let asCommit = try await verified(statement.bytes, in: .git)
    #expect(throws: SetAside.self) { try Evidence.statement(asCommit) }
    let asStatement = try await verified(statement.bytes, in: .approval)
    #expect(throws: SetAside.self) {
      try Evidence.merge(asStatement, commit: commit, covers: statement.approval?.subjects ?? [])
    }
    let other = try await verified(Array("{}".utf8), in: .approval)
    #expect(throws: SetAside.self) { try Evidence.statement(other) }
  }
}
