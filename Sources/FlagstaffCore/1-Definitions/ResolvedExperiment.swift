// The typed reading of resolved forms. The planner and the projection read forms through these
// types, whether a form comes from Git or from the registry; a form that is not of the shape that
// `ResolvedScope` writes is damage, and is refused.

package import Documents

/// A form that the registry should not contain.
package struct MalformedForm: WorldFailure {
  package let identity: Identity
  package let reason: String

  package var description: String { "the resolved form of \(identity) is damaged: \(reason)" }
}

package struct ResolvedExperiment: Sendable {
  package struct Variant: Sendable {
    package let key: String
    package let weight: Int
    package let payload: Node?
  }

  package let key: String
  package let status: ExperimentStatus
  package let phase: Int
  package let reassign: Reassign
  package let start: Instant?
  package let end: Instant?
  /// Buckets, 0 to 10,000.
  package let traffic: Int
  package let bucketBy: String
  package let group: String?
  /// Who may move the weights, and how far.
  package let managedWeights: Node?
  package let targeting: Node?
  package let control: String
  /// In key order.
  package let variants: [Variant]
  package let force: Node
  package let winner: String?
  package let pinnedID: String?
  package let pinnedSalt: String?
  package let revive: Bool
  package let visibility: String?
  package let metrics: ExperimentMetrics?
  /// Where an edge sends each variant's users.
  package let splitURL: Node?

  package init(form: Node) throws(MalformedForm) {
    let reading = FormReading(form, .experiment)
    key = reading.identity.key
    guard let status = ExperimentStatus(rawValue: try reading.string("status")) else {
      throw reading.malformed("status")
    }
    self.status = status
    phase = try reading.integer("phase")
    guard let reassign = Reassign(rawValue: try reading.string("reassign")) else {
      throw reading.malformed("reassign")
    }
    self.reassign = reassign
    start = form["schedule"]?["start"]?.string.flatMap(Instant.init)
    end = form["schedule"]?["end"]?.string.flatMap(Instant.init)
    traffic = try reading.integer("traffic")
    bucketBy = try reading.string("bucketBy")
    group = form["group"]?.string
    managedWeights = form["weights"]
    targeting = form["targeting"]
    control = try reading.string("control")
    var variants: [Variant] = []
    for entry in try reading.mapping("variants").entries {
      guard let weight = entry.value["weight"]?.integer else { throw reading.malformed("variants") }
      variants.append(
        Variant(key: entry.key, weight: weight, payload: entry.value["payload"]))
    }
    self.variants = variants.sorted { $0.key.precedesInBytes($1.key) }
    force = Node(.mapping(try reading.mapping("force")))
    winner = form["winner"]?.string
    pinnedID = form["id"]?.string
    pinnedSalt = form["salt"]?.string
    revive = form["revive"]?.boolean ?? false
    visibility = form["visibility"]?.string
    metrics = form["metrics"].map { ExperimentMetrics($0) }
    splitURL = form["splitUrl"]
  }

  package var identity: Identity { Identity(.experiment, key) }

  package var isFlagless: Bool { variants.allSatisfy { $0.payload != nil } }

  /// What is in force at an instant.
  package func effect(at instant: Instant) -> ExperimentEffect {
    switch status {
    case .draft: .draft
    case .completed: .completed
    case .running, .paused:
      if let end, end <= instant {
        .completed
      } else if status == .paused {
        .paused
      } else if let start, instant < start {
        .scheduled
      } else {
        .live
      }
    }
  }
}

/// The status in force: what the definition states, at an instant.
package enum ExperimentEffect: String, Hashable, Sendable {
  case draft
  /// Running, before its start: it matches nobody, but its buckets are reserved.
  case scheduled
  case live
  case paused
  case completed
}

/// An exclusion group: its experiments never share a unit.
package struct ResolvedGroup: Sendable {
  package let key: String
  /// Buckets, 0 to 10,000, that no member ever gets.
  package let holdout: Int
  /// How long a released bucket rests before another member may have it.
  package let restDays: Int
  package let pinnedID: String?

  package init(form: Node) throws(MalformedForm) {
    let reading = FormReading(form, .group)
    key = reading.identity.key
    holdout = try reading.integer("holdout")
    restDays = try reading.integer("restDays")
    pinnedID = form["id"]?.string
  }
}

package struct ResolvedFlag: Sendable {
  package enum Outcome: Sendable {
    case experiment(String)
    case serve(String)
    case rollout(String, Node)
    case split([(key: String, weight: Int)])
  }

  package struct Rule: Sendable {
    package let key: String?
    package let when: Node?
    package let outcome: Outcome

    /// The share in force at an instant, in buckets; nil for a rule without a rollout. Before the
    /// first step it is 0.
    package func share(at instant: Instant) -> Int? {
      guard case .rollout(_, let rollout) = outcome else { return nil }
      if let constant = rollout.integer { return constant }
      return steps.filter { $0.from <= instant }.max { $0.from < $1.from }?.share ?? 0
    }

    /// The steps of a rollout, in no order; none where its share is constant.
    var steps: [(from: Instant, share: Int)] {
      guard case .rollout(_, let rollout) = outcome else { return [] }
      return (rollout.mapping?.entries ?? []).compactMap { entry in
        Instant(entry.key).flatMap { from in entry.value.integer.map { (from, $0) } }
      }
    }
  }

  package let key: String
  /// In key order.
  package let variants: [(key: String, value: Node)]
  package let off: String
  package let fallback: String
  package let enabled: Bool
  package let bucketBy: String
  package let visibility: String
  package let revive: Bool
  package let rules: [Rule]

  package init(form: Node) throws(MalformedForm) {
    let reading = FormReading(form, .flag)
    key = reading.identity.key
    variants = try reading.mapping("variants").entries.map { ($0.key, $0.value) }
      .sorted { $0.key.precedesInBytes($1.key) }
    off = try reading.string("off")
    fallback = try reading.string("default")
    enabled = try reading.boolean("enabled")
    bucketBy = try reading.string("bucketBy")
    visibility = try reading.string("visibility")
    revive = form["revive"]?.boolean ?? false
    guard let nodes = form["rules"]?.sequence else { throw reading.malformed("rules") }
    var rules: [Rule] = []
    for node in nodes { rules.append(try reading.rule(node)) }
    self.rules = rules
  }

  /// The JSON type that all values share.
  package var valueType: String {
    variants.first.map { ValueType(of: $0.value).rawValue } ?? ValueType.boolean.rawValue
  }

  package func value(of variant: String) -> Node? {
    variants.first { $0.key.hasSameBytes(as: variant) }?.value
  }
}

/// Reads required fields of a form.
struct FormReading {
  let form: Node
  let identity: Identity

  init(_ form: Node, _ kind: Kind) {
    self.form = form
    identity = Identity(kind, form["key"]?.string ?? "")
  }

  func malformed(_ field: String) -> MalformedForm {
    MalformedForm(identity: identity, reason: "`\(field)` is missing or of another type")
  }

  func string(_ field: String) throws(MalformedForm) -> String {
    guard let string = form[field]?.string else { throw malformed(field) }
    return string
  }

  func integer(_ field: String) throws(MalformedForm) -> Int {
    guard let integer = form[field]?.integer else { throw malformed(field) }
    return integer
  }

  func boolean(_ field: String) throws(MalformedForm) -> Bool {
    guard let boolean = form[field]?.boolean else { throw malformed(field) }
    return boolean
  }

  func mapping(_ field: String) throws(MalformedForm) -> Mapping {
    guard let mapping = form[field]?.mapping else { throw malformed(field) }
    return mapping
  }

  func rule(_ node: Node) throws(MalformedForm) -> ResolvedFlag.Rule {
    let key = node["key"]?.string
    let when = node["when"]
    if let experiment = node["experiment"]?.string {
      return .init(key: nil, when: nil, outcome: .experiment(experiment))
    }
    if let split = node["split"]?.mapping {
      let weights = split.entries.map { ($0.key, $0.value.integer ?? 0) }
      return .init(key: key, when: when, outcome: .split(weights))
    }
    guard let served = node["serve"]?.string else { throw malformed("rules") }
    guard let rollout = node["rollout"] else {
      return .init(key: nil, when: when, outcome: .serve(served))
    }
    return .init(key: key, when: when, outcome: .rollout(served, rollout))
  }
}
