// What a published flag answers, read a second time: the order of the design's section *Status*,
// over maps of single buckets, with a hash written again from its description. Conditions alone are
// the evaluator's; everything that places a unit is not.

internal import Documents
internal import FlagstaffEvaluation

/// A published definition that answers: a flag, or a flagless experiment.
struct SecondReading {
  /// What is answered, and by which rule.
  struct Answer: Hashable {
    let variant: String
    let rule: Int?
    /// The experiment or the hashed rule that assigned the variant, and the variant; nil where
    /// nothing is assigned.
    let assignment: [String]?
  }

  private struct Rule {
    let when: Condition?
    let id: String
    let share: Int?
    let serve: String?
    let split: BucketMap?
    let experiment: SecondExperiment?

    func assignment(_ variant: String) -> [String]? {
      if let experiment { return ["experiment", experiment.key, variant] }
      return share == nil && split == nil ? nil : ["rule", id, variant]
    }
  }

  private let off: String
  private let fallback: String
  private let isOn: Bool
  private let bucketBy: String
  private let rules: [Rule]

  /// - Parameter experiments: the published experiments, by key.
  /// - Returns: nil where the definition is none that answers, or is malformed.
  init?(_ definition: Node, experiments: (String) -> SecondExperiment?) {
    if definition["kind"]?.string == "experiment" {
      guard let key = definition["key"]?.string, let experiment = experiments(key),
        let control = definition["control"]?.string
      else { return nil }
      (off, fallback, isOn, bucketBy) = (control, control, true, "targetingKey")
      rules = [
        Rule(when: nil, id: "", share: nil, serve: nil, split: nil, experiment: experiment)
      ]
      return
    }
    guard let off = definition["off"]?.string, let fallback = definition["default"]?.string,
      let isEnabled = definition["enabled"]?.boolean, let isKilled = definition["killed"]?.boolean,
      let bucketBy = definition["bucketBy"]?.string, let nodes = definition["rules"]?.sequence
    else { return nil }
    (self.off, self.fallback, self.bucketBy) = (off, fallback, bucketBy)
    isOn = isEnabled && !isKilled
    var rules: [Rule] = []
    for node in nodes {
      let owned = node["split"]?.sequence?.map { ($0["key"]?.string ?? "", $0["ranges"] ?? .null) }
      rules.append(
        Rule(
          when: try? node["when"].map { node throws(ConditionError) in try Condition(node) },
          id: node["id"]?.string ?? "", share: node["share"]?.integer,
          serve: node["serve"]?.string, split: owned.flatMap { BucketMap($0) },
          experiment: node["experiment"]?.string.flatMap(experiments)))
    }
    self.rules = rules
  }

  func answer(to user: SampledUser) -> Answer {
    guard isOn else { return Answer(variant: off, rule: nil, assignment: nil) }
    for (index, rule) in rules.enumerated() {
      guard let experiment = rule.experiment, let forced = experiment.forced(user) else { continue }
      return Answer(
        variant: forced, rule: index, assignment: ["experiment", experiment.key, forced])
    }
    for (index, rule) in rules.enumerated() {
      if let when = rule.when, !when.isMet(by: user.context) { continue }
      if let variant = variant(rule, for: user) {
        return Answer(variant: variant, rule: index, assignment: rule.assignment(variant))
      }
    }
    return Answer(variant: fallback, rule: nil, assignment: nil)
  }

  /// Nil where the rule falls through.
  private func variant(_ rule: Rule, for user: SampledUser) -> String? {
    if let experiment = rule.experiment { return experiment.variant(for: user) }
    if rule.split == nil, rule.share == nil { return rule.serve }
    guard let unit = user.unit(by: bucketBy) else { return nil }
    let bucket = SecondHash.bucket(rule.id + unit)
    if let share = rule.share { return bucket < share ? rule.serve : nil }
    return rule.split?.name(of: bucket)
  }
}

/// A published experiment.
final class SecondExperiment {
  let key: String
  private let isLive: Bool
  private let bucketBy: String
  private let trafficSalt: String
  private let traffic: BucketMap
  private let salt: String
  private let variants: BucketMap
  private let targeting: Condition?
  private let force: [Text: String]
  private let winner: String?

  init?(_ node: Node) {
    guard let key = node["key"]?.string, let isLive = node["live"]?.boolean,
      let bucketBy = node["bucketBy"]?.string, let trafficSalt = node["trafficSalt"]?.string,
      let traffic = BucketMap([("in", node["traffic"] ?? .null)]), let salt = node["salt"]?.string,
      let list = node["variants"]?.sequence,
      let variants = BucketMap(list.map { ($0["key"]?.string ?? "", $0["ranges"] ?? .null) })
    else { return nil }
    (self.key, self.isLive, self.bucketBy, self.salt) = (key, isLive, bucketBy, salt)
    (self.trafficSalt, self.traffic, self.variants) = (trafficSalt, traffic, variants)
    targeting = try? node["targeting"].map { node throws(ConditionError) in try Condition(node) }
    winner = node["winner"]?.string
    var force: [Text: String] = [:]
    for entry in node["force"]?.mapping?.entries ?? [] {
      for unit in entry.value.sequence?.compactMap(\.string) ?? [] { force[Text(unit)] = entry.key }
    }
    self.force = force
  }

  func targets(_ user: SampledUser) -> Bool { targeting?.isMet(by: user.context) ?? true }

  func forced(_ user: SampledUser) -> String? {
    guard isLive, let unit = user.unit(by: bucketBy) else { return nil }
    return force[Text(unit)]
  }

  func variant(for user: SampledUser) -> String? {
    guard targets(user) else { return nil }
    if let winner { return winner }
    guard isLive, let unit = user.unit(by: bucketBy),
      traffic.name(of: SecondHash.bucket(trafficSalt + unit)) != nil
    else { return nil }
    return variants.name(of: SecondHash.bucket(salt + unit))
  }
}

/// MurmurHash3, x86 32-bit, seed 0 (Appleby 2011), over whole arrays of bytes.
enum SecondHash {
  static func bucket(_ text: String) -> Int { Int(hash(Array(text.utf8)) % 10_000) }

  static func hash(_ bytes: [UInt8]) -> UInt32 {
    var hash: UInt32 = 0
    var word: UInt32 = 0
    for index in bytes.indices {
      word |= UInt32(bytes[index]) << (index % 4 * 8)
      let isLast = index == bytes.count - 1
      guard index % 4 == 3 || isLast else { continue }
      word = word &* 0xCC9E_2D51
      hash ^= (word << 15 | word >> 17) &* 0x1B87_3593
      // A tail of fewer than four bytes is mixed in, and not mixed on.
      if index % 4 == 3 { hash = (hash << 13 | hash >> 19) &* 5 &+ 0xE654_6B64 }
      word = 0
    }
    hash ^= UInt32(truncatingIfNeeded: bytes.count)
    hash = (hash ^ hash >> 16) &* 0x85EB_CA6B
    hash = (hash ^ hash >> 13) &* 0xC2B2_AE35
    return hash ^ hash >> 16
  }
}
