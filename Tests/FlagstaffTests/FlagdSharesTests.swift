// With `flagd: {splits: native}` flagd's hash decides which users see what. How many of them do,
// the layers of an experiment and the disjointness of a group's members are still what was ordered:
// each share of 40,000 units is within five standard deviations.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import Foundation
import Testing

@Suite("flagd's own splits")
struct FlagdSharesTests {
  private static let units = 40_000

  private static func ranges(_ bounds: [(Int, Int)]) -> Node {
    .sequence(bounds.map { .sequence([.integer($0.0), .integer($0.1)]) })
  }

  private static func variants(_ variants: [(String, [(Int, Int)])]) -> Node {
    .sequence(variants.map { .fields(["key": .string($0.0), "ranges": ranges($0.1)]) })
  }

  private static func flag(_ key: String, _ rules: [Node]) -> Node {
    .fields([
      "kind": .string("flag"), "key": .string(key), "type": .string("string"),
      "variants": .mapping(["a", "b", "c", "none"].map { ($0, .string($0)) }),
      "off": .string("none"), "default": .string("none"), "enabled": .boolean(true),
      "killed": .boolean(false), "bucketBy": .string("targetingKey"), "rules": .sequence(rules),
    ])
  }

  private static func experiment(
    _ key: String, layer: String, traffic: [(Int, Int)], _ layout: [(String, [(Int, Int)])]
  ) -> Node {
    .fields([
      "kind": .string("experiment"), "key": .string(key), "id": .string("id of \(key)"),
      "hash": .integer(1), "live": .boolean(true), "bucketBy": .string("targetingKey"),
      "trafficSalt": .string(layer), "traffic": ranges(traffic),
      "salt": .string("\(key)/1/"), "control": .string("a"), "variants": variants(layout),
      "force": .fields([:]),
    ])
  }

  private static let definitions = [
    flag(
      "split",
      [
        .fields([
          "key": .string("s"), "id": .string("split-id"),
          "split": variants([
            ("a", [(0, 1_234)]), ("b", [(1_234, 8_000)]), ("c", [(8_000, 10_000)]),
          ]),
        ])
      ]),
    flag(
      "rollout",
      [
        .fields([
          "key": .string("r"), "id": .string("rollout-id"), "serve": .string("a"),
          "share": .integer(3_333),
        ])
      ]),
    flag("scattered", [.fields(["experiment": .string("scattered")])]),
    experiment(
      "scattered", layer: "id of scattered", traffic: [(0, 1_000), (4_000, 9_000)],
      [("a", [(0, 2_000), (9_000, 10_000)]), ("b", [(2_000, 9_000)])]),
    flag("first", [.fields(["experiment": .string("first")])]),
    experiment(
      "first", layer: "group", traffic: [(0, 2_500)],
      [("a", [(0, 5_000)]), ("b", [(5_000, 10_000)])]),
    flag("second", [.fields(["experiment": .string("second")])]),
    experiment(
      "second", layer: "group", traffic: [(2_500, 6_000), (7_000, 8_000)],
      [("a", [(0, 5_000)]), ("b", [(5_000, 10_000)])]),
  ]

  /// Shares of each variant, in buckets of all units.
  private static let expected: [(flag: String, shares: [String: Double])] = [
    ("split", ["a": 0.1234, "b": 0.6766, "c": 0.2]), ("rollout", ["a": 0.3333, "none": 0.6667]),
    ("scattered", ["a": 0.18, "b": 0.42, "none": 0.4]),
    ("first", ["a": 0.125, "b": 0.125, "none": 0.75]),
    ("second", ["a": 0.225, "b": 0.225, "none": 0.55]),
  ]

  @Test("Shares, layers and groups hold under flagd's hash")
  func shares() throws {
    let document = FlagdDocument(Self.definitions, splits: .native)
    #expect(document.omissions.isEmpty)
    let contexts = (0..<Self.units).map { #"{"targetingKey":"user-\#($0)"}"# } + ["{}"]
    var served: [String: [String]] = [:]
    for answer in try FlagdProvider.answers(document.object.bytes, contexts: contexts) {
      served[answer.flag, default: []].append(answer.variant ?? answer.line)
    }
    for (flag, shares) in Self.expected {
      let variants = try #require(served[flag])
      // Without a unit nobody is in.
      #expect(variants.last == "none")
      for (variant, share) in shares {
        let count = Double(variants.dropLast().count { $0 == variant })
        let z =
          (count - Double(Self.units) * share)
          / (Double(Self.units) * share * (1 - share)).squareRoot()
        #expect(abs(z) < 5, "\(flag) \(variant): \(count) of \(Self.units), z = \(z)")
      }
    }
    let both = zip(served["first"] ?? [], served["second"] ?? [])
      .count { $0 != "none" && $1 != "none" }
    #expect(both == 0)
  }

  @Test("Buckets that move in our layout move the same share under flagd's hash, and nobody else")
  func moves() throws {
    func served(_ layout: [(String, [(Int, Int)])]) throws -> [String?] {
      let split = Node.fields([
        "key": .string("s"), "id": .string("split-id"), "split": Self.variants(layout),
      ])
      let document = FlagdDocument([Self.flag("split", [split])], splits: .native)
      return try FlagdProvider.answers(
        document.object.bytes, contexts: (0..<10_000).map { #"{"targetingKey":"user-\#($0)"}"# }
      ).map(\.variant)
    }
    let before = try served([("a", [(0, 5_000)]), ("b", [(5_000, 10_000)])])
    let after = try served([("a", [(0, 5_000), (9_000, 10_000)]), ("b", [(5_000, 9_000)])])
    let moved = zip(before, after).filter { $0 != $1 }
    #expect(moved.allSatisfy { $0 == "b" && $1 == "a" })
    #expect(abs(Double(moved.count) - 1_000) < 150, "\(moved.count) moved")
  }

  @Test("A bucket without an owner, and a list as a value, are gaps")
  func gaps() {
    func gaps(_ form: Node) -> [String] {
      FlagdDocument([form], splits: .native).omissions.flatMap { $0.gaps.map(\.code) }
    }
    let split = Node.fields([
      "key": .string("s"), "id": .string("i"), "split": Self.variants([("a", [(0, 9_999)])]),
    ])
    #expect(gaps(Self.flag("f", [split])) == ["condition"])
    // After a rule that always answers, nothing is looked at.
    #expect(gaps(Self.flag("f", [.fields(["serve": .string("a")]), split])) == [])
    let list = Node.fields([
      "kind": .string("flag"), "key": .string("f"), "off": .string("a"), "default": .string("a"),
      "variants": .fields(["a": .sequence([])]), "rules": .sequence([]),
    ])
    #expect(gaps(list) == ["value-type"])
    func condition(_ name: String, _ comparison: String, _ value: Node) -> Node {
      let when = Node.fields([
        "attribute": .string(name), "operator": .string(comparison), "value": value,
      ])
      return Self.flag("f", [.fields(["when": when, "serve": .string("a")])])
    }
    #expect(gaps(condition("a.b", "equals", .string("x"))) == ["attribute"])
    #expect(gaps(condition("", "equals", .string("x"))) == ["attribute"])
    #expect(gaps(condition("$flagd", "exists", .boolean(true))) == ["attribute"])
    #expect(gaps(condition("targetingKey", "exists", .boolean(true))) == ["targeting-key"])
    #expect(gaps(condition("targetingKey", "equals", .string("x"))) == [])
    #expect(gaps(condition("age", "lessThan", .number(1e16))) == ["number"])
    let version = String(repeating: "9", count: 300) + ".0.0"
    #expect(gaps(condition("app", "semver", .string("<" + version))) == ["version"])
  }

  @Test("A condition as deep as there may be is not too deep for flagd's provider")
  func deep() throws {
    let other = Node.fields([
      "attribute": .string("b"), "operator": .string("exists"), "value": .boolean(false),
    ])
    var condition = Node.fields([
      "attribute": .string("a"), "operator": .string("lessThan"), "value": .integer(1),
    ])
    for level in 0..<Limits.conditionDepthMax {
      condition =
        level % 2 == 0
        ? .fields(["not": condition]) : .fields(["all": .sequence([condition, other])])
    }
    let rule = Node.fields(["when": condition, "serve": .string("a")])
    let pair = try FlagdComparison([Self.flag("deep", [rule])])
    let (compared, differences) = try pair.differences(["{}", #"{"a":0}"#, #"{"a":true}"#])
    #expect(compared == 3 && differences.isEmpty, "\(differences)")
  }

  @Test("A document beyond its limit leaves out what does not fit")
  func tooLarge() {
    let text = String(repeating: "x", count: Limits.flagdBytesMax / 2)
    let flags = ["a", "b", "c"].map { key in
      Node.fields([
        "kind": .string("flag"), "key": .string(key), "off": .string("v"), "default": .string("v"),
        "variants": .fields(["v": .string(key == "c" ? "small" : text)]), "rules": .sequence([]),
      ])
    }
    let document = FlagdDocument(flags, splits: .omitted)
    #expect(document.omissions.map(\.key) == ["b"] && document.omissions[0].gaps[0].code == "size")
    #expect(document.object.bytes.count < Limits.flagdBytesMax)
  }
}
