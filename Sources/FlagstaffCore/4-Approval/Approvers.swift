// Who approved a change: evidence that covers it, by people who may vote and did not contribute.
// Everything else that looked like an approval is set aside with its reason, so that nobody
// wonders. A person is counted once, whatever number of keys and statements.

package import Documents
package import Signing

/// One person's approval of one change.
package struct Approval: Hashable, Sendable {
  package let evidence: Digest
  /// The person's key.
  package let person: String
  package let kind: Evidence.Kind

  package init(evidence: Digest, person: String, kind: Evidence.Kind) {
    self.evidence = evidence
    self.person = person
    self.kind = kind
  }

  package var node: Node {
    .fields([
      "evidence": .string(evidence.hexadecimal), "person": .string(person),
      "kind": .string(kind.rawValue),
    ])
  }
}

struct Approvers {
  /// One a person, by person.
  private(set) var approvals: [Approval] = []
  /// An ADMIN who took it upon himself alone.
  private(set) var breakGlass: (approval: Approval, reason: String)?
  private(set) var setAside: [SetAside] = []

  private let change: JudgedChange
  private let trust: JudgingTrust
  private let instant: Instant
  private let contributors: Contributors
  private let role: String?
  private let openBreakGlasses: Set<String>

  /// - Parameters:
  ///   - contributors: who does not count.
  ///   - role: which everyone must have who is to count; nil where policies say who counts.
  ///   - openBreakGlasses: who may not break the glass for this definition again.
  init(
    of change: JudgedChange, among evidence: EvidenceIndex, by trust: JudgingTrust,
    at instant: Instant, contributors: Contributors, having role: String? = nil,
    openBreakGlasses: Set<String> = []
  ) {
    self.change = change
    self.trust = trust
    self.instant = instant
    self.contributors = contributors
    self.role = role
    self.openBreakGlasses = openBreakGlasses
    for entry in evidence.entries(about: change) { consider(entry) }
    approvals.sort { $0.person.precedesInBytes($1.person) }
  }

  private mutating func consider(_ entry: EvidenceIndex.Entry) {
    let evidence = entry.evidence
    if let reason = entry.reasonAgainst(change, at: instant) {
      // What was for an earlier change, and would not bring this form back, needs no words.
      if !entry.isSpent(before: change) {
        putAside(evidence, reason, trust.owner(of: evidence.key))
      }
      return
    }
    let signer: Person
    switch trust.signer(with: evidence.key, at: instant) {
    case .success(let person): signer = person
    case .failure(let nobody): return putAside(evidence, nobody.reason)
    }
    switch evidence.kind {
    case .statement, .merge: count(signer.key, evidence)
    case .trailer: considerTrailer(of: evidence, signer)
    case .breakGlass: considerBreakGlass(evidence, signer)
    case .withdrawal, .acceptHistory: putAside(evidence, "approves no change")
    }
  }

  private mutating func considerTrailer(of evidence: Evidence, _ signer: Person) {
    guard trust.has(signer.key, among: .role(BuiltInRole.bot.rawValue)) else {
      return putAside(evidence, "stands in a merge by \(signer.key), who is no BOT")
    }
    for person in evidence.people {
      guard trust.judging.people[person] != nil, trust.newest.people[person] != nil else {
        putAside(evidence, "names \(person), who is nobody in trust")
        continue
      }
      count(person, evidence)
    }
  }

  private mutating func considerBreakGlass(_ evidence: Evidence, _ signer: Person) {
    guard trust.has(signer.key, among: .role(BuiltInRole.admin.rawValue)) else {
      return putAside(evidence, "is by \(signer.key), who is no ADMIN")
    }
    guard !openBreakGlasses.contains(signer.key) else {
      return putAside(
        evidence, "is by \(signer.key), whose former one nobody else has approved yet")
    }
    guard case .breakGlass(_, let reason) = evidence.statement?.content else { return }
    breakGlass = (
      Approval(evidence: evidence.digest, person: signer.key, kind: .breakGlass), reason
    )
  }

  private mutating func count(_ person: String, _ evidence: Evidence) {
    guard !contributors.known.contains(person) else {
      return putAside(evidence, "is by \(person), who contributed to the change")
    }
    if let role, !trust.has(person, among: .role(role)) {
      return putAside(evidence, "is by \(person), who is no \(role)")
    }
    guard !approvals.contains(where: { $0.person == person }) else { return }
    approvals.append(Approval(evidence: evidence.digest, person: person, kind: evidence.kind))
  }

  /// - Parameter person: who signed it, where the reason does not say it.
  private mutating func putAside(_ evidence: Evidence, _ why: String, _ person: String? = nil) {
    let setAside = SetAside(what: evidence.name(by: person), why: why)
    if !self.setAside.contains(setAside) { self.setAside.append(setAside) }
  }
}
