// A pull request from the branch to the audit, as people live it: a bare remote, a clone each for
// the author, the reviewers, the forge and the job of the pull request, real Git and real keys. The
// reviewers have no database, the job has no secret, the forge signs nothing.

import Foundation
import TestHarness
import Testing

@Suite("A pull request")
struct PullRequestWalkTests {
  /// How the forge brings the branch in; either way nobody's signature is left on it.
  enum Merging: String, CaseIterable, Sendable {
    case squash, rebase
  }

  private let gated: GatedInstallation
  private let installation: Installation
  private let remote: Remote
  private let author: DefinitionsRepository
  private let job: DefinitionsRepository

  /// The controller follows the remote.
  init() async throws {
    gated = try await GatedInstallation()
    remote = try Remote(of: gated.repository)
    var installation = gated.installation
    installation.variables["FLAGSTAFF_REPOSITORY"] = remote.address
    self.installation = installation
    author = try DefinitionsRepository(cloning: remote.address)
    job = try DefinitionsRepository(cloning: remote.address)
    try installation.expect(0, "reconcile")
  }

  /// Two commits of bob's, pushed as the branch `raise`.
  private func open() throws {
    try author.git("checkout", "--quiet", "-b", "raise")
    try author.replace("off: old", by: "off: new", in: GatedInstallation.shop)
    try author.commit(as: .bob, gated.people, "Serve the new checkout to everybody else")
    try author.replace("traffic: 20%", by: "traffic: 30%", in: GatedInstallation.shop)
    try author.commit(as: .bob, gated.people, "Show the banner to more people")
    try author.git("push", "--quiet", "origin", "raise")
  }

  /// The comment of the pull request's job, which has no secret and no database.
  private func comment(
    _ code: Int32, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> String {
    try job.git("fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*")
    try job.git(
      "fetch", "--quiet", "origin", "+refs/flagstaff/approvals/*:refs/flagstaff/approvals/*")
    let plan = try installation.expect(
      code, "plan", "--head", "origin/raise", "--merge", "origin/main", "--base", "origin/main",
      "--against", "origin:\(installation.origin)", "--format", "markdown",
      with: ["FLAGSTAFF_REPOSITORY": job.path], without: Self.secrets,
      sourceLocation: sourceLocation)
    return plan.output
  }

  private static let secrets = ["DATABASE_URL", "AUDIT_HMAC_SECRET", "FLAGSTAFF_SIGNING_KEY_FILE"]

  /// A reviewer's clone, in which he approves what the branch would change.
  private func approve(_ head: String = "origin/raise", as member: Member) throws {
    let clone = try DefinitionsRepository(cloning: remote.address)
    let signed = try installation.expect(
      0, "approve", "--head", head, "--against", "origin:\(installation.origin)",
      "--push", "--yes", "--signing-key", gated.people.key(of: member),
      with: ["FLAGSTAFF_REPOSITORY": clone.path], without: Self.secrets)
    #expect(signed.output.contains("To be signed for production"), "\(signed)")
  }

  /// The forge brings the branch in, on top of what came to `main` meanwhile.
  private func merge(_ merging: Merging) throws -> String {
    let forge = try DefinitionsRepository(cloning: remote.address)
    try forge.write("How we do things.\n", to: "README.md")
    try forge.commit("Tell how we do things")
    try forge.git("push", "--quiet", "origin", "main")
    switch merging {
    case .squash:
      try forge.git("merge", "--quiet", "--squash", "origin/raise")
      try forge.commit("Raise checkout and banner (#1)")
    case .rebase:
      try forge.git("checkout", "--quiet", "-B", "raise", "origin/raise")
      try forge.git("rebase", "--quiet", "main")
      try forge.git("checkout", "--quiet", "main")
      try forge.git("merge", "--quiet", "--ff-only", "raise")
    }
    try forge.git("push", "--quiet", "origin", "main")
    return try forge.git("rev-parse", "HEAD")
  }

  @Test(
    "goes from the branch through two approvals and the merge to the audit",
    arguments: Merging.allCases)
  func walk(_ merging: Merging) async throws {
    try open()
    let asked = try comment(4)
    #expect(asked.contains("policy `everything` asks for 1 of role `DEVELOPER`, 1 missing"))
    #expect(asked.contains("who could give it: `alice`, `carol`"), "\(asked)")
    #expect(asked.contains("`flagstaff approve --push`"))

    try approve(as: .carol)
    let approved = try comment(0)
    #expect(approved.contains("all that version 1 of trust asks for are there"), "\(approved)")
    try approve(as: .alice)

    let commit = try merge(merging)
    let applied = try installation.expect(0, "reconcile")
    #expect(applied.output.contains("applied as version 2"), "\(applied)")
    #expect(applied.output.contains("tells by no person's signature"), "\(applied)")
    #expect(applied.output.contains("2 of role DEVELOPER: alice, carol"), "\(applied)")

    let history = try installation.expect(0, "history", "checkout", "--environment", "production")
    #expect(
      history.output.contains("Approved by alice (statement), carol (statement)."), "\(history)")
    #expect(history.output.contains("Commit \(commit.prefix(12)): "), "\(history)")
    #expect(history.output.contains("version 2"), "\(history)")
    try installation.expect(0, "audit", "verify", "--approvals")
    try await installation.discard()
  }

  @Test("waits where a forge's squash makes its author unknown and one person approved it alone")
  func squashWithOneApproval() async throws {
    try open()
    try approve(as: .carol)
    _ = try comment(0)
    _ = try merge(.squash)
    let waiting = try installation.expect(4, "reconcile")
    #expect(waiting.output.contains("2 of role DEVELOPER: carol; 1 missing"), "\(waiting)")
    // The branch adds nothing any more.
    let clone = try DefinitionsRepository(cloning: remote.address)
    let nothing = try installation.expect(
      0, "approve", "--head", "origin/raise", "--yes", "--signing-key",
      gated.people.key(of: .alice), with: ["FLAGSTAFF_REPOSITORY": clone.path])
    #expect(nothing.errors.contains("flagstaff approve --head origin/HEAD"), "\(nothing)")
    // The approval comes late, and without a new commit.
    try approve("origin/HEAD", as: .alice)
    try installation.expect(0, "reconcile")
    try installation.expect(0, "audit", "verify", "--approvals")
    try await installation.discard()
  }
}
