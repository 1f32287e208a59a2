// `flagstaff audit report`: what an auditor asks about a stretch of time, from audit events alone.
// Freezes are those of the repository's head, since that is where they are written down.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import PostgresRegistry

extension Audit {
  struct Report: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Report changes without approval, approvals, freezes and break-glasses.",
      usage: "flagstaff audit report [<options>]",
      discussion: """
        Adds up audit events between two instants: which changes nobody approved, and why nobody \
        had to; what each person approved; what changed while its environment was frozen, by the \
        freezes that the head of the branch defines; break-glasses; and what was done to the log \
        itself. Run `flagstaff audit verify` too: a report is worth what the log is.

        Example:
          flagstaff audit report --since 2026-10-01T00:00:00Z --until 2027-01-01T00:00:00Z
        """)

    @Option(help: ArgumentHelp("From this instant on.", valueName: "instant"))
    var since: String?

    @Option(help: ArgumentHelp("Before this instant.", valueName: "instant"))
    var until: String?

    @OptionGroup var repository: RepositoryOptions
    @OptionGroup var scopes: ScopeOptions
    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let terminal = output.terminal
      var filter = AuditFilter(environments: scopes.environments, customers: scopes.customers)
      filter.since = try Instant(option: "--since", since)
      filter.until = try Instant(option: "--until", until)
      try filter.requireOrder()
      let wanted = filter
      let (report, isFreezeKnown) = try await RegistryAccess.with(state) { access in
        let freezes = try await freezes(access, terminal)
        var report = ComplianceReport()
        try await access.forEachEvent(wanted) { event in
          let body = try JSONReader.read(event.bytes, depthMax: Limits.storedDepthMax)
          report.add(body) { environment, instant in
            (freezes ?? []).contains { $0.covers(environment, at: instant) }
          }
        }
        return (report, freezes != nil)
      }
      switch output.format {
      case .json: terminal.result(CanonicalJSON.string(ReportText.node(report, isFreezeKnown)))
      case .text: terminal.page(ReportText.page(report, isFreezeKnown, since, until))
      }
    }

    /// The freezes of the branch's head; nil where it cannot be read, or does not say.
    private func freezes(_ access: RegistryAccess, _ terminal: Terminal) async throws
      -> [FreezeWindow]?
    {
      do {
        let source = try repository.source(
          stateDirectory: access.stateDirectory.path, progress: terminal.progress)
        let commit = try await source.head()
        return try await source.definitions(of: commit).definitions.trust?.freezes
          .compactMap(\.window)
      } catch {
        terminal.note("The repository cannot be read: \(error)")
        return nil
      }
    }
  }
}

private enum ReportText {
  static func page(
    _ report: ComplianceReport, _ isFreezeKnown: Bool, _ since: String?, _ until: String?
  ) -> String {
    var lines = [
      "Changes from \(since ?? "the beginning") until \(until ?? "now"): \(report.changes),"
        + " of which \(report.approved) were approved by somebody"
    ]
    lines += section("Changes without approval", report.withoutApproval)
    for (person, entries) in sorted(report) {
      lines += section("Approved by \(Visible.text(person))", entries)
    }
    if isFreezeKnown {
      lines += section("Changes in a freeze", report.inFreeze)
    } else {
      lines += ["", "Changes in a freeze: not known, since no freezes could be read"]
    }
    lines += section("Break-glasses", report.breakGlasses)
    lines += section("Trust and the log itself", report.administration)
    return lines.joined(separator: "\n") + "\n"
  }

  private static func sorted(_ report: ComplianceReport) -> [(String, [ComplianceReport.Entry])] {
    report.byPerson.sorted { $0.key.precedesInBytes($1.key) }
  }

  private static func section(_ title: String, _ entries: [ComplianceReport.Entry]) -> [String] {
    ["", "\(title): \(entries.count)"]
      + entries.map { entry in
        let classes = entry.classes.joined(separator: ", ")
        let parts = ["event \(entry.sequence)", entry.instant, entry.scope, entry.subject, classes]
        return parts.compactMap(\.self).reduce("") { "\($0)  \(Visible.text($1))" }
          + "  (\(Visible.text(entry.note)))"
      }
  }

  static func node(_ report: ComplianceReport, _ isFreezeKnown: Bool) -> Node {
    func list(_ entries: [ComplianceReport.Entry]) -> Node {
      .sequence(
        entries.map { entry in
          .fields([
            "sequence": .integer(entry.sequence), "instant": .string(entry.instant),
            "scope": entry.scope.map(Node.string), "subject": .string(entry.subject),
            "classes": .strings(entry.classes), "note": .string(entry.note),
          ])
        })
    }
    return .fields([
      "formatVersion": .integer(1), "changes": .integer(report.changes),
      "approved": .integer(report.approved), "withoutApproval": list(report.withoutApproval),
      "byPerson": .mapping(sorted(report).map { ($0.0, list($0.1)) }),
      "inFreeze": isFreezeKnown ? list(report.inFreeze) : nil,
      "breakGlasses": list(report.breakGlasses), "administration": list(report.administration),
    ])
  }
}
