// `flagstaff approve`: shows a plan, then signs exactly that. What is signed is a statement a
// person reads beforehand as a plan; it names every definition's digests, so whatever changes
// afterwards is not approved.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import GitSource

struct Approve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what a head would change, and sign it.",
    discussion: """
      Plans what the head adds to the base, as `flagstaff plan --head HEAD --merge BASE --base \
      BASE` does: the same definitions result whether the pull request is merged, rebased or \
      squashed. Then signs one statement an environment, by ssh-keygen, with a key file or an \
      agent. A statement counts for these changes alone, in this workspace, until it expires.

      Changes of people, teams, policies and the workspace are trust's. They are shown and signed \
      beside the others, in a statement of their own, where the signer is an ADMIN: no other \
      person's approval counts there. That takes no --environment and no --customer.

      The statement is written to the signer's own ref of this clone, \
      refs/flagstaff/approvals/…; --push brings it to the remote, where the controller finds it. \
      With keys, only these definitions, people, teams and policies are approved. --withdraw \
      takes an approval back. --release approves that what is killed under a key serves again, \
      and nothing else. --break-glass lets through for at most 24 hours, with its reason, \
      what policies would refuse; it ends no freeze, and who broke the glass for a definition does \
      so again only once somebody else has approved a change of it.

      Examples:
        flagstaff approve --push
        flagstaff approve checkout banner --head origin/feature --base origin/main
        flagstaff approve --against origin:/srv/flags --signing-key ~/.ssh/id_ed25519
        flagstaff approve --release new-search --environment production --push
        flagstaff approve --withdraw 3f2a9c01 --push
      """)

  @Argument(help: ArgumentHelp("Only what bears these keys.", valueName: "key"))
  var keys: [String] = []

  @Option(help: ArgumentHelp("The revision to approve.", valueName: "rev"))
  var head = "HEAD"

  @Option(
    help: ArgumentHelp(
      "What it is merged into. (default: origin/HEAD, where there is one)", valueName: "rev"))
  var base: String?

  @Option(
    help: ArgumentHelp(
      "How long the approval counts: days, 1 to 30; hours, 1 to 24, with --break-glass."
        + " (default: 7, or 24)", valueName: "number"))
  var expires: Int?

  @Option(help: ArgumentHelp("Take an approval of one's own back.", valueName: "statement"))
  var withdraw: String?

  @Option(help: ArgumentHelp("Approve that a kill is taken back.", valueName: "key"))
  var release: String?

  @Option(help: ArgumentHelp("Let it through at once, for this reason.", valueName: "reason"))
  var breakGlass: String?

  @Option(
    help: ArgumentHelp(
      "What to compare with: registry, origin:PATH-OR-URL or rev:REV. (default: registry)"
        + " [FLAGSTAFF_AGAINST]",
      valueName: "place"))
  var against: String?

  @OptionGroup var signing: SigningOptions
  @OptionGroup var publicKey: PublicKeyOptions
  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var scopes: ScopeOptions
  @OptionGroup var origins: OriginOptions
  @OptionGroup var state: StateOptions
  @OptionGroup var output: TerminalOptions

  private static let (secondsOfDay, secondsOfHour) = (86_400, 3_600)

  func validate() throws {
    let most =
      breakGlass == nil
      ? Limits.statementSecondsMax / Self.secondsOfDay
      : Limits.breakGlassSecondsMax / Self.secondsOfHour
    if let expires, !(1...most).contains(expires) {
      throw ValidationError("--expires takes a number from 1 to \(most).")
    }
    if release != nil, !keys.isEmpty || withdraw != nil {
      throw ValidationError("--release goes with no other key and no --withdraw.")
    }
    if withdraw != nil, !keys.isEmpty || breakGlass != nil || expires != nil {
      throw ValidationError("--withdraw goes with no key, --break-glass or --expires.")
    }
  }

  func run() async throws {
    let terminal = output.terminal
    let signer = try Signer(signing, in: repository, terminal)
    let source = try repository.source(state, terminal)
    let commit = try await source.commit(ofRevision: head)
    if let withdraw {
      let definitions = try await source.definitions(of: commit).definitions
      return try await self.withdraw(withdraw, definitions, signer, terminal)
    }
    let prepared = try await prepared(commit, source, terminal)
    let drafts = try drafts(
      of: prepared, by: try standing(of: signer, prepared, terminal), terminal)
    guard !drafts.isEmpty, let workspace = prepared.report.workspace else {
      if let ending = Self.ending(of: prepared.report) { throw ending }
      terminal.result("There is nothing to approve.")
      if !isOfAll, prepared.report.trust.flatMap(TrustApproval.init) != nil {
        terminal.note(
          "What changes is trust, which has neither environment nor customer. To approve it, run"
            + " this without --environment and --customer.")
      }
      if let base = prepared.base {
        terminal.note(
          "What \(base) has counts as applied. To approve what waits there, run: flagstaff approve"
            + " --head \(base)")
      }
      return
    }
    let statements = try drafts.map { try statement(of: $0, workspace) }
    for (draft, statement) in zip(drafts, statements) {
      terminal.result(Self.text(of: draft, statement))
    }
    try signer.confirm("Sign this?")
    try await signer.sign(statements, trust: prepared.order.wanted.loaded.definitions.trust)
  }

  // MARK: What is shown

  /// What the head adds to the base.
  private struct Prepared {
    let report: PassReport
    let order: PlanOrder
    /// What is in force.
    let registered: RegisteredTrust
    /// What it is merged into; nil where the head is that itself.
    let base: String?
    /// Nil where nothing of trust changes, or that is not asked about.
    let trust: TrustApproval?
  }

  /// Plans, and shows it.
  private func prepared(
    _ commit: CommitID, _ source: DefinitionsSource, _ terminal: Terminal
  ) async throws -> Prepared {
    var subject = PlanSubject(against: try Against(option: against, publicKey))
    if case .revision = subject.against {
      throw UsageError(
        "A revision does not tell which generation a change gives, so nothing signed against it"
          + " would count. \(Self.remedy)")
    }
    let order = try await order(commit, source, terminal, &subject)
    for note in subject.notes { terminal.note(note) }
    let reading = PlanReading(
      state: state, origins: origins, publicKey: publicKey, scopes: scopes, terminal: terminal)
    let report = try await reading.report(order, subject.against, source)
    guard let registered = report.trust?.trust else {
      let place = subject.against == .registry ? "this registry" : "what is published there"
      throw UsageError(
        "Trust never began in \(place), so nobody is asked, and nothing signed would count."
          + " \(Self.remedy)")
    }
    for note in report.notes { terminal.note("Note: \(note)") }
    ReportOutput(terminal: terminal, format: .text).show(report, heading: "Plan for")
    return Prepared(
      report: report, order: order, registered: registered,
      base: subject.base.map { Visible.text($0.name) },
      trust: isOfAll ? report.trust.flatMap(TrustApproval.init) : nil)
  }

  private func order(
    _ commit: CommitID, _ source: DefinitionsSource, _ terminal: Terminal,
    _ subject: inout PlanSubject
  ) async throws -> PlanOrder {
    let judging = repository.judging(source, isBreakingGlass: breakGlass != nil)
    guard release == nil, let (name, base) = try await baseCommit(source), base != commit else {
      return PlanOrder(
        wanted: try await .commit(commit, named: head, source), former: [],
        selection: scopes.selection, at: nil, until: nil, judgedBy: judging,
        progress: terminal.progress, release: release)
    }
    subject.base = NamedCommit(name, base.hexadecimal)
    subject.merge = subject.base
    return PlanOrder(
      wanted: Planning.Wanted(
        try await source.definitions(merging: base, into: commit),
        commit: commit.hexadecimal, name: head, head: commit),
      former: [try await .commit(base, named: name, source)], selection: scopes.selection,
      at: nil, until: nil, judgedBy: judging, progress: terminal.progress)
  }

  /// Trust is nobody's environment.
  private var isOfAll: Bool { scopes.environments.isEmpty && scopes.customers.isEmpty }

  private static let remedy =
    "Compare with the controller's own: give --against origin:PATH-OR-URL with --public-key, or"
    + " DATABASE_URL."

  private func standing(
    of signer: Signer, _ prepared: Prepared, _ terminal: Terminal
  ) throws -> SignerStanding {
    let standing = try SignerStanding(
      Injection.signsAnything ? nil : try signer.publicKey(), in: prepared.registered,
      at: prepared.report.instant, terminal)
    if breakGlass != nil { try standing.requireAdmin(for: "A broken glass", terminal) }
    return standing
  }

  /// What is to be signed: the parts in which the signer's approval can count.
  private func drafts(
    of prepared: Prepared, by standing: SignerStanding, _ terminal: Terminal
  ) throws -> [ApprovalDraft] {
    let wanted = keys.isEmpty ? nil : Set(keys)
    let plans = prepared.report.scopes.compactMap(\.outcome.plan)
    let all = ApprovalDraft.make(plans, keys: wanted)
    let trust = prepared.trust.flatMap { ApprovalDraft.make($0.plan, keys: wanted) }
    try requireAll(all + [trust].compactMap(\.self), of: prepared.report)
    // A glass is broken for one's own change, too.
    let vain =
      breakGlass == nil
      ? standing.contributions(to: prepared.report)
      : standing.vainGlasses(in: prepared.report, until: end(from: prepared.report.instant))
    let scopes = ApprovalDraft.make(plans, keys: wanted) { vain[$0]?[$1] != nil }
    var reasons = Self.reasons(
      vain.values.flatMap(\.self).filter { wanted?.contains($0.key.key) != false }.map(\.value))
    reasons += Self.unplanned(prepared.report)
    var drafts = scopes
    if let trust, let approval = prepared.trust {
      if breakGlass != nil {
        reasons.append("No broken glass lets the change of trust through.")
      } else if let reason = standing.reasonAgainst(approval) {
        reasons.append("Your approval of the change of trust would not count: \(reason).")
      } else {
        drafts = [trust] + scopes
      }
    }
    let rest = drafts.isEmpty ? "" : " It is left out."
    for reason in reasons { terminal.besideResult("\(reason)\(rest)") }
    if drafts.isEmpty, !reasons.isEmpty {
      if let ending = Self.ending(of: prepared.report) { throw ending }
      throw terminal.refusal("Nothing else is left to approve.")
    }
    return drafts
  }

  /// Each once.
  private static func reasons(_ sentences: [String]) -> [String] {
    Set(sentences).sorted { $0.precedesInBytes($1) }
  }

  /// What could not be planned, so that nobody signs for it: its trouble was shown before, and is
  /// none of the rest.
  private static func unplanned(_ report: PassReport) -> [String] {
    var reasons = report.scopes.compactMap { scope -> String? in
      switch scope.outcome {
      case .held: "Findings hold \(scope.scope)."
      case .failed: "\(scope.scope) could not be planned."
      case .planned, .applied, .waiting, .unchanged: nil
      }
    }
    if case .held = report.trust?.outcome { reasons.append("Findings hold trust.") }
    return reasons
  }

  /// How the program ends where something could not be planned, and nothing is signed.
  private static func ending(of report: PassReport) -> ExitCode? {
    report.hasFailures ? Ending.failure : report.hasErrors ? Ending.invalid : nil
  }

  private func baseCommit(_ source: DefinitionsSource) async throws -> (String, CommitID)? {
    if let base { return (base, try await source.commit(ofRevision: base)) }
    let usual = "origin/HEAD"
    do {
      return (usual, try await source.commit(ofRevision: usual))
    } catch let error as GitError where error.code == .unknownRevision {
      return nil
    }
  }

  private func requireAll(_ drafts: [ApprovalDraft], of report: PassReport) throws {
    let found = Set(drafts.flatMap(\.items).map(\.subject.key))
    if let missing = keys.first(where: { !found.contains($0) }) {
      // It may stand in what could not be planned.
      if let ending = Self.ending(of: report) { throw ending }
      throw UsageError("The plan changes nothing named \(Visible.text(missing)).")
    }
  }

  // MARK: Statements

  private func statement(of draft: ApprovalDraft, _ workspace: String) throws -> Statement {
    let issued = Instant.now
    do throws(MalformedStatement) {
      guard let breakGlass else {
        return try Statement(
          workspace: workspace, issued: issued, expires: end(from: issued),
          content: .approval(draft.approval))
      }
      return try Statement(
        workspace: workspace, issued: issued, expires: end(from: issued),
        content: .breakGlass(draft.approval, reason: breakGlass))
    } catch {
      throw UsageError("This cannot be signed: the statement \(error.reason).")
    }
  }

  /// Until when what is signed counts.
  private func end(from issued: Instant) -> Instant {
    issued.adding(
      seconds: breakGlass == nil
        ? (expires ?? 7) * Self.secondsOfDay : (expires ?? 24) * Self.secondsOfHour)
  }

  private static func text(of draft: ApprovalDraft, _ statement: Statement) -> String {
    let until = statement.expires.map { ", until \($0)" } ?? ""
    var lines = ["To be signed for \(draft.environment ?? "trust")\(until):"]
    lines += draft.items.map { item in
      let what = "\(item.subject.kind) \(item.subject.key)"
      let classes = item.classes.joined(separator: ", ")
      return "  \(Self.place(of: item.subject))\(what), \(classes), generation \(item.generation)"
    }
    if case .breakGlass(_, let reason) = statement.content {
      lines.append("  instead of every policy, because: \(Visible.text(reason))")
    }
    return lines.joined(separator: "\n")
  }

  /// `acme: `; nothing of trust, which has no customer.
  private static func place(of subject: Subject) -> String {
    guard case .scope(let scope) = subject.place else { return "" }
    return "\(scope.customer): "
  }

  private func withdraw(
    _ name: String, _ definitions: Definitions, _ signer: Signer, _ terminal: Terminal
  ) async throws {
    guard let workspace = definitions.workspace?.id else { throw Ending.invalid }
    guard
      let (digest, told) = try await signer.ownEvidence(named: name, trust: definitions.trust)
    else {
      terminal.result("\(Visible.text(name)) is withdrawn already. Nothing was signed.")
      return
    }
    terminal.result("To be withdrawn:\n  \(told)")
    try signer.confirm("Sign this?")
    let statement = try Statement(
      workspace: workspace, issued: .now, expires: nil, content: .withdrawal(of: digest))
    try await signer.sign([statement], trust: definitions.trust)
  }
}
