// Whether people meet a requirement, added up once more for auditors, in another way than the gate
// does it. The gate puts people into places one by one; here every set of counts is tried. By
// Hall's theorem places can be filled with distinct people exactly where the people who belong to
// any set of counts are at least as many as these ask for.

internal import Documents

package struct RequirementRecount {
  /// Counts that ask for the same voters are one, so that few are left.
  private static let distinctVotersMax = 16

  private let people: [String]
  private let belongs: (String, Voters) -> Bool

  /// - Parameters:
  ///   - people: who approved, each once.
  ///   - belongs: whether somebody counts among voters.
  package init(_ people: Set<String>, where belongs: @escaping (String, Voters) -> Bool) {
    self.people = Array(people)
    self.belongs = belongs
  }

  /// - Returns: nil where a way to meet it has more distinct voters than sets are tried of.
  package func meets(_ requirement: Requirement) -> Bool? {
    var isKnown = true
    for way in Self.ways(of: requirement) {
      guard way.count <= Self.distinctVotersMax else {
        isKnown = false
        continue
      }
      if fills(way) { return true }
    }
    return isKnown ? false : nil
  }

  private typealias Way = [Voters: Int]

  /// Each way to meet a requirement, as how many of which voters.
  private static func ways(of requirement: Requirement) -> [Way] {
    switch requirement {
    case .people(let count, let voters): return [[voters: count]]
    case .anyOf(let parts): return parts.flatMap(ways)
    case .allOf(let parts):
      return parts.reduce([[:]]) { former, part in
        let next = ways(of: part)
        return former.flatMap { way in next.map { way.merging($0, uniquingKeysWith: +) } }
      }
    }
  }

  private func fills(_ way: Way) -> Bool {
    let asked = Array(way)
    let members = asked.map { count in
      Set(people.indices.filter { belongs(people[$0], count.key) })
    }
    return (1..<(1 << asked.count)).allSatisfy { set in
      let chosen = asked.indices.filter { set & (1 << $0) != 0 }
      let together = chosen.reduce(into: Set<Int>()) { $0.formUnion(members[$1]) }
      return together.count >= chosen.reduce(0) { $0 + asked[$1].value }
    }
  }
}
