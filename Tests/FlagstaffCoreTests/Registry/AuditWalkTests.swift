// What a walk along a log checks beside hashes and codes: columns, times, the workspace, rotations
// of the secret, and what is left without any secret.

import Documents
import FlagstaffCore
import Signing
import Testing

@Suite("Walking an audit log")
struct AuditWalkTests {
  private static let old = key("the first audit secret, 32 bytes")
  private static let new = key("the second audit secret, 32 byte")

  private static func key(_ secret: String) -> AuditKey? { AuditKey(secret: Array(secret.utf8)) }

  /// A log that is written by hand, so that it can say anything.
  private struct Log {
    var head = ChainHead.start
    var events: [AuditEvent] = []
    var key: AuditKey
    private var versions: [String: Int] = [:]

    init() throws { key = try #require(AuditWalkTests.old) }

    mutating func add(
      _ flag: String = "search", at instant: String = "2026-11-20T00:00:00Z",
      customer: String? = "acme", workspace: String = "acme-experiments"
    ) throws {
      var record = AuditRecord(
        instant: try #require(Instant(instant)), workspace: workspace, classes: ["flag.created"],
        subject: ("flag", flag), mode: .ungated)
      if let customer {
        record.scope = ScopeID(environment: "production", customer: customer)
        record.version = versions[customer, default: 0] + 1
        versions[customer] = record.version
      }
      append(AuditEvent(record, after: head, key: key))
    }

    /// Adds a change of a flag.
    mutating func add(_ change: Change) throws {
      var record = AuditRecord(
        instant: try #require(Instant("2026-11-20T00:00:00Z")), workspace: "acme-experiments",
        classes: ["flag.created"], subject: ("flag", change.flag), mode: .ungated)
      record.scope = ScopeID(environment: "production", customer: change.customer)
      (record.version, record.generation) = (change.version, change.generation)
      (record.before, record.after) = (
        change.before.map(Node.string), change.after.map(Node.string)
      )
      append(AuditEvent(record, after: head, key: key))
    }

    mutating func append(_ event: AuditEvent) {
      head = event.head(key: key.identifier)
      events.append(event)
    }

    mutating func rotate(to next: AuditKey) throws {
      let record = AuditRotation.record(
        to: next, workspace: "acme-experiments",
        at: try #require(Instant("2026-11-20T00:00:00Z")), by: "root", mode: .ungated)
      let event = AuditRotation.event(record, after: head, from: key, to: next)
      key = next
      append(event)
    }

    func failure(_ trust: AuditWalk.Trust, from start: AuditWalk.Start = .beginning)
      -> AuditFailure?
    {
      var walk = AuditWalk(trusting: trust, from: start)
      do throws(AuditFailure) {
        for event in events where event.sequence > walk.sequence { try walk.check(event) }
        try walk.checkEnd(head)
        return nil
      } catch {
        return error
      }
    }
  }

  private static func secrets(_ keys: AuditKey?...) throws -> AuditWalk.Trust {
    let keys = keys.compactMap(\.self)
    return .secrets(AuditKeyring(try #require(keys.first), Array(keys.dropFirst())))
  }

  @Test("Within a scope, and within what is of none, no event is dated before the one it follows")
  func instants() throws {
    var log = try Log()
    try log.add(at: "2026-11-20T00:00:05Z")
    try log.add(at: "2026-11-20T00:00:01Z", customer: "globex")
    try log.add(at: "2026-11-20T00:00:01Z", customer: nil)
    try log.add(at: "2026-11-20T00:00:05Z")
    #expect(log.failure(try Self.secrets(Self.old)) == nil)
    for customer in ["acme", "globex", nil] {
      var back = log
      try back.add(at: "2026-11-20T00:00:00Z", customer: customer)
      let failure = back.failure(.nobody)
      #expect(failure?.sequence == 5 && failure?.reason.contains("a clock went back") == true)
    }
  }

  /// What an event says of one flag.
  struct Change: Sendable {
    var version: Int?
    var generation: Int?
    var before: String?
    var after: String?
    var flag = "search"
    var customer = "acme"

    init(_ version: Int?, _ generation: Int?, _ before: String?, _ after: String?) {
      (self.version, self.generation, self.before, self.after) = (
        version, generation, before, after
      )
    }

    func of(_ flag: String, customer: String = "acme") -> Change {
      var other = self
      (other.flag, other.customer) = (flag, customer)
      return other
    }
  }

  /// Created, changed, deleted and brought back, while another flag and another scope go on.
  private static let history = [
    Change(1, 1, nil, "a"), Change(1, 1, nil, "x").of("other"), Change(2, 2, "a", "b"),
    Change(1, 1, nil, "y").of("search", customer: "globex"), Change(3, 3, "b", nil),
    Change(2, 2, "y", "y").of("search", customer: "globex"), Change(4, 4, nil, "c"),
  ]

  @Test("An event begins with what the former one of its definition left")
  func continuity() throws {
    var log = try Log()
    for change in Self.history { try log.add(change) }
    try log.add(Change(5, 5, "c", "d"))
    #expect(log.failure(.nobody) == nil)
    // Whoever begins later knows nothing of what was before, and compares what follows.
    for first in 2...8 { #expect(log.failure(.nobody, from: .unverified(at: first)) == nil) }
    let hash = log.events[2].hash
    #expect(log.failure(.nobody, from: .after(sequence: 3, hash: hash)) == nil)
  }

  @Test(
    "A version, a generation or a form that does not follow is found, whoever wrote it",
    arguments: [
      (Change(6, 5, "c", "d"), "version 6 of its scope, behind version 4"),
      (Change(3, 5, "c", "d"), "version 3 of its scope, behind version 4"),
      (Change(nil, 5, "c", "d"), "names no version"),
      (Change(0, 5, "c", "d"), "names no version"),
      (Change(5, 6, "c", "d"), "generation 6 of its definition, behind generation 4"),
      (Change(5, 4, "c", "d"), "generation 4 of its definition, behind generation 4"),
      (Change(5, nil, "c", "d"), "names no generation"),
      (Change(5, 5, "b", "d"), "the form before is not what event 7 left"),
      (Change(5, 5, nil, "d"), "the form before is not what event 7 left"),
      (Change(5, 2, nil, "z").of("other"), "the form before is not what event 2 left"),
      (Change(5, 2, nil, "z").of("new"), "of which no event tells before"),
      (Change(5, 1, "z", nil).of("new"), "of which no event tells before"),
      (
        Change(2, 1, nil, "z").of("new", customer: "new"),
        "version 2 of its scope, behind version 0"
      ),
    ])
  func discontinuity(change: Change, reason: String) throws {
    var log = try Log()
    for change in Self.history { try log.add(change) }
    try log.add(change)
    for trust in [try Self.secrets(Self.old), .nobody] {
      let failure = log.failure(trust)
      #expect(failure?.sequence == 8 && failure?.reason.contains(reason) == true, "\(reason)")
    }
  }

  @Test("A log is of one workspace")
  func workspace() throws {
    var log = try Log()
    try log.add()
    try log.add(workspace: "other")
    #expect(log.failure(try Self.secrets(Self.old))?.sequence == 2)
  }

  @Test("Each column that says something else than the bytes is named")
  func columns() throws {
    var log = try Log()
    try log.add()
    let right = ColumnValues()
    #expect(try right.failure(log.events[0], key: Self.old) == nil)
    let changes: [(String, (inout ColumnValues) -> Void)] = [
      ("environment", { $0.environment = "staging" }), ("customer", { $0.customer = nil }),
      ("version", { $0.version = 2 }), ("commit", { $0.commit = "c" }),
      ("kind", { $0.kind = "segment" }), ("key", { $0.key = "searching" }),
      ("instant", { $0.instant = "2026-11-20T00:00:01Z" }), ("actor", { $0.actor = "alice" }),
      ("people", { $0.people = ["alice"] }), ("classes", { $0.classes = ["flag.enabled"] }),
      ("classes", { $0.classes = [] }), ("classes", { $0.classes = ["flag.created", "x"] }),
    ]
    for (column, change) in changes {
      var wrong = right
      change(&wrong)
      let failure = try wrong.failure(log.events[0], key: Self.old)
      #expect(failure?.reason.contains("its column \(column) says") == true, "\(column)")
    }
  }

  @Test("Behind a rotation the new secret alone verifies the whole log")
  func rotation() throws {
    let new = try #require(Self.new)
    var log = try Log()
    try log.add()
    try log.rotate(to: new)
    #expect(log.failure(try Self.secrets(Self.new)) == nil)
    try log.add()
    for trust in [try Self.secrets(Self.new), try Self.secrets(Self.new, Self.old), .nobody] {
      #expect(log.failure(trust) == nil)
    }
    // The old one alone says nothing of what follows.
    let failure = log.failure(try Self.secrets(Self.old))
    #expect(failure?.sequence == 3 && failure?.reason.contains("goes on from here") == true)
    var walk = AuditWalk(trusting: try Self.secrets(Self.new))
    for event in log.events { try walk.check(event) }
    #expect(walk.eventsByChainAlone == 2 && walk.rotations == 1)
  }

  @Test("An old secret is of no use behind a rotation, and rotates to no key of somebody else's")
  func oldSecret() throws {
    let (old, new) = (try #require(Self.old), try #require(Self.new))
    var log = try Log()
    try log.add()
    try log.rotate(to: new)
    let rotated = log
    // It goes on under the old key.
    log.key = old
    try log.add()
    #expect(log.failure(try Self.secrets(new, old))?.reason.contains("names the key") == true)
    // It names the new key, but has not its secret.
    log = rotated
    let forged = AuditEvent(
      sequence: 3, bytes: log.events[1].bytes, hash: log.events[1].hash, mac: log.events[1].mac)
    log.append(forged)
    #expect(log.failure(try Self.secrets(new))?.sequence == 3)
    // The past is written anew, and rotated to the new key without its secret.
    var rewritten = try Log()
    try rewritten.add("another")
    let proof = log.events[1].bytes
    let body = try JSONReader.read(proof)
    var record = AuditRecord(
      instant: try #require(Instant("2026-11-20T00:00:00Z")), workspace: "acme-experiments",
      classes: ["audit.rotated"], subject: ("audit", new.identifier), mode: .ungated)
    record.actor = .operator("root")
    record.after = body["after"]
    rewritten.append(AuditEvent(record, after: rewritten.head, key: old))
    rewritten.head = ChainHead(
      sequence: 2, hash: rewritten.head.hash, key: new.identifier)
    let failure = rewritten.failure(try Self.secrets(new))
    #expect(failure?.sequence == 2 && failure?.reason.contains("did not write it") == true)
  }

  @Test("Without any secret an edited event is found, and one that was hashed anew by the next")
  func withoutSecret() throws {
    var log = try Log()
    for flag in ["a", "b", "c"] { try log.add(flag) }
    let text = String(decoding: log.events[1].bytes, as: UTF8.self)
    let bytes = Array(text.replacingFirst(#""key":"b""#, #""key":"d""#).utf8)
    var edited = log
    edited.events[1] = AuditEvent(
      sequence: 2, bytes: bytes, hash: log.events[1].hash, mac: log.events[1].mac)
    #expect(edited.failure(.nobody)?.sequence == 2)
    edited.events[1] = AuditEvent(
      sequence: 2, bytes: bytes, hash: Signing.sha256(bytes), mac: log.events[1].mac)
    #expect(edited.failure(.nobody)?.sequence == 3)
  }

  @Test("A walk may begin behind an event whose hash is known, or take an event's own word")
  func laterStart() throws {
    var log = try Log()
    for flag in ["a", "b", "c"] { try log.add(flag) }
    let trust = try Self.secrets(Self.old)
    #expect(log.failure(trust, from: .after(sequence: 1, hash: log.events[0].hash)) == nil)
    #expect(
      log.failure(trust, from: .after(sequence: 1, hash: log.events[1].hash))?.sequence == 2)
    #expect(log.failure(trust, from: .unverified(at: 3)) == nil)
  }
}

/// The columns of the log's first event, as a row would have them.
private struct ColumnValues {
  var environment: String? = "production"
  var customer: String? = "acme"
  var version: Int? = 1
  var commit: String?
  var kind: String? = "flag"
  var key: String? = "search"
  var instant: String? = "2026-11-20T00:00:00Z"
  var actor: String? = "flagstaff"
  var people: [String] = []
  var classes = ["flag.created"]

  func failure(_ event: AuditEvent, key: AuditKey?) throws -> AuditFailure? {
    var walk = AuditWalk(trusting: .secrets(AuditKeyring(try #require(key))))
    var kept: [UnsafeMutableRawBufferPointer] = []
    defer { for buffer in kept { buffer.deallocate() } }
    func buffer(_ bytes: [UInt8]) -> UnsafeRawBufferPointer {
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
      copy.copyBytes(from: bytes)
      kept.append(copy)
      return UnsafeRawBufferPointer(copy)
    }
    func text(_ value: String?) -> UnsafeRawBufferPointer? { value.map { buffer(Array($0.utf8)) } }
    func list(_ values: [String]) -> TextList {
      let bytes = values.flatMap { value -> [UInt8] in
        [0, 0, 0, UInt8(value.utf8.count)] + Array(value.utf8)
      }
      return TextList(count: values.count, elements: buffer(bytes))
    }
    var columns = EventColumns()
    (columns.environment, columns.customer) = (text(environment), text(customer))
    (columns.version, columns.commit) = (version, text(commit))
    (columns.kind, columns.key, columns.instant) = (text(kind), text(self.key), text(instant))
    (columns.actor, columns.people, columns.classes) = (text(actor), list(people), list(classes))
    do throws(AuditFailure) {
      try walk.check(
        StoredEvent(
          sequence: event.sequence, bytes: buffer(event.bytes), hash: buffer(event.hash.bytes),
          mac: buffer(event.mac), columns: columns))
      return nil
    } catch {
      return error
    }
  }
}
