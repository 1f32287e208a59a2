// Why a snapshot cannot be read. A snapshot is taken whole or refused whole: an evaluator that
// left out what it does not understand would give wrong answers with a straight face.

package import Documents

/// Why bytes are not a snapshot that this version can answer from.
public struct SnapshotError: Error, Hashable, CustomStringConvertible {
  /// What kind of failure it is; later versions may add kinds.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The code as text.
    public let rawValue: String

    /// A code of a text.
    public init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// The snapshot, or the hash of an experiment in it, is of a version that this evaluator does
    /// not know. A newer evaluator is needed.
    public static let unknownFormat = Code(rawValue: "snapshot-unknown-format")
    /// The bytes are cut, changed, or not a snapshot at all.
    public static let malformed = Code(rawValue: "snapshot-malformed")
    /// A part that the index names could not be had.
    public static let partUnavailable = Code(rawValue: "snapshot-part-unavailable")
  }

  /// What kind of failure it is.
  public let code: Code
  /// What was being read: the index, or a part and its digest.
  public let operation: String
  /// What is wrong, and with which definition.
  public let reason: String

  init(_ code: Code, operation: String = "reading a snapshot", _ reason: String) {
    self.code = code
    self.operation = operation
    self.reason = reason
  }

  /// Operation and reason. No value of a flag and no unit is ever part of it.
  public var description: String { "\(operation): \(reason)" }

  func during(_ operation: String) -> SnapshotError {
    SnapshotError(code, operation: operation, reason)
  }
}

extension SnapshotError: WorldFailure {
  /// A part may appear by itself; other bytes must be published first.
  package var consequence: Consequence {
    code == .partUnavailable ? .retry : .stalled
  }
}
