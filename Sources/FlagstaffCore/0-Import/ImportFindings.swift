// The codes of what cannot be carried over from another system, FS6001 to FS6019. The rule for all
// of them: a flag is never approximated. Where it cannot be said at all, or somebody would have to
// guess a value, it is left out (FS6002). Where it answers differently for contexts that one
// sentence can name, it is carried over and the sentence is told (FS6003). Nothing else differs.

package import Documents

extension Finding.Code {
  /// The document is none of the foreign system's.
  package static let foreignDocument = Self("FS6001", "A document of no known form")
  /// A flag is not carried over.
  package static let flagLeftOut = Self("FS6002", "A flag that is left out")
  /// A flag answers differently for some contexts, which the message names.
  static let answersDiffer = Self("FS6003", "A flag that answers differently", severity: .warning)
  /// A field that no answer depends on is not carried over.
  static let fieldLeftOut = Self("FS6004", "A field that is left out", severity: .warning)
  /// A name is no key, so it is another one here.
  static let renamed = Self("FS6005", "A name that is no key", severity: .warning)
}

/// Why something cannot be carried over, and where it stands.
struct ImportGap: Error {
  let position: Position
  /// What there is no counterpart of: a clause.
  let reason: String
  let remedy: String

  init(at position: Position, _ reason: String, remedy: String) {
    self.position = position
    self.reason = reason
    self.remedy = remedy
  }

  init(at node: Node, _ reason: String, remedy: String) {
    self.init(at: node.position, reason, remedy: remedy)
  }
}

extension ImportGap {
  /// - Parameter field: `its field x`.
  static func unknown(_ field: String, at position: Position) -> ImportGap {
    ImportGap(
      at: position, "\(field) is not known, and may change what it answers",
      remedy: "Remove the field, or write the flag here by hand")
  }

  static func noCounterpart(of what: String, at position: Position) -> ImportGap {
    ImportGap(
      at: position, "there is no counterpart of \(what)",
      remedy: "Write the flag's rules by hand, from the conditions that there are")
  }

  /// Refuses an attribute that no condition can ask for.
  ///
  /// - Parameter isNested: whether it lies inside another one there.
  static func checkAttribute(
    _ name: String, isNested: Bool, at position: Position
  ) throws(ImportGap) {
    if isNested {
      throw ImportGap(
        at: position, "it asks for \(name), which lies inside another attribute",
        remedy: "Send it as an attribute of its own, and write the rule with that")
    }
    if ImportedCondition.reservedNames.contains(name) {
      throw ImportGap(
        at: position,
        "no condition can name the attribute \(name), a word of conditions themselves",
        remedy: "Send it under another name, and write the rule with that")
    }
  }
}

/// What is told of one flag while it is converted.
struct ImportNotes {
  let file: String
  private(set) var findings: [Finding] = []

  init(file: String) {
    self.file = file
  }

  mutating func differs(at position: Position, _ message: String, remedy: String) {
    note(.answersDiffer, at: position, message, remedy: remedy)
  }

  /// A difference in a condition of a flag.
  mutating func conditionDiffers(at position: Position, of flag: String, _ message: String) {
    differs(
      at: position, "the flag \(flag): \(message)",
      remedy: "Change the condition where such contexts occur")
  }

  mutating func leavesOut(_ field: String, at position: Position, _ reason: String) {
    note(
      .fieldLeftOut, at: position, "\(field) is not carried over: \(reason)",
      remedy: "Keep it elsewhere if somebody needs it")
  }

  mutating func renames(_ what: String, _ name: String, to key: String, at position: Position) {
    note(
      .renamed, at: position,
      "the \(what) \(name) is called \(key) here, since \(name) is no key",
      remedy: what == "flag"
        ? "Ask for \(key) in applications" : "Change whatever goes by the name \(name)")
  }

  /// Once for each place and message.
  private mutating func note(
    _ code: Finding.Code, at position: Position, _ message: String, remedy: String
  ) {
    let finding = Finding(
      code, at: Location(file: file, position: position), message,
      remedy: remedy)
    if !findings.contains(finding) { findings.append(finding) }
  }
}
