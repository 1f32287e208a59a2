// A snapshot is taken whole or refused whole, with a reason that a reader can act on.

import Documents
import FlagstaffEvaluation
import Testing

struct SnapshotTests {
  private static let digests = ["a", "b"].map { String(repeating: $0, count: 64) }

  private static func read(_ text: String) throws(SnapshotError) -> Snapshot {
    try Snapshot(index: Array(text.utf8)) { _ in [] }
  }

  private static func index(_ parts: [String], prefixes: [String] = ["0", "1"]) -> String {
    let entries = zip(zip(prefixes, digests), parts).map {
      #"{"prefix":"\#($0.0)","digest":"\#($0.1)","length":\#($1.utf8.count)}"#
    }
    return #"{"format":1,"parts":[\#(entries.joined(separator: ","))]}"#
  }

  @Test("parts answer as one part with the same definitions, flag and experiment apart")
  func parts() throws {
    let parts = [
      StorefrontSnapshot.part(StorefrontSnapshot.flags),
      StorefrontSnapshot.part(StorefrontSnapshot.experiments),
    ]
    let snapshot = try Snapshot(index: Array(Self.index(parts).utf8)) { digest in
      Array(parts[try #require(Self.digests.firstIndex(of: digest))].utf8)
    }
    let single = try Self.read(StorefrontSnapshot.whole)
    let context = EvaluationContext(targetingKey: "cd", attributes: ["country": "US"])
    #expect(snapshot.evaluateAll(context: context) == single.evaluateAll(context: context))
    #expect(snapshot.flagKeys == single.flagKeys)
  }

  @Test(
    "an empty snapshot answers nothing",
    arguments: [
      #"{"definitions":[],"format":1}"#,
      #"{"format":1,"parts":[]}"#,
    ])
  func empty(text: String) throws {
    #expect(try Self.read(text).flagKeys.isEmpty)
  }

  @Test("a snapshot cut at any byte is refused")
  func cut() {
    let bytes = Array(StorefrontSnapshot.whole.utf8)
    for count in bytes.indices {
      let error = #expect(throws: SnapshotError.self) {
        try Snapshot(index: Array(bytes[..<count])) { _ in [] }
      }
      #expect(error?.code == .malformed)
    }
  }

  @Test("a part of another length than the index says is refused")
  func shortPart() {
    let part = StorefrontSnapshot.part(StorefrontSnapshot.flags)
    let index = Array(Self.index([part]).utf8)
    for bytes in [Array((part + " ").utf8), Array(part.utf8.dropLast())] {
      let error = #expect(throws: SnapshotError.self) { try Snapshot(index: index) { _ in bytes } }
      #expect(error?.code == .malformed)
      #expect(error?.operation == "reading part \(Self.digests[0])")
    }
  }

  @Test("a part that cannot be had is told from one that is wrong")
  func missingPart() {
    struct Gone: Error {}
    let index = Array(Self.index(["{}"]).utf8)
    let error = #expect(throws: SnapshotError.self) {
      try Snapshot(index: index) { _ throws in throw Gone() }
    }
    #expect(error?.code == .partUnavailable)
    #expect(error?.consequence == .retry)
  }

  @Test(
    "a newer format or hash is refused as such, whatever else has changed",
    arguments: [
      (#"{"format":1,"#, #"{"format":2,"#), (#"{"format":1,"#, #"{"format":2,"new":{"shape":1},"#),
      (#"{"format":1,"#, #"{"format":0,"#), (#""id":"i4","hash":1"#, #""id":"i4","hash":2"#),
    ])
  func newer(old: String, new: String) {
    let text = StorefrontSnapshot.whole.replacing(old, with: new)
    let error = #expect(throws: SnapshotError.self) { try Self.read(text) }
    #expect(error?.code == .unknownFormat)
    #expect(error?.reason.contains("use a newer evaluator") == true)
  }

  @Test(
    "an index that is not what it should be is refused",
    arguments: [
      "", "null", "[]", "{}", #"{"format":"1","definitions":[]}"#, #"{"format":1}"#,
      #"{"format":1,"definitions":[],"parts":[]}"#, #"{"format":1,"definitions":[],"x":1}"#,
      #"{"format":1,"definitions":{}}"#, #"{"format":1,"definitions":[1]}"#,
      #"{"format":1,"definitions":[{"kind":"segment","key":"a"}]}"#, #"{"format":1,"parts":[1]}"#,
      index(["", ""], prefixes: ["1", "0"]), index(["", ""], prefixes: ["0", "01"]),
      index(["", ""], prefixes: ["0", "0"]), index([""], prefixes: ["2"]),
      index([""]).replacing("aa", with: "AA"), index([""]).replacing("aa", with: "a"),
      index([""]).replacing(#""length":0"#, with: #""length":-1"#),
      index([""]).replacing(#""length":0"#, with: #""length":99999999999"#),
    ])
  func malformedIndex(text: String) {
    let error = #expect(throws: SnapshotError.self) { try Self.read(text) }
    #expect(error?.code == .malformed)
  }

  @Test(
    "one wrong field refuses the whole snapshot, and the reason names its definition",
    arguments: [
      (#""key":"ramp","type""#, #""key":"still","type""#, "the flag \"still\" stands twice"),
      (#""key":"paused","id""#, #""key":"ended","id""#, "experiment \"ended\" stands twice"),
      (#""key":"still","type""#, #""key":"banner","type""#, "both a flag and such"),
      (#""killed":true"#, #""killed":true,"sunset":1"#, "flag \"killed\" has the unknown field"),
      (#""killed":true"#, #""killed":"yes""#, "neither true nor false as \"killed\""),
      (#""killed":true,"#, "", "flag \"killed\" has no \"killed\""),
      (#""live":true"#, #""live":1"#, "neither true nor false as \"live\""),
      (#""hash":1"#, #""hash":"1""#, "has no integer as \"hash\""),
      ("[[0,2500]]", "[[2500,0]]", "experiment \"checkout-v2\" has no ascending ranges"),
      ("[[5000,10000]]", "[[4999,10000]]", "gives a bucket to two variants"),
      (#""control":"plain""#, #""control":"fancy""#, "names \"fancy\""),
      (#""winner":"on""#, #""winner":"one""#, "experiment \"ended\" names \"one\""),
      (#","payload":{"text":""}"#, "", "a payload on some variants only"),
      (#""qa-1","42""#, #""x","42""#, "forces a unit twice"),
      (#""qa-1","42""#, #""qa-1",42"#, "forces a unit twice, or one that is no text"),
      (#""b-one":["qa-1"#, #""c":["qa-1"#, "names \"c\""),
      (#""type":"object""#, #""type":"string""#, "not of type string"),
      (#""type":"object""#, #""type":"map""#, "unknown type \"map\""),
      (#""operator":"in""#, #""operator":"matches""#, "unknown operator \"matches\""),
      (#""share":1900"#, #""share":10001"#, "rule 0 of flag \"ramp\" has no integer from 0"),
      (#""share":1900"#, #""share":19.5"#, "no integer from 0 to 10000"),
      (#""key":"ramp","id":"ab","#, #""key":"ramp","#, "rule 0 of flag \"ramp\" has no \"id\""),
      (#""share":1900,"serve":"on""#, #""share":1900"#, "not exactly one of"),
      (#"{"experiment":"ended"}"#, #"{"experiment":"ended","serve":"on"}"#, "not exactly one of"),
      (#"{"experiment":"ended"}"#, #"{"experiment":"ended","share":1}"#, "without \"serve\""),
      (#"{"experiment":"ended"}"#, #"{"experiment":"banner"}"#, "carries its own payloads"),
      (#"{"experiment":"ended"}"#, #"{"experiment":"checkout-v2"}"#, "names \"a-three\""),
      (#"{"experiment":"ended"}"#, #"{"serve":"maybe"}"#, "names \"maybe\""),
    ])
  func wrongField(old: String, new: String, reason: String) {
    let text = StorefrontSnapshot.whole
    let changed = text.replacing(old, with: new, maxReplacements: 1)
    #expect(changed != text, "the change does not apply")
    let error = #expect(throws: SnapshotError.self) { try Self.read(changed) }
    #expect(error?.code == .malformed)
    #expect(error?.reason.contains(reason) == true, "\(error?.description ?? "")")
  }

  @Test("conditions may be nested as deep as definitions may")
  func depth() throws {
    func nested(_ levels: Int) -> String {
      let test = #"{"attribute":"employee","operator":"equals","value":true}"#
      return String(repeating: #"{"all":["#, count: levels) + test
        + String(repeating: "]}", count: levels)
    }
    let simple = nested(0)
    let deepest = StorefrontSnapshot.whole.replacing(simple, with: nested(Condition.depthMax))
    let context = EvaluationContext(attributes: ["employee": true])
    #expect(try Self.read(deepest).evaluate(flag: "checkout", context: context).variant == "b-one")
    let deeper = StorefrontSnapshot.whole.replacing(simple, with: nested(Condition.depthMax + 1))
    let error = #expect(throws: SnapshotError.self) { try Self.read(deeper) }
    #expect(error?.reason.contains("nested deeper") == true)
  }
}
