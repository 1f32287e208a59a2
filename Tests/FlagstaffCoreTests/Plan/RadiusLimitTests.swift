// What a flag with more rules than can be taken apart gets: an upper bound that is marked as one,
// and no larger than what its changed rules can do.

import Documents
import FlagstaffCore
import Testing

@Suite("Limits of the blast radius")
struct RadiusLimitTests {
  private static func flag(_ rules: [String]) -> String {
    """
    flags:
      page:
        variants: {old: 1, new: 2}
        off: old
        environments: {production: {}}
        rules: [\(rules.joined(separator: ", "))]
    """
  }

  /// Rules that each ask a condition of their own, and hash on their own.
  private static func rules(_ count: Int) -> [String] {
    (0..<count).map { "{key: r\($0), when: {c\($0): true}, serve: new, rollout: 1%}" }
  }

  private static func figures(_ before: [String], _ after: [String]) throws -> FlagRadius.Figures {
    let plan = try TestScope.applied(flag(before)).plan(flag(after))
    return try #require(plan.changes.first?.blastRadius.flags.first).now
  }

  @Test("Beyond the steps of a flag the figure is what its changed rules can do at most")
  func bounded() throws {
    let rules = Self.rules(24)
    let after = rules.map { $0.replacingFirst("1%", "3%") }
    let figures = try Self.figures(rules, after)
    #expect(
      figures.lines == ["at most all: assignments 48% least unknown, values 48% least unknown"])
    let turned = try Self.figures(rules, rules.reversed())
    #expect(turned.lines.count == 1 && turned.assignments < .buckets(6_000))
  }

  @Test("Many rules of which one changes are taken apart, whatever stands before it")
  func manyRules() throws {
    let rules = Self.rules(24)
    var after = rules
    after[20] = after[20].replacingFirst("1%", "3%")
    let figures = try Self.figures(rules, after)
    #expect(figures.classes.count == 1 && figures.classes.allSatisfy(\.isExact))
    #expect(
      figures.lines.first?.hasSuffix("assignments 2%, values 2%") ?? false, "\(figures.lines)")
  }

  @Test("Far more layers than a share has digits for are still added up")
  func manyLayers() throws {
    let rules = (0..<40).map { "{key: r\($0), serve: new, rollout: 50%}" }
    let figures = try Self.figures(rules + ["{serve: old}"], rules + ["{serve: new}"])
    #expect(
      figures.lines == [
        "exact all: assignments 0%, values less than 0.000001%",
        "old > new less than 0.000001%",
      ])
  }
}
