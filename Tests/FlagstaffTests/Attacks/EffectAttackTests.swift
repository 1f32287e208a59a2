// Attacks on what a change is judged by: a policy that the change itself weakens, an effect that it
// hides, puts off or slices, and names that would show somebody another verdict. Each is refused,
// and the same change without the trick, or with the right people's approval, is applied.

import Documents
import FlagstaffCore
import Foundation
import PostgresRegistry
import Testing

@Suite("Attacks on what is judged")
struct EffectAttackTests {
  /// What is critical is an ADMIN's, what reaches many takes two.
  private static let trusting: Trusting = {
    var trusting = Trusting()
    trusting.rest = """
      approvals:
        critical: {match: {labels: {tier: critical}}, require: {count: 1, role: ADMIN}}
        everything: {match: {}, require: {count: 1, role: DEVELOPER}, exempt: safer}
        exposure:
          match: {blastRadius: {atLeast: 5%}}
          require: {count: 2, role: DEVELOPER}
          exempt: safer

      """
    return trusting
  }()

  private static let beta = "{when: {beta: true}, serve: newest}"

  /// A rule of `checkout` behind its others.
  private static func more(_ rollout: String) -> String {
    "\(beta), {key: more, serve: newest, rollout: \(rollout)}"
  }

  private static func later(_ instant: String) -> [String: String] {
    ["FLAGSTAFF_INSTANT": instant]
  }

  @Test("policy weakened in the same commit")
  func weakenedInSameCommit() async throws {
    let gated = try await Gated.make(Self.trusting)
    try gated.repository.git("checkout", "--quiet", "-b", "branch")
    try gated.edit("{count: 2,", to: "{count: 1,", in: Gated.governance)
    try gated.editCheckout()
    try gated.commit(as: "bob")
    try gated.repository.git("checkout", "--quiet", "main")
    // The ADMIN may change trust, and is one of the two whom the policy of before asks for.
    try gated.git(as: "alice", "merge", "--quiet", "--no-ff", "-S", "-m", "Merge", "branch")
    let first = try gated.installation.expect(4, "reconcile")
    #expect(try gated.installation.trustVersions() == ["1 init", "2 commit"])
    // Nor is it judged by its own policy once that is in force.
    let second = try gated.refused()
    try gated.approve(as: "carol", base: "main^1")
    try gated.applied()
    try Attack.expect(first, second, of: gated.installation)
    try await gated.discard()
  }

  @Test("label dropped in the same edit")
  func labelDropped() async throws {
    let gated = try await Gated.make(Self.trusting)
    try gated.edit("    labels: {tier: critical}\n", to: "")
    try gated.edit("rollout: 1%", to: "rollout: 2%")
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    let refused = try gated.refused()
    try gated.approve(as: "alice")
    try gated.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("raised behind a kill")
  func raisedBehindKill() async throws {
    let gated = try await Gated.make(Self.trusting)
    try gated.installation.expect(0, "kill", "banner", "--everywhere")
    try gated.edit("rules: [{when: {segment: employees}, serve: true}]", to: "default: true")
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    // Nobody moves yet, and all would: that takes two who did not write it.
    let refused = try gated.refused()
    try gated.approve(as: "alice")
    try gated.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("approval of a former release")
  func formerRelease() async throws {
    let gated = try await Gated.make()
    let release = ["release", "checkout"]
    try gated.installation.expect(0, "kill", "checkout", with: Self.later("2026-11-23T12:00:00Z"))
    try gated.approve(
      as: "bob", "--release", "checkout", with: Self.later("2026-11-23T12:01:00Z"))
    let released = try gated.installation.start(
      release, with: Self.later("2026-11-23T12:02:00Z")
    ).wait()
    #expect(released.code == 0, "\(released)")
    try gated.installation.expect(0, "kill", "checkout", with: Self.later("2026-11-23T12:03:00Z"))
    let refused = try gated.refused(
      "release", "checkout", with: Self.later("2026-11-23T12:04:00Z"))
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("segment widened after approval")
  func segmentWidened() async throws {
    let gated = try await Gated.make()
    try gated.edit("serve: new},", to: "serve: newest},")
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    // The flag's own lines stay as Carol saw them.
    try gated.edit(#"endsWith: "@acme.example""#, to: #"endsWith: "example""#)
    try gated.git(as: "bob", "commit", "--quiet", "-S", "--all", "--amend", "--no-edit")
    let refused = try gated.refused()
    try gated.approve(as: "carol")
    try gated.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("100 % scheduled for tomorrow")
  func scheduledForTomorrow() async throws {
    let gated = try await Gated.make(Self.trusting)
    try gated.edit(Self.beta, to: Self.more("{2026-11-24T12:00:00Z: 100%}"))
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    let refused = try gated.refused()
    try gated.approve(as: "alice")
    try gated.applied()
    // Little for tomorrow takes no more than little for today.
    let honest = try await Gated.make(Self.trusting)
    try honest.edit(Self.beta, to: Self.more("{2026-11-24T12:00:00Z: 4%}"))
    try honest.commit(as: "bob")
    try honest.approve(as: "carol")
    try honest.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
    try await honest.discard()
  }

  @Test("raises in 4 % slices")
  func slices() async throws {
    let gated = try await Gated.make(Self.trusting)
    try gated.edit(Self.beta, to: Self.more("4%"))
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    try gated.applied()
    try gated.edit("rollout: 4%", to: "rollout: 8%")
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    let refused = try gated.refused(with: Self.later("2026-11-24T11:59:59Z"))
    // A day after the first slice it is forgotten.
    try gated.applied(with: Self.later("2026-11-24T12:00:00Z"))
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("raises in 4 % slices, a step back between them")
  func slicesWithStepBack() async throws {
    let gated = try await Gated.make(Self.trusting)
    try gated.edit(Self.beta, to: Self.more("4%"))
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    try gated.applied()
    // With what was applied since yesterday it is the policy's, which asks nobody about it: that it
    // is exempt is no approval of the state that it leads to.
    try gated.edit("rollout: 4%", to: "rollout: 3%")
    try gated.commit(as: "bob")
    let back = try gated.applied()
    #expect(back.output.contains("exposure (blast radius 5%"), "\(back)")
    try gated.edit("rollout: 3%", to: "rollout: 7%")
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    let refused = try gated.refused()
    try gated.approve(as: "alice")
    try gated.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("a slice that is deleted from the log")
  func sliceDeleted() async throws {
    let gated = try await Gated.make(Self.trusting)
    try gated.edit(Self.beta, to: Self.more("4%"))
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    try gated.applied()
    let slice = try gated.installation.lastEvent().sequence
    // So that it is not the log's end which is missing.
    try gated.edit("serve: true, rollout: 1%", to: "serve: true, rollout: 2%")
    try gated.commit(as: "bob")
    try gated.approve(as: "alice")
    try gated.applied()
    try gated.edit("rollout: 4%", to: "rollout: 8%")
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    let honest = try await gated.copy()
    try honest.approve(as: "alice")
    try honest.applied()
    _ = try gated.installation.tamper([
      "DELETE FROM experimentation.audit_events WHERE sequence = \(slice)"
    ])
    let before = try gated.standing()
    let pass = try gated.installation.expect(1, "reconcile")
    // Also where the slice is a day old, within which a pass may have ended.
    let later = try gated.installation.expect(
      1, "reconcile", with: Self.later("2026-11-24T12:30:00Z"))
    #expect(try gated.standing() == before)
    try Attack.expect(pass, later, of: gated.installation)
    try await gated.discard()
    try await honest.discard()
  }

  @Test("off variant swapped inside a safer change")
  func offSwapped() async throws {
    let gated = try await Gated.make(Self.trusting)
    try gated.edit("    off: old\n", to: "    enabled: false\n    off: newest\n")
    try gated.commit(as: "bob")
    let refused = try gated.refused()
    try gated.approve(as: "carol")
    try gated.approve(as: "alice")
    try gated.applied()
    // What really is safer asks nobody.
    let honest = try await Gated.make(Self.trusting)
    try honest.edit("    off: old\n", to: "    enabled: false\n    off: old\n")
    try honest.commit(as: "bob")
    try honest.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
    try await honest.discard()
  }

  @Test("policy weakened under warn")
  func weakenedUnderWarn() async throws {
    let gated = try await Gated.make(Self.trusting)
    let warn = ["FLAGSTAFF_APPROVALS": "warn"]
    try gated.repository.git("checkout", "--quiet", "-b", "branch")
    try gated.edit("{count: 2,", to: "{count: 1,", in: Gated.governance)
    try gated.commit(as: "bob")
    try gated.repository.git("checkout", "--quiet", "main")
    // A DEVELOPER may not say so in any mode, an ADMIN may.
    try gated.git(as: "carol", "merge", "--quiet", "--no-ff", "-S", "-m", "Merge", "branch")
    let refused = try gated.refused(with: warn)
    #expect(try gated.installation.trustVersions() == ["1 init"])
    try gated.repository.git("reset", "--quiet", "--hard", "main^1")
    try gated.git(as: "alice", "merge", "--quiet", "--no-ff", "-S", "-m", "Merge", "branch")
    try gated.installation.expect(0, "reconcile", with: warn)
    #expect(try gated.installation.trustVersions() == ["1 init", "2 commit"])
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  // MARK: Names

  /// What is shown where hostile text stands wherever an attacker can write a name.
  private struct Shown {
    /// A pass that waits, and one that applies what an ADMIN breaks the glass for.
    let passes: [Ended]
    /// A page for a forge.
    let comment: Ended
    let others: [Ended]
  }

  private func shown(of name: String, in gated: Gated) throws -> Shown {
    let quoted = HostileText.quoted(name)
    try gated.repository.git("checkout", "--quiet", "-b", "branch")
    try gated.editCheckout()
    try gated.edit("  checkout:\n", to: "  checkout:\n    labels: {team: \(quoted)}\n")
    try gated.repository.git("add", "--all")
    try gated.git(
      as: "bob", "commit", "--quiet", "-S", "--message", name,
      with: ["GIT_AUTHOR_NAME": name, "GIT_COMMITTER_NAME": name])
    try gated.repository.git("checkout", "--quiet", "main")
    let blob = try gated.object("blob", [1])
    try gated.point(refOf: "carol", toTree: "100644 blob \(blob)\t\(name)\n")
    try gated.git(
      as: "merge-bot", "merge", "--quiet", "--no-ff", "-S", "-m",
      "Merge \(name)\n\nApproved-by: \(name)", "branch")
    let refused = try gated.refused()
    let comment = try gated.installation.run("plan", "--format", "markdown")
    let approved = try gated.approve(as: "alice", "--break-glass", name)
    let applied = try gated.applied()
    let history = try gated.installation.expect(0, "history", "checkout")
    #expect(history.output.contains("alice broke the glass: "), "\(history)")
    let log = try gated.installation.expect(0, "audit", "log")
    return Shown(passes: [refused, applied], comment: comment, others: [approved, history, log])
  }

  /// Expects that nothing which is shown steers what shows it, and that JSON is JSON.
  private func expectPlain(_ shown: Shown, of gated: Gated) throws {
    for ended in shown.passes + [shown.comment] + shown.others {
      let scalars = (ended.output + ended.errors).unicodeScalars.filter { scalar in
        scalar != "\n" && [.control, .format].contains(scalar.properties.generalCategory)
      }
      #expect(scalars.isEmpty, "\(ended.output.debugDescription)")
    }
    for arguments in [["reconcile"], ["audit", "log"], ["history", "checkout"]] {
      let ended = try gated.installation.start(arguments + ["--format", "json"]).wait()
      #expect(ended.code == 0, "\(ended)")
      for line in ended.output.split(separator: "\n") {
        #expect(throws: Never.self) { try JSONReader.read(Array(line.utf8)) }
      }
    }
    try Attack.expect(shown.passes.map { $0.output + $0.errors }, of: [gated.installation])
  }

  @Test("a definition behind what looks like a comment")
  func hiddenLineBreak() async throws {
    let gated = try await Gated.make(Self.trusting)
    let breaks = ["\u{2028}", "\u{2029}", "\u{85}", "\r"]
    let hidden = breaks.map { "    # ramps slowly, see the wiki\($0)    enabled: false\n" }
    try gated.edit("    off: old\n", to: "    off: old\n" + hidden.joined())
    try gated.commit(as: "bob")
    let before = try gated.standing()
    let held = try gated.installation.expect(3, "reconcile")
    #expect(try gated.standing() == before)
    // Without them it is the comment that it looks like.
    for text in hidden { try gated.edit(text, to: "    # ramps slowly, see the wiki\n") }
    try gated.commit(as: "bob")
    let plan = try gated.installation.expect(0, "plan")
    try Attack.expect(held, plan, of: gated.installation)
    try await gated.discard()
  }

  @Test("terminal tricks in names")
  func terminalTricks() async throws {
    let gated = try await Gated.make(Self.trusting)
    let name = "x\u{1B}[2K\u{1B}[1Aapproved\u{8}\u{7}\u{9B}31m"
    try expectPlain(try shown(of: name, in: gated), of: gated)
    try await gated.discard()
  }

  @Test("bidirectional tricks in names")
  func bidirectionalTricks() async throws {
    let gated = try await Gated.make(Self.trusting)
    try expectPlain(
      try shown(of: "x\u{202E}devorppa\u{2066}\u{200F}", in: gated), of: gated)
    try await gated.discard()
  }

  @Test("HTML tricks in names")
  func htmlTricks() async throws {
    let gated = try await Gated.make(Self.trusting)
    let name = "<img src=x onerror=alert(1)>"
    let shown = try shown(of: name, in: gated)
    // In a page of a forge it stands in code.
    #expect(shown.comment.output.contains("<img"))
    var isFenced = false
    for line in shown.comment.output.split(separator: "\n") {
      if line.hasPrefix("```") { isFenced.toggle() }
      let parts = line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      for part in parts where !isFenced && part.offset.isMultiple(of: 2) {
        #expect(!part.element.contains("<img"), "\(line)")
      }
    }
    try expectPlain(shown, of: gated)
    try await gated.discard()
  }
}
