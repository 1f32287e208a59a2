// What a comment says of approvals: which changes nobody may apply yet, what each policy asks for
// and who could give it, what trust itself would become, and by which version of it all of that
// was judged. Changes that miss the same are told in one line.

internal import Documents
internal import FlagstaffController
internal import FlagstaffCore

struct ApprovalMarkdown {
  private let report: PassReport
  private let subject: PlanSubject

  /// Changes of trust, and groups of changes that miss the same, that are named; more are counted.
  private static let namesMax = 8
  private static let linesMax = 20

  init(_ report: PassReport, of subject: PlanSubject) {
    self.report = report
    self.subject = subject
  }

  /// How many changes are not approved, those of trust among them.
  var missingCount: Int {
    (scopeChanges.map(\.verdict) + trustChanges.compactMap(\.verdict))
      .count { !$0.decision.isApproved }
  }

  // MARK: What is missing

  /// A line for all changes that miss the same.
  var missing: [String] {
    var groups: [(text: String, changes: [(scope: ScopeID, change: Change)])] = []
    for (scope, change, verdict) in scopeChanges {
      guard let text = Self.missing(verdict) else { continue }
      if let place = groups.firstIndex(where: { $0.text == text }) {
        groups[place].changes.append((scope, change))
      } else {
        groups.append((text, [(scope, change)]))
      }
    }
    let lines = groups.map { "\(Self.names($0.changes)): \($0.text)" }
    let left = lines.count - Self.linesMax
    let word =
      report.mode == .warn ? "**Not approved**, and applied all the same" : "**Not approved**"
    return lines.prefix(Self.linesMax).map { "\(word): \($0)" }
      + (left > 0 ? ["**Not approved**: \(left) more kinds of changes"] : [])
  }

  /// What a change misses; nil where nothing, or where that is told as a wait.
  private static func missing(_ verdict: ChangeVerdict) -> String? {
    switch verdict.decision {
    case .approved, .free, .unknown: nil
    case .unmatched: "policies exist, and none of them is about it. An ADMIN can add one"
    case .missing:
      verdict.policies.filter { !$0.isMet }.map { policy in
        let counts = policy.requirement.counts.filter { $0.missing > 0 }.map(text)
        return "policy \(MarkdownText.code(policy.policy)) asks for"
          + " \(counts.joined(separator: ", and for "))"
      }.joined(separator: "; ")
    }
  }

  private static func text(_ count: RequirementVerdict.Count) -> String {
    let voters =
      switch count.voters {
      case .team(let team): "team \(MarkdownText.code(team))"
      case .role(let role): "role \(MarkdownText.code(role))"
      }
    let who = count.couldGive.map { MarkdownText.code($0) }.listed(atMost: namesMax)
    let could = count.couldGive.isEmpty ? "nobody could give it" : "who could give it: \(who)"
    let found = count.found.map { MarkdownText.code($0) }.listed(atMost: namesMax)
    let given = count.found.isEmpty ? "" : ", given by \(found)"
    return "\(count.needed) of \(voters)\(given), \(count.missing) missing (\(could))"
  }

  /// `flag `a` in `production/acme`, `staging/acme``.
  private static func names(_ changes: [(scope: ScopeID, change: Change)]) -> String {
    var order: [Identity] = []
    var scopes: [Identity: [String]] = [:]
    for (scope, change) in changes {
      if scopes[change.identity] == nil { order.append(change.identity) }
      scopes[change.identity, default: []].append(MarkdownText.code(scope.description))
    }
    return order.map { identity in
      "\(identity.kind.rawValue) \(MarkdownText.code(identity.key)) in"
        + " \((scopes[identity] ?? []).listed(atMost: namesMax))"
    }.listed(atMost: namesMax)
  }

  // MARK: By what was judged

  /// The line that ends what is missing.
  var ending: String {
    if subject.isSilentOnTrust { return "Here \(PlanSubject.trustUnknown)" }
    guard let trust = report.trust else {
      return "Approvals: \(ApprovalMode.ungatedReason). Whoever may push to the branch that is"
        + " followed decides"
    }
    let version = "version \(trust.trust.version) of trust"
    if missingCount == 0 { return "Approvals: all that \(version) asks for are there" }
    let how = "`flagstaff approve --push` in a clone of this branch shows a plan and signs it"
    let forge =
      "Where a forge squashes or rebases, nobody's signature is left on the commit, and every count"
      + " is one higher"
    return report.mode == .warn
      ? "Approvals: by \(version), whose policies only warn. \(how). \(forge)"
      : "Approvals: by \(version). \(how). \(forge)"
  }

  // MARK: Trust

  static let titles = ["Trust", "What changes", "Approval"]

  /// What trust would become.
  var trust: MarkdownPage.Block {
    let changes = trustChanges
    let left = changes.count - Self.linesMax
    let version = report.trust?.trust.version ?? 0
    let rows = changes.prefix(Self.linesMax).map { change, verdict in
      let asks = verdict.flatMap(Self.missing)
      let approval =
        asks
        ?? (verdict?.isSoleAdmin == true ? "by the only ADMIN alone" : verdict.map(Self.word) ?? "")
      return MarkdownText.row([
        "\(change.identity.kind.rawValue) \(MarkdownText.cell(change.identity.key))",
        change.classes.map { "`\($0.rawValue)`" }.joined(separator: " "), approval,
      ])
    }
    return .init(
      opening: "#### Trust: version \(version) → \(version + 1)\n\n"
        + MarkdownText.table(Self.titles),
      parts: rows.map { .init(kind: .approval, text: $0) },
      closing: "\n"
        + MarkdownText.block(
          changes.prefix(Self.linesMax).flatMap { TrustChangeText.lines($0.change) })
        + (left > 0 ? "\n… and \(Plural.text(left, "change")) of trust more.\n" : "")
        + "\nTrust is applied before all else, by the approval of an ADMIN, and what is judged"
        + " here was judged by the trust before it.\n\n")
  }

  private static func word(_ verdict: ChangeVerdict) -> String {
    verdict.decision.isApproved ? "approved" : "not known"
  }

  // MARK: What is judged

  private var scopeChanges: [(scope: ScopeID, change: Change, verdict: ChangeVerdict)] {
    report.scopes.flatMap { scope in
      zip(scope.outcome.plan?.changes ?? [], scope.verdict?.changes ?? [])
        .map { (scope.scope, $0, $1) }
    }
  }

  private var trustChanges: [(change: TrustChange, verdict: ChangeVerdict?)] {
    switch report.trust?.outcome {
    case .planned(let plan, let verdict), .refused(let plan, let verdict):
      plan.changes.enumerated().map { ($1, verdict.changes.dropFirst($0).first) }
    case .applied(let plan): plan.changes.map { ($0, nil) }
    case .unchanged, .held, nil: []
    }
  }
}
