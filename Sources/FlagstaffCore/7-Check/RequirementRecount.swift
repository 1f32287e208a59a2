// Whether people meet a requirement, added up once more for auditors, by code that shares nothing
// with the gate's. Each way to meet it is written out as places; a place takes the first person who
// belongs there, and whoever held him looks for somebody else (Kuhn's algorithm for matchings).

internal import Documents

package struct RequirementRecount {
  private let people: [String]
  private let belongs: (String, Voters) -> Bool

  /// - Parameters:
  ///   - people: who approved, each once.
  ///   - belongs: whether somebody counts among voters.
  package init(_ people: Set<String>, where belongs: @escaping (String, Voters) -> Bool) {
    self.people = Array(people)
    self.belongs = belongs
  }

  /// Whether distinct people fill every place of some way to meet it.
  package func meets(_ requirement: Requirement) -> Bool {
    Self.ways(of: requirement).contains { fills($0) }
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
    guard way.values.reduce(0, +) <= people.count else { return false }
    let places = way.flatMap { Array(repeating: $0.key, count: $0.value) }
    var holders = [Int?](repeating: nil, count: people.count)
    return places.indices.allSatisfy { place in
      var asked: Set<Int> = []
      return seats(place, of: places, &holders, &asked)
    }
  }

  /// Whether a place gets somebody; whoever is asked twice would only be passed round.
  private func seats(
    _ place: Int, of places: [Voters], _ holders: inout [Int?], _ asked: inout Set<Int>
  ) -> Bool {
    for person in people.indices where belongs(people[person], places[place]) {
      guard asked.insert(person).inserted else { continue }
      if let former = holders[person], !seats(former, of: places, &holders, &asked) { continue }
      holders[person] = place
      return true
    }
    return false
  }
}
