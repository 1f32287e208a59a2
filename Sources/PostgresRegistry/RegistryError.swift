// What can go wrong between the program and its registry, as one struct with a code. The code
// follows PostgreSQL's SQLSTATE, never the wording of a message, which changes with version and
// language. A description names the operation, the reason and the statement without its values; it
// never holds a connection string, a password, or a value that somebody stored.

package import Documents

/// A failure of the registry or of the way to it.
package struct RegistryError: OperationFailure {
  /// What kind of failure it is. New codes may appear; compare with those you know.
  package struct Code: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    package init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// Nobody answers there, or the connection was lost.
    package static let unreachable = Code(rawValue: "unreachable")
    /// The connection was lost while committing: the transaction may or may not have happened.
    package static let commitUnknown = Code(rawValue: "commit-unknown")
    package static let authentication = Code(rawValue: "authentication")
    /// The server is there; the database is not.
    package static let databaseMissing = Code(rawValue: "database-missing")
    package static let readOnly = Code(rawValue: "read-only")
    package static let timeout = Code(rawValue: "timeout")
    package static let lockTimeout = Code(rawValue: "lock-timeout")
    /// Another transaction was in the way: doing the same again is the remedy.
    package static let serialization = Code(rawValue: "serialization")
    package static let permission = Code(rawValue: "permission")
    package static let schemaTooNew = Code(rawValue: "schema-too-new")
    package static let schemaMissing = Code(rawValue: "schema-missing")
    /// The secret is not the one with which the audit log was written.
    package static let secretWrong = Code(rawValue: "secret-wrong")
    /// What is registered is not what the plan started from, or a constraint refused a row.
    package static let conflict = Code(rawValue: "conflict")
    /// What is stored contradicts itself.
    package static let corrupt = Code(rawValue: "corrupt")
    package static let full = Code(rawValue: "full")
    /// A value that PostgreSQL cannot store, such as text with U+0000.
    package static let invalidValue = Code(rawValue: "invalid-value")
    /// The private PostgreSQL cannot be run here.
    package static let privateDatabase = Code(rawValue: "private-database")
    package static let unexpected = Code(rawValue: "unexpected")

    /// What the failure means for the pass that met it.
    package var consequence: Consequence {
      switch self {
      case .unreachable, .commitUnknown, .timeout, .lockTimeout, .serialization, .conflict: .retry
      case .corrupt, .secretWrong: .halt
      default: .stalled
      }
    }
  }

  package var code: Code
  /// What was being done: "connecting to the registry at db.example:5432".
  package var operation: String
  package var reason: String
  package var consequence: Consequence
  /// The statement's text with `$1` in the place of its values.
  package var statement: String?
  /// PostgreSQL's five characters (manual, appendix A), where it said any.
  package var sqlState: String?

  package init(
    _ code: Code, operation: String, reason: String, consequence: Consequence? = nil,
    statement: String? = nil, sqlState: String? = nil
  ) {
    self.code = code
    self.operation = operation
    self.reason = reason
    self.consequence = consequence ?? code.consequence
    self.statement = statement
    self.sqlState = sqlState
  }

  package var description: String {
    var text = "\(operation): \(reason)"
    if let sqlState { text += " (SQLSTATE \(sqlState))" }
    if let statement { text += "; statement: \(statement)" }
    return text
  }
}

extension RegistryError.Code {
  /// The code for a SQLSTATE (PostgreSQL manual, appendix A), by its whole, then by its class.
  init(sqlState: String) {
    switch sqlState {
    case "25006": self = .readOnly
    case "57014", "25P03": self = .timeout
    case "55P03": self = .lockTimeout
    case "40001", "40P01": self = .serialization
    case "42501": self = .permission
    case "3D000": self = .databaseMissing
    case "3F000", "42P01": self = .schemaMissing
    case "53100": self = .full
    case "53300", "57P01", "57P02", "57P03": self = .unreachable
    case "XX001", "XX002": self = .corrupt
    default:
      switch sqlState.prefix(2) {
      case "08": self = .unreachable
      case "22": self = .invalidValue
      case "23": self = .conflict
      case "28": self = .authentication
      default: self = .unexpected
      }
    }
  }
}

extension RegistryError {
  /// The same text without what stands in quotes, those of other languages included. Messages of
  /// class 22 ("invalid input syntax for type uuid: …") quote the value, and a value may hold
  /// quotes itself: so everything from the first to the last.
  static func withoutQuotedText(_ message: String) -> String {
    let isQuote: (Character) -> Bool = { "\"«»„“”‹›「」".contains($0) }
    guard let first = message.firstIndex(where: isQuote),
      let last = message.lastIndex(where: isQuote)
    else { return message }
    return message[..<first] + "\"…\"" + message[message.index(after: last)...]
  }
}
