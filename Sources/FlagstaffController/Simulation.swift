// Counts how a published scope splits synthetic units, beside what its ranges intend. Targeting is
// left out, since made-up units have no attributes: what is tested is the bucketing, of each
// experiment's traffic and variants, and of the members of an exclusion group together.

internal import Documents
package import FlagstaffEvaluation

package struct Simulation: Sendable {
  /// A category of units: how many fell into it, and how many should.
  package struct Share: Hashable, Sendable {
    package let name: String
    package let count: Int
    package let expected: Double
  }

  package struct Experiment: Sendable {
    package let key: String
    package let isLive: Bool
    package let hasTargeting: Bool
    /// Of all units: those in traffic, and those out of it.
    package let traffic: [Share]
    /// Nil where everybody or nobody is in.
    package let trafficTest: ChiSquare?
    /// Of the units in traffic, by variant.
    package let variants: [Share]
    /// Nil where there are no units in traffic to compare.
    package let variantTest: ChiSquare?
  }

  /// Experiments that share a traffic salt, so that a unit is in one of them at most.
  package struct Group: Sendable {
    /// The group's identifier.
    package let id: String
    /// Nil where nobody has said it.
    package let key: String?
    /// A share for each member, and one for the units in none.
    package let members: [Share]
    package let test: ChiSquare?
    /// Units that were in several members at once: any at all is a fault.
    package let overlaps: Int
  }

  package let ids: Int
  package let experiments: [Experiment]
  package let groups: [Group]

  /// Evaluates the units `<prefix>1` to `<prefix><ids>`.
  ///
  /// - Parameters:
  ///   - keys: the experiments to look at, and all members of their groups; empty for all.
  ///   - groupKeys: the keys of groups by their identifiers.
  package init(
    _ snapshot: Snapshot, ids: Int, prefix: String, experiments keys: [String] = [],
    groupKeys: [String: String] = [:], progress: ProgressReporter = ProgressReporter()
  ) {
    let all = snapshot.experiments
    let chosen = all.filter { experiment in
      keys.isEmpty || keys.contains { $0.hasSameBytes(as: experiment.key) }
    }
    let salts = Set(chosen.filter(\.isInGroup).map(\.trafficSalt))
    let groups = salts.sorted().map { salt in all.filter { $0.trafficSalt == salt } }
    var experimentCounts = chosen.map { ExperimentCount($0) }
    var groupCounts = groups.map { GroupCount($0) }
    for number in 1...max(1, ids) {
      let unit = "\(prefix)\(number)"
      for index in experimentCounts.indices { experimentCounts[index].add(unit) }
      for index in groupCounts.indices { groupCounts[index].add(unit) }
      if number.isMultiple(of: 1_000) { progress.report("Simulating", done: number, of: ids) }
    }
    self.ids = ids
    experiments = experimentCounts.map { $0.result(ids: ids) }
    self.groups = groupCounts.map { $0.result(ids: ids, keys: groupKeys) }
  }
}

private struct ExperimentCount {
  let experiment: ExperimentAssignment
  let variants: [(key: String, ranges: BucketRanges)]
  var inTraffic = 0
  var counts: [Int]

  init(_ experiment: ExperimentAssignment) {
    self.experiment = experiment
    variants = experiment.variants
    counts = variants.map { _ in 0 }
  }

  mutating func add(_ unit: String) {
    guard experiment.isInTraffic(unit) else { return }
    inTraffic += 1
    if let variant = experiment.variant(of: unit) { counts[variant] += 1 }
  }

  func result(ids: Int) -> Simulation.Experiment {
    let share = Double(experiment.traffic.count) / Double(BucketRanges.bucketCount)
    let traffic = [
      Simulation.Share(name: "in", count: inTraffic, expected: Double(ids) * share),
      Simulation.Share(name: "out", count: ids - inTraffic, expected: Double(ids) * (1 - share)),
    ]
    let owned = Double(variants.reduce(0) { $0 + $1.ranges.count })
    let shares = zip(variants, counts).map { variant, count in
      Simulation.Share(
        name: variant.key, count: count,
        expected: owned > 0 ? Double(inTraffic) * Double(variant.ranges.count) / owned : 0)
    }
    return Simulation.Experiment(
      key: experiment.key, isLive: experiment.isLive, hasTargeting: experiment.hasTargeting,
      traffic: traffic, trafficTest: ChiSquare(traffic), variants: shares,
      variantTest: ChiSquare(shares))
  }
}

private struct GroupCount {
  let members: [ExperimentAssignment]
  var counts: [Int]
  var outside = 0
  var overlaps = 0

  init(_ members: [ExperimentAssignment]) {
    self.members = members
    counts = members.map { _ in 0 }
  }

  mutating func add(_ unit: String) {
    let found = members.indices.filter { members[$0].isInTraffic(unit) }
    for member in found { counts[member] += 1 }
    if found.isEmpty { outside += 1 }
    if found.count > 1 { overlaps += 1 }
  }

  func result(ids: Int, keys: [String: String]) -> Simulation.Group {
    let id = members.first?.trafficSalt ?? ""
    var shares = zip(members, counts).map { member, count in
      Simulation.Share(
        name: member.key, count: count,
        expected: Double(ids) * Double(member.traffic.count) / Double(BucketRanges.bucketCount))
    }
    let inside = shares.reduce(0) { $0 + $1.expected }
    shares.append(
      Simulation.Share(name: "", count: outside, expected: max(0, Double(ids) - inside)))
    return Simulation.Group(
      id: id, key: keys[id], members: shares, test: ChiSquare(shares),
      overlaps: overlaps)
  }
}

extension ChiSquare {
  fileprivate init?(_ shares: [Simulation.Share]) {
    guard shares.contains(where: { $0.count > 0 }) else { return nil }
    self.init(counts: shares.map(\.count), expected: shares.map(\.expected))
  }
}
