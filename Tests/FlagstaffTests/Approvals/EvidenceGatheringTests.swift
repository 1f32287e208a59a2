// Statements from refs into the registry: by real keys, a real ssh-keygen whose calls are counted,
// and a real PostgreSQL.

import Documents
import FlagstaffController
import FlagstaffCore
import Foundation
import GitSource
import PostgresRegistry
import SSHSignatures
import Signing
import TestHarness
import Testing

@Suite("Gathering evidence")
struct EvidenceGatheringTests {
  private static let instant = Instant(secondsSince1970: 1_795_000_000)
  private let people: People
  private let repository: DefinitionsRepository
  private let registry: RegistryWorker
  private let counting: CountingKeygen
  private let key: AuditKey

  init() async throws {
    people = try People()
    repository = try DefinitionsRepository.small()
    try repository.write(try People.governance(), to: "governance/people.yaml")
    try repository.commit()
    let url = try await TestCluster.shared.makeDatabase()
    try RegistrySchema.prepare(PostgresConnection(url: url))
    registry = RegistryWorker(url: url)
    counting = try CountingKeygen()
    key = try #require(AuditKey(secret: Array(Installation.secret.utf8)))
  }

  /// Gathers as a new process does.
  private func gather(workspace: String = "tests", key: AuditKey? = nil) async throws
    -> GatheredEvidence
  {
    let source = DefinitionsSource(
      address: try RemoteAddress(repository.path), branch: nil, fetch: nil)
    let head = try await source.head()
    let trust = try #require(try await source.definitions(of: head).definitions.trust)
    return try await EvidenceGathering(
      source, verifier: SignatureVerifier(counting.keygen),
      owners: KeyOwners(judging: trust, newest: trust, at: Self.instant), workspace: workspace
    ).run(registry, key: key ?? self.key, at: Self.instant)
  }

  private func statement(
    _ key: String, workspace: String = "tests", seconds: Int = 86_400
  ) throws -> Statement {
    try Statement(
      workspace: workspace, issued: Self.instant, expires: Self.instant.adding(seconds: seconds),
      content: .approval(
        .init(
          environment: "production", classes: ["flag.enabled"], blastRadius: 0,
          subjects: [
            Subject(
              place: .scope(ScopeID(environment: "production", customer: "acme")), kind: "flag",
              key: key, generation: 1, before: nil, after: Signing.sha256(Array(key.utf8)))
          ])))
  }

  private func entry(
    _ statement: Statement, by member: Member, in namespace: SignatureNamespace = .approval
  ) async throws -> ApprovalEntry {
    let bytes = statement.bytes
    let signature = try await SSHKeygen(environment: ["PATH": "/usr/bin:/bin"])
      .sign(bytes, in: namespace, with: .file(people.key(of: member)))
    return ApprovalEntry(
      name: Signing.sha256(bytes).hexadecimal, statement: bytes, signature: signature.armored)
  }

  @discardableResult
  private func write(_ entries: [ApprovalEntry], of member: Member) throws -> ApprovalRef {
    try GitRepository(path: repository.path).write(
      entries, toRefOf: member.publicKey().identifier, after: nil, at: Self.instant)
  }

  private func approve(_ keys: [String], by member: Member) async throws {
    var entries: [ApprovalEntry] = []
    for key in keys { entries.append(try await entry(statement(key), by: member)) }
    try write(entries, of: member)
  }

  /// A ref holds 1,000 at most.
  private static let signatures =
    ProcessInfo.processInfo.environment["FLAGSTAFF_TEST_SIGNATURES"].flatMap(Int.init) ?? 30

  @Test("Each signature is verified once, by whichever process")
  func once() async throws {
    try await approve((1..<Self.signatures).map { "flag-\($0)" }, by: .alice)
    try await approve(["a"], by: .bob)
    let clock = ContinuousClock()
    var first = GatheredEvidence.none
    let took = try await clock.measure { first = try await gather() }
    #expect(first.evidence.count == Self.signatures && first.setAside.isEmpty)
    #expect(counting.calls == Self.signatures)
    var second = GatheredEvidence.none
    let tookAgain = try await clock.measure { second = try await gather() }
    #expect(second.evidence == first.evidence)
    #expect(counting.calls == Self.signatures)
    print("\(Self.signatures) signatures: \(took), then \(tookAgain)")
  }

  @Test("An unlisted key starts no process")
  func unlisted() async throws {
    try await approve(["a"], by: .mallory)
    #expect(try await gather().evidence.isEmpty)
    #expect(counting.calls == 0)
  }

  @Test("Evidence outlives its ref")
  func lostRef() async throws {
    try await approve(["a"], by: .alice)
    let first = try await gather()
    try repository.git(
      "update-ref", "-d", ApprovalRef.name(try Member.alice.publicKey().identifier))
    #expect(try await gather().evidence == first.evidence)
  }

  @Test("An approval is withdrawn by its signer alone, and stays so when the ref is set back")
  func withdrawn() async throws {
    let approval = try await entry(statement("a"), by: .alice)
    let before = try write([approval], of: .alice)
    let evidence = try #require(try await gather().evidence.first)
    let withdrawal = try Statement(
      workspace: "tests", issued: Self.instant, expires: nil,
      content: .withdrawal(of: evidence.digest))
    try write([try await entry(withdrawal, by: .bob)], of: .bob)
    #expect(try await gather().evidence.contains(evidence))
    try write([approval, try await entry(withdrawal, by: .alice)], of: .alice)
    func expectWithdrawn() async throws {
      let gathered = try await gather()
      #expect(!gathered.evidence.contains(evidence))
      #expect(gathered.setAside.contains { $0.why.contains("withdrawn") })
    }
    try await expectWithdrawn()
    try repository.git(
      "update-ref", ApprovalRef.name(try Member.alice.publicKey().identifier), before.target)
    try await expectWithdrawn()
  }

  @Test("What is no approval of this workspace is set aside, with its reason")
  func setAside() async throws {
    let good = try await entry(statement("a"), by: .alice)
    let asCommit = try await entry(statement("b"), by: .alice, in: .git)
    let other = try await entry(statement("c", workspace: "others"), by: .alice)
    let bobs = try await entry(statement("d"), by: .bob)
    let edited = ApprovalEntry(
      name: Signing.sha256([1]).hexadecimal, statement: try statement("e").bytes,
      signature: good.signature)
    let noStatement = ApprovalEntry(
      name: Signing.sha256([2]).hexadecimal, statement: Array("{}".utf8),
      signature: good.signature)
    let noSignature = ApprovalEntry(
      name: Signing.sha256([3]).hexadecimal, statement: good.statement, signature: [1, 2, 3])
    try write([good, asCommit, other, bobs, edited, noStatement, noSignature], of: .alice)
    let gathered = try await gather()
    #expect(gathered.evidence.map { $0.covers.map(\.key) } == [["a"]])
    let reasons = gathered.setAside.map(\.why).sorted()
    let parts = [
      "bears a signature for git", "bears a signature that does not stand between",
      "bears a signature that is not over it", "is of a format", "is of the workspace others",
      "whose ref is another",
    ]
    #expect(reasons.count == parts.count, "\(reasons)")
    for part in parts { #expect(reasons.contains { $0.contains(part) }, "\(part): \(reasons)") }
  }

  @Test("What has ended is not read any more")
  func ended() async throws {
    try write([try await entry(statement("a", seconds: 60), by: .alice)], of: .alice)
    #expect(try await gather().evidence.count == 1)
    let stored = try await registry.run { [key] connection in
      try connection.transaction { try $0.evidence(at: Self.instant.adding(seconds: 60), key: key) }
    }
    #expect(stored.evidence.isEmpty)
  }

  @Test("A row that was edited by hand does not count, and is told")
  func edited() async throws {
    try await approve(["a"], by: .alice)
    #expect(try await gather().evidence.count == 1)
    try repository.git(
      "update-ref", "-d", ApprovalRef.name(try Member.alice.publicKey().identifier))
    try await registry.run { connection in
      try connection.runOutsideTransaction(
        "ALTER TABLE experimentation.approvals DISABLE TRIGGER approvals_keep")
      try connection.runOutsideTransaction(
        "UPDATE experimentation.approvals SET document = document || '\\x20'::bytea")
    }
    let gathered = try await gather()
    #expect(gathered.evidence.isEmpty)
    #expect(gathered.setAside.map(\.why).contains { $0.contains("by hand") })
  }

  @Test("A merge that was kept does not count again")
  func keptMerge() async throws {
    let message = Array("tree\n".utf8)
    let keygen = SSHKeygen(environment: ["PATH": "/usr/bin:/bin"])
    let signature = try await keygen.sign(
      message, in: .git, with: .file(people.key(of: .alice)))
    let claim = try #require(
      SignatureClaim(
        key: Member.alice.publicKey(), namespace: .git, message: message, signature: signature))
    let verified = try #require(try await keygen.verified([claim])[claim.digest])
    let merge = try Evidence.merge(
      verified, commit: String(repeating: "a", count: 40),
      covers: statement("a").approval?.subjects ?? [])
    try await registry.run { [key] connection in
      try connection.transaction { try $0.keep([merge], acceptedAt: Self.instant, key: key) }
    }
    #expect(try await gather().evidence.isEmpty)
    // An auditor finds it by its name.
    let found = try await registry.run { connection in
      try connection.transaction { try $0.evidenceRows([merge.digest]) }
    }
    #expect(found[merge.digest]?.document == merge.document)
  }

  @Test("Under another secret, statements are verified once more and kept under it")
  func rotated() async throws {
    try await approve(["a", "b"], by: .alice)
    let first = try await gather()
    try repository.git(
      "update-ref", "-d", ApprovalRef.name(try Member.alice.publicKey().identifier))
    let next = try #require(AuditKey(secret: [UInt8](repeating: 9, count: 32)))
    #expect(try await gather(key: next).evidence == first.evidence)
    #expect(counting.calls == 4)
    #expect(try await gather(key: next).evidence == first.evidence)
    #expect(counting.calls == 4)
  }

  @Test("The program's role can neither change nor remove evidence")
  func role() async throws {
    try await approve(["a"], by: .alice)
    _ = try await gather()
    for statement: SQL in [
      "DELETE FROM approvals", "UPDATE approvals SET document = '\\x00'::bytea",
      "UPDATE approvals SET expires = NULL", "TRUNCATE approvals",
    ] {
      for role in [PostgresTransaction.Role.application, .owner] {
        await #expect(throws: RegistryError.self) {
          try await registry.run { connection in
            try connection.transaction(as: role) { _ = try $0.run(statement) }
          }
        }
      }
    }
  }
}
