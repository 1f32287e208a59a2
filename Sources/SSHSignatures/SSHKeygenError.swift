// Failures around `ssh-keygen`, which are never an answer about a signature. A program that is not
// there, that hangs, or that cannot be given its files proves nothing in either direction.

package import Documents

package struct SSHKeygenError: OperationFailure, Hashable {
  package struct Code: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    package init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// There is no ssh-keygen in PATH.
    package static let missing = Code(rawValue: "missing")
    /// It did not end in time.
    package static let hanging = Code(rawValue: "hanging")
    /// It could not be started, or its files could not be written.
    package static let storage = Code(rawValue: "storage")
    /// Somebody ended it, so it told nothing.
    package static let ended = Code(rawValue: "ended")
    /// It made no signature.
    package static let notSigned = Code(rawValue: "notSigned")
  }

  package let code: Code
  package let operation: String
  package let reason: String

  init(_ code: Code, operation: String, reason: String) {
    self.code = code
    self.operation = operation
    self.reason = reason
  }

  package var consequence: Consequence {
    [.hanging, .ended].contains(code) ? .retry : .stalled
  }
}
