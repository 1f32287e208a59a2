// Whose key is whose, for reading history and statements: before anything is judged it must be
// known which signatures are worth verifying, and who contributed. Both the trust that judges and
// the newest count, because who left since contributed all the same.

package import Documents
package import SSHSignatures

package struct KeyOwners: Sendable {
  package struct Owner: Hashable, Sendable {
    package let person: String
    /// Whether the key is the person's in the newest trust, and in its window.
    package let isCounting: Bool
    /// Whether the person is a BOT in the newest trust.
    package let isBot: Bool
  }

  private let owners: [SSHPublicKey: Owner]
  private let peopleByIdentifier: [String: String]
  private let people: Set<String>
  /// People by their addresses in lower case.
  private let addresses: [String: String]

  /// - Parameter instant: the pass's.
  package init(judging: Trust, newest: Trust, at instant: Instant) {
    var owners: [SSHPublicKey: Owner] = [:]
    for person in judging.people.values {
      for key in person.keys {
        owners[key.key] = Owner(person: person.key, isCounting: false, isBot: false)
      }
    }
    var addresses: [String: String] = [:]
    for person in newest.people.values {
      let isBot = newest.roles.does(person.role, countAs: BuiltInRole.bot.rawValue)
      for key in person.keys {
        owners[key.key] = Owner(
          person: person.key, isCounting: key.isValid(at: instant), isBot: isBot)
      }
      if let email = person.email { addresses[Self.folded(email)] = person.key }
    }
    self.owners = owners
    peopleByIdentifier = Dictionary(
      owners.map { ($0.key.identifier, $0.value.person) }, uniquingKeysWith: { first, _ in first })
    self.addresses = addresses
    people = Set(newest.people.keys)
  }

  package subscript(key: SSHPublicKey) -> Owner? { owners[key] }

  /// The identifiers of all keys: the refs that are fetched and read.
  package var identifiers: Set<String> { Set(peopleByIdentifier.keys) }

  /// Who has the key of an identifier.
  package func person(withKeyOf identifier: String) -> String? {
    peopleByIdentifier[identifier]
  }

  /// Whether two keys are one person's.
  package func areOnePerson(_ a: SSHPublicKey, _ b: SSHPublicKey) -> Bool {
    a == b || (owners[a].map { $0.person == owners[b]?.person } ?? false)
  }

  /// The person whom a trailer names: by the key of the person, or by an address in angle brackets.
  package func person(named text: String) -> String? {
    if people.contains(text) { return text }
    guard let start = text.firstIndex(of: "<"), text.hasSuffix(">") else { return nil }
    return addresses[Self.folded(String(text[text.index(after: start)...].dropLast()))]
  }

  /// Letters of ASCII in lower case, as addresses are compared when they are defined.
  private static func folded(_ address: String) -> String {
    String(
      decoding: address.utf8.map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }, as: UTF8.self)
  }
}
