// Claims of a planner that is wrong: an honest claim in which one thing is replaced, in the plan,
// in the registered state and in what is published alike, as a fault of the planner would be.

import Documents
import FlagstaffCore
import FlagstaffEvaluation
import Testing

extension PlanClaim {
  /// What is recorded of an experiment then.
  func experiment(_ key: String) throws -> RecordedExperiment {
    guard case .experiment(let recorded) = state.definitions[Identity(.experiment, key)]?.recorded
    else { throw Unexpected("no experiment \(key)") }
    return recorded
  }

  /// Records something else of a definition, whether it changes or not.
  mutating func record(_ identity: Identity, _ recorded: Recorded) throws {
    guard let registered = state.definitions[identity] else {
      throw Unexpected("no \(identity)")
    }
    try register(
      RegisteredDefinition(
        registered.definition, generation: registered.generation, created: registered.created,
        recorded: recorded))
  }

  /// Registers something else, in the plan too where it has a change.
  mutating func register(_ registered: RegisteredDefinition) throws {
    let identity = registered.definition.identity
    if let index = changes.firstIndex(where: { $0.identity == identity }) {
      changes[index].after = registered
    }
    var definitions = state.definitions
    definitions[identity] = registered
    try replaceState(definitions: definitions)
  }

  mutating func replaceState(
    version: Int? = nil, definitions: [Identity: RegisteredDefinition]? = nil,
    tombstones: [Identity: Tombstone]? = nil, rests: [Rest]? = nil,
    kills: [Identity: Kill]? = nil, schedule: Instant? = nil
  ) throws {
    state = ScopeState(
      scope: state.scope, version: version ?? state.version, commit: state.commit,
      instant: state.instant, schedule: schedule ?? state.schedule,
      definitions: definitions ?? state.definitions, tombstones: tombstones ?? state.tombstones,
      rests: rests ?? state.rests, kills: kills ?? state.kills)
    publication = try Publication.project(state)
  }

  mutating func change(_ key: String, _ edit: (inout PlanClaim.Change) -> Void) throws {
    guard let index = changes.firstIndex(where: { $0.identity.key == key }) else {
      throw Unexpected("no change of \(key)")
    }
    edit(&changes[index])
  }

  /// What the checker says of it, in a word; nil where it agrees.
  func verdict() throws -> String? {
    do {
      try verify()
      return nil
    } catch let disagreement as PlanDisagreement {
      return disagreement.check.rawValue
    }
  }
}

extension RecordedExperiment {
  /// The same with some of it replaced.
  func with(
    id: String? = nil, phase: Int? = nil, salt: String? = nil, hash: Int? = nil,
    traffic: [Range<Int>]? = nil, variants: [String: [Range<Int>]]? = nil, started: Instant?? = nil
  ) throws -> Recorded {
    func ranges(_ ranges: [Range<Int>]) throws -> BucketRanges {
      try #require(BucketRanges(ranges))
    }
    return .experiment(
      RecordedExperiment(
        id: id ?? self.id, phase: phase ?? self.phase, salt: salt ?? self.salt,
        hash: hash ?? self.hash, traffic: try traffic.map(ranges) ?? self.traffic,
        variants: try variants.map { variants in
          try variants.sorted { $0.key < $1.key }.map {
            Variant(key: $0.key, ranges: try ranges($0.value))
          }
        } ?? self.variants,
        started: started ?? self.started, stopped: stopped))
  }
}
