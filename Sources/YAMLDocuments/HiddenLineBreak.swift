// Characters that end a line for YAML 1.1, which libyaml reads, and for nobody who reviews a file:
// U+0085, U+2028, U+2029, and a carriage return alone. Behind one of them a comment is over, and
// what Git, a forge or an editor shows as the rest of it is read as a definition. So they are
// refused wherever they stand; a string in double quotes may say them with an escape.

internal import Documents
internal import Glibc

enum HiddenLineBreak {
  /// A problem for each line, as Git counts lines, that holds such a character: at the first one.
  static func problems(in text: UnsafeBufferPointer<UInt8>) -> [YAMLProblem] {
    guard holdsLead(text) else { return [] }
    var problems: [YAMLProblem] = []
    var position = Position.start
    var isTold = false
    for index in text.indices {
      if text[index] == UInt8(ascii: "\n") {
        position = Position(line: position.line + 1, column: 1)
        isTold = false
        continue
      }
      if !isTold, let problem = problem(index, of: text, at: position) {
        problems.append(problem)
        isTold = true
      }
      // Columns count characters, of which each has one byte that begins it.
      if text[index] & 0xC0 != 0x80 { position.column += 1 }
    }
    return problems
  }

  /// Whether any byte is there that begins such a character. Most files have none, and this reads
  /// them fast.
  private static func holdsLead(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let start = text.baseAddress else { return false }
    return [0x0D, 0xC2, 0xE2].contains { memchr(start, $0, text.count) != nil }
  }

  private static func problem(
    _ index: Int, of text: UnsafeBufferPointer<UInt8>, at position: Position
  ) -> YAMLProblem? {
    func byte(_ offset: Int) -> UInt8 {
      index + offset < text.count ? text[index + offset] : 0
    }
    switch (byte(0), byte(1), byte(2)) {
    case (0x0D, 0x0A, _): return nil
    case (0x0D, _, _):
      return .hiddenLineBreak(
        "a carriage return without a line feed", escape: #"\r"#, at: position)
    case (0xC2, 0x85, _): return .hiddenLineBreak("U+0085", escape: #"\u0085"#, at: position)
    case (0xE2, 0x80, 0xA8): return .hiddenLineBreak("U+2028", escape: #"\u2028"#, at: position)
    case (0xE2, 0x80, 0xA9): return .hiddenLineBreak("U+2029", escape: #"\u2029"#, at: position)
    default: return nil
    }
  }
}
