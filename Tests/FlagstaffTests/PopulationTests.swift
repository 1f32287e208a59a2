// `flagstaff plan --population`: real contexts counted beside the figures that were computed. What
// cannot be read is named by its line, and nothing is told of the rest.

import Documents
import Foundation
import Testing

@Suite("A plan over a population")
struct PopulationTests {
  /// Half of the contexts are of employees, whom the experiment leaves out.
  private static let contexts = (0..<2_000).map { number in
    let domain = number.isMultiple(of: 2) ? "acme.example" : "example.org"
    return #"{"targetingKey":"user-\#(number)","email":"u\#(number)@\#(domain)"}"#
  }

  private static func file(_ lines: [String], in installation: Installation) throws -> String {
    let path = installation.folder.path + "/contexts.ndjson"
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  /// An installation in which traffic is raised by 30 %, and not yet reconciled.
  private static func raised() async throws -> Installation {
    let installation = try await Installation(DefinitionsRepository.small())
    try installation.expect(0, "reconcile")
    try installation.repository.replace(
      "traffic: 20%", by: "traffic: 50%", in: "customers/acme/shop.yaml")
    _ = try installation.repository.commit()
    return installation
  }

  @Test("Counts stand beside the figures, in text and in JSON, in every selected scope")
  func counts() async throws {
    let installation = try await Self.raised()
    let file = try Self.file(Self.contexts + ["", ""], in: installation)
    let text = try installation.expect(0, "plan", "--population", file).output
    #expect(text.contains("blast radius in flag checkout: 30% of users who do not meet email ends"))
    #expect(text.contains("of 2000 contexts change assignment"), "\(text)")
    let json = try installation.expect(
      0, "plan", "--population", file, "--format", "json", "--environment", "production"
    ).output
    let report = try JSONReader.read(Array(json.utf8))
    #expect(report["population"]?["contexts"]?.integer == 2_000)
    let changes = (report["scopes"]?.sequence ?? []).flatMap { $0["changes"]?.sequence ?? [] }
    #expect(changes.count == 1)
    let counted = try #require(changes.first?["population"]?.sequence?.first)
    let assignments = try #require(counted["assignments"]?.integer)
    let values = try #require(counted["values"]?.integer)
    // 30 % and 15 % of the 1,000 who are no employees, within five standard deviations.
    #expect(abs(assignments - 300) < 73 && abs(values - 150) < 57, "\(assignments), \(values)")
    let moves = counted["moves"]?.sequence ?? []
    #expect(moves.map { $0["contexts"]?.integer } == [values])
    #expect(moves.first?["from"]?.string == "old" && moves.first?["to"]?.string == "new")
    try await installation.discard()
  }

  @Test(
    "A line that is no context ends the command with its number, and no file with a usage error")
  func badLines() async throws {
    let installation = try await Self.raised()
    for bad in ["{", "[]", #"{"a":1,"a":2}"#, "\u{0}"] {
      let file = try Self.file(Array(Self.contexts.prefix(2)) + ["", bad], in: installation)
      let ended = try installation.expect(1, "plan", "--population", file)
      #expect(ended.errors.contains("--population: line 4: "), "\(ended)")
      #expect(!ended.output.contains("population"))
    }
    let long = "{\"a\":\"" + String(repeating: "x", count: 1_100_000) + "\"}"
    let file = try Self.file([long], in: installation)
    let ended = try installation.expect(1, "plan", "--population", file)
    #expect(ended.errors.contains("--population: line 1: the context has more than 1048576 bytes"))
    try installation.expect(64, "plan", "--population", installation.folder.path + "/none")
    try installation.expect(64, "plan", "--population", installation.folder.path)
    try await installation.discard()
  }

  @Test("Standard input is a population too, and one of nobody counts nobody")
  func standardInput() async throws {
    let installation = try await Self.raised()
    let ended = try installation.expect(0, "plan", "--population", "-")
    #expect(ended.output.contains("population in flag checkout: 0 of 0 contexts"), "\(ended)")
    try await installation.discard()
  }
}
