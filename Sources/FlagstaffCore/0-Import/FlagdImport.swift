// A document for flagd (https://flagd.dev/reference/flag-definitions/): flags by key or as a list,
// and evaluators that several of them name. An evaluator that is a condition becomes a segment.

internal import Documents

struct FlagdImport: ForeignSource {
  private(set) var findings: [Finding] = []
  private(set) var flags: [ForeignFlag] = []
  private(set) var segments: [(String, Node)] = []
  private var evaluators: [Text: Node] = [:]
  private var segmentKeys: [Text: String] = [:]
  private let file: String

  init(_ document: Document) {
    file = document.file
    guard let root = document.root.mapping, let listed = root["flags"] else {
      fail(document.root, "this is no document for flagd: it has no `flags`")
      return
    }
    if let mapping = listed.mapping {
      flags = mapping.entries.map {
        ForeignFlag(name: $0.key, position: $0.keyPosition, node: $0.value)
      }
    } else if let list = listed.sequence {
      for node in list {
        if let name = node["key"]?.string {
          flags.append(ForeignFlag(name: name, position: node.position, node: node))
        } else {
          fail(node, "a flag of the list has no `key`")
        }
      }
    } else {
      fail(listed, "`flags` is neither an object nor a list")
    }
    readEvaluators(root["$evaluators"])
    tellOthers(root)
  }

  private mutating func fail(_ node: Node, _ message: String) {
    findings.append(
      Finding(
        .foreignDocument, at: Location(file: file, position: node.position), message,
        remedy: "Give a file that flagd reads; see https://flagd.dev/schema/v0/flags.json"))
  }

  private mutating func tellOthers(_ root: Mapping) {
    var notes = ImportNotes(file: file)
    for entry in root.entries where !["flags", "$evaluators", "$schema"].contains(entry.key) {
      notes.leavesOut(
        "`\(entry.key)` of the document", at: entry.keyPosition, "no answer depends on it")
    }
    findings += notes.findings
  }

  /// Those that are conditions become segments; each use tells what differs in them.
  private mutating func readEvaluators(_ node: Node?) {
    let entries = node?.mapping?.entries ?? []
    let names = ForeignNames(entries.map(\.key))
    for entry in entries {
      evaluators[Text(entry.key)] = entry.value
    }
    for entry in entries {
      // One that names the flag it is used in is another condition in each.
      guard let key = names.key(entry.key),
        !CanonicalJSON.string(entry.value).contains("$flagd")
      else { continue }
      var logic = JSONLogic(
        flag: "", evaluators: evaluators, segments: [:], variants: [],
        notes: ImportNotes(file: file))
      if let condition = try? logic.condition(entry.value), let node = condition.node {
        segments.append((key, node))
        segmentKeys[Text(entry.key)] = key
      }
    }
  }
}

extension FlagdImport {
  private static let fields = [
    "key", "state", "variants", "defaultVariant", "targeting", "metadata", "source", "selector",
    "$comment",
  ]

  func convert(_ source: ForeignFlag, notes: inout ImportNotes) throws(ImportGap) -> ImportedFlag {
    guard let fields = source.node.mapping else {
      throw ImportGap(at: source.node, "it is no object", remedy: "Write it as flagd reads it")
    }
    for entry in fields.entries where !Self.fields.contains(entry.key) {
      throw .unknown("its field \(entry.key)", at: entry.keyPosition)
    }
    var flag = ImportedFlag(
      name: source.name, position: source.position,
      variants: try source.variants(in: "variants", called: "variant"))
    let isEnabled = try isEnabled(fields, source)
    flag.fallback = try defaultVariant(fields, flag)
    try decide(&flag, fields["targeting"], notes: &notes)
    noteDefault(&flag, notes: &notes)
    if !isEnabled {
      flag.disable(at: fields["state"]?.position ?? source.position, notes: &notes)
    }
    carryMetadata(fields, into: &flag, notes: &notes)
    return flag
  }

  private func isEnabled(_ fields: Mapping, _ source: ForeignFlag) throws(ImportGap) -> Bool {
    switch fields["state"]?.string {
    case "ENABLED": return true
    case "DISABLED": return false
    default:
      throw ImportGap(
        at: fields["state"]?.position ?? source.position,
        "its `state` is neither ENABLED nor DISABLED", remedy: "Set its state")
    }
  }

  private func defaultVariant(_ fields: Mapping, _ flag: ImportedFlag) throws(ImportGap) -> String?
  {
    guard let node = fields["defaultVariant"], !node.isNull, node.string != "" else { return nil }
    let name = node.string ?? node.boolean.map { $0 ? "true" : "false" }
    guard let name, flag.variants.contains(where: { Text($0.name) == Text(name) }) else {
      throw ImportGap(
        at: node, "its default is no variant of it", remedy: "Name one of its variants")
    }
    return name
  }

  private func decide(
    _ flag: inout ImportedFlag, _ targeting: Node?, notes: inout ImportNotes
  ) throws(ImportGap) {
    guard let targeting, targeting.mapping?.isEmpty == false else {
      if let targeting, targeting.mapping == nil, !targeting.isNull {
        throw ImportGap(
          at: targeting, "its targeting is no object", remedy: "Write it as JsonLogic")
      }
      return
    }
    var logic = JSONLogic(
      flag: flag.name, evaluators: evaluators, segments: segmentKeys,
      variants: Set(flag.variants.map { Text($0.name) }), notes: notes)
    flag.decisions = try logic.decisions(targeting)
    flag.bucketBy = logic.bucketBy == "targetingKey" ? nil : logic.bucketBy
    notes = logic.notes
  }

  /// Without a default callers get their own; the one of a boolean flag is false as a rule.
  private func noteDefault(_ flag: inout ImportedFlag, notes: inout ImportNotes) {
    guard flag.fallback == nil, flag.needsFallback, let off = flag.falseVariant else { return }
    flag.fallback = off
    notes.differs(
      at: flag.position,
      "the flag \(flag.name) has no default: callers get their own there, and \(off) here",
      remedy: "See that \(off) is what callers expect")
  }

  private func carryMetadata(
    _ fields: Mapping, into flag: inout ImportedFlag, notes: inout ImportNotes
  ) {
    for name in ["source", "selector", "$comment"] {
      guard let entry = fields.entry(name) else { continue }
      notes.leavesOut(
        "`\(name)` of the flag \(flag.name)", at: entry.keyPosition, "no answer depends on it")
    }
    flag.carry(metadata: fields["metadata"], notes: &notes)
  }
}
