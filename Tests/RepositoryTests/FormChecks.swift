// The checks behind `FormTests`. Lengths follow two bounds: one that nearly all must keep, and one
// that nothing may pass, because a rule of thumb with no exception makes worse code, and one with
// no end makes none better.

enum LengthCheck {
  struct Function {
    let line: Int
    let lines: Int
  }

  /// At most 10 % of the files have 300 lines or more, none has more than 450.
  static func files(_ files: [SourceFile]) -> [Violation] {
    let measured = files.map { ($0, $0.text.utf8.count { $0 == UInt8(ascii: "\n") }) }
    let long = measured.filter { $0.1 >= 300 }
    let tooMany = long.count * 10 > files.count
    return long.filter { tooMany || $0.1 > 450 }.map { file, lines in
      file.violation(line: lines, "\(lines) lines; \(long.count) of \(files.count) files are long")
    }
  }

  /// At most 5 % of the functions have more than 40 lines, none has more than 70.
  static func functions(_ files: [SourceFile]) throws -> [Violation] {
    let measured = try files.flatMap { file in try Self.measured(file).map { (file, $0) } }
    let long = measured.filter { $0.1.lines > 40 }
    let tooMany = long.count * 20 > measured.count
    return long.filter { tooMany || $0.1.lines > 70 }.map { file, function in
      let share = "\(long.count) of \(measured.count) functions are long"
      return file.violation(line: function.line, "a function of \(function.lines) lines; \(share)")
    }
  }

  static func lines(_ file: SourceFile) -> [Violation] {
    file.lines.enumerated().filter { $0.element.utf8.count > 100 && $0.element.count > 100 }
      .map { file.violation(line: $0.offset + 1, "\($0.element.count) columns") }
  }

  /// Functions, initialisers and subscripts that have a body, from their first line to their last.
  static func measured(_ file: SourceFile) throws -> [Function] {
    let heads = try Pattern(
      #"(?<![.\w`])(?:func[ \t]+(?:[^\s(<]+|[<>=]+)|init[?!]?|deinit|subscript)(?=[\s(<{])"#)
    let blocks = Braces(file.code)
    return heads.matches(in: file.code).compactMap { match in
      blocks.body(after: match.groups[0], line: match.line).map {
        Function(line: match.line, lines: $0 - match.line + 1)
      }
    }
  }
}

/// The braces of a code view, to find where a declaration's body ends.
struct Braces {
  private let lines: [[UInt8]]

  init(_ code: String) {
    lines = code.split(separator: "\n", omittingEmptySubsequences: false).map { Array($0.utf8) }
  }

  /// The last line of the body of a declaration; nil where it has none, as in a protocol.
  func body(after head: String, line: Int) -> Int? {
    var nesting = 0
    var isInside = false
    var column = start(of: Array(head.utf8), in: lines[line - 1])
    for index in (line - 1)..<lines.count {
      let bytes = lines[index]
      // Between signature and body stand only `throws`, `->`, `where` and the like.
      if !isInside, nesting == 0, index >= line, Self.beginsAnother(bytes) { return nil }
      for byte in bytes[min(column, bytes.count)...] {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: "["): nesting += isInside ? 0 : 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"): nesting -= isInside ? 0 : 1
        case UInt8(ascii: "{") where isInside || nesting == 0:
          isInside = true
          nesting += 1
        case UInt8(ascii: "}") where isInside:
          nesting -= 1
          if nesting == 0 { return index + 1 }
        case UInt8(ascii: "}") where nesting == 0, UInt8(ascii: ";") where nesting == 0: return nil
        default: break
        }
      }
      column = 0
    }
    return nil
  }

  private func start(of head: [UInt8], in line: [UInt8]) -> Int {
    line.indices.first { line[$0...].starts(with: head) }.map { $0 + head.count } ?? 0
  }

  private static func beginsAnother(_ line: [UInt8]) -> Bool {
    let text = String(decoding: line, as: UTF8.self).trimmingPrefix { $0.isWhitespace }
    let words = ["func", "init", "var", "let", "static", "mutating", "subscript", "associatedtype"]
    return text.hasPrefix("@") || text.hasPrefix("}")
      || words.contains { text.hasPrefix("\($0) ") || text.hasPrefix("\($0)(") }
  }
}

enum HeaderCheck {
  static func violations(_ file: SourceFile) -> [Violation] {
    let header = file.lines.prefix { $0.hasPrefix("//") && !$0.hasPrefix("///") }
      .map { $0.dropFirst(2).trimmingPrefix { $0 == " " } }
      .joined(separator: " ")
    let count = sentences(header)
    guard (2...5).contains(count) else {
      return [file.violation(line: 1, "the header has \(count) sentences, not two to five")]
    }
    return []
  }

  /// Ends of sentences: a full stop before a space or the end. A last line without one, such as
  /// an address, counts too.
  private static func sentences(_ header: String) -> Int {
    let text = header.replacing("e.g. ", with: "").replacing("i.e. ", with: "")
    let ends = text.indices.count { index in
      guard ".!?".contains(text[index]) else { return false }
      let next = text.index(after: index)
      return next == text.endIndex || text[next] == " "
    }
    let isOpen = text.last.map { !".!?".contains($0) } ?? false
    return ends + (isOpen ? 1 : 0)
  }
}

enum BannedCheck {
  private static let calls = #"\btry!|\bas!|\bfatalError\(|(?<![.\w])(?:debugPrint|print|dump)\("#
  private static let unchecked = #"@unchecked[ \t]+Sendable|nonisolated\(unsafe\)"#
  private static let later = #"\b(?:TODO|FIXME|XXX)\b"#
  private static let printing = ["flagstaff", "flagstaff-bench"]

  static func violations(_ file: SourceFile) throws -> [Violation] {
    let mayPrint = file.target.map { printing.contains($0) } ?? false
    let called = try Pattern(calls).matches(in: file.code)
      .filter { !mayPrint || !$0.groups[0].lowercased().hasSuffix("print(") }
      .map { file.violation(line: $0.line, "\($0.groups[0]) is banned") }
    let postponed = try Pattern(later).matches(in: file.text)
      .map { file.violation(line: $0.line, "\($0.groups[0]) in the history of a product") }
    let lines = file.lines
    let unproven = try Pattern(unchecked).matches(in: file.code).filter { match in
      let before = match.line > 1 ? lines[match.line - 2].trimmingPrefix { $0 == " " } : ""
      return !before.hasPrefix("//") && !lines[match.line - 1].contains("  // ")
    }
    return called + postponed
      + unproven.map { file.violation(line: $0.line, "\($0.groups[0]) with no proof before it") }
  }
}
