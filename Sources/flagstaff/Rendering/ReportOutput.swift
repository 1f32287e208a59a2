// How a pass is shown, and how it ends the process. A plan, which did nothing yet, and a
// reconciliation are shown alike, so that what a reviewer saw is found again in the log.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore

/// How a pass is shown, and how it ends the process.
struct ReportOutput {
  let terminal: Terminal
  let format: ReviewFormat
  /// Where the definitions stand, for formats that name files to a forge.
  var root = SourceRoot(".")
  /// The origins that the pass published to; empty for a plan.
  var origins: [String] = []
  /// What a plan is of, and what it was compared with.
  var subject = PlanSubject()
  /// Real contexts, counted against a plan.
  var population: PopulationCount?

  /// Shows a pass.
  ///
  /// - Parameter heading: what the pass did, before the name of the workspace.
  func show(_ report: PassReport, heading: String) {
    switch format {
    case .text: showText(report, heading: heading)
    case .json: terminal.result(CanonicalJSON.string(JSONDocument.report(report, population)))
    case .markdown:
      terminal.page(PlanComment(report, of: subject, population: population).text)
    case .github: terminal.result(WorkflowCommands(root: root).text(report))
    case .sarif:
      terminal.result(
        CanonicalJSON.string(SARIFDocument(root: root).node(report.allFindings, report)))
    case .junit: terminal.result(JUnitDocument(report).text)
    }
  }

  private func showText(_ report: PassReport, heading: String) {
    let workspace = report.workspace ?? "an unknown workspace"
    terminal.result("\(heading) \(workspace), commit \(report.commit), at \(report.instant)")
    if !report.allFindings.isEmpty {
      terminal.result(FindingText(terminal: terminal).text(report.allFindings))
    }
    terminal.result(
      PlanText(terminal: terminal, origins: origins, population: population).text(report))
    for line in report.trust.map({ VerdictText.lines($0, at: report.commit) }) ?? [] {
      terminal.result(line)
    }
    let held = report.heldScopes
    let goingOn = report.scopes.map(\.scope).filter { !held.contains($0) }
    if let line = HeldText.line(held: held, goingOn: goingOn) { terminal.result(line) }
    terminal.result(summary(report))
    if let scheduled = ScheduledText(terminal: terminal).text(report) { terminal.result(scheduled) }
  }

  private func summary(_ report: PassReport) -> String {
    let done = report.scopes.map { scope in
      let steps = scope.steps.reduce(0) { $0 + $1.plan.changes.count }
      switch scope.outcome {
      case .planned(let plan), .applied(let plan, _): return steps + plan.changes.count
      default: return steps
      }
    }.filter { $0 > 0 }
    let changes = done.reduce(0, +)
    guard changes > 0 else {
      let repaired = report.scopes.filter(\.wasRepaired).count
      if case .applied = report.trust?.outcome { return "Trust applied, and nothing else." }
      if repaired > 0 { return "Nothing applied; \(Plural.text(repaired, "scope")) brought up." }
      return report.hasErrors || report.isWaiting || report.hasFailures
        ? "Nothing applied." : "Nothing changed."
    }
    let mode = subject.isSilentOnTrust ? PlanSubject.trustUnknown : Self.mode(of: report)
    return "\(Plural.text(changes, "change")) in \(Plural.text(done.count, "scope")); \(mode)."
  }

  /// How strictly approvals were enforced, in words.
  private static func mode(of report: PassReport) -> String {
    guard let trust = report.trust else { return "ungated: \(ApprovalMode.ungatedReason)" }
    let judging = Set(report.scopes.flatMap { $0.verdict?.changes.map(\.judging) ?? [] }).sorted()
    let numbers = judging.isEmpty ? [trust.trust.version] : judging
    let version =
      "\(numbers.count == 1 ? "version" : "versions")"
      + " \(numbers.map { "\($0)" }.joined(separator: " and ")) of trust"
    // What a pass applied was approved, whatever of it waits.
    let isPlan = report.scopes.contains { if case .planned = $0.outcome { true } else { false } }
    if isPlan, report.isRefused { return "not approved by \(version)" }
    return report.mode == .warn ? "policies of \(version) only warn" : "approved by \(version)"
  }

  /// The first that applies of: failed, invalid, waiting, changes; nil for plain success.
  static func ending(of report: PassReport, detailed: Bool) -> ExitCode? {
    if report.hasFailures { return Ending.failure }
    if report.hasErrors { return Ending.invalid }
    if report.isWaiting { return Ending.waiting }
    return detailed && report.hasChanges ? Ending.changes : nil
  }
}
