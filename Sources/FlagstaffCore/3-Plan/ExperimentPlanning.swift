// How an experiment changes. Once it has started (first applied as running), what decides its
// assignments is recorded for its phase and may change only with a higher phase; traffic and status
// need none. What is recorded (salt, ranges) follows from the design's section *Phase*.

internal import Documents
internal import FlagstaffEvaluation

extension Planner {
  mutating func experiment(
    _ definition: ResolvedDefinition, before: RegisteredDefinition?, tombstone: Tombstone?
  ) throws(MalformedForm) -> Comparison {
    let wanted = try ResolvedExperiment(form: definition.form)
    let former = try before.map { before throws(MalformedForm) in try Former(before) }
    if let tombstone {
      checkRevival(definition, tombstone, revive: wanted.revive, phase: wanted.phase)
    }
    let isLocked = former?.recorded.started != nil
    if let former {
      check(wanted, against: former, definition)
      if isLocked { checkPhase(wanted, against: former, definition) }
    }
    let recorded = record(
      wanted, former: isLocked ? former : nil, stopped: former?.recorded.stopped)
    guard let former else {
      var classes: Set<ChangeClass> = [.experimentCreated]
      if wanted.effect(at: now(of: wanted.identity)) == .live { classes.insert(.experimentStarted) }
      return Comparison(recorded: .experiment(recorded), classes: classes)
    }
    let classes = statusClasses(wanted, former)
      .union(fieldClasses(wanted, former, isLocked: isLocked))
    return Comparison(recorded: .experiment(recorded), classes: classes)
  }

  /// A registered experiment, read.
  struct Former {
    let resolved: ResolvedExperiment
    let recorded: RecordedExperiment

    init(_ registered: RegisteredDefinition) throws(MalformedForm) {
      guard case .experiment(let recorded) = registered.recorded else {
        throw MalformedForm(
          identity: registered.definition.identity, reason: "its recorded state is missing")
      }
      self.recorded = recorded
      resolved = try ResolvedExperiment(form: registered.definition.form)
    }
  }

  private mutating func check(
    _ wanted: ResolvedExperiment, against former: Former, _ definition: ResolvedDefinition
  ) {
    if wanted.status == .draft, former.resolved.status != .draft {
      report(
        .draftAgain, definition,
        "\(wanted.key) is \(former.resolved.status.rawValue) and cannot be a draft again",
        remedy: "Set `status: paused` or `status: completed`")
    }
    let id = wanted.pinnedID ?? Identifiers.experiment(wanted.key, of: self.wanted.scope.customer)
    if !id.hasSameBytes(as: former.recorded.id), former.recorded.started != nil {
      report(
        .idChanged, definition, "the id of \(wanted.key) would change under its users",
        remedy: "Keep `id: \(former.recorded.id)`, or define another experiment")
    }
  }

  private mutating func checkPhase(
    _ wanted: ResolvedExperiment, against former: Former, _ definition: ResolvedDefinition
  ) {
    let phase = former.recorded.phase
    if wanted.phase < phase {
      report(
        .phaseTooLow, definition,
        "\(wanted.key) is in phase \(phase) and cannot go back to phase \(wanted.phase)",
        remedy: "Set `phase: \(phase)`, or a higher one")
    } else if wanted.phase == phase {
      let fields = wanted.fieldsThatNeedPhase(comparedWith: former)
      guard !fields.isEmpty else { return }
      report(
        .phaseNotRaised, definition,
        "\(wanted.key) has started, and \(fields.joined(separator: ", ")) would change"
          + " within phase \(phase)",
        remedy: "Set `phase: \(phase + 1)` to assign its users anew, with `reassign: least` to move"
          + " the fewest, or undo the change")
    } else if wanted.reassign == .least {
      checkLeast(wanted, against: former, definition)
    } else if let pinned = wanted.pinnedSalt, pinned.hasSameBytes(as: former.recorded.salt) {
      report(
        .saltNotFresh, definition,
        "\(wanted.key) asks for fresh assignments under the salt that it has",
        remedy: "Pin another salt, or none")
    }
  }

  /// The fewest move only where everybody is hashed as before.
  private mutating func checkLeast(
    _ wanted: ResolvedExperiment, against former: Former, _ definition: ResolvedDefinition
  ) {
    let was = former.resolved
    if wanted.hasOtherSalt(than: former) || !wanted.bucketBy.hasSameBytes(as: was.bucketBy) {
      report(
        .leastWithOtherHash, definition,
        "\(wanted.key) asks for the fewest moves under another salt or unit, which moves everybody",
        remedy: "Keep `salt` and `bucketBy`, or use `reassign: fresh`")
    }
    let most = leastMoves(wanted, from: former).map(\.ranges.ranges.count).max() ?? 0
    if most > Limits.rangesMax {
      report(
        .tooManyRanges, definition,
        "a variant of \(wanted.key) would have \(most) ranges of buckets; the limit is"
          + " \(Limits.rangesMax)",
        remedy: "Use `reassign: fresh`, which lays them out anew")
    }
  }

  private func leastMoves(_ wanted: ResolvedExperiment, from former: Former)
    -> [RecordedExperiment.Variant]
  {
    Reassignment(
      from: former.recorded.variants.map { ($0.key, $0.ranges) },
      to: wanted.variants.map { ($0.key, $0.weight) }
    ).variants.map { .init(key: $0.key, ranges: $0.ranges) }
  }

  /// What the registry will record.
  ///
  /// - Parameters:
  ///   - former: the registered experiment, where it has started.
  ///   - stopped: when it was completed, whether it ever started or not.
  private func record(_ wanted: ResolvedExperiment, former: Former?, stopped: Instant?)
    -> RecordedExperiment
  {
    let id = wanted.pinnedID ?? Identifiers.experiment(wanted.key, of: self.wanted.scope.customer)
    let effect = wanted.effect(at: now(of: wanted.identity))
    var salt = wanted.pinnedSalt ?? "\(id)/\(wanted.phase)/"
    var variants = CanonicalLayout(weights: wanted.variants.map { ($0.key, $0.weight) }).ranges.map
    {
      RecordedExperiment.Variant(key: $0.key, ranges: $0.ranges)
    }
    if let former {
      let isRaised = wanted.phase > former.recorded.phase
      if !isRaised || wanted.reassign == .least { salt = former.recorded.salt }
      if !isRaised {
        variants = former.recorded.variants
      } else if wanted.reassign == .least {
        variants = leastMoves(wanted, from: former)
      }
    }
    return RecordedExperiment(
      id: id, phase: wanted.phase, salt: salt,
      hash: former?.recorded.hash ?? RecordedExperiment.currentHash,
      traffic: groups.traffic(of: wanted.key) ?? BucketRanges([0..<wanted.traffic]) ?? .none,
      variants: variants,
      started: former?.recorded.started ?? (wanted.status == .running ? instant : nil),
      stopped: effect == .completed ? stopped ?? instant : nil)
  }

  private func statusClasses(_ wanted: ResolvedExperiment, _ former: Former) -> Set<ChangeClass> {
    let then = former.resolved.effect(at: then(of: wanted.identity))
    let now = wanted.effect(at: now(of: wanted.identity))
    guard then != now else {
      return now == .completed && wanted.hasOtherWinner(than: former.resolved)
        ? [.experimentCompleted] : []
    }
    // One that was created as paused or completed has never started, whatever its effect was.
    let isFirst = former.recorded.started == nil
    switch now {
    case .draft: return []
    case .paused: return [.experimentPaused]
    case .completed: return [.experimentCompleted]
    case .live:
      return isFirst || then == .scheduled ? [.experimentStarted] : [.experimentResumed]
    case .scheduled:
      return isFirst || then == .live ? [.scheduleChanged] : [.experimentResumed]
    }
  }

  private func fieldClasses(_ wanted: ResolvedExperiment, _ former: Former, isLocked: Bool)
    -> Set<ChangeClass>
  {
    let was = former.resolved
    var classes: Set<ChangeClass> = []
    if wanted.traffic > was.traffic { classes.insert(.trafficRaised) }
    if wanted.traffic < was.traffic { classes.insert(.trafficLowered) }
    if wanted.phase > was.phase { classes.insert(.phaseRaised) }
    if wanted.start != was.start || wanted.end != was.end { classes.insert(.scheduleChanged) }
    if wanted.targeting != was.targeting { classes.insert(.targetingChanged) }
    if wanted.force != was.force { classes.insert(.forceChanged) }
    if wanted.visibility.map({ Text($0) }) != was.visibility.map({ Text($0) }) {
      classes.insert(.visibilityChanged)
    }
    let isSameSet = wanted.variantKeys == was.variantKeys
    if !isSameSet || wanted.hasOtherBasis(than: was) || changesLaterWinner(wanted, former) {
      classes.insert(.variantsChanged)
    } else if wanted.variants.map(\.weight) != was.variants.map(\.weight)
      || wanted.managedWeights != was.managedWeights
    {
      classes.insert(.variantsReweighted)
    }
    if isSameSet,
      wanted.variants.map(\.payload) != was.variants.map(\.payload)
        || wanted.splitURL != was.splitURL
    {
      classes.insert(.valuesChanged)
    }
    return classes
  }

  /// Whether another variant will be served to everybody once the experiment ends. Nobody sees it
  /// yet, but what the experiment serves is changed: a review has to see that. The winner of one
  /// that is over, before or after, belongs to its completion or its resumption.
  private func changesLaterWinner(_ wanted: ResolvedExperiment, _ former: Former) -> Bool {
    former.resolved.effect(at: then(of: wanted.identity)) != .completed
      && wanted.effect(at: now(of: wanted.identity)) != .completed
      && wanted.hasOtherWinner(than: former.resolved)
  }
}

// What users wrote is compared by its bytes.
extension ResolvedExperiment {
  fileprivate var variantKeys: [Text] { variants.map { Text($0.key) } }

  fileprivate func hasOtherWinner(than was: ResolvedExperiment) -> Bool {
    winner.map { Text($0) } != was.winner.map { Text($0) }
  }

  /// Whether what users are hashed by, or compared with, differs.
  fileprivate func hasOtherBasis(than was: ResolvedExperiment) -> Bool {
    !control.hasSameBytes(as: was.control) || !bucketBy.hasSameBytes(as: was.bucketBy)
      || pinnedSalt.map { Text($0) } != was.pinnedSalt.map { Text($0) }
      || pinnedID.map { Text($0) } != was.pinnedID.map { Text($0) }
      || group.map { Text($0) } != was.group.map { Text($0) }
  }

  /// Whether the salt would be another than the one recorded.
  fileprivate func hasOtherSalt(than former: Planner.Former) -> Bool {
    let salt = pinnedSalt ?? (former.resolved.pinnedSalt == nil ? former.recorded.salt : nil)
    return salt.map { Text($0) } != Text(former.recorded.salt)
  }

  /// The fields that decide assignments and differ from those recorded for the phase.
  fileprivate func fieldsThatNeedPhase(comparedWith former: Planner.Former) -> [String] {
    let was = former.resolved
    var fields: [String] = []
    if variantKeys != was.variantKeys {
      fields.append("variants")
    } else if variants.map(\.weight) != was.variants.map(\.weight) {
      fields.append("weights")
    }
    if targeting != was.targeting { fields.append("targeting") }
    if !bucketBy.hasSameBytes(as: was.bucketBy) { fields.append("bucketBy") }
    if group.map({ Text($0) }) != was.group.map({ Text($0) }) { fields.append("group") }
    if hasOtherSalt(than: former) { fields.append("salt") }
    return fields
  }
}
