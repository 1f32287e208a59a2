// A verdict in sentences: what is asked for, who gave it, what is missing and who could give it,
// what was set aside and why. Lines are made of words of ours and of names of others, told apart,
// so that each output shows what others wrote in its own safe way.

internal import Documents

/// One line of an explanation.
package struct ExplanationLine: Hashable, Sendable {
  package enum Part: Hashable, Sendable {
    case words(String)
    /// What somebody else wrote: a key, a reason, a commit.
    case name(String)
  }

  /// How far it is indented.
  package let depth: Int
  package let parts: [Part]

  init(_ depth: Int, _ parts: [Part]) {
    self.depth = depth
    self.parts = parts
  }

  /// All parts as they are, without care for what would show them.
  package var text: String {
    String(repeating: "  ", count: depth)
      + parts.map {
        switch $0 {
        case .words(let text), .name(let text): text
        }
      }.joined()
  }
}

extension ChangeVerdict {
  /// The verdict in lines, the decision first.
  package var explanation: [ExplanationLine] {
    var lines = [ExplanationLine(0, decision.parts)]
    if let acceptedHistory {
      lines.append(
        ExplanationLine(
          1, [.words("the history was accepted by "), .name(acceptedHistory.person)]))
    }
    if case .free = decision { return lines }
    if judging < newest {
      lines.append(
        ExplanationLine(
          1, [.words("judged by version \(judging) of trust, under which it was made")]))
    }
    for commit in contributors.unknownCommits.prefix(Self.namesMax) {
      lines.append(
        ExplanationLine(
          1,
          [
            .words("the commit "), .name(String(commit.prefix(12))),
            .words(" tells by no person's signature who wrote it, so every count is one higher"),
          ]))
    }
    if !contributors.known.isEmpty {
      let names = contributors.known.sorted { $0.precedesInBytes($1) }
      lines.append(ExplanationLine(1, [.words("contributed: ")] + Self.list(names)))
    }
    if isSoleAdmin {
      lines.append(ExplanationLine(1, [.words("approved by the only ADMIN alone")]))
    }
    for policy in policies { lines += policy.explanation }
    return lines + setAsideLines
  }

  private var setAsideLines: [ExplanationLine] {
    guard !setAside.isEmpty else { return [] }
    var lines = [ExplanationLine(1, [.words("set aside:")])]
    for entry in setAside.prefix(Self.namesMax) {
      lines.append(ExplanationLine(2, [.name("\(entry.what) \(entry.why)")]))
    }
    if setAside.count > Self.namesMax {
      lines.append(ExplanationLine(2, [.words("and \(setAside.count - Self.namesMax) more")]))
    }
    return lines
  }

  /// `alice, bob and 3 more`.
  fileprivate static func list(_ names: [String]) -> [ExplanationLine.Part] {
    var parts: [ExplanationLine.Part] = []
    for (place, name) in names.prefix(namesMax).enumerated() {
      if place > 0 { parts.append(.words(", ")) }
      parts.append(.name(name))
    }
    if names.count > namesMax { parts.append(.words(" and \(names.count - namesMax) more")) }
    return parts
  }
}

extension ChangeVerdict.Decision {
  fileprivate var parts: [ExplanationLine.Part] {
    switch self {
    case .approved: [.words("approved")]
    case .free(let reason): [.words("asks nobody: "), .name(reason)]
    case .missing: [.words("not approved")]
    case .unmatched:
      [.words("not approved: policies exist, and none of them is about this change")]
    case .unknown(let reason): [.words("not known: "), .name(reason)]
    }
  }
}

extension PolicyVerdict {
  fileprivate var explanation: [ExplanationLine] {
    var parts: [ExplanationLine.Part] = [.name(policy)]
    if !why.isEmpty { parts += [.words(" ("), .name(why.joined(separator: ", ")), .words(")")] }
    if isExempt {
      parts.append(.words(": exempt, since everyone who moves goes to `off` or control"))
      return [ExplanationLine(1, parts)]
    }
    parts.append(.words(isMet ? ": met" : ": not met"))
    return [ExplanationLine(1, parts)] + requirement.explanation(2)
  }
}

extension RequirementVerdict {
  fileprivate func explanation(_ depth: Int) -> [ExplanationLine] {
    switch self {
    case .allOf(let parts):
      [ExplanationLine(depth, [.words("all of:")])] + parts.flatMap { $0.explanation(depth + 1) }
    case .anyOf(let parts):
      [ExplanationLine(depth, [.words("one of:")])] + parts.flatMap { $0.explanation(depth + 1) }
    case .people(let count): [count.explanation(depth)]
    }
  }
}

extension RequirementVerdict.Count {
  fileprivate func explanation(_ depth: Int) -> ExplanationLine {
    var parts: [ExplanationLine.Part] = [.words("\(needed) of ")]
    switch voters {
    case .team(let team): parts += [.words("team "), .name(team)]
    case .role(let role): parts += [.words("role "), .name(role)]
    }
    if !found.isEmpty { parts += [.words(": ")] + ChangeVerdict.list(found) }
    guard missing > 0 else { return ExplanationLine(depth, parts) }
    parts.append(.words("; \(missing) missing"))
    parts +=
      couldGive.isEmpty
      ? [.words(", and nobody could give it")]
      : [.words(", who could give it: ")] + ChangeVerdict.list(couldGive)
    return ExplanationLine(depth, parts)
  }
}
