// How a plain scalar becomes a value: the core schema of YAML 1.2.2, section 10.3.2, and nothing
// of YAML 1.1, so `no`, `1_000` and `12:30:45` are strings. Most scalars are words; their first
// byte already says so, before any string is made.

internal import Documents

/// The value of a plain scalar.
enum CoreSchema {
  enum Resolution {
    case value(Node.Value)
    case string
    /// An infinity, a NaN, or a number beyond the range of a double.
    case notFinite
    /// An integer beyond ±(2^53−1).
    case integerTooLarge
  }

  static func resolve(_ bytes: UnsafeBufferPointer<UInt8>) -> Resolution {
    guard let first = bytes.first else { return .value(.null) }
    switch first {
    case UInt8(ascii: "~"):
      return bytes.count == 1 ? .value(.null) : .string
    case UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "t"), UInt8(ascii: "T"),
      UInt8(ascii: "f"), UInt8(ascii: "F"):
      return bytes.count <= 5 ? word(bytes) : .string
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
      UInt8(ascii: "."):
      return number(bytes)
    default:
      return .string
    }
  }

  private static func word(_ bytes: UnsafeBufferPointer<UInt8>) -> Resolution {
    if matches(bytes, "null", "Null", "NULL") { return .value(.null) }
    if matches(bytes, "true", "True", "TRUE") { return .value(.boolean(true)) }
    if matches(bytes, "false", "False", "FALSE") { return .value(.boolean(false)) }
    return .string
  }

  private static func matches(
    _ bytes: UnsafeBufferPointer<UInt8>, _ words: StaticString...
  ) -> Bool {
    words.contains { word in
      word.withUTF8Buffer { $0.count == bytes.count && $0.elementsEqual(bytes) }
    }
  }
}

// Numbers.
extension CoreSchema {
  private static func number(_ bytes: UnsafeBufferPointer<UInt8>) -> Resolution {
    if bytes.count > 2, bytes[0] == UInt8(ascii: "0") {
      if bytes[1] == UInt8(ascii: "o") { return integer(bytes[2...], radix: 8) }
      if bytes[1] == UInt8(ascii: "x") { return integer(bytes[2...], radix: 16) }
    }
    let isNegative = bytes[0] == UInt8(ascii: "-")
    let isSigned = isNegative || bytes[0] == UInt8(ascii: "+")
    let unsigned = bytes[(isSigned ? 1 : 0)...]
    guard let first = unsigned.first else { return .string }
    if first == UInt8(ascii: "."), isInfinityOrNaN(unsigned, isSigned: isSigned) {
      return .notFinite
    }
    switch form(unsigned) {
    case .integer: return integer(unsigned, radix: 10, isNegative: isNegative)
    case .float: return float(bytes)
    case .other: return .string
    }
  }

  private static func isInfinityOrNaN(
    _ unsigned: Slice<UnsafeBufferPointer<UInt8>>, isSigned: Bool
  ) -> Bool {
    let bytes = UnsafeBufferPointer(rebasing: unsigned)
    if matches(bytes, ".inf", ".Inf", ".INF") { return true }
    return !isSigned && matches(bytes, ".nan", ".NaN", ".NAN")
  }

  private enum Form {
    case integer, float, other
  }

  /// Whether the text is `[0-9]+`, or `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
  private static func form(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Form {
    var index = text.startIndex
    let whole = skipDigits(text, &index)
    if index == text.endIndex { return .integer }
    if text[index] == UInt8(ascii: ".") {
      index += 1
      let fraction = skipDigits(text, &index)
      guard whole > 0 || fraction > 0 else { return .other }
    } else if whole == 0 {
      return .other
    }
    if index == text.endIndex { return .float }
    guard text[index] | 0x20 == UInt8(ascii: "e") else { return .other }
    index += 1
    if index < text.endIndex,
      text[index] == UInt8(ascii: "+") || text[index] == UInt8(ascii: "-")
    {
      index += 1
    }
    let exponent = skipDigits(text, &index)
    return exponent > 0 && index == text.endIndex ? .float : .other
  }

  private static func skipDigits(
    _ text: Slice<UnsafeBufferPointer<UInt8>>, _ index: inout Int
  ) -> Int {
    let start = index
    while index < text.endIndex, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[index]) {
      index += 1
    }
    return index - start
  }

  private static func integer(
    _ digits: Slice<UnsafeBufferPointer<UInt8>>, radix: Int, isNegative: Bool = false
  ) -> Resolution {
    var result = 0
    var isTooLarge = false
    for byte in digits {
      guard let digit = value(of: byte), digit < radix else { return .string }
      // Once too large it stays so; the rest is read only to see that these are digits.
      if !isTooLarge { result = result * radix + digit }
      isTooLarge = isTooLarge || result > Node.integerMax
    }
    if isTooLarge { return .integerTooLarge }
    return .value(.integer(isNegative ? -result : result))
  }

  private static func value(of byte: UInt8) -> Int? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  private static func float(_ bytes: UnsafeBufferPointer<UInt8>) -> Resolution {
    guard let double = Double(String(decoding: bytes, as: UTF8.self)) else { return .string }
    return double.isFinite ? .value(Node.number(double).value) : .notFinite
  }
}
