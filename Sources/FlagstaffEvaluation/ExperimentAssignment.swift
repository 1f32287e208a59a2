// How a published experiment assigns units, without its targeting: who takes part, and who gets
// which variant. A simulation counts with it, and compares what it counts with the ranges.

/// The buckets of one published experiment.
package struct ExperimentAssignment: Sendable {
  private let experiment: PublishedExperiment

  init(_ experiment: PublishedExperiment) {
    self.experiment = experiment
  }

  package var key: String { experiment.key }
  /// Whether it assigns anybody now.
  package var isLive: Bool { experiment.isLive }
  package var hasTargeting: Bool { experiment.targeting != nil }
  /// What the traffic bucket hashes before the unit. The members of a group share it.
  package var trafficSalt: String { experiment.trafficSalt }
  /// Whether it belongs to an exclusion group: then the salt is the group's.
  package var isInGroup: Bool { experiment.trafficSalt != experiment.id }
  package var traffic: BucketRanges { experiment.traffic }

  /// In key order.
  package var variants: [(key: String, ranges: BucketRanges)] {
    experiment.variants.indices.map {
      (experiment.variants[$0], experiment.owners.ranges(of: $0))
    }
  }

  /// Whether a unit takes part, as far as its bucket goes.
  package func isInTraffic(_ unit: String) -> Bool {
    var copy = unit
    return copy.withUTF8 { traffic.contains(experiment.trafficBucket(of: $0)) }
  }

  /// The place of the variant that owns a unit's bucket; nil where none does.
  package func variant(of unit: String) -> Int? {
    var copy = unit
    return copy.withUTF8 { experiment.owners.owner(of: experiment.variantBucket(of: $0)) }
  }
}

extension Snapshot {
  /// Every published experiment, sorted by key.
  package var experiments: [ExperimentAssignment] {
    publishedExperiments.map { ExperimentAssignment($0) }
  }

  /// The attributes that a flag and its experiments bucket by, sorted; nil for an unknown key.
  package func unitNames(ofFlag key: String) -> [String]? {
    flag(key).map { flag in
      Set(
        flag.rules.all.flatMap { rule in
          if case .experiment(let experiment) = rule.action {
            [rule.unitName.text, experiment.unitName.text]
          } else {
            [rule.unitName.text]
          }
        }
      ).sorted()
    }
  }
}
