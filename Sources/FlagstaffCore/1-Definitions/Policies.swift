// Approval policies as types: which changes one is about, and whose signatures it asks for. What
// cannot be asked for cannot be written down: a requirement counts the people of a team or of a
// role, or is made of other requirements. Applying them is the stage of approvals.

package struct Policy: Hashable, Sendable {
  package let key: String
  package let match: PolicyMatch
  package let requirement: Requirement
  /// Whether a change is exempt in which everyone who moves goes to the off variant or to control.
  package let isSaferExempt: Bool
}

/// Which changes a policy is about: those that meet everything that is given.
package struct PolicyMatch: Hashable, Sendable {
  /// Nil: any. The same holds for all that may be nil here.
  package internal(set) var environments: Set<String>?
  package internal(set) var customers: Set<String>?
  package internal(set) var kinds: Set<Kind>?
  package internal(set) var keys: Set<String>?
  /// Labels that the definition must have, each with the values of which one is enough.
  package internal(set) var labels: [String: Set<String>] = [:]
  package internal(set) var classes: Set<ChangeClass>?
  /// The least share of users who move, in buckets, 0 to 10,000.
  package internal(set) var blastRadiusMin: Int?
}

/// Whose approval a policy asks for.
package indirect enum Requirement: Hashable, Sendable {
  /// So many distinct people, at least one.
  case people(Int, of: Voters)
  /// All of some requirements, at least one.
  case allOf([Requirement])
  /// One of some requirements, at least one.
  case anyOf([Requirement])

  /// The counts that it is made of, in the order of the file.
  package var counts: [(count: Int, voters: Voters)] {
    switch self {
    case .people(let count, let voters): [(count, voters)]
    case .allOf(let parts), .anyOf(let parts): parts.flatMap(\.counts)
    }
  }
}

package enum Voters: Hashable, Sendable {
  case team(String)
  case role(String)
}
