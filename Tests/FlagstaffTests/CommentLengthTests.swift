// Comments that would be longer than a forge takes: what matters most stays, and what is left out
// is counted and said.

import Documents
import Foundation
import Testing

@Suite("Comments that are cut")
struct CommentLengthTests {
  private static let lengthMax = 65_000

  /// 250 flags of one customer, of which each moves another share, all but one less than 10 %.
  private static func flags(_ share: (Int) -> Double) -> String {
    "flagstaff: v1\nflags:\n"
      + (0..<250).map { number in
        """
          flag-\(number):
            environments: {production: {}, staging: {}}
            rules: [{key: ramp, serve: true, rollout: \(String(format: "%.2f", share(number)))%}]

        """
      }.joined()
  }

  @Test("Of 2,000 changes the greatest stay, and the rest is counted")
  func changes() async throws {
    let customers = ["one", "two", "three", "four"]
    var files = ["flagstaff.yaml": DefinitionsRepository.workspace]
    for customer in customers { files["customers/\(customer)/flags.yaml"] = Self.flags { _ in 1 } }
    let repository = try DefinitionsRepository(files)
    let installation = try await Installation(repository)
    try installation.expect(0, "reconcile", "--quiet")
    for customer in customers {
      let changed = Self.flags { number in
        number == 77 && customer == "two" ? 90.5 : 1.5 + Double(number) / 50
      }
      try repository.write(changed, to: "customers/\(customer)/flags.yaml")
    }
    let path = repository.path
    let comment = try installation.expect(0, "plan", path, "--format", "markdown").output
    #expect(comment.utf16.count <= Self.lengthMax && comment.utf16.count > Self.lengthMax * 9 / 10)
    #expect(comment.contains("### Flagstaff plan: 2000 changes in 8 scopes\n"))
    #expect(comment.contains("up to **89.5%** of one flag's users"))
    #expect(
      comment.contains("| flag `flag-77`<br>`rules.changed` | `rules[0].rollout`: `1%` →"))
    #expect(
      comment.contains("<summary>flag <code>flag-77</code> in <code>production/two</code>: 89.5%"))
    try Self.expectCounted(comment)
    for page in try ReviewCheck.run("markdown", texts: [comment]) {
      #expect(page["depth"]?.integer == 0)
      #expect(page["rows"]?.sequence?.compactMap(\.integer) == [3, 5])
    }
    try await installation.discard()
  }

  /// What is shown and what is said to be missing are all that there is; what is missing moves no
  /// more than what is shown.
  private static func expectCounted(_ comment: String) throws {
    let shown = comment.components(separatedBy: "\n| flag `").count - 1
    let folds = comment.components(separatedBy: "<details>").count - 1
    #expect(shown > 20 && folds > 5, "\(shown) rows, \(folds) folds")
    let below = comment.matches(of: /… and ([0-9]+) changes more here/)
      .compactMap { Int($0.output.1) }
    let end = try #require(
      comment.firstMatch(
        of: /Left out, the least important first: ([0-9]+) changes, ([0-9]+) folds/))
    let (changes, details) = (Int(end.output.1) ?? 0, Int(end.output.2) ?? 0)
    #expect(shown + changes == 2_000 && folds + details == 2_000)
    #expect(below.reduce(0, +) == changes)
    let most = comment.matches(of: /none of which moves more than ([0-9.]+)%/)
      .compactMap { Double($0.output.1) }.max()
    let least = comment.matches(of: /░ ([0-9.]+)% \|\n/).compactMap { Double($0.output.1) }.min()
    #expect(try #require(most) <= (try #require(least)))
  }

  @Test("Of 1,500 findings errors stay before warnings, and the rest is counted")
  func findings() throws {
    var files = ["flagstaff.yaml": DefinitionsRepository.workspace]
    for file in 0..<10 {
      let fields = (0..<150).map { number in
        "  f\(file)-\(number): {environments: {production: {}}, wrong: 1}\n"
      }
      files["customers/one/\(file).yaml"] = "flagstaff: v1\nflags:\n" + fields.joined()
    }
    let repository = try DefinitionsRepository(files)
    let ended = try Running(
      Programs.flagstaff, ["validate", repository.path, "--format", "markdown"],
      variables: Programs.variables, in: "/tmp"
    ).wait()
    let comment = ended.output
    #expect(ended.code == 3 && comment.utf16.count <= Self.lengthMax)
    let shown = comment.components(separatedBy: "❌ **Error**").count - 1
    let left = comment.firstMatch(of: /… and ([0-9]+) errors more, which are left out here/)
      .flatMap { Int($0.output.1) }
    #expect(shown > 100 && left == 1_500 - shown, "\(shown), \(left ?? 0)")
  }

  @Test("Long values, and long reasons of a failure, are cut where they stand")
  func longTexts() async throws {
    let long = String(repeating: "x", count: 128)
    let file = "customers/\(long)/a.yaml"
    let installation = try await Installation(
      DefinitionsRepository([
        "flagstaff.yaml": "flagstaff: v1\nworkspace: {id: tests, environments: [\(long)]}\n",
        file: """
        flagstaff: v1
        flags:
          a:
            variants: {a: {text: one}, b: {text: two}}
            off: a
            environments: {\(long): {}}

        """,
      ]))
    try installation.expect(0, "reconcile", "--quiet")
    let value = String(repeating: "y", count: 200)
    try installation.repository.replace("one", by: value, in: file)
    try installation.repository.commit()
    let row = try installation.planPublished(["--format", "markdown"]).output
    let cut = String(repeating: "y", count: 30)
    #expect(row.contains(cut) && row.matches(of: /`[^`\n]{60}…`/).count > 0, "\(row)")

    for path in try installation.originTree().keys where path.contains("/state/") {
      try FileManager.default.removeItem(atPath: installation.origin + "/" + path)
    }
    let failed = try installation.planPublished(["--format", "markdown"]).output
    #expect(failed.contains(/\*\*failed\*\*: `[^`\n]{600}…`/), "\(failed)")
    try await installation.discard()
  }

  @Test("Of 400 scopes that are held those that do not fit are counted")
  func held() async throws {
    var files = ["flagstaff.yaml": DefinitionsRepository.workspace]
    for number in 0..<200 {
      files["customers/customer-\(number)/a.yaml"] = """
        flagstaff: v1
        flags:
          a:
            environments: {production: {}, staging: {}}
            rules: [{when: {segment: nobody}, serve: true}]

        """
    }
    let repository = try DefinitionsRepository(files)
    let installation = try await Installation(repository)
    let path = repository.path
    let comment = try installation.expect(3, "plan", path, "--format", "markdown").output
    #expect(comment.utf16.count <= Self.lengthMax)
    let shown = comment.components(separatedBy: " are **held** ").count - 1
    let left = comment.firstMatch(of: /… and ([0-9]+) scopes that are held more/)
      .flatMap { Int($0.output.1) }
    #expect(shown > 10 && shown + (left ?? 0) == 200, "\(shown), \(left ?? 0)")
    #expect(comment.contains("Approvals: "))
    try await installation.discard()
  }
}
