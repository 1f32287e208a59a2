// Every finding that the reading of YAML can raise, in one place: its code, its words and what to
// do about it. A code never changes its meaning and is never used again for another.

package import Documents

extension Finding.Code {
  package static let fileTooLarge = Finding.Code("FS1001")
  package static let fileNotUTF8 = Finding.Code("FS1002")
  package static let invalidYAML = Finding.Code("FS1003")
  package static let nestedTooDeep = Finding.Code("FS1004")
  package static let tooManyEvents = Finding.Code("FS1005")
  package static let emptyFile = Finding.Code("FS1006")
  package static let severalDocuments = Finding.Code("FS1007")
  package static let directive = Finding.Code("FS1008")
  package static let alias = Finding.Code("FS1009")
  package static let anchor = Finding.Code("FS1010")
  package static let tag = Finding.Code("FS1011")
  package static let mergeKey = Finding.Code("FS1012")
  package static let duplicateKey = Finding.Code("FS1013")
  package static let notFinite = Finding.Code("FS1014")
  package static let zeroCharacter = Finding.Code("FS1015")
  package static let integerTooLarge = Finding.Code("FS1016")
  package static let keyNotScalar = Finding.Code("FS1017")
  package static let byteOrderMark = Finding.Code("FS1018")
  package static let outOfMemory = Finding.Code("FS1019")
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

  static func outOfMemory() -> YAMLProblem {
    YAMLProblem(
      .outOfMemory, at: .start, "there is no memory to read the file",
      remedy: "Give the program more memory, then run it again")
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
