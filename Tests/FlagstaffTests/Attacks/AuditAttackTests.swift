// Attacks on the audit log by whoever owns the database, and by whoever also has the audit secret:
// what is registered and what is published stay as they were, and `flagstaff audit verify` exits
// with 1 and names the first bad event.

import Documents
import FlagstaffController
import FlagstaffCore
import Foundation
import PostgresRegistry
import Signing
import Testing

@Suite("Attacks on the audit log")
struct AuditAttackTests {
  @Test("body edited with MACs kept")
  func bodyEdited() async throws {
    let installation = try await Self.installation()
    _ = try installation.tamper([Tampering.editedEvent])
    let ended = try installation.expect(1, "audit", "verify")
    let open = try installation.expectPublic(1)
    try Attack.expect(ended, open, of: installation)
    try await installation.discard()
  }

  @Test("column edited with bytes kept")
  func columnEdited() async throws {
    let installation = try await Self.installation()
    _ = try installation.tamper([
      "ALTER TABLE experimentation.audit_events ALTER COLUMN key DROP EXPRESSION",
      "UPDATE experimentation.audit_events SET key = 'nothing' WHERE sequence = 4",
    ])
    let log = try installation.expect(0, "audit", "log", "--key", "nothing")
    #expect(log.output.contains("event 4  "), "the column is what events are found by")
    let ended = try installation.expect(1, "audit", "verify")
    let open = try installation.expectPublic(1)
    try Attack.expect(ended, open, of: installation)
    try await installation.discard()
  }

  @Test("a version that nobody applied")
  func madeUpVersion() async throws {
    let gated = try await Gated.make()
    let before = try gated.standing().origin
    // What is published may be anything that the owner of the database writes; here it is the same
    // as before, under the next version.
    _ = try gated.installation.tamper([
      """
      UPDATE experimentation.scopes SET version = version + 1, payload = convert_to(
        replace(convert_from(payload, 'UTF8'), '"version":1', '"version":2'), 'UTF8')
      WHERE environment = 'production'
      """
    ])
    let pass = try gated.installation.expect(1, "reconcile")
    try gated.editCheckout()
    try gated.commit(as: "bob")
    try gated.approve(as: "carol", with: Gated.signsAnything)
    let change = try gated.installation.expect(1, "reconcile")
    expectEqual(try gated.standing().origin, before, "the origin")
    try Attack.expect(pass, change, of: gated.installation)
    try await gated.discard()
  }

  /// Takes the rows of production over from another database: `sh FROM TO TABLE`.
  private static let copyOfRows = """
    psql "$2" -qc "DELETE FROM $3 WHERE environment = 'production'" &&
    psql "$1" -qc "COPY (SELECT * FROM $3 WHERE environment = 'production') TO STDOUT" |
    psql "$2" -qc "COPY $3 FROM STDIN"
    """

  @Test("another content of a version that was applied")
  func otherContent() async throws {
    let gated = try await Gated.make()
    // The database's owner has the content that he wants applied where nobody is asked.
    let own = try await gated.copy()
    try own.editCheckout()
    let other = try own.commit(as: "bob")
    try own.applied(with: ["FLAGSTAFF_APPROVALS": "warn"])
    try gated.edit("serve: true, rollout: 1%", to: "serve: true, rollout: 2%")
    let commit = try gated.commit(as: "bob")
    try gated.approve(as: "alice")
    try gated.applied()
    for table in ["scopes", "snapshots", "feature_flags", "targeting_rules"] {
      try Programs.command(
        "sh",
        [
          "-c", Self.copyOfRows, "sh", own.installation.url, gated.installation.url,
          "experimentation.\(table)",
        ],
        variables: ["PGOPTIONS": "-c session_replication_role=replica"])
    }
    _ = try gated.installation.tamper([
      """
      UPDATE experimentation.scopes SET commit = \(commit), payload = convert_to(
        replace(convert_from(payload, 'UTF8'), \(other), \(commit)), 'UTF8')
      WHERE environment = 'production'
      """
    ])
    // An origin that has the version tells that it is another; this one has lost it.
    try FileManager.default.removeItem(atPath: gated.installation.origin + "/v1/production")
    let pass = try gated.installation.expect(1, "reconcile")
    let content = try gated.installation.originContent()
    #expect(!content.keys.contains { $0.hasPrefix("v1/production") })
    try Attack.expect(pass, of: gated.installation)
    try await gated.discard()
    try await own.discard()
  }

  @Test("every tampering of the first issue")
  func everyTampering() async throws {
    let prepared = try await Self.installation()
    var answers: [String] = []
    for tampering in Tampering.all {
      let installation = try await prepared.copy()
      _ = try installation.tamper(tampering.statements)
      let ended = try installation.expect(1, "audit", "verify")
      let answer = ended.output.replacingOccurrences(
        of: installation.folder.path, with: "/installation")
      answers.append("\(tampering.testDescription)\n\(answer)\n")
      try await installation.discard()
    }
    try Attack.expect(answers, of: [prepared])
    try await prepared.discard()
  }

  @Test("a log recomputed with the real secret")
  func recomputed() async throws {
    let installation = try await Self.installation()
    try installation.recompute(from: 2) {
      $0.replacingOccurrences(of: #""id":"flagstaff""#, with: #""id":"flagstuff""#)
    }
    // It is whole in itself: only what origins were told contradicts it.
    try installation.expect(0, "audit", "verify", with: ["FLAGSTAFF_ORIGIN": ""])
    let ended = try installation.expect(1, "audit", "verify")
    // Objects and pointers each contradict it.
    try FileManager.default.removeItem(atPath: installation.origin + "/v1/audit")
    let without = try installation.expect(1, "audit", "verify")
    try Attack.expect(ended, without, of: installation)
    try await installation.discard()
  }

  @Test("a past that never was")
  func pastThatNeverWas() async throws {
    let prepared = try await Self.installation()
    let last = try prepared.lastEvent().sequence
    // Whoever has the secret lets the last event say that something else was there before.
    let edits: [(String, String)] = [
      (#""A""#, #""C""#), (#""generation":2"#, #""generation":3"#),
      (#""version":2"#, #""version":4"#),
    ]
    var answers: [String] = []
    for (text, other) in edits {
      let installation = try await prepared.copy()
      try installation.recompute(from: last) {
        $0.replacingOccurrences(of: text, with: other)
      }
      let ended = try installation.expect(
        1, "audit", "verify", with: ["FLAGSTAFF_ORIGIN": ""])
      answers.append(
        ended.output.replacingOccurrences(
          of: installation.folder.path, with: "/installation"))
      // What came before is not known to whoever begins here.
      try installation.expect(
        0, "audit", "verify", "--from", "\(last)", with: ["FLAGSTAFF_ORIGIN": ""])
      try await installation.discard()
    }
    try Attack.expect(answers, of: [prepared])
    try await prepared.discard()
  }

  @Test("two forked logs")
  func forked() async throws {
    let first = try await Self.installation()
    // Somebody restores a backup beside the database that goes on.
    let second = try await first.copy()
    for (installation, zone) in [(first, "C"), (second, "D")] {
      try installation.repository.replace(
        "zone: \(zone == "C" ? "B" : "C")", by: "zone: \(zone)", in: "customers/globex/depot.yaml")
      try installation.repository.commit()
      try installation.expect(0, "reconcile", "--quiet")
      try installation.expect(0, "audit", "verify")
    }
    let both = try first.expect(
      1, "audit", "verify", "--origin", first.origin, "--origin", second.origin)
    let other = try first.expect(1, "audit", "verify", "--origin", second.origin)
    // The controller of the one notices what the other has published.
    let pass = try first.expect(1, "reconcile", with: ["FLAGSTAFF_ORIGIN": second.origin])
    try Attack.expect(both, other, pass, of: first, second)
    try await first.discard()
    try await second.discard()
  }

  @Test("an old key after rotation")
  func oldKeyAfterRotation() async throws {
    let installation = try await Self.installation()
    let (new, old) = (String(repeating: "n", count: 32), Installation.secret)
    try installation.expect(
      0, "audit", "rotate", with: [Keys.nextAuditVariable: new])
    var rotated = installation
    rotated.variables["AUDIT_HMAC_SECRET"] = new
    try rotated.expect(0, "audit", "verify")
    // A controller that still has the old secret alone writes nothing.
    let before = try rotated.dump()
    try rotated.repository.replace("zone: B", by: "zone: C", in: "customers/globex/depot.yaml")
    try rotated.repository.commit()
    let controller = try installation.expect(1, "reconcile")
    #expect(try rotated.dump() == before)
    // Whoever has the old secret and the database appends an event by hand.
    let key = try #require(Installation.auditKey)
    let last = try rotated.lastEvent()
    let record = AuditRecord(
      instant: try #require(Instant(Installation.instant)), workspace: "tests",
      classes: ["flag.disabled"], subject: ("flag", "checkout"), mode: .ungated)
    try rotated.append(AuditEvent(record, after: last.head(key: key.identifier), key: key))
    let appended = try rotated.expect(
      1, "audit", "verify",
      with: [
        Keys.formerAuditVariable: try rotated.file("old-secret", old)
      ])
    try Attack.expect(controller, appended, of: installation)
    try await installation.discard()
  }

  @Test("a forged checkpoint")
  func forgedCheckpoint() async throws {
    let installation = try await Self.installation()
    let last = try installation.lastEvent()
    let object = try #require(CheckpointObject(of: last))
    let ours = try PrivateKey(seed: [UInt8](repeating: 7, count: 32))
    let theirs = try PrivateKey(seed: [UInt8](repeating: 8, count: 32))
    let otherWorkspace = String(decoding: object.payload, as: UTF8.self)
      .replacingOccurrences(of: #""workspace":"tests""#, with: #""workspace":"other""#)
    let forgeries = [
      try object.sealed(with: theirs),
      try DSSE.sealed(Array(otherWorkspace.utf8), type: CheckpointObject.payloadType, key: ours),
      Array("{}".utf8),
    ]
    var answers: [Ended] = []
    for forgery in forgeries {
      let file = installation.folder.path + "/forged.json"
      try Data(forgery).write(to: URL(fileURLWithPath: file))
      answers.append(try installation.expect(1, "audit", "verify", "--checkpoint", file))
    }
    // One that was put in the place of ours is not replaced, and is told.
    let path = installation.origin + "/v1/audit/\(last.sequence).json"
    try Data(forgeries[0]).write(to: URL(fileURLWithPath: path))
    answers.append(try installation.expect(1, "reconcile", "--quiet"))
    #expect(FileManager.default.contents(atPath: path) == Data(forgeries[0]))
    try Attack.expect(answers.map { $0.output + $0.errors }, of: [installation])
    try await installation.discard()
  }

  @Test("a clock that went back")
  func clockWentBack() async throws {
    let installation = try await Self.installation()
    // A pass under an earlier clock dates its events as the scope's last.
    try installation.repository.replace(
      "zone: B", by: "zone: C", in: "customers/globex/depot.yaml")
    try installation.repository.commit()
    try installation.expect(
      0, "reconcile", "--quiet", with: ["FLAGSTAFF_INSTANT": "2026-11-01T00:00:00Z"])
    try installation.expect(0, "audit", "verify")
    // Whoever has the secret dates an event back by hand.
    let last = try installation.lastEvent()
    try installation.recompute(from: last.sequence) {
      $0.replacingOccurrences(of: Installation.instant, with: "2026-11-01T00:00:00Z")
    }
    let ended = try installation.expect(
      1, "audit", "verify", with: ["FLAGSTAFF_ORIGIN": ""])
    try Attack.expect(ended, of: installation)
    try await installation.discard()
  }

  /// Two passes over a small repository.
  static func installation() async throws -> Installation {
    let installation = try await Installation(DefinitionsRepository.small())
    try installation.expect(0, "reconcile", "--quiet")
    try installation.repository.replace(
      "zone: A", by: "zone: B", in: "customers/globex/depot.yaml")
    try installation.repository.commit()
    try installation.expect(0, "reconcile", "--quiet")
    return installation
  }
}

extension Installation {
  static let auditKey = AuditKey(secret: Array(secret.utf8))

  /// Verifies as somebody without any secret does.
  func expectPublic(
    _ code: Int32, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Ended {
    try expect(
      code, "audit", "verify", "--public",
      without: ["AUDIT_HMAC_SECRET", "FLAGSTAFF_SIGNING_KEY_FILE"], sourceLocation: sourceLocation)
  }

  func storedEvents(from sequence: Int = 1) throws -> [AuditEvent] {
    let connection = try connection()
    return try connection.transaction(isReadOnly: true) {
      try $0.auditEvents(after: sequence - 1)
    }
  }

  func lastEvent() throws -> AuditEvent { try #require(try storedEvents().last) }

  /// A file in the installation's folder.
  func file(_ name: String, _ content: String) throws -> String {
    let path = folder.path + "/" + name
    try Data(content.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// Appends an event with SQL.
  func append(_ event: AuditEvent) throws {
    let connection = try connection()
    try connection.runOutsideTransaction(
      """
      INSERT INTO experimentation.audit_events (sequence, bytes, hash, mac)
      VALUES (\(event.sequence), \(event.bytes), \(event.hash.bytes), \(event.mac))
      """)
    try connection.runOutsideTransaction(Tampering.chainToEnd)
  }

  /// Writes the log anew from an event on, as a holder of the secret and of the database can.
  func recompute(from first: Int, _ edit: (String) -> String) throws {
    let key = try #require(Self.auditKey)
    let events = try storedEvents()
    let connection = try connection()
    try connection.runOutsideTransaction("SET session_replication_role = replica")
    var previous = first > 1 ? events[first - 2].hash : .zero
    for event in events[(first - 1)...] {
      var text = edit(String(decoding: event.bytes, as: UTF8.self))
      if event.sequence > first {
        let former = events[event.sequence - 2].hash.hexadecimal
        text = text.replacingOccurrences(of: former, with: previous.hexadecimal)
      }
      let bytes = Array(text.utf8)
      let hash = Signing.sha256(bytes)
      try connection.runOutsideTransaction(
        """
        UPDATE experimentation.audit_events SET bytes = \(bytes), hash = \(hash.bytes),
          mac = \(key.mac(of: hash)) WHERE sequence = \(event.sequence)
        """)
      previous = hash
    }
    try connection.runOutsideTransaction(Tampering.chainToEnd)
  }
}
