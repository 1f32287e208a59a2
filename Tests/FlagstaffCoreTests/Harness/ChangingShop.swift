// A small shop whose definitions change at random, day by day, mostly into something that a pass
// accepts. Whatever must hold for every history is tested with many of its.

import Documents
import FlagstaffCore
import TestHarness

/// Definitions that change at random: experiments alone and in a group, flags that use them.
struct ChangingShop {
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
