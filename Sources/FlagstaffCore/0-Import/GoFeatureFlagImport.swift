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
      name: source.name, position: source.position,
      variants: try source.variants(in: "variations", called: "variation"))
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
        throw .unknown("its field \(entry.key)", at: entry.keyPosition)
      }
    }
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
    flag.disable(at: disable.keyPosition, notes: &notes)
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
    flag.carry(metadata: fields["metadata"], notes: &notes)
  }
}
