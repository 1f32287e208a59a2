// Attacks by keys that count no more, or never did, that are written as something else, or that are
// one person's twice: whatever they sign, the registry stays as it was, and the answer says what to
// do.

import Foundation
import PostgresRegistry
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

  @Test("expired key with a backdated commit")
  func expiredKey() async throws {
    var trusting = Trusting()
    trusting.people["carol"] = try Trusting.line(
      "DEVELOPER", of: "carol", window: ", until: 2026-11-22T00:00:00Z")
    let gated = try await Gated.make(trusting)
    try gated.branchOfBob()
    // She says that she merged it while the key counted.
    let dated = [
      "GIT_AUTHOR_DATE": "2026-11-21T23:00:00Z", "GIT_COMMITTER_DATE": "2026-11-21T23:00:00Z",
    ]
    let base = try gated.repository.git("rev-parse", "main")
    try gated.git(
      as: "carol", "merge", "--quiet", "--no-ff", "-S", "-m", "Merge", "branch", with: dated)
    let merge = try gated.refused()
    try gated.repository.git("reset", "--quiet", "--hard", base)
    try gated.repository.git("merge", "--quiet", "--ff-only", "branch")
    let then = ["FLAGSTAFF_INSTANT": "2026-11-21T23:00:00Z"]
    try gated.approve(as: "carol", with: then)
    let statement = try gated.refused()
    // Then it counted.
    let honest = try await gated.copy()
    try honest.applied(with: then)
    try gated.approve(as: "alice")
    try gated.applied()
    try Attack.expect(merge, statement, of: gated.installation)
    try await gated.discard()
    try await honest.discard()
  }

  @Test("key removed while its customer is held")
  func removedWhileHeld() async throws {
    let gated = try await Gated.make()
    try gated.editCheckout()
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    // What nobody can read holds the customer.
    let odd = "customers/acme/odd.yaml"
    try gated.repository.write("flagstaff: v1\nflugs: {}\n", to: odd)
    try gated.commit(as: "bob")
    try gated.installation.expect(3, "reconcile")
    // Carol leaves.
    var without = Trusting()
    without.people["carol"] = nil
    try gated.repository.git("checkout", "--quiet", "-b", "branch")
    try gated.repository.write(without.text, to: Gated.governance)
    try gated.commit(as: "bob")
    try gated.repository.git("checkout", "--quiet", "main")
    try gated.git(as: "alice", "merge", "--quiet", "--no-ff", "-S", "-m", "Merge", "branch")
    try gated.installation.expect(3, "reconcile")
    #expect(try gated.installation.trustVersions() == ["1 init", "2 commit"])
    // And what she approved comes up again.
    try gated.repository.remove(odd)
    try gated.commit(as: "bob")
    let refused = try gated.refused()
    try gated.approve(as: "alice")
    try gated.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("one key in two teams")
  func twoTeams() async throws {
    var trusting = Trusting()
    trusting.rest = """
      teams:
        growth: {members: [alice, carol]}
        safety: {members: [alice, carol]}
      approvals:
        everything:
          match: {}
          require: {allOf: [{count: 1, team: growth}, {count: 1, team: safety}]}

      """
    let gated = try await Gated.make(trusting)
    try gated.editCheckout()
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    let refused = try gated.refused()
    try gated.approve(as: "alice")
    try gated.applied()
    // Nor can it be given to two people.
    trusting.people["dave"] = try Trusting.line("DEVELOPER", of: "carol")
      .replacing("carol@", with: "dave@")
    try gated.repository.write(trusting.text, to: Gated.governance)
    let shared = try gated.installation.expect(3, "validate", gated.repository.path)
    try Attack.expect(refused, shared, of: gated.installation)
    try await gated.discard()
  }

  @Test("two keys of one person")
  func twoKeys() async throws {
    var trusting = Trusting()
    trusting.people["carol"] = try Trusting.line(
      "DEVELOPER", of: "carol", second: "carol-second")
    let gated = try await Gated.make(trusting)
    try gated.editCheckout()
    try gated.repository.commit()
    try gated.approve(as: "carol")
    try gated.approve(as: "carol-second")
    let refused = try gated.refused()
    try gated.approve(as: "bob")
    try gated.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("the author's second e-mail")
  func secondAddress() async throws {
    let gated = try await Gated.make()
    try gated.editCheckout()
    let other = [
      "GIT_AUTHOR_EMAIL": "robert@home.example", "GIT_COMMITTER_EMAIL": "robert@home.example",
      "GIT_AUTHOR_NAME": "Robert", "GIT_COMMITTER_NAME": "Robert",
    ]
    try gated.commit(as: "bob", with: other)
    try gated.approve(as: "bob", with: Gated.signsAnything)
    let refused = try gated.refused()
    try gated.approve(as: "carol")
    try gated.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("commas, newlines, *, cert-authority in team fields")
  func fields() async throws {
    let gated = try await Gated.make()
    let key = try SSHKeyPair(seed: "mallory").publicText
    let people = [
      #"mallory: {role: ADMIN, keys: [{ssh: "cert-authority \#(key)"}]}"#,
      #"mallory: {role: ADMIN, keys: [{ssh: "*,mallory \#(key)"}]}"#,
      #"mallory: {role: ADMIN, keys: [{ssh: "namespaces=\"git\" \#(key)"}]}"#,
      #"mallory: {role: ADMIN, keys: [{ssh: "\#(key)\n* \#(key)"}]}"#,
      #"mallory: {role: ADMIN, keys: [{ssh: "\#(key) x\nbob \#(key)"}]}"#,
      #"mallory: {role: ADMIN, email: "alice@acme.example,*", keys: [{ssh: "\#(key)"}]}"#,
      #"mallory: {role: ADMIN, email: "*", keys: [{ssh: "\#(key)"}]}"#,
      #"mallory: {role: ADMIN, email: "a@b.example\n* cert-authority", keys: [{ssh: "\#(key)"}]}"#,
      #""alice,mallory": {role: ADMIN, keys: [{ssh: "\#(key)"}]}"#,
      #""*": {role: ADMIN, keys: [{ssh: "\#(key)"}]}"#,
      #""x\ncert-authority": {role: ADMIN, keys: [{ssh: "\#(key)"}]}"#,
    ]
    let teams = [
      "teams: {growth: {members: [\"*\"]}}", "teams: {growth: {members: [\"alice,bob\"]}}",
      "teams: {\"*\": {members: [alice]}}", "teams: {growth: {members: [\"alice\\n*\"]}}",
    ]
    let plain = Trusting()
    let texts =
      people.map { plain.text.replacing("people:\n", with: "people:\n  \($0)\n") }
      + teams.map { plain.text + $0 + "\n" }
    var answers: [String] = []
    for (text, line) in zip(texts, people + teams) {
      try gated.repository.write(text, to: Gated.governance)
      let found = try gated.installation.expect(3, "validate", gated.repository.path)
      answers.append("\(line)\n\(found.output)\n")
    }
    // And who is trusted stays who was.
    try gated.commit(as: "alice")
    let before = try gated.standing()
    let held = try gated.installation.expect(3, "reconcile")
    #expect(try gated.standing() == before)
    #expect(try gated.installation.trustVersions() == ["1 init"])
    try Attack.expect(answers + [held.output], of: [gated.installation])
    try await gated.discard()
  }

  @Test("another TZ")
  func otherZone() async throws {
    var trusting = Trusting()
    trusting.people["carol"] = try Trusting.line(
      "DEVELOPER", of: "carol", window: ", from: 2026-11-23T12:00:00Z")
    let gated = try await Gated.make(trusting)
    try gated.editCheckout()
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    let early = "2026-11-23T11:59:59Z"
    let refused = try gated.refused(with: ["FLAGSTAFF_INSTANT": early])
    for zone in ["Pacific/Kiritimati", "America/Adak", "UTC-26", "nonsense"] {
      let there = try gated.refused(with: ["FLAGSTAFF_INSTANT": early, "TZ": zone])
      #expect(there.output == refused.output, "\(zone)")
    }
    // In the zone that is furthest behind, too, it counts from the same instant on.
    try gated.applied(with: ["TZ": "Etc/GMT+12"])
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("wrong SSHSIG namespace")
  func wrongNamespace() async throws {
    let gated = try await Gated.make()
    try gated.branchOfBob()
    let base = try gated.repository.git("rev-parse", "main")
    var answers: [Ended] = []
    // A merge that was signed as a file, or as an approval.
    for namespace in ["file", "flagstaff-approval"] {
      try gated.repository.git("reset", "--quiet", "--hard", base)
      try gated.repository.git("merge", "--quiet", "--no-ff", "-m", "Merge", "branch")
      let signature = try gated.signature(
        over: gated.bytes(ofCommit: "main"), as: "carol", for: namespace)
      try gated.reseal("main", with: [("gpgsig", signature)])
      answers.append(try gated.refused())
    }
    // A statement that was signed as a commit.
    try gated.repository.git("reset", "--quiet", "--hard", base)
    try gated.repository.git("merge", "--quiet", "--ff-only", "branch")
    try gated.approve(as: "carol")
    let statement = try #require(try gated.statements(of: "carol").first)
    let signature = try gated.signature(over: statement, as: "carol", for: "git")
    try gated.write([(statement: statement, signature: signature)], toRefOf: "carol")
    answers.append(try gated.refused())
    // The same ways with the right ones.
    try gated.repository.git("reset", "--quiet", "--hard", base)
    try gated.repository.git("merge", "--quiet", "--no-ff", "-m", "Merge", "branch")
    let right = try gated.signature(
      over: gated.bytes(ofCommit: "main"), as: "carol", for: "git")
    try gated.reseal("main", with: [("gpgsig", right)])
    try gated.applied()
    try Attack.expect(answers.map { $0.output + $0.errors }, of: [gated.installation])
    try await gated.discard()
  }

  @Test("two gpgsig headers")
  func twoSignatures() async throws {
    let gated = try await Gated.make()
    try gated.branchOfBob()
    try gated.git(as: "carol", "merge", "--quiet", "--no-ff", "-S", "-m", "Merge", "branch")
    let merge = try gated.repository.git("rev-parse", "main")
    var answers: [Ended] = []
    // Git leaves each of them out of what it verifies.
    for name in ["gpgsig", "gpgsig-sha256", "gpgsigx"] {
      let signature = try gated.signature(
        over: gated.bytes(ofCommit: merge), as: "mallory", for: "git")
      try gated.reseal(merge, with: [(name, signature)])
      answers.append(try gated.refused())
    }
    try gated.repository.git("reset", "--quiet", "--hard", merge)
    try gated.applied()
    try Attack.expect(answers.map { $0.output + $0.errors }, of: [gated.installation])
    try await gated.discard()
  }

  @Test("a wiped database under serve")
  func wipedDatabase() async throws {
    let gated = try await Gated.make()
    let installation = gated.installation
    // Mallory's commit waits for what nobody gives it.
    try gated.editCheckout()
    try gated.repository.commit()
    let serving = try installation.start(["serve", "--interval", "0.2"])
    try await soon(serving, "a pass") { serving.errors.contains("waiting") }
    let origin = try installation.originContent()
    try installation.connection().runOutsideTransaction("DROP SCHEMA experimentation CASCADE")
    try await soon(serving, "a pass that fails") { serving.errors.contains("consequence=stalled") }
    #expect(serving.errors.contains("Restore the database"))
    serving.send(SIGTERM)
    #expect(try serving.wait(secondsMax: 60).code == 0)
    let refused = try installation.expect(1, "reconcile")
    expectEqual(try installation.originContent(), origin, "the origin")
    #expect(
      try installation.connection().runOutsideTransaction(
        "SELECT count(*) AS many FROM experimentation.scopes"
      ).only().int("many") == 0)
    // Where the origin was wiped too, the operator still knows that trust began.
    try FileManager.default.removeItem(atPath: installation.origin)
    let both = try installation.expect(1, "reconcile", "--approvals", "enforce")
    #expect(try installation.originContent().isEmpty)
    try Attack.expect(refused, both, of: installation)
    try await gated.discard()
  }

  /// Waits until something is so; passes follow each other by fractions of a second.
  private func soon(
    _ serving: Running, _ what: String, _ condition: () throws -> Bool
  ) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try !condition() {
      guard ContinuousClock.now < deadline else {
        serving.send(SIGKILL)
        throw ProgramFailure(description: "\(what) never came: \(serving.errors)")
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }
}
