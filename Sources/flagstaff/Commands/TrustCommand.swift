// `flagstaff trust`: begins trust, shows it, and gets back in where nobody can change it any more.
// Until it begins nothing is gated; from then on it is changed by commits that an ADMIN approves.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import Foundation
internal import GitSource
internal import PostgresRegistry
internal import SSHSignatures

struct TrustCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trust", abstract: "Begin, show and reset who may approve what.",
    discussion: """
      Trust is people, teams, policies and the workspace's settings, as the last approved commit \
      says them. Until `trust init` nothing is gated. From then on a change of trust needs the \
      approval of an ADMIN, by the trust before it, and every other change the approvals that the \
      policies ask for: `flagstaff approve` shows and signs both.
      """,
    subcommands: [Initialise.self, Show.self, Reset.self])

  struct Initialise: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "init", abstract: "Begin trust with what the branch's head says.",
      usage: "flagstaff trust init --key <file> [<options>]",
      discussion: """
        FILE holds the public key of an ADMIN of the commit: whoever runs this says so who is \
        trusted first, and nobody has to approve it. Run it once.

        Example:
          flagstaff trust init --key ~/.ssh/id_ed25519.pub
        """)

    @OptionGroup var options: BeginningOptions

    func run() async throws {
      try await options.begin(.initialised, heading: "Trust began")
    }
  }

  struct Reset: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Begin trust anew where no ADMIN can approve a change.",
      usage: "flagstaff trust reset --key <file> [<options>]",
      discussion: """
        Takes what the branch's head says, without anybody's approval. The login of DATABASE_URL \
        must be able to become flagstaff_owner, and the audit log says who it was.
        """)

    @OptionGroup var options: BeginningOptions

    func run() async throws {
      try await options.begin(.reset, heading: "Trust was reset")
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show who may sign, until when, and by which commit.",
      usage: "flagstaff trust show [<options>]")

    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let (trust, approvals) = try await RegistryAccess.with(state, for: .look) { access in
        let step = TrustStep(
          registry: access.worker, publishers: [], keys: try access.keys().audit)
        let trust = try await step.registered()
        return (trust, try await told(of: trust, by: step))
      }
      TrustOutput(output).show(trust, by: approvals, heading: "Trust", warnings: [])
    }

    /// Nil where an operator began it, or its events cannot be read.
    private func told(
      of trust: RegisteredTrust?, by step: TrustStep
    ) async throws -> TrustApprovals? {
      guard let trust, trust.beginning == .commit else { return nil }
      do {
        return try await step.approvals(of: trust)
      } catch let error as RegistryError where error.code == .corrupt {
        output.terminal.note("Who approved it cannot be told: \(error)")
        return nil
      }
    }
  }
}

/// What trust begins with, the first time or anew.
struct BeginningOptions: ParsableArguments {
  @OptionGroup var admin: AdminKeyOptions
  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var origins: OriginOptions
  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  fileprivate func begin(
    _ beginning: RegisteredTrust.Beginning, heading: String
  ) async throws {
    let report = try await RegistryAccess.with(state) { access in
      try await access.begin(beginning, admin, repository, origins, output.terminal)
    }
    TrustOutput(output).show(report.trust, heading: heading, warnings: report.warnings)
  }
}

struct AdminKeyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The public key of an ADMIN, a file.", valueName: "file"))
  var key: String

  /// - Throws: `ValidationError` where the file holds no public key.
  func publicKey() throws -> SSHPublicKey {
    guard let text = try? String(contentsOfFile: key, encoding: .utf8) else {
      throw ValidationError(
        "\(Visible.text(key)) cannot be read. Name the file of a public key, such as"
          + " ~/.ssh/id_ed25519.pub.")
    }
    do {
      return try SSHPublicKey(text.trimmingCharacters(in: .whitespacesAndNewlines))
    } catch {
      throw ValidationError(
        "The key of \(Visible.text(key)) \(error.reason). Name the file of a public key, such as"
          + " ~/.ssh/id_ed25519.pub.")
    }
  }
}

extension RegistryAccess {
  /// Begins or resets trust with what the branch's head says.
  fileprivate func begin(
    _ beginning: RegisteredTrust.Beginning, _ admin: AdminKeyOptions,
    _ repository: RepositoryOptions, _ origins: OriginOptions, _ terminal: Terminal
  ) async throws -> TrustReport {
    let key = try admin.publicKey()
    let source = try repository.source(
      stateDirectory: stateDirectory.path, progress: terminal.progress)
    let head = try await source.head()
    let loaded = try await source.definitions(of: head)
    let survey = try await Survey.read(
      worker, keys: try keys().audit, fixed: Injection.instant)
    try survey.requireSameWorkspace(loaded)
    return try await TrustStep(
      registry: worker, publishers: try publishers(origins, Injection.failpoints),
      keys: try keys().audit, failpoints: Injection.failpoints
    ).begin(
      as: beginning, loaded.definitions, commit: head.hexadecimal, by: key, at: survey.instant)
  }
}
