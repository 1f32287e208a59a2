// `flagstaff plan`: a pass without its effects. It shows what a reconciliation would change, and
// for whom, and writes nothing.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
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
