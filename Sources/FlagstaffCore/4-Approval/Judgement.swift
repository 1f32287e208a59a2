// What a plan is judged by, as one value: whoever gathers it reads clocks, commits and rows, and
// decides nothing; whoever judges reads nothing else. Without trust nothing is gated, and every
// output, event and pointer says so.

/// How strictly approvals were enforced, as events and pointers say it.
package enum ApprovalMode: String, Hashable, Sendable {
  case ungated

  /// Why nothing is gated.
  package static let ungatedReason = "no trust has been initialised, so no approval is required"
}

package struct Judgement: Sendable {
  package let mode: ApprovalMode

  /// Where trust never began.
  package static let ungated = Judgement(mode: .ungated)

  private init(mode: ApprovalMode) {
    self.mode = mode
  }
}
