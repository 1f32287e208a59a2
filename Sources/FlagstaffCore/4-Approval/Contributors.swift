// Who changed a definition on the way to the form that is to be applied. They are known by the
// signatures of their commits alone; an author's name is a claim. They never count as approving,
// and where somebody is unknown, one person more is asked for.

package struct Contributors: Hashable, Sendable {
  /// Keys of people.
  package let known: Set<String>
  /// Commits that change the definition and bear no member's signature, oldest first.
  package let unknownCommits: [String]

  package static let nobody = Contributors(known: [], unknownCommits: [])

  // To be narrowed by whoever reads the commits.
  package init(known: Set<String>, unknownCommits: [String]) {
    self.known = known
    self.unknownCommits = unknownCommits
  }
}
