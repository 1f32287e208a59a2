// Whether people meet a requirement, against trying every way to put them into places.

import Documents
import FlagstaffCore
import TestHarness
import Testing

@Suite("Quorum")
struct QuorumTests {
  private typealias Membership = [String: Set<String>]

  /// Tries everything: each requirement in turn takes people who are still free.
  private static func meets(
    _ open: [Requirement], _ free: [String], _ teams: Membership
  ) -> Bool {
    guard let first = open.first else { return true }
    let rest = Array(open.dropFirst())
    switch first {
    case .allOf(let parts): return meets(parts + rest, free, teams)
    case .anyOf(let parts): return parts.contains { meets([$0] + rest, free, teams) }
    case .people(0, _): return meets(rest, free, teams)
    case .people(let count, .team(let team)):
      return free.contains { person in
        teams[team]?.contains(person) == true
          && meets(
            [.people(count - 1, of: .team(team))] + rest, free.filter { $0 != person }, teams)
      }
    case .people: return false
    }
  }

  private static func random(
    _ depth: Int, using random: inout SeededGenerator
  ) -> Requirement {
    let count = Int.random(in: 1...3, using: &random)
    switch Int.random(in: 0..<(depth == 0 ? 2 : 5), using: &random) {
    case 2, 3:
      return .allOf((0..<count).map { _ in Self.random(depth - 1, using: &random) })
    case 4: return .anyOf((0..<count).map { _ in Self.random(depth - 1, using: &random) })
    default:
      let team = ["a", "b", "c", "d"][Int.random(in: 0..<4, using: &random)]
      return .people(Int.random(in: 1...2, using: &random), of: .team(team))
    }
  }

  @Test("Agrees with trying every assignment", arguments: 1...20 as ClosedRange<UInt64>)
  func bruteForce(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let all = ["p", "q", "r", "s", "t", "u"]
    var met = 0
    for _ in 0..<500 {
      let requirement = Self.random(2, using: &random)
      var teams: Membership = [:]
      for team in ["a", "b", "c", "d"] {
        teams[team] = Set(all.filter { _ in Int.random(in: 0..<3, using: &random) > 0 })
      }
      let people = all.filter { _ in Int.random(in: 0..<4, using: &random) > 0 }
      func isEligible(_ person: String, _ voters: Voters) -> Bool {
        guard case .team(let team) = voters else { return false }
        return teams[team]?.contains(person) == true
      }
      let quorum = Quorum(requirement)
      guard let best = quorum.best(of: people, where: isEligible) else {
        Issue.record("too many ways: \(requirement)")
        continue
      }
      let expected = Self.meets([requirement], people, teams)
      #expect(best.isMet == expected, "\(requirement) \(people) \(teams)")
      met += expected ? 1 : 0
      // So do auditors, in another way.
      #expect(RequirementRecount(Set(people), where: isEligible).meets(requirement) == expected)
      // What it says can be checked: distinct people who belong where they stand.
      let placed = best.people.values.flatMap { $0 }
      #expect(Set(placed).count == placed.count)
      var missing = 0
      for leaf in best.way {
        let found = best.people[leaf] ?? []
        #expect(found.allSatisfy { isEligible($0, quorum.leaves[leaf].voters) })
        missing += quorum.leaves[leaf].count - found.count
      }
      #expect(missing == best.missing)
    }
    #expect(met > 50 && met < 450, "the random trees say little: \(met)")
  }

  @Test("One person fills one place, however many teams are his")
  func onePlace() throws {
    let both = Requirement.allOf([
      .people(1, of: .team("growth")), .people(1, of: .role("ADMIN")),
    ])
    let quorum = Quorum(both)
    let alone = try #require(quorum.best(of: ["alice"]) { _, _ in true })
    #expect(!alone.isMet && alone.missing == 1)
    #expect(try #require(quorum.best(of: ["alice", "bob"]) { _, _ in true }).isMet)
    // Alice has to stand where nobody else can.
    let placed = try #require(
      quorum.best(of: ["alice", "bob"]) { person, voters in
        person == "alice" || voters == .team("growth")
      })
    #expect(placed.isMet && placed.people == [0: ["bob"], 1: ["alice"]])
  }

  @Test("A raise asks for one more at every count")
  func raised() {
    let requirement = Requirement.anyOf([
      .allOf([.people(1, of: .team("a")), .people(2, of: .team("b"))]), .people(3, of: .team("c")),
    ])
    #expect(requirement.raised(by: 1).counts.map(\.count) == [2, 3, 4])
    #expect(requirement.raised(by: 0) == requirement)
  }

  @Test("Beyond the limits nobody meets a requirement")
  func limits() {
    func requirement(_ factors: Int) -> Requirement {
      let either = Requirement.anyOf([.people(1, of: .team("a")), .people(1, of: .team("b"))])
      return .allOf(Array(repeating: either, count: factors))
    }
    // 2^12 ways of 24 counts, and one more.
    let within = Quorum(requirement(12))
    #expect(within.isWithinLimits)
    #expect(within.best(of: (0..<12).map { "p\($0)" }) { _, _ in true }?.isMet == true)
    let beyond = Quorum(requirement(13))
    #expect(!beyond.isWithinLimits)
    #expect(beyond.best(of: (0..<13).map { "p\($0)" }) { _, _ in true } == nil)
    let many = Requirement.allOf(
      Array(repeating: .people(1, of: .team("a")), count: Limits.requirementCountsMax + 1))
    #expect(!Quorum(many).isWithinLimits)
  }
}
