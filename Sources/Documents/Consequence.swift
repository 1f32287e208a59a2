// What a failure of the world means for the pass that met it. Each error says its own consequence,
// because the place that knows the cause is the place that throws; the loop only obeys.

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
