// The command line: the only place where parts are put together. Commands parse their options,
// make the parts, run one thing, and render what came of it; rules live below. The process may also
// be started as the child that fetches from a remote, which is why `main` looks before parsing.

internal import ArgumentParser
internal import Documents
internal import Foundation
internal import GitSource

@main
struct Flagstaff: AsyncParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "flagstaff",
    abstract: "Keeps feature flags and experiments equal to what reviewed Git history says.",
    discussion: """
      A repository of YAML definitions is checked, compared with a PostgreSQL registry, applied \
      with audit events, and published as signed snapshots. With no DATABASE_URL a private \
      PostgreSQL runs under the state directory.

      Begin with `flagstaff init` in an empty folder. Check a definitions repository with \
      `flagstaff validate`, see what would change with `flagstaff plan`, and apply it with \
      `flagstaff reconcile`. In an incident, `flagstaff kill` stops a flag or an experiment at \
      once.

      Exit codes:
        0   done, or nothing to do
        1   operational failure
        2   changes present, with --detailed-exitcode
        3   definitions invalid
        4   refused or waiting
        64  usage
      """,
    version: version,
    subcommands: [
      Init.self, Validate.self, PlanCommand.self, Approve.self, Approvals.self, Reconcile.self,
      Serve.self, Kill.self, Release.self,
      Status.self, Evaluate.self,
      Explain.self, HistoryCommand.self, Simulate.self, Audit.self, KeysCommand.self,
      SnapshotCommand.self,
      Database.self, Import.self,
      TrustCommand.self, AcceptHistory.self,
    ])

  static func main() async {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.first == FetchChild.name {
      Foundation.exit(FetchChild.run(arguments: Array(arguments.dropFirst())))
    }
    // A reader that goes away (`flagstaff audit log | head`) ends the program quietly.
    signal(SIGPIPE, SIG_DFL)
    do {
      try expectCommand(arguments)
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let error as UsageError {
      FileHandle.standardError.write(Data("Error: \(error)\n".utf8))
      Foundation.exit(ExitCode.validationFailure.rawValue)
    } catch {
      exit(withError: error)
    }
  }
}

extension Flagstaff {
  /// Refuses a misspelt command with a word on what is meant; the parser would call it an argument.
  private static func expectCommand(_ arguments: [String]) throws {
    var command: any ParsableCommand.Type = self
    for word in arguments {
      let commands = command.configuration.subcommands
      let names = commands.map { $0._commandName }
      guard !commands.isEmpty, !word.hasPrefix("-"), word != "help" else { return }
      if let next = commands.first(where: { $0._commandName == word }) {
        command = next
        continue
      }
      let meant = Spelling.likely(word, among: names + ["help"]).map { " Did you mean \($0)?" }
      throw UsageError(
        "There is no command \(Visible.text(word)).\(meant ?? "") See 'flagstaff --help'.")
    }
  }
}

/// How a command ends.
enum Ending {
  static let failure = ExitCode(1)
  static let changes = ExitCode(2)
  static let invalid = ExitCode(3)
  static let waiting = ExitCode(4)
}
