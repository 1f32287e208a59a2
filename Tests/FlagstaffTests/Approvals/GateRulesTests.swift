// What a pass lets through or holds by rules beside the counting of people: a broken glass, a
// freeze, a history that somebody accepted, the trailers of a bot. Each with the real program, real
// keys and commits, and with what the same rule does not allow.

import Documents
import FlagstaffCore
import Foundation
import PostgresRegistry
import TestHarness
import Testing

@Suite("The gate's rules")
struct GateRulesTests {
  private static let production = "production/acme"

  /// Two people are asked, so that an ADMIN alone is not enough.
  private static let two = GatedInstallation.policies.replacing("count: 1", with: "count: 2")

  private func raise(_ from: String, to: String, in gated: GatedInstallation) throws {
    try gated.repository.replace(
      "traffic: \(from)", by: "traffic: \(to)", in: GatedInstallation.shop)
    try gated.repository.commit(as: .bob, gated.people)
  }

  private func breakGlass(
    _ gated: GatedInstallation, as member: Member = .alice, with more: [String: String] = [:]
  ) throws -> Ended {
    try gated.installation.run(
      "approve", "--base", "HEAD~1", "--break-glass", "payments are down", "--yes",
      "--signing-key", gated.people.key(of: member),
      with: Gated.signsAnything.merging(more) { $1 })
  }

  @Test("An ADMIN breaks the glass once; until somebody else has approved, not again")
  func brokenGlass() async throws {
    let gated = try await GatedInstallation(policies: Self.two)
    try raise("20%", to: "30%", in: gated)
    try gated.reconcile(4)
    // Carol is no ADMIN.
    #expect(try breakGlass(gated, as: .carol).code == 0)
    let refused = try gated.reconcile(4)
    #expect(refused.output.contains("is by carol, who is no ADMIN"), "\(refused)")
    #expect(try breakGlass(gated).code == 0)
    let applied = try gated.reconcile()
    #expect(applied.output.contains("alice broke the glass"), "\(applied)")
    #expect(try gated.version(Self.production) == 2)
    let report = try gated.installation.expect(0, "audit", "report")
    #expect(report.output.contains("(alice broke the glass: payments are down)"), "\(report)")

    try raise("30%", to: "40%", in: gated)
    #expect(try breakGlass(gated).code == 0)
    let again = try gated.reconcile(4)
    #expect(again.output.contains("nobody else has approved"), "\(again)")
    // Two others approve, and then she may again.
    try gated.approve(as: .carol)
    try gated.approve(as: .alice)
    try gated.reconcile()
    try raise("40%", to: "50%", in: gated)
    #expect(try breakGlass(gated).code == 0)
    try gated.reconcile()
    #expect(try gated.version(Self.production) == 4)
    try gated.installation.expect(0, "audit", "verify", "--approvals")
    try await gated.installation.discard()
  }

  @Test("Who may not break the glass again, or breaks it in a freeze, is told what to do instead")
  func vainGlass() async throws {
    let freeze = """
        freezes:
          - {from: 2026-11-25T00:00, until: 2026-11-28T00:00, zone: Etc/UTC}

      """
    let gated = try await GatedInstallation(
      policies: Self.two, files: ["flagstaff.yaml": DefinitionsRepository.workspace + freeze])
    func words(_ member: Member = .alice, _ more: String...) -> [String] {
      [
        "approve", "--base", "HEAD~1", "--break-glass", "payments are down", "--yes",
        "--signing-key", gated.people.key(of: member),
      ] + more
    }
    try raise("20%", to: "30%", in: gated)
    #expect(try gated.installation.start(words()).wait().code == 0)
    try gated.reconcile()
    try raise("30%", to: "40%", in: gated)
    let again = try gated.installation.start(words()).wait()
    #expect(again.code == 4 && !again.output.contains("To be signed"), "\(again)")
    #expect(
      again.errors.contains(
        "Your broken glass for experiment checkout-v2 would not count: you broke it before"),
      "\(again)")
    #expect(again.errors.contains("or another ADMIN break the glass"), "\(again)")
    // Her approval counts as everybody's does, and then the glass is hers again.
    try gated.approve(as: .carol)
    try gated.approve(as: .alice)
    try gated.reconcile()
    try raise("40%", to: "50%", in: gated)
    let frozen = ["FLAGSTAFF_INSTANT": "2026-11-25T12:00:00Z"]
    let refused = try gated.installation.start(words(), with: frozen).wait()
    #expect(refused.code == 4 && !refused.output.contains("To be signed"), "\(refused)")
    #expect(refused.errors.contains("production is frozen until 2026-11-28T00:00:00Z"))
    #expect(refused.errors.contains("what stops something is applied meanwhile"), "\(refused)")
    // A glass that outlasts the freeze is of use.
    let ending = ["FLAGSTAFF_INSTANT": "2026-11-27T12:00:00Z"]
    #expect(
      try gated.installation.start(words(.alice, "--expires", "12"), with: ending).wait().code == 4)
    #expect(
      try gated.installation.start(words(.alice, "--expires", "13"), with: ending).wait().code == 0)
    try gated.reconcile(4, with: ending)
    try gated.reconcile(with: ["FLAGSTAFF_INSTANT": "2026-11-28T00:00:00Z"])
    #expect(try gated.version(Self.production) == 4)
    try await gated.installation.discard()
  }

  @Test("A broken glass that is deleted from the log lets nobody break it again, days later")
  func deletedGlass() async throws {
    let gated = try await GatedInstallation(policies: Self.two)
    try raise("20%", to: "30%", in: gated)
    #expect(try breakGlass(gated).code == 0)
    try gated.reconcile()
    let broken = try gated.installation.lastEvent().sequence
    let others = ["FLAGSTAFF_INSTANT": "2026-11-24T12:00:00Z"]
    try gated.repository.replace("zone: A", by: "zone: B", in: "customers/globex/depot.yaml")
    try gated.repository.commit(as: .bob, gated.people)
    try gated.approve(as: .carol, with: others)
    try gated.approve(as: .alice, with: others)
    try gated.reconcile(with: others)
    let later = ["FLAGSTAFF_INSTANT": "2026-11-28T12:00:00Z"]
    try raise("30%", to: "40%", in: gated)
    #expect(try breakGlass(gated, with: later).code == 0)
    let again = try gated.reconcile(4, with: later)
    #expect(again.output.contains("nobody else has approved"), "\(again)")
    _ = try gated.installation.tamper([
      "DELETE FROM experimentation.audit_events WHERE sequence = \(broken)"
    ])
    let refused = try gated.reconcile(1, with: later)
    #expect(refused.output.contains("event \(broken): it is missing"), "\(refused)")
    #expect(try gated.version(Self.production) == 2)
    try await gated.installation.discard()
  }

  @Test("A broken glass that nobody used within its day lets nothing through")
  func endedGlass() async throws {
    let gated = try await GatedInstallation(policies: Self.two)
    try raise("20%", to: "30%", in: gated)
    #expect(try breakGlass(gated).code == 0)
    let later = ["FLAGSTAFF_INSTANT": "2026-11-24T12:00:00Z"]
    let refused = try gated.reconcile(4, with: later)
    #expect(refused.output.contains("not approved"), "\(refused)")
    #expect(try gated.version(Self.production) == 1)
    try await gated.installation.discard()
  }

  @Test("In a freeze a raise waits though it is approved, and a stop goes on")
  func freeze() async throws {
    let workspace =
      DefinitionsRepository.workspace + """
          freezes:
            - {from: 2026-11-23T00:00, until: 2026-11-24T00:00, zone: Etc/UTC}

        """
    let gated = try await GatedInstallation(files: ["flagstaff.yaml": workspace])
    try raise("20%", to: "30%", in: gated)
    try gated.approve(as: .carol)
    let waiting = try gated.reconcile(4)
    #expect(waiting.output.contains("frozen until 2026-11-24T00:00:00Z"), "\(waiting)")
    #expect(try gated.version(Self.production) == 1)
    // The plan of the pull request says it, too.
    let plan = try gated.installation.expect(4, "plan", "--format", "markdown")
    #expect(plan.output.contains("It is over at 2026-11-24T00:00:00Z."), "\(plan)")
    try gated.repository.git("revert", "--no-edit", "--no-commit", "HEAD")
    try gated.repository.replace(
      "status: running\n    traffic: 20%", by: "status: paused\n    traffic: 20%",
      in: GatedInstallation.shop)
    try gated.repository.commit(as: .bob, gated.people)
    try gated.approve(as: .carol, base: "HEAD~2")
    let stopped = try gated.reconcile()
    #expect(stopped.output.contains("experiment.paused"), "\(stopped)")
    #expect(try gated.version(Self.production) == 2)
    try await gated.installation.discard()
  }

  @Test("A rewritten branch goes on once an ADMIN has accepted it, and from there alone")
  func acceptedHistory() async throws {
    let gated = try await GatedInstallation()
    try raise("20%", to: "30%", in: gated)
    try gated.approve(as: .carol)
    try gated.reconcile()
    let old = try gated.repository.git("rev-parse", "HEAD")
    try gated.repository.git("reset", "--quiet", "--hard", "HEAD~1")
    try raise("20%", to: "25%", in: gated)
    // What is applied is no base of the head, so the plan is of all that differs from it.
    try gated.approve(as: .carol, base: "HEAD")
    let waiting = try gated.reconcile(4)
    #expect(waiting.output.contains("accept-history --branch main --old \(old)"), "\(waiting)")
    func accept(as member: Member) throws {
      try gated.installation.expect(
        0, "accept-history", "--branch", "main", "--old", old, "--new", "HEAD", "--yes",
        "--signing-key", gated.people.key(of: member), with: Gated.signsAnything)
    }
    try accept(as: .carol)
    try gated.reconcile(4)
    try accept(as: .alice)
    try gated.reconcile()
    #expect(try gated.version(Self.production) == 3)
    try gated.installation.expect(0, "audit", "verify", "--approvals")
    // Back to where it was is another step.
    try gated.repository.git("reset", "--quiet", "--hard", old)
    try gated.reconcile(4)
    try await gated.installation.discard()
  }

  @Test("A bot's merge approves for whom it names, once each, and for nobody who wrote it")
  func trailers() async throws {
    // The bot's role is the workspace's own, which extends BOT.
    let gated = try await GatedInstallation(files: [
      "flagstaff.yaml": DefinitionsRepository.workspace + "  roles: {ci: {extends: BOT}}\n",
      GatedInstallation.governance: try People.governance(policies: Self.two)
        .replacing("role: BOT", with: "role: ci"),
    ])
    let repository = gated.repository
    func branch(_ name: String, from: String, to: String, _ trailers: String) throws {
      try repository.git("checkout", "--quiet", "-b", name)
      try raise(from, to: to, in: gated)
      try repository.git("checkout", "--quiet", "main")
      try repository.merge(
        [name], as: .bot, gated.people, message: "Merge \(name)\n\n\(trailers)")
    }
    try branch("own", from: "20%", to: "30%", "Approved-by: bob\nApproved-by: carol")
    let refused = try gated.reconcile(4)
    #expect(refused.output.contains("2 of role DEVELOPER: carol; 1 missing"), "\(refused)")
    try branch(
      "other", from: "30%", to: "40%", "Approved-by: alice\nApproved-by: carol@acme.example")
    // The first is still not approved, so the whole is not either.
    try gated.reconcile(4)
    try gated.approve(as: .alice, base: "main~2")
    try gated.approve(as: .carol, base: "main~2")
    try gated.reconcile()
    try branch("third", from: "40%", to: "50%", "Approved-by: alice\r\nApproved-by: carol\r")
    try gated.reconcile()
    #expect(try gated.version(Self.production) == 3)
    try gated.installation.expect(0, "audit", "verify", "--approvals")
    try await gated.installation.discard()
  }

  @Test("Where ssh-keygen tells nothing, nothing is applied, though approvals only warn")
  func untold() async throws {
    let gated = try await GatedInstallation(policies: Self.two)
    let bin = try Folder()
    let program = "\(bin.path)/ssh-keygen"
    try Programs.command(
      "sh", ["-c", "printf '#!/bin/sh\nkill -9 $$\n' >\(program) && chmod 755 \(program)"])
    try raise("20%", to: "30%", in: gated)
    // So that there is something to verify before the plan.
    try gated.approve(as: .carol)
    let broken = ["PATH": "\(bin.path):/usr/bin:/bin", "FLAGSTAFF_APPROVALS": "warn"]
    let waiting = try gated.reconcile(4, with: broken)
    #expect(waiting.output.contains("whether history goes forward is not known"), "\(waiting)")
    #expect(waiting.output.contains("ssh-keygen was ended from outside"), "\(waiting)")
    #expect(try gated.version(Self.production) == 1)
    try gated.reconcile(with: ["FLAGSTAFF_APPROVALS": "warn"])
    #expect(try gated.version(Self.production) == 2)
    try await gated.installation.discard()
  }

  @Test("An untouched log verifies with its approvals in a copy that was restored")
  func restored() async throws {
    let gated = try await GatedInstallation()
    try raise("20%", to: "30%", in: gated)
    try gated.approve(as: .carol)
    try gated.reconcile()
    let restored = try await gated.installation.copy()
    try restored.expect(0, "audit", "verify", "--approvals")
    // It goes on where it was.
    try raise("30%", to: "40%", in: gated)
    try gated.approve(as: .carol)
    try restored.expect(0, "reconcile")
    try restored.expect(0, "audit", "verify", "--approvals")
    try await restored.discard()
    try await gated.installation.discard()
  }
}
