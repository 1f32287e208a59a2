// What an auditor asks about a stretch of time: which changes nobody approved, and why nobody had
// to; who approved what; what changed in a freeze; and which break-glasses there were. It is added
// up from audit events alone, one after another, so it says what was recorded and nothing else.

package import Documents

package struct ComplianceReport: Sendable {
  /// A change that a section lists.
  package struct Entry: Sendable {
    package let sequence: Int
    package let instant: String
    /// `production/acme`; nil of what concerns no scope.
    package let scope: String?
    /// `flag checkout`.
    package let subject: String
    package let classes: [String]
    /// Why it stands in its section.
    package let note: String
  }

  /// Events that change something: all but those about the log itself.
  package private(set) var changes = 0
  /// How many of them at least one person approved; a broken glass is no approval.
  package private(set) var approved = 0
  package private(set) var withoutApproval: [Entry] = []
  /// The changes that each person approved, by the person's key.
  package private(set) var byPerson: [String: [Entry]] = [:]
  package private(set) var inFreeze: [Entry] = []
  package private(set) var breakGlasses: [Entry] = []
  /// What happened to the log itself and to trust.
  package private(set) var administration: [Entry] = []

  /// Why nothing but a recorded reason explains it.
  private static let withoutReason = "nobody approved it, and no reason is recorded"

  package init() {}

  /// Adds an event.
  ///
  /// - Parameter isFrozen: whether an environment was frozen at an instant.
  package mutating func add(
    _ event: Node, isFrozen: (_ environment: String, _ instant: Instant) -> Bool
  ) {
    let kind = event["subject"]?["kind"]?.string ?? ""
    let classes = (event["classes"]?.sequence ?? []).compactMap(\.string)
    let scope = event["environment"]?.string.map { "\($0)/\(event["customer"]?.string ?? "")" }
    func entry(_ note: String) -> Entry {
      Entry(
        sequence: event["sequence"]?.integer ?? 0, instant: event["instant"]?.string ?? "",
        scope: scope, subject: "\(kind) \(event["subject"]?["key"]?.string ?? "")",
        classes: classes, note: note)
    }
    let actor = event["actor"]
    if scope == nil {
      administration.append(
        entry("by \(actor?["kind"]?.string ?? "") \(actor?["id"]?.string ?? "")"))
    }
    if kind == AuditRotation.kind { return }
    changes += 1
    let approvals = event["approvals"]?.sequence ?? []
    let decision = event["verdict"]?["decision"]?.string
    // Who breaks the glass lets a change through and approves nothing.
    let signed = approvals.filter { $0["kind"]?.string != Evidence.Kind.breakGlass.rawValue }
    if signed.isEmpty || decision.map(RecordedReason.refusals.contains) == true {
      withoutApproval.append(entry(Self.reason(of: event)))
    } else {
      approved += 1
    }
    for approval in signed {
      let how = approval["kind"]?.string ?? ""
      byPerson[approval["person"]?.string ?? "", default: []].append(entry(how))
    }
    if let person = approvals.first(where: { !signed.contains($0) })?["person"]?.string {
      // Who it was and for what.
      breakGlasses.append(entry(event["verdict"]?["reason"]?.string ?? "by \(person)"))
    }
    if let environment = event["environment"]?.string,
      let instant = event["instant"]?.string.flatMap({ Instant($0) }),
      isFrozen(environment, instant)
    {
      inFreeze.append(entry("\(environment) was frozen"))
    }
  }

  private static func reason(of event: Node) -> String {
    let mode = event["mode"]?.string ?? ""
    if mode == ApprovalMode.ungated.rawValue { return "ungated: \(ApprovalMode.ungatedReason)" }
    let verdict = event["verdict"]
    let exempt = (verdict?["policies"]?.sequence ?? []).compactMap { policy in
      policy["exempt"]?.string.map { "exempt from \(policy["policy"]?.string ?? "") as \($0)" }
    }
    let reasons = [RecordedReason.text(of: event)].compactMap(\.self) + exempt
    guard !reasons.isEmpty else { return "\(mode): \(withoutReason)" }
    return "\(mode): \(reasons.joined(separator: ", "))"
  }
}
