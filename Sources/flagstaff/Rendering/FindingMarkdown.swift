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
