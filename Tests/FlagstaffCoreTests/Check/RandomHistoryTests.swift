// Random histories of a small shop: whatever the planner plans, the second opinion agrees with;
// and whatever single bucket somebody then gives away, it notices.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import Testing

@Suite("The second opinion on random histories")
struct RandomHistoryTests {
  private static let histories: UInt64 = TestRuns.isFull ? 2_000 : 30

  @Test("It agrees with the planner, and with no planner that gives one bucket away")
  func agrees() throws {
    var (checked, refused) = (0, 0)
    for seed in 1...Self.histories {
      var random = SeededGenerator(seed: seed)
      var shop = RandomShop()
      var scope = TestScope()
      for day in 10..<18 {
        for _ in 0..<3 { shop.edit(using: &random) }
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
      }
    }
    #expect(checked > histories(2) && refused > histories(1))
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

/// Definitions that change at random: experiments alone and in a group, flags that use them.
private struct RandomShop {
  private struct Experiment {
    var status = "draft"
    var traffic = 10
    var phase = 1
    var reassign = "fresh"
    var weights = [1, 1]
    var isMember = false
    var targeting = 0
    var end: Int?
    /// What the last version knew of it.
    var settled: (status: String, phase: Int) = ("draft", 1)
  }

  private var experiments = (0..<4).map { number in
    var experiment = Experiment()
    experiment.isMember = number < 3
    return experiment
  }
  private var holdout = 2
  private var restDays = 2
  private var split = 1
  private var isEnabled = true

  /// Goes back to what is registered, so that a refused edit does not hold the history for ever.
  mutating func settle(_ state: ScopeState) {
    for number in experiments.indices {
      let form = state.definitions[Identity(.experiment, "e\(number)")]?.definition.form
      guard let form else { continue }
      experiments[number].status = form["status"]?.string ?? "draft"
      experiments[number].traffic = (form["traffic"]?.integer ?? 0) / 100
      experiments[number].phase = form["phase"]?.integer ?? 1
      experiments[number].reassign = form["reassign"]?.string ?? "fresh"
      experiments[number].weights = (form["variants"]?.mapping?.entries ?? [])
        .compactMap { $0.value["weight"]?.integer }
      experiments[number].targeting =
        form["targeting"]?["value"]?.string.map { $0 == "DE" ? 1 : 2 } ?? 0
    }
  }

  mutating func edit(using random: inout SeededGenerator) {
    let number = Int.random(in: 0..<4, using: &random)
    switch Int.random(in: 0..<12, using: &random) {
    case 0, 1, 2: experiments[number].status = "running"
    case 3: experiments[number].status = "paused"
    case 4: experiments[number].status = "completed"
    case 5, 6: experiments[number].traffic = Int.random(in: 0...45, using: &random)
    case 7, 8:
      let count = Int.random(in: 2...3, using: &random)
      experiments[number].weights = (0..<count).map { _ in Int.random(in: 1...9, using: &random) }
      experiments[number].phase += 1
      experiments[number].reassign = Bool.random(using: &random) ? "least" : "fresh"
    case 9:
      experiments[number].targeting = Int.random(in: 0...2, using: &random)
      experiments[number].phase += 1
      experiments[number].reassign = "fresh"
    case 10:
      holdout = Int.random(in: 0...4, using: &random)
      restDays = Int.random(in: 0...3, using: &random)
      experiments[number].end = Int.random(in: 11...17, using: &random)
    default:
      split = Int.random(in: 1...9, using: &random)
      isEnabled = Int.random(in: 0..<4, using: &random) > 0
    }
  }

  var sections: String {
    var text = "groups: {g: {holdout: \(holdout)%, restDays: \(restDays)}}\nexperiments:\n"
    for (number, experiment) in experiments.enumerated() {
      let variants = zip(["a", "b", "c"], experiment.weights).map { "\($0): \($1)" }
      text += "  e\(number): {status: \(experiment.status), traffic: \(experiment.traffic)%,"
      text += " phase: \(experiment.phase), reassign: \(experiment.reassign), control: a,"
      if experiment.isMember { text += " group: g," }
      if let end = experiment.end { text += " schedule: {end: 2026-11-\(end)T00:00:00Z}," }
      if experiment.targeting > 0 {
        text += " targeting: {country: \(experiment.targeting == 1 ? "DE" : "FR")},"
      }
      text += " variants: {\(variants.joined(separator: ", "))}, environments: {production: {}}}\n"
    }
    text += """
      flags:
        page:
          variants: {a: 1, b: 2, c: 3}
          off: a
          enabled: \(isEnabled)
          environments: {production: {}}
          rules:
            - {key: s, when: {country: US}, split: {a: \(split), b: 5}}
            - {experiment: e0}
            - {experiment: e1}
            - {key: r, serve: c, rollout: {2026-11-12T00:00:00Z: 5%, 2026-11-15T00:00:00Z: 50%}}
        other: {variants: {a: 1, b: 2, c: 3}, off: a, environments: {production: {}},
          rules: [{experiment: e3}]}
      """
    return text
  }
}
