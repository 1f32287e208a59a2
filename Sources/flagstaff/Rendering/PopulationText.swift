// What was counted over real contexts, below the blast radius that was computed. It has the same
// figures in the same order, so that both are read side by side.

internal import FlagstaffController
internal import FlagstaffCore

enum PopulationText {
  /// Pairs of one flag that are shown.
  private static let movesMax = 12

  static func lines(of change: Change, in scope: ScopeID, _ population: PopulationCount) -> [String]
  {
    let counts = change.blastRadius.flags.compactMap { population.flag($0.flag, in: scope) }
    return counts.flatMap { flag in
      let name =
        counts.count > 1 || flag.key != change.identity.key ? " in flag \(flag.key)" : ""
      let total = population.contextCount
      return [
        "population\(name): \(text(flag.assignments, of: total)) of"
          + " \(Plural.text(total, "context")) change assignment,"
          + " \(text(flag.values, of: total)) are served another value"
      ]
        + flag.sortedMoves.prefix(movesMax).map { move, count in
          "  \(move.from ?? "no answer") → \(move.to ?? "no answer"): \(text(count, of: total))"
        }
    }
  }

  /// `1500 (15%)`, to hundredths of a percent.
  private static func text(_ count: Int, of total: Int) -> String {
    guard total > 0 else { return "0" }
    let hundredths = (count * Share.whole * 2 + total) / (total * 2)
    return "\(count) (\(Share.text(hundredths)))"
  }
}
