// Findings as a person reads them, in the form that editors and terminals turn into links:
// `file:line:column: error FS1001: what is wrong`, then what to do, then other places. What users
// wrote is made visible first, so that a name cannot play tricks on a terminal.

internal import Documents

struct FindingText {
  let terminal: Terminal

  func text(_ findings: [Finding]) -> String {
    findings.map(text).joined(separator: "\n")
  }

  private func text(_ finding: Finding) -> String {
    let severity = terminal.colour(
      finding.severity.rawValue, finding.severity == .error ? .red : .yellow)
    var lines = [
      "\(Visible.text(finding.location.description)): \(severity) \(finding.code.rawValue):"
        + " \(Visible.text(finding.message))",
      "    " + terminal.colour("\(Visible.text(finding.remedy)).", .dim),
    ]
    for note in finding.notes {
      let place = note.location.map { "\($0): " } ?? ""
      lines.append("    \(Visible.text(place + note.message))")
    }
    return lines.joined(separator: "\n")
  }

  /// What is wrong, what to do and where else to look, a line each, for formats that show the place
  /// themselves. What users wrote in them is not made visible yet.
  static func sentences(_ finding: Finding, notes: [Finding.Note]? = nil) -> [String] {
    ["\(finding.message).", "\(finding.remedy)."]
      + (notes ?? finding.notes).map { note in
        (note.location.map { "\($0): " } ?? "") + note.message
      }
  }

  /// `3 errors, 1 warning`.
  static func count(_ findings: [Finding]) -> String {
    let errors = findings.filter { $0.severity == .error }.count
    let warnings = findings.count - errors
    return [(errors, "error"), (warnings, "warning")].filter { $0.0 > 0 }
      .map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }.joined(separator: ", ")
  }
}
