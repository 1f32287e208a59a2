// Which policies are about a change. Either side of it is enough: a label that the same edit drops
// matches by the form before, one that it adds by the form after. What flags the change reaches
// counts too, so that moving a rollout into an experiment does not take it out of a policy's
// sight; and what was applied since yesterday counts, so that slices add up.

internal import Documents

/// Why a policy matches a change.
struct PolicyMatching {
  /// In words, a field each; empty for a policy about everything.
  private(set) var why: [String] = []
  /// What the policy measures, in buckets: the plan's and what was applied since; nil where it
  /// does not ask.
  private(set) var exposure: Int?

  /// - Returns: nil where the policy is about other changes.
  init?(_ match: PolicyMatch, of change: Change, in scope: ScopeID, exposure: () -> Int) {
    func check(_ noun: String, _ names: Set<String>?, _ name: String) -> Bool {
      guard let names else { return true }
      if names.contains(name) { why.append("\(noun) \(name)") }
      return names.contains(name)
    }
    guard check("environment", match.environments, scope.environment),
      check("customer", match.customers, scope.customer),
      check("kind", match.kinds.map { Set($0.map(\.rawValue)) }, change.identity.kind.rawValue),
      check("key", match.keys, change.identity.key)
    else { return nil }
    guard checkClasses(match.classes, of: change), checkLabels(match.labels, of: change) else {
      return nil
    }
    guard let least = match.blastRadiusMin else { return }
    let measured = exposure()
    guard measured >= least else { return nil }
    self.exposure = measured
    let share = UserShare.buckets(min(measured, Share.whole)).percent
    let own = change.exposures.map(\.buckets).max() ?? 0
    why.append(
      "blast radius \(share)" + (measured > own ? ", with what was applied since yesterday" : ""))
  }

  private mutating func checkClasses(_ classes: Set<ChangeClass>?, of change: Change) -> Bool {
    guard let classes else { return true }
    let matching = change.classes.filter(classes.contains)
    why += matching.map { "class \($0.rawValue)" }
    return !matching.isEmpty
  }

  private mutating func checkLabels(_ labels: [String: Set<String>], of change: Change) -> Bool {
    guard !labels.isEmpty else { return true }
    let own = [change.before, change.after].compactMap { $0?.definition.form.labels }
    let sides = own + change.exposures.flatMap(\.labels)
    let side = sides.first { side in
      labels.allSatisfy { key, values in side[key].map(values.contains) ?? false }
    }
    guard let side else { return false }
    for key in labels.keys.sorted(by: { $0.precedesInBytes($1) }) {
      why.append("label \(key): \(side[key] ?? "")")
    }
    return true
  }
}
