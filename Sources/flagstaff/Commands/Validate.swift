// `flagstaff validate`: every problem of every file, in one run, from a plain folder. It needs no
// registry, no key and no network, so it runs in a pull request and before a commit.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore

struct Validate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the definitions in a folder.",
    discussion: """
      Prints every problem with its place and what to do about it. Nothing but the folder is read.

      Examples:
        flagstaff validate
        flagstaff validate path/to/definitions --format json
      """)

  @Argument(help: "The folder. (default: --repository, else the current folder)")
  var directory: String?

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let terminal = output.terminal
    let loaded = try await DefinitionsSource.definitions(
      inFolder: directory ?? repository.repository, progress: terminal.progress)
    let definitions = loaded.definitions
    switch output.format {
    case .json:
      terminal.result(
        CanonicalJSON.string(
          JSONDocument.findings(
            definitions.findings, files: loaded.files, definitions: definitions.count)))
    case .text:
      if !definitions.findings.isEmpty {
        terminal.result(FindingText(terminal: terminal).text(definitions.findings))
      }
      let counts =
        "\(Plural.text(definitions.count, "definition")) in"
        + " \(Plural.text(loaded.files, "file"))"
      let verdict =
        definitions.findings.isEmpty ? "no problems" : FindingText.count(definitions.findings)
      terminal.note("\(counts): \(verdict)")
    }
    if definitions.findings.contains(where: { $0.severity == .error }) { throw Ending.invalid }
  }
}
