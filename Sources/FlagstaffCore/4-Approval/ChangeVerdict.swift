// The verdict on one change: which policies match and why, what each of them asks for, who gave it,
// what is missing and who could give it. It is a tree that explains itself; what renders it decides
// nothing.

internal import Documents
internal import Signing

package struct ChangeVerdict: Sendable {
  package enum Decision: Hashable, Sendable {
    /// Every matching policy is met.
    case approved
    /// Nobody has to be asked, for this reason.
    case free(reason: String)
    /// A policy is not met.
    case missing
    /// Policies exist, and none of them is about the change.
    case unmatched
    /// It cannot be known.
    case unknown(reason: String)

    package var isApproved: Bool {
      switch self {
      case .approved, .free: true
      case .missing, .unmatched, .unknown: false
      }
    }
  }

  package let kind: String
  package let key: String
  package let decision: Decision
  /// The versions of trust: the one that it is judged by, and the newest.
  package let judging: Int
  package let newest: Int
  package let contributors: Contributors
  /// Whose signatures count, by person, sorted.
  package let approvals: [Approval]
  /// In key order; those alone that match.
  package let policies: [PolicyVerdict]
  /// Of trust: whether its only ADMIN decided alone.
  package let isSoleAdmin: Bool
  /// Who signed that history may lead elsewhere, where it does; nil where it goes forward.
  package let acceptedHistory: Approval?
  /// Who may not break the glass for it, since nobody else has approved it since they did.
  package let openBreakGlasses: Set<String>
  package let setAside: [SetAside]

  init(
    _ change: JudgedChange, _ decision: Decision, by trust: JudgingTrust,
    contributors: Contributors, approvals: [Approval] = [], policies: [PolicyVerdict] = [],
    isSoleAdmin: Bool = false, acceptedHistory: Approval? = nil,
    openBreakGlasses: Set<String> = [], setAside: [SetAside] = []
  ) {
    kind = change.kind
    key = change.key
    self.decision = decision
    judging = trust.judgingVersion
    newest = trust.newestVersion
    self.contributors = contributors
    self.approvals = approvals
    self.policies = policies
    self.isSoleAdmin = isSoleAdmin
    self.acceptedHistory = acceptedHistory
    self.openBreakGlasses = openBreakGlasses
    self.setAside = setAside
  }

  /// The evidence by which the change is let through.
  var evidence: [Digest] { (approvals + [acceptedHistory].compactMap(\.self)).map(\.evidence) }
}

extension [Evidence] {
  /// What verdicts name: what has to be kept with the change, so that an auditor can verify it
  /// again.
  func counted(by verdicts: [ChangeVerdict]) -> [Evidence] {
    let named = Set(verdicts.flatMap(\.evidence))
    return named.isEmpty ? [] : filter { named.contains($0.digest) }
  }
}

/// What one policy says about one change.
package struct PolicyVerdict: Sendable {
  package let policy: String
  /// Why it matches, in words; empty for a policy about everything.
  package let why: [String]
  /// What it measures, in buckets; nil where it does not ask.
  package let exposure: Int?
  /// Whether the change is exempt, because it only takes users back to what was safe.
  package let isExempt: Bool
  package let requirement: RequirementVerdict
  package let isMet: Bool
}

/// A requirement as it was found.
package indirect enum RequirementVerdict: Sendable {
  case people(Count)
  case allOf([RequirementVerdict])
  case anyOf([RequirementVerdict])

  package struct Count: Hashable, Sendable {
    /// With the one more that an unknown contributor costs.
    package let needed: Int
    package let voters: Voters
    /// Who counts here; nobody counts in two places of a policy.
    package let found: [String]
    /// 0 too where another way to meet the policy is nearer.
    package let missing: Int
    /// Who could give what is missing; empty where nothing is.
    package let couldGive: [String]
  }

  /// The counts that it is made of, in the order of the file.
  package var counts: [Count] {
    switch self {
    case .people(let count): [count]
    case .allOf(let parts), .anyOf(let parts): parts.flatMap(\.counts)
    }
  }
}

/// Judges requirements by the people who approved.
struct RequirementJudge {
  let trust: JudgingTrust
  let approvers: [String]
  /// Who could still approve: whoever has a valid key and did not contribute.
  let others: [String]

  /// Whether somebody counts among voters. A BOT signs for others, so it counts only where a policy
  /// names that role.
  func isEligible(_ person: String, among voters: Voters) -> Bool {
    guard trust.has(person, among: voters) else { return false }
    return voters == .role(BuiltInRole.bot.rawValue) || !trust.isBot(person)
  }

  func judge(_ requirement: Requirement) -> (tree: RequirementVerdict, isMet: Bool) {
    let quorum = Quorum(requirement)
    let best = quorum.best(of: approvers, where: isEligible)
    var next = 0
    let tree = tree(of: requirement, best, &next)
    return (tree, best?.isMet ?? false)
  }

  private func tree(
    of requirement: Requirement, _ best: Quorum.Assignment?, _ next: inout Int
  ) -> RequirementVerdict {
    switch requirement {
    case .people(let needed, let voters):
      let leaf = next
      next += 1
      let isOnWay = best?.way.contains(leaf) ?? true
      let found = best?.people[leaf] ?? []
      let missing = isOnWay ? max(0, needed - found.count) : 0
      let couldGive = missing == 0 ? [] : others.filter { isEligible($0, among: voters) }
      return .people(
        .init(
          needed: needed, voters: voters, found: found, missing: missing, couldGive: couldGive))
    case .allOf(let parts): return .allOf(parts.map { tree(of: $0, best, &next) })
    case .anyOf(let parts): return .anyOf(parts.map { tree(of: $0, best, &next) })
    }
  }
}
