// The gate as a team meets it: the real program, real keys and commits. A change waits until the
// right people signed exactly it, by a statement, or by the merge that brought it, and what they
// signed is in the event.

import Documents
import Foundation
import SSHSignatures
import TestHarness
import Testing

@Suite("The gate")
struct GateTests {
  private let gated: GatedInstallation
  private var people: People { gated.people }
  private var installation: Installation { gated.installation }
  private var repository: DefinitionsRepository { installation.repository }

  init() async throws {
    gated = try await GatedInstallation()
  }

  /// A change of one flag in both environments.
  private func edit() throws {
    try repository.replace("off: old", by: "off: new", in: GatedInstallation.shop)
  }

  @Test("A signed change waits for another person, and is applied once that one has signed it")
  func statement() async throws {
    try edit()
    try repository.commit(as: .bob, people)
    let waiting = try installation.expect(4, "reconcile")
    #expect(waiting.output.contains("everything"), "\(waiting)")
    #expect(waiting.output.contains("carol"), "who could give it: \(waiting)")
    #expect(try gated.version("production/acme") == 1)

    // Bob contributed, so his approval is none: he is told, and what he signs all the same counts
    // for nothing.
    let words = ["approve", "--base", "HEAD~1", "--yes", "--signing-key", people.key(of: .bob)]
    let told = try installation.start(words).wait()
    #expect(told.code == 4 && told.errors.contains("you contributed to it (commit"), "\(told)")
    let signed = try installation.start(words, with: Gated.signsAnything).wait()
    #expect(signed.code == 0, "\(signed)")
    let own = try installation.expect(4, "reconcile")
    #expect(own.output.contains("bob"), "\(own)")
    #expect(try gated.version("production/acme") == 1)

    // An approval comes without a new commit.
    try gated.approve(as: .carol)
    let applied = try installation.expect(0, "reconcile")
    #expect(applied.output.contains("applied as version 2"), "\(applied)")
    let log = try installation.expect(0, "audit", "log", "--person", "carol")
    #expect(log.output.contains("default.changed"), "\(log)")
    try installation.expect(0, "audit", "verify")
    try await installation.discard()
  }

  @Test("Of an unsigned commit nobody knows who wrote it, and one person more is asked for")
  func unsigned() async throws {
    try edit()
    try repository.commit()
    try gated.approve(as: .bob)
    try installation.expect(4, "reconcile")
    try gated.approve(as: .carol)
    try installation.expect(0, "reconcile")
    #expect(try gated.version("production/acme") == 2)
    try await installation.discard()
  }

  @Test("A signed merge by somebody who wrote nothing of it approves what it merges")
  func merge() async throws {
    try repository.git("checkout", "--quiet", "-b", "branch")
    try edit()
    try repository.commit(as: .bob, people)
    try repository.git("checkout", "--quiet", "main")
    try repository.merge(["branch"], as: .carol, people)
    try installation.expect(0, "reconcile")
    #expect(try gated.version("production/acme") == 2)
    try await installation.discard()
  }

  @Test("Trust changes by an ADMIN's word alone, and before the scopes of the same commit")
  func trust() async throws {
    let weaker = GatedInstallation.policies.replacing("everything", with: "staging-only")
      .replacing("{match: {}", with: "{match: {environments: [staging]}")
    try repository.write(
      try People.governance(policies: weaker), to: "governance/people.yaml")
    try edit()
    try repository.commit(as: .bob, people)
    try gated.approve(as: .carol)
    // Nobody of the ADMINs has approved the change of trust, and carol's word counts by the former.
    let refused = try installation.expect(4, "reconcile")
    #expect(refused.output.contains("trust"), "\(refused)")
    #expect(try gated.version("production/acme") == 2)
    try await installation.discard()
  }

  @Test("A rewritten branch waits, whatever was approved")
  func rewritten() async throws {
    try edit()
    try repository.commit(as: .bob, people)
    try gated.approve(as: .carol)
    try installation.expect(0, "reconcile")
    try repository.git("reset", "--quiet", "--hard", "HEAD~1")
    try repository.replace("traffic: 20%", by: "traffic: 30%", in: GatedInstallation.shop)
    try repository.commit(as: .bob, people)
    try gated.approve(as: .carol)
    let waiting = try installation.expect(4, "reconcile")
    #expect(waiting.output.contains("does not descend"), "\(waiting)")
    #expect(try gated.version("production/acme") == 2)
    try await installation.discard()
  }

  @Test("A plan says what a pass asks for, to whoever has only a clone and the origin too")
  func plan() async throws {
    try edit()
    try repository.commit(as: .bob, people)
    let waiting = try installation.expect(4, "plan")
    #expect(waiting.output.contains("who could give it: alice, carol"), "\(waiting)")
    try gated.approve(as: .carol)
    // Nothing was applied, and what a plan verified it does not keep.
    #expect(try installation.dump().values.joined().allSatisfy { !$0.hasPrefix("approvals") })
    let registry = try installation.expect(0, "plan", "--format", "json")
    let origin = try installation.expect(
      0, "plan", "--format", "json", "--against", "origin:\(installation.origin)",
      without: ["DATABASE_URL", "AUDIT_HMAC_SECRET", "FLAGSTAFF_SIGNING_KEY_FILE"])
    #expect(registry.output == origin.output)
    #expect(registry.output.contains(#""person":"carol""#), "\(registry)")
    let comment = try installation.expect(0, "plan", "--format", "markdown")
    #expect(comment.output.contains("all that version 1 of trust asks for are there"), "\(comment)")
    try installation.expect(0, "reconcile")
    try await installation.discard()
  }

  @Test("What a branch would add is judged as it will be once it is merged")
  func branch() async throws {
    try repository.git("checkout", "--quiet", "-b", "branch")
    try edit()
    try repository.commit(as: .bob, people)
    // The branch that is followed goes on beside it.
    try repository.git("checkout", "--quiet", "main")
    try repository.replace("traffic: 20%", by: "traffic: 30%", in: GatedInstallation.shop)
    try repository.commit(as: .carol, people)
    let waiting = try installation.expect(
      4, "plan", "--head", "branch", "--merge", "main", "--base", "main", "--format", "markdown")
    #expect(waiting.output.contains("not approved"), "\(waiting)")
    #expect(waiting.output.contains("(who could give it: `alice`, `carol`)"), "\(waiting)")
    try await installation.discard()
  }

  @Test("Files of a folder are nobody's, and a plan of them says so")
  func folder() async throws {
    try edit()
    let plan = try installation.expect(4, "plan", repository.path)
    #expect(plan.output.contains("no commit, so nobody has signed it"), "\(plan)")
    try await installation.discard()
  }

  @Test("A plan enforces or warns as it is asked to, whatever a former pass was asked")
  func modeOfPlan() async throws {
    let warn = ["FLAGSTAFF_APPROVALS": "warn"]
    let stricter = GatedInstallation.policies.replacing("count: 1", with: "count: 2")
    try repository.write(
      People.governance(policies: stricter), to: GatedInstallation.governance)
    try repository.commit(as: .bob, people)
    try gated.approve(as: .alice)
    // The trust in force was accepted by a pass that warns.
    let accepted = try gated.reconcile(with: warn)
    #expect(accepted.output.contains("trust  applied as version 2"), "\(accepted)")
    try edit()
    try repository.commit(as: .bob, people)
    let origin = ["plan", "--against", "origin:\(installation.origin)"]
    for words in [["plan"], origin, ["reconcile"]] {
      let ended = try installation.start(words).wait()
      #expect(ended.code == 4 && ended.output.contains("not approved"), "\(ended)")
    }
    for words in [["plan"], origin, ["reconcile"]] {
      #expect(try installation.start(words, with: warn).wait().code == 0, "\(words)")
    }
    try await installation.discard()
  }

  @Test("Where policies only warn, what is missing is told and applied, and outputs say the mode")
  func warning() async throws {
    try edit()
    try repository.commit(as: .bob, people)
    let plan = try installation.expect(0, "plan", "--approvals", "warn", "--format", "markdown")
    #expect(plan.output.contains("**Not approved**, and applied all the same"), "\(plan)")
    let applied = try installation.expect(
      0, "reconcile", "--approvals", "warn", "--format", "json")
    #expect(applied.output.contains(#""mode":"warn""#), "\(applied)")
    #expect(applied.output.contains(#""decision":"missing""#), "\(applied)")
    #expect(try gated.version("production/acme") == 2)
    let report = try installation.expect(0, "audit", "report")
    #expect(
      report.output.contains("(warn: the policy everything was not met, and policies only warn)"),
      "\(report)")
    #expect(report.output.contains("(enforce: begun by operator "), "\(report)")
    #expect(!report.output.contains("no reason is recorded"), "\(report)")
    let history = try installation.expect(0, "history", "checkout")
    #expect(history.output.contains("Nobody approved it: the policy everything was not met, and"))
    let backwards = try installation.expect(
      64, "audit", "report", "--since", "2026-11-24T00:00:00Z", "--until", "2026-11-23T00:00:00Z")
    #expect(backwards.errors.contains("is later than --until"), "\(backwards)")
    let nobody = try installation.expect(0, "audit", "log", "--person", "nobody")
    #expect(nobody.errors.contains("No event meets"), "\(nobody)")
    try await installation.discard()
  }

  @Test("Enforcing approvals refuses a registry in which trust never began")
  func enforced() async throws {
    let bare = try await Installation(try DefinitionsRepository.small())
    let refused = try bare.expect(1, "reconcile", "--approvals", "enforce")
    #expect(refused.errors.contains("trust never began in this registry"), "\(refused)")
    try bare.expect(0, "reconcile")
    try await bare.discard()
    try await installation.discard()
  }

  @Test("`approvals` tells of one key who approved it, who is asked, and ends with 4 until then")
  func approvals() async throws {
    try edit()
    try repository.commit(as: .bob, people)
    let asked = try installation.expect(4, "approvals", "checkout")
    #expect(asked.output.contains("production/acme  flag checkout  default.changed  generation 2"))
    #expect(
      asked.output.contains("1 of role DEVELOPER; 1 missing, who could give it: alice, carol"))
    try gated.approve(as: .carol)
    let given = try installation.expect(0, "approvals", "checkout", "--format", "json")
    let changes = try JSONReader.read(Array(given.output.utf8))["changes"]?.sequence ?? []
    #expect(changes.count == 2)
    for change in changes {
      #expect(change["verdict"]?["approvals"]?.sequence?.first?["person"]?.string == "carol")
    }
    let nothing = try installation.expect(0, "approvals", "banner")
    #expect(nothing.output.contains("flagstaff history banner"), "\(nothing)")
    try await installation.discard()
  }
}
