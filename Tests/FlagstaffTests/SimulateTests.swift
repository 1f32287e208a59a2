// `flagstaff simulate`: counts that follow from the published ranges, and a chi-square test that
// agrees with published tables.

import Documents
import FlagstaffController
import FlagstaffEvaluation
import Foundation
import Testing

@Suite("Simulating")
struct SimulateTests {
  @Test(
    "The probability of a statistic is that of the tables",
    arguments: [
      // Abramowitz and Stegun, table 26.8, to the digits that are printed there.
      (3.841_46, 1, 0.05), (6.634_90, 1, 0.01), (5.991_46, 2, 0.05), (9.210_34, 2, 0.01),
      (18.307_0, 10, 0.05), (29.588_3, 10, 0.001), (43.773_0, 30, 0.05), (124.342, 100, 0.05),
      (0.000_157_088, 1, 0.99), (70.064_9, 100, 0.99), (1.386_29, 2, 0.5),
      // Q(1, x) is e^−x.
      (2, 2, 0.367_879_441), (100, 2, 1.928_749_85e-22), (0, 5, 1),
    ])
  func tables(statistic: Double, degrees: Int, probability: Double) {
    let found = ChiSquare.probability(of: statistic, degreesOfFreedom: degrees)
    #expect(abs(found - probability) <= probability * 1e-4, "\(found)")
  }

  @Test("Counts are tested against what was expected, and the impossible has no chance")
  func counts() throws {
    let even = try #require(ChiSquare(counts: [50, 50], expected: [50, 50]))
    #expect(even.statistic == 0 && even.probability == 1 && even.degreesOfFreedom == 1)
    let uneven = try #require(ChiSquare(counts: [60, 40], expected: [50, 50]))
    #expect(uneven.statistic == 4 && abs(uneven.probability - 0.045_5) < 1e-4)
    #expect(ChiSquare(counts: [5], expected: [5]) == nil)
    #expect(ChiSquare(counts: [5, 0], expected: [5, 0]) == nil)
    #expect(ChiSquare(counts: [5, 1], expected: [6, 0])?.probability == 0)
  }

  @Test("Members of a group are counted together, and an overlap is seen")
  func groups() throws {
    func simulation(_ second: String) throws -> Simulation {
      let members = [("a", "[[0,3000]]"), ("b", second)].map { key, traffic in
        """
        {"kind":"experiment","key":"\(key)","id":"id-\(key)","hash":1,"live":true,"bucketBy":"u",\
        "trafficSalt":"the-group","traffic":\(traffic),"salt":"\(key)/1/","control":"x","variants":\
        [{"key":"x","ranges":[[0,2000]]},{"key":"y","ranges":[[2000,10000]]}],"force":{}}
        """
      }
      let text = #"{"definitions":[\#(members.joined(separator: ","))],"format":1}"#
      let snapshot = try Snapshot(index: Array(text.utf8)) { _ in [] }
      return Simulation(
        snapshot, ids: 20_000, prefix: "u-", experiments: ["a"], groupKeys: ["another": "b"])
    }
    let disjoint = try simulation("[[4000,5000]]")
    #expect(disjoint.experiments.map(\.key) == ["a"])
    let group = try #require(disjoint.groups.first)
    #expect(group.id == "the-group" && group.key == nil && group.overlaps == 0)
    #expect(group.members.map(\.name) == ["a", "b", ""])
    #expect(group.members.map(\.expected) == [6_000, 2_000, 12_000])
    #expect(group.members.reduce(0) { $0 + $1.count } == 20_000)
    #expect(try #require(group.test).degreesOfFreedom == 2)
    #expect(try #require(group.test).probability > 0.001)
    #expect(try simulation("[[2999,4000]]").groups.first?.overlaps ?? 0 > 0)
  }

  @Test("What is published splits units as it should, and the same units in the same way")
  func split() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    try installation.expect(0, "reconcile", "--quiet")
    func run(_ more: String...) throws -> Ended {
      try installation.start(
        ["simulate", "--environment", "production", "--customer", "acme"] + more
      ).wait()
    }
    let ended = try run("--ids", "20000", "--format", "json")
    #expect(ended.code == 0, "\(ended)")
    let node = try JSONReader.read(ended.output.trimmingCharacters(in: .newlines))
    let experiments = try #require(node["experiments"]?.sequence)
    #expect(experiments.map { $0["key"]?.string } == ["checkout-speed", "checkout-v2"])
    let experiment = experiments[1]
    #expect(experiment["live"]?.boolean == true)
    let group = try #require(node["groups"]?.sequence?.first)
    #expect(group["overlaps"]?.integer == 0)
    #expect(group["key"]?.string == "checkout")
    let expected = group["shares"]?.sequence?.map { $0["expected"]?.double }
    #expect(expected == [2_000, 4_000, 14_000])
    #expect((group["chiSquare"]?["p"]?.double ?? 0) > 0.001, "\(ended)")
    #expect(experiment["targeted"]?.boolean == true)
    let traffic = try #require(experiment["traffic"]?["shares"]?.sequence)
    #expect(traffic.map { $0["expected"]?.double } == [4_000, 16_000])
    #expect(traffic.compactMap { $0["count"]?.integer }.reduce(0, +) == 20_000)
    let variants = try #require(experiment["variants"]?["shares"]?.sequence)
    #expect(variants.compactMap { $0["name"]?.string } == ["new", "old"])
    #expect(
      variants.compactMap { $0["count"]?.integer }.reduce(0, +) == traffic[0]["count"]?.integer)
    for part in ["traffic", "variants"] {
      let test = try #require(experiment[part]?["chiSquare"])
      // The units are always the same, so this holds always or never.
      #expect((test["p"]?.double ?? 0) > 0.001, "\(ended)")
      #expect(test["degreesOfFreedom"]?.integer == 1)
    }
    #expect(try run("--ids", "20000", "--format", "json").output == ended.output)
    let text = try run("--ids", "1000", "--experiment", "checkout-v2")
    for words in [
      "1000 units", "experiment checkout-v2", "20.00% are intended", "χ² = ", "p = ",
      "exclusion group checkout",
    ] {
      #expect(text.output.contains(words), "\(words): \(text)")
    }
    let unknown = try run("--experiment", "nope")
    #expect(unknown.code == 64 && unknown.errors.contains("no experiment nope"), "\(unknown)")
    try await installation.discard()
  }
}
