// A scope's document for flagd to the byte, and how a version keeps to the document that it was
// published with. What flagd makes of such documents is tested with its own provider, end to end.

import Documents
import FlagstaffCore
import Testing

@Suite("The projection for flagd")
struct FlagdProjectionTests {
  private static let native = """
    flagstaff: v1
    workspace: {id: acme-experiments, environments: [production], flagd: {splits: native}}
    """

  private static func scope(_ sections: String, workspace: String? = nil) throws
    -> (scope: TestScope, applied: AppliedScope)
  {
    var files = ["customers/acme/a.yaml": "flagstaff: v1\n\(sections)"]
    files[Layout.workspaceFile] = workspace
    var scope = TestScope()
    let applied = try scope.pass(TestRepository(files), at: "2026-11-21T00:00:00Z")
    return (scope, applied)
  }

  private static func text(_ document: FlagdDocument?) -> String {
    String(decoding: document?.object.bytes ?? [], as: UTF8.self)
  }

  @Test("The document is these bytes")
  func golden() throws {
    let (scope, _) = try Self.scope(
      """
      flags:
        theme:
          variants: {dark: dark, light: light}
          off: light
          environments: {production: {}}
          rules:
            - {when: {country: [DE, AT], beta: true}, serve: dark}
            - {when: {not: {age: {lessThan: 18}}}, serve: light}
            - {key: later, serve: dark, rollout: {2027-01-01T00:00:00Z: 5%}}
        banner: {environments: {production: {enabled: false}}, rules: [{serve: true}]}
      """)
    let publication = try Publication.project(scope.state)
    #expect(
      Self.text(publication.flagd)
        == #"{"$schema":"https://flagd.dev/schema/v0/flags.json","flags":{"#
        + #""banner":{"defaultVariant":"false","state":"ENABLED","#
        + #""variants":{"false":false,"true":true}},"#
        + #""theme":{"defaultVariant":"light","state":"ENABLED","targeting":{"if":["#
        + #"{"and":[{"and":[{"===":[{"var":"beta"},true]},"#
        + #"{"in":[{"cat":[{"var":"beta"}]},["True","true"]]}]},"#
        + #"{"in":[{"var":"country"},["AT","DE"]]}]},"dark","#
        + #"{"!":[{"and":[{"and":[{"===":[{"var":"age"},{"+":[{"var":"age"}]}]},"#
        + #"{"!":[{"in":[{"cat":[{"var":"age"}]},["True","true","False","false"]]}]}]},"#
        + #"{"<":[{"var":"age"},18]}]}]},"light"]},"variants":{"dark":"dark","light":"light"}}}}"#)
    #expect(publication.flagd?.keys == ["banner", "theme"])
    #expect(publication.projections["flagd"] == publication.flagd?.object)
  }

  @Test("A scope with nothing for flagd has an empty document, which lists what is left out")
  func empty() throws {
    let (scope, _) = try Self.scope(Samples.running)
    let flagd = try #require(try Publication.project(scope.state).flagd)
    #expect(Self.text(flagd) == #"{"$schema":"https://flagd.dev/schema/v0/flags.json","flags":{}}"#)
    #expect(flagd.omissions.map(\.key) == ["page"])
    #expect(flagd.omissions.flatMap { $0.gaps.map(\.code) } == ["hash"])
  }

  @Test("The workspace's word on splits comes with the plan")
  func setting() throws {
    #expect(try Self.scope(Samples.running).applied.plan.flagdSplits == .omitted)
    let applied = try Self.scope(Samples.running, workspace: Self.native).applied
    #expect(applied.plan.flagdSplits == .native)
    let flagd = try Publication.project(applied.state, flagdSplits: .native).flagd
    #expect(flagd?.keys == ["page"] && flagd?.omissions.isEmpty == true)
    #expect(Self.text(flagd).contains(#"{"fractional":[{"cat":["#))
  }

  @Test(
    "A repair makes the document that the version was published with", arguments: [false, true])
  func repair(isNative: Bool) throws {
    let (_, applied) = try Self.scope(
      Samples.running + "\n" + "    visibility: client",
      workspace: isNative ? Self.native : TestRepository.workspace)
    let published = try Publication.project(
      applied.state, flagdSplits: applied.plan.flagdSplits)
    let key = try #require(AuditKey(secret: [UInt8](repeating: 7, count: 32)))
    let last = try #require(applied.events(after: .start, key: key).last)
    let pointer = Pointer(applied, published, last: last)
    let again = try Publication.project(applied.state, recordedBy: pointer)
    #expect(again.flagd?.splits == applied.plan.flagdSplits)
    #expect(again.projections == published.projections)
  }

  @Test("A version of before the format was published gets none by a repair")
  func olderVersion() throws {
    let (_, applied) = try Self.scope(Samples.flag)
    let published = try Publication.project(applied.state)
    let key = try #require(AuditKey(secret: [UInt8](repeating: 7, count: 32)))
    let last = try #require(applied.events(after: .start, key: key).last)
    let text = String(decoding: Pointer(applied, published, last: last).payload, as: UTF8.self)
    let named =
      "\"flagd\":\(CanonicalJSON.string(try #require(published.flagd).object.reference.node))"
    let old = text.split(separator: named, omittingEmptySubsequences: false).joined()
    let pointer = try #require(Pointer(payload: Array(old.utf8)))
    #expect(pointer.projections.isEmpty)
    #expect(try Publication.project(applied.state, recordedBy: pointer).projections.isEmpty)
  }
}
