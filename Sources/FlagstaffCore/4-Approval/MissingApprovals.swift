// What ends a refusal, said once beside the tree that explains it: who is missing stands there, and
// here what they do. A refusal that does not say how it ends is worked around, so each one does.

internal import Documents

extension Verdict {
  /// What a refused plan waits for; nil where approvals are not what keeps it.
  ///
  /// - Parameter head: what people approve, also where the plan is of a commit before it.
  package func missingApprovals(of plan: Plan, at head: String) -> Plan.Wait? {
    guard mode == .enforce, decision == .refused else { return nil }
    let (place, key) = (plan.scope, plan.order?.identity.key)
    let release = key.map {
      "--release \($0) --environment \(place.environment) --customer \(place.customer)"
    }
    return Plan.Wait(forApprovalsOf: changes, of: release ?? "--head \(head.prefix(12))")
  }
}

extension TrustVerdict {
  /// What a refused change of trust waits for; nil where approvals are not what keeps it, and where
  /// nobody can give them any more.
  package func missingApprovals(at head: String) -> Plan.Wait? {
    guard decision == .refused, remedy == nil else { return nil }
    return Plan.Wait(forApprovalsOf: changes, of: "--head \(head.prefix(12))")
  }
}

extension Plan.Wait {
  /// - Parameter approved: what is approved, as the options of `flagstaff approve` say it.
  /// - Returns: nil where every change is approved.
  fileprivate init?(forApprovalsOf changes: [ChangeVerdict], of approved: String) {
    let missing = changes.filter { !$0.decision.isApproved }
    guard let first = missing.first else { return nil }
    let others = missing.count - 1
    let name = "\(first.kind) \(first.key)" + (others == 0 ? "" : " and \(others) more")
    self.init(
      identity: nil, reason: "\(name) \(others == 0 ? "is" : "are") not approved",
      remedy: Self.remedy(for: missing, approved))
  }

  private static func remedy(for missing: [ChangeVerdict], _ approved: String) -> String {
    if let unmatched = missing.first(where: { $0.decision == .unmatched }) {
      guard unmatched.judging < unmatched.newest else {
        return
          "Let an ADMIN approve a policy under governance/ that is about it: what is committed to"
          + " it from then on is judged by that"
      }
      return "It was made under version \(unmatched.judging) of trust, and that judges it. What is"
        + " committed to it from now on is judged by version \(unmatched.newest)"
    }
    if missing.contains(where: \.isOutOfReach) {
      guard missing.allSatisfy(\.isOfScope) else {
        return "Fewer ADMINs can give it than it asks for: commit it again, signed by somebody who"
          + " has a key under governance/, so that nobody unknown contributed; or let the"
          + " database's owner run `flagstaff trust reset`"
      }
      return "Fewer people can give it than it asks for: let an ADMIN approve a change of people or"
        + " policies under governance/, by which the next commit to it is judged, or let it through"
        + " for a day by `flagstaff approve --break-glass REASON --push`"
    }
    return "Let whoever could give it run, in a clone: flagstaff approve"
      + " \(approved) --against origin:PLACE --push"
  }
}

extension ChangeVerdict {
  /// Whether it is about a definition of a scope, and not about trust.
  fileprivate var isOfScope: Bool { Kind(rawValue: kind) != nil }

  /// Whether more people are missing to a policy than could give it.
  fileprivate var isOutOfReach: Bool {
    policies.contains { policy in
      !policy.isMet && policy.requirement.counts.contains { $0.missing > $0.couldGive.count }
    }
  }
}
