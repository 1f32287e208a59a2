// What an approval is about: one definition, from one registered form to another. The digests bind
// it to the exact effect, the generation to the one time at which it is to happen, so that an
// approval can be used neither for another form nor again.

package import Signing

package struct Subject: Hashable, Sendable {
  package enum Place: Hashable, Sendable {
    case scope(ScopeID)
    /// People, teams, policies and the workspace.
    case trust
  }

  package let place: Place
  /// A kind of definition or of trust, as stored bytes spell it.
  package let kind: String
  package let key: String
  /// The generation that the change gives; nil where the evidence is a commit, which names none.
  package let generation: Int?
  /// The digest of the registered form; nil where there is none.
  package let before: Digest?
  /// The digest of the form to be applied; nil for a deletion.
  package let after: Digest?

  package init(
    place: Place, kind: String, key: String, generation: Int?, before: Digest?, after: Digest?
  ) {
    self.place = place
    self.kind = kind
    self.key = key
    self.generation = generation
    self.before = before
    self.after = after
  }
}
