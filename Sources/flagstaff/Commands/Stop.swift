// `flagstaff kill` and `flagstaff release`: the stop for an incident, and the way back. Whoever is
// woken at night types a key; where that is not enough to know what is meant, the command says what
// there is and does nothing.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import GitSource
internal import PostgresRegistry

struct Kill: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Stop a flag or an experiment at once, whatever Git says.",
    usage: "flagstaff kill <key> [--reason <text>] [<options>]",
    discussion: """
      A killed flag serves its `off` to everybody; a killed experiment matches nobody, so that \
      its users fall through to the rules behind it. It asks nobody, reads no Git, and is \
      recorded and published before the command ends; an origin that cannot be reached keeps it \
      from no other. Commits go on being applied behind it, and \
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
      let progress = output.terminal.progress
      // Nothing is read from it.
      let source = DefinitionsSource(
        address: try RemoteAddress("."), branch: nil, fetch: nil, progress: progress)
      let reconciler = try access.reconciler(
        source, scopes, origins, approvals, progress: progress)
      try await stop.carryOut(
        .kill, try await stop.places(scopes, access), reconciler, output)
    }
  }
}

struct Release: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take a kill back.",
    usage: "flagstaff release <key> [--reason <text>] [<options>]",
    discussion: """
      What is registered serves again, with what was applied meanwhile, and with what its \
      schedule orders by now. Once trust began that is judged like every change that shows users \
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
      let progress = output.terminal.progress
      let reconciler = try access.reconciler(
        repository.source(stateDirectory: access.stateDirectory.path, progress: progress), scopes,
        origins, approvals, progress: progress)
      try await stop.carryOut(
        .release, try await stop.places(scopes, access), reconciler, output)
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
  /// - Throws: `UsageError` where the key is not registered, or it takes more to say what is meant;
  ///   what is killed already counts there too, so that who tries again stops nothing else.
  fileprivate func places(
    _ scopes: ScopeOptions, _ access: RegistryAccess
  ) async throws -> [RegisteredPlace] {
    let name = Visible.text(key)
    let registered = try await access.worker.places(of: key).filter { place in
      scopes.selection.contains(place.scope)
        && kind.map { $0.rawValue == place.identity.kind.rawValue } ?? true
    }
    guard let first = registered.first else {
      let all = try await access.worker.scopes()
      guard !all.isEmpty else {
        throw UsageError(
          "Nothing was ever applied to this registry. Check DATABASE_URL, or --state-dir.")
      }
      throw UsageError(
        "No flag and no experiment \(name) is registered in the selected scopes. There are"
          + " \(all.map(\.description).listed(atMost: 10)).")
    }
    guard registered.allSatisfy({ $0.identity == first.identity }) else {
      throw UsageError("A flag and an experiment bear the key \(name). Say which with --kind.")
    }
    guard registered.count == 1 || everywhere else {
      let all = registered.map { place in
        place.killed == nil ? "\(place.scope)" : "\(place.scope) (killed)"
      }
      throw UsageError(
        "\(first.identity) is in \(all.listed(atMost: 10)). Name one with --environment and"
          + " --customer, or say --everywhere.")
    }
    return registered
  }

  /// Carries it out at each place, and shows what came of it.
  fileprivate func carryOut(
    _ action: StopOrder.Action, _ places: [RegisteredPlace], _ reconciler: Reconciler,
    _ output: OutputOptions
  ) async throws {
    guard let identity = places.first?.identity else { return }
    let terminal = output.terminal
    let outcome = try await reconciler.carryOut(
      action, of: identity, in: places.map(\.scope), because: reason)
    let report = outcome.report
    for note in report.notes { terminal.note("\(note).") }
    ReportOutput(
      terminal: terminal, format: ReviewFormat(output.format), origins: outcome.origins
    ).show(report, heading: Self.heading(action, report))
    guard outcome.troubles.isEmpty else {
      for trouble in outcome.troubles { terminal.besideResult("Error: \(trouble)") }
      terminal.besideResult(
        "What is said above is recorded all the same, and the next pass brings those origins up.")
      throw Ending.failure
    }
    if let ending = ReportOutput.ending(of: report, detailed: false) { throw ending }
  }

  private static func heading(_ action: StopOrder.Action, _ report: PassReport) -> String {
    let verb = action == .kill ? "Killed" : "Released"
    if report.hasFailures { return "Not \(verb.lowercased()) everywhere in" }
    if report.isWaiting { return "Not \(verb.lowercased()) yet in" }
    return report.hasChanges ? "\(verb) in" : "Nothing to do in"
  }
}

enum StoppedKind: String, ExpressibleByArgument, CaseIterable {
  case flag, experiment
}
