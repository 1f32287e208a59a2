// The formats of addresses and pointers: `uri` and `uri-reference` (RFC 3986), `iri` and
// `iri-reference` (RFC 3987), `uri-template` (RFC 6570), `json-pointer` (RFC 6901) and its relative
// form. What is outside ASCII is let through by the international ones without a look at its class.

extension FormatScanner {
  func isAddress(international: Bool, mustHaveScheme: Bool) -> Bool {
    let address = Address(text)
    guard address.scheme != nil || !mustHaveScheme else { return false }
    if address.scheme == nil, address.authority == nil {
      let first = address.path.utf8.prefix { $0 != UInt8(ascii: "/") }
      if first.contains(UInt8(ascii: ":")) { return false }
    }
    if let authority = address.authority, !Self.isAuthority(authority, international) {
      return false
    }
    return Self.consists(address.path, of: ":@/", international)
      && Self.consists(address.query ?? "", of: ":@/?", international)
      && Self.consists(address.fragment ?? "", of: ":@/?", international)
  }

  private static func isAuthority(_ authority: Substring, _ international: Bool) -> Bool {
    var host = authority
    if let at = authority.utf8.firstIndex(of: UInt8(ascii: "@")) {
      guard consists(authority[..<at], of: ":", international) else { return false }
      host = authority[authority.utf8.index(after: at)...]
    }
    var port: Substring = ""
    if host.utf8.first == UInt8(ascii: "[") {
      guard let end = host.utf8.firstIndex(of: UInt8(ascii: "]")) else { return false }
      let literal = String(host[host.utf8.index(after: host.startIndex)..<end])
      guard FormatScanner(literal).isIPv6 || isFutureLiteral(literal) else { return false }
      port = host[host.utf8.index(after: end)...]
    } else {
      let colon = host.utf8.firstIndex(of: UInt8(ascii: ":")) ?? host.endIndex
      guard consists(host[..<colon], of: "", international) else { return false }
      port = host[colon...]
    }
    return port.isEmpty
      || port.utf8.first == UInt8(ascii: ":") && port.utf8.dropFirst().allSatisfy(\.isDigit)
  }

  /// `IPvFuture`, section 3.2.2.
  private static func isFutureLiteral(_ text: String) -> Bool {
    var text = FormatScanner(text)
    guard text.skipsLetter("v"), text.skipAll(\.isHexadecimal) > 0, text.skips(".") else {
      return false
    }
    return text.skipAll { isUnreserved($0) || isDelimiter($0) || $0 == UInt8(ascii: ":") } > 0
      && text.isAtEnd
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    byte.isLetter || byte.isDigit || "-._~".utf8.contains(byte)
  }

  /// `sub-delims`, section 2.2.
  private static func isDelimiter(_ byte: UInt8) -> Bool {
    "!$&'()*+,;=".utf8.contains(byte)
  }

  /// Whether a text has unreserved, percent-encoded and delimiting characters alone, and others.
  private static func consists(
    _ text: Substring, of others: StaticString, _ international: Bool
  ) -> Bool {
    var text = FormatScanner(String(text))
    while let next = text.next {
      if isUnreserved(next) || isDelimiter(next) || (international && next >= 0x80)
        || others.withUTF8Buffer({ $0.contains(next) })
      {
        text.index += 1
      } else if !text.skipsPercentEncoded() {
        return false
      }
    }
    return true
  }

  // MARK: Templates

  mutating func skipsTemplate() -> Bool {
    while let next {
      if next == UInt8(ascii: "{") {
        guard skipsExpression() else { return false }
      } else if next == UInt8(ascii: "%") {
        guard skipsPercentEncoded() else { return false }
      } else {
        guard next > 0x20, next != 0x7f, !"\"<>\\^`|}".utf8.contains(next) else { return false }
        index += 1
      }
    }
    return true
  }

  private mutating func skipsExpression() -> Bool {
    guard skips("{") else { return false }
    if let next, "+#./;?&=,!@|".utf8.contains(next) { index += 1 }
    repeat {
      guard skipsVariable() else { return false }
    } while skips(",")
    return skips("}")
  }

  private mutating func skipsVariable() -> Bool {
    repeat {
      var count = 0
      while true {
        let plain = skipAll { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "_") }
        count += plain
        if skipsPercentEncoded() { count += 1 } else if plain == 0 { break }
      }
      if count == 0 { return false }
    } while skips(".")
    if skips("*") { return true }
    guard skips(":") else { return true }
    return next != UInt8(ascii: "0") && (1...4).contains(skipAll(\.isDigit))
  }

  // MARK: Pointers

  mutating func skipsPointer() -> Bool {
    while skips("/") {
      while let next, next != UInt8(ascii: "/") {
        index += 1
        if next == UInt8(ascii: "~"), !skips("0"), !skips("1") { return false }
      }
    }
    return true
  }

  mutating func skipsRelativePointer() -> Bool {
    if !skips("0"), next == UInt8(ascii: "0") || skipAll(\.isDigit) == 0 { return false }
    return skips("#") || skipsPointer()
  }
}
