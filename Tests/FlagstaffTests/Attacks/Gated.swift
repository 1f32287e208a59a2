// Where attacks take place: an installation whose trust has begun and to which everything was
// applied, three days before. It is prepared once for each set of policies and copied for each
// attack: repository, registry and origin. Keys, dates and commits are the same in every run.

import Documents
import FlagstaffCore
import Foundation
import PostgresRegistry
import SSHSignatures
import Signing
import TestHarness
import Testing

/// Who stands under governance/, with which keys; the key of a name is `SSHKeyPair(seed: name)`.
struct Trusting: Hashable, Sendable {
  /// Lines of `people:`, by person.
  var people = [
    "alice": try? line("ADMIN", of: "alice"), "bob": try? line("DEVELOPER", of: "bob"),
    "carol": try? line("DEVELOPER", of: "carol"), "merge-bot": try? line("BOT", of: "merge-bot"),
  ]
  /// What follows: teams, approvals.
  var rest = Self.oneDeveloper

  static let oneDeveloper = """
    approvals:
      everything: {match: {}, require: {count: 1, role: DEVELOPER}}

    """

  /// `{role: …, keys: […]}`.
  ///
  /// - Parameter window: fields that follow the first key, such as `, until: …`.
  static func line(
    _ role: String, of name: String, window: String = "", second: String? = nil
  ) throws -> String {
    let more = try second.map { ", {ssh: \"\(try SSHKeyPair(seed: $0).publicText)\"}" } ?? ""
    return "{role: \(role), email: \(name)@acme.example, keys: "
      + "[{ssh: \"\(try SSHKeyPair(seed: name).publicText)\"\(window)}\(more)]}"
  }

  /// `governance/people.yaml`.
  var text: String {
    let lines = people.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value ?? "")\n" }
    return "flagstaff: v1\npeople:\n" + lines.joined() + rest
  }
}

struct Gated: Sendable {
  var installation: Installation
  let people: People

  var repository: DefinitionsRepository { installation.repository }

  static let shop = "customers/acme/shop.yaml"
  static let governance = "governance/people.yaml"
  static let production = "production/acme"

  /// One customer. `banner` is in both environments, everything else in production.
  private static let shopText = """
    flagstaff: v1
    segments: {employees: {email: {endsWith: "@acme.example"}}}
    flags:
      banner:
        environments: {production: {}, staging: {}}
        rules: [{when: {segment: employees}, serve: true}]
      checkout:
        variants: {old: old, new: new, newest: newest}
        off: old
        environments: {production: {}}
        rules: [{when: {segment: employees}, serve: new}, {when: {beta: true}, serve: newest}]
      search:
        labels: {tier: critical}
        environments: {production: {}}
        rules: [{key: faster, serve: true, rollout: 1%}]

    """

  // MARK: Making it

  /// A copy of the installation that was prepared for some trust.
  static func make(_ trusting: Trusting = Trusting()) async throws -> Gated {
    try await GatedInstallations.shared.prepared(trusting).copy()
  }

  fileprivate init(preparing trusting: Trusting) async throws {
    people = try People()
    let second = people.folder.path + "/carol-second"
    try Data(SSHKeyPair(seed: "carol-second").privateFile).write(to: URL(fileURLWithPath: second))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: second)
    installation = try await Installation(
      DefinitionsRepository([
        "flagstaff.yaml": DefinitionsRepository.workspace, Self.shop: Self.shopText,
        Self.governance: trusting.text,
      ]))
    let key = installation.folder.path + "/alice.pub"
    try Data(try Member.alice.publicKey().text.utf8).write(to: URL(fileURLWithPath: key))
    let earlier = ["FLAGSTAFF_INSTANT": "2026-11-20T12:00:00Z"]
    try installation.expect(0, "reconcile", "--quiet", with: earlier)
    try installation.expect(0, "trust", "init", "--key", key, with: earlier)
    // Tells origins of the event, so that a pass that applies nothing changes nothing.
    try installation.expect(0, "reconcile", "--quiet", with: earlier)
  }

  private init(_ installation: Installation, _ people: People) {
    self.installation = installation
    self.people = people
  }

  /// A copy of everything, the repository too.
  func copy() async throws -> Gated {
    var copy = try await installation.copy()
    copy.repository = try DefinitionsRepository()
    try Programs.command("rm", ["-rf", copy.repository.path + "/.git"])
    try Programs.command("cp", ["-a", repository.path + "/.", copy.repository.path])
    copy.variables["FLAGSTAFF_REPOSITORY"] = copy.repository.path
    // Whose origin is another's was never seen here.
    try copy.connection().runOutsideTransaction("DELETE FROM experimentation.publications")
    return Gated(copy, people)
  }

  func discard() async throws { try await installation.discard() }

  // MARK: What people do

  /// With it `approve` signs what it would refuse since it cannot count, as any program could.
  static let signsAnything = ["FLAGSTAFF_SIGN_ANYTHING": "1"]

  func edit(_ text: String, to other: String, in file: String = Gated.shop) throws {
    try repository.replace(text, by: other, in: file)
  }

  /// The usual change: what `checkout` gives to all who are not in a rule, which moves everybody.
  func editCheckout() throws {
    try edit("off: old\n", to: "off: newest\n")
  }

  /// Runs git with the signing key of a member.
  @discardableResult
  func git(
    as name: String, _ arguments: String..., with variables: [String: String] = [:]
  ) throws -> String {
    try Programs.command(
      "git",
      ["-c", "gpg.format=ssh", "-c", "user.signingKey=\(people.folder.path)/\(name)"] + arguments,
      in: repository.path, variables: variables
    ).trimmingCharacters(in: .newlines)
  }

  /// Commits everything, signed.
  @discardableResult
  func commit(
    as name: String, _ message: String = "Change", with variables: [String: String] = [:]
  ) throws -> String {
    try repository.git("add", "--all")
    try git(as: name, "commit", "--quiet", "-S", "--message", message, with: variables)
    return try repository.git("rev-parse", "HEAD")
  }

  /// A change of `checkout` on the branch `branch`, committed by Bob; `main` is checked out again.
  func branchOfBob() throws {
    try repository.git("checkout", "--quiet", "-b", "branch")
    try editCheckout()
    try commit(as: "bob")
    try repository.git("checkout", "--quiet", "main")
  }

  /// Approves what a base has not.
  @discardableResult
  func approve(
    as name: String, base: String = "main~1", _ arguments: String...,
    with variables: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Ended {
    let ended = try installation.start(
      ["approve", "--base", base, "--yes", "--signing-key", "\(people.folder.path)/\(name)"]
        + arguments, with: variables
    ).wait()
    #expect(ended.code == 0, "\(ended)", sourceLocation: sourceLocation)
    return ended
  }

  // MARK: What comes of it

  /// What an attack must not change: the registry, but for evidence, which is kept, and the origin.
  struct Standing: Equatable {
    var registry: RegistryDump
    let origin: [String: String]
  }

  func standing() throws -> Standing {
    var registry = try installation.dump()
    // When an origin was seen is told of each copy anew, whose origin is another.
    registry[Installation.auditRows]?.removeAll {
      $0.hasPrefix("approvals ") || $0.hasPrefix("publications ")
    }
    return Standing(registry: registry, origin: try installation.originContent())
  }

  /// A pass, or another command, that refuses and changes nothing.
  func refused(
    _ command: String..., with variables: [String: String] = [:],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Ended {
    let before = try standing()
    let ended = try installation.start(
      command.isEmpty ? ["reconcile"] : command, with: variables
    ).wait()
    #expect(ended.code == 4, "\(ended)", sourceLocation: sourceLocation)
    let after = try standing()
    expectEqual(after.registry, before.registry, "the registry", sourceLocation: sourceLocation)
    expectEqual(after.origin, before.origin, "the origin", sourceLocation: sourceLocation)
    return ended
  }

  /// A pass that applies what is wanted in production.
  @discardableResult
  func applied(
    with variables: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Ended {
    let ended = try installation.expect(
      0, "reconcile", with: variables, sourceLocation: sourceLocation)
    #expect(
      ended.output.contains("applied as version"), "\(ended)", sourceLocation: sourceLocation)
    return ended
  }
}

/// What was prepared, by trust.
private actor GatedInstallations {
  static let shared = GatedInstallations()

  private var tasks: [Trusting: Task<Gated, any Error>] = [:]

  func prepared(_ trusting: Trusting) async throws -> Gated {
    let task = tasks[trusting] ?? Task { try await Gated(preparing: trusting) }
    tasks[trusting] = task
    return try await task.value
  }
}
