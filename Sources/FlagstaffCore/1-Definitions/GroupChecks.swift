// Checks exclusion groups against their members: the group exists, all members hash the same unit,
// and what certainly runs fits. Who holds what, and what still rests, only the registry knows; the
// plan checks that.

internal import Documents

extension CustomerCheck {
  mutating func checkGroups() {
    var members: [String: [SourceItem<ExperimentSource>]] = [:]
    for item in definitions.experiments.sorted(by: { $0.key.precedesInBytes($1.key) }).map(\.value)
    {
      guard let group = item.source.group else { continue }
      members[group.key, default: []].append(item)
      if !isNamed(.group, group.key) {
        report(
          .unknownGroup, at: Location(file: item.file, position: group.position),
          "there is no group \(group.key)",
          remedy: suggestions.remedy(
            for: group.key, among: Array(definitions.groups.keys),
            otherwise: "Define it under `groups` of this customer, or name another"))
      }
    }
    for members in members.values { checkUnits(members) }
    for (key, group) in definitions.groups {
      for environment in basis.environments ?? [] {
        checkRoom(group, members[key] ?? [], in: environment)
      }
    }
  }

  /// Members are disjoint only where one unit has one bucket.
  private mutating func checkUnits(_ members: [SourceItem<ExperimentSource>]) {
    guard let first = members.first else { return }
    for item in members where !item.source.bucketBy.hasSameBytes(as: first.source.bucketBy) {
      report(
        .mixedUnits, at: Location(file: item.file, position: item.source.position),
        "\(item.source.key) is bucketed by \(item.source.bucketBy), and \(first.source.key) of the"
          + " same group by \(first.source.bucketBy)",
        remedy: "Give all members of a group one `bucketBy`",
        notes: [
          .init(
            "the other member", at: Location(file: first.file, position: first.source.position))
        ])
    }
  }

  /// Counts the members that run, save those with an end: whether they still do, time decides.
  private mutating func checkRoom(
    _ group: SourceItem<GroupSource>, _ members: [SourceItem<ExperimentSource>],
    in environment: String
  ) {
    var total = group.source.holdout
    for member in members {
      guard
        let own = member.source.environments.first(where: { $0.name.key == environment })?.settings
      else { continue }
      let base = member.source.settings
      let schedule = own.schedule ?? base.schedule
      guard (own.status ?? base.status) == .running, schedule?.end == nil else { continue }
      total += own.traffic ?? base.traffic ?? 0
    }
    guard total > Share.whole else { return }
    report(
      .groupOverfull, at: Location(file: group.file, position: group.source.position),
      "the running experiments of \(group.source.key) and its holdout ask for"
        + " \(Share.text(total)) of all users in \(environment)",
      remedy: "Lower the traffic of its members or the holdout, to 100% together")
  }
}
