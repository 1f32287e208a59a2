// The names by which everything in Flagstaff is known: kinds, identities and scopes. They sort by
// UTF-8 bytes, which fixes the order of rows, events and published lists.

internal import Documents

/// What a definition defines. The raw value is how it is written in stored and published bytes.
package enum Kind: String, Hashable, Sendable, CaseIterable {
  case experiment
  case flag
  case group
  case metric
  case segment

  /// The section of a definitions file.
  package var section: String { rawValue + "s" }
}

/// A definition inside a customer.
package struct Identity: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let kind: Kind
  package let key: String

  package init(_ kind: Kind, _ key: String) {
    self.kind = kind
    self.key = key
  }

  package static func < (a: Identity, b: Identity) -> Bool {
    a.kind == b.kind
      ? a.key.precedesInBytes(b.key) : a.kind.rawValue.precedesInBytes(b.kind.rawValue)
  }

  package var description: String { "\(kind.rawValue) \(key)" }
}

/// One customer in one environment: the unit of atomicity, version and publication.
package struct ScopeID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let environment: String
  package let customer: String

  package init(environment: String, customer: String) {
    self.environment = environment
    self.customer = customer
  }

  package static func < (a: ScopeID, b: ScopeID) -> Bool {
    a.environment == b.environment
      ? a.customer.precedesInBytes(b.customer) : a.environment.precedesInBytes(b.environment)
  }

  package var description: String { "\(environment)/\(customer)" }
}

/// The rule for every key: `^[a-z0-9]([a-z0-9._-]{0,126}[a-z0-9])?$`.
package enum Key {
  /// Keys that no environment may have: at an origin their folders hold something else, the root of
  /// trust and the checkpoints of the audit log.
  package static let noEnvironments = ["root", "audit"]

  package static func isValid(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, let last = bytes.last, bytes.count <= 128 else { return false }
    return isAlphanumeric(first) && isAlphanumeric(last)
      && bytes.allSatisfy { isAlphanumeric($0) || [0x2E, 0x5F, 0x2D].contains($0) }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: false
    }
  }
}
