// `flagstaff database`: the private PostgreSQL of a state directory, and migrations of any. A
// laptop, a CI job and a test get a real registry without setting anything up.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import PostgresRegistry

struct Database: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the private PostgreSQL, and migrate the registry.",
    discussion: """
      With DATABASE_URL set, commands use that server. Without it they start a PostgreSQL under \
      the state directory, on a Unix socket alone, and stop it when the last of them ends. \
      `database start` keeps it running until `database stop`.
      """,
    subcommands: [Start.self, Stop.self, URLCommand.self, Migrate.self])

  struct Start: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Start the private PostgreSQL and keep it running.",
      usage: "flagstaff database start [<options>]")
    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let database = try PrivateDatabase(stateDirectory: state.stateDir)
      let url = try await database.start()
      try await database.keep()
      _ = await database.release()
      output.show(url, ["url": .string(url)])
      output.terminal.note("The private PostgreSQL runs until `flagstaff database stop`.")
    }
  }

  struct Stop: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Stop the private PostgreSQL once nobody uses it.",
      usage: "flagstaff database stop [<options>]")
    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let isDown = try await PrivateDatabase(stateDirectory: state.stateDir).stop()
      output.show(nil, ["running": .boolean(!isDown)])
      output.terminal.note(
        isDown
          ? "The private PostgreSQL is stopped."
          : "Other commands use the private PostgreSQL; the last of them stops it.")
    }
  }

  struct URLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "url", abstract: "Print what psql takes.",
      usage: "flagstaff database url [<options>]",
      discussion: "Example:\n  psql \"$(flagstaff database url)\"")
    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let url = try PrivateDatabase(stateDirectory: state.stateDir).url
      let used = try RegistryAccess.databaseURL() ?? url
      output.show(used, ["url": .string(used)])
    }
  }

  struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Create or update the registry's schema and roles.",
      usage: "flagstaff database migrate [<options>]",
      discussion: """
        Other commands migrate by themselves where the login of DATABASE_URL may become \
        flagstaff_owner. Where it may not, run this once with a login that may create roles.
        """)
    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      try await RegistryAccess.with(state, for: .migrate) { _ in }
      output.show(nil, ["upToDate": .boolean(true)])
      output.terminal.note("The registry's schema is up to date.")
    }
  }
}

extension OutputOptions {
  /// Prints a result: the text as it is, or a JSON document of the fields.
  fileprivate func show(_ text: String?, _ fields: KeyValuePairs<String, Node>) {
    switch format {
    case .text:
      if let text { terminal.result(text) }
    case .json:
      let all = [("formatVersion", Node.integer(1))] + fields.map { ($0.key, $0.value) }
      terminal.result(CanonicalJSON.string(.mapping(all)))
    }
  }
}
