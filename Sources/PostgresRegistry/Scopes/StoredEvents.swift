// Reads the log for whoever verifies it: all columns of each row, in binary, in the order of the
// chain, as views of libpq's buffer. Nothing is converted here and nothing is believed; judging the
// rows is the core's.

package import FlagstaffCore

extension PostgresTransaction {
  /// Rows of one statement: at a time, so that none runs into its time-out, however long the log.
  private static var rowsAtOnce: Int { 20_000 }

  /// Hands every event behind a sequence to a body, in order.
  ///
  /// - Throws: what the body throws; `AuditFailure` where a row is not of the log's form;
  ///   `RegistryError`.
  package borrowing func forEachStoredEvent(
    after sequence: Int = 0, _ body: (StoredEvent) throws -> Void
  ) throws {
    var last = sequence
    while true {
      let before = last
      let count = try copyOut(
        query: """
          SELECT sequence, bytes, hash, mac, environment, customer, version, commit, kind, key,
            instant, actor, people, classes
          FROM experimentation.audit_events WHERE sequence > \(before)
          ORDER BY sequence LIMIT \(Self.rowsAtOnce)
          """
      ) { fields in
        var reading = RowFields(fields)
        guard let event = reading.event() else {
          throw AuditFailure(
            sequence: last + 1, reason: "its row has columns of other types: the table was edited")
        }
        last = event.sequence
        try body(event)
      }
      guard count == Self.rowsAtOnce else { return }
    }
  }
}

/// The fields of a row of a binary COPY: four bytes of length, -1 for NULL, then the value.
private struct RowFields {
  private let bytes: UnsafeRawBufferPointer
  private var offset = 0
  private var isBroken = false

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  mutating func event() -> StoredEvent? {
    guard let sequence = integer(), let event = next(), let hash = next(), let mac = next() else {
      return nil
    }
    var columns = EventColumns()
    columns.environment = next()
    columns.customer = next()
    columns.version = integer()
    columns.commit = next()
    columns.kind = next()
    columns.key = next()
    columns.instant = next()
    columns.actor = next()
    columns.people = list()
    columns.classes = list()
    guard !isBroken, offset == bytes.count else { return nil }
    return StoredEvent(sequence: sequence, bytes: event, hash: hash, mac: mac, columns: columns)
  }

  /// Nil for NULL, or where the row is shorter than it says.
  private mutating func next() -> UnsafeRawBufferPointer? {
    guard offset + 4 <= bytes.count else {
      isBroken = true
      return nil
    }
    let length = Int(Int32(bitPattern: word(at: offset)))
    offset += 4
    guard length >= 0 else { return nil }
    guard offset + length <= bytes.count else {
      isBroken = true
      return nil
    }
    defer { offset += length }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + length)])
  }

  private func word(at offset: Int) -> UInt32 {
    UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// A bigint.
  private mutating func integer() -> Int? {
    guard let value = next() else { return nil }
    guard value.count == 8 else {
      isBroken = true
      return nil
    }
    return Int(Int64(bigEndian: value.loadUnaligned(as: Int64.self)))
  }

  /// A text[]: dimensions, whether there are nulls, the type, then a dimension's length and lower
  /// bound, then the elements (PostgreSQL's array_send).
  private mutating func list() -> TextList? {
    guard let value = next() else { return nil }
    guard value.count >= 12 else {
      isBroken = true
      return nil
    }
    func number(_ offset: Int) -> Int {
      Int(UInt32(bigEndian: value.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }
    let textType = 25
    switch number(0) {
    case 0:
      return TextList(count: 0, elements: UnsafeRawBufferPointer(rebasing: value[12...]))
    case 1 where value.count >= 20 && number(8) == textType:
      return TextList(
        count: number(12), elements: UnsafeRawBufferPointer(rebasing: value[20...]))
    default:
      isBroken = true
      return nil
    }
  }
}
