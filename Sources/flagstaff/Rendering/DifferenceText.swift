// What differs between two resolved forms of a definition, a line a field. Plans and the audit log
// show the same lines, so that a reader finds in the record what he saw in the review.

internal import Documents
internal import FlagstaffCore

enum DifferenceText {
  /// The longest value that is shown whole, in characters.
  private static let valueLengthMax = 60

  /// `traffic: 20% → 35%` for each field that differs; nothing where one of the forms is missing.
  static func lines(before: Node?, after: Node?) -> [String] {
    guard let before = before?.mapping, let after = after?.mapping else { return [] }
    let names = Set((before.entries + after.entries).map { Text($0.key) }).sorted()
    return names.compactMap { name in
      let (old, new) = (before[name.string], after[name.string])
      guard old != new else { return nil }
      return "\(name.string): \(value(old, of: name)) → \(value(new, of: name))"
    }
  }

  private static func value(_ node: Node?, of field: Text) -> String {
    guard let node else { return "none" }
    if field == "traffic", let buckets = node.integer { return Share.text(buckets) }
    let text = Visible.text(node.string ?? CanonicalJSON.string(node))
    return text.count > valueLengthMax ? text.prefix(valueLengthMax) + "…" : text
  }
}
