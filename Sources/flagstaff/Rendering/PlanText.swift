// Plans as a person reads them: scope by scope, change by change, what differs and who would see
// something else. Unchanged scopes are named where they are few, and counted where they are many: a
// report of two hundred is read for what differs.

internal import Documents
internal import FlagstaffController
internal import FlagstaffCore

struct PlanText {
  let terminal: Terminal
  /// The origins that a pass published to; empty for a plan.
  var origins: [String] = []
  /// Real contexts, counted against the plans; nil where none were given.
  var population: PopulationCount?

  /// How many unchanged scopes are named.
  private static let namesMax = 8

  /// The scopes of a pass with what each came to.
  func text(_ report: PassReport) -> String {
    var lines: [String] = []
    var unchanged: [String] = []
    for scope in report.scopes {
      let block = steps(scope) + self.block(scope, at: report.commit) + waitingCommits(scope)
      if block.isEmpty { unchanged.append(scope.scope.description) }
      lines += block
    }
    if !unchanged.isEmpty {
      let names = unchanged.count <= Self.namesMax ? ": " + unchanged.joined(separator: ", ") : ""
      lines.append("\(Plural.text(unchanged.count, "scope")) unchanged\(names)")
    }
    return lines.joined(separator: "\n")
  }

  private func block(_ scope: PassReport.Scope, at head: String) -> [String] {
    let name = terminal.colour(scope.scope.description, .bold)
    switch scope.outcome {
    case .unchanged:
      return scope.wasRepaired ? ["\(name)  unchanged; its origin was brought up"] : []
    case .planned(let plan):
      guard !plan.isEmpty else { return [] }
      return ["\(name)  version \(plan.parent) → \(plan.parent + 1)"] + body(plan, scope, at: head)
        + meanwhile(scope)
    case .applied(let plan, let version):
      return ["\(name)  applied as version \(version)"] + body(plan, scope, at: head)
        + published(scope.scope)
    case .waiting(let plan):
      return ["\(name)  \(terminal.colour("waiting", .yellow)) at version \(scope.version)"]
        + body(plan, scope, at: head) + meanwhile(scope)
    case .held(let findings):
      let count = FindingText.count(findings)
      return ["\(name)  \(terminal.colour("held", .red)) at version \(scope.version) by \(count)"]
        + meanwhile(scope)
    case .failed(let reason):
      return ["\(name)  \(terminal.colour("failed", .red)): \(Visible.text(reason))"]
    }
  }

  /// What was applied of commits before the pass's, each as a version of its own.
  private func steps(_ scope: PassReport.Scope) -> [String] {
    let name = terminal.colour(scope.scope.description, .bold)
    return scope.steps.flatMap { step in
      let verdicts = step.verdict.changes
      return ["\(name)  applied as version \(step.version), of commit \(step.commit.prefix(12))"]
        + step.plan.changes.enumerated().flatMap { place, change in
          lines(change, scope.scope)
            + (place < verdicts.count ? VerdictText.lines(verdicts[place], indent: 6) : [])
        }
    }
  }

  /// `waits: commit 09ab…, and 2 more behind it`.
  private func waitingCommits(_ scope: PassReport.Scope) -> [String] {
    let names = scope.waitingCommits.map { String($0.prefix(12)) }
    guard let first = names.first, names.count > 1 || !scope.steps.isEmpty else { return [] }
    let rest = names.dropFirst()
    let shown = rest.prefix(Self.namesMax).joined(separator: ", ")
    let more = rest.count > Self.namesMax ? " …" : ""
    let behind =
      rest.isEmpty ? "" : "; behind it \(Plural.text(rest.count, "commit")): \(shown)\(more)"
    return ["  ! not approved first: commit \(first)\(behind)"]
  }

  /// What the schedule does by itself in a scope that is held, or waits.
  private func meanwhile(_ scope: PassReport.Scope) -> [String] {
    guard let plan = scope.meanwhile else { return [] }
    let isApplied = scope.version > plan.parent
    let version =
      isApplied
      ? "applied as version \(scope.version)" : "version \(plan.parent) → \(plan.parent + 1)"
    return ["  meanwhile, by schedule alone: \(version)"]
      + plan.changes.flatMap { lines($0, scope.scope) }
      + (isApplied ? published(scope.scope) : [])
  }

  private func published(_ scope: ScopeID) -> [String] {
    origins.map { "  published: \($0)/\(OriginPath.pointer(scope))" }
  }

  private func body(_ plan: Plan, _ scope: PassReport.Scope, at head: String) -> [String] {
    let verdicts = scope.verdict?.changes ?? []
    let changes = plan.changes.enumerated().flatMap { place, change in
      lines(change, scope.scope)
        + (place < verdicts.count ? VerdictText.lines(verdicts[place], indent: 6) : [])
    }
    return changes
      + (scope.waits + scope.approvals(at: head)).flatMap { wait in
        ["  ! waits: \(Visible.text(wait.reason))", "      \(Visible.text(wait.remedy))."]
      }
  }

  private func lines(_ change: Change, _ scope: ScopeID) -> [String] {
    let (sign, colour): (String, Terminal.Colour) =
      change.before == nil ? ("+", .green) : change.after == nil ? ("-", .red) : ("~", .yellow)
    let classes = change.classes.map(\.rawValue).joined(separator: ", ")
    var lines = ["  \(terminal.colour("\(sign) \(change.identity)", colour))  \(classes)"]
    if let location = change.location, change.before != nil {
      lines.append("      \(terminal.colour(Visible.text(location.description), .dim))")
    }
    lines += DifferenceText.lines(
      before: change.before?.definition.form, after: change.after?.definition.form
    ).map { "      \($0)" }
    lines += BlastRadiusText.lines(of: change).map { "      \($0)" }
    if let population {
      lines += PopulationText.lines(of: change, in: scope, population).map { "      \($0)" }
    }
    return lines
  }
}

enum Plural {
  /// `1 scope`, `2 scopes`.
  static func text(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }
}
