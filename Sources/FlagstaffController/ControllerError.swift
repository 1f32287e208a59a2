// Failures that only the controller can see, since they lie between its parts, and which failures
// are of one scope alone. Rooms below throw their own; the controller adds to none of them.

package import Documents
internal import FlagstaffCore
internal import PostgresRegistry

/// A failure of a pass.
package struct ControllerError: OperationFailure, Hashable {
  package struct Code: RawRepresentable, Hashable, Sendable {
    package let rawValue: String

    package init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// The origin has a higher version than the registry: the database was lost or restored.
    package static let originAhead = Code(rawValue: "originAhead")
    /// The pointer at the origin is not signed by our key, or cannot be read.
    package static let foreignPointer = Code(rawValue: "foreignPointer")
    /// What the registry projects is not what its pointer names.
    package static let projectionDiffers = Code(rawValue: "projectionDiffers")
    /// A secret or key is missing or unusable.
    package static let secret = Code(rawValue: "secret")
    /// The registry belongs to another workspace.
    package static let otherWorkspace = Code(rawValue: "otherWorkspace")
    /// Trust cannot begin, or be reset, with what a commit says.
    package static let trust = Code(rawValue: "trust")
    /// A scope was asked for that does not exist.
    package static let unknownScope = Code(rawValue: "unknownScope")
    /// Something was to be released, and nothing is killed.
    package static let notKilled = Code(rawValue: "notKilled")
    /// Nothing is published at an origin.
    package static let nothingPublished = Code(rawValue: "nothingPublished")
    /// The repository lacks commits that were published.
    package static let commitMissing = Code(rawValue: "commitMissing")
    /// A checkpoint that is missing, or that no known key signed.
    package static let badCheckpoint = Code(rawValue: "badCheckpoint")
    /// An export of the audit log that cannot be written, or that is not what its manifest says.
    package static let export = Code(rawValue: "export")
    /// More is scheduled than one plan shows.
    package static let tooManySteps = Code(rawValue: "tooManySteps")
  }

  package let code: Code
  package let operation: String
  /// What is wrong, and what to do.
  package let reason: String
  package let consequence: Consequence

  package init(
    _ code: Code, operation: String, reason: String, consequence: Consequence = .stalled
  ) {
    self.code = code
    self.operation = operation
    self.reason = reason
    self.consequence = consequence
  }
}

extension Error {
  /// Whether only one scope is in trouble, so that the others may go on.
  var isOfOneScope: Bool {
    if let error = self as? RegistryError { return [.conflict, .corrupt].contains(error.code) }
    if let error = self as? ControllerError { return error.code == .projectionDiffers }
    return self is MalformedForm || self is SnapshotTooLarge || self is PlanDisagreement
      || self is PublishedStateError || self is PublishedScopeFailure
  }
}
