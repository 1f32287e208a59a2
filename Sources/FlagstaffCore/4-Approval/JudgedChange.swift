// A change as approvals see it, of a scope or of trust alike, and whether evidence covers it. A
// statement binds the place, the digests before and after, the generation, the classes and the
// greatest radius, so that it can be used for nothing else, and at no other time.

internal import Documents
package import Signing

package struct JudgedChange: Sendable {
  package let place: Subject.Place
  package let kind: String
  package let key: String
  package let generation: Int
  package let before: Digest?
  package let after: Digest?
  /// As stored bytes spell them.
  package let classes: Set<String>
  /// The greatest share that moves in any flag, now or later, in buckets, rounded up.
  package let blastRadius: Int

  package init(_ change: Change, in scope: ScopeID) {
    place = .scope(scope)
    kind = change.identity.kind.rawValue
    key = change.identity.key
    generation = change.generation
    before = change.before?.definition.digest
    after = change.after?.definition.digest
    classes = Set(change.classes.map(\.rawValue))
    blastRadius = change.exposures.map(\.buckets).max() ?? 0
  }

  package init(_ change: TrustChange) {
    place = .trust
    kind = change.identity.kind.rawValue
    key = change.identity.key
    generation = change.generation
    before = change.before?.digest
    after = change.after?.digest
    classes = Set(change.classes.map(\.rawValue))
    blastRadius = 0
  }

  /// Whether time alone brings it about: the form is the one that was approved.
  package var isByClock: Bool {
    before != nil && before == after && classes.isDisjoint(with: ["killed", "released"])
  }
}

extension EvidenceIndex.Entry {
  /// How far a signer's clock may be ahead of the database's, in seconds.
  static let clockSecondsAheadMax = Limits.clockSkewSecondsMax

  /// Why the evidence does not cover a change of its definition; nil where it does. Follows the
  /// name of the evidence.
  func reasonAgainst(_ change: JudgedChange, at instant: Instant) -> String? {
    if subject.after != change.after { return "is for another form than the one to be applied" }
    if subject.before != change.before { return "is for a change from another form" }
    if let generation = subject.generation, generation != change.generation {
      return "is for generation \(generation), and this change gives \(change.generation)"
    }
    return evidence.bounds.flatMap { reasonAgainst(change, $0, at: instant) }
  }

  /// Whether it was for an earlier generation, and for another form than this one. What is for this
  /// form and an earlier generation is a replay.
  func isSpent(before change: JudgedChange) -> Bool {
    guard let generation = subject.generation else { return false }
    return generation < change.generation && subject.after != change.after
  }

  private func reasonAgainst(
    _ change: JudgedChange, _ bounds: Evidence.Bounds, at instant: Instant
  ) -> String? {
    if instant.adding(seconds: Self.clockSecondsAheadMax) < bounds.issued {
      return "was issued at \(bounds.issued), which is yet to come"
    }
    if bounds.expires <= instant { return "expired at \(bounds.expires)" }
    let others = change.classes.subtracting(bounds.classes).sorted { $0.precedesInBytes($1) }
    if !others.isEmpty { return "does not allow \(others.joined(separator: ", "))" }
    guard bounds.blastRadius < change.blastRadius else { return nil }
    return "allows \(UserShare.buckets(bounds.blastRadius).percent) of users to move, and"
      + " \(UserShare.buckets(change.blastRadius).percent) would"
  }
}
