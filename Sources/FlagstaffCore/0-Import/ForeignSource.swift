// What documents of other systems have in common: flags by name, each with variants, metadata and
// whatever else that system knows. A field that is not known refuses its flag, since it may change
// what the flag answers.

internal import Documents

/// A document of another system, opened.
protocol ForeignSource {
  /// What is wrong with the document itself, and what of it is not carried over.
  var findings: [Finding] { get }
  var flags: [ForeignFlag] { get }
  /// Segments that flags may name, by key.
  var segments: [(String, Node)] { get }

  func convert(_ flag: ForeignFlag, notes: inout ImportNotes) throws(ImportGap) -> ImportedFlag
}

struct ForeignFlag {
  let name: String
  let position: Position
  let node: Node
}

extension ForeignSource {
  /// The segments that a converted flag names.
  func segments(of node: Node) -> [(String, Node)] {
    var names: Set<Text> = []
    collect(node, into: &names)
    return segments.filter { names.contains(Text($0.0)) }
  }

  private func collect(_ node: Node, into names: inout Set<Text>) {
    for item in node.sequence ?? [] { collect(item, into: &names) }
    for entry in node.mapping?.entries ?? [] {
      if entry.key == "segment", let name = entry.value.string { names.insert(Text(name)) }
      collect(entry.value, into: &names)
    }
  }
}

// What is read alike, whatever system it is of.
extension ForeignFlag {
  /// The variants of a field, in the order of the document.
  ///
  /// - Parameter noun: what they are called there.
  func variants(
    in field: String, called noun: String
  ) throws(ImportGap) -> [(name: String, value: Node, position: Position)] {
    guard let entries = node[field]?.mapping?.entries, !entries.isEmpty else {
      throw ImportGap(
        at: node[field]?.position ?? position, "it has no \(noun)s",
        remedy: "Give it at least one \(noun)")
    }
    for entry in entries where entry.value.isNull {
      throw ImportGap(
        at: entry.value, "the value of its \(noun) \(entry.key) is null, which no flag serves here",
        remedy: "Give the \(noun) a value")
    }
    return entries.map { ($0.key, $0.value, $0.keyPosition) }
  }
}

extension ImportedFlag {
  /// What of the metadata is carried over: a description that says something.
  mutating func carry(metadata: Node?, notes: inout ImportNotes) {
    for entry in metadata?.mapping?.entries ?? [] {
      if entry.key == "description", let text = entry.value.string,
        text.unicodeScalars.contains(where: { !$0.properties.isWhitespace })
      {
        description = text
      }
      notes.leavesOut(
        "`metadata.\(entry.key)` of the flag \(name)", at: entry.keyPosition,
        "answers here carry no metadata")
    }
  }

  mutating func disable(at position: Position, notes: inout ImportNotes) {
    isEnabled = false
    notes.differs(
      at: position,
      "the flag \(name) is disabled: callers get their own default there, and `off` here",
      remedy: "See that `off` is what callers expect")
  }
}
