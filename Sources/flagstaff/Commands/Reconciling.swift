// `flagstaff plan` and `flagstaff reconcile`: the same pass, once without and once with its
// effects. They share how a report is shown and how it ends the process.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore

struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show what a reconciliation would change, and for whom.",
    discussion: """
      Compares the head of the branch, or the files of a folder, with the registry. Nothing is
      written to the registry or to an origin.

      Examples:
        flagstaff plan
        flagstaff plan . --environment production --detailed-exitcode
      """)

  @Argument(help: "A folder whose files are planned instead of the branch's head.")
  var directory: String?

  @Flag(help: "Exit with 2 where there are changes.")
  var detailedExitcode = false

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var scopes: ScopeOptions
  @OptionGroup var origins: OriginOptions
  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let terminal = output.terminal
    let report = try await RegistryAccess.with(state, for: .look) { access in
      let reconciler = try access.reconciler(
        repository, scopes, origins, progress: terminal.progress)
      guard let directory else { return try await reconciler.plan() }
      let loaded = try await DefinitionsSource.definitions(
        inFolder: directory, progress: terminal.progress)
      return try await reconciler.plan(loaded, commit: "working-tree")
    }
    ReportOutput(terminal: terminal, format: output.format).show(report, heading: "Plan for")
    if let ending = ReportOutput.ending(of: report, detailed: detailedExitcode) { throw ending }
  }
}

struct Reconcile: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring the registry and the origins to what the branch's head says.",
    discussion: """
      Checks the definitions, applies what changed in one transaction a scope with one audit event a
      change, and publishes a signed snapshot. A customer with findings stays at its last applied
      commit; others go on. Running it again changes nothing, or repairs what a crash left out.

      Examples:
        flagstaff reconcile
        flagstaff reconcile --repository https://git.example/definitions.git --branch main
      """)

  @Flag(help: "Exit with 2 where something was applied.")
  var detailedExitcode = false

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var scopes: ScopeOptions
  @OptionGroup var origins: OriginOptions
  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let terminal = output.terminal
    let report = try await RegistryAccess.with(state) { access in
      try await access.reconciler(repository, scopes, origins, progress: terminal.progress)
        .reconcile()
    }
    let published = try origins.paths(stateDirectory: state.stateDir)
    ReportOutput(terminal: terminal, format: output.format, origins: published)
      .show(report, heading: "Reconciled")
    if let ending = ReportOutput.ending(of: report, detailed: detailedExitcode) { throw ending }
  }
}

/// How a pass is shown, and how it ends the process.
struct ReportOutput {
  let terminal: Terminal
  let format: OutputFormat
  /// The origins that the pass published to; empty for a plan.
  var origins: [String] = []

  /// Shows a pass.
  ///
  /// - Parameter heading: what the pass did, before the name of the workspace.
  func show(_ report: PassReport, heading: String) {
    guard format == .text else {
      terminal.result(CanonicalJSON.string(JSONDocument.report(report)))
      return
    }
    let workspace = report.workspace ?? "an unknown workspace"
    terminal.result("\(heading) \(workspace), commit \(report.commit), at \(report.instant)")
    if !report.allFindings.isEmpty {
      terminal.result(FindingText(terminal: terminal).text(report.allFindings))
    }
    terminal.result(PlanText(terminal: terminal, origins: origins).text(report))
    terminal.result(summary(report))
  }

  private func summary(_ report: PassReport) -> String {
    let plans = report.scopes.compactMap { scope -> Plan? in
      switch scope.outcome {
      case .planned(let plan), .applied(let plan, _): plan
      default: nil
      }
    }.filter { !$0.isEmpty }
    let changes = plans.reduce(0) { $0 + $1.changes.count }
    guard changes > 0 else {
      let repaired = report.scopes.filter(\.wasRepaired).count
      if repaired > 0 { return "Nothing applied; \(Plural.text(repaired, "scope")) brought up." }
      return report.hasErrors || report.isWaiting || report.hasFailures
        ? "Nothing applied." : "Nothing changed."
    }
    return "\(Plural.text(changes, "change")) in \(Plural.text(plans.count, "scope"));"
      + " ungated: \(ApprovalMode.ungatedReason)."
  }

  /// The first that applies of: failed, invalid, waiting, changes; nil for plain success.
  static func ending(of report: PassReport, detailed: Bool) -> ExitCode? {
    if report.hasFailures { return Ending.failure }
    if report.hasErrors { return Ending.invalid }
    if report.isWaiting { return Ending.waiting }
    return detailed && report.hasChanges ? Ending.changes : nil
  }
}
