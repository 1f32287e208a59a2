// The keyword `format`: JSON Schema Validation 2020-12, section 7. Whether it is asserted is
// decided when a schema is compiled. Each format checks strings alone, by the grammar of its
// standard and without any library, so that nothing depends on a locale. Of the draft's formats
// `idn-hostname` is missing: it takes the tables of IDNA; for the same reason `hostname` does not
// decode `xn--` labels.

internal import Documents

enum Format: String, CaseIterable, Sendable {
  case date
  case time
  case dateTime = "date-time"
  case duration
  case email
  case idnEmail = "idn-email"
  case hostname
  case ipv4
  case ipv6
  case uri
  case uriReference = "uri-reference"
  case iri
  case iriReference = "iri-reference"
  case uriTemplate = "uri-template"
  case uuid
  case jsonPointer = "json-pointer"
  case relativeJSONPointer = "relative-json-pointer"
  case regex

  func allows(_ text: String) -> Bool {
    var text = FormatScanner(text)
    switch self {
    case .date: return text.skipsDate() && text.isAtEnd
    case .time: return text.skipsTime() && text.isAtEnd
    case .dateTime: return text.skipsDateTime() && text.isAtEnd
    case .duration: return text.skipsDuration() && text.isAtEnd
    case .email: return text.isEmail(international: false)
    case .idnEmail: return text.isEmail(international: true)
    case .hostname: return text.isHostname(international: false)
    case .ipv4: return text.skipsIPv4() && text.isAtEnd
    case .ipv6: return text.isIPv6
    case .uri: return text.isAddress(international: false, mustHaveScheme: true)
    case .uriReference: return text.isAddress(international: false, mustHaveScheme: false)
    case .iri: return text.isAddress(international: true, mustHaveScheme: true)
    case .iriReference: return text.isAddress(international: true, mustHaveScheme: false)
    case .uriTemplate: return text.skipsTemplate() && text.isAtEnd
    case .uuid: return text.skipsUUID() && text.isAtEnd
    case .jsonPointer: return text.skipsPointer() && text.isAtEnd
    case .relativeJSONPointer: return text.skipsRelativePointer() && text.isAtEnd
    case .regex: return Self.isPattern(text.text)
    }
  }

  private static func isPattern(_ text: String) -> Bool {
    do throws(Pattern.Refused) {
      _ = try Pattern(text)
      return true
    } catch {
      return error.isUnsupported
    }
  }

  func explain(_ node: Node, _ explanation: inout Explanation) {
    guard let text = node.string, !allows(text) else { return }
    let value = text.isEmpty ? "blank" : Violation.words(for: node)
    explanation.add(
      .wrongValue, "\(explanation.subject) is \(value), which is not \(words)",
      remedy: "Write \(words)\(example)")
  }

  private var words: String {
    switch self {
    case .date: "a date"
    case .time: "a time of day with its offset"
    case .dateTime: "an instant"
    case .duration: "a duration"
    case .email, .idnEmail: "an e-mail address"
    case .hostname: "a host name"
    case .ipv4: "an IPv4 address"
    case .ipv6: "an IPv6 address"
    case .uri, .iri: "an absolute URL"
    case .uriReference, .iriReference: "a URL or a path"
    case .uriTemplate: "a URI template"
    case .uuid: "a UUID"
    case .jsonPointer: "a JSON pointer"
    case .relativeJSONPointer: "a relative JSON pointer"
    case .regex: "a regular expression of ECMA-262"
    }
  }

  private var example: String {
    switch self {
    case .date: " such as 2026-11-23"
    case .time: " such as 09:00:00Z"
    case .dateTime: " such as 2026-11-23T09:00:00Z"
    case .duration: " such as P14D or PT1H30M"
    case .hostname: " such as www.example.com"
    case .uri, .iri: " such as https://example.com/checkout"
    case .uriReference, .iriReference: " such as /checkout"
    case .uriTemplate: " such as /users/{id}"
    case .jsonPointer: " such as /flags/0"
    default: ""
    }
  }
}

/// Reads a text from the left, byte by byte.
struct FormatScanner {
  let text: String
  let bytes: [UInt8]
  var index = 0

  init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
  }

  var isAtEnd: Bool { index == bytes.count }

  var next: UInt8? { index < bytes.count ? bytes[index] : nil }

  /// Whether a character stands here, which is then behind.
  mutating func skips(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    index += 1
    return true
  }

  /// The same, where upper and lower case do not matter.
  mutating func skipsLetter(_ lowerCase: Unicode.Scalar) -> Bool {
    guard let next, next.isLetter, next | 0x20 == UInt8(ascii: lowerCase) else { return false }
    index += 1
    return true
  }

  /// A number of exactly so many digits.
  mutating func number(digits: Int) -> Int? {
    guard index + digits <= bytes.count else { return nil }
    var number = 0
    for byte in bytes[index..<(index + digits)] {
      guard byte.isDigit else { return nil }
      number = number * 10 + Int(byte - UInt8(ascii: "0"))
    }
    index += digits
    return number
  }

  /// How many characters of a class stand here, which are then behind.
  mutating func skipAll(_ isIncluded: (UInt8) -> Bool) -> Int {
    let start = index
    while let next, isIncluded(next) { index += 1 }
    return index - start
  }

  /// `%` and two hexadecimal digits (RFC 3986, section 2.1).
  mutating func skipsPercentEncoded() -> Bool {
    guard index + 2 < bytes.count, next == UInt8(ascii: "%"), bytes[index + 1].isHexadecimal,
      bytes[index + 2].isHexadecimal
    else { return false }
    index += 3
    return true
  }
}
