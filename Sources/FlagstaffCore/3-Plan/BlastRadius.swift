// Which share of users would see something else. For an experiment that starts, or whose traffic is
// raised, in a flag with one rule, the share is exact: the traffic hash and the variant hash are
// independent layers, so the shares multiply, in whole buckets. Everything else says "not
// computed" rather than guess.

internal import Documents
internal import FlagstaffEvaluation

package enum BlastRadius: Sendable {
  case notComputed
  case exact(Figures)

  /// Shares of the users who meet the targeting, in 1/100,000,000: buckets times buckets.
  package struct Figures: Hashable, Sendable {
    package struct Move: Hashable, Sendable {
      /// The variant served before and after.
      package let from: String
      package let to: String
      package let share: Int
    }

    /// Users who come under another experiment variant, or under one at all.
    package let assignments: Int
    /// Users who are served another value.
    package let values: Int
    /// Per pair of variants, in the order of the latter; only pairs that differ.
    package let moves: [Move]
    /// Whether the figures are of those who meet the experiment's targeting alone.
    package let isOfTargetedOnly: Bool
  }

  /// What `Figures` counts in.
  package static let whole = Share.whole * Share.whole

  static func of(
    _ classes: [ChangeClass], before: RegisteredDefinition?, after: RegisteredDefinition,
    in state: ScopeState, _ users: FlagUsers
  ) throws(MalformedForm) -> BlastRadius {
    guard classes == [.trafficRaised] || classes == [.experimentStarted], let before,
      case .experiment(let recorded) = after.recorded,
      let flag = try soleUser(of: after.definition.identity.key, in: state, users)
    else { return .notComputed }
    let experiment = try ResolvedExperiment(form: after.definition.form)
    let was = try ResolvedExperiment(form: before.definition.form)
    let entering: Int
    if classes == [.experimentStarted] {
      entering = experiment.traffic
    } else {
      guard let instant = state.instant, was.effect(at: instant) == .live else {
        return .notComputed
      }
      entering = experiment.traffic - was.traffic
    }
    return .exact(figures(entering, recorded, flag, isTargeted: experiment.targeting != nil))
  }

  private static func figures(
    _ entering: Int, _ recorded: RecordedExperiment, _ flag: ResolvedFlag, isTargeted: Bool
  ) -> Figures {
    let entering = flag.enabled ? entering : 0
    var moves: [Figures.Move] = []
    var values = 0
    for variant in recorded.variants {
      let share = entering * variant.ranges.count
      guard share > 0, !variant.key.hasSameBytes(as: flag.fallback) else { continue }
      moves.append(.init(from: flag.fallback, to: variant.key, share: share))
      if flag.value(of: variant.key) != flag.value(of: flag.fallback) { values += share }
    }
    return Figures(
      assignments: entering * Share.whole, values: values, moves: moves,
      isOfTargetedOnly: isTargeted)
  }

  /// The one flag that uses the experiment, by its one rule, and does not change itself.
  private static func soleUser(
    of experiment: String, in state: ScopeState, _ users: FlagUsers
  ) throws(MalformedForm) -> ResolvedFlag? {
    guard let definitions = users.byExperiment[experiment], definitions.count == 1,
      let definition = definitions.first,
      state.definitions[definition.identity]?.definition.digest == definition.digest
    else { return nil }
    let flag = try ResolvedFlag(form: definition.form)
    return flag.rules.count == 1 ? flag : nil
  }
}

/// Which flags of a scope use which experiment: read once a plan.
struct FlagUsers {
  private(set) var byExperiment: [String: [ResolvedDefinition]] = [:]

  init(_ wanted: ResolvedScope) {
    for (identity, definition) in wanted.definitions where identity.kind == .flag {
      for rule in definition.form["rules"]?.sequence ?? [] {
        guard let key = rule["experiment"]?.string else { continue }
        byExperiment[key, default: []].append(definition)
      }
    }
  }
}

extension BlastRadius {
  /// A share in 1/100,000,000 as a percentage with as few decimals as it needs: `7.5%`.
  package static func percent(_ share: Int) -> String {
    let (percent, rest) = share.quotientAndRemainder(dividingBy: whole / 100)
    guard rest > 0 else { return "\(percent)%" }
    var digits = String(rest)
    digits = String(repeating: "0", count: 6 - digits.utf8.count) + digits
    while digits.last == "0" { digits.removeLast() }
    return "\(percent).\(digits)%"
  }
}
