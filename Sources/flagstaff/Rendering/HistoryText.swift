// The history of an answer, as a person reads it and as JSON: what is served, since when, what it
// was before, the events that changed it, and the walk of the rules that leads to it now. Where an
// old object is missing, so that something is not known, that is said in so many words.

internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import FlagstaffEvaluation

enum HistoryText {
  static func lines(
    _ history: AnswerHistory, _ scope: ScopeID, _ unit: String?, _ terminal: Terminal
  ) -> [String] {
    let answer = history.answer.explanation.evaluation
    var lines = [
      terminal.colour(EvaluationText.answer(answer), .bold)
        + (unit.map { " for \(Visible.text($0))" } ?? ""),
      "reason: \(EvaluationText.reason(answer))", "from: \(scope), \(words(history.answer))",
      "since: \(words(history.since))",
    ]
    switch history.former {
    case .answer(let former):
      lines.append(
        "before: \(EvaluationText.answer(former.explanation.evaluation)),"
          + " \(EvaluationText.reason(former.explanation.evaluation)), \(words(former))")
    case .nothing: lines.append("before: nothing; that was the scope's first version")
    case .unknown(let version, let reason):
      lines.append(
        "before: not known. What version \(version) published cannot be read: \(reason)")
      lines.append("  the answer may be older than version \(history.since.version)")
    }
    if case .unknown = history.former {
      lines.append("changes of version \(history.since.version), which may not be what changed it:")
    } else {
      lines.append("changed by:")
    }
    lines += history.events.flatMap { event in self.event(event).map { "  \($0)" } }
    lines.append("why, at version \(history.answer.version):")
    lines += EvaluationText.explanation(history.answer.explanation).map { "  \($0)" }
    return lines
  }

  private static func words(_ answer: AnswerHistory.Answer) -> String {
    "version \(answer.version) of \(answer.instant), commit \(answer.commit.prefix(12))"
  }

  private static func event(_ event: Node) -> [String] {
    func text(_ node: Node?) -> String { Visible.text(node?.string ?? "-") }
    let classes = (event["classes"]?.sequence ?? []).compactMap(\.string).joined(separator: ", ")
    let subject = "\(text(event["subject"]?["kind"])) \(text(event["subject"]?["key"]))"
    return ["\(subject)  \(classes)  (event \(event["sequence"]?.integer ?? 0))"]
      + DifferenceText.lines(before: event["before"], after: event["after"]).map { "    \($0)" }
  }
}

enum HistoryDocument {
  static func node(_ history: AnswerHistory, _ scope: ScopeID, _ unit: String?) -> Node {
    var former: Node?
    var unknown: Node?
    switch history.former {
    case .answer(let answer): former = version(answer)
    case .nothing: break
    case .unknown(let version, let reason):
      unknown = .fields(["version": .integer(version), "reason": .string(reason)])
    }
    return .fields([
      "formatVersion": .integer(1), "environment": .string(scope.environment),
      "customer": .string(scope.customer), "unit": unit.map(Node.string),
      "answer": version(history.answer), "since": version(history.since), "before": former,
      "beforeUnknown": unknown, "events": .sequence(history.events),
    ])
  }

  private static func version(_ answer: AnswerHistory.Answer) -> Node {
    .mapping(
      EvaluationDocument.answer(answer.explanation.evaluation) + [
        ("version", .integer(answer.version)), ("commit", .string(answer.commit)),
        ("instant", .string(answer.instant.description)),
        ("explanation", EvaluationDocument.explanation(answer.explanation)),
      ])
  }
}
