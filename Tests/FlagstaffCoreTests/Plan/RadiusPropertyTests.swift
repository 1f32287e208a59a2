// The blast radius against counting: random changes of a random flag are published, real units are
// evaluated before and after, and every figure has to agree within five standard deviations. The
// figures are computed from ranges and never see a unit; the counting never sees a range.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import Foundation
import TestHarness
import Testing

@Suite("Blast radius against counting")
struct RadiusPropertyTests {
  private static let isFull = TestRuns.isFull
  private static let unitCount = isFull ? 1_000_000 : 2_000
  /// For each of 64 classes.
  private static let classUnitCount = isFull ? 4_000 : 125
  private static let seeds: ClosedRange<UInt64> = isFull ? 1...24 : 1...60
  private static let instant = Instant(secondsSince1970: 1_800_000_000)

  @Test("Every figure of the class that it is for agrees with counting", arguments: seeds)
  func figuresAgree(seed: UInt64) throws {
    let change = try Change(seed: seed)
    let radius = try FlagRadius(flag: "page", from: change.before, to: change.after)
    for figures in radius.now.classes {
      guard let context = Self.context(meeting: figures.users) else { continue }
      let counts = try change.count(Self.unitCount, context, seed: seed)
      counts.expect(figures.assignments.share, counts.assignments, "assignments, seed \(seed)")
      counts.expect(figures.values.share, counts.values, "values, seed \(seed)")
      #expect(figures.moves.count >= counts.pairs.count, "seed \(seed)")
      for move in figures.moves {
        let count = counts.pairs[[move.from ?? "", move.to ?? ""]] ?? 0
        counts.expect(move.share, count, "\(move.from ?? "") to \(move.to ?? ""), seed \(seed)")
      }
    }
  }

  @Test("In no class of users more moves than the figures say", arguments: seeds)
  func noClassMovesMore(seed: UInt64) throws {
    let change = try Change(seed: seed)
    let radius = try FlagRadius(flag: "page", from: change.before, to: change.after)
    for place in 0..<64 {
      let context = Self.context(place)
      let counts = try change.count(Self.classUnitCount, context, seed: seed)
      counts.expect(atMost: radius.now.assignments, counts.assignments, "seed \(seed), \(place)")
      counts.expect(atMost: radius.now.values, counts.values, "seed \(seed), \(place)")
    }
  }

  @Test("An upper bound is one, wherever the rules are not taken apart", arguments: seeds)
  func boundsHold(seed: UInt64) throws {
    let change = try Change(seed: seed)
    let exact = try FlagRadius(flag: "page", from: change.before, to: change.after)
    // Enough to number the rules, and too little to go through them.
    for stepsMax in [0, 64 * 20] {
      let bound = try FlagRadius(
        flag: "page", from: change.before, to: change.after, stepsMax: stepsMax)
      #expect(bound.now.assignments >= exact.now.assignments, "seed \(seed)")
      #expect(bound.now.values >= exact.now.values, "seed \(seed)")
    }
    let none = try FlagRadius(
      flag: "page", from: change.before, to: change.after, stepsMax: 0
    ).now
    #expect(none.classes.allSatisfy { !$0.isExact && $0.assignments.least == nil })
  }

  /// One of the 64 classes of users: four conditions of their own, and four numbers and versions.
  private static func context(_ place: Int) -> [(key: String, value: JSONValue)] {
    let version = JSONValue.string("\((place >> 4 + place) % 4).0.0")
    return (0..<4).map { ("c\($0)", .boolean(place >> $0 & 1 == 1)) }
      + [("n", .integer(place >> 4)), ("v", version)]
  }

  /// Attributes that give exactly these answers; nil where none do.
  private static func context(meeting terms: [ConditionTerm]) -> [(key: String, value: JSONValue)]?
  {
    (0..<64).lazy.map(context).first { attributes in
      let context = EvaluationContext(attributes: attributes)
      return terms.allSatisfy { term in
        (try? Condition(term.condition).isMet(by: context)) == term.isMet
      }
    }
  }

  /// A published flag before and after.
  private struct Change {
    let before: ScopeState
    let after: ScopeState
    private let snapshots: (Snapshot, Snapshot)

    init(seed: UInt64) throws {
      var random = SeededGenerator(seed: seed)
      var flag = RandomFlag(using: &random)
      before = flag.state(at: RadiusPropertyTests.instant)
      for _ in 0..<Int.random(in: 1...3, using: &random) { flag.edit(using: &random) }
      after = flag.state(at: RadiusPropertyTests.instant)
      snapshots = (try Self.snapshot(before), try Self.snapshot(after))
    }

    private static func snapshot(_ state: ScopeState) throws -> Snapshot {
      try Snapshot(index: try Publication.project(state).server.index.bytes) { digest in
        throw Unexpected("no part \(digest)")
      }
    }

    func count(
      _ units: Int, _ attributes: [(key: String, value: JSONValue)], seed: UInt64
    ) throws -> Counts {
      var counts = Counts(units: units)
      for unit in 0..<units {
        let context = EvaluationContext(targetingKey: "u\(seed)-\(unit)", attributes: attributes)
        counts.add(
          snapshots.0.evaluate(flag: "page", context: context),
          snapshots.1.evaluate(flag: "page", context: context))
      }
      return counts
    }
  }

  private struct Counts {
    let units: Int
    var assignments = 0
    var values = 0
    var pairs: [[String]: Int] = [:]

    init(units: Int) { self.units = units }

    mutating func add(_ before: Evaluation, _ after: Evaluation) {
      if Self.assignment(before) != Self.assignment(after) { assignments += 1 }
      if before.value != after.value { values += 1 }
      guard before.variant != after.variant || before.value != after.value else { return }
      pairs[[before.variant ?? "", after.variant ?? ""], default: 0] += 1
    }

    private static func assignment(_ answer: Evaluation) -> [String]? {
      guard let rule = answer.rule, let variant = answer.variant else { return nil }
      return rule.experiment.map { ["experiment", $0, variant] }
        ?? rule.key.map { ["rule", $0, variant] }
    }

    private func deviations(_ share: UserShare, _ count: Int) -> Double {
      let (p, n) = (share.fraction, Double(units))
      let deviation = (n * p * (1 - p)).squareRoot()
      let difference = Double(count) - n * p
      return difference == 0 ? 0 : difference / deviation
    }

    func expect(_ share: UserShare, _ count: Int, _ what: String) {
      let z = deviations(share, count)
      #expect(abs(z) < 5, "\(what): \(share.percent) of \(units) are not \(count)")
    }

    func expect(atMost share: UserShare, _ count: Int, _ what: String) {
      let z = deviations(share, count)
      #expect(z < 5, "\(what): more than \(share.percent) of \(units) are \(count)")
    }
  }
}
