// What `flagstaff plan` compares with, and for which time: its options, and how they become parents
// and instants. Only the registry takes a database and secrets; all else works in a pull request's
// job, which has none.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import Foundation
internal import GitSource
internal import PostgresRegistry

/// What a plan is compared with.
enum Against: Equatable {
  /// The registry of DATABASE_URL, or the private one.
  case registry
  /// What is published at an origin.
  case origin(String)
  /// A revision, as if it had been applied first to an empty registry.
  case revision(String)

  init(_ text: String) throws {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let rest = parts.count > 1 ? String(parts[1]) : ""
    switch (String(parts[0]), rest.isEmpty) {
    case ("registry", true) where parts.count == 1: self = .registry
    case ("origin", false): self = .origin(rest)
    case ("rev", false): self = .revision(rest)
    default:
      throw UsageError(
        "--against takes registry, origin:PATH or origin:https://… (what is published there), or"
          + " rev:REV (a revision of the repository), not \(Visible.text(text)).")
    }
  }
}

extension Against {
  /// What an option says, or its variable; the registry where neither is given.
  init(option: String?, _ publicKey: PublicKeyOptions) throws {
    try self.init(option ?? Variables.text("AGAINST") ?? "registry")
    if publicKey.publicKey != nil {
      guard case .origin = self else {
        throw UsageError(
          "--public-key verifies what is published, so it goes with --against origin:PATH.")
      }
    }
  }
}

/// A revision as it was named, and the commit that it was.
struct NamedCommit {
  let name: String
  let commit: String

  init(_ name: String, _ commit: some StringProtocol) {
    self.name = name
    self.commit = String(commit.prefix(12))
  }
}

/// What a plan is told to be of, beside its own commit.
struct PlanSubject {
  var against = Against.registry
  /// What counts as applied first.
  var base: NamedCommit?
  /// What is merged into the commit.
  var merge: NamedCommit?

  /// Whether nothing that it is compared with tells whether trust began.
  var isSilentOnTrust: Bool {
    if case .revision = against { true } else { false }
  }

  /// What is told of approvals then.
  static let trustUnknown =
    "approvals are not judged, since a revision does not tell whether trust began. Compare with the"
    + " registry or an origin to see them"

  /// What to know of it, a sentence each.
  var notes: [String] {
    let merged = merge.map { "Planned as merged with \($0.name) (\($0.commit))." }
    let added = base.map {
      "What \($0.name) (\($0.commit)) defines counts as applied first, so only what is added to it"
        + " is shown."
    }
    return [merged, added].compactMap(\.self)
  }
}

struct ComparisonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What to compare with: registry, origin:PATH-OR-URL or rev:REV. (default: registry)"
        + " [FLAGSTAFF_AGAINST]",
      valueName: "place"))
  var against: String?

  @Option(
    help: ArgumentHelp(
      "Count this revision as applied first, so that only what the head adds is shown.",
      valueName: "rev"))
  var base: String?

  @Option(
    help: ArgumentHelp(
      "Plan as of this instant, as YYYY-MM-DDThh:mm:ssZ. (default: now)", valueName: "instant"))
  var at: String?

  @Option(
    help: ArgumentHelp("Show each scheduled change up to this instant, too.", valueName: "instant"))
  var until: String?

  @OptionGroup var publicKey: PublicKeyOptions

  /// What the options say, once they make sense together.
  func parsed() throws -> (against: Against, at: Instant?, until: Instant?) {
    let against = try Against(option: against, publicKey)
    return (against, try Instant(option: "--at", at), try Instant(option: "--until", until))
  }
}

/// Everything that says which plan is meant.
struct PlanningOptions: ParsableArguments {
  @OptionGroup var comparison: ComparisonOptions
  @OptionGroup var revisions: RevisionOptions
  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var scopes: ScopeOptions
  @OptionGroup var origins: OriginOptions
  @OptionGroup var approvals: ApprovalOptions
  @OptionGroup var state: StateOptions

  /// Makes the plan, and notes what to know of it.
  ///
  /// - Parameter directory: whose files are planned, or with revisions the repository in it; nil
  ///   for the repository's.
  func report(
    of directory: String? = nil, _ terminal: Terminal
  ) async throws -> (PassReport, PlanSubject) {
    let (against, at, until) = try comparison.parsed()
    let repository = repository.around(directory, revisions)
    let source = try repository.source(state, terminal)
    // First, so that how much was read for it does not depend on what it is compared with.
    let wanted =
      if let directory, !revisions.areGiven {
        try await Planning.Wanted.folder(directory, terminal)
      } else { try await revisions.wanted(source, in: repository, terminal) }
    var order = PlanOrder(
      wanted: wanted, former: [], selection: scopes.selection, at: at, until: until,
      judgedBy: repository.judging(source, approvals.enforcement), progress: terminal.progress)
    var subject = PlanSubject(against: against)
    subject.merge = revisions.merge.map {
      NamedCommit($0, wanted.commit.split(separator: "+").last ?? "")
    }
    if let base = comparison.base {
      let commit = try await source.commit(ofRevision: base)
      order.former = [try await .commit(commit, named: base, source)]
      subject.base = NamedCommit(base, commit.hexadecimal)
    }
    for note in subject.notes { terminal.note(note) }
    let report = try await PlanReading(
      state: state, origins: origins, publicKey: comparison.publicKey, scopes: scopes,
      terminal: terminal
    ).report(order, against, source)
    for note in report.notes { terminal.note("Note: \(note)") }
    return (report, subject)
  }
}

extension Instant {
  /// The instant of an option; nil where it was not given.
  init?(option name: String, _ text: String?) throws {
    guard let text else { return nil }
    guard let instant = Instant(text) else {
      throw UsageError(
        "\(name) takes an instant as YYYY-MM-DDThh:mm:ssZ, not \(Visible.text(text)).")
    }
    self = instant
  }

  /// This machine's clock, where no database gives the time.
  static var now: Instant {
    Injection.instant ?? Instant(secondsSince1970: Int(Date().timeIntervalSince1970))
  }
}

/// A plan that is about to be made: what, after what, and when.
struct PlanOrder {
  let wanted: Planning.Wanted
  /// Counts as applied first.
  var former: [Planning.Wanted]
  let selection: ScopeSelection
  let at: Instant?
  let until: Instant?
  let judgedBy: JudgingSources
  let progress: ProgressReporter
  /// The key of what is to be released, instead of what the definitions say; nil for those.
  var release: String?

  /// - Parameter clock: the pass's instant unless the options give one.
  func run(against parents: Parents, clock: Instant) async throws -> PassReport {
    let instant = at ?? clock
    if let until, until < instant {
      throw UsageError("--until \(until) is before the plan's instant, \(instant).")
    }
    let planning = Planning(
      against: parents, after: former, judgedBy: judgedBy, selection: selection, progress: progress)
    if let release { return try await planning.release(release, with: wanted, at: instant) }
    return try await planning.run(wanted, at: instant, until: until)
  }
}

extension RegistryAccess {
  /// The parents of a plan against the registry, and the database's time.
  func parents(
    for wanted: Planning.Wanted, _ origins: OriginOptions, _ enforcement: Enforcement?
  ) async throws -> (parents: Parents, clock: Instant) {
    let keys = try keys()
    let publishers = try origins.paths(stateDirectory: stateDirectory.path).map {
      Publisher(directory: $0, key: keys.signing, failpoints: Failpoints())
    }
    let (parents, survey) = try await Parents.registry(
      worker, publishers, keys: keys.audit, for: wanted.loaded
    ) {
      try await Survey.read(
        worker, keys: keys.audit, fixed: Injection.instant, mayBeEmpty: true)
    }
    try survey.requireTrust(enforcement)
    return (parents, survey.instant)
  }
}
