// What a statement answers. Columns are asked for by name, or by position, and by type: asking for
// a type that the text of a column does not have is an error, never a default. Values arrive in
// PostgreSQL's text format, whose form the transaction's settings pin down (UTC, ISO dates, hex).

internal import CLibPQ
package import Documents

/// The rows of one result, in the server's order.
package final class Rows: RandomAccessCollection {
  /// Owned: made by libpq, cleared with this object.
  private let result: OpaquePointer
  private let statement: String
  private var positions: [String: Int] = [:]

  init(takingOwnershipOf result: OpaquePointer, statement: String) {
    self.result = result
    self.statement = statement
    for column in 0..<Int(PQnfields(result)) {
      guard let name = PQfname(result, Int32(column)) else { continue }
      // Where two columns share a name, the first is meant, as PQfnumber does it.
      positions[String(cString: name)] = positions[String(cString: name)] ?? column
    }
  }

  deinit {
    PQclear(result)
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { Int(PQntuples(result)) }
  package subscript(position: Int) -> Row {
    precondition(indices.contains(position), "there is no row \(position)")
    return Row(rows: self, number: position)
  }

  /// The server's word for what it did: `COMMIT`, `INSERT 0 1`.
  var command: String {
    PQcmdStatus(result).map { String(cString: $0) } ?? ""
  }

  /// The only row.
  /// - Throws: `RegistryError` of code `corrupt` unless there is exactly one.
  package func only() throws -> Row {
    guard count == 1 else { throw wrong("there are \(count) rows where one was expected") }
    return self[0]
  }

  fileprivate func position(of name: String) throws -> Int {
    guard let position = positions[name] else { throw wrong("there is no column \(name)") }
    return position
  }

  /// Hands the bytes of a value to `body`, or nil for NULL. They live as long as the result.
  fileprivate func withValue<T>(
    row: Int, column: Int, _ body: (UnsafeBufferPointer<UInt8>?) throws -> T
  ) throws -> T {
    guard (0..<Int(PQnfields(result))).contains(column) else {
      throw wrong("there is no column at position \(column)")
    }
    if PQgetisnull(result, Int32(row), Int32(column)) == 1 { return try body(nil) }
    let count = Int(PQgetlength(result, Int32(row), Int32(column)))
    guard let start = PQgetvalue(result, Int32(row), Int32(column)) else { return try body(nil) }
    return try start.withMemoryRebound(to: UInt8.self, capacity: count) {
      try body(UnsafeBufferPointer(start: $0, count: count))
    }
  }

  fileprivate func wrong(_ reason: String) -> RegistryError {
    RegistryError(
      .corrupt, operation: "reading the registry's answer", reason: reason, statement: statement)
  }
}

/// One row. It keeps the whole result alive: copy out what is to be kept.
package struct Row {
  /// Where a value stands: a name, or a position counted from 0.
  package enum Column: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    case name(String)
    case position(Int)

    package init(stringLiteral value: String) { self = .name(value) }
    package init(integerLiteral value: Int) { self = .position(value) }
  }

  fileprivate let rows: Rows
  fileprivate let number: Int

  /// Text, and any other type in PostgreSQL's own spelling (uuid, numeric, jsonb).
  package func string(_ column: Column) throws -> String {
    try required(column, "text") { String(validating: $0, as: UTF8.self) }
  }

  package func int(_ column: Column) throws -> Int {
    try required(column, "an integer", Self.parseInt)
  }

  package func bool(_ column: Column) throws -> Bool {
    try required(column, "a boolean", Self.parseBool)
  }

  /// The bytes of a bytea.
  package func bytes(_ column: Column) throws -> [UInt8] {
    try required(column, "bytes", Self.parseBytea)
  }

  /// The UTF-8 bytes of a value as PostgreSQL spells it; for jsonb on its way to a JSON reader.
  package func utf8(_ column: Column) throws -> [UInt8] {
    try required(column, "text", Array.init)
  }

  /// A timestamptz in whole seconds.
  package func instant(_ column: Column) throws -> Instant {
    try required(column, "an instant in whole seconds", Self.parseInstant)
  }

  package func optionalString(_ column: Column) throws -> String? {
    try optional(column, "text") { String(validating: $0, as: UTF8.self) }
  }

  package func optionalInt(_ column: Column) throws -> Int? {
    try optional(column, "an integer", Self.parseInt)
  }

  package func optionalInstant(_ column: Column) throws -> Instant? {
    try optional(column, "an instant in whole seconds", Self.parseInstant)
  }
}

extension Row {
  private func required<T>(
    _ column: Column, _ type: String, _ parse: (UnsafeBufferPointer<UInt8>) -> T?
  ) throws -> T {
    guard let value = try optional(column, type, parse) else {
      throw rows.wrong("column \(column.label) is null, not \(type)")
    }
    return value
  }

  private func optional<T>(
    _ column: Column, _ type: String, _ parse: (UnsafeBufferPointer<UInt8>) -> T?
  ) throws -> T? {
    let position =
      switch column {
      case .name(let name): try rows.position(of: name)
      case .position(let position): position
      }
    return try rows.withValue(row: number, column: position) { bytes in
      guard let bytes else { return nil }
      guard let value = parse(bytes) else {
        throw rows.wrong("column \(column.label) is not \(type)")
      }
      return value
    }
  }

  private static func parseInt(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    Int(String(decoding: bytes, as: UTF8.self))
  }

  private static func parseBool(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool? {
    switch bytes.first {
    case UInt8(ascii: "t") where bytes.count == 1: true
    case UInt8(ascii: "f") where bytes.count == 1: false
    default: nil
    }
  }

  /// PostgreSQL manual, section 8.4.1: `\x` and two lower-case digits a byte.
  private static func parseBytea(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    guard text.count >= 2, text.count.isMultiple(of: 2), text[0] == UInt8(ascii: "\\"),
      text[1] == UInt8(ascii: "x")
    else { return nil }
    var isValid = true
    let bytes = [UInt8](unsafeUninitializedCapacity: text.count / 2 - 1) { buffer, count in
      count = text.count / 2 - 1
      for index in 0..<count {
        let high = digit(text[2 * index + 2])
        let low = digit(text[2 * index + 3])
        isValid = isValid && high < 16 && low < 16
        buffer[index] = high << 4 | low & 15
      }
    }
    return isValid ? bytes : nil
  }

  private static func digit(_ byte: UInt8) -> UInt8 {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: 16
    }
  }

  /// `2026-11-23 09:00:00+00`: what ISO dates and UTC, as transactions set them, look like.
  private static func parseInstant(_ bytes: UnsafeBufferPointer<UInt8>) -> Instant? {
    let text = Array(bytes)
    guard text.count == 22, text[10] == UInt8(ascii: " "), text[19...].elementsEqual("+00".utf8)
    else { return nil }
    let date = String(decoding: text[..<10], as: UTF8.self)
    let time = String(decoding: text[11..<19], as: UTF8.self)
    return Instant("\(date)T\(time)Z")
  }
}

extension Row.Column {
  fileprivate var label: String {
    switch self {
    case .name(let name): name
    case .position(let position): String(position)
    }
  }
}
