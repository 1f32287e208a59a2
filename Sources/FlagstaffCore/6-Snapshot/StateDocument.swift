// What Git does not know about a scope, published beside its snapshot (BYTES, *State*): CI plans
// from it without credentials, and a lost database is rebuilt from it. It holds digests instead of
// forms: the forms are in Git.

internal import Documents
internal import FlagstaffEvaluation
internal import Signing

package enum StateDocument {
  /// The canonical bytes of a scope's state, as they are published.
  package static func object(of state: ScopeState) -> PublishedObject {
    PublishedObject(CanonicalJSON.bytes(node(of: state)))
  }

  private static func node(of state: ScopeState) -> Node {
    let definitions = state.definitions.sorted { $0.key < $1.key }.map { entry($0.key, $0.value) }
    let tombstones = state.tombstones.sorted { $0.key < $1.key }.map { identity, tombstone in
      Node.fields([
        "kind": .string(identity.kind.rawValue), "key": .string(identity.key),
        "id": tombstone.id.map(Node.string), "generation": .integer(tombstone.generation),
        "phase": tombstone.phase.map(Node.integer),
        "deleted": .string(tombstone.deleted.description),
      ])
    }
    let kills = state.kills.sorted { $0.key < $1.key }.map { identity, kill in
      Node.fields([
        "kind": .string(identity.kind.rawValue), "key": .string(identity.key),
        "since": .string(kill.since.description), "schedule": .string(kill.schedule.description),
      ])
    }
    let schedule = state.schedule == state.instant ? nil : state.schedule
    return .fields([
      "format": .integer(1), "definitions": .sequence(definitions),
      "tombstones": .sequence(tombstones), "kills": .sequence(kills), "pins": .sequence([]),
      "rests": .sequence(state.rests.map(node)),
      "schedule": schedule.map { .string($0.description) },
    ])
  }

  private static func node(_ rest: Rest) -> Node {
    .fields([
      "group": .string(rest.group), "experiment": .string(rest.experiment),
      "ranges": rest.ranges.node, "until": .string(rest.until.description),
    ])
  }

  private static func entry(_ identity: Identity, _ registered: RegisteredDefinition) -> Node {
    let common: [(String, Node)] = [
      ("kind", .string(identity.kind.rawValue)), ("key", .string(identity.key)),
      ("generation", .integer(registered.generation)),
      ("digest", .string(registered.definition.digest.hexadecimal)),
    ]
    return .mapping(common + fields(of: registered.recorded))
  }

  private static func fields(of recorded: Recorded) -> [(String, Node)] {
    switch recorded {
    case .metric, .segment: []
    case .group(let group): [("id", .string(group.id)), ("holdout", group.holdout.node)]
    case .flag(let flag):
      [
        ("steps", .mapping(flag.steps.map { ($0.rule, .integer($0.share)) })),
        ("splits", .mapping(flag.splits.map { ($0.rule, ranges($0.variants)) })),
      ]
    case .experiment(let experiment):
      [
        ("id", .string(experiment.id)), ("phase", .integer(experiment.phase)),
        ("salt", .string(experiment.salt)), ("hash", .integer(experiment.hash)),
        ("traffic", experiment.traffic.node), ("variants", ranges(experiment.variants)),
      ]
        + [("started", experiment.started), ("stopped", experiment.stopped)].compactMap {
          name, instant in instant.map { (name, .string($0.description)) }
        }
    }
  }

  private static func ranges(_ variants: [RecordedExperiment.Variant]) -> Node {
    .mapping(variants.map { ($0.key, $0.ranges.node) })
  }
}
