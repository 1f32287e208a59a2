// flagd.json at the origin stays what the pointer names (P4): whoever damages, removes or ages it,
// the next pass puts it right, and until then status and verification say so.

import Documents
import Foundation
import Testing

@Suite("flagd.json at the origin")
struct FlagdRepairTests {
  private static func path(_ installation: Installation) -> String {
    installation.origin + "/v1/production/globex/flagd.json"
  }

  @Test("One that is missing, damaged or older is found, and put right by the next pass")
  func repaired() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    try installation.expect(0, "reconcile", "--quiet")
    let path = Self.path(installation)
    let older = try #require(FileManager.default.contents(atPath: path))
    try installation.repository.replace(
      "zone: A", by: "zone: B", in: "customers/globex/depot.yaml")
    try installation.repository.commit()
    try installation.expect(0, "reconcile", "--quiet")
    let whole = try #require(FileManager.default.contents(atPath: path))
    #expect(whole != older)
    let tree = try installation.originContent()
    for damaged in [nil, older, Data("{\"flags\":{}}".utf8), whole.dropLast(), Data()] {
      try FileManager.default.removeItem(atPath: path)
      try damaged?.write(to: URL(filePath: path))
      try installation.expect(1, "status")
      let verified = try installation.expect(1, "snapshot", "verify", installation.origin)
      #expect(verified.output.contains("  flagd.json: v1/production/globex/flagd.json "))
      let shown = try installation.expect(1, "snapshot", "flagd", "--customer", "globex")
      #expect(shown.output.contains("run `flagstaff reconcile`"), "\(shown)")
      // What is read through the pointer does not depend on it.
      try installation.expect(
        0, "evaluate", "--environment", "production", "--customer", "globex", "--flag",
        "pick-by-light", "--context", #"{"zone":"B"}"#)
      let ended = try installation.expect(0, "reconcile")
      #expect(ended.output.contains("brought up"), "\(ended)")
      try installation.expect(0, "status")
      expectEqual(try installation.originContent(), tree, "the origin")
    }
    try await installation.discard()
  }

  @Test("A workspace that turns splits on has them with each scope's next version")
  func turnedOn() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    try installation.expect(0, "reconcile", "--quiet")
    func keys(_ customer: String) throws -> [String] {
      let path = "\(installation.origin)/v1/production/\(customer)/flagd.json"
      let bytes = [UInt8](try #require(FileManager.default.contents(atPath: path)))
      let flags = try JSONReader.read(bytes, depthMax: 1_000)["flags"]?.mapping
      return flags?.entries.map(\.key) ?? []
    }
    #expect(try keys("acme") == ["banner"])
    try installation.repository.replace(
      "workspace:\n", by: "workspace:\n  flagd: {splits: native}\n", in: "flagstaff.yaml")
    try installation.repository.commit()
    try installation.expect(0, "reconcile", "--quiet")
    #expect(try keys("acme") == ["banner"])
    try installation.repository.replace(
      "default: true", by: "default: false", in: "customers/acme/shop.yaml")
    try installation.repository.replace(
      "traffic: 20%", by: "traffic: 30%", in: "customers/acme/shop.yaml")
    try installation.repository.commit()
    try installation.expect(0, "reconcile", "--quiet")
    #expect(try keys("acme") == ["banner", "checkout"])
    // A repair takes what the version was published with, whatever the workspace says.
    try FileManager.default.removeItem(
      atPath: installation.origin + "/v1/production/acme/flagd.json")
    try installation.expect(0, "reconcile", "--quiet")
    #expect(try keys("acme") == ["banner", "checkout"])
    try installation.expect(0, "snapshot", "verify", installation.origin)
    try await installation.discard()
  }
}
