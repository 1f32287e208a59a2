// What is published, to the byte and by what it answers: nothing that an evaluator does not need,
// nothing to browsers that is not theirs, and the same answers that the definitions promise.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import Signing
import Testing

@Suite("Publications")
struct PublicationTests {
  private static let sections = """
    owner: secret-owner
    experiments:
      live:
        description: secret-prose
        hypothesis: secret-prose
        labels: {secret-label: secret-label}
        status: running
        traffic: 100%
        targeting: {segment: secret-segment}
        control: a
        variants: {a: 1, b: 1}
        force: {b: [qa]}
        environments: {production: {}}
      secret-draft:
        traffic: 100%
        control: a
        variants: {a: {weight: 1, payload: 1}, b: {weight: 1, payload: 2}}
        environments: {production: {}}
      done:
        status: completed
        winner: b
        traffic: 0%
        control: a
        visibility: client
        variants: {a: {weight: 1, payload: 1}, b: {weight: 1, payload: 2}}
        environments: {production: {}}
    flags:
      web:
        labels: {secret-label: x}
        description: secret-prose
        variants: {a: 1, b: 2}
        off: a
        visibility: client
        environments: {production: {}}
        rules: [{experiment: live}, {experiment: secret-draft-2}]
      off: {environments: {production: {}}, enabled: false, default: true, rules: [{serve: true}]}
      none: {environments: {production: {}}, rules: [{key: r, serve: true, rollout: 0%}]}
      everyone: {environments: {production: {}}, rules: [{key: r, serve: true, rollout: 100%}]}
      split: {environments: {production: {}}, rules: [{key: s, split: {true: 1, false: 1}}]}
      plain: {environments: {production: {}}, default: true}
    segments: {secret-segment: {country: DE}}
    """

  private static func scope() throws -> TestScope {
    try TestScope.applied(
      sections.replacingFirst(
        "  done:",
        """
          secret-draft-2:
            traffic: 1%
            control: a
            variants: {a: 1, b: 1}
            environments: {production: {}}
          done:
        """))
  }

  private static func answers(_ snapshot: Snapshot, _ context: EvaluationContext) -> [String] {
    snapshot.evaluateAll(context: context)
      .map { "\($0.flag)=\($0.variant ?? "") \($0.reason.rawValue)" }
  }

  @Test("The published bytes answer as the definitions say")
  func answers() throws {
    let snapshot = try Self.scope().snapshot()
    let forced = Self.answers(snapshot, EvaluationContext(targetingKey: "qa"))
    #expect(forced.contains("web=b TARGETING_MATCH"))
    for unit in 0..<50 {
      let answers = Self.answers(snapshot, EvaluationContext(targetingKey: "u\(unit)"))
      #expect(
        answers.filter { !$0.hasPrefix("split") } == [
          "done=b TARGETING_MATCH", "everyone=true SPLIT", "none=false DEFAULT",
          "off=false DISABLED", "plain=true STATIC", "web=a DEFAULT",
        ])
      let german = EvaluationContext(
        targetingKey: "u\(unit)", attributes: ["country": .string("DE")])
      let id = Identifiers.experiment("live", of: "acme")
      let bucket = Murmur3(prefix: "\(id)/1/").bucket(of: "u\(unit)")
      #expect(
        snapshot.evaluate(flag: "web", context: german).variant == (bucket < 5_000 ? "a" : "b"))
      let rule = Murmur3(prefix: Identifiers.rule("s", of: "split", "acme")).bucket(of: "u\(unit)")
      #expect(
        snapshot.evaluate(flag: "split", context: german).variant
          == (rule < 5_000 ? "false" : "true"))
    }
    let nobody = Self.answers(snapshot, EvaluationContext())
    #expect(nobody.contains("everyone=false DEFAULT") && nobody.contains("split=false DEFAULT"))
    #expect(snapshot.evaluate(flag: "secret-draft", context: .init()).errorCode == .flagNotFound)
  }

  @Test("Browsers get client-visible flags, what they use, and nothing else")
  func clientIndex() throws {
    let publication = try Publication.project(Self.scope().state)
    let bytes = try #require(publication.client).index.bytes
    let definitions = try JSONReader.read(bytes)["definitions"]?.sequence ?? []
    #expect(definitions.compactMap { $0["key"]?.string } == ["done", "live", "web"])
    #expect(try Self.scope().snapshot(forClients: true).flagKeys == ["done", "web"])
    #expect(try Publication.project(TestScope.applied(Samples.flag).state).client == nil)
  }

  @Test("Published bytes carry no prose, owner, label, draft or name of a segment")
  func nothingSecret() throws {
    let publication = try Publication.project(Self.scope().state)
    for object in publication.objects {
      let text = String(decoding: object.bytes, as: UTF8.self)
        .replacing(#"{"experiment":"secret-draft-2"}"#, with: "")
      #expect(!text.contains("secret"), "\(text)")
      for word in ["commit", "cccc", "version", "2026", "acme", "production", "visibility"] {
        #expect(!text.contains(word), "\(word)")
      }
    }
    let kinds = try JSONReader.read(publication.server.index.bytes)["definitions"]?.sequence?
      .compactMap { $0["kind"]?.string }
    #expect(kinds?.contains("segment") == false)
  }

  @Test("An experiment and a flag are published as these bytes")
  func goldenForms() throws {
    let scope = try TestScope.applied(
      Samples.running.replacingFirst(
        "[{experiment: checkout}]",
        "[{experiment: checkout}, {key: r, when: {a: b}, serve: new, rollout: 5%},"
          + " {key: s, split: {old: 1, new: 3}}, {serve: new}]"
      )
      .replacingFirst("traffic: 30%", "traffic: 30%\n    force: {new: [u]}"))
    let index = try Publication.project(scope.state).server.index
    let id = Identifiers.experiment("checkout", of: "acme")
    let ids = ["r", "s"].map { Identifiers.rule($0, of: "page", "acme") }
    #expect(
      String(decoding: index.bytes, as: UTF8.self)
        == #"{"definitions":[{"bucketBy":"targetingKey","control":"old","force":{"new":["u"]},"#
        + #""hash":1,"id":"\#(id)","key":"checkout","kind":"experiment","live":true,"#
        + #""salt":"\#(id)/1/","traffic":[[0,3000]],"trafficSalt":"\#(id)","#
        + #""variants":[{"key":"new","ranges":[[0,5000]]},"#
        + #"{"key":"old","ranges":[[5000,10000]]}]},"#
        + #"{"bucketBy":"targetingKey","default":"old","enabled":true,"key":"page","#
        + #""killed":false,"kind":"flag","off":"old","rules":[{"experiment":"checkout"},"#
        + #"{"id":"\#(ids[0])","key":"r","serve":"new","share":500,"#
        + #""when":{"attribute":"a","operator":"equals","value":"b"}},"#
        + #"{"id":"\#(ids[1])","key":"s","split":[{"key":"new","ranges":[[0,7500]]},"#
        + #"{"key":"old","ranges":[[7500,10000]]}]},{"serve":"new"}],"type":"object","#
        + #""variants":{"new":{"steps":1},"old":{"steps":3}}}],"format":1}"#)
  }

  @Test("The state is these bytes: what Git does not know, with tombstones")
  func goldenState() throws {
    let ramp =
      "  ramp: {environments: {production: {}}, rules: [{key: r, serve: true, rollout: 5%},"
      + " {key: s, split: {true: 1, false: 3}}]}"
    let gone = "  gone: {environments: {production: {}}, enabled: false}"
    let past = """
      experiments:
        checkout: {status: running, traffic: 30%, control: a, variants: {a: 1, b: 1},
          environments: {production: {}}}
        past: {status: completed, phase: 3, traffic: 1%, control: a, variants: {a: 1, b: 1},
          environments: {production: {}}}
      """
    var scope = try TestScope.applied("\(past)\nflags:\n\(ramp)\n\(gone)")
    let kept = past.split(separator: "  past:")[0]
    try scope.pass("\(kept)\nflags:\n\(ramp)\nsegments: {s: {a: b}}")
    let id = Identifiers.experiment("checkout", of: "acme")
    let digests = scope.state.definitions.sorted { $0.key < $1.key }
      .map(\.value.definition.digest.hexadecimal)
    #expect(
      try String(decoding: Publication.project(scope.state).state.bytes, as: UTF8.self)
        == #"{"definitions":[{"digest":"\#(digests[0])","generation":1,"hash":1,"id":"\#(id)","#
        + #""key":"checkout","kind":"experiment","phase":1,"salt":"\#(id)/1/","#
        + #""started":"2026-11-20T00:00:00Z","traffic":[[0,3000]],"#
        + #""variants":{"a":[[0,5000]],"b":[[5000,10000]]}},"#
        + #"{"digest":"\#(digests[1])","generation":1,"key":"ramp","kind":"flag","#
        + #""splits":{"s":{"false":[[0,7500]],"true":[[7500,10000]]}},"steps":{"r":500}},"#
        + #"{"digest":"\#(digests[2])","generation":1,"key":"s","kind":"segment"}],"format":1,"#
        + #""kills":[],"pins":[],"rests":[],"tombstones":["#
        + #"{"deleted":"2026-11-21T00:00:00Z","generation":2,"#
        + #""id":"\#(Identifiers.experiment("past", of: "acme"))","key":"past","#
        + #""kind":"experiment","phase":3},"#
        + #"{"deleted":"2026-11-21T00:00:00Z","generation":2,"key":"gone","kind":"flag"}]}"#)
  }

  @Test("A rule of an experiment that is absent or a draft falls through")
  func absentFallsThrough() throws {
    for text in [
      Samples.draft,
      Samples.draft.replacingFirst("environments: {production: {}}", "environments: {staging: {}}"),
    ] {
      let answer = try TestScope.applied(text).snapshot()
        .evaluate(flag: "page", context: .init(targetingKey: "u"))
      #expect(answer.variant == "old" && answer.reason == .default)
    }
  }
}
