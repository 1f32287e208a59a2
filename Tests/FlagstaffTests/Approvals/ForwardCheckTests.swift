// Heads that go on from what is applied, and heads that do not: rewritten, set back, unrelated, gone.
// The statements are signed by real keys.

import Documents
import FlagstaffController
import FlagstaffCore
import Foundation
import GitSource
import SSHSignatures
import Signing
import TestHarness
import Testing

@Suite("History moves forward")
struct ForwardCheckTests {
  private static let instant = Instant(secondsSince1970: 1_795_000_000)
  private let people: People
  private let repository: DefinitionsRepository
  private let first: String
  private let applied: String

  init() throws {
    people = try People()
    repository = try DefinitionsRepository.small()
    try repository.write(try People.governance(), to: "governance/people.yaml")
    first = try repository.commit("First")
    applied = try repository.commit("Applied")
  }

  private func trust(_ source: DefinitionsSource) async throws -> JudgingTrust {
    let id = try #require(CommitID(first))
    let trust = try #require(try await source.definitions(of: id).definitions.trust)
    let plan = TrustPlan.make(
      trust, against: nil, commit: first, at: Self.instant, as: .initialised)
    let admitted = try #require(AdmittedTrust.judge(plan, by: TrustJudgement()).admitted)
    let registered = AppliedTrust.apply(admitted).trust
    return JudgingTrust(judging: registered, newest: registered)
  }

  private func check(
    _ head: String, from applied: [String]? = nil, _ evidence: [Evidence] = [],
    at instant: Instant = instant
  ) async throws -> Forward {
    let source = DefinitionsSource(
      address: try RemoteAddress(repository.path), branch: nil, fetch: nil)
    let commits = try (applied ?? [self.applied]).map { try #require(CommitID($0)) }
    return try await ForwardCheck(source, branches: ["main"], trust: trust(source)).run(
      to: #require(CommitID(head)), from: Set(commits), evidence: evidence, at: instant)
  }

  private func accepted(
    by member: Member = .alice, branch: String = "main", old: String? = nil, new: String
  ) async throws -> Evidence {
    let statement = try Statement(
      workspace: "tests", issued: Self.instant, expires: Self.instant.adding(seconds: 3_600),
      content: .acceptHistory(branch: branch, old: old ?? applied, new: new))
    let keygen = SSHKeygen(environment: ["PATH": "/usr/bin:/bin"])
    let signature = try await keygen.sign(
      statement.bytes, in: .approval, with: .file(people.key(of: member)))
    let claim = try #require(
      SignatureClaim(
        key: member.publicKey(), namespace: .approval, message: statement.bytes,
        signature: signature))
    return try .statement(try #require(try await keygen.verified([claim])[claim.digest]))
  }

  /// A commit beside the applied one.
  private func rewritten() throws -> String {
    try repository.git("checkout", "--quiet", "-B", "other", first)
    return try repository.commit("Rewritten")
  }

  private func expectWait(_ forward: Forward, naming commit: String) {
    guard case .waits(let reason, let remedy) = forward else {
      Issue.record("it is \(forward)")
      return
    }
    #expect(reason.contains(commit.prefix(12)))
    #expect(remedy.contains("accept-history --branch main --old \(commit)"))
  }

  @Test("The applied commit itself, and whatever descends from it by any parent, goes on")
  func descends() async throws {
    #expect(try await check(applied) == .descends)
    let next = try repository.commit("Next")
    #expect(try await check(next, from: [first, applied]) == .descends)
    let other = try rewritten()
    try repository.git("merge", "--quiet", "--no-edit", applied)
    let merge = try repository.git("rev-parse", "HEAD")
    #expect(try await check(merge, from: [applied, other]) == .descends)
  }

  @Test("A rewritten, a set back and an unrelated branch wait, and so does one whose past is gone")
  func waits() async throws {
    let other = try rewritten()
    expectWait(try await check(other), naming: applied)
    expectWait(try await check(first), naming: applied)
    try repository.git("checkout", "--quiet", "--orphan", "unrelated")
    expectWait(try await check(try repository.commit("Unrelated")), naming: applied)
    let gone = String(repeating: "9", count: 40)
    expectWait(try await check(applied, from: [applied, gone]), naming: gone)
  }

  @Test("Of several applied commits the newest is named")
  func newest() async throws {
    let next = try repository.commit("Next")
    try repository.git("checkout", "--quiet", "--orphan", "unrelated")
    let head = try repository.commit("Unrelated")
    expectWait(try await check(head, from: [first, next, applied]), naming: next)
  }

  @Test("An ADMIN's statement about this step lets it go on, and what descends from there")
  func acceptedByAnAdmin() async throws {
    let other = try rewritten()
    let evidence = try await accepted(new: other)
    let approval = Approval(evidence: evidence.digest, person: "alice", kind: .acceptHistory)
    #expect(try await check(other, [evidence]) == .accepted(approval))
    let next = try repository.commit("Next")
    #expect(try await check(next, from: [first, applied], [evidence]) == .accepted(approval))
  }

  @Test("Any other statement does not")
  func otherStatements() async throws {
    let other = try rewritten()
    let another = try repository.commit("Another")
    let useless = [
      try await accepted(by: .bob, new: other), try await accepted(by: .mallory, new: other),
      try await accepted(branch: "production", new: other),
      try await accepted(old: first, new: other), try await accepted(new: another),
    ]
    expectWait(try await check(other, useless), naming: applied)
    let late = Self.instant.adding(seconds: 3_600)
    let good = try await accepted(new: other)
    expectWait(try await check(other, [good], at: late), naming: applied)
    let early = Self.instant.adding(seconds: -Limits.clockSkewSecondsMax - 1)
    expectWait(try await check(other, [good], at: early), naming: applied)
  }
}
