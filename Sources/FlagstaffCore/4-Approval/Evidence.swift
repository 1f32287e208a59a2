// A verified signature and what it covers. Whoever judges takes its word that the signature is one:
// whether the key is a member's, at which instants, and whether it is enough, is judged anew in
// every pass. What did not become evidence is set aside with its reason, so that nobody wonders
// why an approval does not count.

package import Documents
package import SSHSignatures
package import Signing

package struct Evidence: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case statement
    /// A signed merge on the first-parent line.
    case merge
    /// `Approved-by:` in a merge that a bot signed.
    case trailer
    case breakGlass = "break-glass"
    case withdrawal
    case acceptHistory = "accept-history"
  }

  /// What a statement says beside its subjects.
  package struct Bounds: Hashable, Sendable {
    /// As stored bytes spell them; those of trust too.
    package let classes: Set<String>
    /// The greatest share of users that it allows to move, in buckets, 0 to 10,000.
    package let blastRadius: Int
    package let issued: Instant
    /// The first instant at which it counts no more.
    package let expires: Instant

    package init(classes: Set<String>, blastRadius: Int, issued: Instant, expires: Instant) {
      self.classes = classes
      self.blastRadius = blastRadius
      self.issued = issued
      self.expires = expires
    }
  }

  package let kind: Kind
  /// The key that signed.
  package let key: SSHPublicKey
  /// Of a trailer, the people whom it names; for every other kind the key tells who it is.
  package let people: [String]
  /// Of the stored bytes: how events name it.
  package let digest: Digest
  package let covers: [Subject]
  /// Nil where the evidence is a commit, which says its effect and nothing else.
  package let bounds: Bounds?
  /// The commit that is the evidence, or that it accepts.
  package let commit: String?

  // To be narrowed by whoever verifies signatures, so that nobody else can make evidence.
  package init(
    kind: Kind, key: SSHPublicKey, people: [String] = [], digest: Digest, covers: [Subject],
    bounds: Bounds? = nil, commit: String? = nil
  ) {
    self.kind = kind
    self.key = key
    self.people = people
    self.digest = digest
    self.covers = covers
    self.bounds = bounds
    self.commit = commit
  }
}

/// Something that looked like an approval, and why it does not count.
package struct SetAside: Error, Hashable, Sendable {
  /// `the statement 3f2a…`, `the merge 09ab…`.
  package let what: String
  /// Follows it: `is signed by a key that nobody has`.
  package let why: String

  package init(what: String, why: String) {
    self.what = what
    self.why = why
  }
}
