// Workflow commands of GitHub Actions: lines that become annotations beside the changed files. A
// line end in what users wrote would begin another command, so all of it is made visible first and
// then escaped by the rules of the runner.

internal import Documents
internal import FlagstaffController
internal import FlagstaffCore

struct WorkflowCommands {
  let root: SourceRoot
  /// Whether warnings count as errors, as they do for the exit code.
  var isStrict = false

  /// GitHub shows no more than ten notices of a step: the summary, what is scheduled, and changes.
  private static let noticesMax = 10
  /// Scheduled changes that are told.
  private static let scheduledMax = 20

  func text(_ findings: [Finding]) -> String {
    findings.map(line).joined(separator: "\n")
  }

  /// Findings, failures and waits, then a summary, what is scheduled, and the changes that move
  /// most.
  func text(_ report: PassReport) -> String {
    let figures = PlanFigures(report)
    var lines = problems(report, figures)
    for step in report.scheduled ?? [] {
      let pass = report.at(step)
      lines += problems(pass, PlanFigures(pass), at: step.instant)
    }
    var notices = [command("notice", title: "Flagstaff plan", PlanSummary(figures).sentences)]
    if let scheduled = scheduled(report) { notices.append(scheduled) }
    lines += notices
    let changes = figures.plans.flatMap { scope, plan in
      plan.changes.filter { $0.before != nil }.map { (scope: scope, change: $0) }
    }
    let order = changes.indices.sorted {
      let (a, b) = (changes[$0].change.blastRadius, changes[$1].change.blastRadius)
      return a.greatest == b.greatest ? $0 < $1 : a.greatest > b.greatest
    }
    lines += order.prefix(Self.noticesMax - notices.count).map {
      line(changes[$0].change, in: changes[$0].scope)
    }
    return lines.joined(separator: "\n")
  }

  /// - Parameter instant: of a scheduled step; it goes before each message.
  private func problems(
    _ report: PassReport, _ figures: PlanFigures, at instant: Instant? = nil
  ) -> [String] {
    let start = instant.map { [ScheduledText.heading($0)] } ?? []
    return report.allFindings.map { line($0, after: start) }
      + figures.failed.map { scope, reason in
        command("error", title: "\(scope) failed", start + [reason])
      }
      + (figures.waits + figures.approvals).map { scope, wait in
        command("warning", title: "\(scope) waits", start + ["\(wait.reason).", "\(wait.remedy)."])
      }
  }

  private func scheduled(_ report: PassReport) -> String? {
    guard let lines = ScheduledText.lines(report, countMax: Self.scheduledMax) else { return nil }
    return command("notice", title: "Later, by schedule alone", lines)
  }

  private func line(_ finding: Finding) -> String { line(finding, after: []) }

  private func line(_ finding: Finding, after start: [String]) -> String {
    command(
      (isStrict ? .error : finding.severity).rawValue, at: finding.location,
      title: "\(finding.code.rawValue) \(finding.code.title)",
      start + FindingText.sentences(finding))
  }

  private func line(_ change: Change, in scope: ScopeID) -> String {
    let classes = change.classes.map(\.rawValue).joined(separator: ", ")
    return command(
      "notice", at: change.location, title: "\(scope): \(change.identity)",
      [classes]
        + DifferenceText.lines(
          before: change.before?.definition.form, after: change.after?.definition.form)
        + BlastRadiusText.lines(of: change))
  }

  /// - Parameter lines: joined to one message of several lines.
  private func command(
    _ name: String, at location: Location? = nil, title: String, _ lines: [String]
  ) -> String {
    var properties: [(String, String)] = []
    if let location {
      properties.append(("file", root.path(location.file)))
      if location.position != .none {
        properties.append(("line", "\(location.position.line)"))
        properties.append(("col", "\(location.position.column)"))
      }
    }
    properties.append(("title", title))
    let texts = properties.map { "\($0.0)=\(Self.property($0.1))" }
    let message = lines.map { Self.data(Visible.text($0)) }.joined(separator: "%0A")
    return "::\(name) \(texts.joined(separator: ","))::\(message)"
  }

  /// The escapes of the runner (actions/toolkit, `escapeData`), over scalars: a mark may combine
  /// with a sign, and make a character of both.
  private static func data(_ text: String) -> String { escaped(text, ["%", "\r", "\n"]) }

  private static func property(_ text: String) -> String {
    escaped(Visible.text(text), ["%", "\r", "\n", ":", ","])
  }

  private static func escaped(_ text: String, _ signs: [Unicode.Scalar]) -> String {
    text.unicodeScalars.map { scalar in
      guard signs.contains(scalar) else { return String(scalar) }
      let digits = String(scalar.value, radix: 16, uppercase: true)
      return "%" + (digits.count < 2 ? "0" : "") + digits
    }.joined()
  }
}
