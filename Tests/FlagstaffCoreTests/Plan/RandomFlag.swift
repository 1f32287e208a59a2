// Random states of one flag with several rules, made without YAML, so that they hold what a plan
// could only reach after a long history: ranges in many pieces, experiments that share a traffic
// layer as the members of a group do, rules in any order.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import TestHarness

struct RandomFlag {
  struct Experiment {
    var status = "running"
    var winner: String?
    var id: String
    var salt: String
    var targeting: Node?
    var traffic: BucketRanges
    var variants: [RecordedExperiment.Variant]
  }

  enum Rule {
    case experiment(Int)
    case serve(Node?, String)
    case rollout(String, Node?, String, Int)
    case split(String, Node?, [RecordedExperiment.Variant])
  }

  static let variants = ["a", "b", "c"]

  var isEnabled = true
  var fallback = "a"
  var values = ["a": 1, "b": 2, "c": 3]
  var experiments: [Experiment] = []
  var rules: [Rule] = []

  init(using random: inout SeededGenerator) {
    let layer = Int.random(in: 0..<100, using: &random)
    let shares = Self.pieces(6, using: &random)
    for place in 0..<3 {
      // The first two are of one group: one layer, and traffic that does not overlap.
      experiments.append(
        Experiment(
          id: place < 2 ? "group-\(layer)" : "own-\(layer)", salt: Self.salt(using: &random),
          targeting: Self.condition(using: &random), traffic: shares[place],
          variants: Self.layout(using: &random)))
    }
    for _ in 0..<Int.random(in: 1...5, using: &random) { addRule(using: &random) }
  }

  private mutating func addRule(using random: inout SeededGenerator) {
    let condition = Self.condition(using: &random)
    let key = "r\(Int.random(in: 0..<1_000, using: &random))"
    let rule: Rule
    switch Int.random(in: 0..<6, using: &random) {
    case 0: rule = .serve(condition ?? Self.conditions[0], Self.variant(using: &random))
    case 1:
      rule = .rollout(
        key, condition, Self.variant(using: &random), Int.random(in: 0...10_000, using: &random))
    case 2: rule = .split(key, condition, Self.layout(using: &random))
    default: rule = .experiment(Int.random(in: 0..<3, using: &random))
    }
    rules.insert(rule, at: Int.random(in: 0...rules.count, using: &random))
  }

  mutating func edit(using random: inout SeededGenerator) {
    let place = Int.random(in: 0..<3, using: &random)
    switch Int.random(in: 0..<16, using: &random) {
    case 0: experiments[place].salt = Self.salt(using: &random)
    case 1: experiments[place].variants = Self.layout(using: &random)
    case 2: experiments[place].targeting = Self.condition(using: &random)
    case 3: experiments[place].status = "paused"
    case 4:
      experiments[place].status = "completed"
      experiments[place].winner = Self.variant(using: &random)
    case 5, 6:
      let shares = Self.pieces(6, using: &random)
      for place in 0..<3 { experiments[place].traffic = shares[place] }
    case 7: addRule(using: &random)
    case 8: rules.remove(at: Int.random(in: 0..<rules.count, using: &random))
    case 9: rules.shuffle(using: &random)
    case 10: fallback = Self.variant(using: &random)
    case 11: values[Self.variant(using: &random)] = Int.random(in: 1...4, using: &random)
    case 12: isEnabled = Bool.random(using: &random)
    default: editRule(using: &random)
    }
    if rules.isEmpty { addRule(using: &random) }
  }

  private mutating func editRule(using random: inout SeededGenerator) {
    let place = Int.random(in: 0..<rules.count, using: &random)
    switch rules[place] {
    case .experiment: rules[place] = .experiment(Int.random(in: 0..<3, using: &random))
    case .serve(let condition, _): rules[place] = .serve(condition, Self.variant(using: &random))
    case .rollout(let key, let condition, let variant, _):
      rules[place] = .rollout(key, condition, variant, Int.random(in: 0...10_000, using: &random))
    case .split(let key, _, let variants):
      rules[place] = .split(key, Self.condition(using: &random), variants)
    }
  }
}

// MARK: Parts

extension RandomFlag {
  /// The first four are independent, the others are of one attribute.
  static let conditions: [Node] =
    (0..<4).map { test("c\($0)", "equals", .boolean(true)) } + [
      test("n", "in", .sequence([.integer(1), .integer(2)])),
      test("n", "in", .sequence([.integer(2), .integer(3)])), test("n", "equals", .integer(1)),
      test("n", "lessThan", .integer(2)), test("n", "greaterOrEqual", .integer(3)),
      test("v", "semver", .string("<2.0.0")), test("v", "semver", .string(">=1.0.0 <3.0.0")),
      .fields([
        "all": .sequence([
          test("n", "greaterThan", .integer(0)), test("n", "lessOrEqual", .integer(2)),
        ])
      ]),
    ]

  private static func test(_ attribute: String, _ name: String, _ value: Node) -> Node {
    .fields(["attribute": .string(attribute), "operator": .string(name), "value": value])
  }

  private static func condition(using random: inout SeededGenerator) -> Node? {
    guard Int.random(in: 0..<5, using: &random) < 3 else { return nil }
    let condition = conditions.randomElement(using: &random)
    return Bool.random(using: &random) ? condition : .fields(["not": condition])
  }

  private static func variant(using random: inout SeededGenerator) -> String {
    variants.randomElement(using: &random) ?? "a"
  }

  private static func salt(using random: inout SeededGenerator) -> String {
    "salt/\(Int.random(in: 0..<1_000_000, using: &random))/"
  }

  /// All buckets, dealt out to so many owners in pieces.
  private static func pieces(_ owners: Int, using random: inout SeededGenerator) -> [BucketRanges] {
    var cuts: Set<Int> = [0, 10_000]
    for _ in 0..<12 { cuts.insert(Int.random(in: 1..<10_000, using: &random)) }
    let bounds = cuts.sorted()
    var ranges = Array(repeating: [Range<Int>](), count: owners)
    for (from, to) in zip(bounds, bounds.dropFirst()) {
      ranges[Int.random(in: 0..<owners, using: &random)].append(from..<to)
    }
    return ranges.map { BucketRanges($0) ?? .none }
  }

  private static func layout(using random: inout SeededGenerator) -> [RecordedExperiment.Variant] {
    let ranges = pieces(3, using: &random)
    return zip(variants, ranges).map { .init(key: $0, ranges: $1) }
  }
}

// MARK: A registered state

extension RandomFlag {
  func state(at instant: Instant) -> ScopeState {
    var definitions: [Identity: RegisteredDefinition] = [:]
    func add(_ identity: Identity, _ form: Node, _ recorded: Recorded) {
      definitions[identity] = RegisteredDefinition(
        ResolvedDefinition(identity, form: form, location: nil), generation: 1, created: instant,
        recorded: recorded)
    }
    for (place, experiment) in experiments.enumerated() {
      let key = "e\(place)"
      add(
        Identity(.experiment, key), form(experiment, key),
        .experiment(
          RecordedExperiment(
            id: experiment.id, phase: 1, salt: experiment.salt, hash: 1,
            traffic: experiment.traffic, variants: experiment.variants, started: instant,
            stopped: nil)))
    }
    add(Identity(.flag, "page"), form, .flag(recorded))
    return ScopeState(
      scope: ScopeID(environment: "production", customer: "acme"), version: 1, commit: "c",
      instant: instant, definitions: definitions, tombstones: [:], rests: [])
  }

  private func form(_ experiment: Experiment, _ key: String) -> Node {
    .fields([
      "kind": .string("experiment"), "key": .string(key), "status": .string(experiment.status),
      "phase": .integer(1), "schedule": .fields([:]), "traffic": .integer(experiment.traffic.count),
      "reassign": .string("fresh"), "bucketBy": .string("targetingKey"),
      "targeting": experiment.targeting, "control": .string("a"),
      "variants": .mapping(Self.variants.map { ($0, .fields(["weight": .integer(1)])) }),
      "force": .mapping([]), "winner": experiment.winner.map(Node.string), "labels": .mapping([]),
      "revive": .boolean(false),
    ])
  }

  private var form: Node {
    let nodes = rules.map { rule -> Node in
      switch rule {
      case .experiment(let place): .fields(["experiment": .string("e\(place)")])
      case .serve(let when, let variant): .fields(["when": when, "serve": .string(variant)])
      case .rollout(let key, let when, let variant, let share):
        .fields([
          "key": .string(key), "when": when, "serve": .string(variant), "rollout": .integer(share),
        ])
      case .split(let key, let when, let variants):
        .fields([
          "key": .string(key), "when": when,
          "split": .mapping(variants.map { ($0.key, .integer(max(1, $0.ranges.count))) }),
        ])
      }
    }
    return .fields([
      "kind": .string("flag"), "key": .string("page"), "bucketBy": .string("targetingKey"),
      "variants": .mapping(values.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) }),
      "off": .string("a"), "default": .string(fallback), "enabled": .boolean(isEnabled),
      "visibility": .string("server"), "revive": .boolean(false), "rules": .sequence(nodes),
    ])
  }

  private var recorded: RecordedFlag {
    var steps: [RecordedFlag.Step] = []
    var splits: [RecordedFlag.Split] = []
    for rule in rules {
      switch rule {
      case .rollout(let key, _, _, let share): steps.append(.init(rule: key, share: share))
      case .split(let key, _, let variants): splits.append(.init(rule: key, variants: variants))
      case .experiment, .serve: continue
      }
    }
    return RecordedFlag(steps: steps, splits: splits)
  }
}
