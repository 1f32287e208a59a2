// `flagstaff audit export` and `verify-export`: the log as a file that can be handed on, and the
// check that it is still what was handed on. For the latter a public key is enough.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import PostgresRegistry

extension ExportManifest.Form: ExpressibleByArgument {}

extension Audit {
  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the audit log into a file, with a signed manifest.",
      usage: "flagstaff audit export [<options>] <file>",
      discussion: """
        Each event is verified on its way. Where it was interrupted, run it again: it goes on from \
        the last whole line, and the file becomes the same. FILE.manifest.json beside it, signed \
        by the key that signs what is published, says which events the file has, and its digest.

        As ndjson, a line is an event's exact bytes, so that its SHA-256 is the event's hash. As \
        csv, a cell that a spreadsheet would take for a formula gets an apostrophe before it.

        Examples:
          flagstaff audit export audit.ndjson
          flagstaff audit export --format csv --from 1000 audit.csv
        """)

    @Argument(help: "Where to write; what an interrupted export left is continued.")
    var file: String

    @Option(help: ArgumentHelp("How to write events: ndjson or csv.", valueName: "form"))
    var format = ExportManifest.Form.ndjson

    @Option(help: ArgumentHelp("The first event.", valueName: "n"))
    var from = 1

    @Option(help: ArgumentHelp("The last event. (default: the log's last)", valueName: "n"))
    var to: Int?

    @OptionGroup var state: StateOptions
    @OptionGroup private var terminalOptions: TerminalOptions

    func validate() throws {
      guard from > 0, to.map({ $0 >= from }) ?? true else {
        throw ValidationError("--from and --to take numbers of events, from 1, in order.")
      }
    }

    func run() async throws {
      let terminal = terminalOptions.terminal
      let (manifest, resumedAt) = try await RegistryAccess.with(state) { access in
        let keys = try access.keys()
        return try await AuditExport(
          to: file, format, first: from, last: to, keys: keys.audit, signing: keys.signing
        ).run(access.worker, progress: terminal.progress)
      }
      if let resumedAt { terminal.note("It was continued at event \(resumedAt).") }
      terminal.result(ExportText.line(manifest, file))
      terminal.result("manifest: \(AuditExport.manifestFile(of: file))")
    }
  }

  struct VerifyExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "verify-export",
      abstract: "Check that an export is what its signed manifest says.",
      usage: "flagstaff audit verify-export [<options>] <file>",
      discussion: """
        Needs neither a database nor a secret: FILE, FILE.manifest.json, and the public key of \
        whoever exported.
        """)

    @Argument(help: "An exported file; its manifest lies beside it.")
    var file: String

    @OptionGroup var publicKey: PublicKeyOptions
    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let manifest = try AuditExport.verify(file, keys: [try publicKey.key(state)])
      switch output.format {
      case .json: output.terminal.result(String(decoding: manifest.payload, as: UTF8.self))
      case .text: output.terminal.result("verifies: \(ExportText.line(manifest, file))")
      }
    }
  }
}

private enum ExportText {
  static func line(_ manifest: ExportManifest, _ file: String) -> String {
    "\(Plural.text(manifest.last - manifest.first + 1, "event")) of \(manifest.workspace), from"
      + " \(manifest.first) to \(manifest.last), \(manifest.bytes) bytes as"
      + " \(manifest.form.rawValue): \(file)"
  }
}
