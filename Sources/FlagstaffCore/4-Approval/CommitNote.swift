// What one commit tells about who changed what, as data: whoever reads Git fills it in, and whoever
// looks for contributors reads nothing else. Names are identities of definitions, or of trust.

package import Signing

/// The digests of all definitions of a scope, or of trust, at a commit.
package typealias DigestTable<Name: Hashable & Sendable> = [Name: Digest]

/// Who signed a commit.
package enum CommitSigner: Hashable, Sendable {
  /// A member, by a key that counts now.
  case person(String)
  /// A member, but the change may be somebody else's: the key counts no more, so others may have
  /// it by now, or it is a BOT's, which signs for others.
  case uncertain(String)
  /// Nobody whom trust knows; follows "commit 09ab… ".
  case nobody(why: String)
}

package struct CommitNote<Name: Hashable & Sendable>: Sendable {
  package let id: String
  package let signer: CommitSigner
  /// Nil where the definitions of the commit cannot be read.
  package let digests: DigestTable<Name>?
  /// Of each parent, in the commit's order.
  package let parents: [DigestTable<Name>?]
  /// For each parent but the first, the commits at which its line left those before it.
  package let bases: [[DigestTable<Name>?]]

  package init(
    id: String, signer: CommitSigner, digests: DigestTable<Name>?, parents: [DigestTable<Name>?],
    bases: [[DigestTable<Name>?]]
  ) {
    self.id = id
    self.signer = signer
    self.digests = digests
    self.parents = parents
    self.bases = bases
  }

  /// Whether the commit makes of a definition anything else than what a merge of its parents would:
  /// of one parent, than what that has. Where two sides differ and neither is as it was, no merge
  /// is free of a choice. Whatever cannot be read counts as changed.
  package func contributes(to name: Name) -> Bool {
    guard let digests, !parents.contains(where: { $0 == nil }) else { return true }
    var expected: [Digest?] = [parents.first.flatMap { $0 }?[name]]
    for (index, parent) in parents.dropFirst().enumerated() {
      let theirs = parent?[name]
      let bases = index < self.bases.count ? self.bases[index] : []
      if bases.contains(where: { $0 == nil }) { return true }
      // Without a commit in common, both came from nothing.
      let former: [Digest?] = bases.isEmpty ? [nil] : bases.map { $0?[name] }
      var merged: [Digest?] = []
      for ours in expected {
        for base in former {
          guard let result = Self.merge(base: base, ours, theirs) else { return true }
          if !merged.contains(result) { merged.append(result) }
        }
      }
      expected = merged
    }
    return expected != [digests[name]]
  }

  /// What a three-way merge gives; nil for a conflict.
  private static func merge(base: Digest?, _ ours: Digest?, _ theirs: Digest?) -> Digest?? {
    if ours == theirs { return .some(ours) }
    if ours == base { return .some(theirs) }
    return theirs == base ? .some(ours) : .none
  }
}
