// The comments of a file that speaks to Flagstaff in one. libyaml drops comments, so the few files
// that hold the mark are parsed once more for the extents of their scalars: a `#` outside of every
// scalar begins a comment, and one inside a string or a block of text never does.

internal import CLibYAML
internal import Documents
internal import Glibc

enum CommentReader {
  /// The word with which a comment that is read for begins; other files are not looked at again.
  private static let word = Array("flagstaff".utf8)

  /// The comments of a valid document, in order; none where no comment can speak to Flagstaff.
  static func comments(in input: UnsafeBufferPointer<UInt8>) -> [DocumentComment] {
    guard holdsMark(input), let texts = scalarExtents(in: input) else { return [] }
    var walk = Walk(texts: texts)
    for scalar in String(decoding: input, as: UTF8.self).unicodeScalars { walk.take(scalar) }
    return walk.finished()
  }

  /// Whether some `#` is followed by the word, in whatever letters: what is nearly a comment to
  /// Flagstaff is to be told, not passed over.
  private static func holdsMark(_ input: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let start = input.baseAddress else { return false }
    var offset = 0
    while let found = memchr(start + offset, Int32(UInt8(ascii: "#")), input.count - offset) {
      offset = UnsafeRawPointer(found) - UnsafeRawPointer(start) + 1
      var place = offset
      while place < input.count, input[place] == UInt8(ascii: " ") { place += 1 }
      if place + word.count <= input.count,
        zip(input[place..<(place + word.count)], word).allSatisfy({ $0 | 0x20 == $1 })
      {
        return true
      }
    }
    return false
  }

  private static func scalarExtents(in input: UnsafeBufferPointer<UInt8>) -> [Range<Position>]? {
    var stream = EventStream(borrowing: input)
    var extents: [Range<Position>] = []
    while let event = stream.next() {
      if event.pointee.type == YAML_STREAM_END_EVENT { return extents }
      guard event.pointee.type == YAML_SCALAR_EVENT else { continue }
      var start = Position(event.pointee.start_mark)
      let end = Position(event.pointee.end_mark)
      let style = event.pointee.data.scalar.style
      // Behind `|` and `>` there may be a comment; the text begins with the next line.
      if style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE {
        start = Position(line: start.line + 1, column: 1)
      }
      if start < end { extents.append(start..<end) }
    }
    return nil
  }
}

/// Goes through a text character by character. libyaml counts the lines of a valid document alike,
/// since every other line break is refused.
private struct Walk {
  /// The extents of scalars, in order; the first one that is not yet over at `index`.
  let texts: [Range<Position>]
  private var index = 0
  private var position = Position.start
  /// Whether nothing but blanks stands on the line so far.
  private var isBlank = true
  private var current: DocumentComment?
  private var comments: [DocumentComment] = []

  init(texts: [Range<Position>]) {
    self.texts = texts
  }

  mutating func take(_ scalar: Unicode.Scalar) {
    switch scalar {
    // A line feed follows: a valid document has no other.
    case "\r": return
    case "\n": return endLine()
    default: break
    }
    if current != nil {
      current?.text.unicodeScalars.append(scalar)
    } else if scalar == "#", !isInsideText {
      current = DocumentComment(position: position, text: "", isAlone: isBlank)
    } else if scalar != " ", scalar != "\t" {
      isBlank = false
    }
    position.column += 1
  }

  mutating func finished() -> [DocumentComment] {
    endLine()
    return comments
  }

  private mutating func endLine() {
    if let current { comments.append(current) }
    current = nil
    isBlank = true
    position = Position(line: position.line + 1, column: 1)
  }

  private var isInsideText: Bool {
    mutating get {
      while index < texts.count, texts[index].upperBound <= position { index += 1 }
      return index < texts.count && texts[index].lowerBound <= position
    }
  }
}
