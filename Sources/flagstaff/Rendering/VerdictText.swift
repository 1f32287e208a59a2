// Verdicts for a terminal: the lines of an explanation, in which what others wrote is shown with
// escapes. And what a pass did to trust, with the verdict on each change that waits.

internal import Documents
internal import FlagstaffController
internal import FlagstaffCore

enum VerdictText {
  /// The lines of a verdict, each behind so many blanks.
  static func lines(_ verdict: ChangeVerdict, indent: Int) -> [String] {
    verdict.explanation.map { line in
      String(repeating: " ", count: indent + 2 * line.depth)
        + line.parts.map {
          switch $0 {
          case .words(let words): words
          case .name(let name): Visible.text(name)
          }
        }.joined()
    }
  }

  /// What came of trust; none where nothing changed.
  ///
  /// - Parameter head: what people approve.
  static func lines(_ report: TrustReport, at head: String) -> [String] {
    report.earlier.flatMap { lines($0, at: head) } + ownLines(report, head)
  }

  private static func ownLines(_ report: TrustReport, _ head: String) -> [String] {
    switch report.outcome {
    case .unchanged: []
    case .held: ["trust  held at version \(report.trust.version)"]
    case .applied(let plan):
      ["trust  applied as version \(report.trust.version)"]
        + plan.changes.flatMap(TrustChangeText.lines)
    case .planned(let plan, let verdict):
      ["trust  version \(plan.parent) → \(plan.parent + 1)"] + lines(plan, verdict, head)
    case .refused(let plan, let verdict):
      ["trust  waiting at version \(report.trust.version)"] + lines(plan, verdict, head)
    }
  }

  private static func lines(
    _ plan: TrustPlan, _ verdict: TrustVerdict, _ head: String
  ) -> [String] {
    plan.changes.enumerated().flatMap { place, change in
      TrustChangeText.lines(change)
        + (place < verdict.changes.count ? lines(verdict.changes[place], indent: 6) : [])
    }
      + (verdict.allWaits + [verdict.missingApprovals(at: head)].compactMap(\.self)).flatMap {
        ["  ! waits: \(Visible.text($0.reason))", "      \(Visible.text($0.remedy))."]
      }
  }
}
