// `flagstaff audit verify`: exits with 1 at the first event that cannot be trusted, so that a job
// can watch it. It says what was not looked at, so that nobody takes more from it than it says.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import Foundation
internal import Origins
internal import PostgresRegistry
internal import SSHSignatures
internal import Signing

extension Audit {
  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check that no audit event was edited, removed, inserted, swapped or cut off.",
      usage: "flagstaff audit verify [<options>]",
      discussion: """
        Walks the chain from its first event: bytes, hashes, codes, order, times, and the columns \
        by which events are found. Then it compares the log with every checkpoint that it is \
        given: those of the origins' pointers, those in their v1/audit folders, and those of \
        --checkpoint, which somebody with access to the database alone cannot change. All of them \
        must lie on this one log. Without a checkpoint a cut-off tail cannot be seen, and the \
        output says so.

        With --public no secret is needed: an edited event is still found, but not a log that was \
        written anew from some event on, unless a checkpoint contradicts it.

        With --approvals it then reads again what allowed each change since trust began: the \
        evidence that the event names, whose signature ssh-keygen verifies once more, the trust \
        that was in force, and whether the people who signed meet each policy that the event \
        shows to be about it. What nobody had to approve is counted: before trust began, under \
        --approvals warn, by the clock alone, exempt, by breaking the glass. Who contributed is \
        taken from the event, since only the repository's history can tell it again.

        Examples:
          flagstaff audit verify --approvals
          flagstaff audit verify --checkpoint ~/kept/1042.json --max-age 24h
          flagstaff audit verify --public --public-key signing-key.pub.pem
        """)

    @Option(
      name: .customLong("checkpoint"),
      help: ArgumentHelp(
        "A checkpoint that the log must lead through: a file, a folder of them, an origin, or an"
          + " https:// address of a file; repeatable.", valueName: "path-or-url"))
    var checkpoints: [String] = []

    @Option(
      help: ArgumentHelp(
        "The first event to verify; a checkpoint of the one before it shows what it follows.",
        valueName: "n"))
    var from = 1

    @Option(
      help: ArgumentHelp(
        "Fail where the newest checkpoint is older than this, such as 90s, 15m, 24h or 30d.",
        valueName: "time"))
    var maxAge: String?

    @Flag(help: "Verify too who approved each change, and that it was enough.")
    var approvals = false

    @Flag(name: .customLong("public"), help: "Use no secret: check all but the codes.")
    var isPublic = false

    @OptionGroup var publicKey: PublicKeyOptions
    @OptionGroup var origins: OriginOptions
    @OptionGroup var state: StateOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      guard from > 0 else { throw ValidationError("--from takes the number of an event, from 1.") }
      if approvals, from > 1 {
        throw ValidationError("--approvals follows trust from event 1: leave out --from.")
      }
      if let maxAge, Span(maxAge) == nil {
        throw ValidationError("--max-age takes a time such as 90s, 15m, 24h or 30d, not \(maxAge).")
      }
    }

    func run() async throws {
      let terminal = output.terminal
      let use: RegistryAccess.Use = isPublic ? .lookWithoutSecrets : .work
      let (outcome, audit) = try await RegistryAccess.with(state, for: use) { access in
        try await verify(access, terminal)
      }
      tell(outcome, audit, terminal)
      if outcome.failure != nil || audit?.failure != nil { throw Ending.failure }
    }

    private func verify(
      _ access: RegistryAccess, _ terminal: Terminal
    ) async throws -> (AuditCheck.Outcome, ApprovalAuditing.Outcome?) {
      let trust = isPublic ? AuditWalk.Trust.nobody : .secrets(try access.keys().audit)
      var check = AuditCheck(trusting: trust, try await known(access, terminal))
      (check.from, check.ageSecondsMax) = (from, maxAge.flatMap { Span($0)?.seconds })
      let (ready, now, progress) = (check, Instant.now, terminal.progress)
      let outcome = try await access.worker.run { connection in
        try ready.run(connection, now: now, progress: progress)
      }
      guard approvals, outcome.failure == nil else { return (outcome, nil) }
      let verifier = SignatureVerifier(SSHKeygen(environment: Variables.all))
      let auditing = ApprovalAuditing(access.worker, trusting: trust, verifier: verifier)
      return (outcome, try await auditing.run(to: outcome, progress: progress))
    }

    private func tell(
      _ outcome: AuditCheck.Outcome, _ audit: ApprovalAuditing.Outcome?, _ terminal: Terminal
    ) {
      switch output.format {
      case .json:
        terminal.result(
          CanonicalJSON.string(
            AuditVerifyText.node(outcome, isPublic, audit.map(ApprovalAuditText.node))))
      case .text:
        var lines = AuditVerifyText.lines(outcome, isPublic, terminal)
        lines += audit.map { ApprovalAuditText.lines($0, terminal) } ?? []
        for line in lines { terminal.result(line) }
      }
    }

    /// Every checkpoint of the origins and of the options.
    private func known(_ access: RegistryAccess, _ terminal: Terminal) async throws
      -> [KnownCheckpoint]
    {
      let directories = try origins.paths(stateDirectory: access.stateDirectory.path).filter {
        if FileManager.default.fileExists(atPath: $0) { return true }
        // A mistyped or unmounted origin must not pass for one that agrees.
        guard origins.origins.isEmpty else {
          throw ControllerError(
            .unknownScope, operation: "reading the checkpoints of \($0)",
            reason: "there is no such directory. Name an origin that is published to")
        }
        return false
      }
      guard !directories.isEmpty || !checkpoints.isEmpty else { return [] }
      var keys = isPublic ? [] : [try access.keys().signing.publicKey]
      if isPublic || publicKey.publicKey != nil { keys.append(try publicKey.key(state)) }
      var known: [KnownCheckpoint] = []
      for directory in directories {
        known += try KnownCheckpoint.all(
          at: DirectoryOrigin(path: directory), keys: keys, progress: terminal.progress)
      }
      for place in checkpoints {
        known += try await KnownCheckpoint.all(
          at: place, keys: keys, progress: terminal.progress)
      }
      return known
    }
  }
}

/// A length of time as options take it.
struct Span {
  let seconds: Int

  /// Reads `90s`, `15m`, `24h` or `30d`; nil for anything else.
  init?(_ text: String) {
    let units: [Character: Int] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
    guard let unit = text.last.flatMap({ units[$0] }), text.count <= 8,
      text.dropLast().allSatisfy({ ("0"..."9").contains($0) }),
      let number = Int(text.dropLast()), number > 0
    else { return nil }
    seconds = number * unit
  }
}
