// `flagstaff approve` and `accept-history` as their users run them: the real program in a clone,
// with real keys, an agent and a remote. What was signed is read from the ref as the controller
// does.

import Documents
import FlagstaffController
import FlagstaffCore
import Foundation
import GitSource
import SSHSignatures
import Signing
import TestHarness
import Testing

@Suite("Approving")
struct ApproveTests {
  private let people: People
  private let installation: Installation
  private var repository: DefinitionsRepository { installation.repository }

  /// A base that is applied, and a branch beside it with two changes of acme's.
  init() async throws {
    people = try People()
    let repository = try DefinitionsRepository.small()
    try repository.write(try People.governance(), to: "governance/people.yaml")
    try repository.commit()
    installation = try await Installation(repository)
    try installation.expect(0, "reconcile")
    try installation.expect(0, "trust", "init", "--key", "\(people.key(of: .alice)).pub")
    try repository.git("checkout", "--quiet", "-b", "branch")
    try repository.replace("off: old", by: "off: new", in: "customers/acme/shop.yaml")
    try repository.replace(
      "production: {}, staging: {default: true}", by: "production: {default: true}, staging: {}",
      in: "customers/acme/shop.yaml")
    try repository.commit(as: .bob, people)
  }

  private func approve(
    _ arguments: String..., by member: Member = .carol, with more: [String: String] = [:]
  ) throws -> Ended {
    let all = ["approve", "--base", "main", "--signing-key", people.key(of: member)] + arguments
    return try installation.start(all, with: more).wait()
  }

  /// What a member's ref holds, verified.
  private func statements(of member: Member, in path: String? = nil) async throws -> [Statement] {
    let git = try GitRepository(path: path ?? repository.path)
    let identifier = try member.publicKey().identifier
    guard let ref = try git.approvalRefs().first(where: { $0.identifier == identifier }) else {
      return []
    }
    let entries = git.entries(of: ref)
    #expect(entries.problems.isEmpty)
    let claims = try entries.entries.map { entry in
      try #require(
        SignatureClaim(
          key: member.publicKey(), namespace: .approval, message: entry.statement,
          signature: SSHSignature(armored: entry.signature)))
    }
    let verified = try await SSHKeygen(environment: ["PATH": "/usr/bin:/bin"]).verified(claims)
    #expect(verified.count == claims.count)
    return try claims.map { try Statement($0.message) }.sorted {
      ($0.approval?.environment ?? "") < ($1.approval?.environment ?? "")
    }
  }

  @Test("Signs what the plan shows, one statement an environment")
  func signs() async throws {
    let ended = try approve("--yes")
    #expect(ended.code == 0, "\(ended)")
    #expect(ended.output.contains("To be signed for production, until 2026-11-30T12:00:00Z:"))
    #expect(ended.output.contains("  acme: flag checkout, default.changed, generation 2"))
    #expect(ended.output.contains("Signed by SHA256:"))
    #expect(ended.output.contains(" (carol) in refs/flagstaff/approvals/"))
    #expect(
      ended.output.contains(
        "The controller sees it only once it is pushed: git push origin refs/flagstaff/approvals/"))
    let statements = try await statements(of: .carol)
    #expect(statements.map(\.approval?.environment) == ["production", "staging"])
    #expect(statements.allSatisfy { $0.workspace == "tests" })
    let json = try installation.run("plan", "--format", "json", "--head", "branch")
    let plan = try JSONReader.read(Array(json.output.utf8))
    for statement in statements {
      let approval = try #require(statement.approval)
      #expect(approval.subjects.map(\.key) == ["banner", "checkout"])
      for subject in approval.subjects {
        #expect(try isPlanned(subject, approval.environment ?? "", in: plan), "\(subject)")
      }
    }
  }

  /// Whether a plan's document has a change with the digests of a subject.
  private func isPlanned(_ subject: Subject, _ environment: String, in plan: Node) throws -> Bool {
    let scopes = try #require(plan["scopes"]?.sequence)
    let changes = scopes.filter { $0["environment"]?.string == environment }
      .flatMap { $0["changes"]?.sequence ?? [] }
    let change = try #require(changes.first { $0["key"]?.string == subject.key })
    func digest(_ field: String) -> String? {
      change[field].map {
        Signing.sha256(Signing.tag("definition") + CanonicalJSON.bytes($0)).hexadecimal
      }
    }
    return digest("before") == subject.before?.hexadecimal
      && digest("after") == subject.after?.hexadecimal
      && change["generation"]?.integer == subject.generation
  }

  @Test("Shows what is signed before it asks, and signs nothing where it cannot ask")
  func asks() async throws {
    let ended = try approve()
    #expect(ended.code == 64, "\(ended)")
    #expect(ended.output.contains("To be signed for production"))
    #expect(ended.errors.contains("--yes"))
    #expect(try await statements(of: .carol).isEmpty)
  }

  @Test("Approves only the definitions that are named")
  func keys() async throws {
    let ended = try approve("banner", "--yes", "--environment", "production")
    #expect(ended.code == 0, "\(ended)")
    let statements = try await statements(of: .carol)
    #expect(statements.map { $0.approval?.subjects.map(\.key) } == [["banner"]])
    let unknown = try approve("banners", "--yes")
    #expect(unknown.code == 64 && unknown.errors.contains("banners"), "\(unknown)")
  }

  @Test("Signs with an agent, and with the key that Git is told of")
  func agent() async throws {
    let socket = people.folder.path + "/agent"
    let agent = try Running(
      "ssh-agent", ["-D", "-a", socket], variables: Programs.variables, in: "/")
    defer {
      // Whoever started it may have blocked every other signal.
      agent.send(SIGKILL)
      _ = try? agent.wait()
    }
    for _ in 0..<500 where !FileManager.default.fileExists(atPath: socket) {
      try await Task.sleep(for: .milliseconds(10))
    }
    let variables = ["SSH_AUTH_SOCK": socket]
    try Programs.command("ssh-add", ["-q", people.key(of: .carol)], variables: variables)
    let key = "key::" + (try Member.carol.publicKey().text)
    try repository.git("config", "user.signingKey", key)
    let ended = try installation.start(
      ["approve", "--base", "main", "--yes"], with: variables
    ).wait()
    #expect(ended.code == 0, "\(ended)")
    #expect(try await statements(of: .carol).count == 2)
    try repository.git("config", "--unset", "user.signingKey")
    let none = try installation.run("approve", "--base", "main", "--yes")
    #expect(none.code == 64 && none.errors.contains("--signing-key"), "\(none)")
  }

  @Test("--push brings the ref to the remote, beside what another clone pushed")
  func push() async throws {
    let remote = try Remote(of: repository)
    // The base is the remote's main.
    let first = try installation.run(
      "approve", "banner", "--yes", "--push", "--signing-key", people.key(of: .carol))
    #expect(first.code == 0 && first.output.contains("Pushed to origin."), "\(first)")
    let pushed = try await statements(of: .carol, in: remote.path)
    #expect(pushed.count == 2)
    try repository.git(
      "update-ref", "-d", ApprovalRef.name(try Member.carol.publicKey().identifier))
    let second = try installation.run(
      "approve", "checkout", "--yes", "--push", "--signing-key", people.key(of: .carol))
    #expect(second.code == 0, "\(second)")
    let all = try await statements(of: .carol, in: remote.path)
    #expect(all.count == 4)
    #expect(Set(all).isSuperset(of: pushed))
  }

  @Test("What is the same as the base needs no approval")
  func nothing() async throws {
    try repository.git("checkout", "--quiet", "main")
    let ended = try approve("--yes")
    #expect(ended.code == 0 && ended.output.contains("There is nothing to approve."), "\(ended)")
    #expect(try await statements(of: .carol).isEmpty)
  }

  @Test("A break-glass gives its reason and ends within a day; a withdrawal names its statement")
  func otherStatements() async throws {
    let long = try approve(
      "--yes", "--break-glass", "Shop is down", "--expires", "25", by: .alice)
    #expect(long.code == 64, "\(long)")
    let blank = try approve("--yes", "--break-glass", "  ", by: .alice)
    #expect(blank.code == 64 && blank.errors.contains("there are blanks alone"), "\(blank)")
    let developer = try approve("--yes", "--break-glass", "Shop is down")
    #expect(developer.code == 4 && developer.errors.contains("carol is none"), "\(developer)")
    #expect(try await statements(of: .carol).isEmpty)
    let ended = try approve(
      "--yes", "--break-glass", "Shop is down", "--expires", "2", "--environment", "production",
      by: .alice)
    #expect(ended.code == 0 && ended.output.contains("because: Shop is down"), "\(ended)")
    let made = try await statements(of: .alice)
    #expect(made.map(\.kind) == [.breakGlass])
    #expect(made.first?.expires == Instant("2026-11-23T14:00:00Z"))
    let git = try GitRepository(path: repository.path)
    let ref = try #require(try git.approvalRefs().first)
    let entry = try #require(git.entries(of: ref).entries.first)
    let digest = try Evidence.digest(
      ofStatement: #require(
        SignatureClaim(
          key: Member.alice.publicKey(), namespace: .approval, message: entry.statement,
          signature: SSHSignature(armored: entry.signature))))
    let short = try approve("--withdraw", "ab", "--yes", by: .alice)
    #expect(short.code == 64, "\(short)")
    let name = String(digest.hexadecimal.prefix(10))
    let another = try approve("--withdraw", name, "--yes")
    #expect(another.code == 64, "\(another)")
    #expect(another.errors.contains("is by alice; only its signer can withdraw it."), "\(another)")
    #expect(try await statements(of: .carol).isEmpty)
    let taken = try approve("--withdraw", name, "--yes", by: .alice)
    #expect(taken.code == 0 && taken.output.contains("banner, checkout"), "\(taken)")
    let after = try await statements(of: .alice)
    #expect(after.map(\.content).contains(.withdrawal(of: digest)))
    #expect(after.count == 2)
    let again = try approve("--withdraw", name, "--yes", by: .alice)
    #expect(again.code == 0 && again.output.contains("is withdrawn already"), "\(again)")
    #expect(try await statements(of: .alice).count == 2)
  }

  @Test("accept-history signs workspace, branch, old and new commit")
  func acceptHistory() async throws {
    let old = try repository.git("rev-parse", "main")
    let new = try repository.git("rev-parse", "branch")
    let words = [
      "accept-history", "--old", old, "--new", "branch", "--signing-key", people.key(of: .alice),
    ]
    let unnamed = try installation.start(words + ["--yes"]).wait()
    #expect(unnamed.code == 64 && unnamed.errors.contains("--branch"), "\(unnamed)")
    let asked = try installation.start(words + ["--branch", "main"]).wait()
    #expect(asked.code == 64 && asked.output.contains("from \(old) (Change)"), "\(asked)")
    #expect(try await statements(of: .alice).isEmpty)
    let yes = ["--branch", "main", "--yes"]
    let developer = try installation.start(
      words + yes + ["--signing-key", people.key(of: .carol)]
    ).wait()
    #expect(developer.code == 4 && developer.errors.contains("no ADMIN's key"), "\(developer)")
    #expect(try await statements(of: .carol).isEmpty)
    let nowhere = String(repeating: "0123456789", count: 4)
    let unknown = try installation.start(words + yes + ["--old", nowhere]).wait()
    #expect(unknown.code == 64 && unknown.errors.contains("does not have the commit"), "\(unknown)")
    let ended = try installation.start(words + yes).wait()
    #expect(ended.code == 0, "\(ended)")
    let made = try await statements(of: .alice)
    #expect(made.map(\.content) == [.acceptHistory(branch: "main", old: old, new: new)])
    #expect(made.map(\.workspace) == ["tests"])
  }

  @Test("Where nothing tells what would count, nothing is signed, and what to do is said")
  func noTrust() async throws {
    let bare = try await Installation(repository)
    for more in [[], ["--against", "rev:main"]] {
      let ended = try bare.start(
        ["approve", "--base", "main", "--yes", "--signing-key", people.key(of: .carol)] + more
      ).wait()
      let reason = more.isEmpty ? "Trust never began in this registry" : "which generation"
      #expect(ended.code == 64 && ended.errors.contains(reason), "\(ended)")
      #expect(ended.errors.contains("give --against origin:PATH-OR-URL with --public-key, or DATA"))
    }
    #expect(try await statements(of: .carol).isEmpty)
    try await bare.discard()
  }

  @Test("At an origin of an installation without trust nothing is signed either")
  func originWithoutTrust() async throws {
    try repository.git("checkout", "--quiet", "main")
    let bare = try await Installation(repository)
    try bare.expect(0, "reconcile", "--quiet")
    try repository.git("checkout", "--quiet", "branch")
    let ended = try bare.start(
      [
        "approve", "--base", "main", "--yes", "--against", "origin:\(bare.origin)",
        "--signing-key", people.key(of: .carol),
      ]
    ).wait()
    #expect(ended.code == 64, "\(ended)")
    #expect(ended.errors.contains("Trust never began in what is published there"), "\(ended)")
    #expect(try await statements(of: .carol).isEmpty)
    try await bare.discard()
  }

  @Test("A key whose time is over signs nothing")
  func expiredKey() async throws {
    var trusting = Trusting()
    trusting.people["carol"] = try Trusting.line(
      "DEVELOPER", of: "carol", window: ", until: 2026-11-22T00:00:00Z")
    let gated = try await Gated.make(trusting)
    try gated.editCheckout()
    try gated.commit(as: "bob")
    let words = [
      "approve", "--base", "main~1", "--yes", "--signing-key", "\(gated.people.folder.path)/carol",
    ]
    let late = try gated.installation.start(words).wait()
    #expect(late.code == 4, "\(late)")
    #expect(late.errors.contains("2026-11-22T00:00:00Z"), "\(late)")
    #expect(late.errors.contains("Nothing was signed."), "\(late)")
    let before = ["FLAGSTAFF_INSTANT": "2026-11-21T23:59:59Z"]
    #expect(try gated.installation.start(words, with: before).wait().code == 0)
    try await gated.discard()
  }

  @Test("What the signer contributed to is left out, and the rest is signed")
  func partLeftOut() async throws {
    let gated = try await GatedInstallation()
    try gated.repository.replace("off: old", by: "off: new", in: GatedInstallation.shop)
    try gated.repository.commit(as: .bob, gated.people)
    try gated.repository.replace("zone: A", by: "zone: B", in: "customers/globex/depot.yaml")
    try gated.repository.commit(as: .alice, gated.people)
    let words = [
      "approve", "--base", "HEAD~2", "--yes", "--environment", "production", "--signing-key",
      gated.people.key(of: .alice),
    ]
    let ended = try gated.installation.start(words).wait()
    #expect(ended.code == 0, "\(ended)")
    #expect(
      ended.errors.contains("Your approval of flag pick-by-light would not count"), "\(ended)")
    #expect(ended.errors.contains("It is left out."), "\(ended)")
    let made = try await statements(of: .alice, in: gated.repository.path)
    guard case .approval(let approval) = try #require(made.first).content else {
      Issue.record("\(made)")
      return
    }
    #expect(made.count == 1 && approval.subjects.map(\.key) == ["checkout"])
    // Whose own the one definition is that is named signs nothing.
    let own = try gated.installation.start(words + ["pick-by-light"]).wait()
    #expect(own.code == 4 && own.errors.contains("Nothing else is left to approve."), "\(own)")
    #expect(try await statements(of: .alice, in: gated.repository.path).count == 1)
    try await gated.installation.discard()
  }

  @Test("Neither nobody's key nor a bad one signs")
  func badKeys() async throws {
    let unknown = try approve("--yes", by: .mallory)
    #expect(unknown.code == 4 && unknown.errors.contains("nobody's key"), "\(unknown)")
    #expect(try await statements(of: .mallory).isEmpty)
    for key in ["/nonexistent", "key::ssh-ed25519 AAAA", "ssh-rsa x", "DEADBEEF"] {
      let ended = try installation.run("approve", "--base", "main", "--yes", "--signing-key", key)
      #expect(ended.code == 64, "\(ended)")
    }
  }
}
