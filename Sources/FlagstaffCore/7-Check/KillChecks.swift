// What is stopped, and where schedules stand. A pass stops and releases nothing, whatever commits
// say; a kill and a release edit no definition, and a kill takes no schedule further. Where a
// schedule stands is read from the published state here, since what is in force follows from it.

internal import Documents

extension PlanCheck {
  func isKilled(_ identity: Identity) -> Bool { after.kills[identity] != nil }

  /// Where the schedule of a definition stands once the plan is applied.
  func now(of identity: Identity) -> Instant {
    after.kills[identity]?.standing ?? after.schedule ?? plan.instant
  }

  /// Where it stood before.
  func then(of identity: Identity) -> Instant {
    before.kills[identity]?.standing ?? formerSchedule
  }

  private var formerSchedule: Instant { before.schedule ?? plan.former.instant ?? plan.instant }

  /// Kills come and go by an order alone, one at a time.
  func checkKills() throws(PlanDisagreement) {
    var expected = before.kills
    var schedule = plan.instant
    if let order = plan.order {
      if order.action == .kill { schedule = formerSchedule }
      expected[order.identity] = order.action == .kill ? kill(of: order.identity) : nil
      for change in plan.changes where change.identity != order.identity {
        try expect(
          .identity, change.identity, "beside a \(order.action.rawValue) a change of its form",
          planned: change.after?.definition.digest, found: change.before?.definition.digest)
      }
    }
    try expect(
      .identity, nil, "schedules that stand at", planned: after.schedule ?? plan.instant,
      found: schedule)
    for identity in Set(expected.keys).union(after.kills.keys).sorted() {
      try expect(
        .identity, identity, "the kill", planned: after.kills[identity],
        found: expected[identity])
    }
  }

  private func kill(of identity: Identity) -> Node {
    .fields([
      "kind": .string(identity.kind.rawValue), "key": .string(identity.key),
      "since": .string(plan.instant.description), "schedule": .string(formerSchedule.description),
    ])
  }
}

extension Node {
  /// Where the schedule of what a kill stopped stands.
  fileprivate var standing: Instant? { self["schedule"]?.string.flatMap { Instant($0) } }
}
