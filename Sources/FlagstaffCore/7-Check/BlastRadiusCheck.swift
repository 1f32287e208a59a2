// The plan's blast radius against what sampled users show. Only figures that claim to be exact can
// be refuted by a sample, and only where they stand further from it than chance would put them.

internal import Documents

extension PlanCheck {
  /// How far a share that was counted may stand from the true one, in standard deviations: beyond
  /// six, chance is one in five hundred million.
  private static let deviationsMax = 6.0
  /// Below so many users a sample says nothing.
  private static let usersMin = 100

  /// Compares one key's sample with the figures of the one change that moves its users.
  func checkBlastRadius(_ tally: AnswerTally) throws(PlanDisagreement) {
    let own = changes[Identity(.flag, tally.key)]
    let form = plan.wanted.definitions[Identity(.flag, tally.key)]?.form
    let used = (form?.experimentsUsed ?? []).compactMap { changes[Identity(.experiment, $0)] }
    guard own == nil, used.count == 1, let change = used.first, tally.users >= Self.usersMin,
      case .exact(let figures) = change.blastRadius
    else { return }
    try compare("assignments moved", figures.assignments, tally.assignmentsMoved, tally, change)
    try compare("values changed", figures.values, tally.valuesChanged, tally, change)
  }

  private func compare(
    _ what: String, _ share: Int, _ counted: Int, _ tally: AnswerTally, _ change: PlanClaim.Change
  ) throws(PlanDisagreement) {
    let (users, claimed) = (Double(tally.users), Double(share) / Double(BlastRadius.whole))
    let difference = (Double(counted) / users - claimed).magnitude
    // Squares are compared, so that no mathematics library is needed.
    let excess = max(0, difference - 1 / users)
    let variance = claimed * (1 - claimed) / users
    guard excess * excess > Self.deviationsMax * Self.deviationsMax * variance else { return }
    throw disagreement(
      .blastRadius, change.identity, planned: "\(what): \(BlastRadius.percent(share))",
      found: "\(counted) of \(tally.users) sampled users")
  }
}
