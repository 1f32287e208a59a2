// Limits of an import at their boundary: what just fits is carried over, and what goes above is
// left out with a message that names the limit.

import Documents
import FlagstaffCore
import Testing

@Suite("Limits of an import")
struct ImportLimitTests {
  private static func variable(_ name: String) -> Node { .fields(["var": .string(name)]) }

  private static func flagd(targeting: Node) -> ImportedDefinitions {
    let flag = Node.fields([
      "state": .string("ENABLED"), "defaultVariant": .string("on"), "targeting": targeting,
      "variants": .fields(["on": .boolean(true), "off": .boolean(false)]),
    ])
    return .flagd(
      Document(file: "flags", root: .fields(["flags": .fields(["a": flag])])),
      environments: ["production"])
  }

  @Test(
    "A weight of flagd up to the limit is taken", arguments: [(0, true), (1, false)])
  func weights(above: Int, isTaken: Bool) {
    let shares = [
      Node.sequence([.string("on"), .integer(Limits.importedWeightMax + above)]),
      .sequence([.string("off"), .integer(Limits.importedWeightMax)]),
    ]
    let imported = Self.flagd(targeting: .fields(["fractional": .sequence(shares)]))
    let left = imported.findings.filter { $0.code == .flagLeftOut }
    #expect(left.isEmpty == isTaken, "\(left)")
    #expect(left.allSatisfy { $0.message.contains("\(Limits.importedWeightMax)") })
  }

  @Test(
    "A percentage of GO Feature Flag up to the limit is taken", arguments: [(0, true), (1, false)])
  func percentages(above: Int, isTaken: Bool) {
    let percentages = Node.fields([
      "a": .integer(Limits.importedPercentageMax + above),
      "b": .integer(Limits.importedPercentageMax),
    ])
    let flag = Node.fields([
      "variations": .fields(["a": .integer(1), "b": .integer(2)]),
      "defaultRule": .fields(["percentage": percentages]),
    ])
    let imported = ImportedDefinitions.goFeatureFlag(
      Document(file: "flags", root: .fields(["wild": flag])), environments: ["production"])
    let left = imported.findings.filter { $0.code == .flagLeftOut }
    #expect(left.isEmpty == isTaken, "\(left)")
    #expect(left.allSatisfy { $0.message.contains("\(Limits.importedPercentageMax)") })
  }

  @Test("A repetition is left away among so many parts, and stays among more")
  func repetitions() throws {
    func tests(_ count: Int) throws -> Int {
      let equals = (0..<count).map { number in
        Node.fields([
          "===": .sequence([Self.variable("a\(number)"), .string("x")])
        ])
      }
      // The last one again.
      let all = Node.fields(["or": .sequence(equals + [equals[count - 1]])])
      let file = Self.flagd(targeting: .fields(["if": .sequence([all, .string("off")])])).file
      let rules = file?["flags"]?["a"]?["rules"]?.sequence
      return try #require(rules?.first?["when"]?["any"]?.sequence).count
    }
    let most = Limits.importedRepetitionsMax - 1
    #expect(try tests(most) == most)
    #expect(try tests(most + 1) == most + 2)
  }

  @Test("Attributes and variants are told apart by bytes")
  func bytes() throws {
    let equals = ["caf\u{e9}", "cafe\u{301}"].map { name in
      Node.fields(["===": .sequence([Self.variable(name), .string("x")])])
    }
    let either = Node.fields(["or": .sequence(equals)])
    let file = Self.flagd(targeting: .fields(["if": .sequence([either, .string("off")])])).file
    let rules = file?["flags"]?["a"]?["rules"]?.sequence
    #expect(rules?.first?["when"]?["any"]?.sequence?.count == 2)

    let flag = Node.fields([
      "variations": .mapping([("caf\u{e9}", .integer(1)), ("cafe\u{301}", .integer(2))]),
      "targeting": .sequence([
        .fields(["query": .string("a pr"), "variation": .string("caf\u{e9}")])
      ]),
      "defaultRule": .fields(["variation": .string("cafe\u{301}")]),
    ])
    let imported = ImportedDefinitions.goFeatureFlag(
      Document(file: "flags", root: .fields(["menu": flag])), environments: ["production"])
    let menu = imported.file?["flags"]?["menu"]
    #expect(menu?["rules"]?.sequence?.count == 1, "\(imported.findings)")
  }
}
