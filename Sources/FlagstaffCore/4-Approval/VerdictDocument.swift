// A verdict as a document: the same fields in a plan's JSON and in the event of the applied change,
// so that an auditor reads what the reviewer read. Lists that grow with the number of people or of
// attempts are cut, and say how much was left out (BYTES, *Verdict*).

package import Documents

extension ChangeVerdict {
  /// How many names, commits and attempts a list of a verdict holds.
  package static let namesMax = 20

  /// `{decision,reason?,judging,newest,contributors,unknownCommits?,soleAdmin?,history?,approvals,
  /// policies,setAside?,setAsideCount?}`; `history` is the approval of an accepted history.
  package var node: Node {
    .fields([
      "decision": .string(decision.name), "reason": decision.reason.map(Node.string),
      "judging": .integer(judging), "newest": .integer(newest),
      "contributors": .strings(contributors.known.sorted { $0.precedesInBytes($1) }),
      "unknownCommits": contributors.unknownCommits.isEmpty
        ? nil : .strings(Array(contributors.unknownCommits.prefix(Self.namesMax))),
      "soleAdmin": isSoleAdmin ? .boolean(true) : nil,
      "history": acceptedHistory?.node,
      "approvals": .sequence(approvals.map(\.node)),
      "policies": .sequence(policies.map(\.node)),
      "setAside": setAside.isEmpty
        ? nil
        : .sequence(
          setAside.prefix(Self.namesMax).map {
            .fields(["what": .string($0.what), "why": .string($0.why)])
          }),
      "setAsideCount": setAside.count > Self.namesMax ? .integer(setAside.count) : nil,
    ])
  }
}

extension ChangeVerdict.Decision {
  /// `approved`, `free`, `missing`, `unmatched`, `unknown`.
  package var name: String {
    switch self {
    case .approved: "approved"
    case .free: "free"
    case .missing: "missing"
    case .unmatched: "unmatched"
    case .unknown: "unknown"
    }
  }

  package var reason: String? {
    switch self {
    case .free(let reason), .unknown(let reason): reason
    case .unmatched: "policies exist, and none is about this change"
    case .approved, .missing: nil
    }
  }
}

extension PolicyVerdict {
  /// `{policy,why,exposure?,exempt?,met,requirement}`.
  fileprivate var node: Node {
    .fields([
      "policy": .string(policy), "why": .strings(why), "exposure": exposure.map(Node.integer),
      "exempt": isExempt ? .string("safer") : nil, "met": .boolean(isMet),
      "requirement": requirement.node,
    ])
  }
}

extension RequirementVerdict {
  /// `{allOf:[…]}`, `{anyOf:[…]}` or `{count,team|role,found,missing,couldGive?,couldGiveCount?}`.
  fileprivate var node: Node {
    switch self {
    case .allOf(let parts): .fields(["allOf": .sequence(parts.map(\.node))])
    case .anyOf(let parts): .fields(["anyOf": .sequence(parts.map(\.node))])
    case .people(let count): count.node
    }
  }
}

extension RequirementVerdict.Count {
  fileprivate var node: Node {
    let namesMax = ChangeVerdict.namesMax
    let (team, role): (Node?, Node?) =
      switch voters {
      case .team(let team): (.string(team), nil)
      case .role(let role): (nil, .string(role))
      }
    return .fields([
      "count": .integer(needed), "team": team, "role": role, "found": .strings(found),
      "missing": .integer(missing),
      "couldGive": missing == 0 ? nil : .strings(Array(couldGive.prefix(namesMax))),
      "couldGiveCount": couldGive.count > namesMax ? .integer(couldGive.count) : nil,
    ])
  }
}

extension Verdict.Decision {
  /// `ungated`, `approved`, `refused`, `unknown`.
  package var name: String {
    switch self {
    case .ungated: "ungated"
    case .approved: "approved"
    case .refused: "refused"
    case .unknown: "unknown"
    }
  }
}
