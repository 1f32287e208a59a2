// Random histories of a small shop, with kills and releases among its commits: whatever the planner
// plans, the second opinion agrees with; and whatever single bucket somebody then gives away, it
// notices.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import TestHarness
import Testing

@Suite("The second opinion on random histories")
struct RandomHistoryTests {
  private static let histories: UInt64 = TestRuns.isFull ? 2_000 : 30

  @Test("It agrees with the planner, and with no planner that gives one bucket away")
  func agrees() throws {
    var (checked, refused, stopped) = (0, 0, 0)
    for seed in 1...Self.histories {
      var random = SeededGenerator(seed: seed)
      var shop = ChangingShop()
      var scope = TestScope()
      for day in 10..<18 {
        for _ in 0..<3 { shop.edit(using: &random) }
        if try scope.stopSomething(at: "2026-11-\(day - 1)T12:00:00Z", using: &random) != nil {
          stopped += 1
        }
        let kills = scope.state.kills
        let repository = TestRepository(shop.sections)
        let instant = "2026-11-\(day)T00:00:00Z"
        guard repository.resolved() != nil,
          case .plan(let plan) = try scope.outcome(repository, at: instant), !plan.isEmpty,
          plan.waitingFor.isEmpty
        else {
          shop.settle(scope.state)
          continue
        }
        var claim = try scope.claim(shop.sections, at: instant)
        do {
          try claim.verify()
        } catch {
          Issue.record("seed \(seed), day \(day): \(error)\n\(shop.sections)")
          return
        }
        checked += 1
        let fault = try Self.giveAway(in: &claim, using: &random)
        if let fault {
          #expect(try claim.verdict() != nil, "seed \(seed), day \(day): \(fault)")
          refused += 1
        }
        try scope.pass(repository, at: instant)
        #expect(scope.state.kills == kills, "seed \(seed), day \(day): a pass keeps every kill")
      }
    }
    #expect(checked > histories(2) && refused > histories(1) && stopped > histories(1))
  }

  private func histories(_ factor: Int) -> Int { Int(Self.histories) * factor }

  /// Gives one bucket of an experiment to another variant, or takes it in or out.
  private static func giveAway(
    in claim: inout PlanClaim, using random: inout SeededGenerator
  ) throws -> String? {
    let identities = claim.state.definitions.keys.filter { $0.kind == .experiment }.sorted()
    guard let identity = identities.randomElement(using: &random) else { return nil }
    let recorded = try claim.experiment(identity.key)
    let bucket = Int.random(in: 0..<10_000, using: &random)
    if Bool.random(using: &random) {
      let traffic = toggled(bucket, in: recorded.traffic)
      try claim.record(identity, recorded.with(traffic: traffic))
      return "bucket \(bucket) of the traffic of \(identity)"
    }
    var variants: [String: [Range<Int>]] = [:]
    let owner = recorded.variants.firstIndex { $0.ranges.contains(bucket) } ?? 0
    let heir = (owner + 1) % recorded.variants.count
    for (index, variant) in recorded.variants.enumerated() {
      let isMoved = index == owner || index == heir
      variants[variant.key] =
        isMoved ? toggled(bucket, in: variant.ranges) : variant.ranges.ranges
    }
    try claim.record(identity, recorded.with(variants: variants))
    return "bucket \(bucket) of the variants of \(identity)"
  }

  private static func toggled(_ bucket: Int, in ranges: BucketRanges) -> [Range<Int>] {
    let all = (0..<10_000).filter { ranges.contains($0) != ($0 == bucket) }
    return all.map { $0..<($0 + 1) }
  }
}
