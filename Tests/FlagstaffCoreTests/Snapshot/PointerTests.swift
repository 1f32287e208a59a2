// The pointer's payload to the byte, what replaces what, and that anything of another shape is not
// read as a pointer.

import Documents
import FlagstaffCore
import Signing
import Testing

@Suite("Pointers")
struct PointerTests {
  private static func pointer(_ sections: String = Samples.flag) throws -> Pointer {
    var scope = TestScope()
    let applied = try scope.pass(sections, at: "2026-11-20T00:00:00Z")
    let key = try #require(AuditKey(secret: [UInt8](repeating: 7, count: 32)))
    let last = try #require(applied.events(after: .start, key: key).last)
    return try Pointer(applied, Publication.project(applied.state), last: last)
  }

  @Test("The payload is these bytes, and reads as the pointer that it was")
  func goldenPayload() throws {
    let pointer = try Self.pointer()
    func object(_ reference: ObjectReference) -> String {
      #"{"digest":"\#(reference.digest)","length":\#(reference.length)}"#
    }
    let hash = pointer.checkpoint.hash
    let flagd = try #require(pointer.projections["flagd"])
    #expect(
      String(decoding: pointer.payload, as: UTF8.self)
        == #"{"checkpoint":{"hash":"\#(hash)","sequence":1,"time":"2026-11-20T00:00:00Z"},"#
        + #""commit":"\#(TestScope.commit)","customer":"acme","environment":"production","#
        + #""expires":"2026-12-20T00:00:00Z","format":1,"index":\#(object(pointer.index)),"#
        + #""issued":"2026-11-20T00:00:00Z","mode":"ungated","projections":{"flagd":"#
        + #"\#(object(flagd))},"root":0,"#
        + #""state":\#(object(pointer.state)),"version":1,"workspace":"acme-experiments"}"#)
    #expect(Pointer(payload: pointer.payload) == pointer)
    #expect(pointer.index.digest != pointer.state.digest && pointer.clientIndex == nil)
    #expect(Pointer.payloadType == "application/vnd.flagstaff.pointer.v1+json")
  }

  @Test("A client index is named where there is one")
  func clientIndex() throws {
    let pointer = try Self.pointer(Samples.flag + "\n    visibility: client")
    #expect(pointer.clientIndex == pointer.index)
    #expect(Pointer(payload: pointer.payload) == pointer)
  }

  @Test("A pointer of before there were projections reads as it was")
  func noProjections() throws {
    let new = try Self.pointer()
    let named = #""flagd":"# + CanonicalJSON.string(try #require(new.projections["flagd"]).node)
    let old = String(decoding: new.payload, as: UTF8.self).replacingFirst(named, "")
    let pointer = try #require(Pointer(payload: Array(old.utf8)))
    #expect(pointer.projections.isEmpty && pointer.payload == Array(old.utf8))
  }

  @Test("A pointer replaces another only where version, then issued, is greater")
  func isNewer() throws {
    let text = String(decoding: try Self.pointer().payload, as: UTF8.self)
    func pointer(_ version: Int, _ day: Int) throws -> Pointer {
      let text = text.replacingFirst(#""version":1"#, #""version":\#(version)"#)
        .replacingFirst(#""issued":"2026-11-20"#, #""issued":"2026-11-\#(day)"#)
      return try #require(Pointer(payload: Array(text.utf8)))
    }
    #expect(try pointer(2, 10).isNewer(than: pointer(1, 20)))
    #expect(try pointer(1, 21).isNewer(than: pointer(1, 20)))
    #expect(try !pointer(1, 20).isNewer(than: pointer(1, 20)))
    #expect(try !pointer(1, 30).isNewer(than: pointer(2, 10)))
    #expect(try pointer(10, 10).isNewer(than: pointer(9, 10)))
  }

  @Test(
    "Another format or shape is no pointer",
    arguments: [
      (#""format":1"#, #""format":2"#), (#""version":1"#, #""version":0"#),
      (#""version":1"#, #""version":"1""#), (#""issued":"2026-11-20"#, #""issued":"2026-13-20"#),
      (#""sequence":1"#, #""sequence":null"#), (#""root":0,"#, ""),
      (#""flagd":{"digest""#, #""flagd":{"length""#), (#""projections":{"#, #""projection":{"#),
      (#""index":{"#, #""x":{"#),
      (#""workspace""#, #""workspaces""#), ("{", "[{"),
    ])
  func otherShapes(part: String, other: String) throws {
    let text = String(decoding: try Self.pointer().payload, as: UTF8.self)
    #expect(Pointer(payload: Array(text.replacingFirst(part, other).utf8)) == nil)
  }
}
