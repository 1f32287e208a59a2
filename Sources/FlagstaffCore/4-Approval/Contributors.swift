// Who changed a definition on the way to the form that is to be applied. They are known by the
// signatures of their commits alone; an author's name is a claim. They never count as approving,
// and where somebody is unknown, or may be, one person more is asked for.

package struct Contributors: Hashable, Sendable {
  /// Keys of people.
  package let known: Set<String>
  /// Commits that change the definition and bear no member's signature, oldest first.
  package let unknownCommits: [String]

  /// Of each known person the newest commit that changes the definition.
  package let commits: [String: String]

  package static let nobody = Contributors(known: [], unknownCommits: [], commits: [:])

  private init(known: Set<String>, unknownCommits: [String], commits: [String: String]) {
    self.known = known
    self.unknownCommits = unknownCommits
    self.commits = commits
  }

  /// As they count where only one person may approve a change: neither he nor somebody unknown
  /// stands in his way.
  func asSeenByOnlyAdmin(_ person: String) -> Contributors {
    Contributors(
      known: known.subtracting([person]), unknownCommits: [],
      commits: commits.filter { $0.key != person })
  }

  /// Those of one definition.
  ///
  /// - Parameter notes: of every commit between what is applied and what is wanted, oldest first.
  package init<Name>(to name: Name, in notes: [CommitNote<Name>]) {
    var known: Set<String> = []
    var unknown: [String] = []
    var commits: [String: String] = [:]
    for note in notes where note.contributes(to: name) {
      switch note.signer {
      case .person(let person):
        known.insert(person)
        commits[person] = note.id
      case .uncertain(let person):
        known.insert(person)
        commits[person] = note.id
        unknown.append(note.id)
      case .nobody: unknown.append(note.id)
      }
    }
    self.init(known: known, unknownCommits: unknown, commits: commits)
  }
}
