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
        Events are found by columns, which `flagstaff audit verify` compares with their bytes. \
        With several options an event is shown that meets all of them.

        Examples:
          flagstaff audit log --customer acme --key checkout-flow
          flagstaff audit log --person alice --since 2026-11-01T00:00:00Z
        """)

    @Option(help: ArgumentHelp("Only events of this key.", valueName: "key"))
    var key: String?

    @Option(
      help: ArgumentHelp("Only what this person did or approved.", valueName: "person"))
    var person: String?

    @Option(
      help: ArgumentHelp(
        "Only events of this commit; its first digits are enough.", valueName: "commit"))
    var commit: String?

    @Option(
      help: ArgumentHelp("Only events from this instant on.", valueName: "instant"))
    var since: String?

    @Option(help: ArgumentHelp("Only events before this instant.", valueName: "instant"))
    var until: String?

    @OptionGroup var scopes: ScopeOptions
    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let terminal = output.terminal
      let filter = try filter()
      let count = try await RegistryAccess.with(state) { access in
        var count = 0
        try await access.forEachEvent(filter) { event in
          terminal.result(try text(event))
          count += 1
        }
        return count
      }
      if count == 0 { terminal.note("No event meets what was asked for.") }
    }

    private func filter() throws -> AuditFilter {
      var filter = AuditFilter(
        environments: scopes.environments, customers: scopes.customers, key: key)
      filter.person = person
      if let commit {
        let digits = commit.lowercased()
        guard (4...64).contains(digits.count), digits.allSatisfy(\.isHexDigit) else {
          throw UsageError(
            "--commit takes four or more hexadecimal digits, not \(Visible.text(commit)).")
        }
        filter.commit = digits
      }
      filter.since = try Instant(option: "--since", since)
      filter.until = try Instant(option: "--until", until)
      try filter.requireOrder()
      return filter
    }

    private func text(_ event: AuditEvent) throws -> String {
      switch output.format {
      case .json: String(decoding: event.bytes, as: UTF8.self)
      case .text:
        EventText.lines(try JSONReader.read(event.bytes, depthMax: Limits.storedDepthMax))
          .joined(separator: "\n")
      }
    }
  }
}

extension AuditFilter {
  /// Refuses a stretch of time that ends before it begins.
  func requireOrder() throws {
    guard let since, let until, until < since else { return }
    throw UsageError("--since \(since) is later than --until \(until).")
  }
}

extension RegistryAccess {
  /// Hands on the events that a filter lets through, in order, each page after its transaction has
  /// ended: whoever reads the output may take any time for it.
  func forEachEvent(_ filter: AuditFilter, _ body: (AuditEvent) throws -> Void) async throws {
    var last: Int? = 0
    while let sequence = last {
      let page = try await worker.run { connection in
        try connection.transaction(isReadOnly: true) { transaction in
          try transaction.auditEvents(filter, after: sequence)
        }
      }
      for event in page { try body(event) }
      last = page.last?.sequence
    }
  }
}
