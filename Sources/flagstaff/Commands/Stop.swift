// `flagstaff kill` and `flagstaff release`: the stop for an incident, and the way back. Whoever is
// woken at night types a key; where that is not enough to know what is meant, the command says what
// there is and does nothing.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import PostgresRegistry

struct Kill: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Stop a flag or an experiment at once, whatever Git says.",
    usage: "flagstaff kill <key> [--reason <text>] [<options>]",
    discussion: """
      A killed flag serves its `off` to everybody; a killed experiment matches nobody, so that \
      its users fall through to the rules behind it. It asks nobody, reads no Git, and is \
      recorded and published before the command ends. Commits go on being applied behind it, and \
      show nobody anything; its schedule stands still. It lasts until `flagstaff release`.

      Where the key is registered in several scopes, name one with --environment and --customer, \
      or say --everywhere.

      Examples:
        flagstaff kill new-search --environment production --reason "errors since 14:02"
        flagstaff kill checkout --kind experiment --everywhere
      """)

  @OptionGroup var stop: StopOptions
  @OptionGroup var scopes: ScopeOptions
  @OptionGroup var origins: OriginOptions
  @OptionGroup var approvals: ApprovalOptions
  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await RegistryAccess.with(state) { access in
      let places = try await stop.places(scopes, access) { $0.killed == nil }
      // No repository is opened for it.
      let reconciler = try access.reconciler(
        try RepositoryOptions.parse([]), scopes, origins, approvals,
        progress: output.terminal.progress)
      try await stop.carryOut(.kill, places, reconciler, origins, state, output)
    }
  }
}

struct Release: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take a kill back.",
    usage: "flagstaff release <key> [--reason <text>] [<options>]",
    discussion: """
      What is registered serves again: what was applied meanwhile too, and its schedule goes on \
      with the next pass. Once trust began that is judged like every change that shows users \
      something: policies may ask for it by the class `released`. Where approvals are missing \
      nothing is released, the output says who is asked, and the exit code is 4; \
      `flagstaff approve --release <key>` signs one.

      Example:
        flagstaff release new-search --environment production
      """)

  @OptionGroup var stop: StopOptions
  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var scopes: ScopeOptions
  @OptionGroup var origins: OriginOptions
  @OptionGroup var approvals: ApprovalOptions
  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    try await RegistryAccess.with(state) { access in
      let places = try await stop.places(scopes, access) { $0.killed != nil }
      let reconciler = try access.reconciler(
        repository, scopes, origins, approvals, progress: output.terminal.progress)
      try await stop.carryOut(.release, places, reconciler, origins, state, output)
    }
  }
}

struct StopOptions: ParsableArguments {
  @Argument(help: "The key of a flag or an experiment.")
  var key: String

  @Option(help: "flag or experiment, where both bear the key.")
  var kind: StoppedKind?

  @Option(help: ArgumentHelp("Why; the audit log keeps it.", valueName: "text"))
  var reason: String?

  @Flag(help: "In every selected scope that has it.")
  var everywhere = false

  func validate() throws {
    guard let reason else { return }
    guard (1...Limits.reasonLengthMax).contains(reason.unicodeScalars.count) else {
      throw ValidationError("--reason takes 1 to \(Limits.reasonLengthMax) characters.")
    }
  }

  /// Where to carry it out.
  ///
  /// - Parameter isOpen: whether there is something to do at a place.
  /// - Returns: all places where that is nowhere.
  /// - Throws: `UsageError` where the key is not registered, or it takes more to say what is meant.
  fileprivate func places(
    _ scopes: ScopeOptions, _ access: RegistryAccess, where isOpen: (RegisteredPlace) -> Bool
  ) async throws -> [RegisteredPlace] {
    let name = Visible.text(key)
    let registered = try await access.worker.places(of: key).filter { place in
      scopes.selection.contains(place.scope)
        && kind.map { $0.rawValue == place.identity.kind.rawValue } ?? true
    }
    guard !registered.isEmpty else {
      throw UsageError(
        "No flag and no experiment \(name) is registered in the selected scopes. See `flagstaff"
          + " status` for the scopes, and check key, --environment and --customer.")
    }
    let open = registered.filter(isOpen)
    // Two who are woken by the same alarm do the same; for the second there is nothing to do.
    guard let first = open.first else { return registered }
    guard open.allSatisfy({ $0.identity == first.identity }) else {
      throw UsageError("A flag and an experiment bear the key \(name). Say which with --kind.")
    }
    guard open.count == 1 || everywhere else {
      throw UsageError(
        "\(first.identity) is in \(open.map(\.scope.description).listed(atMost: 10)). Name one with"
          + " --environment and --customer, or say --everywhere.")
    }
    return open
  }

  /// Carries it out at each place, and shows what came of it.
  fileprivate func carryOut(
    _ action: StopOrder.Action, _ places: [RegisteredPlace], _ reconciler: Reconciler,
    _ origins: OriginOptions, _ state: StateOptions, _ output: OutputOptions
  ) async throws {
    guard let identity = places.first?.identity else { return }
    let report = try await reconciler.carryOut(
      action, of: identity, in: places.map(\.scope), because: reason)
    for note in report.notes { output.terminal.note("\(note).") }
    let heading =
      action == .kill ? "Killed in" : report.isWaiting ? "Not released yet in" : "Released in"
    let published = try origins.paths(stateDirectory: state.stateDir)
    ReportOutput(
      terminal: output.terminal, format: ReviewFormat(output.format), origins: published
    ).show(report, heading: heading)
    if let ending = ReportOutput.ending(of: report, detailed: false) { throw ending }
  }
}

enum StoppedKind: String, ExpressibleByArgument, CaseIterable {
  case flag, experiment
}
