// What differs between two resolved forms of a definition, a line a difference, each with its path.
// Plans and the audit log show the same lines, so that a reader finds in the record what he saw in
// the review.

internal import Documents
internal import FlagstaffCore

/// One place in which two forms differ, ready to be shown.
struct Difference {
  /// `rules[1].rollout`.
  let path: String
  let before: String
  let after: String
}

enum DifferenceText {
  /// The longest value that is shown whole, in characters.
  private static let valueLengthMax = 60
  /// Lines of one definition; beyond them the rest is counted.
  private static let linesMax = 16

  /// `traffic: 20% → 35%` for each difference; nothing where one of the forms is missing.
  static func lines(before: Node?, after: Node?) -> [String] {
    let lines = differences(before: before, after: after).map {
      "\($0.path): \($0.before) → \($0.after)"
    }
    guard lines.count > linesMax else { return lines }
    return lines.prefix(linesMax - 1) + ["… and \(lines.count - linesMax + 1) differences more"]
  }

  /// Every difference; none where one of the forms is missing.
  static func differences(before: Node?, after: Node?) -> [Difference] {
    guard let before, let after else { return [] }
    return differences(before, after, at: [])
  }

  private static func differences(_ old: Node?, _ new: Node?, at path: [String]) -> [Difference] {
    if old == new { return [] }
    if let old = old?.mapping, let new = new?.mapping {
      let names = Set((old.entries + new.entries).map { Text($0.key) }).sorted()
      return names.flatMap { differences(old[$0.string], new[$0.string], at: path + [$0.string]) }
    }
    if let old = old?.sequence, let new = new?.sequence, let found = elements(old, new, at: path) {
      return found
    }
    let texts = (text(old, at: path), text(new, at: path))
    return [
      Difference(
        path: name(path), before: shortened(texts.0, texts.1), after: shortened(texts.1, texts.0))
    ]
  }

  /// What differs between two lists of mappings, element by element; nil for other lists, which are
  /// shown as they are. Of elements that differ in one place, as many are compared as both have.
  private static func elements(_ old: [Node], _ new: [Node], at path: [String])
    -> [Difference]?
  {
    guard (old + new).allSatisfy({ $0.mapping != nil }) else { return nil }
    let changes = new.difference(from: old)
    var (gone, come) = (Set<Int>(), Set<Int>())
    for case .remove(let offset, _, _) in changes { gone.insert(offset) }
    for case .insert(let offset, _, _) in changes { come.insert(offset) }
    var found: [Difference] = []
    var (left, right) = (0, 0)
    while left < old.count || right < new.count {
      let isGone = gone.contains(left)
      let isNew = come.contains(right)
      if isGone || isNew {
        found += differences(
          isGone ? old[left] : nil, isNew ? new[right] : nil,
          at: path + ["\(isNew ? right : left)"])
      }
      left += isNew && !isGone ? 0 : 1
      right += isGone && !isNew ? 0 : 1
    }
    return found
  }

  /// `rules[1].rollout`.
  private static func name(_ path: [String]) -> String {
    path.reduce("") { name, part in
      if name == "rules" || name.hasSuffix("all") || name.hasSuffix("any"), Int(part) != nil {
        return "\(name)[\(part)]"
      }
      return name.isEmpty ? Visible.text(part) : "\(name).\(Visible.text(part))"
    }
  }

  private static func text(_ node: Node?, at path: [String]) -> String {
    guard let node else { return "none" }
    if let buckets = node.integer, isShare(path) { return Share.text(buckets) }
    return Visible.text(node.string ?? CanonicalJSON.string(node))
  }

  /// Whether buckets stand there, by the form's own fields: users' values may bear the same names.
  private static func isShare(_ path: [String]) -> Bool {
    switch path.first {
    case "traffic", "holdout": path.count == 1
    case "weights": path.last == "floor"
    case "rules": path.count > 2 && path[2] == "rollout"
    default: false
    }
  }

  /// A long text around the place where it first differs from the other.
  private static func shortened(_ text: String, _ other: String) -> String {
    guard text.count > valueLengthMax else { return text }
    let same = zip(text, other).prefix { $0 == $1 }.count
    let skipped = same > valueLengthMax / 2 ? same - valueLengthMax / 3 : 0
    let window = text.dropFirst(skipped).prefix(valueLengthMax)
    let isCut = skipped + window.count < text.count
    return (skipped > 0 ? "…" : "") + window + (isCut ? "…" : "")
  }
}
