// `flagstaff history`: the life of a flag, experiment, segment or group, oldest change first. It
// reads the audit log, and the repository for what commits say; nothing is fetched.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import PostgresRegistry

struct HistoryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Tell the life of a definition in sentences.",
    usage: "flagstaff history [<options>] <key>",
    discussion: """
      Tells each change of the key: what was changed, with which version, why its commit says so, \
      who approved it, and by when each origin had it. Why a flag answers as it does is told by \
      `flagstaff explain`.

      Example:
        flagstaff history checkout-flow --environment production
      """)

  @Argument(help: "The key of a flag, experiment, segment, group or metric.")
  var key: String

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var scopes: ScopeOptions
  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let terminal = output.terminal
    let filter = AuditFilter(
      environments: scopes.environments, customers: scopes.customers, key: key)
    let history = try await RegistryAccess.with(state) { access in
      try await FlagHistory.read(
        filter, access.worker,
        try repository.source(
          stateDirectory: access.stateDirectory.path, progress: terminal.progress))
    }
    switch output.format {
    case .json:
      terminal.result(
        CanonicalJSON.string(
          .fields([
            "formatVersion": .integer(1), "key": .string(key),
            "changes": .sequence(history.changes.map(HistorySentences.node)),
          ])))
    case .text:
      if history.changes.isEmpty {
        terminal.note("Nothing of the key \(Visible.text(key)) was ever applied there.")
      }
      terminal.page(
        history.changes.map { change in
          HistorySentences.lines(change, terminal).joined(separator: "\n") + "\n"
        }.joined(separator: "\n"))
    }
  }
}
