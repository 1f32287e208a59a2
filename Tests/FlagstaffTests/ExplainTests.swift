// `flagstaff explain`: since which version a unit gets its variant, and which change brought it
// about, over versions that a repository went through.

import Documents
import Foundation
import PostgresRegistry
import Testing

@Suite("Explaining")
struct ExplainTests {
  private static let scope = ["--environment", "production", "--customer", "acme"]

  private static func explain(
    _ installation: Installation, _ words: String...
  ) throws -> (ended: Ended, node: Node) {
    let ended = try installation.start(["explain"] + words + ["--format", "json"] + scope).wait()
    return (ended, try JSONReader.read(ended.output.trimmingCharacters(in: .newlines)))
  }

  private static let shop = """
    flagstaff: v1
    experiments:
      checkout-v2:
        status: running
        traffic: 20%
        control: old
        variants: {old: 50, new: 50}
        environments: {production: {}}
    flags:
      checkout:
        variants: {old: old, new: new}
        off: old
        environments: {production: {}}
        rules: [{experiment: checkout-v2}]
      banner:
        environments: {production: {enabled: true}}

    """

  /// Four versions: of them the third alone changes who gets what of the flag `checkout`.
  private static func history() async throws -> Installation {
    let file = "customers/acme/shop.yaml"
    let installation = try await Installation(
      DefinitionsRepository(["flagstaff.yaml": DefinitionsRepository.workspace, file: shop]))
    let repository = installation.repository
    func pass(_ minute: Int) throws {
      try repository.commit()
      try installation.expect(
        0, "reconcile", "--quiet", with: ["FLAGSTAFF_INSTANT": "2026-11-23T12:0\(minute):00Z"])
    }
    try pass(1)
    try repository.replace("enabled: true", by: "enabled: false", in: file)
    try pass(2)
    try repository.replace("traffic: 20%", by: "traffic: 100%", in: file)
    try pass(3)
    try repository.replace("enabled: false", by: "enabled: true", in: file)
    try pass(4)
    return installation
  }

  /// A unit that 20 % of the traffic leave out, and all of it gives `new`: by the experiment's id
  /// its buckets are 9805 and 3613 (worked out by another implementation).
  private static let moved = "user-5"

  @Test("The change that moved a unit is found, with version, commit and event")
  func change() async throws {
    let installation = try await Self.history()
    let unit = Self.moved
    let (ended, node) = try Self.explain(installation, "checkout", "--unit", unit)
    #expect(ended.code == 0)
    #expect(node["answer"]?["version"]?.integer == 4)
    #expect(node["since"]?["version"]?.integer == 3)
    #expect(node["since"]?["instant"]?.string == "2026-11-23T12:03:00Z")
    #expect(node["before"]?["version"]?.integer == 2)
    #expect(node["before"]?["variant"]?.string == "old")
    let events = try #require(node["events"]?.sequence)
    #expect(events.map { $0["subject"]?["key"]?.string } == ["checkout-v2"])
    #expect(events.first?["classes"]?.sequence?.compactMap(\.string) == ["traffic.raised"])
    #expect(events.first?["commit"] == node["since"]?["commit"])
    let text = try installation.start(["explain", "checkout", "--unit", unit] + Self.scope).wait()
    for words in [
      "checkout = \"new\" (variant new) for \(unit)", "since: version 3 of 2026-11-23T12:03:00Z",
      "before: checkout = \"old\" (variant old), DEFAULT, version 2", "traffic.raised",
      "traffic: 20% → 100%", "serves new",
    ] {
      #expect(text.output.contains(words), "\(words): \(text)")
    }
    try await installation.discard()
  }

  @Test("A time is that of the version that held then, and before the first there is nothing")
  func times() async throws {
    let installation = try await Self.history()
    for (time, version) in [
      ("2026-11-23T12:01:00Z", 1), ("2026-11-23T12:02:59Z", 2), ("2026-11-23T12:03:00Z", 3),
    ] {
      let (_, node) = try Self.explain(installation, "checkout", "--unit", "u", "--at", time)
      #expect(node["answer"]?["version"]?.integer == version)
    }
    // No unit: the default, from the first version on.
    let (_, node) = try Self.explain(installation, "checkout")
    #expect(node["since"]?["version"]?.integer == 1 && node["before"] == nil)
    let early = try installation.start(
      ["explain", "checkout", "--at", "2026-11-23T11:59:59Z"] + Self.scope
    ).wait()
    #expect(early.code == 1 && early.errors.contains("nothing was applied"), "\(early)")
    let (unknown, _) = try Self.explain(installation, "nope")
    #expect(unknown.code == 1)
    try await installation.discard()
  }

  @Test("Where an old object is missing at the origin, that is said")
  func missing() async throws {
    let installation = try await Self.history()
    let unit = Self.moved
    let indexes = try installation.connection().runOutsideTransaction(
      """
      SELECT convert_from(payload, 'UTF8')::jsonb -> 'index' ->> 'digest' AS digest
      FROM experimentation.snapshots WHERE environment = 'production' AND customer = 'acme'
      ORDER BY version
      """
    ).map { try $0.string("digest") }
    let file = "\(installation.origin)/v1/production/acme/objects/\(indexes[1]).json"
    try FileManager.default.removeItem(atPath: file)
    let (ended, node) = try Self.explain(installation, "checkout", "--unit", unit)
    #expect(ended.code == 0)
    #expect(node["since"]?["version"]?.integer == 3 && node["before"] == nil)
    #expect(node["beforeUnknown"]?["version"]?.integer == 2)
    let text = try installation.start(["explain", "checkout", "--unit", unit] + Self.scope).wait()
    #expect(text.output.contains("before: not known. What version 2 published"), "\(text)")
    #expect(text.output.contains("is missing"), "\(text)")
    try await installation.discard()
  }
}
