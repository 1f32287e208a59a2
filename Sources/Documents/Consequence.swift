// What a failure of the world means for the pass that met it. Each error says its own consequence,
// because the place that knows the cause is the place that throws; the loop only obeys.

/// A failure of the world. Where it says nothing else, somebody must act.
package protocol WorldFailure: Error, CustomStringConvertible {
  var consequence: Consequence { get }
}

extension WorldFailure {
  package var consequence: Consequence { .stalled }
}

/// A failure of something that was being done.
package protocol OperationFailure: WorldFailure {
  /// What was being done, and to what.
  var operation: String { get }
  /// Why it failed and, where somebody can act, what to do.
  var reason: String { get }
}

extension OperationFailure {
  package var description: String { "\(operation): \(reason)" }
}

extension Consequence {
  /// What a failure means for the next pass; of one that is not known, that it may pass.
  package init(of error: any Error) {
    self = (error as? any WorldFailure)?.consequence ?? .retry
  }
}

/// What to do after a failure.
package enum Consequence: String, Hashable, Sendable {
  /// It may pass by itself: try again with back-off.
  case retry
  /// Somebody must act in the usual course of things, an approval for instance.
  case waiting
  /// Somebody must act on this installation; trying again changes nothing until then.
  case stalled
  /// Going on could do harm: the process ends.
  case halt
}
