// `flagstaff audit log`: shows audit events as they were recorded. What is shown is read page by
// page, so a log of any length can be piped.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import PostgresRegistry

extension Audit {
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
