// Promise P2 against somebody who owns the database: every way of changing the log is done through
// the superuser's connection, with the trigger out of the way, and `flagstaff audit verify` names
// the first event that cannot be trusted. What is whole in itself is found by the origin alone.

import Foundation
import PostgresRegistry
import Testing

/// The log of the generated repository, reconciled twice.
actor TamperedLog {
  static let shared = TamperedLog()

  private var task: Task<Installation, any Error>?

  /// A copy to tamper with.
  func copy() async throws -> Installation {
    let prepared =
      task
      ?? Task {
        let installation = try await Installation(DefinitionsRepository.generated())
        try installation.expect(0, "reconcile", "--quiet")
        try installation.repository.changeSeveralScopes()
        try installation.expect(0, "reconcile", "--quiet")
        return installation
      }
    task = prepared
    return try await prepared.value.copy()
  }
}

struct Tampering: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let statements: [SQL]
  /// The first event that cannot be trusted; counted from the end where it is not positive.
  let event: Int
  let reason: String

  init(_ name: String, event: Int, _ reason: String, _ statements: SQL...) {
    testDescription = name
    self.event = event
    self.reason = reason
    self.statements = statements
  }

  static let editedEvent: SQL = """
    UPDATE experimentation.audit_events SET bytes =
    convert_to(replace(convert_from(bytes, 'UTF8'), '"flagstaff"', '"flagstuff"'), 'UTF8')
    WHERE sequence = 3
    """

  static let all: [Tampering] = [
    Tampering("the bytes of an event edited", event: 3, "it was edited", editedEvent),
    Tampering(
      "bytes and hash edited together", event: 3, "MAC does not verify", editedEvent,
      "UPDATE experimentation.audit_events SET hash = sha256(bytes) WHERE sequence = 3"),
    Tampering(
      "a column edited with the bytes kept", event: 3, "its column customer says something else",
      "ALTER TABLE experimentation.audit_events ALTER COLUMN customer DROP EXPRESSION",
      "UPDATE experimentation.audit_events SET customer = 'nobody' WHERE sequence = 3"),
    Tampering(
      "a hash edited", event: 2, "it was edited",
      """
      UPDATE experimentation.audit_events SET hash = set_byte(hash, 31, get_byte(hash, 31) # 1)
      WHERE sequence = 2
      """),
    Tampering(
      "a MAC edited", event: 4, "MAC does not verify",
      """
      UPDATE experimentation.audit_events SET mac = set_byte(mac, 0, get_byte(mac, 0) # 1)
      WHERE sequence = 4
      """),
    Tampering(
      "an event deleted", event: 5, "it is missing",
      "DELETE FROM experimentation.audit_events WHERE sequence = 5"),
    Tampering(
      "the first event deleted", event: 1, "it is missing",
      "DELETE FROM experimentation.audit_events WHERE sequence = 1"),
    Tampering(
      "an event deleted and the others renumbered", event: 5, "say that it is event 6",
      "DELETE FROM experimentation.audit_events WHERE sequence = 5",
      "UPDATE experimentation.audit_events SET sequence = sequence + 999999 WHERE sequence > 5",
      "UPDATE experimentation.audit_events SET sequence = sequence - 1000000 WHERE sequence > 9"),
    Tampering(
      "an event inserted", event: 4, "say that it is event 2",
      "UPDATE experimentation.audit_events SET sequence = sequence + 1000001 WHERE sequence > 3",
      "UPDATE experimentation.audit_events SET sequence = sequence - 1000000 WHERE sequence > 9",
      """
      INSERT INTO experimentation.audit_events (sequence, bytes, hash, mac)
      SELECT 4, bytes, hash, mac FROM experimentation.audit_events WHERE sequence = 2
      """),
    Tampering(
      "two events swapped", event: 2, "say that it is event 3",
      "UPDATE experimentation.audit_events SET sequence = 1000000 WHERE sequence = 2",
      "UPDATE experimentation.audit_events SET sequence = 2 WHERE sequence = 3",
      "UPDATE experimentation.audit_events SET sequence = 3 WHERE sequence = 1000000"),
    Tampering(
      "the tail cut off", event: -1, "cut off",
      """
      DELETE FROM experimentation.audit_events
      WHERE sequence > (SELECT sequence - 2 FROM experimentation.audit_chain)
      """),
    Tampering(
      "the tail cut off, and the recorded end with it", event: -1, "its tail was cut off",
      """
      DELETE FROM experimentation.audit_events
      WHERE sequence > (SELECT sequence - 2 FROM experimentation.audit_chain)
      """, chainToEnd),
    Tampering(
      "the whole log removed", event: 1, "its tail was cut off",
      "TRUNCATE experimentation.audit_events, experimentation.audit_chain"),
  ]

  static let chainToEnd: SQL = """
    UPDATE experimentation.audit_chain c SET sequence = e.sequence, hash = e.hash
    FROM (SELECT * FROM experimentation.audit_events ORDER BY sequence DESC LIMIT 1) e
    """
}

@Suite("Tampering with the registry")
struct TamperingTests {
  @Test("A log that nobody touched verifies, with the checkpoints of the origin")
  func untouched() async throws {
    let installation = try await TamperedLog.shared.copy()
    let ended = try installation.expect(0, "audit", "verify")
    #expect(ended.output.contains("verifies"))
    // A pointer a scope, and an object a pass; a pass that takes long leaves more.
    let objects = try installation.originTree().keys.filter { $0.hasPrefix("v1/audit/") }
    #expect(objects.count >= 2)
    let count = try installation.pointerPaths().count + objects.count
    #expect(ended.output.contains("\(count) checkpoints of origins agree"), "\(ended)")
    try await installation.discard()
  }

  @Test("Tampering is found, and the first bad event is named", arguments: Tampering.all)
  func found(_ tampering: Tampering) async throws {
    let installation = try await TamperedLog.shared.copy()
    let last = try installation.tamper(tampering.statements)
    let event = tampering.event > 0 ? tampering.event : last + tampering.event
    let ended = try installation.expect(1, "audit", "verify")
    #expect(ended.output.contains("event \(event): "), "\(ended)")
    #expect(ended.output.contains(tampering.reason), "\(ended)")
    let json = try installation.expect(1, "audit", "verify", "--format", "json")
    #expect(json.output.contains(#""sequence":\#(event)}"#), "\(json)")
    try await installation.discard()
  }

  @Test("A cut-off tail that is consistent in itself is found by the origin's checkpoint alone")
  func cutTailNeedsOrigin() async throws {
    let installation = try await TamperedLog.shared.copy()
    _ = try installation.tamper([
      """
      DELETE FROM experimentation.audit_events
      WHERE sequence > (SELECT sequence - 2 FROM experimentation.audit_chain)
      """, Tampering.chainToEnd,
    ])
    // An origin that is not there is a mistake; without one, the output says what is not seen.
    let empty = installation.folder.path + "/elsewhere"
    let named = try installation.expect(1, "audit", "verify", "--origin", empty)
    #expect(named.errors.contains("there is no such directory"), "\(named)")
    let without = try installation.run("audit", "verify", with: ["FLAGSTAFF_ORIGIN": ""])
    #expect(
      without.code == 0 && without.output.contains("a cut-off tail cannot be seen"), "\(without)")
    try installation.expect(1, "audit", "verify")
    try await installation.discard()
  }

  @Test("A log that a holder of the secret wrote anew is found by the origin's checkpoint")
  func rewrittenLog() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    try installation.expect(0, "reconcile", "--quiet")
    try installation.repository.replace("zone: A", by: "zone: B", in: "customers/globex/depot.yaml")
    try installation.repository.commit()
    try installation.expect(0, "reconcile", "--quiet")
    // The same repository with another history of the same length, under the same secret.
    let other = try DefinitionsRepository.small()
    try other.replace("zone: A", by: "zone: C", in: "customers/globex/depot.yaml")
    try other.commit()
    let rewritten = try await Installation(other)
    try rewritten.expect(0, "reconcile", "--quiet")
    try other.replace("zone: C", by: "zone: D", in: "customers/globex/depot.yaml")
    try other.commit()
    try rewritten.expect(0, "reconcile", "--quiet")
    try rewritten.expect(0, "audit", "verify")
    let ended = try rewritten.expect(1, "audit", "verify", "--origin", installation.origin)
    #expect(ended.output.contains("the log was written anew"), "\(ended)")
    try await installation.discard()
    try await rewritten.discard()
  }

  @Test("The program's own role can neither change nor remove an event, nor can the owner")
  func eventsStay() async throws {
    let installation = try await TamperedLog.shared.copy()
    let connection = try installation.connection()
    for role in ["flagstaff_app", "flagstaff_owner", "flagstaff"] {
      try connection.runOutsideTransaction("SET ROLE \(identifier: role)")
      for statement: SQL in [
        "UPDATE experimentation.audit_events SET mac = mac",
        "DELETE FROM experimentation.audit_events", "TRUNCATE experimentation.audit_events",
      ] {
        let error = #expect(throws: RegistryError.self) {
          try connection.runOutsideTransaction(statement)
        }
        #expect(error?.sqlState == "42501", "\(role): \(String(describing: error))")
      }
    }
    try installation.expect(0, "audit", "verify")
    try await installation.discard()
  }

  @Test("A row that was edited by hand is reported, and nothing is written to its scope")
  func editedRow() async throws {
    let installation = try await TamperedLog.shared.copy()
    _ = try installation.tamper([
      """
      UPDATE experimentation.feature_flags
      SET definition = jsonb_set(definition, '{enabled}', 'false')
      WHERE environment = 'production' AND customer_id = 'meridian-marketplace'
        AND key = 'checkout'
      """
    ])
    let moment = try installation.moment()
    for command in ["reconcile", "plan"] {
      let ended = try installation.expect(1, command)
      let words = ended.output + ended.errors
      #expect(words.contains("flag checkout"), "\(ended)")
      #expect(words.contains("edited by hand"), "\(ended)")
    }
    #expect(try installation.dump() == moment.registry)
    expectEqual(try installation.originTree(), moment.origin, "the origin")
    try await installation.discard()
  }

  @Test(
    "What is recorded beside a form is guarded too, and other scopes go on",
    arguments: [
      "UPDATE experimentation.experiments SET salt = 'x' WHERE customer_id = 'acme'",
      "UPDATE experimentation.experiments SET traffic = '[[0,9999]]' WHERE customer_id = 'acme'",
      "UPDATE experimentation.variants SET ranges = '[[0,10000]]' WHERE is_control",
      "UPDATE experimentation.feature_flags SET generation = 9 WHERE customer_id = 'acme'",
    ] as [SQL])
  func editedRecord(_ statement: SQL) async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    try installation.expect(0, "reconcile", "--quiet")
    let before = try installation.dump()
    _ = try installation.tamper([statement])
    try installation.repository.replace("zone: A", by: "zone: B", in: "customers/globex/depot.yaml")
    try installation.repository.commit()
    let ended = try installation.expect(1, "reconcile")
    #expect(ended.output.contains("edited by hand"), "\(ended)")
    #expect(ended.output.contains("production/globex  applied as version 2"), "\(ended)")
    #expect(before != (try installation.dump()))
    try installation.expect(0, "audit", "verify")
    try await installation.discard()
  }

  @Test(
    "A scope's row that says something else than its version recorded is told with what to do",
    arguments: [
      ("instant", "SET instant = '2027-01-01T00:00:00Z'", "2027-01-01T00:00:00Z"),
      ("version", "SET version = 7", "7"),
      ("commit", "SET commit = repeat('0', 40)", String(repeating: "0", count: 40)),
    ] as [(String, StaticString, String)])
  func editedHead(column: String, edit: StaticString, value: String) async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    try installation.expect(0, "reconcile", "--quiet")
    let recorded = [
      "instant": Installation.instant, "version": "1",
      "commit": try installation.repository.git("rev-parse", "HEAD"),
    ]
    let connection = try installation.connection()
    try connection.runOutsideTransaction(
      "CREATE TABLE public.former AS SELECT * FROM experimentation.scopes")
    _ = try installation.tamper([
      "UPDATE experimentation.scopes \(fragment: edit) WHERE customer = 'acme'"
    ])
    try installation.repository.replace("zone: A", by: "zone: B", in: "customers/globex/depot.yaml")
    try installation.repository.replace(
      "traffic: 20%", by: "traffic: 30%", in: "customers/acme/shop.yaml")
    try installation.repository.commit()
    for command in ["plan", "reconcile"] {
      let ended = try installation.expect(1, command)
      #expect(
        ended.output.contains("has the \(column) \(value), and version 1 was recorded"), "\(ended)")
      #expect(
        ended.output.contains("Set the column back to \(recorded[column] ?? "?")"), "\(ended)")
    }
    _ = try installation.tamper([
      """
      UPDATE experimentation.scopes s SET instant = f.instant, version = f.version,
        commit = f.commit FROM public.former f
      WHERE s.environment = f.environment AND s.customer = f.customer AND s.customer = 'acme'
      """
    ])
    let mended = try installation.expect(0, "reconcile")
    #expect(mended.output.contains("production/acme  applied as version 2"), "\(mended)")
    try await installation.discard()
  }
}

extension Installation {
  /// Runs statements as a superuser for whom no trigger fires.
  ///
  /// - Returns: how many events there were before.
  func tamper(_ statements: [SQL]) throws -> Int {
    let connection = try connection()
    let last = try connection.runOutsideTransaction(
      "SELECT sequence FROM experimentation.audit_chain"
    ).only().int("sequence")
    try connection.runOutsideTransaction("SET session_replication_role = replica")
    for statement in statements { try connection.runOutsideTransaction(statement) }
    return last
  }
}
