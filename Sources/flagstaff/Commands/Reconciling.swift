// `flagstaff plan` and `flagstaff reconcile`: the same pass, once without and once with its
// effects. They share how a report is shown and how it ends the process.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import FlagstaffEvaluation

struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show what a reconciliation would change, and for whom.",
    discussion: """
      Compares the head of the branch, or the files of a folder, with the registry. Nothing is
      written to the registry or to an origin.

      With --population, every context of a file is evaluated before and after: a JSON object a \
      line, blank lines passed over. It is read as a stream; a line that is no context ends the \
      command with 1 and names the line.

      Examples:
        flagstaff plan
        flagstaff plan --population contexts.ndjson
        flagstaff plan . --environment production --detailed-exitcode
      """)

  @Argument(help: "A folder whose files are planned instead of the branch's head.")
  var directory: String?

  @Flag(help: "Exit with 2 where there are changes.")
  var detailedExitcode = false

  @Option(
    help: ArgumentHelp(
      "Count the contexts of this file that would change; `-` is standard input.",
      valueName: "file"))
  var population: String?

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var scopes: ScopeOptions
  @OptionGroup var origins: OriginOptions
  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let terminal = output.terminal
    let contexts = try population.map { try ContextLines(file: $0, option: "--population") }
    let report = try await RegistryAccess.with(state, for: .look) { access in
      let reconciler = try access.reconciler(
        repository, scopes, origins, progress: terminal.progress)
      guard let directory else { return try await reconciler.plan() }
      let loaded = try await DefinitionsSource.definitions(
        inFolder: directory, progress: terminal.progress)
      return try await reconciler.plan(loaded, commit: "working-tree")
    }
    let counts = try contexts.map { try Self.count($0, report) }
    ReportOutput(terminal: terminal, format: output.format, population: counts)
      .show(report, heading: "Plan for")
    if let ending = ReportOutput.ending(of: report, detailed: detailedExitcode) { throw ending }
  }

  private static func count(_ contexts: ContextLines, _ report: PassReport) throws
    -> PopulationCount
  {
    var count = try PopulationCount(report)
    while let line = try contexts.next(beforeReading: {}) {
      do {
        guard let bytes = line.bytes else { throw ContextTooLong() }
        count.add(try EvaluationContext(json: bytes))
      } catch {
        throw BadContext(line: line.number, reason: "\(error)")
      }
    }
    return count
  }
}

/// A line of a population that is no context.
private struct BadContext: Error, CustomStringConvertible {
  let line: Int
  let reason: String

  var description: String { "--population: line \(line): \(reason)" }
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
  /// Real contexts, counted against a plan.
  var population: PopulationCount?

  /// Shows a pass.
  ///
  /// - Parameter heading: what the pass did, before the name of the workspace.
  func show(_ report: PassReport, heading: String) {
    guard format == .text else {
      terminal.result(CanonicalJSON.string(JSONDocument.report(report, population)))
      return
    }
    let workspace = report.workspace ?? "an unknown workspace"
    terminal.result("\(heading) \(workspace), commit \(report.commit), at \(report.instant)")
    if !report.allFindings.isEmpty {
      terminal.result(FindingText(terminal: terminal).text(report.allFindings))
    }
    terminal.result(
      PlanText(terminal: terminal, origins: origins, population: population).text(report))
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
