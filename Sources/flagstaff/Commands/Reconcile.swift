// `flagstaff reconcile`: one pass, with its effects. What it found and did is shown as a plan is.

internal import ArgumentParser
internal import FlagstaffController
internal import PostgresRegistry

struct Reconcile: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring the registry and the origins to what the branch's head says.",
    usage: "flagstaff reconcile [<options>]",
    discussion: """
      Checks the definitions, applies what changed in one transaction a scope with one audit event \
      a change, and publishes a signed snapshot. A customer with findings stays at its last \
      applied commit; others go on. Running it again changes nothing, or repairs what a crash left \
      out.

      Once trust began, a change is applied when the people whom the policies name have signed it; \
      until then its scope stays as it is, the output says who is asked, and the exit code is 4.

      Examples:
        flagstaff reconcile
        flagstaff reconcile --repository https://git.example/flags.git --branch main
      """)

  @Flag(help: "Exit with 2 where something was applied.")
  var detailedExitcode = false

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var scopes: ScopeOptions
  @OptionGroup var origins: OriginOptions
  @OptionGroup var approvals: ApprovalOptions
  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let terminal = output.terminal
    let report = try await RegistryAccess.with(state) { access in
      try await access.reconciler(
        repository.source(
          stateDirectory: access.stateDirectory.path, progress: terminal.progress),
        scopes, origins, approvals, progress: terminal.progress
      ).reconcile()
    }
    let published = try origins.paths(stateDirectory: state.stateDir)
    ReportOutput(terminal: terminal, format: ReviewFormat(output.format), origins: published)
      .show(report, heading: "Reconciled")
    if let ending = ReportOutput.ending(of: report, detailed: detailedExitcode) { throw ending }
  }
}
