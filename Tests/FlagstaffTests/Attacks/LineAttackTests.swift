// Attacks by the shape of history: whoever pushes chooses what the first parents of the head are,
// and when a change arrives. Neither decides by which trust a change is judged, who contributed to
// it, and which merges approve it.

import Foundation
import Testing

@Suite("Attacks by the shape of history")
struct LineAttackTests {
  /// Merges the followed branch into the line `evil`, which stays as it is, and pushes that.
  private func pushEvil(_ gated: Gated, _ options: String...) throws {
    try Programs.command(
      "git", ["merge", "--quiet", "--no-ff", "-m", "anything"] + options + ["main"],
      in: gated.repository.path)
    try gated.repository.git("branch", "-f", "main", "evil")
    try gated.repository.git("checkout", "--quiet", "main")
  }

  /// People without policies; then an ADMIN asks for two of them.
  private func withLaterPolicies() async throws -> Gated {
    var trusting = Trusting()
    trusting.rest = ""
    let gated = try await Gated.make(trusting)
    try askForTwo(gated)
    try gated.commit(as: "alice")
    try gated.approve(as: "alice")
    try gated.installation.expect(0, "reconcile", "--quiet")
    return gated
  }

  private func askForTwo(_ gated: Gated) throws {
    let text = try String(
      contentsOfFile: "\(gated.repository.path)/\(Gated.governance)", encoding: .utf8)
    try gated.repository.write(
      text + Trusting.oneDeveloper.replacing("count: 1", with: "count: 2"), to: Gated.governance)
  }

  @Test("a line beside what was applied")
  func besideApplied() async throws {
    let gated = try await withLaterPolicies()
    let base = try gated.repository.git("rev-parse", "main")
    // It says first what is registered, as if that were its base, and when nobody was asked.
    try gated.repository.git("checkout", "--quiet", "--orphan", "evil")
    try gated.repository.commit("As it is")
    try gated.editCheckout()
    try gated.repository.commit("All of it")
    try pushEvil(gated, "--allow-unrelated-histories", "-X", "ours")
    let refused = try gated.refused()
    // Everybody is asked, since nobody signed it.
    for name in ["alice", "bob"] { try gated.approve(as: name, base: base) }
    _ = try gated.refused()
    try gated.approve(as: "carol", base: base)
    try gated.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("a merge that was undone, on a line beside")
  func undoneMerge() async throws {
    let gated = try await Gated.make()
    try gated.branchOfBob()
    try gated.git(as: "carol", "merge", "--quiet", "--no-ff", "-S", "-m", "Merge", "branch")
    try gated.applied()
    try gated.repository.git("checkout", "--quiet", "-b", "evil")
    try gated.repository.git("checkout", "--quiet", "main")
    try gated.edit("off: newest\n", to: "off: old\n")
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    try gated.applied()
    let base = try gated.repository.git("rev-parse", "main")
    try gated.repository.git("checkout", "--quiet", "evil")
    try gated.git(
      as: "bob", "merge", "--quiet", "--no-ff", "-S", "-m", "anything", "-s", "ours", "main")
    try gated.repository.git("branch", "-f", "main", "evil")
    try gated.repository.git("checkout", "--quiet", "main")
    let refused = try gated.refused()
    try gated.approve(as: "carol", base: base)
    try gated.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("a hiring that was undone, on a line beside")
  func undoneHiring() async throws {
    let gated = try await Gated.make()
    let people = "people:\n"
    let eve = people + "  eve: \(try Trusting.line("ADMIN", of: "eve"))\n"
    try gated.repository.git("checkout", "--quiet", "-b", "branch")
    try gated.edit(people, to: eve, in: Gated.governance)
    try gated.commit(as: "alice")
    try gated.repository.git("checkout", "--quiet", "main")
    try gated.git(as: "alice", "merge", "--quiet", "--no-ff", "-S", "-m", "Merge", "branch")
    try gated.installation.expect(0, "reconcile", "--quiet")
    try gated.repository.git("checkout", "--quiet", "-b", "evil")
    try gated.repository.git("checkout", "--quiet", "main")
    try gated.edit(eve, to: people, in: Gated.governance)
    try gated.commit(as: "bob")
    try gated.approve(as: "alice")
    try gated.installation.expect(0, "reconcile", "--quiet")
    #expect(try gated.installation.trustVersions().count == 3)
    try gated.repository.git("checkout", "--quiet", "evil")
    try pushEvil(gated, "-s", "ours")
    let refused = try gated.refused()
    #expect(try gated.installation.trustVersions().count == 3)
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("a change that was held until trust had changed")
  func heldUntilPolicies() async throws {
    var trusting = Trusting()
    trusting.rest = ""
    let gated = try await Gated.make(trusting)
    try gated.edit("flags:\n", to: "flags: [\n")
    try gated.repository.commit("Broken")
    try gated.installation.expect(3, "reconcile")
    try gated.repository.git("checkout", "--quiet", "-b", "branch")
    try askForTwo(gated)
    try gated.commit(as: "alice")
    try gated.repository.git("checkout", "--quiet", "main")
    try gated.git(as: "alice", "merge", "--quiet", "--no-ff", "-S", "-m", "Merge", "branch")
    try gated.installation.expect(3, "reconcile")
    #expect(try gated.installation.trustVersions().count == 2)
    try gated.edit("flags: [\n", to: "flags:\n")
    try gated.editCheckout()
    try gated.repository.commit("Mended, and all of it")
    let refused = try gated.refused()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("a squash that a bot signed")
  func squashByBot() async throws {
    let gated = try await Gated.make()
    // What Carol wrote, nobody can tell any more.
    try gated.editCheckout()
    try gated.commit(as: "merge-bot")
    try gated.approve(as: "carol")
    let refused = try gated.refused()
    try gated.approve(as: "alice")
    try gated.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }
}
