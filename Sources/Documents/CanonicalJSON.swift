// Canonical JSON (RFC 8785, JCS): one spelling for each value, so that equal values have equal
// bytes, digests and signatures. Everything that Flagstaff stores, hashes, signs or publishes goes
// through this writer. It appends to a byte buffer, since Foundation's encoder is ten times slower
// and not canonical.

package enum CanonicalJSON {
  /// The canonical bytes of a node.
  package static func bytes(_ node: Node) -> [UInt8] {
    var output: [UInt8] = []
    append(node, to: &output)
    return output
  }

  /// The canonical text of a node.
  package static func string(_ node: Node) -> String {
    String(decoding: bytes(node), as: UTF8.self)
  }

  package static func append(_ node: Node, to output: inout [UInt8]) {
    switch node.value {
    case .null: output.append(contentsOf: "null".utf8)
    case .boolean(let boolean): output.append(contentsOf: (boolean ? "true" : "false").utf8)
    case .integer(let integer): append(integer, to: &output)
    case .number(let number): output.append(contentsOf: numberText(number).utf8)
    case .string(let string): append(string, to: &output)
    case .sequence(let nodes): append(nodes, to: &output)
    case .mapping(let mapping): append(mapping, to: &output)
    }
  }

  /// A string with its quotes (RFC 8785, section 3.2.2.2): only the quote, the backslash and
  /// control characters are escaped.
  package static func append(_ string: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    var copy = string
    copy.withUTF8 { bytes in
      var start = 0
      for index in bytes.indices where needsEscape(bytes[index]) {
        output.append(contentsOf: bytes[start..<index])
        appendEscape(of: bytes[index], to: &output)
        start = index + 1
      }
      output.append(contentsOf: bytes[start...])
    }
    output.append(UInt8(ascii: "\""))
  }

  package static func append(_ integer: Int, to output: inout [UInt8]) {
    output.append(contentsOf: String(integer).utf8)
  }

  /// A finite double as ECMAScript's `Number::toString` writes it (RFC 8785, section 3.2.2.3).
  /// Swift's description yields the same shortest digits; only their arrangement differs.
  package static func numberText(_ number: Double) -> String {
    precondition(number.isFinite, "canonical JSON has no infinity and no NaN")
    if number == 0 { return "0" }
    let (digits, pointPosition) = shortestDigits(of: number.magnitude)
    return (number < 0 ? "-" : "") + arranged(digits, pointPosition: pointPosition)
  }
}

extension CanonicalJSON {
  private static func append(_ nodes: [Node], to output: inout [UInt8]) {
    output.append(UInt8(ascii: "["))
    var isFirst = true
    for node in nodes {
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      append(node, to: &output)
    }
    output.append(UInt8(ascii: "]"))
  }

  private static func append(_ mapping: Mapping, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "{"))
    var isFirst = true
    for entry in sorted(mapping.entries) {
      if !isFirst { output.append(UInt8(ascii: ",")) }
      isFirst = false
      append(entry.key, to: &output)
      output.append(UInt8(ascii: ":"))
      append(entry.value, to: &output)
    }
    output.append(UInt8(ascii: "}"))
  }

  private static func sorted(_ entries: [Mapping.Entry]) -> [Mapping.Entry] {
    for index in entries.indices.dropFirst()
    where !entries[index - 1].key.precedesInUTF16(entries[index].key) {
      return entries.sorted { $0.key.precedesInUTF16($1.key) }
    }
    return entries
  }

  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
  }

  private static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
    case 0x08: output.append(UInt8(ascii: "b"))
    case 0x09: output.append(UInt8(ascii: "t"))
    case 0x0A: output.append(UInt8(ascii: "n"))
    case 0x0C: output.append(UInt8(ascii: "f"))
    case 0x0D: output.append(UInt8(ascii: "r"))
    default: output.append(contentsOf: ("u00" + Hexadecimal.string([byte])).utf8)
    }
  }

  /// The shortest digits that read back as the number, without leading or trailing zeros, and
  /// the position of the decimal point relative to their start.
  private static func shortestDigits(of number: Double) -> (digits: [UInt8], point: Int) {
    var digits: [UInt8] = []
    var point: Int?
    var exponent = 0
    let text = Array(number.description.utf8)
    for (index, byte) in text.enumerated() {
      if byte == UInt8(ascii: ".") {
        point = digits.count
      } else if byte == UInt8(ascii: "e") {
        exponent = Int(String(decoding: text[(index + 1)...], as: UTF8.self)) ?? 0
        break
      } else {
        digits.append(byte)
      }
    }
    var position = (point ?? digits.count) + exponent
    let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
    digits.removeFirst(leading)
    position -= leading
    while digits.last == UInt8(ascii: "0") { digits.removeLast() }
    return (digits, position)
  }

  /// ECMA-262, section 6.1.6.1.20, steps 6 to 12, with k digits and n the point's position.
  private static func arranged(_ digits: [UInt8], pointPosition n: Int) -> String {
    let k = digits.count
    let text = String(decoding: digits, as: UTF8.self)
    if k <= n, n <= 21 { return text + String(repeating: "0", count: n - k) }
    if 0 < n, n <= 21 {
      return String(decoding: digits[..<n], as: UTF8.self) + "."
        + String(decoding: digits[n...], as: UTF8.self)
    }
    if -6 < n, n <= 0 { return "0." + String(repeating: "0", count: -n) + text }
    let exponent = (n - 1 < 0 ? "-" : "+") + String((n - 1).magnitude)
    if k == 1 { return text + "e" + exponent }
    return String(decoding: digits[..<1], as: UTF8.self) + "."
      + String(decoding: digits[1...], as: UTF8.self) + "e" + exponent
  }
}
