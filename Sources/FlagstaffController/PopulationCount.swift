// Real contexts against a plan: each is evaluated before and after, and what differs is counted.
// Figures of the blast radius are of everyone who meets some conditions; these are of the users
// that there are. Snapshots are held in memory and contexts are not, so a population of any size
// takes the same room.

package import FlagstaffCore
package import FlagstaffEvaluation
internal import Signing

package struct PopulationCount: Sendable {
  /// What moves of one flag's contexts.
  package struct Flag: Sendable {
    package let key: String
    package fileprivate(set) var assignments = 0
    package fileprivate(set) var values = 0
    /// By variants served; of one variant, those to whom its own value changes.
    package fileprivate(set) var moves: [Move: Int] = [:]

    /// The pairs in the order of how many move.
    package var sortedMoves: [(move: Move, count: Int)] {
      moves.map { ($0, $1) }.sorted {
        ($1.count, $0.move.from ?? "", $0.move.to ?? "")
          < ($0.count, $1.move.from ?? "", $1.move.to ?? "")
      }
    }
  }

  package struct Move: Hashable, Sendable {
    /// Nil for no answer.
    package let from: String?
    package let to: String?
  }

  fileprivate struct Scope: Sendable {
    let before: Snapshot
    let after: Snapshot
    var flags: [Flag]
  }

  private var scopes: [ScopeID: Scope] = [:]
  /// How many contexts were counted.
  package private(set) var contextCount = 0

  /// Gets ready to count against the plans of a dry run.
  ///
  /// - Throws: what a projection throws.
  package init(_ report: PassReport) throws {
    for scope in report.scopes {
      guard case .planned(let plan) = scope.outcome, let state = scope.before else { continue }
      let changed = plan.changes.flatMap(\.blastRadius.flags).filter { $0.standing != .new }
      let keys = Set(changed.map(\.flag)).sorted()
      guard !keys.isEmpty else { continue }
      scopes[scope.scope] = Scope(
        before: try Self.snapshot(state), after: try Self.snapshot(plan.preview(of: state)),
        flags: keys.map { Flag(key: $0) })
    }
  }

  private static func snapshot(_ state: ScopeState) throws -> Snapshot {
    let layout = try Publication.project(state).server
    let parts = Dictionary(
      layout.parts.map { ($0.digest.hexadecimal, $0.bytes) },
      uniquingKeysWith: { first, _ in first })
    return try Snapshot(index: layout.index.bytes) { digest in
      guard let bytes = parts[digest] else {
        throw ControllerError(
          .projectionDiffers, operation: "reading a projected snapshot",
          reason: "its index names the part \(digest), which it does not have")
      }
      return bytes
    }
  }

  /// Counts one context, in every scope.
  package mutating func add(_ context: EvaluationContext) {
    contextCount += 1
    for scope in scopes.keys { scopes[scope]?.add(context) }
  }

  /// What was counted of a flag; nil where it does not change.
  package func flag(_ key: String, in scope: ScopeID) -> Flag? {
    scopes[scope]?.flags.first { $0.key == key }
  }
}

extension PopulationCount.Scope {
  fileprivate mutating func add(_ context: EvaluationContext) {
    for place in flags.indices {
      let key = flags[place].key
      flags[place].add(
        before.evaluate(flag: key, context: context), after.evaluate(flag: key, context: context))
    }
  }
}

extension PopulationCount.Flag {
  fileprivate mutating func add(_ before: Evaluation, _ after: Evaluation) {
    if !before.hasSameAssignment(as: after) { assignments += 1 }
    if before.value != after.value { values += 1 }
    guard before.variant != after.variant || before.value != after.value else { return }
    moves[.init(from: before.variant, to: after.variant), default: 0] += 1
  }
}

extension Evaluation {
  /// Whether both are decided by the same experiment or hashed rule with the same variant, or
  /// neither is.
  fileprivate func hasSameAssignment(as other: Evaluation) -> Bool {
    guard isAssigned || other.isAssigned else { return true }
    return rule?.experiment == other.rule?.experiment && rule?.key == other.rule?.key
      && variant == other.variant
  }

  private var isAssigned: Bool { rule?.experiment != nil || rule?.key != nil }
}
