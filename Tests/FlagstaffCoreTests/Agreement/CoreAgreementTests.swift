// What the core makes, asked of the second implementation: the bytes that a scope publishes are read
// by both and answer alike, and changed weights lead both to the same ranges, one change after
// another.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import Foundation
import Signing
import TestHarness
import Testing

@Suite("Two implementations of what the core makes")
struct CoreAgreementTests {
  @Test("both implementations read what the core publishes, and answer alike")
  func published() throws {
    let large = String(repeating: "x", count: 150_000)
    var files = ["customers/acme/a.yaml": "flagstaff: v1\n\(Self.sections)"]
    for name in ["b", "c"] {
      files["customers/acme/\(name).yaml"] = """
        flagstaff: v1
        flags:
          large-\(name): {variants: {a: \(large)}, off: a, environments: {production: {}}}
        """
    }
    var scope = TestScope()
    try scope.pass(TestRepository(files), at: "2026-11-20T00:00:00Z")
    let publication = try Publication.project(scope.state)
    #expect(publication.server.parts.count > 1)
    let client = try #require(publication.client)
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let file = folder.url.appending(path: "published.ndjson")
    var layouts = [publication.server, client].makeIterator()
    try VectorText.write(to: file, lines: 2) {
      guard let layout = layouts.next() else { return "" }
      let sample = RandomSnapshots.Sample(
        index: String(decoding: layout.index.bytes, as: UTF8.self),
        parts: layout.parts.map {
          ($0.digest.hexadecimal, String(decoding: $0.bytes, as: UTF8.self))
        })
      let snapshot = try sample.snapshot()
      let contexts = (0..<200).map { number in
        let country = ["DE", "US", "CH"][number % 3]
        let text =
          #"{"targetingKey":"user-\#(number)","account":\#(number),"country":"\#(country)"}"#
        let context = EvaluationContext(
          targetingKey: "user-\(number)",
          attributes: ["account": .integer(number), "country": .string(country)])
        let answers = snapshot.flagKeys.filter { !$0.hasPrefix("large") }.map { key in
          "\"\(key)\":\(snapshot.evaluate(flag: key, context: context).vectorText)"
        }
        return #"{"context":\#(text),"answers":{\#(answers.joined(separator: ","))}}"#
      }
      return VectorText.snapshot(sample, contexts, withRealDigests: true)
    }
    let verdict = try SecondImplementation.check([file])
    #expect(verdict.disagreements == 0, "\(verdict.text)")
    #expect(verdict.checked["pairs"] == 400 && (verdict.checked["places"] ?? 0) > 8)
  }

  /// One of each that is published.
  private static let sections = """
    groups: {pages: {holdout: 2%}}
    experiments:
      one: {status: running, group: pages, traffic: 40%, control: a, variants: {a: 1, b: 1},
        environments: {production: {}}}
      two: {status: running, group: pages, traffic: 50%, control: a, variants: {a: 1, b: 2},
        targeting: {country: [DE, CH]}, force: {b: [user-7]}, environments: {production: {}}}
      banner: {status: running, traffic: 60%, control: none, bucketBy: account, visibility: client,
        variants: {none: {weight: 1, payload: {text: ""}}, sale: {weight: 1, payload: {text: Sale}}},
        environments: {production: {}}}
      won: {status: completed, winner: b, traffic: 10%, control: a, variants: {a: 1, b: 1},
        targeting: {not: {country: US}}, environments: {production: {}}}
    flags:
      both: {variants: {a: 1, b: 2}, off: a, visibility: client, environments: {production: {}},
        rules: [{experiment: one}, {experiment: two}]}
      shipped: {variants: {a: [], b: [1]}, off: a, environments: {production: {}},
        rules: [{experiment: won}, {key: r, serve: b, rollout: 30%}]}
      halves: {environments: {production: {}}, bucketBy: account,
        rules: [{when: {country: US}, serve: true}, {key: s, split: {true: 1, false: 1}}]}
      off: {environments: {production: {}}, enabled: false, rules: [{serve: true}]}
    """

  @Test("both implementations lay out the same ranges, change after change")
  func changes() throws {
    var random = SeededGenerator(seed: 11)
    func weights() -> [(key: String, weight: Int)] {
      let most = [3, 100, 9_999].randomElement(using: &random) ?? 3
      let keys = ["a", "a-b", "a.b", "b", "v10", "v2", "z"].shuffled(using: &random)
      return keys.prefix(Int.random(in: 2...6, using: &random))
        .map { ($0, Int.random(in: 1...most, using: &random)) }
    }
    func text(_ weights: [(key: String, weight: Int)]) -> String {
      CanonicalJSON.string(.mapping(weights.map { ($0.key, .integer($0.weight)) }))
    }
    func text(_ ranges: [(key: String, ranges: BucketRanges)]) -> String {
      CanonicalJSON.string(.mapping(ranges.map { ($0.key, $0.ranges.node) }))
    }
    let folder = try TemporaryFolder()
    defer { folder.remove() }
    let file = folder.url.appending(path: "changes.ndjson")
    try VectorText.write(to: file, lines: TestRuns.isFull ? 500 : 25) {
      let first = weights()
      let layout = CanonicalLayout(weights: first)
      var ranges = layout.segments.map {
        (key: $0.key, ranges: BucketRanges(buckets: $0.from..<$0.to))
      }
      var changes: [String] = []
      let layouts = #"[{"weights":\#(text(first)),"ranges":\#(text(ranges))}]"#
      for _ in 0..<4 {
        let next = weights()
        let change = Reassignment(from: ranges, to: next)
        changes.append(
          #"{"before":\#(text(ranges)),"weights":\#(text(next)),"after":\#(text(change.variants))"#
            + #","moved":\#(change.moved)}"#)
        ranges = change.variants
      }
      return #"{"form":"ranges","format":1,"layouts":\#(layouts),"changes":"#
        + "[\(changes.joined(separator: ","))]}"
    }
    let verdict = try SecondImplementation.check([file])
    #expect(verdict.disagreements == 0, "\(verdict.text)")
    #expect(verdict.checked["changes"] == (TestRuns.isFull ? 2_000 : 100))
  }
}
