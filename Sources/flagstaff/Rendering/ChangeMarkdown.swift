// One change in a comment: a row that says what changes, for whom and how many move, and a fold
// with every difference and every pair of variants. A row is short, so that a table of many can be
// read; a fold is whole, as far as anybody would read it.

internal import Documents
internal import FlagstaffController
internal import FlagstaffCore

struct ChangeMarkdown {
  let change: Change
  let scope: ScopeID
  /// What row and fold have in common.
  let subject: Int
  /// Nil where nothing is gated.
  var verdict: ChangeVerdict?
  var population: PopulationCount?

  private static let differencesInRow = 3
  private static let differencesMax = 40
  private static let flagsMax = 8
  private static let movesMax = 12

  static let titles = [
    "Definition", "What changes", "For whom", "Change assignment", "Get another value",
  ]

  private var radius: BlastRadius { change.blastRadius }
  /// Flags that served somebody before.
  private var flags: [FlagRadius] { radius.flags.filter { $0.standing != .new } }
  private var differences: [Difference] {
    DifferenceText.differences(
      before: change.before?.definition.form, after: change.after?.definition.form)
  }

  private var name: String {
    "\(change.identity.kind.rawValue) \(MarkdownText.cell(change.identity.key))"
  }

  // MARK: The row

  var row: MarkdownPage.Part {
    .init(kind: .change, weight: radius.greatest, subject: subject, text: MarkdownText.row(cells))
  }

  /// A row of a table of instants, in which nothing has a fold.
  func scheduledRow(at instant: Instant) -> MarkdownPage.Part {
    let place = [instant.description, MarkdownText.cell(scope.description)]
    return .init(kind: .later, weight: radius.greatest, text: MarkdownText.row(place + cells))
  }

  private var cells: [String] {
    let classes = change.classes.map { "`\($0.rawValue)`" }.joined(separator: " ")
    let hidden = BlastRadiusText.hidden(change).map { "<br>behind a kill: \($0)" } ?? ""
    return ["\(name)<br>\(classes)", what + hidden, whom] + figures
  }

  private var what: String {
    guard change.before != nil else { return "new" }
    guard change.after != nil else { return "deleted" }
    let found = differences
    guard !found.isEmpty else {
      return change.classes.contains(where: \.isScheduled)
        ? "as scheduled" : "no setting of its own"
    }
    let shown = found.prefix(Self.differencesInRow).map {
      "\(Self.short($0.path)): \(Self.short($0.before)) → \(Self.short($0.after))"
    }
    let rest = found.count - shown.count
    return (shown + (rest > 0 ? ["and \(Plural.text(rest, "difference")) more"] : []))
      .joined(separator: "<br>")
  }

  private static func short(_ text: String) -> String {
    MarkdownText.cell(text, lengthMax: MarkdownText.differenceLengthMax)
  }

  private var whom: String {
    guard let first = flags.first else {
      guard radius.flags.isEmpty else { return "nobody yet: it is new" }
      switch (change.before, change.identity.kind) {
      case (nil, _): return "nobody yet: it is new"
      case (_, .flag), (_, .experiment): return "nobody: no flag uses it"
      default: return "nobody: it alters no flag"
      }
    }
    let flag = "in flag \(MarkdownText.cell(first.flag))"
    let place = radius.flagCount > 1 ? "\(flag), the most of \(radius.flagCount) flags" : flag
    if first.standing == .deleted { return "all users, who lose its answer<br>\(place)" }
    guard !first.now.classes.isEmpty else {
      return first.largest == nil ? "nobody<br>\(place)" : "nobody now<br>\(place)"
    }
    let users = first.now.classes.map {
      ConditionText.users($0.users, quoting: { MarkdownText.cell($0) })
    }
    let others = first.now.hasOtherClasses ? [BlastRadiusText.others] : []
    return (numbered(users) + others + [place]).joined(separator: "<br>")
  }

  /// Each class has a number where there are several, so that figures find their users.
  private func numbered(_ texts: [String]) -> [String] {
    texts.count == 1 ? texts : texts.enumerated().map { "(\($0 + 1)) \($1)" }
  }

  private var figures: [String] {
    guard let first = flags.first, first.standing != .deleted else { return ["–", "–"] }
    return [
      cell(first, \.assignments, first.largest?.assignments),
      cell(first, \.values, first.largest?.values),
    ]
  }

  private func cell(
    _ flag: FlagRadius, _ moved: KeyPath<FlagRadius.ClassFigures, FlagRadius.Moved>,
    _ largest: UserShare?
  ) -> String {
    let shares = flag.now.classes.map { figures in
      let share = figures[keyPath: moved]
      return BlastRadiusText.bound(share, of: figures) + MarkdownText.bar(share.share)
    }
    let now = shares.isEmpty ? [MarkdownText.bar(.none)] : numbered(shares)
    let greatest = flag.now.classes.map { $0[keyPath: moved].share }.max() ?? .none
    let later = largest.flatMap { $0 > greatest ? ["later: \(MarkdownText.bar($0))"] : nil } ?? []
    return (now + later).joined(separator: "<br>")
  }

  // MARK: The fold

  /// Nil where the row says all there is.
  var detail: MarkdownPage.Part? {
    let body =
      [place, table(of: differences)].joined()
      + flags.prefix(Self.flagsMax).map(text)
      .joined() + restOfFlags + counted + judged
    guard !flags.isEmpty || !differences.isEmpty else { return nil }
    let kind = change.identity.kind.rawValue
    let headline = flags.first?.now.classes.first.map { most in
      ": " + BlastRadiusText.bound(most.assignments, of: most) + most.assignments.share.percent
        + " \(BlastRadiusText.verb(most)), "
        + BlastRadiusText.bound(most.values, of: most) + most.values.share.percent
        + " get another value"
    }
    return .init(
      kind: .detail, weight: radius.greatest, subject: subject,
      text: MarkdownText.fold(
        "\(kind) \(MarkdownText.htmlCode(change.identity.key)) in"
          + " \(MarkdownText.htmlCode(scope.description))\(headline ?? "")", body))
  }

  private var place: String {
    guard let location = change.location else { return "" }
    return "Defined in \(MarkdownText.code(location.description)).\n\n"
  }

  private func table(of differences: [Difference]) -> String {
    guard !differences.isEmpty else { return "" }
    let rows = differences.prefix(Self.differencesMax).map {
      MarkdownText.row([
        MarkdownText.cell($0.path), MarkdownText.cell($0.before), MarkdownText.cell($0.after),
      ])
    }
    let rest = differences.count - rows.count
    return MarkdownText.table(["Setting", "Before", "After"]) + rows.joined() + "\n"
      + (rest > 0 ? "… and \(Plural.text(rest, "difference")) more.\n\n" : "")
  }

  private func text(of flag: FlagRadius) -> String {
    let name = MarkdownText.code(flag.flag)
    if flag.standing == .deleted { return "**Flag** \(name): all users lose its answer.\n\n" }
    return text(of: flag.now, "**Flag** \(name)")
      + (flag.largest.map { text(of: $0, "**Flag** \(name), at most, at \($0.instant)") } ?? "")
  }

  private func text(of figures: FlagRadius.Figures, _ heading: String) -> String {
    let forced =
      figures.forcedUnits > 0
      ? "\(Plural.text(figures.forcedUnits, "forced unit")) beside them.\n\n" : ""
    guard !figures.classes.isEmpty else { return "\(heading): nobody moves.\n\n\(forced)" }
    let others = figures.hasOtherClasses ? "There are \(BlastRadiusText.others).\n\n" : ""
    return figures.classes.map { text(of: $0, heading) }.joined() + others + forced
  }

  private func text(of figures: FlagRadius.ClassFigures, _ heading: String) -> String {
    let users = ConditionText.users(figures.users, quoting: { MarkdownText.code($0) })
    let sentence =
      "\(heading): \(share(figures.assignments, of: figures)) of \(users)"
      + " \(BlastRadiusText.verb(figures)), \(share(figures.values, of: figures)) get another"
      + " value.\n\n"
    guard !figures.moves.isEmpty else { return sentence }
    let rows = figures.moves.prefix(Self.movesMax).map { move in
      MarkdownText.row([
        variant(move.from), variant(move.to), MarkdownText.bar(move.share), move.least.percent,
        move.changesValue ? "yes" : "no, the same",
      ])
    }
    let rest = figures.moves.count - rows.count
    let by = figures.assignments.share.isNone ? "" : ", whether they are newly assigned or not"
    return sentence
      + MarkdownText.table([
        "Served before", "Served after", "Share of \(users)", "Fewest possible", "Another value?",
      ]) + rows.joined() + "\n"
      + (rest > 0 ? "… and \(Plural.text(rest, "pair")) with less.\n\n" : "")
      + (figures.isExact
        ? "The other \(figures.untouched.percent) get the value that they get now\(by).\n\n" : "")
  }

  /// `50%`, or `50% (10% would do)`.
  private func share(_ moved: FlagRadius.Moved, of figures: FlagRadius.ClassFigures) -> String {
    let text = BlastRadiusText.bound(moved, of: figures) + moved.share.percent
    guard let least = moved.least, least < moved.share else { return text }
    return "\(text) (\(least.percent) would do)"
  }

  private func variant(_ key: String?) -> String {
    key.map { MarkdownText.cell($0) } ?? "no answer"
  }

  private var restOfFlags: String {
    let new = radius.flags.count - flags.count
    let rest = radius.flagCount - new - min(flags.count, Self.flagsMax)
    guard rest > 0, !flags.isEmpty else { return "" }
    return "… and \(Plural.text(rest, "flag")) in which no more users move.\n\n"
  }

  /// Who is asked, who approved, what was set aside.
  private var judged: String {
    guard let verdict else { return "" }
    return "Approvals:\n\n\(MarkdownText.block(verdict.explanation.map(\.text)))\n"
  }

  private var counted: String {
    guard let population else { return "" }
    let lines = PopulationText.lines(of: change, in: scope, population)
    return lines.isEmpty ? "" : "Counted over real contexts:\n\n\(MarkdownText.block(lines))\n"
  }
}
