// `flagstaff audit`: verify that the log is whole, and read it. Verifying exits with 1 at the
// first event that cannot be trusted, so that a job can watch it.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import Foundation
internal import Origins
internal import PostgresRegistry
internal import Signing

struct Audit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Verify and read the audit log.", subcommands: [Verify.self, Log.self])
}

extension Audit {
  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check that no audit event was edited, removed, inserted, swapped or cut off.",
      usage: "flagstaff audit verify [<options>]",
      discussion: """
        Walks the chain from its first event, and compares it with the checkpoints in the pointers \
        of every origin, which somebody with access to the database alone cannot change. Without \
        an origin that has checkpoints a cut-off tail cannot be seen, and the output says so.
        """)

    @OptionGroup var origins: OriginOptions
    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let terminal = output.terminal
      let outcome = try await RegistryAccess.with(state) { access in
        let keys = try access.keys()
        let checkpoints = try origins.paths(stateDirectory: access.stateDirectory.path).flatMap {
          path in
          // A mistyped or unmounted origin must not pass for one that agrees.
          guard origins.origins.isEmpty || FileManager.default.fileExists(atPath: path) else {
            throw ControllerError(
              .unknownScope, operation: "reading the checkpoints of \(path)",
              reason: "there is no such directory. Name an origin that is published to")
          }
          return try AuditCheck.checkpoints(
            at: Publisher(directory: path, key: keys.signing, failpoints: Failpoints()))
        }
        let progress = terminal.progress
        return try await access.worker.run { connection in
          try AuditCheck.run(connection, key: keys.audit, checkpoints, progress: progress)
        }
      }
      show(outcome, terminal)
      if outcome.failure != nil { throw Ending.failure }
    }

    private func show(_ outcome: AuditCheck.Outcome, _ terminal: Terminal) {
      if output.format == .json {
        terminal.result(
          CanonicalJSON.string(
            .fields([
              "formatVersion": .integer(1), "verified": .boolean(outcome.failure == nil),
              "events": .integer(outcome.events),
              "checkpoints": .integer(outcome.checkpoints),
              "failure": outcome.failure.map { failure in
                .fields([
                  "sequence": .integer(failure.sequence), "reason": .string(failure.reason),
                ])
              },
            ])))
        return
      }
      if let failure = outcome.failure {
        terminal.result("\(terminal.colour("The audit log does not verify", .red)): \(failure)")
        return
      }
      terminal.result(
        "\(terminal.colour("The audit log verifies", .green)):"
          + " \(Plural.text(outcome.events, "event")), none edited, removed, inserted or swapped;"
          + " \(Plural.text(outcome.checkpoints, "checkpoint")) of origins agree")
      if outcome.checkpoints == 0 {
        terminal.result("Without a checkpoint at an origin a cut-off tail cannot be seen.")
      }
    }
  }

  struct Log: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show audit events, oldest first.",
      usage: "flagstaff audit log [<options>]",
      discussion: """
        Example:
          flagstaff audit log --customer acme --key checkout-flow
        """)

    @Option(help: ArgumentHelp("Only events of this key.", valueName: "key"))
    var key: String?

    @OptionGroup var scopes: ScopeOptions
    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let terminal = output.terminal
      let filter = AuditFilter(
        environments: scopes.environments, customers: scopes.customers, key: key)
      try await RegistryAccess.with(state) { access in
        var last: Int? = 0
        while let sequence = last {
          // Printed after the transaction: whoever reads the output may take any time for it.
          let page = try await access.worker.run { connection in
            try connection.transaction(isReadOnly: true) { transaction in
              try transaction.auditEvents(filter, after: sequence)
            }
          }
          for event in page { terminal.result(try text(event)) }
          last = page.last?.sequence
        }
      }
    }

    private func text(_ event: AuditEvent) throws -> String {
      switch output.format {
      case .json: String(decoding: event.bytes, as: UTF8.self)
      case .text: Self.text(try JSONReader.read(event.bytes, depthMax: Limits.storedDepthMax))
      }
    }

    /// What happened, what differs, and who is on record for it.
    private static func text(_ body: Node) -> String {
      func text(_ node: Node?) -> String { Visible.text(node?.string ?? "-") }
      let classes = (body["classes"]?.sequence ?? []).compactMap(\.string).joined(separator: ", ")
      let subject = "\(text(body["subject"]?["kind"])) \(text(body["subject"]?["key"]))"
      let scope = "\(text(body["environment"]))/\(text(body["customer"]))"
      let mode = text(body["mode"])
      var lines = [
        "event \(body["sequence"]?.integer ?? 0)  \(text(body["instant"]))  \(scope)"
          + " version \(body["version"]?.integer ?? 0)  \(subject)  \(classes)"
      ]
      lines += DifferenceText.lines(before: body["before"], after: body["after"])
        .map { "    \($0)" }
      lines.append(
        "    by \(text(body["actor"]?["kind"])) \(text(body["actor"]?["id"])), from commit"
          + " \(text(body["commit"]).prefix(12)); \(mode)"
          + (mode == ApprovalMode.ungated.rawValue ? ": nobody's approval was required" : ""))
      return lines.joined(separator: "\n")
    }
  }
}
