// Every finding that the reading of YAML can raise, in one place: its code, its words and what to
// do about it. A code never changes its meaning and is never used again for another.

package import Documents

extension Finding.Code {
  package static let fileTooLarge = Self("FS1001", "A file too large to read")
  package static let fileNotUTF8 = Self("FS1002", "A file that is not UTF-8")
  package static let invalidYAML = Self("FS1003", "Text that is not YAML")
  package static let nestedTooDeep = Self("FS1004", "Nested too deep")
  package static let tooManyEvents = Self("FS1005", "A file with too many values")
  package static let emptyFile = Self("FS1006", "A file without content")
  package static let severalDocuments = Self("FS1007", "A second document in a file")
  package static let directive = Self("FS1008", "A directive")
  package static let alias = Self("FS1009", "An alias")
  package static let anchor = Self("FS1010", "An anchor")
  package static let tag = Self("FS1011", "A tag")
  package static let mergeKey = Self("FS1012", "A merge key")
  package static let duplicateKey = Self("FS1013", "A key that stands twice")
  package static let notFinite = Self("FS1014", "A number that is not finite")
  package static let zeroCharacter = Self("FS1015", "The character U+0000")
  package static let integerTooLarge = Self("FS1016", "An integer too large")
  package static let keyNotScalar = Self("FS1017", "A key that is no string")
  package static let byteOrderMark = Self("FS1018", "A byte order mark")
  package static let mergeConflict = Self("FS1020", "A merge conflict in a file")
  package static let hiddenLineBreak = Self("FS1021", "A line break that reviews do not show")
}

/// A finding before its file is known.
struct YAMLProblem {
  var code: Finding.Code
  var position: Position
  var message: String
  var remedy: String
  var note: (message: String, position: Position)?

  init(
    _ code: Finding.Code, at position: Position, _ message: String, remedy: String,
    note: (message: String, position: Position)? = nil
  ) {
    self.code = code
    self.position = position
    self.message = message
    self.remedy = remedy
    self.note = note
  }

  func finding(in file: String) -> Finding {
    let notes = note.map {
      [Finding.Note($0.message, at: Location(file: file, position: $0.position))]
    }
    return Finding(
      code, at: Location(file: file, position: position), message, remedy: remedy,
      notes: notes ?? [])
  }
}

// What stands in the way of reading the file at all.
extension YAMLProblem {
  static func fileTooLarge(_ count: Int) -> YAMLProblem {
    YAMLProblem(
      .fileTooLarge, at: .start,
      "the file has \(count) bytes; at most \(Limits.fileBytesMax) are read",
      remedy: "Divide it into several files")
  }

  static func notUTF8(at position: Position) -> YAMLProblem {
    YAMLProblem(
      .fileNotUTF8, at: position, "the file is not UTF-8",
      remedy: "Save the file in the encoding UTF-8")
  }

  static func byteOrderMark() -> YAMLProblem {
    YAMLProblem(
      .byteOrderMark, at: .start, "the file begins with a byte order mark",
      remedy: "Save the file as UTF-8 without a byte order mark")
  }

  /// - Parameters:
  ///   - name: the character's.
  ///   - escape: how double quotes say it.
  static func hiddenLineBreak(
    _ name: String, escape: String, at position: Position
  ) -> YAMLProblem {
    YAMLProblem(
      .hiddenLineBreak, at: position,
      "\(name) ends a line for YAML, and not where a change is reviewed",
      remedy: "End lines by a line feed; in a string, write \(escape) between double quotes")
  }

  static func nestedTooDeep(at position: Position) -> YAMLProblem {
    YAMLProblem(
      .nestedTooDeep, at: position, "nested deeper than \(Limits.depthMax) levels",
      remedy: "Write it with less nesting; perhaps a bracket is never closed")
  }

  static func tooManyEvents(at position: Position) -> YAMLProblem {
    YAMLProblem(
      .tooManyEvents, at: position,
      "the file has more than \(Limits.eventsMax) values, keys and brackets",
      remedy: "Divide it into several files")
  }

  static func emptyFile() -> YAMLProblem {
    YAMLProblem(
      .emptyFile, at: .start, "the file has no content",
      remedy: "Write definitions into it, or delete it")
  }
}

// What YAML knows and definitions do not.
extension YAMLProblem {
  static func severalDocuments(at position: Position) -> YAMLProblem {
    YAMLProblem(
      .severalDocuments, at: position, "a second document begins here",
      remedy: "Keep one document in a file: move what follows into a file of its own")
  }

  static func directive(at position: Position) -> YAMLProblem {
    YAMLProblem(
      .directive, at: position, "a directive ('%') is not allowed",
      remedy: "Remove the line; every file is read as YAML 1.2")
  }

  static func alias(_ name: String, at position: Position) -> YAMLProblem {
    YAMLProblem(
      .alias, at: position, "the alias '*\(name)' is not allowed",
      remedy: "Write the value out; or put it in quotes if the '*' belongs to a string")
  }

  static func anchor(_ name: String, at position: Position) -> YAMLProblem {
    YAMLProblem(
      .anchor, at: position, "the anchor '&\(name)' is not allowed",
      remedy: "Remove it; or put the value in quotes if the '&' belongs to a string")
  }

  static func tag(_ name: String, at position: Position) -> YAMLProblem {
    YAMLProblem(
      .tag, at: position, "the tag '\(name)' is not allowed",
      remedy: "Remove it; put the value in quotes to make it a string")
  }

  static func mergeKey(at position: Position) -> YAMLProblem {
    YAMLProblem(
      .mergeKey, at: position, "the merge key '<<' is not allowed",
      remedy: "Write the merged fields out")
  }

  static func duplicateKey(_ key: String, at position: Position, first: Position) -> YAMLProblem {
    YAMLProblem(
      .duplicateKey, at: position, "the key '\(key)' stands twice in one mapping",
      remedy: "Keep one of the two", note: ("it stands here first", first))
  }

  static func keyNotScalar(at position: Position) -> YAMLProblem {
    YAMLProblem(
      .keyNotScalar, at: position, "a list or mapping cannot be a key",
      remedy: "Use a string as the key; put '{…}' and '[…]' in quotes if they belong to a string")
  }

  static func notFinite(_ text: String, at position: Position) -> YAMLProblem {
    YAMLProblem(
      .notFinite, at: position, "\(text) is not a finite number",
      remedy: "Use a number, or put it in quotes to make it a string")
  }

  static func zeroCharacter(at position: Position) -> YAMLProblem {
    YAMLProblem(
      .zeroCharacter, at: position, "the character U+0000 is not allowed",
      remedy: "Remove the character")
  }

  static func integerTooLarge(_ text: String, at position: Position) -> YAMLProblem {
    YAMLProblem(
      .integerTooLarge, at: position,
      "the integer \(text) lies beyond ±\(Node.integerMax), which not every reader keeps exactly",
      remedy: "Put it in quotes to make it a string")
  }
}
