// Trust for tests: governance as files state it, registered as a first version, and evidence by
// people whose keys follow from their names. Nothing is signed here; what a signature proves is
// tested where signatures are verified.

import Documents
import FlagstaffCore
import SSHSignatures
import Signing
import Testing

struct TestTrust {
  /// Role and validity of the people: `alice: ADMIN`, `bob: DEVELOPER until …`.
  struct Member {
    var role: String
    var from: String?
    var until: String?
    /// Another name whose key is used as a second one.
    var second: String?

    init(_ role: String, from: String? = nil, until: String? = nil, second: String? = nil) {
      (self.role, self.from, self.until, self.second) = (role, from, until, second)
    }
  }

  var people: [String: Member] = [
    "alice": Member("ADMIN"), "bob": Member("DEVELOPER"), "carol": Member("DEVELOPER"),
    "dave": Member("VIEWER"), "merge-bot": Member("BOT"),
  ]
  var teams: [String: [String]] = ["growth": ["bob", "carol"]]
  /// The section `approvals`, indented by two.
  var policies = "  everything: {match: {}, require: {count: 1, role: DEVELOPER}}"
  var workspace = "  id: acme-experiments\n  environments: [production, staging]"

  /// The public key of a name, in the form of a file: the wire format around 32 bytes that follow
  /// from the name.
  static func key(_ name: String) -> String {
    "ssh-ed25519 \(DSSE.base64(blob(name)))"
  }

  private static func field(_ bytes: [UInt8]) -> [UInt8] {
    [0, 0, 0, UInt8(bytes.count)] + bytes
  }

  private static func blob(_ name: String) -> [UInt8] {
    field(Array("ssh-ed25519".utf8)) + field(Signing.sha256(Array(name.utf8)).bytes)
  }

  /// A signature of the right form by the key of a name, armored; no key ever made it.
  static func signature(_ name: String, _ namespace: String) -> [UInt8] {
    let made = field(Array("ssh-ed25519".utf8)) + field(Array(repeating: 7, count: 64))
    let text = DSSE.base64(
      Array("SSHSIG".utf8) + [0, 0, 0, 1] + field(blob(name)) + field(Array(namespace.utf8))
        + field([]) + field(Array("sha512".utf8)) + field(made))
    var lines = ["-----BEGIN SSH SIGNATURE-----"]
    var rest = Substring(text)
    while !rest.isEmpty {
      lines.append(String(rest.prefix(70)))
      rest = rest.dropFirst(70)
    }
    return Array((lines + ["-----END SSH SIGNATURE-----", ""]).joined(separator: "\n").utf8)
  }

  func definitions() -> Definitions {
    var lines = ["flagstaff: v1", "people:"]
    for (name, member) in people.sorted(by: { $0.key < $1.key }) {
      let window = [member.from.map { "from: \($0)" }, member.until.map { "until: \($0)" }]
        .compactMap { $0 }.map { ", \($0)" }.joined()
      let keys = ([name] + (member.second.map { [$0] } ?? []))
        .map { "{ssh: \"\(Self.key($0))\"\(window)}" }.joined(separator: ", ")
      lines.append("  \(name): {role: \(member.role), keys: [\(keys)]}")
    }
    if !teams.isEmpty { lines.append("teams:") }
    for (name, members) in teams.sorted(by: { $0.key < $1.key }) {
      lines.append("  \(name): {members: [\(members.joined(separator: ", "))]}")
    }
    if !policies.isEmpty { lines += ["approvals:", policies] }
    return TestRepository([
      "flagstaff.yaml": "flagstaff: v1\nworkspace:\n\(workspace)",
      "governance/a.yaml": lines.joined(separator: "\n"),
      "customers/acme/a.yaml": "flagstaff: v1\nflags: {f: {environments: {production: {}}}}",
    ]).definitions()
  }

  func trust() throws -> Trust {
    let definitions = definitions()
    guard let trust = definitions.trust else {
      throw Unexpected("held by \(definitions.findings.map(\.described))")
    }
    return trust
  }

  static let commit = String(repeating: "7", count: 40)

  /// The next version of trust, as `trust init` or an approved commit makes it.
  func registered(
    after former: RegisteredTrust? = nil, at instant: String = "2026-11-01T00:00:00Z"
  ) throws -> RegisteredTrust {
    let plan = TrustPlan.make(
      try trust(), against: former, commit: Self.commit, at: try #require(Instant(instant)),
      as: former == nil ? .initialised : .reset)
    let admitted = try #require(AdmittedTrust.judge(plan, by: TrustJudgement()).admitted)
    return AppliedTrust.apply(admitted).trust
  }

  func judging(newest: TestTrust? = nil) throws -> JudgingTrust {
    let judging = try registered()
    return JudgingTrust(
      judging: judging, newest: try newest?.registered(after: judging) ?? judging)
  }
}

extension Evidence {
  /// Evidence of a kind, by the key of a name, read back from the registry: nothing is verified
  /// there, since the registry keeps only what was.
  static func by(
    _ name: String, _ subjects: [Subject], as kind: Kind = .statement,
    classes: Set<String>? = nil, blastRadius: Int = 10_000, issued: String = "2026-11-20T12:00:00Z",
    expires: String = "2026-12-01T00:00:00Z", people: [String] = []
  ) throws -> Evidence {
    let isStatement = kind == .statement || kind == .breakGlass
    var message = Array("tree".utf8)
    if isStatement {
      let all = Set(ChangeClass.allCases.map(\.rawValue) + TrustClass.allCases.map(\.rawValue))
      let approval = Statement.Approval(
        environment: subjects.first?.scope?.environment, classes: classes ?? all,
        blastRadius: blastRadius, subjects: subjects)
      message = try Statement(
        workspace: "acme-experiments", issued: try #require(Instant(issued)),
        expires: Instant(expires),
        content: kind == .breakGlass
          ? .breakGlass(approval, reason: "an incident") : .approval(approval)
      ).bytes
    }
    let document = Node.fields([
      "format": .integer(1), "kind": .string(kind.rawValue),
      "namespace": .string(isStatement ? "flagstaff-approval" : "git"),
      "key": .string(try SSHPublicKey(TestTrust.key(name)).identifier),
      "message": .string(DSSE.base64(message)),
      "signature": .string(
        DSSE.base64(TestTrust.signature(name, isStatement ? "flagstaff-approval" : "git"))),
      "people": people.isEmpty ? nil : .strings(people.sorted()),
      "commit": isStatement ? nil : .string(String(repeating: "5", count: 40)),
      "covers": isStatement ? nil : .sequence(subjects.map(\.stored)),
    ])
    let key = try #require(AuditKey(secret: Array(repeating: 7, count: 32)))
    let bytes = CanonicalJSON.bytes(document)
    let digest = Signing.sha256(Signing.tag("evidence") + bytes)
    return try .stored(bytes, mac: key.mac(of: digest, as: "evidence-mac"), key: key)
  }
}

extension Subject {
  fileprivate var scope: ScopeID? {
    guard case .scope(let scope) = place else { return nil }
    return scope
  }

  /// As evidence that is a commit keeps it.
  fileprivate var stored: Node {
    .fields([
      "environment": scope.map { .string($0.environment) },
      "customer": scope.map { .string($0.customer) }, "kind": .string(kind), "key": .string(key),
      "generation": generation.map(Node.integer), "before": before.map { .string($0.hexadecimal) },
      "after": after.map { .string($0.hexadecimal) },
    ])
  }
}

extension Contributors {
  /// Some people, and commits of nobody, as commits of which nothing else is known tell them.
  static func of(_ known: Set<String>, unknown: [String] = []) -> Contributors {
    let notes =
      known.map { CommitSigner.person($0) } + unknown.map { _ in .nobody(why: "unsigned") }
    let ids = known.map { $0 } + unknown
    return Contributors(
      to: "any",
      in: zip(ids, notes).map {
        CommitNote(id: $0, signer: $1, digests: nil, parents: [], bases: [])
      })
  }
}

extension Plan {
  /// What an approval of the plan covers.
  var subjects: [Subject] {
    changes.map {
      Subject(
        place: .scope(scope), kind: $0.identity.kind.rawValue, key: $0.identity.key,
        generation: $0.generation, before: $0.before?.definition.digest,
        after: $0.after?.definition.digest)
    }
  }

  /// A judgement in which some people of the trust approved all of it, and some contributed.
  func judged(
    by trust: JudgingTrust, evidence: [Evidence] = [], contributors: Set<String> = [],
    unknown: [String] = [], exposure: ExposureHistory = ExposureHistory(),
    freezes: [FreezeWindow] = [], isWarning: Bool = false
  ) -> Judgement {
    let all = Contributors.of(contributors, unknown: unknown)
    return Judgement(
      by: trust, isWarning: isWarning, evidence: evidence,
      contributors: Dictionary(
        changes.map { ($0.identity, all) }, uniquingKeysWith: { first, _ in first }),
      exposure: exposure, freezes: freezes)
  }
}

extension TrustPlan {
  var subjects: [Subject] {
    changes.map {
      Subject(
        place: .trust, kind: $0.identity.kind.rawValue, key: $0.identity.key,
        generation: $0.generation, before: $0.before?.digest, after: $0.after?.digest)
    }
  }
}
