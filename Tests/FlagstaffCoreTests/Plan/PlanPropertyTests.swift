// Properties of plans over random edits of random definitions: what is applied is what was wanted,
// planning again finds nothing, nobody moves without a change that says so, and the same inputs
// give the same bytes.

import Documents
import FlagstaffCore
import TestHarness
import Testing

@Suite("Plans of random edits")
struct PlanPropertyTests {
  @Test("Applying a plan leaves nothing to plan, and the state that was wanted", arguments: 1...25)
  func applyThenPlan(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var shop = RandomShop(using: &random)
    var scope = TestScope()
    var applied = 0
    for step in 0..<16 {
      shop.edit(using: &random)
      let instant = "2026-11-\(10 + step)T00:00:00Z"
      let repository = TestRepository(shop.sections)
      guard case .plan(let plan) = try scope.outcome(repository, at: instant) else { continue }
      let verdict = AdmittedPlan.judge(plan, by: .ungated)
      guard let admitted = verdict.admitted, !plan.isEmpty else { continue }
      let before = scope.state
      #expect(plan.changes.map(\.identity) == plan.changes.map(\.identity).sorted())
      try scope.pass(repository, at: instant)
      applied += 1
      #expect(try scope.plan(repository, at: instant).lines == [], "seed \(seed)")
      let wanted = try #require(repository.resolved())
      #expect(
        scope.state.definitions.mapValues(\.definition.digest)
          == wanted.definitions.mapValues(\.digest), "seed \(seed)")
      try Self.expectSticky(before, scope.state, plan)
      let again = AppliedScope.apply(admitted, to: before)
      #expect(
        try Publication.project(again.state).objects == Publication.project(scope.state).objects)
    }
    #expect(applied > 0)
  }

  /// Promise P6: ranges, salts and traffic differ only where a change says so.
  private static func expectSticky(_ before: ScopeState, _ after: ScopeState, _ plan: Plan) throws {
    for (identity, former) in before.definitions {
      guard case .experiment(let was) = former.recorded,
        case .experiment(let now) = after.definitions[identity]?.recorded
      else { continue }
      let classes = plan.changes.first { $0.identity == identity }?.classes ?? []
      #expect(
        was.traffic == now.traffic || classes.contains(.trafficRaised)
          || classes.contains(.trafficLowered))
      let keeps = was.variants == now.variants && was.salt == now.salt && was.id == now.id
      if was.started != nil {
        #expect(keeps || classes.contains(.phaseRaised))
        #expect(now.started == was.started)
      }
    }
  }
}

/// Definitions that change at random.
private struct RandomShop {
  private var experiments: [Int: [String: String]] = [:]
  private var flags: [Int: [String: String]] = [:]
  private var segment = 0

  init(using random: inout SeededGenerator) {
    for _ in 0..<6 { edit(using: &random) }
  }

  mutating func edit(using random: inout SeededGenerator) {
    let place = Int.random(in: 0..<4, using: &random)
    switch Int.random(in: 0..<10, using: &random) {
    case 0: experiments[place] = nil
    case 1: flags[place] = nil
    case 2: segment = Int.random(in: 0..<3, using: &random)
    case 3...6: experiments[place, default: [:]].merge(experiment(using: &random)) { $1 }
    default: flags[place, default: [:]].merge(flag(using: &random)) { $1 }
    }
  }

  private func experiment(using random: inout SeededGenerator) -> [String: String] {
    let edits = [
      ["status": "running"], ["status": "paused"], ["status": "completed"], ["status": "draft"],
      ["traffic": "\(Int.random(in: 0...100, using: &random))%"],
      ["phase": "\(Int.random(in: 1...4, using: &random))"],
      ["variants": "{a: \(Int.random(in: 1...9, using: &random)), b: 5}"],
      ["targeting": "{segment: s}"], ["force": "{b: [u1]}"], ["revive": "true"],
      ["schedule": "{start: 2026-11-15T00:00:00Z, end: 2026-11-22T00:00:00Z}"],
    ]
    return edits.randomElement(using: &random) ?? [:]
  }

  private func flag(using random: inout SeededGenerator) -> [String: String] {
    let edits = [
      ["enabled": "false"], ["enabled": "true"], ["default": "b"], ["revive": "true"],
      ["rules": "[{experiment: e\(Int.random(in: 0..<4, using: &random))}]"],
      ["rules": "[{when: {segment: s}, serve: b}]"],
      ["rules": "[{key: k, split: {a: 1, b: \(Int.random(in: 1...9, using: &random))}}]"],
      ["rules": "[{key: k, serve: b, rollout: {2026-11-18T00:00:00Z: 5%}}]"],
      ["visibility": "client"], ["variants": "{a: 1, b: 3}"],
    ]
    return edits.randomElement(using: &random) ?? [:]
  }

  /// Every experiment that a rule may name exists, as a draft where nobody edited it.
  var sections: String {
    var text = "segments: {s: {n: \(segment)}}\nexperiments:\n"
    for place in 0..<4 {
      var fields = [
        "status": "draft", "traffic": "10%", "control": "a", "variants": "{a: 5, b: 5}",
        "environments": "{production: {}}",
      ]
      fields.merge(experiments[place] ?? [:]) { $1 }
      if experiments[place] == nil { fields["environments"] = "{staging: {}}" }
      text += "  e\(place): \(Self.flow(fields))\n"
    }
    text += "flags:\n  spare: {environments: {production: {}}}\n"
    for (place, own) in flags.sorted(by: { $0.key < $1.key }) {
      let fields = ["variants": "{a: 1, b: 2}", "off": "a", "environments": "{production: {}}"]
        .merging(own) { $1 }
      text += "  f\(place): \(Self.flow(fields))\n"
    }
    return text
  }

  private static func flow(_ fields: [String: String]) -> String {
    let entries = fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    return "{\(entries.joined(separator: ", "))}"
  }
}
