// The strings and numbers of JSON: RFC 8259, sections 6 and 7. Escapes are undone to UTF-8, and a
// surrogate that stands alone is refused, since no UTF-8 can carry it.

extension JSONCursor {
  /// A string, quotes included. The common case, no escape and all ASCII, is copied in one go.
  mutating func string() throws(JSONError) -> String {
    let start = position
    offset += 1
    let first = offset
    var isPlain = true
    var isASCII = true
    while let next = byte, next != UInt8(ascii: "\"") {
      if next < 0x20 { throw failure("a control character must be escaped") }
      if next == UInt8(ascii: "\\") {
        isPlain = false
        offset += 1
        if byte == nil { break }
      } else if next >= 0x80 {
        isASCII = false
        if next & 0xC0 == 0x80 { lineStart += 1 }
      }
      offset += 1
    }
    guard byte != nil else { throw failure("the string has no end", at: start) }
    let raw = bytes[first..<offset]
    offset += 1
    if isPlain {
      // Of ASCII nothing is left to check, and decoding is much faster than validating.
      if isASCII { return String(decoding: raw, as: UTF8.self) }
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
      } else if let byte = Self.unescaped(raw[index]) {
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

  /// What an escape of one letter stands for.
  private static func unescaped(_ letter: UInt8) -> UInt8? {
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    default: nil
    }
  }

  /// Four hexadecimal digits, or a surrogate pair of them, as one scalar.
  private func appendScalar(
    _ raw: ArraySlice<UInt8>, _ index: inout Int, to output: inout [UInt8], at start: Position
  ) throws(JSONError) {
    var code = try unit(raw, &index, at: start)
    if (0xD800..<0xDC00).contains(code), index + 1 < raw.endIndex,
      raw[index] == UInt8(ascii: "\\"), raw[index + 1] == UInt8(ascii: "u")
    {
      index += 2
      let low = try unit(raw, &index, at: start)
      guard (0xDC00..<0xE000).contains(low) else {
        throw failure("a surrogate stands alone in the string", at: start)
      }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else {
      throw failure("a surrogate stands alone in the string", at: start)
    }
    output.append(contentsOf: scalar.utf8)
  }

  private func unit(
    _ raw: ArraySlice<UInt8>, _ index: inout Int, at start: Position
  ) throws(JSONError) -> UInt32 {
    var unit: UInt32 = 0
    for place in index..<(index + 4) {
      guard place < raw.endIndex, let digit = Self.hexadecimalDigit(raw[place]) else {
        throw failure("\\u needs four hexadecimal digits", at: start)
      }
      unit = unit << 4 | digit
    }
    index += 4
    return unit
  }

  private static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
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
    if isInteger, let integer = integer(first..<offset) {
      return Node(.integer(integer), at: start)
    }
    let text = String(decoding: bytes[first..<offset], as: UTF8.self)
    guard let double = Double(text), double.isFinite else {
      throw failure("the number is beyond a double", at: start)
    }
    return .number(double, at: start)
  }

  /// An integer within ±(2^53−1), which has 16 digits at most.
  private func integer(_ range: Range<Int>) -> Int? {
    guard range.count <= 17 else { return nil }
    let isNegative = bytes[range.lowerBound] == UInt8(ascii: "-")
    var magnitude = 0
    for byte in bytes[range.dropFirst(isNegative ? 1 : 0)] {
      magnitude = magnitude * 10 + Int(byte - UInt8(ascii: "0"))
    }
    guard magnitude <= Node.integerMax else { return nil }
    return isNegative ? -magnitude : magnitude
  }

  mutating func digits() throws(JSONError) {
    let first = offset
    while let next = byte, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) { offset += 1 }
    if offset == first { throw failure("expected a digit") }
  }
}
