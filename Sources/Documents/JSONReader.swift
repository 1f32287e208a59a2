// Strict JSON (RFC 8259, and the I-JSON restrictions of RFC 7493 that canonical JSON needs): no
// duplicate keys, no lone surrogates, no numbers beyond a double. It reads contexts, schemas,
// published objects and rows of the registry; depth is limited so that hostile input cannot
// exhaust the stack.

/// Why a text is not JSON, and where.
package struct JSONError: Error, Hashable, CustomStringConvertible {
  package var message: String
  package var position: Position

  package init(message: String, position: Position) {
    self.message = message
    self.position = position
  }

  package var description: String {
    "\(message) at line \(position.line), column \(position.column)"
  }
}

package enum JSONReader {
  /// Reads exactly one value; white space around it is allowed, anything else is an error.
  ///
  /// - Parameter depthMax: how many containers may stand inside each other.
  package static func read(_ bytes: [UInt8], depthMax: Int = Limits.depthMax) throws(JSONError)
    -> Node
  {
    var cursor = JSONCursor(bytes: bytes, depthMax: depthMax)
    return try cursor.document()
  }

  package static func read(_ text: String, depthMax: Int = Limits.depthMax) throws(JSONError)
    -> Node
  {
    try read(Array(text.utf8), depthMax: depthMax)
  }
}

/// A place in a text that is being read.
struct JSONCursor {
  let bytes: [UInt8]
  let depthMax: Int
  var offset = 0
  var line: UInt32 = 1
  /// Where a column of 1 would be: moved on by each continuation byte of UTF-8.
  var lineStart = 0

  init(bytes: [UInt8], depthMax: Int) {
    self.bytes = bytes
    self.depthMax = depthMax
  }

  var position: Position {
    Position(line: line, column: UInt32(truncatingIfNeeded: offset - lineStart + 1))
  }

  var byte: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  func failure(_ message: String, at place: Position? = nil) -> JSONError {
    JSONError(message: message, position: place ?? position)
  }

  mutating func document() throws(JSONError) -> Node {
    skipSpace()
    let node = try value(depth: 0)
    skipSpace()
    if offset < bytes.count { throw failure("unexpected text after the value") }
    return node
  }

  mutating func skipSpace() {
    while let next = byte {
      switch next {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
        offset += 1
      case UInt8(ascii: "\n"):
        offset += 1
        line += 1
        lineStart = offset
      default:
        return
      }
    }
  }

  mutating func value(depth: Int) throws(JSONError) -> Node {
    let start = position
    guard let next = byte else { throw failure("unexpected end of the text") }
    let isContainer = next == UInt8(ascii: "{") || next == UInt8(ascii: "[")
    if isContainer, depth >= depthMax { throw failure("nested deeper than \(depthMax) levels") }
    switch next {
    case UInt8(ascii: "{"): return Node(.mapping(try mapping(depth: depth)), at: start)
    case UInt8(ascii: "["): return Node(.sequence(try sequence(depth: depth)), at: start)
    case UInt8(ascii: "\""): return Node(.string(try string()), at: start)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return try number(at: start)
    default:
      return Node(try word(), at: start)
    }
  }

  mutating func word() throws(JSONError) -> Node.Value {
    if skips("true") { return .boolean(true) }
    if skips("false") { return .boolean(false) }
    if skips("null") { return .null }
    throw failure("expected a value")
  }

  /// Whether a word stands here, which is then behind.
  private mutating func skips(_ word: StaticString) -> Bool {
    let end = offset + word.utf8CodeUnitCount
    guard end <= bytes.count else { return false }
    for index in offset..<end where bytes[index] != word.utf8Start[index - offset] {
      return false
    }
    offset = end
    return true
  }
}

extension JSONCursor {
  mutating func sequence(depth: Int) throws(JSONError) -> [Node] {
    offset += 1
    skipSpace()
    var nodes: [Node] = []
    if byte == UInt8(ascii: "]") {
      offset += 1
      return nodes
    }
    while true {
      nodes.append(try value(depth: depth + 1))
      skipSpace()
      if try isEnd(UInt8(ascii: "]")) { return nodes }
      skipSpace()
    }
  }

  mutating func mapping(depth: Int) throws(JSONError) -> Mapping {
    offset += 1
    skipSpace()
    var entries: [Mapping.Entry] = []
    if byte == UInt8(ascii: "}") {
      offset += 1
      return Mapping()
    }
    while true {
      guard byte == UInt8(ascii: "\"") else { throw failure("expected a key in quotes") }
      let keyPosition = position
      let key = try string()
      skipSpace()
      guard byte == UInt8(ascii: ":") else { throw failure("expected ':' after the key") }
      offset += 1
      skipSpace()
      let value = try value(depth: depth + 1)
      entries.append(.init(key: key, keyPosition: keyPosition, value: value))
      skipSpace()
      if try isEnd(UInt8(ascii: "}")) { break }
      skipSpace()
    }
    try refuseDuplicates(entries)
    return Mapping(entries)
  }

  /// Consumes a comma (false) or the closing bracket (true).
  mutating func isEnd(_ closing: UInt8) throws(JSONError) -> Bool {
    let next = byte
    guard next == closing || next == UInt8(ascii: ",") else {
      throw failure("expected ',' or '\(Character(Unicode.Scalar(closing)))'")
    }
    offset += 1
    return next == closing
  }

  func refuseDuplicates(_ entries: [Mapping.Entry]) throws(JSONError) {
    guard entries.count > 1 else { return }
    if entries.count <= 8 {
      for index in 1..<entries.count {
        let entry = entries[index]
        for other in entries[..<index] where other.key.hasSameBytes(as: entry.key) {
          throw failure("the key \"\(entry.key)\" stands twice", at: entry.keyPosition)
        }
      }
      return
    }
    var seen = Set<Text>(minimumCapacity: entries.count)
    for entry in entries where !seen.insert(Text(entry.key)).inserted {
      throw failure("the key \"\(entry.key)\" stands twice", at: entry.keyPosition)
    }
  }
}
