// What the second opinion says where it differs: which promise, of which definition, what the plan
// says and what was found instead. It is a fault of the program and never of the definitions, so
// it asks for a report; nothing was written, and other scopes go on.

internal import Documents

/// A plan that the checker does not agree with. The plan is not applied.
package struct PlanDisagreement: WorldFailure, Hashable {
  /// What was checked; later versions may add checks.
  package struct Check: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    package init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// Every difference is a change, and every change a difference; versions and generations.
    package static let coverage = Check(rawValue: "coverage")
    /// Ids, salts, hash versions, phases, steps in force, tombstones.
    package static let identity = Check(rawValue: "identity")
    /// Who sees which variant.
    package static let ranges = Check(rawValue: "ranges")
    /// Who is in, outside and inside groups.
    package static let traffic = Check(rawValue: "traffic")
    /// The classes of changes.
    package static let classes = Check(rawValue: "classes")
    /// What is published follows from definition and recorded state.
    package static let publication = Check(rawValue: "publication")
    /// What sampled units are answered before and after.
    package static let answers = Check(rawValue: "answers")
    /// The share of sampled units that moves, against the plan's blast radius.
    package static let blastRadius = Check(rawValue: "blast radius")
  }

  package let check: Check
  package let scope: ScopeID
  package let commit: String
  /// Nil where the scope as a whole is meant.
  package let identity: Identity?
  package let planned: String
  package let found: String

  package var description: String {
    let subject = identity.map { ", \($0)" } ?? ""
    return "the plan of \(scope) failed its second check (\(check.rawValue)\(subject)):"
      + " the plan says \(planned); the checker finds \(found). Nothing was written for this scope."
      + " This is a fault of Flagstaff, not of your definitions: report it, with this message and"
      + " the definitions of commit \(commit)"
  }
}
