// Options that are the same wherever they apply. Each has a variable of the same name, so that a
// container or a CI job is configured once; what stands on the command line wins. Secrets have
// variables only.

internal import ArgumentParser
internal import FlagstaffController
internal import Foundation

/// Reads the variables that options fall back to.
enum Variables {
  static let all = ProcessInfo.processInfo.environment

  static func text(_ name: String) -> String? {
    all["FLAGSTAFF_\(name)"].flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Whether a flag is set: by anything but `0`, `false` and nothing.
  static func isSet(_ name: String) -> Bool {
    text(name).map { !["0", "false"].contains($0.lowercased()) } ?? false
  }

  /// Refuses a variable that is set to what it cannot mean: falling back to the default would do
  /// something else than whoever set it believes.
  static func require<T>(_ name: String, _ meaning: String, _ parse: (String) -> T?) throws {
    guard let text = text(name), parse(text) == nil else { return }
    throw ValidationError("FLAGSTAFF_\(name) is '\(text)'; it takes \(meaning).")
  }

  /// Several values are separated by commas; blanks around them do not count.
  static func list(_ name: String) -> [String] {
    (text(name) ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.isEmpty }
  }

  /// Refuses a list that is set and names nothing, such as `,`: no name at all would mean all.
  static func requireList(_ name: String, _ meaning: String) throws {
    try require(name, "\(meaning), separated by commas") { _ in list(name).first }
  }
}

enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}

/// How the commands print that run for pull requests: for people, for programs, and for forges.
enum ReviewFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
  /// A comment that a bot keeps up to date.
  case markdown
  /// Workflow commands of GitHub Actions, which become annotations.
  case github
  /// SARIF 2.1.0, which code scanning takes.
  case sarif
  /// JUnit's XML, which GitLab shows.
  case junit

  /// The format of a command that is run nowhere but by hand and by programs.
  init(_ format: OutputFormat) {
    self = format == .json ? .json : .text
  }
}

struct OutputOptions: ParsableArguments {
  @Option(help: "How to print: text or json. [FLAGSTAFF_FORMAT]")
  var format: OutputFormat = Variables.text("FORMAT").flatMap(OutputFormat.init) ?? .text

  @OptionGroup private var terminalOptions: TerminalOptions

  var terminal: Terminal { terminalOptions.terminal }

  func validate() throws {
    try Variables.require("FORMAT", "text or json for this command") { OutputFormat(rawValue: $0) }
  }
}

struct ReviewOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How to print: text, json, markdown (a comment), github (annotations), sarif or junit."
        + " [FLAGSTAFF_FORMAT]",
      valueName: "format"))
  var format: ReviewFormat = Variables.text("FORMAT").flatMap(ReviewFormat.init) ?? .text

  @OptionGroup private var terminalOptions: TerminalOptions

  var terminal: Terminal { terminalOptions.terminal }

  func validate() throws {
    let names = ReviewFormat.allCases.map(\.rawValue)
    try Variables.require(
      "FORMAT", "\(names.dropLast().joined(separator: ", ")) or \(names.last ?? "")"
    ) { ReviewFormat(rawValue: $0) }
  }
}

struct TerminalOptions: ParsableArguments {
  @Flag(help: "Print results only, no progress and no notes. [FLAGSTAFF_QUIET]")
  var quiet = false

  @Flag(help: "Never use colour. [FLAGSTAFF_NO_COLOR, NO_COLOR]")
  var noColor = false

  var terminal: Terminal {
    Terminal(
      isQuiet: quiet || Variables.isSet("QUIET"),
      // Any text in NO_COLOR counts, by its convention (https://no-color.org).
      mayColour: !noColor && !Variables.isSet("NO_COLOR")
        && (Variables.all["NO_COLOR"] ?? "").isEmpty)
  }
}

struct StateOptions: ParsableArguments {
  @Option(help: "Where this installation keeps what is its own. [FLAGSTAFF_STATE_DIR]")
  var stateDir: String = Variables.text("STATE_DIR") ?? ".flagstaff"
}

struct OriginOptions: ParsableArguments {
  @Option(
    name: .customLong("origin"),
    help: ArgumentHelp(
      "A directory to publish to; repeatable. (default: <state-dir>/origin) [FLAGSTAFF_ORIGIN]",
      valueName: "path"))
  var origins: [String] = Variables.list("ORIGIN")

  func validate() throws {
    try Variables.requireList("ORIGIN", "directories")
  }

  func paths(stateDirectory: String) throws -> [String] {
    for origin in origins where origin.contains("://") {
      throw ValidationError(
        "\(origin) is no directory; this version publishes to directories alone.")
    }
    return origins.isEmpty ? ["\(stateDirectory)/origin"] : origins
  }
}

struct ApprovalOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "enforce: trust has to have begun; warn: policies only warn, trust is enforced all the same."
        + " (default: enforced once trust began) [FLAGSTAFF_APPROVALS]",
      valueName: "mode"))
  private var approvals: Enforcement?

  var enforcement: Enforcement? {
    approvals ?? Variables.text("APPROVALS").flatMap(Enforcement.init)
  }

  func validate() throws {
    try Variables.require("APPROVALS", "enforce or warn") { Enforcement(rawValue: $0) }
  }
}

extension Enforcement: ExpressibleByArgument {}

struct ScopeOptions: ParsableArguments {
  @Option(
    name: .customLong("environment"),
    help: ArgumentHelp(
      "Only this environment; repeatable. (default: all) [FLAGSTAFF_ENVIRONMENT]", valueName: "key")
  )
  var environments: [String] = Variables.list("ENVIRONMENT")

  @Option(
    name: .customLong("customer"),
    help: ArgumentHelp(
      "Only this customer; repeatable. (default: all) [FLAGSTAFF_CUSTOMER]", valueName: "key"))
  var customers: [String] = Variables.list("CUSTOMER")

  func validate() throws {
    try Variables.requireList("ENVIRONMENT", "keys of environments")
    try Variables.requireList("CUSTOMER", "keys of customers")
  }
}

struct RepositoryOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The definitions repository: a path, or an https://, ssh:// or file:// address."
        + " [FLAGSTAFF_REPOSITORY]",
      valueName: "path-or-url"))
  var repository: String = Variables.text("REPOSITORY") ?? "."

  @Option(
    help: ArgumentHelp("The branch. (default: the remote's) [FLAGSTAFF_BRANCH]", valueName: "name"))
  var branch: String?

  @Option(
    help: ArgumentHelp(
      "What fetches: libgit2, or the git command. [FLAGSTAFF_GIT_TRANSPORT]", valueName: "name"))
  var gitTransport: GitTransport =
    Variables.text("GIT_TRANSPORT").flatMap(GitTransport.init)
    ?? .libgit2

  func validate() throws {
    try Variables.require("GIT_TRANSPORT", "libgit2 or git") { GitTransport(rawValue: $0) }
    try Variables.require("FETCH_SECONDS", "a number of seconds") { Int($0) }
  }
}

enum GitTransport: String, ExpressibleByArgument, CaseIterable {
  case libgit2, git
}
