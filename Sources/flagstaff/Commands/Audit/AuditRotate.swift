// `flagstaff audit rotate`: lets the log go on under another secret. The event that says so is
// written under the old secret and proven by the new one. From then on the new one alone verifies
// the whole log, and an old one that leaked is of no use.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import PostgresRegistry

extension Audit {
  struct Rotate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let the audit log go on under another secret.",
      usage: "flagstaff audit rotate [<options>]",
      discussion: """
        With a server's database: give every controller the new secret as AUDIT_HMAC_SECRET_NEXT \
        beside the old one as AUDIT_HMAC_SECRET, and restart them; they use whichever the log's \
        end names. Then run this once, with both. Afterwards give the new one as \
        AUDIT_HMAC_SECRET and take the old one away. Each may be given as a file, with _FILE.

        Beside a private database the new secret is made and put into the state directory, where \
        the old one is kept.

        The new secret alone verifies the whole log. Whoever wants the codes of earlier events \
        checked too names files with the old secrets in AUDIT_HMAC_SECRET_FORMER_FILES, separated \
        by commas. Run it again where it was interrupted: it goes on from there.
        """)

    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
      let failpoints = Injection.failpoints
      let isPrivate = try RegistryAccess.databaseURL() == nil
      let (outcome, to) = try await RegistryAccess.with(
        state,
        prepare: { state in
          guard isPrivate else { return }
          try Keys.prepareRotation(
            from: Variables.all, stateDirectory: state.path, failpoints)
        }
      ) { access in
        let keys = try access.keys()
        guard let next = keys.nextAudit else {
          throw ControllerError(
            .secret, operation: "rotating the audit secret",
            reason: "\(Keys.nextAuditVariable) is missing. Make a secret with `openssl rand -hex"
              + " 32`, and give it beside the present \(Keys.auditVariable)")
        }
        let fixed = Injection.instant
        let rotation = try await access.worker.run { connection in
          try connection.rotateAuditKey(keys.audit, to: next, fixed: fixed) { failpoints.hit($0) }
        }
        if isPrivate {
          try Keys.finishRotation(
            to: next, from: keys.audit.first, stateDirectory: access.stateDirectory.path,
            failpoints)
        }
        return (rotation, next.identifier)
      }
      show(outcome, to, isPrivate)
    }

    private func show(_ outcome: PostgresConnection.Rotation, _ to: String, _ isPrivate: Bool) {
      let terminal = output.terminal
      switch (output.format, outcome) {
      case (.json, .rotated(let event, let from)):
        terminal.result(
          CanonicalJSON.string(
            .fields([
              "formatVersion": .integer(1), "rotated": .boolean(true), "from": .string(from),
              "to": .string(to), "event": .integer(event.sequence),
            ])))
      case (.json, .wasRotated):
        terminal.result(
          CanonicalJSON.string(
            .fields([
              "formatVersion": .integer(1), "rotated": .boolean(false), "to": .string(to),
            ])))
      case (.text, .rotated(let event, let from)):
        terminal.result(
          "event \(event.sequence): from event \(event.sequence + 1) on, events are written with"
            + " the key \(to) instead of \(from)")
        if !isPrivate {
          terminal.note(
            "Give the new secret as \(Keys.auditVariable) now, and take"
              + " \(Keys.nextAuditVariable) away.")
        }
        terminal.note("The next pass tells the origins the log's new end.")
      case (.text, .wasRotated):
        terminal.result("The log goes on under the key \(to) already.")
      }
    }
  }
}
