// Findings in a comment: the place as code, so that it can be copied, and below it what is wrong
// and what to do. The latter is a code block, since messages quote what users wrote.

internal import Documents
internal import FlagstaffCore

enum FindingMarkdown {
  /// The longest line of a block, in characters: what a comment shows without a scroll bar.
  private static let lineWidth = 96
  /// The longest message that is shown whole, in characters.
  private static let messageLengthMax = 2_000
  private static let notesMax = 4

  /// Errors stay before warnings where not all fit.
  static func part(_ finding: Finding) -> MarkdownPage.Part {
    .init(
      kind: .finding, weight: finding.severity == .error ? .whole : .none, text: text(finding))
  }

  static func omission(_ left: [MarkdownPage.Part]) -> String {
    let errors = left.count { $0.weight == .whole }
    let counts = [(errors, "error"), (left.count - errors, "warning")].filter { $0.0 > 0 }
      .map { Plural.text($0.0, $0.1) }
    return "… and \(counts.joined(separator: " and ")) more, which are left out here.\n\n"
  }

  private static func text(_ finding: Finding) -> String {
    let severity = finding.severity == .error ? "❌ **Error**" : "⚠️ **Warning**"
    var lines = (cut(finding.message) + ".").wrapped(to: lineWidth)
    lines += ("→ " + cut(finding.remedy) + ".").wrapped(to: lineWidth)
    for note in finding.notes.prefix(notesMax) {
      let place = note.location.map { "\($0): " } ?? ""
      lines += ("  " + cut(place + note.message)).wrapped(to: lineWidth)
    }
    let rest = finding.notes.count - notesMax
    if rest > 0 { lines.append("  … and \(Plural.text(rest, "other place"))") }
    return "\(severity) \(finding.code.rawValue) \(finding.code.title), in"
      + " \(MarkdownText.code(finding.location.description))\n"
      + "\(MarkdownText.block(lines))\n"
  }

  private static func cut(_ text: String) -> String {
    let scalars = text.unicodeScalars
    return scalars.count > messageLengthMax
      ? String(scalars.prefix(messageLengthMax)) + "…" : text
  }
}

/// What `validate` found, as a comment.
struct FindingsComment {
  let findings: [Finding]
  let workspace: String?
  let definitions: Int
  let files: Int
  let held: Holding

  /// Customers and scopes that are named; beyond them they are counted.
  private static let namesMax = 20

  var text: String {
    let counted = "\(Plural.text(definitions, "definition")) in \(Plural.text(files, "file"))"
    let verdict = findings.isEmpty ? "no problems" : FindingText.count(findings)
    let page = MarkdownPage(
      top: """
        \(MarkdownMarker.text("validate", workspace))
        ### Flagstaff definitions: \(verdict)

        \(counted) were checked. \(consequence)


        """,
      blocks: [
        .init(parts: findings.map(FindingMarkdown.part), omission: FindingMarkdown.omission)
      ],
      bottom: "<sub>Made by `flagstaff validate`.</sub>\n", omission: { _ in "" })
    return page.text
  }
}

extension FindingsComment {
  /// Who would be held, were this merged.
  private var consequence: String {
    guard !held.isAll else {
      return "Were this merged, **every customer would be held** at what is applied now."
    }
    let all = held.customers.sorted() + held.scopes.sorted().map(\.description)
    guard !all.isEmpty else { return "" }
    let names = all.map { MarkdownText.code($0) }.listed(atMost: Self.namesMax)
    return "Were this merged, \(names) would be **held** at what is applied now;"
      + " everything else goes on."
  }
}

/// The first line of a comment, by which a bot finds the one to replace. It is stable: a comment of
/// the same workspace begins with the same line, whatever changes.
enum MarkdownMarker {
  /// - Parameter workspace: a key, in which nothing can end an HTML comment; nil where no workspace
  ///   could be read.
  static func text(_ command: String, _ workspace: String?) -> String {
    "<!-- flagstaff:\(command) workspace=\(workspace ?? "") -->"
  }
}
