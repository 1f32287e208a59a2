// `flagstaff serve`: passes on an interval until SIGTERM or SIGINT, which ends the process after
// the pass that is under way. A pass is never interrupted by it; one that is killed all the same
// is repaired by the next.

internal import ArgumentParser
internal import Dispatch
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import Foundation
internal import Logging
internal import PostgresRegistry

struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Reconcile again and again, until the process is told to end.",
    usage: "flagstaff serve [<options>]",
    discussion: """
      Needs DATABASE_URL, AUDIT_HMAC_SECRET and FLAGSTAFF_SIGNING_KEY (or ..._FILE), unless \
      --private-database is given. Logs to standard error. SIGTERM ends it after the current pass.

      Example:
        flagstaff serve --repository ssh://git@git.example/flags.git --interval 30
      """)

  @Option(help: "Seconds between passes, with a tenth of jitter. [FLAGSTAFF_INTERVAL]")
  var interval: Double = Variables.text("INTERVAL").flatMap(Double.init) ?? 30

  @Flag(help: "Run a private PostgreSQL where DATABASE_URL is not set.")
  var privateDatabase = false

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var scopes: ScopeOptions
  @OptionGroup var origins: OriginOptions
  @OptionGroup var approvals: ApprovalOptions
  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try Variables.require("INTERVAL", "a number of seconds") { Double($0) }
    guard interval >= 0.1, interval <= 86_400 else {
      throw ValidationError("--interval takes 0.1 to 86400 seconds.")
    }
  }

  func run() async throws {
    let format = output.format
    let logger = Logger(label: "flagstaff") { label in
      let text = StreamLogHandler.standardError(label: label)
      return format == .json ? JSONLineLogHandler() as any LogHandler : text
    }
    try await RegistryAccess.with(state, mayBePrivate: privateDatabase) { access in
      let reconciler = try access.reconciler(
        repository.source(
          stateDirectory: access.stateDirectory.path, progress: ProgressReporter()),
        scopes, origins, approvals, progress: ProgressReporter())
      let loop = ReconcileLoop(reconciler, intervalSeconds: interval) { Self.log($0, to: logger) }
      let task = Task { try await loop.run() }
      let signals = [SIGTERM, SIGINT].map { Self.cancel(task, on: $0, logger) }
      defer { signals.forEach { $0.cancel() } }
      logger.info("serving", metadata: ["repository": "\(repository.repository)"])
      try await task.value
      logger.info("ended")
    }
  }

  private static func cancel(_ task: Task<Void, any Error>, on number: Int32, _ logger: Logger)
    -> any DispatchSourceSignal
  {
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler {
      logger.info("ending after the current pass", metadata: ["signal": "\(number)"])
      task.cancel()
    }
    source.resume()
    return source
  }

  private static func log(_ event: ReconcileLoop.Event, to logger: Logger) {
    switch event {
    case .passed(let report, let next):
      var metadata: Logger.Metadata = ["commit": "\(report.commit)", "next": "\(next)"]
      for scope in report.scopes { note(scope, in: &metadata) }
      let level: Logger.Level = report.hasErrors || report.hasFailures ? .warning : .info
      logger.log(level: level, "pass", metadata: metadata)
      for finding in report.allFindings {
        logger.warning(
          "finding",
          metadata: [
            "code": "\(finding.code.rawValue)", "location": "\(finding.location)",
            "message": "\(Visible.text(finding.message))",
          ])
      }
    case .failed(let reason, let consequence, let next):
      logger.error(
        "pass failed",
        metadata: [
          "reason": "\(reason)", "consequence": "\(consequence.rawValue)",
          "next": "\(next.map { String($0) } ?? "none")",
        ])
    }
  }

  /// Says what became of a scope, where it was anything.
  private static func note(_ scope: PassReport.Scope, in metadata: inout Logger.Metadata) {
    let meanwhile = scope.meanwhile == nil ? "" : ", applied by schedule alone"
    switch scope.outcome {
    case .applied(_, let version): metadata["\(scope.scope)"] = "applied \(version)"
    case .held: metadata["\(scope.scope)"] = "held at \(scope.version)\(meanwhile)"
    case .waiting: metadata["\(scope.scope)"] = "waiting at \(scope.version)\(meanwhile)"
    case .failed: metadata["\(scope.scope)"] = "failed"
    case .unchanged: if scope.wasRepaired { metadata["\(scope.scope)"] = "brought up" }
    case .planned: break
    }
  }
}
