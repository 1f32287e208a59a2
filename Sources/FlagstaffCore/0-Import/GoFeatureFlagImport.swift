// A configuration of GO Feature Flag (https://gofeatureflag.org/docs/configure_flag): flags by
// name, each with variations, targeting rules and a default rule. What moves with the time
// (progressive and scheduled rollouts, experimentation) has no exact counterpart and leaves its
// flag out.

internal import Documents

struct GoFeatureFlagImport: ForeignSource {
  private(set) var findings: [Finding] = []
  private(set) var flags: [ForeignFlag] = []
  let segments: [(String, Node)] = []

  init(_ document: Document) {
    guard let entries = document.root.mapping?.entries, !entries.isEmpty else {
      findings = [
        Finding(
          .foreignDocument, at: Location(file: document.file, position: document.root.position),
          "this is no configuration of GO Feature Flag: it holds no flags by name",
          remedy: "Give a file of flags; see https://gofeatureflag.org/docs/configure_flag")
      ]
      return
    }
    flags = entries.map { ForeignFlag(name: $0.key, position: $0.keyPosition, node: $0.value) }
  }

  func convert(_ source: ForeignFlag, notes: inout ImportNotes) throws(ImportGap) -> ImportedFlag {
    guard let fields = source.node.mapping else {
      throw ImportGap(at: source.node, "it is no mapping", remedy: "Write its variations and rules")
    }
    try refuse(fields)
    var flag = ImportedFlag(
      name: source.name, position: source.position, variants: try variations(fields, source))
    var reader = GoFeatureFlagRules(flag: flag, notes: notes)
    for rule in fields["targeting"]?.sequence ?? [] { try reader.add(rule, isDefault: false) }
    guard let defaultRule = fields["defaultRule"] else {
      throw ImportGap(
        at: source.position, "it has no `defaultRule`", remedy: "Give it a default rule")
    }
    try reader.add(defaultRule, isDefault: true)
    (flag, notes) = (reader.flag, reader.notes)
    try bucket(&flag, fields["bucketingKey"], notes: &notes)
    setFallback(&flag, fields, notes: &notes)
    carryOthers(fields, into: &flag, notes: &notes)
    return flag
  }

  private static let timed = [
    "scheduledRollout": "Write a rule with a `rollout` of shares by instant, or plan the changes as"
      + " pull requests",
    "experimentation": "Write an experiment with a `schedule`",
  ]
  private static let fields = [
    "variations", "targeting", "defaultRule", "bucketingKey", "disable", "trackEvents", "version",
    "metadata",
  ]

  private func refuse(_ fields: Mapping) throws(ImportGap) {
    for entry in fields.entries {
      if let remedy = Self.timed[entry.key] {
        throw ImportGap(
          at: entry.keyPosition,
          "there is no counterpart of `\(entry.key)`, which changes the whole"
            + " flag at certain times", remedy: remedy)
      }
      if !Self.fields.contains(entry.key) {
        throw ImportGap(
          at: entry.keyPosition,
          "its field \(entry.key) is not known, and may change what it answers",
          remedy: "Remove the field, or write the flag here by hand")
      }
    }
  }

  private func variations(_ fields: Mapping, _ source: ForeignFlag) throws(ImportGap)
    -> [(name: String, value: Node, position: Position)]
  {
    guard let entries = fields["variations"]?.mapping?.entries, !entries.isEmpty else {
      throw ImportGap(
        at: fields["variations"]?.position ?? source.position, "it has no variations",
        remedy: "Give it at least one")
    }
    for entry in entries where entry.value.isNull {
      throw ImportGap(
        at: entry.keyPosition, "the value of its variation \(entry.key) is null",
        remedy: "Give the variation a value")
    }
    return entries.map { ($0.key, $0.value, $0.keyPosition) }
  }

  private func bucket(
    _ flag: inout ImportedFlag, _ node: Node?, notes: inout ImportNotes
  ) throws(ImportGap) {
    guard let node, node.string != "" else { return }
    guard let name = node.string, !name.contains(".") else {
      throw ImportGap(
        at: node, "its `bucketingKey` lies inside another attribute",
        remedy: "Send it as an attribute of its own")
    }
    flag.bucketBy = name == "targetingKey" ? nil : name
    notes.differs(
      at: node.position,
      "the flag \(flag.name): without a text as \(name) callers get their own default there; here"
        + " the rules that do not divide users still answer",
      remedy: "Send \(name) in every context")
  }

  /// Who has no unit gets the caller's default there. Here it is what the default rule would serve
  /// most, since a default has to be one of the variants.
  private func setFallback(
    _ flag: inout ImportedFlag, _ fields: Mapping, notes: inout ImportNotes
  ) {
    let shares = fields["defaultRule"]?["percentage"]?.mapping?.entries ?? []
    let most = shares.max { ($0.value.double ?? 0) < ($1.value.double ?? 0) }?.key
    flag.fallback = flag.falseVariant ?? most ?? fields["defaultRule"]?["variation"]?.string
    guard let disable = fields.entry("disable"), disable.value.boolean == true else { return }
    flag.isEnabled = false
    notes.differs(
      at: disable.keyPosition,
      "the flag \(flag.name) is disabled: callers get their own default there, and `off` here",
      remedy: "See that `off` is what callers expect")
  }

  private func carryOthers(
    _ fields: Mapping, into flag: inout ImportedFlag, notes: inout ImportNotes
  ) {
    let reasons = [
      "trackEvents": "answers here are not recorded", "version": "a version here is a scope's",
    ]
    for entry in fields.entries {
      guard let reason = reasons[entry.key] else { continue }
      notes.leavesOut("`\(entry.key)` of the flag \(flag.name)", at: entry.keyPosition, reason)
    }
    for entry in fields["metadata"]?.mapping?.entries ?? [] {
      if entry.key == "description", let text = entry.value.string,
        text.unicodeScalars.contains(where: { !$0.properties.isWhitespace })
      {
        flag.description = text
      }
      notes.leavesOut(
        "`metadata.\(entry.key)` of the flag \(flag.name)", at: entry.keyPosition,
        "answers here carry no metadata")
    }
  }
}
