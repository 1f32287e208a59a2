// `flagstaff import`: definitions from what another system reads. The file goes to standard output,
// what could not be carried over to standard error: neither may be missed. The exit code is 3 where
// a flag was left out, so that a script does not take a part for the whole.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import Foundation

struct Import: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Convert the flags of another system to definitions.",
    discussion: """
      Prints a definitions file. What is not in it, or is different, is listed on \
      standard error, with its place in the source. A flag is never approximated: \
      it is left out where it cannot be said here, and carried over with a warning \
      where it answers differently for contexts that the warning names.

      Exit codes: 0 every flag is carried over; 3 some were left out, and the \
      others are printed.
      """,
    subcommands: [Flagd.self, GoFeatureFlag.self])

  struct Flagd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Convert a file that flagd reads.",
      usage: "flagstaff import flagd [<options>] <file>",
      discussion: """
        Reads flag definitions in JSON or YAML: https://flagd.dev/reference/flag-definitions/

        Examples:
          flagstaff import flagd flags.json > definitions/flags.yaml
          flagstaff import flagd flags.json --output customers/acme/flags.yaml
        """)

    @OptionGroup var options: ImportOptions

    func run() async throws {
      try options.run { ImportedDefinitions.flagd($0, environments: $1) }
    }
  }

  struct GoFeatureFlag: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "go-feature-flag",
      abstract: "Convert a configuration of GO Feature Flag.",
      usage: "flagstaff import go-feature-flag [<options>] <file>",
      discussion: """
        Reads flags in YAML or JSON: https://gofeatureflag.org/docs/configure_flag/create-flags

        Examples:
          flagstaff import go-feature-flag flags.goff.yaml > definitions/flags.yaml
          flagstaff import go-feature-flag flags.goff.yaml --environment production
        """)

    @OptionGroup var options: ImportOptions

    func run() async throws {
      try options.run { ImportedDefinitions.goFeatureFlag($0, environments: $1) }
    }
  }
}

struct ImportOptions: ParsableArguments {
  @Argument(help: "The file to convert; `-` is standard input.")
  var file: String

  @Option(
    name: .customLong("environment"),
    help: ArgumentHelp(
      "Where the flags exist; repeatable. (default: every environment of the workspace around"
        + " --output or the current folder, else production) [FLAGSTAFF_ENVIRONMENT]",
      valueName: "key"))
  var environments: [String] = Variables.list("ENVIRONMENT")

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write the definitions here; the folder decides the customer, and has to be one that the"
        + " workspace reads. (default: standard output)",
      valueName: "file"))
  var output: String?

  @Flag(help: "Replace the file of --output where it exists.")
  var force = false

  @OptionGroup var printing: OutputOptions

  func validate() throws {
    try Variables.requireList("ENVIRONMENT", "keys of environments")
    for environment in environments where !Key.isValid(environment) {
      throw ValidationError("'\(environment)' is no key, so no environment has this name.")
    }
    if force, output == nil { throw ValidationError("--force goes with --output.") }
  }

  /// Reads, converts, writes and tells.
  func run(_ convert: (Document, [String]) -> ImportedDefinitions) throws {
    let terminal = printing.terminal
    let surroundings = surroundings
    try requirePlace(surroundings)
    let places =
      environments.isEmpty ? surroundings?.workspace?.environments ?? ["production"] : environments
    switch try ForeignFile.read(file) {
    case .failure(let unreadable):
      show(unreadable.findings, terminal)
      throw Ending.invalid
    case .success(let document):
      let imported = convert(document, places)
      try show(imported, terminal)
      if imported.findings.contains(where: { $0.severity == .error }) { throw Ending.invalid }
    }
  }

  /// The workspace that the file will be in, or the current folder is.
  private var surroundings: SurroundingWorkspace? {
    let here = URL(filePath: FileManager.default.currentDirectoryPath)
    return SurroundingWorkspace(
      around: output.map { file(at: $0).deletingLastPathComponent() } ?? here)
  }

  private func file(at path: String) -> URL { URL(filePath: path).standardizedFileURL }

  /// Refuses a place where the definitions would not be read.
  private func requirePlace(_ surroundings: SurroundingWorkspace?) throws {
    guard let output else { return }
    let file = file(at: output)
    if let objection = surroundings?.objection(to: file) {
      throw FileFailure("\(output) is no place for the definitions: \(objection)")
    }
    guard file.pathExtension == "yaml" else {
      throw FileFailure(
        "\(output) is no place for the definitions: the name of a definitions file ends in .yaml")
    }
  }

  private func show(_ findings: [Finding], _ terminal: Terminal) {
    switch printing.format {
    case .text: terminal.besideResult(FindingText(terminal: terminal).text(findings))
    case .json: printJSON(findings, nil, terminal)
    }
  }

  private func show(_ imported: ImportedDefinitions, _ terminal: Terminal) throws {
    var text: String?
    if let definitions = imported.file {
      text = try ForeignFile.text(definitions, for: output)
    }
    if let output, let text,
      try !OutputFile.write(Data(text.utf8), to: URL(filePath: output), replacing: force)
    {
      throw FileFailure("\(output) exists. Name another file, or replace it with --force")
    }
    switch printing.format {
    case .json:
      printJSON(imported.findings, imported, terminal)
    case .text:
      if !imported.findings.isEmpty {
        terminal.besideResult(FindingText(terminal: terminal).text(imported.findings))
      }
      if output == nil, let text { terminal.result(String(text.dropLast())) }
      terminal.note(summary(imported))
    }
  }

  private func summary(_ imported: ImportedDefinitions) -> String {
    let left = imported.findings.count { $0.code == .flagLeftOut }
    let same = imported.flags.count(where: \.isSame)
    let place = output.flatMap { imported.file == nil ? nil : " to \($0)" } ?? ""
    var summary = "\(Plural.text(imported.flags.count, "flag")) carried over\(place)"
    if same < imported.flags.count {
      summary += ", \(imported.flags.count - same) with differences"
    }
    if left > 0 { summary += "; \(left) left out" }
    return summary
  }

  private func printJSON(
    _ findings: [Finding], _ imported: ImportedDefinitions?, _ terminal: Terminal
  ) {
    let flags = (imported?.flags ?? []).map { flag in
      Node.fields([
        "name": .string(flag.name), "key": .string(flag.key), "isSame": .boolean(flag.isSame),
      ])
    }
    terminal.result(
      CanonicalJSON.string(
        .fields([
          "formatVersion": .integer(1), "flags": .sequence(flags),
          "definitions": imported?.file, "output": output.map(Node.string),
          "findings": .sequence(findings.map(JSONDocument.node)),
        ])))
  }
}
