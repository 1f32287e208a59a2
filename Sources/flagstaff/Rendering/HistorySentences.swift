// The life of a definition in sentences: what happened, with which version, why its commit says so,
// who approved it, and since when users could have it. Whoever reads them needs to know nothing of
// classes and events.

internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import GitSource
internal import PostgresRegistry

enum HistorySentences {
  static func lines(_ change: FlagHistory.Change, _ terminal: Terminal) -> [String] {
    let event = change.event
    let version = event["version"]?.integer.map { "version \($0)" }
    let place = [EventText.scope(event), version].compactMap(\.self).joined(separator: " ")
    let what = terminal.colour("\(EventText.subject(event)): \(happened(event))", .bold)
    var lines = ["\(EventText.text(event["instant"]))  \(place)", "  \(what)."]
    lines += DifferenceText.lines(before: event["before"], after: event["after"])
      .map { "    \($0)" }
    lines.append("  \(why(change))")
    lines.append("  \(approval(event))")
    lines += change.seen.map { "  Seen at \(Visible.text($0.origin)) by \($0.instant)." }
    if change.seen.isEmpty, event["environment"] != nil {
      lines.append("  When it was seen at an origin is not recorded: a newer version may have")
      lines.append("  been published instead of it.")
    }
    return lines
  }

  static func node(_ change: FlagHistory.Change) -> Node {
    .fields([
      "event": change.event,
      "commit": change.commit.map { commit in
        .fields(["author": .string(commit.authorName), "subject": .string(commit.subject)])
      },
      "seen": .sequence(
        change.seen.map {
          .fields(["origin": .string($0.origin), "instant": .string($0.instant.description)])
        }),
    ])
  }

  /// `it was created`, `its traffic was raised and its targeting changed`.
  private static func happened(_ event: Node) -> String {
    let classes = (event["classes"]?.sequence ?? []).compactMap(\.string)
    let parts = classes.map { words[$0] ?? "\(Visible.text($0))" }
    guard let last = parts.last else { return "it was changed" }
    return (parts.dropLast().isEmpty ? "" : parts.dropLast().joined(separator: ", ") + " and ")
      + last
  }

  private static func why(_ change: FlagHistory.Change) -> String {
    let actor = change.event["actor"]
    // What a person did by hand says nothing of the commit that was registered then.
    guard let id = change.event["commit"]?.string, actor?["kind"]?.string != "operator" else {
      let reason = change.event["reason"].map { ", because: \(EventText.text($0))" } ?? ""
      return "By \(EventText.text(actor?["kind"])) \(EventText.text(actor?["id"]))\(reason)."
    }
    let short = Visible.text(String(id.prefix(12)))
    guard let commit = change.commit else {
      return "Commit \(short), which this repository does not have."
    }
    return "Commit \(short): \"\(commit.subject)\". Its author field, which nobody checks, says"
      + " \(commit.authorName)."
  }

  private static func approval(_ event: Node) -> String {
    let people = EventText.approvers(event)
    let reason = EventText.reason(event)
    if !people.isEmpty {
      return "Approved by \(people.joined(separator: ", "))\(reason.map { "; \($0)" } ?? "")."
    }
    if event["mode"]?.string == ApprovalMode.ungated.rawValue {
      return "Nobody's approval was required: \(ApprovalMode.ungatedReason)."
    }
    return "Nobody approved it: \(reason ?? "nobody had to")."
  }

  private static let words: [String: String] = [
    "default.changed": "its default was changed", "definition.deleted": "it was deleted",
    "definition.described": "what describes it was changed",
    "definition.revived": "it was brought back", "experiment.completed": "it was completed",
    "experiment.created": "it was created", "experiment.paused": "it was paused",
    "experiment.resumed": "it was resumed", "experiment.started": "it was started",
    "flag.created": "it was created", "flag.disabled": "it was disabled",
    "flag.enabled": "it was enabled", "force.changed": "whom it forces was changed",
    "group.changed": "it was changed", "group.created": "it was created",
    "group.deleted": "it was deleted", "metric.changed": "it was changed",
    "metric.created": "it was created", "metric.deleted": "it was deleted",
    "killed": "it was killed", "phase.raised": "a new phase was begun",
    "released": "its kill was taken back",
    "rollout.advanced": "its rollout took the next step", "rules.changed": "its rules were changed",
    "schedule.changed": "its schedule was changed", "segment.changed": "it was changed",
    "segment.created": "it was created", "segment.deleted": "it was deleted",
    "targeting.changed": "its targeting was changed", "traffic.lowered": "its traffic was lowered",
    "traffic.raised": "its traffic was raised", "values.changed": "its values were changed",
    "variants.changed": "its variants were changed",
    "variants.reweighted": "its variants were weighted anew",
    "visibility.changed": "who may read it was changed",
    "audit.rotated": "the log goes on under this key",
    "trust.initialised": "trust began", "trust.reset": "trust was reset",
    "trust.person.changed": "what is known of the person was changed",
    "trust.person.created": "the person was added",
    "trust.person.deleted": "the person was removed",
    "trust.policy.changed": "the policy was changed",
    "trust.policy.created": "the policy was added",
    "trust.policy.deleted": "the policy was removed",
    "trust.team.changed": "the team was changed", "trust.team.created": "the team was added",
    "trust.team.deleted": "the team was removed",
    "trust.workspace.changed": "the workspace's settings were changed",
    "trust.workspace.created": "the workspace's settings were recorded",
    "trust.workspace.deleted": "the workspace's settings were removed",
  ]
}
