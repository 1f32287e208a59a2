// How much of a flag's users was moved lately. A raise in slices is the sum of its slices: what was
// applied in the last 24 hours counts with the plan, unless the policy approved a later state. The
// sum is never less than the distance between the two states, and an auditor can add it up from
// the events.

package import Documents

package struct ExposureHistory: Sendable {
  /// What one version did to one flag.
  package struct Record: Hashable, Sendable {
    package let version: Int
    package let instant: Instant
    package let flag: String
    /// The greatest share that the version moved, now or later, in buckets.
    package let buckets: Int
    /// The policies that were met when it was applied.
    package let policiesMet: Set<String>

    package init(
      version: Int, instant: Instant, flag: String, buckets: Int, policiesMet: Set<String>
    ) {
      self.version = version
      self.instant = instant
      self.flag = flag
      self.buckets = buckets
      self.policiesMet = policiesMet
    }
  }

  /// How long what was applied counts, in seconds.
  package static let seconds = 24 * 60 * 60

  /// By flag, the newest version first; one a version.
  private let records: [String: [Record]]

  /// - Parameter records: of a scope; what is older than a day may be among them.
  package init(_ records: [Record] = []) {
    var byVersion: [String: [Int: Record]] = [:]
    for record in records {
      let former = byVersion[record.flag]?[record.version]
      byVersion[record.flag, default: [:]][record.version] = Record(
        version: record.version, instant: record.instant, flag: record.flag,
        // All changes of a version that reach a flag tell the same share.
        buckets: max(record.buckets, former?.buckets ?? 0),
        policiesMet: record.policiesMet.union(former?.policiesMet ?? []))
    }
    self.records = byVersion.mapValues { $0.values.sorted { $0.version > $1.version } }
  }

  /// What was applied to a flag since the newer of a day ago and the last state that a policy
  /// approved, in buckets; it may be more than all.
  package func buckets(of flag: String, for policy: String, at instant: Instant) -> Int {
    var sum = 0
    for record in records[flag] ?? [] {
      if record.policiesMet.contains(policy) { break }
      if record.instant.adding(seconds: Self.seconds) <= instant { break }
      sum += record.buckets
    }
    return sum
  }

  /// The greatest of all flags that a change reaches, with what the change itself does.
  func greatest(of change: Change, for policy: String, at instant: Instant) -> Int {
    change.exposures.map { $0.buckets + buckets(of: $0.flag, for: policy, at: instant) }.max() ?? 0
  }
}
