// What people do to a file that makes its text no YAML, told from its lines: a merge conflict that
// is still in it, a quote that closes too late or too early, a line that lost its indentation. Only
// a text that is refused anyway is looked at here, save for the search for a conflict, which a list
// in brackets may hide.

internal import CLibYAML
internal import Documents
internal import Glibc

/// The marks that Git leaves where two branches changed the same lines.
enum MergeConflict {
  private static let markLength = 7

  /// A problem for each conflict.
  ///
  /// - Parameter isBroken: whether the text is refused anyway. Otherwise a conflict counts only
  ///   where its beginning is there.
  static func problems(in text: UnsafeBufferPointer<UInt8>, isBroken: Bool) -> [YAMLProblem] {
    guard isBroken || holdsMark(text) else { return [] }
    var problems: [YAMLProblem] = []
    var begin: UInt32?
    for (index, line) in text.lines.enumerated() {
      let number = UInt32(index) + 1
      switch mark(of: line) {
      case UInt8(ascii: "<"):
        if let begin { problems.append(conflict(at: begin, until: nil)) }
        begin = number
      case UInt8(ascii: ">"):
        problems.append(begin.map { conflict(at: $0, until: number) } ?? rest(at: number))
        begin = nil
      case .some:
        if begin == nil, isBroken { problems.append(rest(at: number)) }
      case nil: break
      }
    }
    if let begin { problems.append(conflict(at: begin, until: nil)) }
    return problems
  }

  /// Whether some line begins a conflict. `<` is rare in definitions, so this reads fast.
  private static func holdsMark(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let start = text.baseAddress else { return false }
    var offset = 0
    while let found = memchr(start + offset, Int32(UInt8(ascii: "<")), text.count - offset) {
      let place = UnsafeRawPointer(found) - UnsafeRawPointer(start)
      let isAtLine = place == 0 || text[place - 1] == UInt8(ascii: "\n")
      let rest = UnsafeBufferPointer(rebasing: text[place...])
      if isAtLine, mark(of: rest.prefix { $0 != UInt8(ascii: "\n") }) != nil { return true }
      offset = place + 1
    }
    return false
  }

  /// `<`, `|`, `=` or `>` seven times and then a blank or nothing.
  private static func mark(of line: Slice<UnsafeBufferPointer<UInt8>>) -> UInt8? {
    guard let first = line.first, "<|=>".utf8.contains(first) else { return nil }
    let rest = line.drop { $0 == first }
    guard line.count - rest.count == markLength else { return nil }
    let isAlone = rest.isEmpty || rest.elementsEqual([UInt8(ascii: "\r")])
    return isAlone || (first != UInt8(ascii: "=") && rest.first == UInt8(ascii: " "))
      ? first : nil
  }

  private static func conflict(at line: UInt32, until end: UInt32?) -> YAMLProblem {
    let extent = end.map { ", which goes on to line \($0)" } ?? ""
    return YAMLProblem(
      .mergeConflict, at: Position(line: line, column: 1),
      "a Git merge conflict is not resolved\(extent)",
      remedy:
        "Keep what shall be, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>"
    )
  }

  private static func rest(at line: UInt32) -> YAMLProblem {
    YAMLProblem(
      .mergeConflict, at: Position(line: line, column: 1),
      "a line of a Git merge conflict was left here", remedy: "Remove the line")
  }
}

/// A string in quotes.
struct QuotedString {
  let start: Position
  let end: Position
  let isDouble: Bool

  /// The last scalar of a text that cannot be parsed to its end, where it stands in quotes. It is
  /// parsed once more, as far as it was parsed before.
  static func last(in text: UnsafeBufferPointer<UInt8>) -> QuotedString? {
    var stream = EventStream(borrowing: text)
    var last: QuotedString?
    while let event = stream.next() {
      if event.pointee.type == YAML_STREAM_END_EVENT { return nil }
      guard event.pointee.type == YAML_SCALAR_EVENT else { continue }
      let style = event.pointee.data.scalar.style
      let isDouble = style == YAML_DOUBLE_QUOTED_SCALAR_STYLE
      last =
        isDouble || style == YAML_SINGLE_QUOTED_SCALAR_STYLE
        ? QuotedString(
          start: Position(event.pointee.start_mark), end: Position(event.pointee.end_mark),
          isDouble: isDouble) : nil
    }
    return last
  }

  /// How a quote is written inside such a string.
  var escape: String {
    isDouble
      ? "Write a quote inside the string as \\\", or put the string in single quotes"
      : "Write a quote inside the string twice, or put the string in double quotes"
  }

  /// What is wrong where the text goes on behind the string; nil where it does not.
  func problem(before position: Position) -> YAMLProblem? {
    guard position.line == end.line, position >= end else { return nil }
    if start.line < end.line {
      return YAMLProblem(
        .invalidYAML, at: start, "the quote that opens here is closed only on line \(end.line)",
        remedy: "Close it where the string ends", note: ("what stands behind it", position))
    }
    return YAMLProblem(
      .invalidYAML, at: position, "text goes on behind the quote that ends a string",
      remedy: escape, note: ("the string begins here", start))
  }
}

/// The lines of a text by how far they are indented.
struct Indentation {
  private struct Line {
    /// The spaces before the first character.
    let indent: Int
    /// Whether it is a key that leaves its value to the lines below.
    let opens: Bool
  }

  /// From line 1 on; nil for blanks and comments.
  private let lines: [Line?]

  init(_ text: UnsafeBufferPointer<UInt8>, until line: UInt32) {
    lines = text.lines.prefix(Int(line)).map { line in
      let rest = line.drop { $0 == UInt8(ascii: " ") }
      guard let first = rest.first, !"#\r".utf8.contains(first) else { return nil }
      let words = rest.split(whereSeparator: { " \t\r".utf8.contains($0) })
      let end = words.firstIndex { $0.first == UInt8(ascii: "#") } ?? words.endIndex
      return Line(
        indent: line.count - rest.count, opens: words[..<end].last?.last == UInt8(ascii: ":"))
    }
  }

  /// What is wrong with the indentation of a line at which the text cannot be read on, or of the
  /// one that it would belong to; nil where the lines do not tell.
  func problem(atLine number: UInt32) -> YAMLProblem? {
    let failed = Int(number) - 1
    guard lines.indices.contains(failed), let indent = lines[failed]?.indent,
      let outer = last(before: failed, within: ...indent), let line = lines[outer],
      line.indent < indent
    else { return nil }
    let between = lines[(outer + 1)..<failed].compactMap { $0?.indent }
    guard !between.isEmpty || !line.opens else { return nil }
    if isLost(outer, among: indent) {
      return YAMLProblem(
        .invalidYAML, at: place(outer),
        "this line is indented by \(line.indent), and the lines around it by \(indent)",
        remedy: "Indent it by \(indent) spaces, or line \(number) no deeper than this one",
        note: ("here the lines around it go on", place(failed)))
    }
    guard let inner = between.min() else {
      return YAMLProblem(
        .invalidYAML, at: place(failed),
        "this line is indented deeper than what it could belong to",
        remedy: "Indent it by \(line.indent) spaces, or give the line above no value of its own")
    }
    return YAMLProblem(
      .invalidYAML, at: place(failed),
      "this line is indented by \(indent), and the lines around it by \(line.indent) and \(inner)",
      remedy: "Indent it by \(inner) spaces, or by \(line.indent)")
  }

  /// Whether a line would belong to those that are indented so far, by what stands above it.
  private func isLost(_ place: Int, among indent: Int) -> Bool {
    guard let former = last(before: place, within: ...indent), let line = lines[former] else {
      return false
    }
    let isNext = lines[(former + 1)..<place].allSatisfy { $0 == nil }
    return line.indent == indent
      || (isNext && line.opens && line.indent == lines[place]?.indent)
  }

  /// The nearest line above that is indented so far.
  private func last(before line: Int, within range: PartialRangeThrough<Int>) -> Int? {
    lines[..<line].lastIndex { $0.map { range.contains($0.indent) } ?? false }
  }

  private func place(_ line: Int) -> Position {
    Position(line: UInt32(line) + 1, column: UInt32(lines[line]?.indent ?? 0) + 1)
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// The lines without what ends them, but for a carriage return.
  fileprivate var lines: [Slice<Self>] {
    split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
  }
}
