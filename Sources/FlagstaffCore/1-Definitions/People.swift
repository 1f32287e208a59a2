// People and the teams that they form. A person is a member id; keys and e-mail addresses lead to
// it, and each of them to one person alone. What may sign is a key in its window of validity.

package import Documents
package import SSHSignatures

package struct Person: Hashable, Sendable {
  package let key: String
  /// The name of a role that exists.
  package let role: String
  package let email: String?
  package let keys: [SigningKey]
}

/// A public key, and when its signatures count. Both ends may be open.
package struct SigningKey: Hashable, Sendable {
  package let key: SSHPublicKey
  package let from: Instant?
  /// The first instant at which it counts no more.
  package let until: Instant?

  package func isValid(at instant: Instant) -> Bool {
    (from.map { $0 <= instant } ?? true) && (until.map { instant < $0 } ?? true)
  }
}

package struct Team: Hashable, Sendable {
  package let key: String
  /// The keys of people, each once; in trust, sorted.
  package let members: [String]
}
