// What `plan --until` shows after the plan itself. Each instant at which the schedule changes
// something has a section of its own, in the forms that the plan has.

internal import Documents
internal import FlagstaffController

struct ScheduledText {
  let terminal: Terminal

  /// A section an instant; nil where nobody asked.
  func text(_ report: PassReport) -> String? {
    guard let steps = report.scheduled else { return nil }
    guard !steps.isEmpty else { return "\nThe schedule changes nothing until then." }
    return steps.map { step in
      let heading = terminal.colour("By schedule, at \(step.instant)", .bold)
      let pass = report.at(step)
      let findings = pass.allFindings
      let lines =
        (findings.isEmpty ? [] : [FindingText(terminal: terminal).text(findings)])
        + [PlanText(terminal: terminal).text(pass)]
      return (["\n" + heading] + lines).joined(separator: "\n")
    }.joined(separator: "\n")
  }
}

extension JSONDocument {
  /// The same as data; nil where nobody asked.
  static func scheduled(_ report: PassReport) -> Node? {
    report.scheduled.map { steps in
      .sequence(
        steps.map { step in
          .fields([
            "instant": .string(step.instant.description),
            "scopes": .sequence(step.scopes.map { node($0, nil) }),
            "findings": .sequence(report.at(step).allFindings.map(node)),
            "waitingFor": .sequence(step.scopes.flatMap(waits)),
          ])
        })
    }
  }
}
