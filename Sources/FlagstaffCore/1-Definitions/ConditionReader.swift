// Conditions as users write them, short, become one form with everything written out: a map of
// several entries is `all`, a scalar is `equals`, a list is `in`. What is wrong inside a condition
// is found on the way.

internal import Documents
internal import FlagstaffEvaluation

extension DefinitionReader {
  mutating func condition(_ source: Node) -> ConditionSource {
    var segments: [Reference] = []
    let form = form(source, segments: &segments)
    for contradiction in Contradiction.all(in: form) {
      report(
        .contradiction, at: contradiction.position,
        "nobody can meet this condition: \(contradiction.reason)",
        remedy: "Ask for less, or use `any` where one of several is enough")
    }
    return ConditionSource(form: form, position: source.position, segments: segments)
  }

  /// A map of several entries is `all`, in key order.
  private mutating func form(_ source: Node, segments: inout [Reference]) -> ConditionForm {
    let entries = source.mapping?.entries ?? []
    if entries.count == 1 { return form(entries[0], segments: &segments) }
    var forms: [ConditionForm] = []
    forms.reserveCapacity(entries.count)
    for index in Self.keyOrder(of: entries) {
      forms.append(form(entries[index], segments: &segments))
    }
    return .all(forms, at: source.position)
  }

  /// The places of entries in the order of their keys: moving the entries themselves costs more.
  private static func keyOrder(of entries: [Mapping.Entry]) -> [Int] {
    entries.indices.sorted { entries[$0].key.precedesInBytes(entries[$1].key) }
  }

  private mutating func form(
    _ entry: Mapping.Entry, segments: inout [Reference]
  ) -> ConditionForm {
    let value = entry.value
    switch entry.key {
    case "all":
      return .all(members(value, segments: &segments), at: entry.keyPosition)
    case "any":
      return .any(members(value, segments: &segments), at: entry.keyPosition)
    case "not":
      return .not(form(value, segments: &segments))
    case "segment":
      let start = segments.count
      for node in value.sequence ?? [value] {
        guard let key = node.string else { continue }
        segments.append(Reference(key: key, position: node.position))
      }
      if segments.count == start + 1 { return .segment(segments[start].key) }
      return .any(segments[start...].map { .segment($0.key) }, at: entry.keyPosition)
    case "segments", "inSegment": warn(of: entry, instead: "segment")
    case "and", "allOf": warn(of: entry, instead: "all")
    case "or", "anyOf", "oneOf": warn(of: entry, instead: "any")
    default: break
    }
    return attribute(entry)
  }

  private mutating func members(
    _ value: Node, segments: inout [Reference]
  ) -> [ConditionForm] {
    var forms: [ConditionForm] = []
    for item in value.sequence ?? [] { forms.append(form(item, segments: &segments)) }
    return forms
  }

  /// An attribute that is named like a word of conditions would be asked of contexts, silently.
  private mutating func warn(of entry: Mapping.Entry, instead word: String) {
    report(
      .attributeLikeWord, at: entry.keyPosition,
      "\(entry.key) is read as an attribute of contexts",
      remedy: "Write `\(word)`, if that is meant")
  }

  private mutating func attribute(_ entry: Mapping.Entry) -> ConditionForm {
    let (name, value) = (entry.key, entry.value)
    switch value.value {
    case .sequence: return .test(attribute: name, .in, value)
    case .mapping(let operators):
      let entries = operators.entries
      if entries.count == 1 { return test(name, entries[0]) }
      var forms: [ConditionForm] = []
      forms.reserveCapacity(entries.count)
      for index in Self.keyOrder(of: entries) { forms.append(test(name, entries[index])) }
      return .all(forms, at: entry.keyPosition)
    default: return .test(attribute: name, .equals, value)
    }
  }

  private mutating func test(_ name: String, _ entry: Mapping.Entry) -> ConditionForm {
    let value = entry.value
    // The schema knows the operators.
    let comparison = ConditionOperator(rawValue: entry.key) ?? .equals
    switch comparison {
    case .before, .after:
      _ = instant(value.string, at: value.position)
    case .semver:
      if let text = value.string, SemanticVersionRange(text) == nil {
        report(
          .badVersionRange, at: value.position, "\"\(text)\" is no range of versions",
          remedy: "Write comparators such as \">=2.4.0 <3.0.0\", each with a full version")
      }
    default:
      break
    }
    return .test(attribute: name, comparison, value)
  }
}
