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
    func field(_ bytes: [UInt8]) -> [UInt8] { [0, 0, 0, UInt8(bytes.count)] + bytes }
    let blob = field(Array("ssh-ed25519".utf8)) + field(Signing.sha256(Array(name.utf8)).bytes)
    return "ssh-ed25519 \(DSSE.base64(blob))"
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
  /// Evidence of a kind, by the key of a name.
  static func by(
    _ name: String, _ subjects: [Subject], as kind: Kind = .statement,
    classes: Set<String>? = nil,
    blastRadius: Int = 10_000, issued: String = "2026-11-20T12:00:00Z",
    expires: String = "2026-12-01T00:00:00Z", people: [String] = []
  ) throws -> Evidence {
    let isStatement = kind == .statement || kind == .breakGlass
    let all = Set(ChangeClass.allCases.map(\.rawValue) + TrustClass.allCases.map(\.rawValue))
    let bounds = Bounds(
      classes: classes ?? all, blastRadius: blastRadius,
      issued: try #require(Instant(issued)), expires: try #require(Instant(expires)))
    let text = "\(name) \(kind) \(subjects) \(bounds.issued) \(bounds.expires) \(blastRadius)"
    return Evidence(
      kind: kind, key: try SSHPublicKey(TestTrust.key(name)), people: people,
      digest: Signing.sha256(Array(text.utf8)), covers: subjects,
      bounds: isStatement ? bounds : nil,
      commit: isStatement ? nil : String(repeating: "5", count: 40))
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
    let all = Contributors(known: contributors, unknownCommits: unknown)
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
