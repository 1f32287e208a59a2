// Audit events to the byte, and every way of tampering with a chain of them in memory. What a
// database is tampered with is shown on a real one elsewhere; here is every single bit.

import Documents
import FlagstaffCore
import Foundation
import Signing
import Testing

@Suite("Audit events and their chain")
struct AuditTests {
  private static let secret = Array("an audit secret of 32 bytes, yes".utf8)

  private static func key(_ secret: [UInt8] = secret) throws -> AuditKey {
    try #require(AuditKey(secret: secret))
  }

  /// The events of three passes: created and started, traffic raised, flag disabled.
  private static func chain() throws -> [AuditEvent] {
    let key = try key()
    var scope = TestScope()
    var head = ChainHead.start
    var events: [AuditEvent] = []
    let texts = [
      Samples.running, Samples.running.replacingFirst("30%", "40%"),
      Samples.running.replacingFirst("30%", "40%")
        .replacingFirst("off: old", "off: old\n    enabled: false"),
    ]
    for (day, text) in texts.enumerated() {
      let new = try scope.pass(text, at: "2026-11-2\(day)T00:00:00Z").events(after: head, key: key)
      head = try #require(new.last).head(key: key.identifier)
      events += new
    }
    return events
  }

  /// The failure that a walk along events ends with; nil where they verify up to a recorded end.
  private static func failure(
    _ events: [AuditEvent], end: ChainHead? = nil, key: AuditKey? = nil
  ) throws -> AuditFailure? {
    var walk = AuditWalk(trusting: .secrets(AuditKeyring(try key ?? Self.key())))
    do {
      for event in events { try walk.check(event) }
      try walk.checkEnd(end ?? walk.head)
      return nil
    } catch {
      return error
    }
  }

  @Test("An event is these bytes, hashed and authenticated as written down")
  func goldenBytes() throws {
    var scope = TestScope()
    let applied = try scope.pass(Samples.flag, at: "2026-11-20T00:00:00Z")
    let event = try #require(applied.events(after: .start, key: Self.key()).first)
    let form =
      #"{"bucketBy":"targetingKey","default":"false","enabled":true,"key":"search","#
      + #""kind":"flag","labels":{},"off":"false","protective":false,"revive":false,"rules":[],"#
      + #""variants":{"false":false,"true":true},"visibility":"server"}"#
    let golden =
      #"{"actor":{"id":"flagstaff","kind":"reconciler"},"after":"# + form
      + #","approvals":[],"classes":["flag.created"],"#
      + #""commit":"cccccccccccccccccccccccccccccccccccccccc","customer":"acme","#
      + #""environment":"production","format":1,"generation":1,"#
      + #""instant":"2026-11-20T00:00:00Z","key":"ed83b8ab5a0a373c","mode":"ungated","#
      + #""previous":"0000000000000000000000000000000000000000000000000000000000000000","#
      + #""published":{"#
      + #""index":"3792318e5780fd165d6f7c75906378cec22062bd8b209a56b0c816bdbe791721","#
      + #""projections":{"#
      + #""flagd":"c07714789e8570b6ddb74d7f2717eac320ca84c5056e974db6306aca33387630"},"#
      + #""state":"84ecc996b649f50ea03dac3f635cce3608f86beb6e7a5e7ea7a306e4a762a15d"},"#
      + #""sequence":1,"subject":{"key":"search","kind":"flag"},"version":1,"#
      + #""workspace":"acme-experiments"}"#
    #expect(String(decoding: event.bytes, as: UTF8.self) == golden)
    #expect(
      event.hash.hexadecimal == "74131d48f82dad78b28d745464e05ae420d8999b4d2aebdc362444c0638f7b71")
    #expect(
      Hexadecimal.string(event.mac)
        == "5813cae68b02682635ca4347a213f2f0e086e47d242b6a15e2dc83e8db137fad")
    #expect(event.sequence == 1)
  }

  @Test("A key is known by 16 digits, and a secret under 32 bytes is none")
  func keys() throws {
    #expect(try Self.key().identifier == "ed83b8ab5a0a373c")
    #expect(AuditKey(secret: Array(Self.secret.dropLast())) == nil)
    #expect(AuditKey(secret: []) == nil)
    #expect(AuditKey(secret: Self.secret + [1])?.identifier != "ed83b8ab5a0a373c")
    #expect(try "\(Self.key())" == "audit key ed83b8ab5a0a373c")
  }

  @Test("A pass writes an event a change, in the order of changes, numbered without gaps")
  func eventsOfPasses() throws {
    let events = try Self.chain()
    #expect(events.map(\.sequence) == [1, 2, 3, 4])
    let bodies = try events.map { try JSONReader.read($0.bytes) }
    #expect(
      bodies.map { $0["subject"]?["key"]?.string } == ["checkout", "page", "checkout", "page"])
    #expect(bodies.map { $0["version"]?.integer } == [1, 1, 2, 3])
    #expect(bodies.map { $0["generation"]?.integer } == [1, 1, 2, 2])
    #expect(bodies.map { $0["before"] == nil } == [true, true, false, false])
    #expect(bodies[2]["before"]?["traffic"] == .integer(3_000))
    #expect(bodies[2]["after"]?["traffic"] == .integer(4_000))
    for (former, next) in zip(events, bodies.dropFirst()) {
      #expect(next["previous"]?.string == former.hash.hexadecimal)
    }
    #expect(try Self.failure(events) == nil)
  }

  @Test("Every single bit of an event's bytes, hash and MAC that is flipped is found")
  func everyBit() throws {
    let events = try Self.chain()
    for (place, event) in events.enumerated() {
      var verified = AuditWalk(trusting: .secrets(AuditKeyring(try Self.key())))
      for former in events.prefix(place) { try verified.check(former) }
      let whole = event.bytes + event.hash.bytes + event.mac
      for bit in 0..<(whole.count * 8) {
        var bytes = whole
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        let length = event.bytes.count
        let flipped = AuditEvent(
          sequence: event.sequence, bytes: Array(bytes[..<length]),
          hash: try #require(Digest(bytes: Array(bytes[length..<(length + 32)]))),
          mac: Array(bytes[(length + 32)...]))
        var verification = verified
        let failure = #expect(throws: AuditFailure.self) { try verification.check(flipped) }
        guard failure?.sequence == event.sequence else {
          Issue.record("bit \(bit) of event \(event.sequence): \(String(describing: failure))")
          return
        }
      }
    }
  }

  @Test("Every bit that is flipped is found where the hash is made to fit, too")
  func everyBitRehashed() throws {
    let event = try #require(try Self.chain().first)
    for bit in 0..<(event.bytes.count * 8) {
      var bytes = event.bytes
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      let forged = AuditEvent(
        sequence: 1, bytes: bytes, hash: Signing.sha256(bytes), mac: event.mac)
      var verification = AuditWalk(trusting: .secrets(AuditKeyring(try Self.key())))
      // An event that names another key is found at the end of the walk: that key's secret is not
      // known, and nothing behind the event vouches for it.
      let found = (try? verification.check(forged)) == nil
      guard found || (try? verification.checkEnd(verification.head)) == nil else {
        Issue.record("bit \(bit) is not found")
        return
      }
    }
  }

  @Test("An edit, a removal, an insertion, a swap and a cut are found at the first wrong event")
  func tampering() throws {
    let events = try Self.chain()
    let end = try #require(events.last).head(key: Self.key().identifier)
    var edited = events
    edited[1] = Self.replacing("ungated", "enforce", in: events[1])
    #expect(try Self.failure(edited)?.sequence == 2)
    for place in 0..<3 {
      var removed = events
      removed.remove(at: place)
      #expect(try Self.failure(removed, end: end)?.sequence == place + 1)
      var inserted = events
      inserted.insert(events[place], at: place)
      #expect(try Self.failure(inserted, end: end)?.sequence == place + 2)
      var swapped = events
      swapped.swapAt(place, place + 1)
      #expect(try Self.failure(swapped, end: end)?.sequence == place + 1)
      #expect(try Self.failure(Array(events.prefix(place + 1)), end: end)?.sequence == place + 2)
    }
    #expect(try Self.failure([], end: end)?.sequence == 1)
  }

  @Test("Events renumbered by somebody with the database, but not the secret, are found")
  func renumbered() throws {
    let events = try Self.chain()
    func moved(_ event: AuditEvent, to sequence: Int) -> AuditEvent {
      AuditEvent(sequence: sequence, bytes: event.bytes, hash: event.hash, mac: event.mac)
    }
    #expect(
      try Self.failure([events[0], moved(events[2], to: 2), moved(events[3], to: 3)])?.sequence == 2
    )
    #expect(try Self.failure([moved(events[1], to: 1)])?.sequence == 1)
    let added = try Self.failure(
      events, end: ChainHead(sequence: 3, hash: events[2].hash, key: nil))
    #expect(added?.sequence == 4)
  }

  @Test("A whole chain of another secret is found at its first event")
  func otherSecret() throws {
    let other = try Self.key(Array("another audit secret of 32 bytes".utf8))
    #expect(try Self.failure(Self.chain(), key: other)?.sequence == 1)
  }

  @Test("Bytes that are authentic, but not canonical, or of another format, do not verify")
  func authenticButWrong() throws {
    let event = try #require(try Self.chain().first)
    let text = String(decoding: event.bytes, as: UTF8.self)
    let wrong = [
      text + " ", text.replacingFirst("\"format\":1", "\"format\":2"),
      text.replacingFirst("\"sequence\":1", "\"sequence\":2"),
      text.replacingFirst("\"previous\":\"00", "\"previous\":\"10"),
      text.replacingFirst("2026-11-20T", "2026-13-20T"),
      text.replacingFirst(try Self.key().identifier, "0123456789abcdef"), "", "{}",
    ]
    for text in wrong {
      let bytes = Array(text.utf8)
      let hash = Signing.sha256(bytes)
      let forged = AuditEvent(
        sequence: 1, bytes: bytes, hash: hash, mac: try Self.key().mac(of: hash))
      #expect(try Self.failure([forged])?.sequence == 1, "\(text.prefix(40))")
    }
  }

  @Test("A checkpoint is read back as it was written")
  func checkpoint() throws {
    let last = try #require(try Self.chain().last)
    let told = Checkpoint(sequence: 4, hash: last.hash, time: Instant(secondsSince1970: 0))
    #expect(Checkpoint(told.node) == told)
  }

  private static func replacing(_ part: String, _ other: String, in event: AuditEvent)
    -> AuditEvent
  {
    let text = String(decoding: event.bytes, as: UTF8.self).replacingFirst(part, other)
    return AuditEvent(
      sequence: event.sequence, bytes: Array(text.utf8), hash: event.hash, mac: event.mac)
  }
}
