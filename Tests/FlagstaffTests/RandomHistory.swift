// A definitions repository that changes at random, commit by commit, mostly into something that a
// pass applies: what must hold after every history is tested with several.

import Foundation
import TestHarness

struct RandomHistory {
  /// What one customer's file says.
  private struct Shop {
    struct Experiment {
      var status = "draft"
      var traffic = 10
      var phase = 1
      var weights = [1, 1]
      var reassign = "fresh"
      var isTargeted = false
    }

    var experiments = [Experiment(), Experiment(), Experiment()]
    var split = 1
    var isEnabled = true
    var hasPassing = false
    var holdout = 2

    mutating func edit(using random: inout SeededGenerator) {
      let number = Int.random(in: 0..<3, using: &random)
      switch Int.random(in: 0..<10, using: &random) {
      case 0, 1, 2: experiments[number].status = "running"
      case 3: experiments[number].status = random.pick(["paused", "completed"])
      case 4, 5: experiments[number].traffic = Int.random(in: 1...40, using: &random)
      case 6:
        experiments[number].weights = [1, 1, 1].map { $0 * Int.random(in: 1...9, using: &random) }
        experiments[number].phase += 1
        experiments[number].reassign = random.pick(["fresh", "least"])
      case 7:
        experiments[number].isTargeted.toggle()
        experiments[number].phase += 1
        experiments[number].reassign = "fresh"
      case 8: hasPassing.toggle()
      default:
        split = Int.random(in: 1...9, using: &random)
        isEnabled = Int.random(in: 0..<4, using: &random) > 0
        holdout = Int.random(in: 0...3, using: &random)
      }
    }

    var text: String {
      var text = "flagstaff: v1\ngroups: {g: {holdout: \(holdout)%, restDays: 1}}\nexperiments:\n"
      for (number, experiment) in experiments.enumerated() {
        let variants = zip(["a", "b", "c"], experiment.weights).map { "\($0): \($1)" }
        text += "  e\(number): {status: \(experiment.status), traffic: \(experiment.traffic)%,"
        text += " phase: \(experiment.phase), reassign: \(experiment.reassign), control: a,"
        if number < 2 { text += " group: g," }
        if experiment.isTargeted { text += " targeting: {segment: loyal}," }
        text += " variants: {\(variants.joined(separator: ", "))},"
        text += " schedule: {end: 2026-12-0\(number + 1)T00:00:00Z},"
        text += " environments: {production: {}, staging: {traffic: 30%}}}\n"
      }
      text += """
        flags:
          page:
            variants: {a: 1, b: 2, c: 3}
            off: a
            enabled: \(isEnabled)
            environments: {production: {}, staging: {}}
            rules:
              - {key: s, when: {country: US}, split: {a: \(split), b: 5}}
              - {experiment: e0}
              - {experiment: e1}
              - {key: r, serve: c, rollout: {2026-11-12T00:00:00Z: 5%, 2026-11-25T00:00:00Z: 50%}}
          other: {variants: {a: 1, b: 2, c: 3}, off: a, environments: {production: {}},
            rules: [{experiment: e2}]}

        """
      if hasPassing {
        text += "  passing: {enabled: false, revive: true, environments: {production: {}}}\n"
      }
      return text
    }
  }

  let repository: DefinitionsRepository
  private var shops = ["acme": Shop(), "globex": Shop()]
  private var loyal = 3
  private var random: SeededGenerator

  init(seed: UInt64) throws {
    random = SeededGenerator(seed: seed)
    repository = try DefinitionsRepository()
    try repository.write(DefinitionsRepository.workspace, to: "flagstaff.yaml")
    try write()
    try repository.commit("First")
  }

  /// Commits a few changes, mostly of one customer, so that scopes stand at different commits.
  mutating func commit() throws {
    let customer = random.pick(["acme", "globex"])
    for _ in 0..<Int.random(in: 1...4, using: &random) { shops[customer]?.edit(using: &random) }
    if Int.random(in: 0..<6, using: &random) == 0 {
      loyal = Int.random(in: 1...9, using: &random)
    }
    try write()
    try repository.commit("Next")
  }

  private func write() throws {
    for (customer, shop) in shops {
      try repository.write(shop.text, to: "customers/\(customer)/shop.yaml")
    }
    try repository.write(
      "flagstaff: v1\nsegments: {loyal: {orders: {greaterThan: \(loyal)}}}\n",
      to: "shared/segments.yaml")
  }
}
