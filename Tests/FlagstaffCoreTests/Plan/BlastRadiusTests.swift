// Who moves, in exact numbers, where this version computes them, and "not computed" everywhere
// else. A number that is a little wrong would be worse than none: people approve by it.

import FlagstaffCore
import Testing

@Suite("Blast radius")
struct BlastRadiusTests {
  private static func radius(_ before: String, _ after: String) throws -> BlastRadius {
    let plan = try TestScope.applied(before).plan(after)
    return try #require(plan.changes.first { $0.identity.kind == .experiment }).blastRadius
  }

  private static func figures(_ before: String, _ after: String) throws -> BlastRadius.Figures? {
    guard case .exact(let figures) = try radius(before, after) else { return nil }
    return figures
  }

  private static func lines(_ figures: BlastRadius.Figures) -> [String] {
    figures.moves.map { "\($0.from) to \($0.to): \($0.share)" }
  }

  @Test("A start moves the traffic, and changes values for the variants that differ")
  func started() throws {
    let figures = try #require(try Self.figures(Samples.draft, Samples.running))
    #expect(figures.assignments == 30_000_000 && figures.values == 15_000_000)
    #expect(Self.lines(figures) == ["old to new: 15000000"])
    #expect(!figures.isOfTargetedOnly)
    #expect(BlastRadius.percent(figures.values) == "15%")
  }

  @Test("Raised traffic moves the difference only")
  func raised() throws {
    let after = Samples.running.replacingFirst("30%", "33.33%")
    let figures = try #require(try Self.figures(Samples.running, after))
    #expect(figures.assignments == 3_330_000 && figures.values == 1_665_000)
    #expect(BlastRadius.percent(figures.assignments) == "3.33%")
    #expect(BlastRadius.percent(figures.values) == "1.665%")
  }

  @Test("Variants count by their buckets, and targeting is said")
  func unevenAndTargeted() throws {
    let draft = Samples.draft
      .replacingFirst("{old: 50, new: 50}", "{old: 1, new: 2}")
      .replacingFirst("traffic: 30%", "traffic: 0.01%\n    targeting: {a: b}")
    let figures = try #require(
      try Self.figures(draft, draft.replacingFirst("draft", "running")))
    #expect(Self.lines(figures) == ["old to new: 6667"])
    #expect(figures.assignments == 10_000 && figures.isOfTargetedOnly)
    #expect(BlastRadius.percent(6_667) == "0.006667%")
  }

  @Test("Variants of one value move assignments, but no values; a disabled flag moves nobody")
  func equalValuesAndDisabled() throws {
    let equal = Samples.draft.replacingFirst("{steps: 1}", "{steps: 3}")
    let figures = try #require(
      try Self.figures(equal, equal.replacingFirst("draft", "running")))
    #expect(figures.assignments == 30_000_000 && figures.values == 0)
    #expect(figures.moves.map(\.share) == [15_000_000])
    let disabled = Samples.draft.replacingFirst("off: old", "off: old\n    enabled: false")
    let none = try #require(
      try Self.figures(disabled, disabled.replacingFirst("draft", "running")))
    #expect(none.assignments == 0 && none.values == 0 && none.moves == [])
  }

  private static let twoRules = Samples.running.replacingFirst(
    "[{experiment: checkout}]", "[{when: {a: b}, serve: new}, {experiment: checkout}]")

  @Test(
    "Everything else is not computed",
    arguments: [
      (twoRules.replacingFirst("running", "draft"), twoRules),
      (Samples.running, Samples.running.replacingFirst("30%", "20%")),
      (Samples.running, Samples.running.replacingFirst("running", "paused")),
      (Samples.draft, Samples.running.replacingFirst("30%", "31%")),
      (
        Samples.running.replacingFirst("running", "paused"),
        Samples.running.replacingFirst("running", "paused").replacingFirst("30%", "31%")
      ),
      (
        Samples.draft,
        Samples.running.replacingFirst("off: old", "off: old\n    default: new")
      ),
      (Samples.draft.replacingFirst("[{experiment: checkout}]", "[]"), Samples.running),
      (ClassFixture.flagless, ClassFixture.flagless.replacingFirst("1%", "2%")),
    ])
  func notComputed(before: String, after: String) throws {
    #expect(try Self.figures(before, after) == nil)
  }
}
