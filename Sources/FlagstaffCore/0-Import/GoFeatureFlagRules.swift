// The rules of one flag of GO Feature Flag as decisions. Of what a rule may serve, the first
// counts: a progressive rollout, percentages, a variation. The default rule is the one without a
// query.

internal import Documents

struct GoFeatureFlagRules {
  var flag: ImportedFlag
  var notes: ImportNotes

  private static let fields = [
    "name", "query", "variation", "percentage", "progressiveRollout", "disable",
  ]

  mutating func add(_ rule: Node, isDefault: Bool) throws(ImportGap) {
    guard let fields = rule.mapping else {
      throw ImportGap(at: rule, "a rule is no mapping", remedy: "Write its query and variation")
    }
    for entry in fields.entries where !Self.fields.contains(entry.key) {
      throw .unknown("the field \(entry.key) of a rule", at: entry.keyPosition)
    }
    if let name = fields.entry("name") {
      notes.leavesOut(
        "the name of a rule of the flag \(flag.name)", at: name.keyPosition,
        "answers here name rules by their place")
    }
    if !isDefault, fields["disable"]?.boolean == true {
      notes.leavesOut(
        "a disabled rule of the flag \(flag.name)", at: rule.position, "it never answers")
      return
    }
    let condition = isDefault ? .always(true) : try self.condition(fields["query"])
    flag.decisions.add(condition, try outcome(fields, rule))
  }

  private mutating func condition(_ node: Node?) throws(ImportGap) -> ImportedCondition {
    // No query at all is met by everyone.
    guard let node, let text = node.string.map(Self.trimmed), !text.isEmpty else {
      return .always(true)
    }
    if text.hasPrefix("{") { return try logic(text, at: node.position) }
    let query: Query
    do {
      query = try QueryReader.read(text)
    } catch {
      throw ImportGap(
        at: node, "its query cannot be read: \(error.reason)", remedy: "Mend the query")
    }
    var reader = QueryCondition(flag: flag.name, position: node.position, notes: notes)
    let condition = try reader.condition(query)
    notes = reader.notes
    return condition
  }

  private static func trimmed(_ text: String) -> String {
    let isSpace = { (byte: UInt8) in [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
    let bytes = text.utf8.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
    return String(decoding: Array(bytes), as: UTF8.self)
  }

  /// A query in JsonLogic. Its attributes are named as in other queries.
  private mutating func logic(_ text: String, at position: Position) throws(ImportGap)
    -> ImportedCondition
  {
    guard let node = try? JSONReader.read(text) else {
      throw ImportGap(
        at: position, "its query is no JSON", remedy: "Mend the query")
    }
    let written = CanonicalJSON.string(node)
    for name in ["\"key\"", "\"anonymous\"", "\"env\""] where written.contains(name) {
      throw ImportGap(
        at: position, "its query in JsonLogic asks for \(name), which GO Feature Flag adds itself",
        remedy: "Write the query in the other form")
    }
    var reader = JSONLogic(
      flag: flag.name, evaluators: [:], segments: [:], variants: [], place: position, notes: notes)
    let condition = try reader.condition(node)
    notes = reader.notes
    return condition
  }

  // MARK: Outcomes

  private mutating func outcome(_ fields: Mapping, _ rule: Node) throws(ImportGap)
    -> ImportedOutcome
  {
    if let ramp = fields.entry("progressiveRollout"), !ramp.value.isNull {
      throw ImportGap(
        at: ramp.keyPosition,
        "its `progressiveRollout` grows from second to second, and shares here"
          + " grow in steps", remedy: "Write a rule with a `rollout` of shares by instant")
    }
    if let shares = fields.entry("percentage"), shares.value.mapping?.isEmpty == false {
      return try split(shares)
    }
    guard let served = fields["variation"] else {
      throw ImportGap(at: rule, "a rule of it serves nothing", remedy: "Give the rule a variation")
    }
    return .variant(try variant(served.string ?? served.boolean.map(String.init), served.position))
  }

  private func variant(_ name: String?, _ position: Position) throws(ImportGap) -> Text {
    guard let name, flag.variants.contains(where: { Text($0.name) == Text(name) }) else {
      throw ImportGap(
        at: position, "a rule serves what is no variation of it",
        remedy: "Name one of its variations")
    }
    return Text(name)
  }

  /// Shares to three decimals, of whatever their sum is.
  private mutating func split(_ entry: Mapping.Entry) throws(ImportGap) -> ImportedOutcome {
    var weights: [(variant: Text, weight: Int)] = []
    for share in entry.value.mapping?.entries ?? [] {
      let name = try variant(share.key, share.keyPosition)
      guard let percent = share.value.double,
        (0...Double(Limits.importedPercentageMax)).contains(percent)
      else {
        throw ImportGap(
          at: share.value,
          "a percentage is no number from 0 to \(Limits.importedPercentageMax)",
          remedy: "Mend the percentage")
      }
      let thousandths = (percent * 1000).rounded()
      guard (thousandths - percent * 1000).magnitude < 1e-6 else {
        throw ImportGap(
          at: share.value, "a percentage has more than three decimals",
          remedy: "Write it with fewer")
      }
      weights.append((name, Int(thousandths)))
    }
    let reduced = ImportedWeight.reduced(weights)
    guard let first = reduced.first else {
      throw ImportGap(
        at: entry.keyPosition, "its percentages are all 0", remedy: "Give one of them a share")
    }
    notes.differs(
      at: entry.keyPosition, message(reduced),
      remedy: "Expect users to change variant once, when the application asks here")
    return reduced.count == 1 ? .variant(first.variant) : .split(reduced)
  }

  private func message(_ weights: [ImportedWeight]) -> String {
    weights.count == 1
      ? "the flag \(flag.name): without a key callers get their own default there, and"
        + " \(weights[0].variant.string) here"
      : "the flag \(flag.name): GO Feature Flag divides by a hash of its own, so each variant keeps"
        + " its share, but of other users; without a key callers get their own default there, and a"
        + " variant here"
  }
}
