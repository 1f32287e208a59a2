// What sampled users are answered before and after, by the evaluator that users run, over the very
// bytes that are published. Each answer must be the one that a second reading of those bytes
// gives; an answer may differ only where a change says so; and the share that moves must agree
// with what the plan claims to know exactly.

internal import Documents
internal import FlagstaffEvaluation
internal import Signing

extension PlanCheck {
  /// Answers a scope, so that the cost of a check does not grow with what is in it.
  private static let answersMax = 2_000
  private static let usersMax = 1_000
  private static let usersMin = 16
  /// Keys that no change touches, asked for each user.
  private static let othersMax = 4

  func checkAnswers() throws(PlanDisagreement) {
    let old = try snapshot(publications.before)
    let new = try snapshot(publications.after)
    let touched = touchedKeys()
    let readings = (before: Readings(before, touched), after: Readings(after, touched))
    let keys = (Set(readings.before.byKey.keys).union(readings.after.byKey.keys)).sorted()
    let others = (old?.flagKeys ?? []).filter { !touched.contains(Text($0)) }
    guard (new?.flagKeys ?? []).filter({ !touched.contains(Text($0)) }) == others else {
      throw disagreement(
        .answers, nil, planned: "the keys that answer", found: "others, without a change")
    }
    var users = SampledUsers(
      readings.before.nodes + readings.after.nodes, scope: plan.scope, commit: plan.commit)
    let count = min(
      max(Self.answersMax / max(1, keys.count), Self.usersMin), Self.usersMax)
    var tallies = keys.map { claimed($0) }
    for number in 0..<count {
      let user = users.next(number)
      for (index, key) in keys.enumerated() {
        let was = try answer(key, user, old, readings.before.byKey[key])
        let now = try answer(key, user, new, readings.after.byKey[key])
        if user.isOrdinary { tallies[index]?.add(user, was, now) }
      }
      try checkOthers(others, number, user, old, new)
    }
    for tally in tallies.compactMap(\.self) { try checkBlastRadius(tally) }
  }

  /// What users' programs make of a publication; nil before the first version.
  private func snapshot(_ publication: Publication?) throws(PlanDisagreement) -> Snapshot? {
    guard let publication else { return nil }
    let parts = Dictionary(
      publication.server.parts.map { ($0.digest.hexadecimal, $0.bytes) }, uniquingKeysWith: { $1 })
    do {
      return try Snapshot(index: publication.server.index.bytes) { parts[$0] ?? [] }
    } catch {
      throw disagreement(
        .answers, nil, planned: "a snapshot", found: "that no evaluator reads it: \(error)")
    }
  }

  /// Keys that may answer differently: changed flags, changed experiments, and the flags that use
  /// such an experiment before or after.
  private func touchedKeys() -> Set<Text> {
    var touched: Set<Text> = []
    for identity in changes.keys where identity.kind == .flag || identity.kind == .experiment {
      touched.insert(Text(identity.key))
    }
    for (identity, definition) in plan.wanted.definitions where identity.kind == .flag {
      let used = definition.form.experimentsUsed
      if used.contains(where: { changes[Identity(.experiment, $0)] != nil }) {
        touched.insert(Text(identity.key))
      }
    }
    return touched
  }

  /// The evaluator's answer, once the second reading agrees with it.
  private func answer(
    _ key: Text, _ user: SampledUser, _ snapshot: Snapshot?, _ reading: SecondReading?
  ) throws(PlanDisagreement) -> SampledAnswer? {
    guard let snapshot else { return nil }
    let found = snapshot.evaluate(flag: key.string, context: user.context)
    let expected = reading?.answer(to: user)
    guard found.variant == expected?.variant, found.rule?.index == expected?.rule else {
      throw disagreement(
        .answers, Identity(.flag, key.string),
        planned: "that \(user.attributes.map { "\($0.key): \($0.value.json)" }) are answered"
          + " \(found.variant ?? "nothing")",
        found: expected?.variant ?? "nothing")
    }
    return expected.map { SampledAnswer(answer: $0, value: found.value) }
  }

  /// A few of the keys that no change touches, in turn.
  private func checkOthers(
    _ keys: [String], _ number: Int, _ user: SampledUser, _ old: Snapshot?, _ new: Snapshot?
  ) throws(PlanDisagreement) {
    for turn in 0..<min(Self.othersMax, keys.count) {
      let key = keys[(number * Self.othersMax + turn) % keys.count]
      guard
        old?.evaluate(flag: key, context: user.context)
          == new?.evaluate(flag: key, context: user.context)
      else {
        throw disagreement(
          .answers, Identity(.flag, key), planned: "no change",
          found: "another answer for a sampled user")
      }
    }
  }
}

/// What a sampled user is answered.
struct SampledAnswer {
  let answer: SecondReading.Answer
  let value: JSONValue?
}

/// The published definitions that may answer differently, read a second time.
private struct Readings {
  private(set) var byKey: [Text: SecondReading] = [:]
  private(set) var nodes: [Node] = []

  init(_ bytes: ScopeBytes, _ touched: Set<Text>) {
    var experiments: [String: SecondExperiment] = [:]
    func experiment(_ key: String) -> SecondExperiment? {
      if let known = experiments[key] { return known }
      guard let node = bytes.published[Identity(.experiment, key)]?.node else { return nil }
      nodes.append(node)
      experiments[key] = SecondExperiment(node)
      return experiments[key]
    }
    for key in touched.sorted() {
      let flag = bytes.published[Identity(.flag, key.string)]?.node
      let own = flag ?? bytes.published[Identity(.experiment, key.string)]?.node
      guard let own, flag != nil || own["variants"]?.sequence?.first?["payload"] != nil else {
        continue
      }
      nodes.append(own)
      byKey[key] = SecondReading(own, experiments: experiment)
    }
  }
}
