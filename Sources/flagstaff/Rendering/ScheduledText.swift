// What `plan --until` shows after the plan itself. Each instant at which the schedule changes
// something has a section of its own, in the forms that the plan has.

internal import Documents
internal import FlagstaffController
internal import FlagstaffCore

struct ScheduledText {
  let terminal: Terminal

  /// A section an instant; nil where nobody asked.
  func text(_ report: PassReport) -> String? {
    guard let steps = report.scheduled else { return nil }
    guard !steps.isEmpty else { return "\nThe schedule changes nothing until then." }
    return steps.map { step in
      let heading = terminal.colour(Self.heading(step.instant), .bold)
      let pass = report.at(step)
      let findings = pass.allFindings
      let lines =
        (findings.isEmpty ? [] : [FindingText(terminal: terminal).text(findings)])
        + [PlanText(terminal: terminal).text(pass)]
      return (["\n" + heading] + lines).joined(separator: "\n")
    }.joined(separator: "\n")
  }

  static func heading(_ instant: Instant) -> String { "By schedule, at \(instant)" }

  /// A line a change, for formats that have one place for all of it; nil where nobody asked.
  static func lines(_ report: PassReport, countMax: Int) -> [String]? {
    guard let steps = report.scheduled else { return nil }
    let lines = steps.flatMap { step in
      step.scopes.flatMap { scope -> [String] in
        let place = "\(step.instant) \(scope.scope)"
        switch scope.outcome {
        case .planned(let plan), .applied(let plan, _), .waiting(let plan):
          return plan.changes.map {
            "\(place): \($0.identity) \($0.classes.map(\.rawValue).joined(separator: ", "))"
          }
        case .held(let findings): return ["\(place): held by \(FindingText.count(findings))"]
        case .failed: return ["\(place): failed"]
        case .unchanged: return []
        }
      }
    }
    guard !lines.isEmpty else { return ["The schedule changes nothing until then."] }
    let rest = lines.count - countMax
    return lines.prefix(countMax) + (rest > 0 ? ["and \(Plural.text(rest, "change")) more"] : [])
  }
}
