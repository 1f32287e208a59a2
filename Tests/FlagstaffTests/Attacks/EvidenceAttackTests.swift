// Attacks on evidence: who is said to have written something, what looks like an approval, and the
// refs in which approvals travel. Each is refused, the honest way to the same change is not.

import Foundation
import Testing

@Suite("Attacks on evidence")
struct EvidenceAttackTests {
  @Test("forged author")
  func forgedAuthor() async throws {
    let gated = try await Gated.make()
    try gated.editCheckout()
    try gated.repository.git("add", "--all")
    // Mallory says that Alice wrote it, and that Carol helped.
    try gated.repository.git(
      "commit", "--quiet", "--author", "Alice <alice@acme.example>", "--message",
      "Change\n\nCo-authored-by: Carol <carol@acme.example>")
    try gated.approve(as: "bob")
    let refused = try gated.refused()
    #expect(!refused.output.contains("contributed: "), "\(refused)")
    // So Alice is not kept from approving by it either.
    try gated.approve(as: "alice")
    try gated.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("the approver's own signed fix on the branch")
  func ownFix() async throws {
    let gated = try await Gated.make()
    try gated.branchOfBob()
    try gated.repository.git("checkout", "--quiet", "branch")
    try gated.edit("newest: newest", to: "newest: even newer")
    try gated.commit(as: "carol")
    try gated.repository.git("checkout", "--quiet", "main")
    try gated.repository.git("merge", "--quiet", "--ff-only", "branch")
    try gated.approve(as: "carol", base: "main~2", with: Gated.signsAnything)
    let refused = try gated.refused()
    try gated.approve(as: "alice", base: "main~2")
    try gated.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("evil merge")
  func evilMerge() async throws {
    let gated = try await Gated.make()
    try gated.branchOfBob()
    try gated.repository.git("merge", "--quiet", "--no-ff", "--no-commit", "branch")
    // What she merges is not what Bob wrote.
    try gated.edit("newest: newest", to: "newest: evil")
    try gated.commit(as: "carol", "Merge")
    let refused = try gated.refused()
    try gated.approve(as: "alice")
    try gated.applied()
    // The same merge without it is an approval.
    let honest = try await Gated.make()
    try honest.branchOfBob()
    try honest.git(as: "carol", "merge", "--quiet", "--no-ff", "-S", "-m", "Merge", "branch")
    try honest.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
    try await honest.discard()
  }

  @Test("ours merge")
  func oursMerge() async throws {
    let gated = try await Gated.make()
    try gated.repository.git("branch", "branch")
    try gated.edit("search:\n", to: "search:\n    enabled: false\n")
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    try gated.applied()
    // Each line of the merge is as it was on one side: no commit differs from every parent.
    try gated.repository.git("checkout", "--quiet", "branch")
    try gated.git(as: "carol", "commit", "--quiet", "-S", "--allow-empty", "-m", "Nothing")
    try gated.git(as: "carol", "merge", "--quiet", "-s", "ours", "-S", "-m", "Merge", "main")
    try gated.repository.git("checkout", "--quiet", "main")
    try gated.repository.git("merge", "--quiet", "--ff-only", "branch")
    try gated.approve(as: "carol", base: "main^2", with: Gated.signsAnything)
    let refused = try gated.refused()
    try gated.approve(as: "alice", base: "main^2")
    try gated.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("a pull that approves what it pulled")
  func pull() async throws {
    let gated = try await Gated.make()
    try gated.repository.git("branch", "own")
    try gated.editCheckout()
    let unapproved = try gated.commit(as: "bob")
    _ = try gated.refused()
    // Carol works on something else, and every commit of hers is signed.
    try gated.repository.git("checkout", "--quiet", "own")
    try gated.edit("rollout: 1%", to: "rollout: 2%")
    try gated.commit(as: "carol")
    let own = try gated.repository.git("rev-parse", "own")
    try gated.git(as: "carol", "merge", "--quiet", "--no-ff", "-S", "--no-edit", "main")
    try gated.repository.git("checkout", "--quiet", "main")
    try gated.repository.git("merge", "--quiet", "--ff-only", "own")
    let pulled = try gated.refused()
    // Nor what she fetched before.
    try gated.repository.git("reset", "--quiet", "--hard", own)
    try gated.git(
      as: "carol", "merge", "--quiet", "--no-ff", "-S", "-m",
      "Merge remote-tracking branch 'origin/main' into own", unapproved)
    let fetched = try gated.refused()
    try gated.approve(as: "alice", base: "\(unapproved)~1")
    try gated.applied()
    try Attack.expect(pulled, fetched, of: gated.installation)
    try await gated.discard()
  }

  @Test("a pull that names no branch")
  func namelessPull() async throws {
    let gated = try await Gated.make()
    try gated.editCheckout()
    let unapproved = try gated.commit(as: "bob")
    // Carol's own branch has the followed one's name, so Git says nothing of what it merges into.
    try gated.repository.git("reset", "--quiet", "--hard", "main~1")
    try gated.edit("rollout: 1%", to: "rollout: 2%")
    try gated.commit(as: "carol")
    try gated.git(as: "carol", "merge", "--quiet", "--no-ff", "-S", "--no-edit", unapproved)
    #expect(try gated.repository.git("log", "-1", "--format=%s") == "Merge commit '\(unapproved)'")
    let refused = try gated.refused()
    try gated.approve(as: "alice", base: "\(unapproved)~1")
    try gated.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  /// What a forge's own key makes when somebody merges in the browser; whether it is true is never
  /// asked.
  private static let openPGP = """
    -----BEGIN PGP SIGNATURE-----

    wsFcBAABCAAQBQJqI1cACRC1aQ7uu5UhlAAA0YkQAFb8cOcDZ0iWbmVkYnkgbm9i
    =h2Lr
    -----END PGP SIGNATURE-----
    """

  @Test("web-flow trailer")
  func webFlowTrailer() async throws {
    let gated = try await Gated.make()
    try gated.branchOfBob()
    try gated.repository.git(
      "merge", "--quiet", "--no-ff", "-m", "Merge pull request #1\n\nApproved-by: carol", "branch")
    try gated.reseal("HEAD", with: [("gpgsig", Array(Self.openPGP.utf8))])
    let refused = try gated.refused()
    try gated.approve(as: "carol")
    try gated.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("trailer by an unlisted key")
  func trailerByUnlistedKey() async throws {
    let gated = try await Gated.make()
    let keygen = try CountingKeygen()
    let counted = ["PATH": keygen.path]
    try gated.branchOfBob()
    let base = try gated.repository.git("rev-parse", "main")
    let message = "Merge\n\nApproved-by: carol"
    try gated.git(as: "mallory", "merge", "--quiet", "--no-ff", "-S", "-m", message, "branch")
    let refused = try gated.refused(with: counted)
    // Bob's commit is verified, by one process; hers is not worth one.
    #expect(keygen.calls == 1)
    // Nor do trailers count in what somebody else than a bot signed.
    try gated.repository.git("reset", "--quiet", "--hard", base)
    try gated.git(as: "bob", "merge", "--quiet", "--no-ff", "-S", "-m", message, "branch")
    let noBot = try gated.refused()
    try gated.repository.git("reset", "--quiet", "--hard", base)
    try gated.git(as: "merge-bot", "merge", "--quiet", "--no-ff", "-S", "-m", message, "branch")
    try gated.applied()
    try Attack.expect(refused, noBot, of: gated.installation)
    try await gated.discard()
  }

  @Test("A→B→A→B replay")
  func replay() async throws {
    let gated = try await Gated.make()
    try gated.editCheckout()
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    try gated.applied()
    try gated.edit("off: newest\n", to: "off: old\n")
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    try gated.applied()
    // Bob brings back what Carol took back.
    try gated.editCheckout()
    try gated.commit(as: "bob")
    let refused = try gated.refused()
    try gated.approve(as: "carol")
    try gated.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("approval of staging used in production")
  func stagingInProduction() async throws {
    let gated = try await Gated.make()
    try gated.edit(
      "rules: [{when: {segment: employees}, serve: true}]", to: "rules: [{serve: true}]")
    try gated.commit(as: "bob")
    try gated.approve(as: "carol", "--environment", "staging")
    // Where it was meant for, it counts.
    let staging = try gated.installation.expect(4, "reconcile")
    #expect(staging.output.contains("staging/acme  applied as version 2"), "\(staging)")
    #expect(staging.output.contains("production/acme  waiting at version 1"), "\(staging)")
    let statement = try #require(try gated.statements(of: "carol").first)
    let rewritten = statement.replacing(
      #""environment":"staging""#, with: #""environment":"production""#)
    #expect(rewritten != statement)
    try gated.write(
      [(statement: rewritten, signature: gated.firstSignature(of: "carol"))], toRefOf: "carol")
    let refused = try gated.refused()
    try gated.approve(as: "carol")
    try gated.applied()
    try Attack.expect(staging, refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("approval of another workspace")
  func otherWorkspace() async throws {
    let gated = try await Gated.make()
    try gated.editCheckout()
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    // What Carol signs where the same files are used for another workspace.
    let statement = try #require(try gated.statements(of: "carol").first)
    let other = statement.replacing(#""workspace":"tests""#, with: #""workspace":"other""#)
    #expect(other != statement)
    let signature = try gated.signature(over: other, as: "carol", for: "flagstaff-approval")
    try gated.write([(statement: other, signature: signature)], toRefOf: "carol")
    let refused = try gated.refused()
    try gated.approve(as: "carol")
    try gated.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("approval of an older generation after delete and recreate")
  func olderGeneration() async throws {
    let gated = try await Gated.make()
    let file = "customers/acme/promo.yaml"
    let promo = """
      flagstaff: v1
      flags:
        promo: # it comes as it comes again, so that nothing but the generation differs
          revive: true
          enabled: false
          environments: {production: {}}
          rules: [{when: {vip: true}, serve: true}]

      """
    try gated.repository.write(promo, to: file)
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    try gated.applied()
    try gated.repository.remove(file)
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    try gated.applied()
    // The same form from the same nothing.
    try gated.repository.write(promo, to: file)
    try gated.commit(as: "bob")
    let refused = try gated.refused()
    #expect(refused.output.contains("generation 1"), "\(refused)")
    try gated.approve(as: "carol")
    try gated.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("approval, then amended")
  func amended() async throws {
    let gated = try await Gated.make()
    try gated.editCheckout()
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    // As far-reaching, and of the same class.
    try gated.edit("off: newest\n", to: "off: new\n")
    try gated.repository.git("add", "--all")
    try gated.git(as: "bob", "commit", "--quiet", "-S", "--amend", "--no-edit")
    let refused = try gated.refused()
    try gated.approve(as: "carol")
    try gated.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  // MARK: Refs of signers

  /// A change of nobody known, so that two people have to approve it.
  private static func unsigned() async throws -> Gated {
    let gated = try await Gated.make()
    try gated.editCheckout()
    try gated.repository.commit()
    return gated
  }

  @Test("approval ref deleted")
  func refDeleted() async throws {
    let gated = try await Self.unsigned()
    try gated.approve(as: "bob")
    _ = try gated.refused()
    try gated.repository.git("update-ref", "-d", gated.ref(of: "bob"))
    // What was verified stays.
    let refused = try gated.refused()
    #expect(refused.output.contains("2 of role DEVELOPER: bob; 1 missing"), "\(refused)")
    try gated.approve(as: "carol")
    try gated.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("approval ref: garbage")
  func refGarbage() async throws {
    let gated = try await Gated.make()
    try gated.editCheckout()
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    let ref = try gated.ref(of: "carol")
    let blob = try gated.object("blob", [0, 255, 10])
    let name = String(repeating: "a", count: 64)
    let other = String(repeating: "b", count: 64)
    let missing = String(repeating: "5", count: 40)
    var answers: [Ended] = []
    func refused() throws {
      answers.append(try gated.refused())
    }
    try gated.repository.git("update-ref", ref, blob)
    try refused()
    try gated.repository.git("update-ref", "-d", ref)
    try gated.repository.git("tag", "-a", "-m", "A tag", "tagged", "main")
    try gated.repository.git("update-ref", ref, "refs/tags/tagged")
    try refused()
    try gated.point(
      refOf: "carol",
      toTree: "100644 blob \(blob)\t\(name).json\n100644 blob \(blob)\t\(name).sig\n")
    try refused()
    let tree = try gated.repository.git("rev-parse", "main^{tree}")
    try gated.point(
      refOf: "carol",
      toTree: "120000 blob \(blob)\t\(name).json\n040000 tree \(tree)\t\(name).sig\n"
        + "100644 blob \(blob)\t\u{1B}[31m\u{202E}evil\n"
        + "100644 blob \(missing)\t\(other).json\n100644 blob \(blob)\t\(other).sig\n")
    try refused()
    // It ends as each answer says.
    try gated.approve(as: "carol")
    try gated.applied()
    try Attack.expect(answers.map { $0.output + $0.errors }, of: [gated.installation])
    try await gated.discard()
  }

  @Test("approval ref: huge")
  func refHuge() async throws {
    let gated = try await Gated.make()
    try gated.editCheckout()
    try gated.commit(as: "bob")
    let file = gated.repository.path + "/.git/huge"
    try Programs.command("truncate", ["--size=100M", file])
    let blob = try gated.repository.git("hash-object", "-w", "--no-filters", file)
    let name = String(repeating: "a", count: 64)
    try gated.point(
      refOf: "carol",
      toTree: "100644 blob \(blob)\t\(name).json\n100644 blob \(blob)\t\(name).sig\n")
    let refused = try gated.refused()
    try gated.approve(as: "alice")
    try gated.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("approval ref: ten thousand entries")
  func refOfTenThousand() async throws {
    let gated = try await Gated.make()
    let keygen = try CountingKeygen()
    try gated.editCheckout()
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    let statement = try gated.object("blob", try #require(gated.statements(of: "carol").first))
    let signature = try gated.object("blob", try gated.firstSignature(of: "carol"))
    let lines = (0..<10_000).map { number in
      let name = String(format: "%064x", number)
      return "100644 blob \(statement)\t\(name).json\n100644 blob \(signature)\t\(name).sig\n"
    }
    try gated.point(refOf: "carol", toTree: lines.joined())
    let refused = try gated.refused(with: ["PATH": keygen.path])
    // Bob's commit, and nothing of the ref.
    #expect(keygen.calls == 1)
    try gated.approve(as: "alice")
    try gated.applied()
    try Attack.expect(refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("withdrawal rolled back")
  func withdrawalRolledBack() async throws {
    let gated = try await Gated.make()
    try gated.editCheckout()
    try gated.commit(as: "bob")
    try gated.approve(as: "carol")
    let ref = try gated.ref(of: "carol")
    let former = try gated.repository.git("rev-parse", ref)
    let told = try gated.installation.run(
      "approve", "--withdraw", "0", "--yes", "--signing-key", "\(gated.people.folder.path)/carol")
    let digest = try #require(told.errors.firstMatch(of: /[0-9a-f]{12}(?=, issued)/)).output
    try gated.approve(as: "carol", "--withdraw", String(digest))
    let withdrawn = try gated.refused()
    // Whoever may push sets the ref back, or a backup does.
    try gated.repository.git("update-ref", ref, former)
    let refused = try gated.refused()
    try gated.approve(as: "alice")
    try gated.applied()
    try Attack.expect(withdrawn, refused, of: gated.installation)
    try await gated.discard()
  }

  @Test("a replace ref")
  func replaceRef() async throws {
    let gated = try await Self.unsigned()
    // To whom Git shows, it is signed by Bob.
    let seen = try gated.git(
      as: "bob", "commit-tree", "-S", "-p", "main~1", "-m", "Change", "main^{tree}")
    try gated.repository.git("replace", "main", seen)
    #expect(try gated.repository.git("cat-file", "commit", "main").contains("gpgsig"))
    try gated.approve(as: "carol")
    let refused = try gated.refused()
    let remote = try Remote(of: gated.repository)
    try gated.repository.git("push", "--quiet", "origin", "refs/flagstaff/*", "refs/replace/*")
    let pushed = try gated.refused(with: [
      "FLAGSTAFF_REPOSITORY": remote.address, "FLAGSTAFF_BRANCH": "main",
    ])
    try gated.approve(as: "alice")
    try gated.applied()
    try Attack.expect(refused, pushed, of: gated.installation)
    try await gated.discard()
  }
}
