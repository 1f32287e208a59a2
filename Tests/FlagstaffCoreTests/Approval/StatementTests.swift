// The bytes that people sign: fixed by a golden text, and every edit of one refused.

import Documents
import FlagstaffCore
import Signing
import Testing

@Suite("Statements")
struct StatementTests {
  static let issued = Instant(secondsSince1970: 1_795_000_000)
  static let former = Signing.sha256(Array("former".utf8))
  static let wanted = Signing.sha256(Array("wanted".utf8))

  static func subject(
    _ key: String, of customer: String = "acme", before: Digest? = former, after: Digest? = wanted
  ) -> Subject {
    Subject(
      place: .scope(ScopeID(environment: "production", customer: customer)), kind: "flag", key: key,
      generation: 3, before: before, after: after)
  }

  static func approval(
    subjects: [Subject] = [
      subject("b"), subject("a", after: nil), subject("c", before: nil),
    ]
  ) throws -> Statement {
    try Statement(
      workspace: "acme-experiments", issued: issued, expires: issued.adding(seconds: 86_400),
      content: .approval(
        .init(
          environment: "production", classes: ["traffic.raised", "flag.enabled"],
          blastRadius: 2_500, subjects: subjects)))
  }

  private static let golden =
    #"{"blastRadius":2500,"classes":["flag.enabled","traffic.raised"],"environment":"production","#
    + #""expires":"2026-11-19T11:06:40Z","format":1,"issued":"2026-11-18T11:06:40Z","subjects":["#
    + #"{"before":"BEFORE","customer":"acme","generation":3,"key":"a","kind":"flag"},"#
    + #"{"after":"AFTER","before":"BEFORE","customer":"acme","generation":3,"key":"b","#
    + #""kind":"flag"},"#
    + #"{"after":"AFTER","customer":"acme","generation":3,"key":"c","kind":"flag"}],"#
    + #""type":"approval","workspace":"acme-experiments"}"#

  private static func text(_ template: String) -> [UInt8] {
    Array(
      template.replacing("BEFORE", with: former.hexadecimal)
        .replacing("AFTER", with: wanted.hexadecimal).utf8)
  }

  @Test("An approval has these bytes, and is read from them")
  func approvals() throws {
    let statement = try Self.approval()
    #expect(statement.bytes == Self.text(Self.golden))
    #expect(try Statement(statement.bytes) == statement)
  }

  @Test("Every other type has its bytes, and is read from them")
  func others() throws {
    let approval = try #require(Self.approval(subjects: [Self.subject("a")]).approval)
    let trust = Statement.Approval(
      environment: nil, classes: ["trust.person.created"], blastRadius: 0,
      subjects: [
        Subject(
          place: .trust, kind: "person", key: "alice", generation: 1, before: nil,
          after: Self.wanted)
      ])
    let day = Self.issued.adding(seconds: 86_400)
    let (old, new) = (String(repeating: "a", count: 40), String(repeating: "b", count: 40))
    let cases: [(Statement.Content, Instant?, String)] = [
      (.breakGlass(approval, reason: "Shop is down"), day, #""reason":"Shop is down""#),
      (.withdrawal(of: Self.wanted), nil, #""withdraws":"\#(Self.wanted.hexadecimal)""#),
      (
        .acceptHistory(branch: "main", old: old, new: new), day,
        #"{"branch":"main","expires":"2026-11-19T11:06:40Z","format":1,"#
          + #""issued":"2026-11-18T11:06:40Z","new":"\#(new)","old":"\#(old)","#
          + #""type":"accept-history","workspace":"acme-experiments"}"#
      ),
      (
        .approval(trust), day, #""subjects":[{"after":"\#(Self.wanted.hexadecimal)","generation":1"#
      ),
    ]
    for (content, expires, part) in cases {
      let statement = try Statement(
        workspace: "acme-experiments", issued: Self.issued, expires: expires, content: content)
      #expect(String(decoding: statement.bytes, as: UTF8.self).contains(part))
      #expect(try Statement(statement.bytes) == statement)
    }
  }

  /// What is replaced in the golden text, by what, and a part of the reason.
  private static let edits: [(String, String, String)] = [
    (#""format":1"#, #""format":2"#, "format"), (#""format":1,"#, "", "format"),
    (#"{"blastRadius""#, #"{"admin":true,"blastRadius""#, "canonical"),
    (#"{"blastRadius""#, #"{ "blastRadius""#, "canonical"),
    (#""type":"approval""#, #""type":"approvals""#, "lacks"),
    (#""type":"approval""#, #""type":"break-glass""#, "lacks"),
    (#""workspace":"acme-experiments""#, #""workspace":"""#, "workspace"),
    (#""workspace":"acme-experiments""#, #""workspace":1"#, "lacks"),
    ("2026-11-19T11:06:40Z", "2026-12-19T11:06:41Z", "within"),
    ("2026-11-19T11:06:40Z", "2026-11-18T11:06:40Z", "within"),
    ("2026-11-19T11:06:40Z", "2026-11-17T11:06:40Z", "within"),
    ("2026-11-19T11:06:40Z", "tomorrow", "within"),
    (#""issued":"2026-11-18T11:06:40Z""#, #""issued":"2026-11-18T11:06:40.0Z""#, "lacks"),
    (#"["flag.enabled","traffic.raised"]"#, "[]", "class"),
    (#"["flag.enabled","traffic.raised"]"#, #"["traffic.raised","flag.enabled"]"#, "class"),
    (#"["flag.enabled","traffic.raised"]"#, #"["flag.enabled","flag.enabled"]"#, "class"),
    (#"["flag.enabled","traffic.raised"]"#, #"["flag.enabled",1]"#, "lacks"),
    (#""blastRadius":2500"#, #""blastRadius":10001"#, "share"),
    (#""blastRadius":2500"#, #""blastRadius":-1"#, "share"),
    (#""blastRadius":2500"#, #""blastRadius":"25%""#, "lacks"),
    (#""blastRadius":2500"#, #""blastRadius":2500.0"#, "canonical"),
    (#""key":"a""#, #""key":"z""#, "order"), (#""key":"a""#, #""key":"b""#, "order"),
    (#""key":"a""#, #""key":"A""#, "no definition"),
    (#""customer":"acme","generation":3,"key":"a""#, #""generation":3,"key":"a""#, "trust"),
    (
      #""kind":"flag"},{"after":"AFTER","before""#, #""kind":"flags"},{"after":"AFTER","before""#,
      "order"
    ),
    (#""generation":3,"key":"a""#, #""generation":0,"key":"a""#, "generation"),
    (#""generation":3,"key":"a""#, #""key":"a""#, "generation"),
    (
      #"{"before":"BEFORE","customer":"acme","generation":3,"key":"a""#,
      #"{"customer":"acme","generation":3,"key":"a""#, "stays as it is"
    ),
    (
      #"{"before":"BEFORE","customer":"acme","generation":3,"key":"a""#,
      #"{"before":"x","customer":"acme","generation":3,"key":"a""#, "lacks"
    ),
    (#""environment":"production","#, "", "lacks"),
  ]

  @Test("Anything else is refused, with its reason", arguments: edits)
  func refused(old: String, new: String, reason: String) throws {
    let edited = Self.golden.replacing(old, with: new, maxReplacements: 1)
    #expect(edited != Self.golden)
    do {
      _ = try Statement(Self.text(edited))
      Issue.record("\(edited) was read")
    } catch {
      #expect(error.reason.contains(reason), "\(error.reason)")
    }
  }

  @Test("What is too long, or names too many definitions, is refused")
  func limits() throws {
    let spaces = [UInt8](repeating: 0x20, count: Limits.statementBytesMax)
    #expect { try Statement(Self.text(Self.golden) + spaces) } throws: {
      ($0 as? MalformedStatement)?.reason.contains("longer") == true
    }
    let many = (0...Limits.subjectsMax).map { Self.subject("k\($0)") }
    #expect(throws: Never.self) { try Self.approval(subjects: many.dropLast()) }
    #expect { try Self.approval(subjects: many) } throws: {
      ($0 as? MalformedStatement)?.reason.contains("more than") == true
    }
    // As many as a statement may name fit into it.
    #expect(
      try Self.approval(subjects: many.dropLast()).bytes.count
        < Limits.statementBytesMax)
  }

  @Test("A break-glass ends within a day, and gives a reason")
  func breakGlass() throws {
    let approval = try #require(Self.approval().approval)
    func make(_ reason: String, seconds: Int) throws -> Statement {
      try Statement(
        workspace: "w", issued: Self.issued, expires: Self.issued.adding(seconds: seconds),
        content: .breakGlass(approval, reason: reason))
    }
    #expect(throws: Never.self) { try make("x", seconds: Limits.breakGlassSecondsMax) }
    #expect(throws: MalformedStatement.self) {
      try make("x", seconds: Limits.breakGlassSecondsMax + 1)
    }
    #expect(throws: MalformedStatement.self) { try make("", seconds: 60) }
    #expect(throws: MalformedStatement.self) { try make(" \t\u{A0}", seconds: 60) }
    #expect(throws: MalformedStatement.self) {
      try make(String(repeating: "x", count: Limits.reasonLengthMax + 1), seconds: 60)
    }
  }
}
