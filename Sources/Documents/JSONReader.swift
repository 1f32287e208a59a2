// Strict JSON (RFC 8259, and the I-JSON restrictions of RFC 7493 that canonical JSON needs): no
// duplicate keys, no lone surrogates, no numbers beyond a double. It reads contexts, schemas,
// published objects and rows of the registry; depth is limited so that hostile input cannot
// exhaust the stack.

/// Why a text is not JSON, and where.
package struct JSONError: Error, Hashable, CustomStringConvertible {
  package var message: String
  package var position: Position

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

private struct JSONCursor {
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
    let words: [(StaticString, Node.Value)] = [
      ("true", .boolean(true)), ("false", .boolean(false)), ("null", .null),
    ]
    for (word, value) in words {
      let end = offset + word.utf8CodeUnitCount
      guard end <= bytes.count else { continue }
      let matches = word.withUTF8Buffer { $0.elementsEqual(bytes[offset..<end]) }
      if matches {
        offset = end
        return value
      }
    }
    throw failure("expected a value")
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

extension JSONCursor {
  /// A string, quotes included. The common case, no escape and all ASCII, is copied in one go.
  mutating func string() throws(JSONError) -> String {
    let start = position
    offset += 1
    let first = offset
    var isPlain = true
    while let next = byte, next != UInt8(ascii: "\"") {
      if next < 0x20 { throw failure("a control character must be escaped") }
      if next == UInt8(ascii: "\\") {
        isPlain = false
        offset += 1
        if byte == nil { break }
      } else if next & 0xC0 == 0x80 {
        lineStart += 1
      }
      offset += 1
    }
    guard byte != nil else { throw failure("the string has no end", at: start) }
    let raw = bytes[first..<offset]
    offset += 1
    if isPlain {
      guard let text = String(validating: raw, as: UTF8.self) else {
        throw failure("the string is not UTF-8", at: start)
      }
      return text
    }
    return try unescaped(raw, at: start)
  }

  func unescaped(_ raw: ArraySlice<UInt8>, at start: Position) throws(JSONError) -> String {
    var output: [UInt8] = []
    output.reserveCapacity(raw.count)
    var index = raw.startIndex
    while index < raw.endIndex {
      guard raw[index] == UInt8(ascii: "\\") else {
        output.append(raw[index])
        index += 1
        continue
      }
      index += 1
      if raw[index] == UInt8(ascii: "u") {
        index += 1
        try appendScalar(raw, &index, to: &output, at: start)
      } else if let byte = Self.escapes[raw[index]] {
        output.append(byte)
        index += 1
      } else {
        throw failure("unknown escape in the string", at: start)
      }
    }
    guard let text = String(validating: output, as: UTF8.self) else {
      throw failure("the string is not UTF-8", at: start)
    }
    return text
  }

  static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "\\"): UInt8(ascii: "\\"),
    UInt8(ascii: "/"): UInt8(ascii: "/"), UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C,
    UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
  ]

  /// Four hexadecimal digits, or a surrogate pair of them, as one scalar.
  func appendScalar(
    _ raw: ArraySlice<UInt8>, _ index: inout Int, to output: inout [UInt8], at start: Position
  ) throws(JSONError) {
    var code = UInt32(try unit(raw, &index, at: start))
    if (0xD800..<0xDC00).contains(code), index + 1 < raw.endIndex,
      raw[index] == UInt8(ascii: "\\"), raw[index + 1] == UInt8(ascii: "u")
    {
      index += 2
      let low = UInt32(try unit(raw, &index, at: start))
      guard (0xDC00..<0xE000).contains(low) else {
        throw failure("a surrogate stands alone in the string", at: start)
      }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else {
      throw failure("a surrogate stands alone in the string", at: start)
    }
    output.append(contentsOf: Array(String(Character(scalar)).utf8))
  }

  func unit(_ raw: ArraySlice<UInt8>, _ index: inout Int, at start: Position) throws(JSONError)
    -> UInt16
  {
    guard index + 4 <= raw.endIndex,
      raw[index..<(index + 4)].allSatisfy({ Self.isHexadecimal($0) }),
      let unit = UInt16(String(decoding: raw[index..<(index + 4)], as: UTF8.self), radix: 16)
    else { throw failure("\\u needs four hexadecimal digits", at: start) }
    index += 4
    return unit
  }

  static func isHexadecimal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }
}

extension JSONCursor {
  /// A number by the grammar of RFC 8259, section 6.
  mutating func number(at start: Position) throws(JSONError) -> Node {
    let first = offset
    if byte == UInt8(ascii: "-") { offset += 1 }
    if byte == UInt8(ascii: "0") {
      offset += 1
    } else {
      try digits()
    }
    var isInteger = true
    if byte == UInt8(ascii: ".") {
      isInteger = false
      offset += 1
      try digits()
    }
    if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
      isInteger = false
      offset += 1
      if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { offset += 1 }
      try digits()
    }
    let text = String(decoding: bytes[first..<offset], as: UTF8.self)
    if isInteger, let integer = Int(text), integer.magnitude <= UInt(Node.integerMax) {
      return Node(.integer(integer), at: start)
    }
    guard let double = Double(text), double.isFinite else {
      throw failure("the number is beyond a double", at: start)
    }
    return .number(double, at: start)
  }

  mutating func digits() throws(JSONError) {
    let first = offset
    while let next = byte, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) { offset += 1 }
    if offset == first { throw failure("expected a digit") }
  }
}
