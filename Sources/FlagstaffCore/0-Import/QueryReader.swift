// The query language of GO Feature Flag's rules (github.com/nikunjy/rules): comparisons of an
// attribute with a constant, joined by `and` and `or`. These bind equally and from the left, as its
// grammar says, and `not` stands before parentheses alone.

internal import Documents

/// A query, read.
indirect enum Query: Equatable {
  case comparison(attribute: String, sign: String, Operand)
  case present(String)
  case and(Query, Query)
  case or(Query, Query)
  case not(Query)

  enum Operand: Equatable {
    case boolean(Bool)
    case null
    case text(String)
    case integer(Int)
    case number(Double)
    /// Written without quotes.
    case version(String)
    case texts([String])
    case integers([Int])
    case numbers([Double])
  }
}

/// Why a text is no query.
struct QueryError: Error {
  let reason: String
}

struct QueryReader {
  private let bytes: [UInt8]
  private var offset = 0
  private var depth = 0

  private init(_ text: String) {
    bytes = Array(text.utf8)
  }

  static func read(_ text: String) throws(QueryError) -> Query {
    var reader = QueryReader(text)
    reader.skipSpace()
    let query = try reader.query()
    reader.skipSpace()
    guard reader.offset == reader.bytes.count else {
      throw QueryError(reason: "\"\(reader.rest)\" follows where a query ends")
    }
    return query
  }

  private var rest: String { String(decoding: bytes[offset...].prefix(24), as: UTF8.self) }

  private mutating func skipSpace() {
    while offset < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[offset]) { offset += 1 }
  }

  /// Whether one of the words comes next, which is then behind.
  private mutating func skips(_ words: String...) -> Bool {
    let start = offset
    let word = self.word()
    if words.contains(word) { return true }
    offset = start
    return false
  }

  /// Letters, or signs, up to what is neither.
  private mutating func word() -> String {
    let start = offset
    while offset < bytes.count, Self.isLetter(bytes[offset]) { offset += 1 }
    if offset == start {
      while offset < bytes.count, "=!<>".utf8.contains(bytes[offset]) { offset += 1 }
    }
    return String(decoding: bytes[start..<offset], as: UTF8.self)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private mutating func query() throws(QueryError) -> Query {
    var query = try term()
    while true {
      let start = offset
      skipSpace()
      if skips("and", "AND") {
        skipSpace()
        query = .and(query, try term())
      } else if skips("or", "OR") {
        skipSpace()
        query = .or(query, try term())
      } else {
        offset = start
        return query
      }
    }
  }

  private mutating func term() throws(QueryError) -> Query {
    let start = offset
    let isNegated = skips("not", "NOT")
    skipSpace()
    guard offset < bytes.count, bytes[offset] == UInt8(ascii: "(") else {
      offset = start
      return try comparison()
    }
    guard depth < Limits.depthMax else { throw QueryError(reason: "it is nested too deep") }
    offset += 1
    depth += 1
    skipSpace()
    let inner = try query()
    skipSpace()
    guard offset < bytes.count, bytes[offset] == UInt8(ascii: ")") else {
      throw QueryError(reason: "a parenthesis is never closed")
    }
    offset += 1
    depth -= 1
    return isNegated ? .not(inner) : inner
  }
}

// MARK: Comparisons

extension QueryReader {
  private static let signs = [
    "eq": "eq", "==": "eq", "ne": "ne", "!=": "ne", "gt": "gt", ">": "gt", "lt": "lt", "<": "lt",
    "ge": "ge", ">=": "ge", "le": "le", "<=": "le", "co": "co", "sw": "sw", "ew": "ew", "in": "in",
    "pr": "pr",
  ]

  private mutating func comparison() throws(QueryError) -> Query {
    let attribute = try attribute()
    skipSpace()
    let word = word()
    let isCapital = word.utf8.allSatisfy { $0 & 0x20 == 0 }
    guard let sign = Self.signs[isCapital ? word.lowercased() : word] else {
      throw QueryError(reason: "\"\(word)\(rest)\" is no comparison")
    }
    if sign == "pr" { return .present(attribute) }
    skipSpace()
    return .comparison(attribute: attribute, sign: sign, try operand())
  }

  private mutating func attribute() throws(QueryError) -> String {
    let start = offset
    while offset < bytes.count,
      Self.isLetter(bytes[offset]) || Self.isDigit(bytes[offset])
        || "-_:.".utf8.contains(bytes[offset])
    {
      offset += 1
    }
    guard start < offset, Self.isLetter(bytes[start]) else {
      throw QueryError(reason: "\"\(rest)\" begins with no attribute")
    }
    return String(decoding: bytes[start..<offset], as: UTF8.self)
  }

  private mutating func operand() throws(QueryError) -> Query.Operand {
    guard offset < bytes.count else { throw QueryError(reason: "it ends before a value") }
    if bytes[offset] == UInt8(ascii: "[") { return try list() }
    return try scalar()
  }

  private mutating func scalar() throws(QueryError) -> Query.Operand {
    if offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") { return .text(try text()) }
    let start = offset
    while offset < bytes.count, !" \t\r\n),]".utf8.contains(bytes[offset]) { offset += 1 }
    let token = String(decoding: bytes[start..<offset], as: UTF8.self)
    switch token {
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    case "null": return .null
    default: break
    }
    let digits = token.utf8.drop { $0 == UInt8(ascii: "-") }
    guard let first = digits.first, Self.isDigit(first), digits.count + 1 >= token.utf8.count else {
      throw QueryError(reason: "\"\(token)\" is no value")
    }
    if let integer = Int(token), integer.magnitude < Int.max { return .integer(integer) }
    if token.utf8.count(where: { $0 == UInt8(ascii: ".") }) < 2, let number = Double(token) {
      return .number(number)
    }
    return .version(token)
  }

  /// What stands between quotes, as it is.
  private mutating func text() throws(QueryError) -> String {
    offset += 1
    let start = offset
    while offset < bytes.count, bytes[offset] != UInt8(ascii: "\"") {
      guard bytes[offset] != UInt8(ascii: "\\") else {
        throw QueryError(reason: "readers do not agree on a backslash in a text")
      }
      offset += 1
    }
    guard offset < bytes.count else { throw QueryError(reason: "a text has no closing quote") }
    offset += 1
    return String(decoding: bytes[start..<(offset - 1)], as: UTF8.self)
  }

  /// Of one type throughout.
  private mutating func list() throws(QueryError) -> Query.Operand {
    var items: [Query.Operand] = []
    repeat {
      offset += 1
      skipSpace()
      items.append(try scalar())
      skipSpace()
    } while offset < bytes.count && bytes[offset] == UInt8(ascii: ",")
    guard offset < bytes.count, bytes[offset] == UInt8(ascii: "]") else {
      throw QueryError(reason: "a list is never closed")
    }
    offset += 1
    let texts = items.compactMap { if case .text(let text) = $0 { text } else { nil } }
    if texts.count == items.count { return .texts(texts) }
    let integers = items.compactMap { if case .integer(let integer) = $0 { integer } else { nil } }
    if integers.count == items.count { return .integers(integers) }
    let numbers = items.compactMap { if case .number(let number) = $0 { number } else { nil } }
    if numbers.count == items.count { return .numbers(numbers) }
    throw QueryError(reason: "a list holds values of several types")
  }
}
