// An audit event as a person reads it: what happened to what, what differs, and who is on record
// for it. Every name in it is of others, so it is made safe to show.

internal import Documents
internal import FlagstaffCore

enum EventText {
  static func lines(_ event: Node) -> [String] {
    let classes = (event["classes"]?.sequence ?? []).compactMap(\.string).joined(separator: ", ")
    let place = [
      scope(event), event["version"]?.integer.map { "version \($0)" },
    ].compactMap(\.self).joined(separator: " ")
    let head = [
      "event \(event["sequence"]?.integer ?? 0)", text(event["instant"]), place, subject(event),
      Visible.text(classes),
    ]
    var lines = [head.filter { !$0.isEmpty }.joined(separator: "  ")]
    lines += DifferenceText.lines(before: event["before"], after: event["after"])
      .map { "    \($0)" }
    lines.append("    by \(origin(event)); \(approval(event))")
    if let why = event["reason"] { lines.append("    because: \(text(why))") }
    return lines
  }

  static func subject(_ event: Node) -> String {
    "\(text(event["subject"]?["kind"])) \(text(event["subject"]?["key"]))"
  }

  /// `production/acme`; nil of what concerns no scope.
  static func scope(_ event: Node) -> String? {
    guard event["environment"] != nil || event["customer"] != nil else { return nil }
    return "\(text(event["environment"]))/\(text(event["customer"]))"
  }

  private static func origin(_ event: Node) -> String {
    let actor = "\(text(event["actor"]?["kind"])) \(text(event["actor"]?["id"]))"
    guard let commit = event["commit"]?.string else { return actor }
    return "\(actor), from commit \(Visible.text(String(commit.prefix(12))))"
  }

  /// The mode, and who approved or why nobody had to.
  static func approval(_ event: Node) -> String {
    let mode = text(event["mode"])
    let people = approvers(event)
    let why = reason(event).map { ": \($0)" } ?? ""
    if !people.isEmpty { return "\(mode): approved by \(people.joined(separator: ", "))\(why)" }
    if mode == ApprovalMode.ungated.rawValue {
      return "\(mode): nobody's approval was required"
    }
    return "\(mode): nobody approved\(why)"
  }

  /// Why nobody had to approve, who broke the glass and for what, or which policies only warned.
  static func reason(_ event: Node) -> String? {
    RecordedReason.text(of: event).map { Visible.text($0) }
  }

  /// `alice (statement)` of each approval that counted.
  static func approvers(_ event: Node) -> [String] {
    (event["approvals"]?.sequence ?? []).map { "\(text($0["person"])) (\(text($0["kind"])))" }
  }

  static func text(_ node: Node?) -> String { Visible.text(node?.string ?? "-") }
}
