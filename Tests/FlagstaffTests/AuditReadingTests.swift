// Reading the audit log: filters, exports that can be interrupted anywhere, the life of a flag, and
// the report between two dates.

import Documents
import FlagstaffCore
import Foundation
import PostgresRegistry
import Signing
import Testing

@Suite("Reading the audit log")
struct AuditReadingTests {
  @Test("The log is found by key, person, customer, commit and time, and by several at once")
  func filters() async throws {
    let installation = try await AuditAttackTests.installation()
    try installation.approveByHand()
    func numbers(_ options: String...) throws -> [Int] {
      let ended = try installation.start(["audit", "log", "--format", "json"] + options).wait()
      #expect(ended.code == 0, "\(ended)")
      return try ended.output.split(separator: "\n").compactMap {
        try JSONReader.read(String($0))["sequence"]?.integer
      }
    }
    let all = try numbers()
    let last = try #require(all.last)
    let events = try installation.storedEvents()
    func sequences(_ part: String) -> [Int] {
      events.filter { String(decoding: $0.bytes, as: UTF8.self).contains(part) }.map(\.sequence)
    }
    #expect(all == Array(1...last))
    #expect(try numbers("--key", "pick-by-light") == sequences(#""key":"pick-by-light""#))
    #expect(try numbers("--person", "alice") == [last])
    #expect(try numbers("--person", "nobody") == [])
    #expect(try numbers("--customer", "globex") == sequences(#""customer":"globex""#))
    #expect(try numbers("--environment", "staging") == sequences(#""environment":"staging""#))
    let commit = try installation.repository.git("rev-parse", "HEAD~1")
    #expect(try numbers("--commit", String(commit.prefix(9))) == sequences(commit))
    #expect(try numbers("--commit", commit, "--customer", "acme", "--key", "banner").count == 2)
    #expect(try numbers("--since", "2026-11-24T00:00:00Z") == [last])
    #expect(try numbers("--until", "2026-11-24T00:00:00Z") == Array(1..<last))
    try await installation.discard()
  }

  @Test(
    "An export that is cut at any place and resumed is the same file", arguments: ["ndjson", "csv"])
  func exportResumes(_ form: String) async throws {
    let installation = try await AuditAttackTests.installation()
    let file = installation.folder.path + "/whole"
    let whole = try installation.export(to: file, form)
    let manifest = try Data(contentsOf: URL(fileURLWithPath: file + ".manifest.json"))
    var random = SeededNumbers(seed: 5)
    let places =
      [0, 1, whole.count - 1, whole.count] + (0..<6).map { _ in random.next(whole.count) }
    for place in places {
      let cut = installation.folder.path + "/cut"
      try whole.prefix(place).write(to: URL(fileURLWithPath: cut))
      #expect(try installation.export(to: cut, form) == whole, "cut at \(place)")
      let again = try Data(contentsOf: URL(fileURLWithPath: cut + ".manifest.json"))
      #expect(again == manifest, "cut at \(place)")
      try installation.expect(0, "audit", "verify-export", cut)
    }
    // Something else is not written over.
    let other = try installation.file("other", "a letter\n")
    let refused = try installation.expect(1, "audit", "export", "--format", form, other)
    #expect(refused.errors.contains("holds something else"), "\(refused)")
    #expect(try String(contentsOfFile: other, encoding: .utf8) == "a letter\n")
    try await installation.discard()
  }

  @Test("The manifest finds every changed byte, a cut file, and another's signature")
  func manifest() async throws {
    let installation = try await AuditAttackTests.installation()
    let file = installation.folder.path + "/audit.ndjson"
    let whole = try installation.export(to: file, "ndjson", "--from", "3", "--to", "9")
    let lines = whole.split(separator: UInt8(ascii: "\n"))
    #expect(lines.count == 7)
    // A line is the event to the byte, so its digest is the hash that the next one names.
    for (line, next) in zip(lines, lines.dropFirst()) {
      let hash = Signing.sha256(Array(line)).hexadecimal
      #expect(String(decoding: next, as: UTF8.self).contains(#""previous":"\#(hash)""#))
    }
    let url = URL(fileURLWithPath: file)
    for place in [0, whole.count / 2, whole.count - 1] {
      var changed = whole
      changed[place] ^= 1
      try changed.write(to: url)
      let ended = try installation.expect(1, "audit", "verify-export", file)
      #expect(ended.errors.contains("it was changed or cut"), "\(ended)")
    }
    try whole.dropLast().write(to: url)
    try installation.expect(1, "audit", "verify-export", file)
    try whole.write(to: url)
    let other = try PrivateKey(seed: [UInt8](repeating: 8, count: 32)).publicKey
    let key = try installation.file("other.pem", String(decoding: other.pem(), as: UTF8.self))
    let forged = try installation.expect(1, "audit", "verify-export", file, "--public-key", key)
    #expect(forged.errors.contains("no signature by a known key verifies"), "\(forged)")
    try installation.expect(0, "audit", "verify-export", file)
    try await installation.discard()
  }

  @Test("A log that does not verify is not exported, and no manifest is made")
  func exportVerifies() async throws {
    let installation = try await AuditAttackTests.installation()
    _ = try installation.tamper([Tampering.editedEvent])
    let file = installation.folder.path + "/audit.ndjson"
    let ended = try installation.expect(1, "audit", "export", file)
    #expect(ended.errors.contains("event 3: its bytes do not have its hash"), "\(ended)")
    #expect(!FileManager.default.fileExists(atPath: file + ".manifest.json"))
    try await installation.discard()
  }

  @Test("A key's life is told in sentences, and JSON has the same")
  func history() async throws {
    let installation = try await AuditAttackTests.installation()
    let ended = try installation.expect(
      0, "history", "pick-by-light", "--environment", "production")
    let text = ended.output.replacingOccurrences(
      of: installation.folder.path, with: "/installation")
    try Golden.expect(text, as: "history.txt")
    let json = try installation.expect(
      0, "history", "pick-by-light", "--environment", "production", "--format", "json")
    let changes = try JSONReader.read(Array(json.output.utf8.dropLast()))["changes"]?.sequence
    #expect(changes?.count == 2)
    #expect(changes?.last?["commit"]?["subject"]?.string == "Change")
    #expect(changes?.last?["seen"]?.sequence?.count == 1)
    let nothing = try installation.expect(0, "history", "nothing")
    #expect(nothing.output.isEmpty && nothing.errors.contains("was ever applied"), "\(nothing)")
    // Elsewhere the commit is not known, and that is said.
    let elsewhere = try installation.expect(
      0, "history", "pick-by-light", with: ["FLAGSTAFF_REPOSITORY": installation.folder.path])
    #expect(elsewhere.output.contains("which this repository does not have"), "\(elsewhere)")
    try await installation.discard()
  }

  @Test("The report adds up approvals, what lacked them, freezes and break-glasses")
  func report() async throws {
    let installation = try await AuditAttackTests.installation()
    try installation.approveByHand()
    try installation.repository.replace(
      "environments: [production, staging]",
      by: "environments: [production, staging]\n  freezes:\n    - {from: 2026-11-23T07:00,"
        + " until: 2026-11-23T07:01, zone: America/New_York, environments: [production]}",
      in: "flagstaff.yaml")
    try installation.repository.commit()
    let ended = try installation.expect(
      0, "audit", "report", "--since", "2026-11-01T00:00:00Z", "--until", "2026-12-01T00:00:00Z",
      "--customer", "globex")
    try Golden.expect(ended.output, as: "audit-report.txt")
    let json = try installation.expect(
      0, "audit", "report", "--format", "json", "--since", "2026-11-24T00:00:00Z")
    let body = try JSONReader.read(Array(json.output.utf8.dropLast()))
    #expect(body["changes"]?.integer == 1 && body["approved"]?.integer == 1)
    #expect(body["breakGlasses"]?.sequence?.count == 1)
    #expect(body["inFreeze"]?.sequence?.isEmpty == true)
    try await installation.discard()
  }
}

/// Numbers from a seed.
private struct SeededNumbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
}

extension Installation {
  fileprivate func export(to file: String, _ form: String, _ more: String...) throws -> Data {
    let ended = try start(["audit", "export", "--format", form, file] + more).wait()
    #expect(ended.code == 0, "\(ended)")
    return try Data(contentsOf: URL(fileURLWithPath: file))
  }

  /// Appends an event that two people approved, one of them by a break-glass, a day later.
  fileprivate func approveByHand() throws {
    let key = try #require(Self.auditKey)
    let last = try lastEvent()
    var record = AuditRecord(
      instant: try #require(Instant("2026-11-24T12:00:00Z")), workspace: "tests",
      classes: ["flag.disabled"], subject: ("flag", "pick-by-light"), mode: .ungated)
    record.scope = ScopeID(environment: "production", customer: "globex")
    record.version = 3
    record.approvals = [("alice", "statement"), ("bob", "break-glass")].map { person, kind in
      .fields([
        "evidence": .string(last.hash.hexadecimal), "person": .string(person),
        "kind": .string(kind),
      ])
    }
    try append(AuditEvent(record, after: last.head(key: key.identifier), key: key))
  }
}
