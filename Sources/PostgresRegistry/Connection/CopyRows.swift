// Rows on their way into a table by COPY … FROM STDIN, in text format: one spelling for every type,
// converted by the server as a literal would be. Each value is escaped as it is appended, and the
// buffer is handed on whenever it is full, so that thousands of large rows never stand in memory.

package import Documents

/// An encoder of rows. Append the values of a row in the order of the columns, then end the row.
package struct CopyRows: ~Copyable {
  /// Bytes kept before they go to the server: few calls, little memory.
  static let bufferBytes = 64 * 1024

  private let columnCount: Int
  private let send: (UnsafeRawBufferPointer) throws -> Void
  private var buffer: [UInt8] = []
  private var appended = 0
  /// Whole rows so far.
  package private(set) var count = 0

  /// - Parameter send: Takes the next bytes of the stream; they are valid only while it runs.
  init(columnCount: Int, send: @escaping (UnsafeRawBufferPointer) throws -> Void) {
    self.columnCount = columnCount
    self.send = send
    buffer.reserveCapacity(Self.bufferBytes * 2)
  }

  package mutating func null() {
    separate()
    buffer.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "N")])
  }

  /// Text, and what PostgreSQL reads from text: uuid, numeric.
  /// - Throws: `RegistryError` of code `invalidValue` where it holds U+0000.
  package mutating func text(_ value: String?) throws {
    guard var value else { return null() }
    separate()
    try value.withUTF8 { try escape($0) }
  }

  package mutating func int(_ value: Int?) {
    guard let value else { return null() }
    separate()
    buffer.append(contentsOf: String(value).utf8)
  }

  package mutating func bool(_ value: Bool?) {
    guard let value else { return null() }
    separate()
    buffer.append(UInt8(ascii: value ? "t" : "f"))
  }

  package mutating func instant(_ value: Instant?) {
    guard let value else { return null() }
    separate()
    buffer.append(contentsOf: value.description.utf8)
  }

  /// A bytea. Its `\x` takes a second backslash, since COPY reads escapes first.
  package mutating func bytes(_ value: [UInt8]?) {
    guard let value else { return null() }
    separate()
    buffer.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "\\"), UInt8(ascii: "x")])
    for byte in value {
      buffer.append(Self.digits[Int(byte >> 4)])
      buffer.append(Self.digits[Int(byte & 15)])
    }
  }

  /// A jsonb from the UTF-8 bytes of its text.
  /// - Throws: `RegistryError` of code `invalidValue` where they hold a zero byte.
  package mutating func json(_ utf8: [UInt8]?) throws {
    guard let utf8 else { return null() }
    separate()
    try utf8.withUnsafeBufferPointer { try escape($0) }
  }

  /// Ends the row.
  /// - Throws: What the connection throws where the server has gone away.
  package mutating func endRow() throws {
    precondition(appended == columnCount, "a row has \(columnCount) columns, not \(appended)")
    buffer.append(UInt8(ascii: "\n"))
    appended = 0
    count += 1
    if buffer.count >= Self.bufferBytes { try flush() }
  }

  mutating func flush() throws {
    try buffer.withUnsafeBytes(send)
    buffer.removeAll(keepingCapacity: true)
  }

  /// After the last row; a row begun and not ended is an error of the program.
  mutating func finish() throws {
    precondition(appended == 0, "the last row was not ended")
    try flush()
  }
}

extension CopyRows {
  private static let digits = Array("0123456789abcdef".utf8)

  private mutating func separate() {
    precondition(appended < columnCount, "a row has \(columnCount) columns")
    if appended > 0 { buffer.append(UInt8(ascii: "\t")) }
    appended += 1
  }

  /// PostgreSQL manual, COPY, "Text Format": backslash, newline, carriage return and tab are
  /// written as two characters; with that `\N` and `\.` lose their meaning inside values.
  private mutating func escape(_ bytes: UnsafeBufferPointer<UInt8>) throws {
    var start = 0
    var index = 0
    while index < bytes.count {
      let letter: UInt8
      switch bytes[index] {
      case 0x5C: letter = 0x5C  // backslash
      case 0x0A: letter = 0x6E  // newline, \n
      case 0x0D: letter = 0x72  // carriage return, \r
      case 0x09: letter = 0x74  // tab, \t
      case 0: throw RegistryError.zeroByte(operation: "copying rows into the registry")
      default:
        index += 1
        continue
      }
      buffer.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<index]))
      buffer.append(0x5C)
      buffer.append(letter)
      index += 1
      start = index
    }
    buffer.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start...]))
  }
}

extension RegistryError {
  static func zeroByte(operation: String, statement: String? = nil) -> RegistryError {
    RegistryError(
      .invalidValue, operation: operation, reason: "PostgreSQL stores no text with U+0000",
      statement: statement)
  }
}
