// libyaml's complaints in words that help somebody who edits a file. What it calls "did not find
// expected key" is nearly always a matter of indentation, and "character that cannot start any
// token" is a tab or a value that needs quotes.

internal import Documents

extension ScanFailure {
  /// The problem to report, for the text that was read.
  func yamlProblem(in text: UnsafeBufferPointer<UInt8>) -> YAMLProblem {
    if isReaderError { return readerProblem(in: text) }
    if context.contains("directive") { return .directive(at: contextPosition) }
    if problem == "found undefined tag handle" {
      return .tag("!…!", at: position)
    }
    if let told = told(in: text) { return told }
    let words = words(in: text)
    return YAMLProblem(
      .invalidYAML, at: position, words.message, remedy: words.remedy,
      note: words.note.map { ($0, contextPosition) })
  }

  /// What the lines tell better than libyaml does.
  private func told(in text: UnsafeBufferPointer<UInt8>) -> YAMLProblem? {
    switch problem {
    case "found unexpected end of stream" where context.contains("quoted scalar"):
      return YAMLProblem(
        .invalidYAML, at: contextPosition, "the quote that opens here is not closed",
        remedy: "Close it where the string ends")
    case "did not find expected key", "mapping values are not allowed in this context":
      return QuotedString.last(in: text)?.problem(before: position)
        ?? Indentation(text, until: position.line).problem(atLine: position.line)
    case "did not find expected ',' or ']'", "did not find expected ',' or '}'":
      return QuotedString.last(in: text)?.problem(before: position)
    default:
      return nil
    }
  }

  private typealias Words = (message: String, remedy: String, note: String?)

  private func words(in text: UnsafeBufferPointer<UInt8>) -> Words {
    switch problem {
    case "found character that cannot start any token":
      return unexpectedCharacter(in: text)
    case "mapping values are not allowed in this context":
      return (
        "a ': ' is not expected here",
        "Put a value that contains ': ' in quotes; otherwise check the indentation", nil
      )
    case "did not find expected key":
      return (
        "this line does not belong to the mapping around it",
        "Indent the keys of one mapping alike; put a value in quotes that goes on after a quote",
        "the mapping begins here"
      )
    case "did not find expected '-' indicator":
      return (
        "this line does not belong to the list around it",
        "Begin each item with '- ' in the same column", "the list begins here"
      )
    case "did not find expected ',' or ']'":
      return ("expected ',' or ']'", "Close the list with ']'", "the list begins here")
    case "did not find expected ',' or '}'":
      return ("expected ',' or '}'", "Close the mapping with '}'", "the mapping begins here")
    case "could not find expected ':'":
      return ("expected ':' after the key", "Write 'key: value'", "the key begins here")
    default:
      let circumstance = context.isEmpty ? "" : " (\(context))"
      return (
        "the text is not YAML: \(problem)\(circumstance)", "Correct the line, or the one before it",
        nil
      )
    }
  }

  private func unexpectedCharacter(in text: UnsafeBufferPointer<UInt8>) -> Words {
    guard let byte = text.byte(at: position) else {
      return ("the text is not YAML: \(problem)", "Put the value in quotes", nil)
    }
    if byte == UInt8(ascii: "\t") {
      return ("a tab cannot indent", "Indent with spaces", nil)
    }
    let character = Character(Unicode.Scalar(byte))
    return ("a value cannot begin with '\(character)'", "Put the value in quotes", nil)
  }

  private func readerProblem(in text: UnsafeBufferPointer<UInt8>) -> YAMLProblem {
    let position = text.position(ofOffset: offset)
    guard problem == "control characters are not allowed" else { return .notUTF8(at: position) }
    if character == 0 { return .zeroCharacter(at: position) }
    let code = String(character, radix: 16, uppercase: true)
    return YAMLProblem(
      .invalidYAML, at: position, "the control character with code \(code) is not allowed",
      remedy: "Remove the character, or write it as an escape in double quotes")
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// The position of a byte; a continuation byte of UTF-8 opens no column.
  fileprivate func position(ofOffset offset: Int) -> Position {
    var position = Position.start
    for byte in prefix(offset) {
      if byte == UInt8(ascii: "\n") {
        position.line += 1
        position.column = 1
      } else if byte & 0xC0 != 0x80 {
        position.column += 1
      }
    }
    return position
  }

  /// The first byte of the character at a position.
  fileprivate func byte(at place: Position) -> UInt8? {
    var position = Position.start
    for byte in self {
      if position == place, byte & 0xC0 != 0x80 { return byte }
      if byte == UInt8(ascii: "\n") {
        position.line += 1
        position.column = 1
      } else if byte & 0xC0 != 0x80 {
        position.column += 1
      }
    }
    return nil
  }
}
