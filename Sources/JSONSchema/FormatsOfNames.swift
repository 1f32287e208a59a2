// The formats of hosts and mailboxes: `hostname` (RFC 1123, section 2.1), `ipv4` and `ipv6` (RFC
// 2673 and 4291, section 2.2), `email` (RFC 5321, section 4.1.2) and `idn-email` (RFC 6531).
// Whether a name exists is not asked.

extension FormatScanner {
  func isHostname(international: Bool) -> Bool {
    guard !bytes.isEmpty, bytes.count <= 253 else { return false }
    return bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      .allSatisfy { label in
        let hyphen = UInt8(ascii: "-")
        return !label.isEmpty && label.count <= 63 && label.first != hyphen && label.last != hyphen
          && label.allSatisfy {
            $0.isLetter || $0.isDigit || $0 == hyphen || (international && $0 >= 0x80)
          }
      }
  }

  mutating func skipsIPv4() -> Bool {
    for part in 0..<4 {
      if part > 0, !skips(".") { return false }
      let start = index
      let count = skipAll(\.isDigit)
      guard (1...3).contains(count), count == 1 || bytes[start] != UInt8(ascii: "0"),
        let number = Int(String(decoding: bytes[start..<index], as: UTF8.self)), number <= 255
      else { return false }
    }
    return true
  }

  var isIPv6: Bool {
    var text = self
    var groups = 0
    var isShortened = false
    if text.skips(":") {
      guard text.skips(":") else { return false }
      isShortened = true
    }
    while !text.isAtEnd {
      let start = text.index
      let digits = text.skipAll(\.isHexadecimal)
      if text.next == UInt8(ascii: ".") {
        text.index = start
        guard text.skipsIPv4(), text.isAtEnd else { return false }
        groups += 2
        break
      }
      guard (1...4).contains(digits) else { return false }
      groups += 1
      if text.isAtEnd { break }
      guard text.skips(":"), !text.isAtEnd else { return false }
      if text.skips(":") {
        if isShortened { return false }
        isShortened = true
      }
    }
    return isShortened ? groups <= 7 : groups == 8
  }

  func isEmail(international: Bool) -> Bool {
    var text = self
    guard text.skipsLocalPart(international), text.index <= 64, text.skips("@") else {
      return false
    }
    var domain = FormatScanner(String(decoding: bytes[text.index...], as: UTF8.self))
    guard domain.skips("[") else { return domain.isHostname(international: international) }
    guard domain.bytes.last == UInt8(ascii: "]") else { return false }
    let literal = String(decoding: domain.bytes.dropFirst().dropLast(), as: UTF8.self)
    if literal.utf8.count > 5, literal.prefix(5).lowercased() == "ipv6:" {
      return FormatScanner(String(literal.dropFirst(5))).isIPv6
    }
    var address = FormatScanner(literal)
    return address.skipsIPv4() && address.isAtEnd
  }

  private mutating func skipsLocalPart(_ international: Bool) -> Bool {
    if skips("\"") {
      while let next, next != UInt8(ascii: "\"") {
        if next == UInt8(ascii: "\\") { index += 1 }
        guard let character = self.next,
          (0x20...0x7e).contains(character)
            || (international && character >= 0x80)
        else { return false }
        index += 1
      }
      return skips("\"")
    }
    repeat {
      let count = skipAll { byte in
        byte.isLetter || byte.isDigit || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
          || (international && byte >= 0x80)
      }
      if count == 0 { return false }
    } while skips(".")
    return true
  }

  mutating func skipsUUID() -> Bool {
    for (part, count) in [8, 4, 4, 4, 12].enumerated() {
      if part > 0, !skips("-") { return false }
      guard skipAll(\.isHexadecimal) == count else { return false }
    }
    return true
  }
}
