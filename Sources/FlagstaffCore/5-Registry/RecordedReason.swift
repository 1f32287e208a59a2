// Why a change took effect that nobody approved, or not everybody who was asked, as its audit event
// says it: a reason that was recorded, policies that were not met and only warned, or an operator
// who began trust. It is read from the event alone.

package import Documents

package enum RecordedReason {
  /// Decisions in spite of which a mode that only warns applied a change.
  static let refusals: Set = ["missing", "unmatched", "unknown"]

  /// - Returns: nil where the event tells none.
  package static func text(of event: Node) -> String? {
    let reasons = [beginning(event), event["verdict"]?["reason"]?.string, warned(event)]
      .compactMap(\.self)
    return reasons.isEmpty ? nil : reasons.joined(separator: "; ")
  }

  /// `begun by operator postgres`; nil for what no operator did to trust.
  private static func beginning(_ event: Node) -> String? {
    guard event["actor"]?["kind"]?.string == "operator",
      let classes = event["classes"]?.sequence, let first = classes.first?.string,
      first.hasPrefix("trust.")
    else { return nil }
    let verb = event["version"]?.integer == 1 ? "begun" : "reset"
    return "\(verb) by operator \(event["actor"]?["id"]?.string ?? "")"
  }

  /// Which policies asked in vain.
  private static func warned(_ event: Node) -> String? {
    guard event["mode"]?.string == ApprovalMode.warn.rawValue, let verdict = event["verdict"],
      let decision = verdict["decision"]?.string, refusals.contains(decision)
    else { return nil }
    let policies = (verdict["policies"]?.sequence ?? []).filter { $0["met"] == .boolean(false) }
      .compactMap { $0["policy"]?.string }
    guard !policies.isEmpty else { return "policies only warn" }
    let noun = policies.count == 1 ? "the policy" : "the policies"
    let verb = policies.count == 1 ? "was" : "were"
    return "\(noun) \(policies.joined(separator: ", ")) \(verb) not met, and policies only warn"
  }
}
