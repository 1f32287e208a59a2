// A condition in words, short enough for a line: who the users are of whom a plan tells something.
// It is for reading and cannot be read back; what is too long is cut, and the JSON form has it
// whole.

internal import Documents
internal import FlagstaffCore

enum ConditionText {
  /// The longest text of one condition, in characters.
  private static let lengthMax = 120

  /// `all users`, or `users who meet country = "DE", and do not meet plan = "free"`.
  ///
  /// - Parameter quoting: what is done to each condition.
  static func users(_ terms: [ConditionTerm], quoting: (String) -> String = { $0 }) -> String {
    let met = terms.filter(\.isMet).map { quoting(text($0.condition)) }
    let missed = terms.filter { !$0.isMet }.map { quoting(text($0.condition)) }
    let parts =
      (met.isEmpty ? [] : ["meet " + met.joined(separator: ", and ")])
      + (missed.isEmpty ? [] : ["do not meet " + missed.joined(separator: ", or ")])
    return parts.isEmpty ? "all users" : "users who " + parts.joined(separator: ", and ")
  }

  static func text(_ condition: Node) -> String {
    let text = Visible.text(words(condition))
    return text.count > lengthMax ? text.prefix(lengthMax) + "…" : text
  }

  /// Above so many members the text would be cut anyway.
  private static let membersMax = 40

  private static func words(_ condition: Node) -> String {
    if let members = condition["all"]?.sequence { return joined(members, "and") }
    if let members = condition["any"]?.sequence { return joined(members, "or") }
    if let member = condition["not"] { return "not (\(words(member)))" }
    let attribute = condition["attribute"]?.string ?? ""
    let name = condition["operator"]?.string ?? ""
    if name == "exists" {
      return condition["value"]?.boolean == false ? "no \(attribute)" : "any \(attribute)"
    }
    let value = condition["value"].map(CanonicalJSON.string) ?? ""
    return "\(attribute) \(operators[name] ?? name) \(value)"
  }

  private static func joined(_ members: [Node], _ word: String) -> String {
    let texts = members.prefix(membersMax).map { member in
      member["all"] == nil && member["any"] == nil ? words(member) : "(\(words(member)))"
    }
    return texts.joined(separator: " \(word) ")
  }

  private static let operators = [
    "equals": "=", "notEquals": "≠", "in": "in", "notIn": "not in", "startsWith": "starts with",
    "endsWith": "ends with", "contains": "contains", "lessThan": "<", "lessOrEqual": "≤",
    "greaterThan": ">", "greaterOrEqual": "≥", "before": "before", "after": "after",
    "semver": "of version",
  ]
}
