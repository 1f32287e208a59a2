// The blast radius of a change as a reviewer reads it: one line of what moves most, below it the
// pairs of variants, and what comes later if that is more. Where more moves than had to, the line
// says what would have done.

internal import Documents
internal import FlagstaffCore

enum BlastRadiusText {
  /// Flags of one change, and pairs of one flag, that are shown.
  private static let flagsMax = 8
  private static let movesMax = 12

  /// Lines below a change; none where it creates what nobody was served by.
  static func lines(of change: Change) -> [String] {
    visible(change) + (hidden(change).map { ["behind a kill: \($0)"] } ?? [])
  }

  /// What a kill hides of a change; nil where nothing is killed that it reaches.
  static func hidden(_ change: Change) -> String? {
    guard let share = change.behindKills else { return nil }
    if share.isNone { return "nobody would move without it either" }
    return
      "without it \(share.percent) of users would move at most, and approvals are asked for that"
  }

  private static func visible(_ change: Change) -> [String] {
    let radius = change.blastRadius
    let flags = radius.flags.filter { $0.standing != .new }
    let isOne = change.identity.kind == .flag || change.identity.kind == .experiment
    guard let first = flags.first else {
      return change.before == nil || !radius.flags.isEmpty
        ? [] : ["blast radius: \(isOne ? "no flag uses it" : "it alters no flag")"]
    }
    guard isOne else {
      let most =
        radius.flagCount == 1 ? "" : ", the most of \(Plural.text(radius.flagCount, "flag")),"
      return lines(of: first, place: "\(most) in flag \(first.flag)")
    }
    let rest = flags.count - flagsMax
    return flags.prefix(flagsMax).flatMap { flag in
      lines(
        of: flag,
        place: flags.count > 1 || flag.flag != change.identity.key
          ? " in flag \(flag.flag)" : "")
    } + (rest > 0 ? ["and \(Plural.text(rest, "flag")) in which less moves"] : [])
  }

  private static func lines(of flag: FlagRadius, place: String) -> [String] {
    if flag.standing == .deleted { return ["blast radius\(place): all users lose its answer"] }
    return lines(of: flag.now, "blast radius\(place): ")
      + (flag.largest.map { lines(of: $0, "most at \($0.instant): ") } ?? [])
  }

  private static func lines(of figures: FlagRadius.Figures, _ prefix: String) -> [String] {
    var lines = figures.classes.enumerated().flatMap { place, figures in
      [(place == 0 ? prefix : "  and ") + headline(figures)]
        + figures.moves.prefix(movesMax).map { "  \(text($0))" }
        + (figures.moves.count > movesMax
          ? ["  and \(Plural.text(figures.moves.count - movesMax, "pair")) with less"] : [])
    }
    if figures.classes.isEmpty { lines.append(prefix + "nobody moves") }
    if figures.hasOtherClasses { lines.append("  and \(others)") }
    if figures.forcedUnits > 0 {
      lines.append("  \(Plural.text(figures.forcedUnits, "forced unit")) beside them")
    }
    return lines
  }

  /// What is said of those who are not named.
  static let others = "others, of whom no larger share moves"

  private static func headline(_ figures: FlagRadius.ClassFigures) -> String {
    bound(figures.assignments, of: figures) + share(figures.assignments)
      + " of \(ConditionText.users(figures.users)) \(verb(figures)), "
      + bound(figures.values, of: figures) + share(figures.values) + " are served another value"
  }

  /// What stands before a figure that may be less; nobody cannot be fewer.
  static func bound(_ moved: FlagRadius.Moved, of figures: FlagRadius.ClassFigures) -> String {
    figures.isExact || moved.share.isNone ? "" : "at most "
  }

  /// What happens to those whose assignment moves.
  static func verb(_ figures: FlagRadius.ClassFigures) -> String {
    let moved = figures.assignments.share
    if moved.isNone { return "change assignment" }
    if figures.entering == moved { return "are newly assigned" }
    return figures.leaving == moved ? "lose their assignment" : "change assignment"
  }

  /// `50%`, or `50% (10% would do)`.
  private static func share(_ moved: FlagRadius.Moved) -> String {
    guard let least = moved.least, least < moved.share else { return moved.share.percent }
    return "\(moved.share.percent) (\(least.percent) would do)"
  }

  private static func text(_ move: FlagRadius.Move) -> String {
    let pair = "\(move.from ?? "no answer") → \(move.to ?? "no answer"): \(move.share.percent)"
    if move.from == move.to { return "\(pair), whose value changes" }
    let least = move.least < move.share ? ", where \(move.least.percent) would do" : ""
    return pair + least + (move.changesValue ? "" : ", of the same value")
  }
}
