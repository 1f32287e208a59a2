// Whether some people meet a requirement. Each count asks for that many people of its own: one
// person fills one place of a policy, however many teams and roles are his. So people are matched
// to places, for each way in which `anyOf` can be met, and of ways that are not met the one counts
// to which fewest are missing.

internal import Documents

package struct Quorum {
  /// A count of a requirement, in the order of the file.
  package struct Leaf {
    package let count: Int
    package let voters: Voters
  }

  /// Who fills which places.
  package struct Assignment {
    /// By the place of the leaf: the people who count there, sorted.
    package internal(set) var people: [Int: [String]] = [:]
    /// The leaves of the way that was taken.
    package let way: [Int]
    /// How many people are missing to it.
    package internal(set) var missing = 0

    package var isMet: Bool { missing == 0 }
  }

  package let leaves: [Leaf]
  /// Each way to meet the requirement, as places of leaves; empty where there are too many.
  private let ways: [[Int]]

  package init(_ requirement: Requirement) {
    leaves = requirement.counts.map { Leaf(count: $0.count, voters: $0.voters) }
    var next = 0
    let ways = Self.ways(of: requirement, &next)
    self.ways = leaves.count <= Limits.requirementCountsMax ? ways ?? [] : []
  }

  /// Whether no way was left out.
  package var isWithinLimits: Bool { !ways.isEmpty }

  /// - Returns: nil beyond the limit.
  private static func ways(of requirement: Requirement, _ next: inout Int) -> [[Int]]? {
    switch requirement {
    case .people:
      next += 1
      return [[next - 1]]
    case .anyOf(let parts):
      var all: [[Int]] = []
      for part in parts {
        guard let ways = ways(of: part, &next) else { return nil }
        all += ways
      }
      return all.count <= Limits.requirementWaysMax ? all : nil
    case .allOf(let parts):
      var all: [[Int]] = [[]]
      for part in parts {
        guard let ways = ways(of: part, &next),
          all.count * ways.count <= Limits.requirementWaysMax
        else { return nil }
        all = all.flatMap { former in ways.map { former + $0 } }
      }
      return all
    }
  }

  /// The best that some people can do.
  ///
  /// - Parameters:
  ///   - people: each once.
  ///   - isEligible: whether a person belongs to voters.
  /// - Returns: nil where the requirement has more ways than are tried: nobody meets it.
  package func best(of people: [String], where isEligible: (String, Voters) -> Bool) -> Assignment?
  {
    let sorted = people.sorted { $0.precedesInBytes($1) }
    let eligible = leaves.map { leaf in
      sorted.indices.filter { isEligible(sorted[$0], leaf.voters) }
    }
    var best: Assignment?
    for way in ways {
      let assignment = assign(sorted, eligible, along: way)
      if assignment.missing < best?.missing ?? .max { best = assignment }
      if assignment.isMet { break }
    }
    return best
  }

  /// As many people as possible to the places of one way (Kuhn's algorithm).
  private func assign(_ people: [String], _ eligible: [[Int]], along way: [Int]) -> Assignment {
    var matching = Matching(people: people.count)
    var assignment = Assignment(way: way)
    for leaf in way {
      // More places than people stay empty; what is missing is counted all the same.
      for place in 0..<leaves[leaf].count {
        guard place < people.count,
          matching.fill(Matching.Place(leaf: leaf, number: place), from: eligible)
        else {
          assignment.missing += leaves[leaf].count - place
          break
        }
      }
    }
    for (person, place) in matching.places.enumerated() {
      if let place { assignment.people[place.leaf, default: []].append(people[person]) }
    }
    return assignment
  }

  private struct Matching {
    struct Place: Hashable {
      let leaf: Int
      let number: Int
    }

    /// Of each person.
    private(set) var places: [Place?]

    init(people: Int) { places = Array(repeating: nil, count: people) }

    mutating func fill(_ place: Place, from eligible: [[Int]]) -> Bool {
      var tried: Set<Int> = []
      return fill(place, from: eligible, &tried)
    }

    private mutating func fill(
      _ place: Place, from eligible: [[Int]], _ tried: inout Set<Int>
    ) -> Bool {
      for person in eligible[place.leaf] where tried.insert(person).inserted {
        if let other = places[person], !fill(other, from: eligible, &tried) { continue }
        places[person] = place
        return true
      }
      return false
    }
  }
}

extension Requirement {
  /// The same, with every count so much higher.
  package func raised(by raise: Int) -> Requirement {
    switch self {
    case .people(let count, let voters): .people(count + raise, of: voters)
    case .allOf(let parts): .allOf(parts.map { $0.raised(by: raise) })
    case .anyOf(let parts): .anyOf(parts.map { $0.raised(by: raise) })
    }
  }
}
