// Why an origin could not be read or written: a full disk, a missing right, a file where a
// directory should be. The message names the path and says what to do.

package import Documents
internal import Glibc

/// A failure of an origin.
package struct OriginError: OperationFailure, Hashable {
  package struct Code: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    package init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// No space or no quota is left.
    package static let full = Code(rawValue: "origin-full")
    /// Rights, or a file system that is mounted read-only, forbid it.
    package static let notWritable = Code(rawValue: "origin-not-writable")
    /// The same for reading.
    package static let notReadable = Code(rawValue: "origin-not-readable")
    /// A file stands where a directory is needed, or the other way round.
    package static let notADirectory = Code(rawValue: "origin-not-a-directory")
    /// Somebody else removed or replaced what was being written.
    package static let changed = Code(rawValue: "origin-changed")
    /// A file is larger than anything that is published.
    package static let tooLarge = Code(rawValue: "origin-too-large")
    /// An address that cannot be used.
    package static let badAddress = Code(rawValue: "origin-bad-address")
    /// A web server that gives neither the file nor says that there is none.
    package static let badAnswer = Code(rawValue: "origin-bad-answer")
    /// A web server that cannot be reached, or breaks off.
    package static let unreachable = Code(rawValue: "origin-unreachable")
    /// Any other failure of the file system.
    package static let failed = Code(rawValue: "origin-failed")
  }

  package let code: Code
  /// What was being done, and with which path.
  package let operation: String
  /// What is wrong and what to do.
  package let reason: String
  package let consequence: Consequence
}

extension OriginError {
  /// The failure of a system call, from the `errno` that it left.
  init(systemError number: Int32, operation: String, isWriting: Bool = true) {
    self.operation = operation
    switch number {
    case ENOSPC, EDQUOT:
      code = .full
      reason = "no space is left; free some, the next pass goes on from here"
      consequence = .retry
    case EACCES, EPERM, EROFS:
      code = isWriting ? .notWritable : .notReadable
      reason =
        number == EROFS
        ? "the file system is read-only; mount it for writing, or choose another origin"
        : "permission denied; give this user the right, or choose another origin"
      consequence = .stalled
    case ENOTDIR, EISDIR, ELOOP:
      code = .notADirectory
      reason = "a file stands where a directory belongs, or a directory where a file does; move it"
      consequence = .stalled
    case ENOENT, ESTALE:
      code = .changed
      reason = "somebody removed it meanwhile; make sure that nothing else tidies the origin"
      consequence = .retry
    default:
      code = .failed
      reason = "\(String(cString: strerror(number))) (errno \(number))"
      consequence = .retry
    }
  }

  init(tooLarge path: String, bytesMax: Int) {
    code = .tooLarge
    operation = "reading \(path)"
    reason = "it is larger than \(bytesMax) bytes, so nothing that was published; remove it"
    consequence = .stalled
  }
}
