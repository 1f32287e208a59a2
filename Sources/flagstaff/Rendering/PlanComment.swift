// A plan as a comment in a pull request, for a reviewer who sees nothing else: what changes, for
// whom, how many users move, what is missing before it is applied, who is held and who goes on. Its
// first line is a marker by which a bot finds the comment and replaces it.

internal import Documents
internal import FlagstaffController
internal import FlagstaffCore

struct PlanComment {
  private let report: PassReport
  private let figures: PlanFigures
  private let population: PopulationCount?
  private let subject: PlanSubject
  private let approval: ApprovalMarkdown

  /// Scopes that are named in one line; beyond them they are counted.
  private static let namesMax = 8

  init(_ report: PassReport, of subject: PlanSubject, population: PopulationCount?) {
    self.report = report
    self.population = population
    self.subject = subject
    approval = ApprovalMarkdown(report, of: subject)
    figures = PlanFigures(report)
  }

  var text: String {
    MarkdownPage(
      top: top, blocks: [missing, approval.trust] + scopes + [scheduled, findings], bottom: bottom,
      omission: Self.omission
    ).text
  }

  // MARK: The summary

  private var top: String {
    """
    \(MarkdownMarker.text("plan", report.workspace))
    ### Flagstaff plan: \(headline)

    \(summary)

    Commit \(commit) as of \(report.instant), compared with \(comparison)\(counted).\(base)


    """
  }

  private var commit: String {
    let own = MarkdownText.code(String(report.commit.prefix(12)))
    return subject.merge.map { "\(own), merged with \(Self.named($0))," } ?? own
  }

  private var comparison: String {
    switch subject.against {
    case .registry: "what the registry has applied"
    case .origin(let place): "what is published at \(MarkdownText.code(place))"
    case .revision(let revision):
      "the revision \(MarkdownText.code(revision)), as if that had been applied first to an empty"
        + " registry, so that figures may differ where an experiment was changed before"
    }
  }

  private var base: String {
    subject.base.map {
      " What \(Self.named($0)) defines counts as applied first, so only what is added to it is"
        + " shown."
    } ?? ""
  }

  private static func named(_ commit: NamedCommit) -> String {
    "\(MarkdownText.code(commit.name)) (\(MarkdownText.code(commit.commit)))"
  }

  private var headline: String {
    let held = figures.held.count
    let missing = approval.missingCount
    return changes + (missing > 0 ? ", \(missing) not approved" : "")
      + (held > 0 ? ", \(Plural.text(held, "scope")) held" : "")
      + (figures.failed.isEmpty ? "" : ", \(figures.failed.count) failed")
  }

  private var changes: String {
    figures.changeCount == 0
      ? "no changes"
      : "\(Plural.text(figures.changeCount, "change")) in"
        + " \(Plural.text(figures.plans.count, "scope"))"
  }

  /// One line with every figure that decides how closely a reviewer looks.
  private var summary: String {
    var parts = ["**\(changes)**"]
    if figures.changeCount > 0 { parts.append(moving) }
    if figures.errors + figures.warnings > 0 {
      parts.append("**\(FindingText.count(report.allFindings))**")
    }
    if !figures.held.isEmpty { parts.append("\(Plural.text(figures.held.count, "scope")) held") }
    if !figures.failed.isEmpty {
      parts.append("\(Plural.text(figures.failed.count, "scope")) failed")
    }
    if approval.missingCount > 0 { parts.append("**\(approval.missingCount) not approved**") }
    if !figures.waits.isEmpty { parts.append(Plural.text(figures.waits.count, "wait")) }
    return parts.joined(separator: " · ")
  }

  private var moving: String {
    guard !figures.greatest.isNone else { return "**nobody moves**" }
    let bound = figures.isExact ? (figures.changeCount > 1 ? "up to " : "") : "at most "
    func share(_ share: UserShare) -> String {
      (share.isNone ? "" : bound) + "**\(share.percent)**"
    }
    let now =
      "\(share(figures.assignments)) of one flag's users change assignment,"
      + " \(share(figures.values)) get another value"
    return figures.greatest > max(figures.assignments, figures.values)
      ? "\(now) (up to **\(figures.greatest.percent)** as scheduled later)" : now
  }

  private var counted: String {
    population.map { ", counted over \(Plural.text($0.contextCount, "context"))" } ?? ""
  }

  // MARK: What is missing

  private var missing: MarkdownPage.Block {
    let parts =
      held + failed + waits + trustWaits + approval.missing.map { part(.approval, $0) } + meanwhile
    let notes = report.notes.map { part(.note, "Note: \(Self.sentence($0))") }
    let nothing =
      subject.isSilentOnTrust
      ? "" : "- Nothing is missing: the next reconciliation of this commit applies all of it\n"
    let end: MarkdownPage.Part = .init(
      kind: .approval,
      text: (parts.isEmpty && figures.changeCount > 0 ? nothing : "") + approvals)
    return .init(
      opening: "#### What is missing before all of this is applied\n\n",
      parts: parts + notes + [end],
      closing: "\n",
      omission: { "- … and \(MarkdownPage.counted($0)) more\n" })
  }

  /// Scopes that the same findings hold share a line.
  private var held: [MarkdownPage.Part] {
    var groups: [(findings: [Finding], scopes: [PassReport.Scope])] = []
    for (scope, findings) in figures.held {
      if let place = groups.firstIndex(where: { $0.findings == findings }) {
        groups[place].scopes.append(scope)
      } else {
        groups.append((findings, [scope]))
      }
    }
    return groups.map { group in
      let one = group.scopes.count == 1
      let codes = Set(group.findings.map(\.code.rawValue)).sorted().joined(separator: ", ")
      return part(
        .held,
        "\(names(group.scopes.map(\.scope))) \(one ? "is" : "are") **held**"
          + " \(versions(group.scopes)) by \(FindingText.count(group.findings)) (\(codes), below):"
          + " what would change there is not known, and nothing is applied, until that is mended")
    }
  }

  private func versions(_ scopes: [PassReport.Scope]) -> String {
    let versions = Set(scopes.map(\.version)).sorted()
    guard let only = versions.first, versions.count == 1 else { return "where they are" }
    return only == 0 ? "out of the registry" : "at version \(only)"
  }

  private var failed: [MarkdownPage.Part] {
    figures.failed.map { scope, reason in
      part(
        .failed,
        "\(MarkdownText.code(scope.description)) **failed**: \(Self.sentence(reason))")
    }
  }

  private var waits: [MarkdownPage.Part] {
    figures.waits.map { scope, wait in
      let until = wait.until.map { " It is over at \($0)." } ?? ""
      return part(
        .wait,
        "\(MarkdownText.code(scope.description)) **waits**:"
          + " \(Self.sentence(wait.reason)). \(Self.sentence(wait.remedy)).\(until)")
    }
  }

  private var trustWaits: [MarkdownPage.Part] {
    guard case .planned(_, let verdict) = report.trust?.outcome else { return [] }
    return verdict.allWaits.map { wait in
      part(
        .wait,
        "The change of trust **waits**: \(Self.sentence(wait.reason))."
          + " \(Self.sentence(wait.remedy)).")
    }
  }

  private var meanwhile: [MarkdownPage.Part] {
    figures.meanwhile.map { scope, plan in
      let changes = plan.changes.map { change in
        "\(MarkdownText.code(change.identity.description))"
          + " \(change.classes.map(\.rawValue).joined(separator: ", "))"
      }
      return part(
        .wait,
        "\(MarkdownText.code(scope.description)) goes on by its schedule meanwhile, with what is"
          + " applied there: \(changes.listed(atMost: Self.namesMax))")
    }
  }

  /// What somebody else wrote at some length.
  private static func sentence(_ text: String) -> String {
    MarkdownText.code(text, lengthMax: MarkdownText.sentenceLengthMax)
  }

  private func part(_ kind: MarkdownPage.Kind, _ line: String) -> MarkdownPage.Part {
    .init(kind: kind, text: "- \(line)\n")
  }

  private var approvals: String {
    let refused = report.scopes.filter { $0.verdict.map { $0.admitted == nil } ?? false }
      .map(\.scope)
    let goesOn = figures.plans.filter { $0.plan.waitingFor.isEmpty && !refused.contains($0.scope) }
      .map(\.scope)
    let isWhole =
      figures.held.isEmpty && figures.failed.isEmpty && figures.waits.isEmpty && refused.isEmpty
    let others =
      isWhole || goesOn.isEmpty
      ? "" : "- \(names(goesOn)) \(goesOn.count == 1 ? "goes" : "go") on without them\n"
    return others + "- \(approval.ending)\n"
  }

  private func names(_ scopes: [ScopeID]) -> String {
    let names = scopes.map { MarkdownText.code($0.description) }
    return names.count > Self.namesMax || names.count < 2
      ? names.listed(atMost: Self.namesMax)
      : "\(names.dropLast().joined(separator: ", ")) and \(names.last ?? "")"
  }

  // MARK: Scopes

  /// A table a scope, and behind it the folds of its changes.
  private var scopes: [MarkdownPage.Block] {
    var subject = 0
    return figures.plans.flatMap { scope, plan -> [MarkdownPage.Block] in
      let verdicts = figures.verdicts[scope] ?? []
      let changes = plan.changes.enumerated().map { place, change in
        subject += 1
        return ChangeMarkdown(
          change: change, scope: scope, subject: subject,
          verdict: verdicts.dropFirst(place).first, population: population)
      }
      let version =
        plan.parent == 0 ? "a new scope" : "version \(plan.parent) → \(plan.parent + 1)"
      return [
        .init(
          opening: "#### \(MarkdownText.code(scope.description)): \(version)\n\n"
            + MarkdownText.table(ChangeMarkdown.titles),
          parts: changes.map(\.row), closing: "\n", omission: Self.omittedChanges),
        .init(parts: changes.compactMap(\.detail)),
      ]
    }
  }

  /// What the schedule brings by itself, a row a change.
  private var scheduled: MarkdownPage.Block {
    let rows = (report.scheduled ?? []).flatMap { step in
      step.scopes.flatMap { scope -> [MarkdownPage.Part] in
        guard case .planned(let plan) = scope.outcome else { return [] }
        return plan.changes.map { change in
          ChangeMarkdown(change: change, scope: scope.scope, subject: 0)
            .scheduledRow(at: step.instant)
        }
      }
    }
    return .init(
      opening: "#### Later, by schedule alone\n\n"
        + MarkdownText.table(["When", "Scope"] + ChangeMarkdown.titles),
      parts: rows, closing: "\n", omission: Self.omittedChanges)
  }

  private static func omittedChanges(_ left: [MarkdownPage.Part]) -> String {
    let most = left.map(\.weight).max() ?? .none
    let moving = most.isNone ? "which move nobody" : "none of which moves more than \(most.percent)"
    return "\n… and \(Plural.text(left.count, "change")) more here, \(moving).\n"
  }

  private var findings: MarkdownPage.Block {
    .init(
      opening: "#### Findings\n\n", parts: report.allFindings.map(FindingMarkdown.part),
      omission: FindingMarkdown.omission)
  }

  // MARK: The end

  private static func omission(_ left: [MarkdownPage.Part]) -> String {
    "> ✂️ **This comment is cut** to what fits. Left out, the least important first:"
      + " \(MarkdownPage.counted(left)). `flagstaff plan` shows all.\n\n"
  }

  private var bottom: String {
    let unchanged =
      figures.unchanged.isEmpty
      ? ""
      : "Scopes without changes: \(names(figures.unchanged)).\n\n"
    return unchanged
      + "<sub>A *scope*, `environment/customer`, is one customer in one environment. Users"
      + " *change assignment* who come under another experiment, share or variant than before, or"
      + " under none; they *get another value* where the flag then answers otherwise. Shares are of"
      + " the users of one flag who meet what *For whom* says. Made by `flagstaff plan`, which"
      + " writes nothing.</sub>\n"
  }
}
