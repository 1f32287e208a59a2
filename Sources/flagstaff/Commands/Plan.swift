// `flagstaff plan`: a pass without its effects. It shows what a reconciliation would change, and
// for whom, and writes nothing.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffEvaluation
internal import GitSource

struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show what a reconciliation would change, and for whom.",
    discussion: """
      Compares the head of the branch, or the files of a folder, with what is applied. Nothing is \
      written to the registry or to an origin.

      --against says where that is read from: the registry; an origin (a directory, or an address \
      of https), with the public key that \
      signed it and the published commits in the clone, and so without any credential; or another \
      revision, as if it had been applied first to an empty registry. Against the registry, and \
      against an origin that has the same versions, the plan is the same, byte for byte.

      With --base only what the head adds to that revision is shown. With --merge the head is \
      planned as if that revision were merged into it; conflicts are findings. With --until the \
      schedule is followed: a plan for each instant at which something changes. Exit codes speak \
      of the plan at its own instant alone.

      With --population, every context of a file is evaluated before and after: a JSON object a \
      line, blank lines passed over. It is read as a stream; a line that is no context ends the \
      command with 1 and names the line.

      In CI, --format markdown is a comment for a pull request: what changes, for whom, and what \
      is missing. Its first line is the same each time, so that a bot can replace it. github, \
      sarif and junit are as for `flagstaff validate`.

      Examples:
        flagstaff plan
        flagstaff plan --format markdown > comment.md
        flagstaff plan --population contexts.ndjson
        flagstaff plan . --environment production --detailed-exitcode
        flagstaff plan --until 2026-12-31T00:00:00Z

      In CI, for a pull request; the clone needs the published commits (fetch-depth: 0):
        flagstaff plan --against origin:/srv/flags --public-key flags.pub.pem
        flagstaff plan --against rev:origin/main
        flagstaff plan --against rev:origin/main --merge origin/another-branch
      """)

  @Argument(
    help: ArgumentHelp(
      "A folder whose files are planned instead of the branch's head; with --head or --merge, the"
        + " repository in it."))
  var directory: String?

  @Flag(help: "Exit with 2 where there are changes.")
  var detailedExitcode = false

  @Option(
    help: ArgumentHelp(
      "Count the contexts of this file that would change; `-` is standard input.",
      valueName: "file"))
  var population: String?

  @OptionGroup var planning: PlanningOptions
  @OptionGroup var output: ReviewOptions

  func run() async throws {
    let terminal = output.terminal
    let contexts = try population.map { try ContextLines(file: $0, option: "--population") }
    let (report, subject) = try await planning.report(of: directory, terminal)
    let counts = try contexts.map { try Self.count($0, report) }
    ReportOutput(
      terminal: terminal, format: output.format,
      root: SourceRoot(directory ?? planning.repository.repository), subject: subject,
      population: counts
    ).show(report, heading: "Plan for")
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
