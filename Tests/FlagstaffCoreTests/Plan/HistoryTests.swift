// Promise P6 over random histories of a group's members and of experiments beside it: weights,
// variants, traffic, joins, leaves, phases, pauses, ends. What each pass did is counted bucket by
// bucket from the states before and after it, and held against the least that had to move.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import TestHarness
import Testing

@Suite("Histories of assignments")
struct HistoryTests {
  @Test("Over random histories nobody moves but those who must", arguments: 0..<4)
  func histories(worker: Int) throws {
    let count = TestRuns.isFull ? 2_500 : 25
    var applied = 0
    for history in 0..<count {
      let seed = UInt64(worker * 1_000_000 + history)
      var random = SeededGenerator(seed: seed)
      var shop = RandomMembers()
      var scope = TestScope()
      for step in 0..<8 {
        let former = shop
        for _ in 0...Int.random(in: 0...2, using: &random) { shop.edit(using: &random) }
        let instant = "2026-0\(step / 4 + 1)-\(10 + step % 4 * 6)T00:00:00Z"
        let repository = TestRepository(shop.sections)
        guard repository.errorCodes.isEmpty,
          case .plan(let plan) = try scope.outcome(repository, at: instant),
          plan.waitingFor.isEmpty, !plan.isEmpty
        else {
          shop = former
          continue
        }
        let before = scope.state
        try scope.pass(repository, at: instant)
        try Movement(before, scope.state, plan).check("seed \(seed), step \(step)")
        applied += 1
      }
    }
    #expect(applied > count * 2)
  }
}

/// What a pass did to assignments, counted.
private struct Movement {
  let before: ScopeState
  let after: ScopeState
  let plan: Plan

  init(_ before: ScopeState, _ after: ScopeState, _ plan: Plan) {
    (self.before, self.after, self.plan) = (before, after, plan)
  }

  func check(_ comment: Comment) throws {
    checkGroups(comment)
    for (identity, registered) in after.definitions {
      guard case .experiment(let now) = registered.recorded else { continue }
      let experiment = try ResolvedExperiment(form: registered.definition.form)
      #expect(now.variants.reduce(0) { $0 + $1.ranges.count } == 10_000, comment)
      guard let former = before.definitions[identity], case .experiment(let was) = former.recorded,
        was.started != nil
      else { continue }
      let formerly = try ResolvedExperiment(form: former.definition.form)
      check(experiment, was, now, comment)
      checkTraffic(formerly, experiment, was, now, comment)
    }
  }

  /// Variants: nothing moves within a phase, and the least under `reassign: least`.
  private func check(
    _ experiment: ResolvedExperiment, _ was: RecordedExperiment, _ now: RecordedExperiment,
    _ comment: Comment
  ) {
    #expect(now.hash == was.hash && now.id == was.id, comment)
    let moved = zip(Self.owners(was), Self.owners(now)).count { $0 != $1 }
    if now.phase == was.phase {
      #expect(now.salt == was.salt && moved == 0, comment)
    } else if experiment.reassign == .least {
      let sizes = Dictionary(
        uniqueKeysWithValues: was.variants.map { ($0.key, $0.ranges.count) })
      let least = now.variants.reduce(0) { $0 + max(0, $1.ranges.count - (sizes[$1.key] ?? 0)) }
      #expect(now.salt == was.salt && moved == least, comment)
    } else {
      #expect(now.salt != was.salt, comment)
    }
  }

  /// Traffic: what stays in the same layer only grows or only shrinks.
  private func checkTraffic(
    _ formerly: ResolvedExperiment, _ experiment: ResolvedExperiment, _ was: RecordedExperiment,
    _ now: RecordedExperiment, _ comment: Comment
  ) {
    guard formerly.group == experiment.group else { return }
    let (old, new) = (Set(was.traffic.buckets), Set(now.traffic.buckets))
    if new.count >= old.count {
      #expect(old.isSubset(of: new), comment)
    } else {
      #expect(new.isSubset(of: old), comment)
      // Highest first.
      #expect((new.max() ?? -1) < (old.subtracting(new).min() ?? 10_000), comment)
    }
  }

  /// Groups: every bucket has one holder, or rests, or is held out, and nobody takes what rests for
  /// another.
  private func checkGroups(_ comment: Comment) {
    for (identity, registered) in after.definitions {
      guard case .group(let group) = registered.recorded else { continue }
      var holders: [Int: String] = [:]
      func claim(_ ranges: BucketRanges, _ holder: String) {
        for bucket in ranges.buckets {
          let other = holders.updateValue(holder, forKey: bucket)
          #expect(other == nil, "\(comment): \(other ?? "") and \(holder) have bucket \(bucket)")
        }
      }
      claim(group.holdout, "holdout")
      for rest in after.rests where rest.group == identity.key {
        claim(rest.ranges, "rest of \(rest.experiment)")
      }
      for (key, ranges) in Self.members(of: identity.key, in: after) { claim(ranges, key) }
      checkReleased(identity.key, holders, comment)
    }
  }

  private func checkReleased(_ group: String, _ holders: [Int: String], _ comment: Comment) {
    guard let form = after.definitions[Identity(.group, group)]?.definition.form,
      form["restDays"]?.integer != 0
    else { return }
    for (key, ranges) in Self.members(of: group, in: before) {
      for bucket in ranges.buckets {
        let holder = holders[bucket]
        #expect(holder == key || holder == "rest of \(key)", comment)
      }
    }
    for rest in before.rests where rest.group == group && rest.until > plan.instant {
      for bucket in rest.ranges.buckets {
        let holder = holders[bucket]
        #expect(holder == rest.experiment || holder == "rest of \(rest.experiment)", comment)
      }
    }
  }

  private static func members(of group: String, in state: ScopeState) -> [(String, BucketRanges)] {
    state.definitions.compactMap { identity, registered in
      guard case .experiment(let recorded) = registered.recorded,
        registered.definition.form["group"]?.string == group
      else { return nil }
      return (identity.key, recorded.traffic)
    }
  }

  private static func owners(_ recorded: RecordedExperiment) -> [String] {
    var owners = Array(repeating: "", count: 10_000)
    for variant in recorded.variants {
      for bucket in variant.ranges.buckets { owners[bucket] = variant.key }
    }
    return owners
  }
}

extension BucketRanges {
  fileprivate var buckets: [Int] { ranges.flatMap { Array($0) } }
}

/// Four experiments that change at random; two begin in a group.
private struct RandomMembers {
  private var holdout = 0
  private var restDays = 14
  private var experiments: [[String: String]] = (0..<4).map { place in
    ["status": "running", "traffic": "20%", "variants": "{a: 1, b: 1}", "phase": "1"]
      .merging(place < 2 ? ["group": "g"] : [:]) { $1 }
  }

  mutating func edit(using random: inout SeededGenerator) {
    let place = Int.random(in: 0..<4, using: &random)
    switch Int.random(in: 0..<12, using: &random) {
    case 0: holdout = Int.random(in: 0...10, using: &random)
    case 1: restDays = [0, 7, 14].randomElement(using: &random) ?? 14
    case 2...4:
      experiments[place]["traffic"] = "\(Int.random(in: 0...60, using: &random))%"
    case 5...7:
      let status = ["running", "running", "paused", "completed"]
      experiments[place]["status"] = status.randomElement(using: &random)
    case 8:
      experiments[place]["group"] = experiments[place]["group"] == nil ? "g" : nil
      raise(place, using: &random)
    default:
      let keys = ["a", "b", "c", "d"].prefix(Int.random(in: 2...4, using: &random))
      let weights = keys.map { "\($0): \(Int.random(in: 1...9, using: &random))" }
      experiments[place]["variants"] = "{\(weights.joined(separator: ", "))}"
      raise(place, using: &random)
    }
  }

  private mutating func raise(_ place: Int, using random: inout SeededGenerator) {
    let phase = Int(experiments[place]["phase"] ?? "") ?? 1
    experiments[place]["phase"] = "\(phase + 1)"
    experiments[place]["reassign"] = ["least", "least", "fresh"].randomElement(using: &random)
  }

  var sections: String {
    var text = "groups: {g: {holdout: \(holdout)%, restDays: \(restDays)}}\nexperiments:\n"
    for (place, fields) in experiments.enumerated() {
      let own = fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
      text +=
        "  e\(place): {control: a, environments: {production: {}}, "
        + own.joined(separator: ", ") + "}\n"
    }
    return text
  }
}
