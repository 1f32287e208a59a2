// Whether bytes are canonical JSON (RFC 8785), found in one pass that builds nothing. A log of a
// million events is read by it: a tree of nodes that is written again and compared says the same,
// and takes ten times as long. A test compares both on random and on damaged documents.

/// A scan of bytes that must be exactly one canonical value.
package struct CanonicalScanner {
  /// Called with each member of the outermost object: the key and the value as they are written,
  /// the key without its quotes. They point into the bytes that are scanned.
  package typealias Member = (
    _ key: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>
  ) -> Void

  private let bytes: UnsafeRawBufferPointer
  private let depthMax: Int
  private var offset = 0
  /// Whether the string that was skipped last has neither an escape nor anything but ASCII.
  private var isPlain = true

  private init(_ bytes: UnsafeRawBufferPointer, depthMax: Int) {
    self.bytes = bytes
    self.depthMax = depthMax
  }

  /// Whether the bytes are one canonical object.
  ///
  /// - Parameters:
  ///   - depthMax: how many containers may stand inside each other.
  ///   - member: what was told counts only where the answer is yes.
  package static func isCanonicalObject(
    _ bytes: UnsafeRawBufferPointer, depthMax: Int, member: Member
  ) -> Bool {
    var scanner = CanonicalScanner(bytes, depthMax: depthMax)
    guard depthMax > 0, scanner.byte == UInt8(ascii: "{") else { return false }
    return scanner.skipObject(depth: 1, member: member) && scanner.offset == bytes.count
  }

  /// Hands on each string of a canonical list of strings, with its quotes, until the body says no.
  ///
  /// - Returns: whether it is such a list, and the body always said yes.
  package static func forEachString(
    in list: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Bool
  ) -> Bool {
    var scanner = CanonicalScanner(UnsafeRawBufferPointer(list), depthMax: 1)
    guard scanner.skips(UInt8(ascii: "[")) else { return false }
    if scanner.skips(UInt8(ascii: "]")) { return true }
    repeat {
      let start = scanner.offset
      guard scanner.skipString(), body(scanner.slice(from: start)) else { return false }
    } while scanner.skips(UInt8(ascii: ","))
    return scanner.skips(UInt8(ascii: "]"))
  }

  private var byte: UInt8 { offset < bytes.count ? bytes[offset] : 0 }

  private mutating func skips(_ wanted: UInt8) -> Bool {
    guard byte == wanted else { return false }
    offset += 1
    return true
  }

  private func slice(from start: Int, droppingEnds: Int = 0) -> UnsafeBufferPointer<UInt8> {
    let range = (start + droppingEnds)..<(offset - droppingEnds)
    return UnsafeRawBufferPointer(rebasing: bytes[range]).assumingMemoryBound(to: UInt8.self)
  }
}

// MARK: Values

extension CanonicalScanner {
  private mutating func skipValue(depth: Int) -> Bool {
    switch byte {
    case UInt8(ascii: "\""): return skipString()
    case UInt8(ascii: "{"): return depth < depthMax && skipObject(depth: depth + 1) { _, _ in }
    case UInt8(ascii: "["): return depth < depthMax && skipList(depth: depth + 1)
    case UInt8(ascii: "t"): return skipWord("true")
    case UInt8(ascii: "f"): return skipWord("false")
    case UInt8(ascii: "n"): return skipWord("null")
    default: return skipNumber()
    }
  }

  private mutating func skipObject(depth: Int, member: Member) -> Bool {
    offset += 1
    if skips(UInt8(ascii: "}")) { return true }
    var former: UnsafeBufferPointer<UInt8>?
    var arePlain = true
    repeat {
      let keyStart = offset
      guard skipString() else { return false }
      let key = slice(from: keyStart, droppingEnds: 1)
      arePlain = arePlain && isPlain
      if let former, !Self.precedes(former, key, arePlain: arePlain) { return false }
      former = key
      guard skips(UInt8(ascii: ":")) else { return false }
      let start = offset
      guard skipValue(depth: depth) else { return false }
      member(key, slice(from: start))
    } while skips(UInt8(ascii: ","))
    return skips(UInt8(ascii: "}"))
  }

  private mutating func skipList(depth: Int) -> Bool {
    offset += 1
    if skips(UInt8(ascii: "]")) { return true }
    repeat {
      guard skipValue(depth: depth) else { return false }
    } while skips(UInt8(ascii: ","))
    return skips(UInt8(ascii: "]"))
  }

  private mutating func skipWord(_ word: StaticString) -> Bool {
    let end = offset + word.utf8CodeUnitCount
    guard end <= bytes.count else { return false }
    for index in offset..<end where bytes[index] != word.utf8Start[index - offset] {
      return false
    }
    offset = end
    return true
  }

  /// Short numbers without an exponent are judged here; any other by writing it again.
  private mutating func skipNumber() -> Bool {
    let start = offset
    let isNegative = skips(UInt8(ascii: "-"))
    let first = offset
    while Self.isDigit(byte) { offset += 1 }
    let digits = offset - first
    let isZero = digits == 1 && bytes[first] == UInt8(ascii: "0")
    if byte != UInt8(ascii: "."), byte | 0x20 != UInt8(ascii: "e"), (1...15).contains(digits) {
      return isZero ? !isNegative : bytes[first] != UInt8(ascii: "0")
    }
    if skips(UInt8(ascii: ".")), isZero || bytes[first] != UInt8(ascii: "0") {
      let (isShort, places) = skipFraction(digits: digits)
      // From 0.000001 on a number is written without an exponent (RFC 8785, section 3.2.2.3).
      if isShort, !isZero || places <= 6 { return true }
    }
    while Self.isOfNumber(byte) { offset += 1 }
    let text = String(decoding: slice(from: start), as: UTF8.self)
    // Double's own reader takes more than JSON does ("inf", hexadecimal), so JSON's comes first.
    guard (try? JSONReader.read(text)) != nil, let number = Double(text), number.isFinite else {
      return false
    }
    return CanonicalJSON.numberText(number).hasSameBytes(as: text)
  }

  /// Skips the digits behind a point.
  ///
  /// - Returns: whether they are the number's one spelling, as they are for certain where it has 15
  ///   digits at most, which always come back from a double (DBL_DIG), the last is not 0, and no
  ///   exponent follows; and the place of the first digit that is not 0, from 1.
  private mutating func skipFraction(digits: Int) -> (isShort: Bool, places: Int) {
    let first = offset
    var places = 0
    while Self.isDigit(byte) {
      offset += 1
      if places == 0, bytes[offset - 1] != UInt8(ascii: "0") { places = offset - first }
    }
    let isShort =
      (1...15).contains(digits) && offset - first + digits <= 15 && places > 0
      && bytes[offset - 1] != UInt8(ascii: "0") && byte | 0x20 != UInt8(ascii: "e")
    return (isShort, places)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  private static func isOfNumber(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: "+") || byte | 0x20 == UInt8(ascii: "e")
  }
}

// MARK: Strings

extension CanonicalScanner {
  /// The order of keys is that of their UTF-16 code units (RFC 8785, section 3.2.3), which for
  /// plain ASCII is that of the bytes.
  ///
  /// - Parameter arePlain: whether both are; then they are compared as they stand.
  private static func precedes(
    _ former: UnsafeBufferPointer<UInt8>, _ next: UnsafeBufferPointer<UInt8>, arePlain: Bool
  ) -> Bool {
    if arePlain {
      let common = min(former.count, next.count)
      var index = 0
      while index < common, former[index] == next[index] { index += 1 }
      return index == common ? former.count < next.count : former[index] < next[index]
    }
    guard let one = decoded(quoting: former), let other = decoded(quoting: next) else {
      return false
    }
    return one.precedesInUTF16(other)
  }

  private static func decoded(quoting key: UnsafeBufferPointer<UInt8>) -> String? {
    (try? JSONReader.read([UInt8(ascii: "\"")] + Array(key) + [UInt8(ascii: "\"")]))?.string
  }

  private mutating func skipString() -> Bool {
    guard skips(UInt8(ascii: "\"")) else { return false }
    isPlain = true
    while true {
      skipPlain()
      guard offset < bytes.count else { return false }
      switch bytes[offset] {
      case UInt8(ascii: "\""):
        offset += 1
        return true
      case UInt8(ascii: "\\"):
        isPlain = false
        guard skipEscape() else { return false }
      case 0x80...:
        isPlain = false
        guard skipMultibyte() else { return false }
      default:
        return false
      }
    }
  }

  /// Skips what needs no look: eight bytes at a time, by the well-known test whether one of them
  /// is a quote, a backslash, a control character or no ASCII.
  private mutating func skipPlain() {
    let ones: UInt64 = 0x0101_0101_0101_0101
    while offset + 8 <= bytes.count {
      let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
      let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
      let special =
        (word | (word &- ones &* 0x20) & ~word | (quote &- ones) & ~quote
          | (backslash &- ones) & ~backslash) & (ones &* 0x80)
      // Of the bits that are set the lowest is certain.
      guard special == 0 else {
        offset += special.trailingZeroBitCount / 8
        return
      }
      offset += 8
    }
    while offset < bytes.count, bytes[offset] >= 0x20, bytes[offset] < 0x80,
      bytes[offset] != UInt8(ascii: "\""), bytes[offset] != UInt8(ascii: "\\")
    {
      offset += 1
    }
  }

  /// The escapes that canonical JSON writes (RFC 8785, section 3.2.2.2), and no others.
  private mutating func skipEscape() -> Bool {
    guard offset + 1 < bytes.count else { return false }
    switch bytes[offset + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "b"), UInt8(ascii: "t"),
      UInt8(ascii: "n"), UInt8(ascii: "f"), UInt8(ascii: "r"):
      offset += 2
      return true
    case UInt8(ascii: "u"):
      guard offset + 6 <= bytes.count, bytes[offset + 2] == UInt8(ascii: "0"),
        bytes[offset + 3] == UInt8(ascii: "0"),
        bytes[offset + 4] == UInt8(ascii: "0") || bytes[offset + 4] == UInt8(ascii: "1")
      else { return false }
      let low = bytes[offset + 5]
      let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(low)
      guard Self.isDigit(low) || isLetter else { return false }
      // U+0008, 9, A, C and D have a letter of their own.
      let hasLetter = [UInt8(ascii: "8"), UInt8(ascii: "9")] + Array("acd".utf8)
      if bytes[offset + 4] == UInt8(ascii: "0"), hasLetter.contains(low) { return false }
      offset += 6
      return true
    default:
      return false
    }
  }

  /// One scalar of two to four bytes (RFC 3629, section 4: no surrogates, nothing overlong).
  private mutating func skipMultibyte() -> Bool {
    let lead = bytes[offset]
    let (count, least, most): (Int, UInt8, UInt8)
    switch lead {
    case 0xC2...0xDF: (count, least, most) = (2, 0x80, 0xBF)
    case 0xE0: (count, least, most) = (3, 0xA0, 0xBF)
    case 0xED: (count, least, most) = (3, 0x80, 0x9F)
    case 0xE1...0xEF: (count, least, most) = (3, 0x80, 0xBF)
    case 0xF0: (count, least, most) = (4, 0x90, 0xBF)
    case 0xF1...0xF3: (count, least, most) = (4, 0x80, 0xBF)
    case 0xF4: (count, least, most) = (4, 0x80, 0x8F)
    default: return false
    }
    guard offset + count <= bytes.count, (least...most).contains(bytes[offset + 1]) else {
      return false
    }
    for index in 2..<max(2, count) where bytes[offset + index] & 0xC0 != 0x80 { return false }
    offset += count
    return true
  }
}
