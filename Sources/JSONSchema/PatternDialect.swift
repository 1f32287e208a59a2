// From the regular expressions of ECMA-262 (flag `u`), which JSON Schema asks for, to those of
// PCRE2. Most of the two is equal; where it differs, a pattern is translated, and what ECMA-262
// does not have is refused, since an editor would refuse it too. Escapes of punctuation are let
// through, although the flag forbids some of them: they are common, and can mean one thing only.

internal import Documents

struct PatternDialect {
  private let bytes: [UInt8]
  private var index = 0
  private var output: [UInt8] = []
  private var isInClass = false

  /// A pattern for PCRE2.
  static func translated(_ pattern: String) throws(Pattern.Refused) -> [UInt8] {
    var dialect = PatternDialect(bytes: Array(pattern.utf8))
    dialect.output.reserveCapacity(pattern.utf8.count + 64)
    while dialect.index < dialect.bytes.count { try dialect.translateNext() }
    return dialect.output
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  private mutating func translateNext() throws(Pattern.Refused) {
    let byte = bytes[index]
    index += 1
    switch byte {
    case UInt8(ascii: "\\"): try translateEscape()
    case UInt8(ascii: "["):
      // Inside a class it is a character; PCRE2 would look for a POSIX name.
      if isInClass { output.append(UInt8(ascii: "\\")) }
      output.append(byte)
      isInClass = true
    case UInt8(ascii: "]"):
      output.append(byte)
      isInClass = false
    case _ where isInClass: output.append(byte)
    case UInt8(ascii: "."): emit(#"[^\n\r\x{2028}\x{2029}]"#)
    case UInt8(ascii: "("): try translateGroup()
    case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"): try translateQuantifier(byte)
    case UInt8(ascii: "{"):
      if let end = quantifierEnd {
        output += bytes[(index - 1)..<end]
        index = end
        try endQuantifier()
      } else {
        emit(#"\{"#)
      }
    default: output.append(byte)
    }
  }

  private mutating func emit(_ text: String) {
    output += Array(text.utf8)
  }

  private func has(_ text: StaticString) -> Bool {
    guard index + text.utf8CodeUnitCount <= bytes.count else { return false }
    return text.withUTF8Buffer { bytes[index...].starts(with: $0) }
  }

  // MARK: Groups and quantifiers

  private mutating func translateGroup() throws(Pattern.Refused) {
    output.append(UInt8(ascii: "("))
    if has("*") { throw .init(reason: "'(*' is no group of ECMA-262") }
    guard has("?") else { return }
    if has("?:") || has("?=") || has("?!") || has("?<=") || has("?<!") { return }
    if has("?<"), index + 2 < bytes.count, !bytes[index + 2].isDigit { return }
    // Flags for one group, `(?i:…)`.
    var end = index + 1
    while end < bytes.count, "ims-".utf8.contains(bytes[end]) { end += 1 }
    if end > index + 1, end < bytes.count, bytes[end] == UInt8(ascii: ":") { return }
    throw .init(reason: "'(?' begins no group of ECMA-262 here")
  }

  private mutating func translateQuantifier(_ byte: UInt8) throws(Pattern.Refused) {
    output.append(byte)
    try endQuantifier()
  }

  /// `?` makes a quantifier lazy; `+`, which makes it possessive in PCRE2, is not ECMA-262.
  private mutating func endQuantifier() throws(Pattern.Refused) {
    if has("?") {
      output.append(UInt8(ascii: "?"))
      index += 1
    }
    if has("+") || has("*") || has("?") { throw .init(reason: "nothing to repeat") }
  }

  /// Where `{n}`, `{n,}` or `{n,m}` ends, whose brace was read.
  private var quantifierEnd: Int? {
    var end = index
    while end < bytes.count, bytes[end].isDigit { end += 1 }
    guard end > index, end < bytes.count else { return nil }
    if bytes[end] == UInt8(ascii: ",") { end += 1 }
    while end < bytes.count, bytes[end].isDigit { end += 1 }
    return end < bytes.count && bytes[end] == UInt8(ascii: "}") ? end + 1 : nil
  }

  // MARK: Escapes

  private mutating func translateEscape() throws(Pattern.Refused) {
    guard index < bytes.count else { throw .init(reason: "'\\' at the end of the pattern") }
    let byte = bytes[index]
    index += 1
    switch byte {
    case UInt8(ascii: "s"): emit(isInClass ? Self.space : "[\(Self.space)]")
    case UInt8(ascii: "S"): emit(isInClass ? Self.notSpace : "[^\(Self.space)]")
    case UInt8(ascii: "v"): emit(#"\x{b}"#)
    case UInt8(ascii: "p"), UInt8(ascii: "P"): try translateProperty(byte)
    case UInt8(ascii: "u"): try translateUnicode()
    case UInt8(ascii: "x"):
      guard let value = hexadecimal(count: 2) else { throw .init(reason: "'\\x' needs two digits") }
      emit(scalar: value)
    case UInt8(ascii: "c"):
      guard index < bytes.count, bytes[index].isLetter else {
        throw .init(reason: "'\\c' needs a letter")
      }
      emit(scalar: UInt32(bytes[index] & 0x1f))
      index += 1
    case UInt8(ascii: "0"): emit(#"\x{0}"#)
    case UInt8(ascii: "1")...UInt8(ascii: "9"): try translateBackReference()
    case UInt8(ascii: "k") where !isInClass && has("<"): emit(#"\k"#)
    case _ where Self.sameEscapes.contains(byte): output += [UInt8(ascii: "\\"), byte]
    case _ where byte.isLetter:
      throw .init(
        reason: "'\\\(Character(Unicode.Scalar(byte)))' is no escape of ECMA-262")
    default:
      if byte < 0x80 { output.append(UInt8(ascii: "\\")) }
      output.append(byte)
    }
  }

  /// Letters that mean the same after a backslash in both.
  private static let sameEscapes = Array("dDwWbBfnrt".utf8)

  private mutating func translateBackReference() throws(Pattern.Refused) {
    if isInClass { throw .init(reason: "a class has no references to groups") }
    let start = index - 1
    while index < bytes.count, bytes[index].isDigit { index += 1 }
    emit("\\g{\(String(decoding: bytes[start..<index], as: UTF8.self))}")
  }

  /// `\u0061`, `\u{1F600}`, or a pair of surrogates, which is one character.
  private mutating func translateUnicode() throws(Pattern.Refused) {
    if has("{") {
      guard let end = bytes[index...].firstIndex(of: UInt8(ascii: "}")),
        let value = UInt32(String(decoding: bytes[(index + 1)..<end], as: UTF8.self), radix: 16),
        value <= 0x10ffff
      else { throw .init(reason: "'\\u{' needs a code point and '}'") }
      index = end + 1
      return emit(scalar: value)
    }
    guard let high = hexadecimal(count: 4) else { throw .init(reason: "'\\u' needs four digits") }
    let start = index
    if (0xd800...0xdbff).contains(high), has("\\u") {
      index += 2
      if let low = hexadecimal(count: 4), (0xdc00...0xdfff).contains(low) {
        return emit(scalar: 0x10000 + (high - 0xd800) << 10 + (low - 0xdc00))
      }
      index = start
    }
    emit(scalar: high)
  }

  private mutating func hexadecimal(count: Int) -> UInt32? {
    guard index + count <= bytes.count, bytes[index..<(index + count)].allSatisfy(\.isHexadecimal)
    else { return nil }
    let digits = String(decoding: bytes[index..<(index + count)], as: UTF8.self)
    index += count
    return UInt32(digits, radix: 16)
  }

  private mutating func emit(scalar value: UInt32) {
    if (0xd800...0xdfff).contains(value) {
      // Half of a character: no text has one.
      emit(isInClass ? "" : "(?!)")
    } else {
      emit("\\x{\(String(value, radix: 16))}")
    }
  }
}

// Classes of characters.
extension PatternDialect {
  /// ECMA-262, WhiteSpace and LineTerminator.
  private static let space =
    #"\x{9}-\x{d}\x{20}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}"#
    + #"\x{3000}\x{feff}"#

  /// All others, for use inside a class.
  private static let notSpace =
    #"\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}"#
    + #"\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}"#

  /// ECMA-262 knows general categories by their long names too, PCRE2 10.42 by short ones only.
  private mutating func translateProperty(_ escape: UInt8) throws(Pattern.Refused) {
    guard has("{"), let end = bytes[index...].firstIndex(of: UInt8(ascii: "}")) else {
      throw .init(reason: "'\\p' needs a property in braces")
    }
    var name = String(decoding: bytes[(index + 1)..<end], as: UTF8.self)
    index = end + 1
    for prefix in ["General_Category=", "gc="] where name.hasPrefix(prefix) {
      name.removeFirst(prefix.count)
    }
    if name == "Assigned" {
      emit(escape == UInt8(ascii: "p") ? #"\P{Cn}"# : #"\p{Cn}"#)
      return
    }
    output += [UInt8(ascii: "\\"), escape]
    emit("{\(Self.categories[Text(name)] ?? name)}")
  }

  /// Unicode Character Database, PropertyValueAliases.txt, `gc`.
  private static let categories: [Text: String] = [
    "Letter": "L", "Cased_Letter": "L&", "LC": "L&", "Uppercase_Letter": "Lu",
    "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt", "Modifier_Letter": "Lm",
    "Other_Letter": "Lo", "Mark": "M", "Combining_Mark": "M", "Nonspacing_Mark": "Mn",
    "Spacing_Mark": "Mc", "Enclosing_Mark": "Me", "Number": "N", "Decimal_Number": "Nd",
    "digit": "Nd", "Letter_Number": "Nl", "Other_Number": "No", "Punctuation": "P", "punct": "P",
    "Connector_Punctuation": "Pc", "Dash_Punctuation": "Pd", "Open_Punctuation": "Ps",
    "Close_Punctuation": "Pe", "Initial_Punctuation": "Pi", "Final_Punctuation": "Pf",
    "Other_Punctuation": "Po", "Symbol": "S", "Math_Symbol": "Sm", "Currency_Symbol": "Sc",
    "Modifier_Symbol": "Sk", "Other_Symbol": "So", "Separator": "Z", "Space_Separator": "Zs",
    "Line_Separator": "Zl", "Paragraph_Separator": "Zp", "Other": "C", "Control": "Cc",
    "cntrl": "Cc", "Format": "Cf", "Surrogate": "Cs", "Private_Use": "Co", "Unassigned": "Cn",
  ]
}
