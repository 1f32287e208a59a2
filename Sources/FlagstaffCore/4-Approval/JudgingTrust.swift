// The trust by which a change is judged: the one that was in force before it, and the newest that
// was accepted. Policies are those of the former, so that a change cannot weaken what it is judged
// by. Whoever votes must be in both, so that who left since counts for nothing, however old a
// change is. Keys count at the pass's instant; what time a commit claims is asked nowhere.

package import Documents
package import SSHSignatures

package struct JudgingTrust: Sendable {
  /// The trust before the change.
  package let judging: Trust
  package let judgingVersion: Int
  package let newest: Trust
  package let newestVersion: Int
  private let owners: [SSHPublicKey: (person: Person, key: SigningKey)]
  private let newestOwners: [SSHPublicKey: (person: Person, key: SigningKey)]

  package init(judging: RegisteredTrust, newest: RegisteredTrust) {
    self.judging = judging.trust
    judgingVersion = judging.version
    self.newest = newest.trust
    newestVersion = newest.version
    owners = Self.owners(of: judging.trust)
    newestOwners = Self.owners(of: newest.trust)
  }

  private static func owners(of trust: Trust) -> [SSHPublicKey: (Person, SigningKey)] {
    var owners: [SSHPublicKey: (Person, SigningKey)] = [:]
    for person in trust.people.values {
      for key in person.keys { owners[key.key] = (person, key) }
    }
    return owners
  }

  /// Who signs with a key at an instant, or why nobody does.
  package func signer(with key: SSHPublicKey, at instant: Instant) -> Result<Person, NoVoter> {
    guard let (person, signing) = owners[key] else {
      return .failure(
        NoVoter(
          "is signed by \(key.fingerprint), which is nobody's key in trust version"
            + " \(judgingVersion)"))
    }
    if let reason = Self.reason(against: signing, at: instant) {
      return .failure(NoVoter("is signed by a key of \(person.key) that \(reason)"))
    }
    guard let (current, newestSigning) = newestOwners[key], current.key == person.key else {
      return .failure(
        NoVoter(
          "is signed by a key that \(person.key) has no more in trust version"
            + " \(newestVersion)"))
    }
    if let reason = Self.reason(against: newestSigning, at: instant) {
      return .failure(NoVoter("is signed by a key of \(person.key) that \(reason)"))
    }
    return .success(person)
  }

  /// Whose key it is in either, whether it counts or not.
  func owner(of key: SSHPublicKey) -> String? {
    (owners[key] ?? newestOwners[key])?.person.key
  }

  private static func reason(against key: SigningKey, at instant: Instant) -> String? {
    guard !key.isValid(at: instant) else { return nil }
    if let until = key.until, until <= instant { return "counted until \(until)" }
    return key.from.map { "counts from \($0) on" }
  }

  /// The people who could sign at an instant, by key, sorted.
  package func ableToSign(at instant: Instant) -> [String] {
    owners.values.filter { owner in
      guard case .success = signer(with: owner.key.key, at: instant) else { return false }
      return true
    }.map(\.person.key).uniqued.sorted { $0.precedesInBytes($1) }
  }

  /// Whether somebody is a BOT in either: then he signs for others, and counts as a BOT alone.
  func isBot(_ person: String) -> Bool {
    let bots = Voters.role(BuiltInRole.bot.rawValue)
    return judging.has(person, among: bots) || newest.has(person, among: bots)
  }

  /// Whether somebody belongs to voters in both.
  package func has(_ person: String, among voters: Voters) -> Bool {
    judging.has(person, among: voters) && newest.has(person, among: voters)
  }
}

/// Why nobody votes by a signature; follows its name.
package struct NoVoter: Error, Hashable, Sendable {
  package let reason: String

  init(_ reason: String) {
    self.reason = reason
  }
}

extension Array where Element: Hashable {
  fileprivate var uniqued: [Element] { Array(Set(self)) }
}
