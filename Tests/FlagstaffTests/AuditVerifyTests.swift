// What `flagstaff audit verify` is given: checkpoints from anywhere, a first event, an age. And
// what passes leave at origins for it.

import Documents
import FlagstaffCore
import Foundation
import PostgresRegistry
import TestHarness
import Testing

@Suite("Verifying the audit log")
struct AuditVerifyTests {
  @Test("Each origin has an object for the log's end after a pass, and is brought up to it")
  func objectsAtOrigins() async throws {
    var installation = try await Installation(DefinitionsRepository.small())
    let second = installation.folder.path + "/second"
    installation.variables["FLAGSTAFF_ORIGIN"] = "\(installation.origin),\(second)"
    try installation.expect(0, "reconcile", "--quiet")
    let end = try installation.lastEvent().sequence
    let object = "/v1/audit/\(end).json"
    let bytes = try Data(contentsOf: URL(fileURLWithPath: installation.origin + object))
    #expect(FileManager.default.contents(atPath: second + object) == bytes)
    // A pass that changes nothing puts back what is missing, and touches nothing else.
    try FileManager.default.removeItem(atPath: second + "/v1/audit")
    let before = try installation.originTree()
    try installation.expect(0, "reconcile", "--quiet")
    #expect(FileManager.default.contents(atPath: second + object) == bytes)
    #expect(try installation.originTree() == before)
    // Every end that was told stays.
    try installation.repository.replace("zone: A", by: "zone: B", in: "customers/globex/depot.yaml")
    try installation.repository.commit()
    try installation.expect(0, "reconcile", "--quiet")
    #expect(FileManager.default.contents(atPath: second + object) == bytes)
    let names = try FileManager.default.contentsOfDirectory(atPath: second + "/v1/audit").sorted()
    #expect(names == ["\(end).json", "\(end + 2).json"].sorted())
    try await installation.discard()
  }

  @Test("A checkpoint is taken from a file, a folder, an origin, and an address")
  func places() async throws {
    let installation = try await AuditAttackTests.installation()
    let folder = installation.folder.path + "/kept"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let names = try FileManager.default.contentsOfDirectory(
      atPath: installation.origin + "/v1/audit"
    ).sorted()
    #expect(names.count == 2)
    for name in names {
      try FileManager.default.copyItem(
        atPath: "\(installation.origin)/v1/audit/\(name)", toPath: "\(folder)/\(name)")
    }
    let pointers = try installation.pointerPaths().count
    func count(_ place: String) throws -> Int? {
      let ended = try installation.expect(
        0, "audit", "verify", "--format", "json", "--checkpoint", place,
        with: ["FLAGSTAFF_ORIGIN": ""])
      return try JSONReader.read(Array(ended.output.utf8.dropLast()))["checkpoints"]?.integer
    }
    #expect(try count("\(folder)/\(names[0])") == 1)
    #expect(try count(folder) == names.count)
    #expect(try count(installation.origin) == names.count + pointers)
    #expect(try count("\(installation.origin)/v1/production/acme/latest.json") == 1)
    let server = try WebServer(serving: installation.origin)
    #expect(try count("\(server.address)/v1/audit/\(names[0])") == 1)
    for place in ["\(folder)/none.json", installation.folder.path + "/state"] {
      let ended = try installation.run("audit", "verify", "--checkpoint", place)
      #expect(ended.code == 1 && ended.errors.contains("Name a checkpoint object"), "\(ended)")
    }
    // What was kept finds a log that lost its end together with its origins.
    _ = try installation.tamper([
      """
      DELETE FROM experimentation.audit_events
      WHERE sequence > (SELECT sequence - 1 FROM experimentation.audit_chain)
      """, Tampering.chainToEnd,
    ])
    let lost = try installation.expect(
      1, "audit", "verify", "--checkpoint", folder, with: ["FLAGSTAFF_ORIGIN": ""])
    #expect(lost.output.contains("its tail was cut off"), "\(lost)")
    try await installation.discard()
  }

  @Test("A walk begins where it is told, and says whether a checkpoint shows what it follows")
  func from() async throws {
    let installation = try await AuditAttackTests.installation()
    let names = try FileManager.default.contentsOfDirectory(
      atPath: installation.origin + "/v1/audit")
    let first = try #require(names.compactMap { Int($0.dropLast(5)) }.min())
    for (from, isShown) in [(first + 1, true), (3, false), (1, true)] {
      let ended = try installation.expect(
        0, "audit", "verify", "--format", "json", "--from", "\(from)")
      let body = try JSONReader.read(Array(ended.output.utf8.dropLast()))
      #expect(body["startVerified"] == .boolean(isShown), "\(from): \(ended)")
      #expect(body["from"]?.integer == from)
    }
    // What is wrong before is not looked at, and what is wrong behind is found.
    _ = try installation.tamper([Tampering.editedEvent])
    let behind = try installation.expect(0, "audit", "verify", "--from", "\(first + 1)")
    #expect(behind.output.contains("Events before \(first + 1) were not looked at"), "\(behind)")
    try installation.expect(1, "audit", "verify", "--from", "2")
    try await installation.discard()
  }

  @Test("A log of which origins were told nothing new for long fails by --max-age")
  func age() async throws {
    let installation = try await AuditAttackTests.installation()
    try installation.expect(0, "audit", "verify", "--max-age", "1h")
    let later = ["FLAGSTAFF_INSTANT": "2026-11-25T00:00:00Z"]
    try installation.expect(0, "audit", "verify", "--max-age", "2d", with: later)
    let old = try installation.expect(1, "audit", "verify", "--max-age", "24h", with: later)
    #expect(old.output.contains("the newest checkpoint is of 2026-11-23T12:00:00Z"), "\(old)")
    // A quiet system is no break-in, and only somebody who knows it can tell the two apart.
    #expect(old.output.contains("the log has nothing newer. Either nothing was changed"), "\(old)")
    #expect(old.output.contains("Or what was changed is kept from here"), "\(old)")
    #expect(!old.output.contains("can be trusted") && !old.output.contains("does not verify"))
    let json = try installation.expect(
      1, "audit", "verify", "--max-age", "24h", "--format", "json", with: later)
    #expect(json.output.contains(#""verified":false"#), "\(json)")
    let none = try installation.expect(
      1, "audit", "verify", "--max-age", "1h", with: ["FLAGSTAFF_ORIGIN": ""])
    #expect(none.output.contains("no checkpoint says how old"), "\(none)")
    // Origins that were told nothing of the last pass.
    let kept = installation.folder.path + "/kept"
    try Programs.command("cp", ["-a", installation.origin, kept])
    try installation.repository.replace("zone: B", by: "zone: C", in: "customers/globex/depot.yaml")
    try installation.repository.commit()
    try installation.expect(0, "reconcile", "--quiet")
    let behind = try installation.expect(
      1, "audit", "verify", "--max-age", "24h", "--origin", kept, with: later)
    #expect(behind.output.contains("and the log goes on behind it to event"), "\(behind)")
    // What is edited is still a break-in, however old it is.
    _ = try installation.tamper([Tampering.editedEvent])
    let edited = try installation.expect(
      1, "audit", "verify", "--max-age", "24h", "--origin", kept, with: later)
    #expect(edited.output.contains("Nothing from event 3 on can be trusted"), "\(edited)")
    try await installation.discard()
  }
}
