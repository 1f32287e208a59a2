// Rotating the audit secret: with a server's database, beside a private one, in a fleet of which
// some have not heard of it, and killed at each point of the way.

import Documents
import FlagstaffController
import FlagstaffCore
import Foundation
import PostgresRegistry
import Testing

@Suite("Rotating the audit secret")
struct RotationTests {
  private static let (second, third) = (
    String(repeating: "2", count: 40), String(repeating: "3", count: 40)
  )

  @Test("The log verifies across two rotations, with the last secret alone and with all of them")
  func twice() async throws {
    var installation = try await AuditAttackTests.installation()
    for (number, secret) in [Self.second, Self.third].enumerated() {
      let rotated = try installation.expect(
        0, "audit", "rotate", "--format", "json", with: [Keys.nextAuditVariable: secret])
      #expect(rotated.output.contains(#""rotated":true"#), "\(rotated)")
      let again = try installation.expect(
        0, "audit", "rotate", with: [Keys.nextAuditVariable: secret])
      #expect(again.output.contains("already"), "\(again)")
      // A controller that was told both goes on without a stop.
      try installation.change(to: number)
      try installation.expect(
        0, "reconcile", "--quiet", with: [Keys.nextAuditVariable: secret])
      installation.variables["AUDIT_HMAC_SECRET"] = secret
      try installation.change(to: number + 10)
      try installation.expect(0, "reconcile", "--quiet")
    }
    let alone = try installation.expect(0, "audit", "verify")
    #expect(alone.output.contains("of former secrets verify by the chain"), "\(alone)")
    let files = [
      try installation.file("first", Installation.secret),
      try installation.file("second", Self.second + "\n"),
    ]
    let all = try installation.expect(
      0, "audit", "verify", "--format", "json",
      with: [Keys.formerAuditVariable: files.joined(separator: ", ")])
    #expect(all.output.contains(#""eventsByChainAlone":0"#), "\(all)")
    #expect(all.output.contains(#""rotations":2"#), "\(all)")
    _ = try installation.expectPublic(0)
    // A former secret says nothing of what follows it.
    let former = try installation.expect(
      1, "audit", "verify", with: ["AUDIT_HMAC_SECRET": Self.second])
    #expect(former.output.contains("goes on from here under the key"), "\(former)")
    let log = try installation.expect(0, "audit", "log", "--format", "json")
    #expect(log.output.components(separatedBy: #""audit.rotated""#).count == 3)
    try await installation.discard()
  }

  @Test("What cannot be rotated is refused: an empty log, no next secret, the wrong present one")
  func refused() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    let next = [Keys.nextAuditVariable: Self.second]
    let empty = try installation.expect(1, "audit", "rotate", with: next)
    #expect(empty.errors.contains("the audit log is empty"), "\(empty)")
    try installation.expect(0, "reconcile", "--quiet")
    let none = try installation.expect(1, "audit", "rotate")
    #expect(none.errors.contains("AUDIT_HMAC_SECRET_NEXT is missing"), "\(none)")
    let short = try installation.expect(
      1, "audit", "rotate", with: [Keys.nextAuditVariable: "short"])
    #expect(short.errors.contains("it needs at least 32"), "\(short)")
    let wrong = try installation.expect(
      1, "audit", "rotate", with: next.merging(["AUDIT_HMAC_SECRET": Self.third]) { $1 })
    #expect(wrong.errors.contains("the audit log was written with the key"), "\(wrong)")
    try installation.expect(0, "audit", "verify")
    try await installation.discard()
  }

  @Test("Beside a private database the files are changed, wherever it is killed in between")
  func privateFiles() async throws {
    var installation = try await Installation(DefinitionsRepository.small())
    for name in ["DATABASE_URL", "AUDIT_HMAC_SECRET", "FLAGSTAFF_SIGNING_KEY_FILE"] {
      installation.variables[name] = nil
    }
    try installation.expect(0, "reconcile", "--quiet")
    var secrets = [try installation.privateSecret()]
    for (number, point) in (Failpoints.rotationNames + [""]).enumerated() {
      if !point.isEmpty {
        let killed = try installation.run(
          "audit", "rotate", with: ["FLAGSTAFF_FAILPOINT": point])
        #expect(killed.signal == SIGKILL, "\(point): \(killed)")
        // Whatever is there, a pass and a verification go on.
        try installation.change(to: number)
        try installation.expect(0, "reconcile", "--quiet")
        try installation.expect(0, "audit", "verify")
      }
      try installation.expect(0, "audit", "rotate")
      let secret = try installation.privateSecret()
      #expect(!secrets.contains(secret), "\(point)")
      secrets.append(secret)
      try installation.change(to: number + 10)
      try installation.expect(0, "reconcile", "--quiet")
      let verified = try installation.expect(0, "audit", "verify", "--format", "json")
      #expect(verified.output.contains(#""eventsByChainAlone":0"#), "\(point): \(verified)")
    }
    // Each former secret is kept, and nobody else may read any of them.
    let folder = installation.folder.path + "/state"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasPrefix(Keys.auditFile) }
    // The last point is behind the whole rotation, so the one after it was another.
    #expect(names.count == secrets.count + 1 && !names.contains { $0.hasSuffix(".next") })
    for name in names {
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
      #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
    }
    try installation.expect(0, "database", "stop")
    try await installation.discard()
  }
}

extension Installation {
  /// Commits another change of one flag's rule.
  fileprivate func change(to number: Int) throws {
    let file = "customers/globex/depot.yaml"
    let text = try String(contentsOfFile: repository.path + "/" + file, encoding: .utf8)
    let zone = try #require(text.firstMatch(of: /zone: \w+/)).output
    try repository.replace(String(zone), by: "zone: N\(number)", in: file)
    try repository.commit()
  }

  fileprivate func privateSecret() throws -> String {
    try String(contentsOfFile: "\(folder.path)/state/\(Keys.auditFile)", encoding: .utf8)
  }
}
