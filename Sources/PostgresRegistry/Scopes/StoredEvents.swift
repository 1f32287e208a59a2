// Reads the log for whoever verifies it: all columns of each row, in binary, in the order of the
// chain. One thread reads while another verifies, so that neither waits for the other; blocks of
// rows go from the first to the second. Nothing is converted here and nothing is believed; judging
// the rows is the core's.

internal import Dispatch
package import FlagstaffCore
internal import Synchronization

extension PostgresTransaction {
  /// Hands every event behind a sequence to a body, in order, as views of a block of rows.
  ///
  /// - Throws: what the body throws; `AuditFailure` where a row is not of the log's form;
  ///   `RegistryError`.
  package borrowing func forEachStoredEvent(
    after sequence: Int = 0, _ body: (StoredEvent) throws -> Void
  ) throws {
    let blocks = RowBlocks()
    let reader = LogReader(connection, blocks)
    let ended = DispatchSemaphore(value: 0)
    DispatchQueue(label: "flagstaff.audit-log").async {
      reader.run(after: sequence)
      ended.signal()
    }
    // The connection is this thread's again only once the reader has ended.
    defer {
      blocks.cancel()
      ended.wait()
    }
    while var block = try blocks.next() {
      try block.withUnsafeBytes { try Self.forEachRow(in: $0, after: sequence, body) }
      blocks.giveBack(&block)
    }
  }

  private static func forEachRow(
    in block: UnsafeRawBufferPointer, after sequence: Int, _ body: (StoredEvent) throws -> Void
  ) throws {
    var (offset, last) = (0, sequence)
    while offset < block.count {
      let length = block.loadUnaligned(fromByteOffset: offset, as: Int.self)
      let start = offset + MemoryLayout<Int>.size
      offset = start + length
      var fields = RowFields(UnsafeRawBufferPointer(rebasing: block[start..<offset]))
      guard let event = fields.event() else {
        throw AuditFailure(
          sequence: last + 1, reason: "its row has columns of other types: the table was edited")
      }
      last = event.sequence
      try body(event)
    }
  }
}

/// Reads all rows behind a sequence into blocks, on a thread of its own.
///
/// Unchecked: whoever made it does not touch the connection until `run` has returned, so that one
/// thread at a time uses it; blocks are shared under a lock.
private struct LogReader: @unchecked Sendable {
  /// Rows of one statement: at a time, so that none runs into its time-out, however long the log.
  private static let rowsAtOnce = 20_000

  private let connection: PostgresConnection
  private let blocks: RowBlocks

  init(_ connection: PostgresConnection, _ blocks: RowBlocks) {
    (self.connection, self.blocks) = (connection, blocks)
  }

  func run(after sequence: Int) {
    do {
      try read(after: sequence)
      blocks.end(nil)
    } catch {
      blocks.end(error)
    }
  }

  private func read(after sequence: Int) throws {
    var last = sequence
    while var block = blocks.empty() {
      let count = try connection.copyOut(query: Self.query(behind: last)) { fields in
        guard let sequence = RowFields.sequence(of: fields) else {
          throw AuditFailure(
            sequence: last + 1, reason: "its row has columns of other types: the table was edited")
        }
        last = sequence
        withUnsafeBytes(of: fields.count) { block.append(contentsOf: $0) }
        block.append(contentsOf: fields)
        if block.count >= RowBlocks.bytes {
          blocks.handOn(block)
          guard let next = blocks.empty() else { throw CancellationError() }
          block = next
        }
      }
      blocks.handOn(block)
      guard count == Self.rowsAtOnce else { return }
    }
  }

  private static func query(behind sequence: Int) -> String {
    """
    SELECT sequence, bytes, hash, mac, environment, customer, version, commit, kind, key,
      instant, actor, people, classes
    FROM experimentation.audit_events WHERE sequence > \(sequence)
    ORDER BY sequence LIMIT \(rowsAtOnce)
    """
  }
}

/// A few blocks of rows that go round between two threads: each row is its length and its fields.
private final class RowBlocks: Sendable {
  /// Of one block, but for its last row.
  static let bytes = 1 << 20
  private static let count = 4

  private struct State {
    var filled: [[UInt8]] = []
    var spare: [[UInt8]] = []
    var error: (any Error)?
    var isCancelled = false
  }

  private let state = Mutex(State())
  private let free = DispatchSemaphore(value: 0)
  /// Signalled for each filled block, and once at the end.
  private let filled = DispatchSemaphore(value: 0)

  init() {
    for _ in 0..<Self.count { free.signal() }
  }

  /// An empty block, once there is one; nil where nobody wants more.
  func empty() -> [UInt8]? {
    free.wait()
    return state.withLock { state in
      if state.isCancelled { return nil }
      if let block = state.spare.popLast() { return block }
      var block: [UInt8] = []
      block.reserveCapacity(Self.bytes + (1 << 16))
      return block
    }
  }

  func handOn(_ block: [UInt8]) {
    state.withLock { $0.filled.append(block) }
    filled.signal()
  }

  func end(_ error: (any Error)?) {
    state.withLock { $0.error = error }
    filled.signal()
  }

  /// The next block that was handed on, once there is one; nil at the end.
  ///
  /// - Throws: what ended the reading.
  func next() throws -> [UInt8]? {
    filled.wait()
    let (block, error) = state.withLock { state in
      state.filled.isEmpty ? (nil, state.error) : (state.filled.removeFirst(), nil)
    }
    if let error { throw error }
    return block
  }

  /// Takes back a block that was read; the caller keeps nothing of it, so that it is not copied.
  func giveBack(_ block: inout [UInt8]) {
    block.removeAll(keepingCapacity: true)
    state.withLock { $0.spare.append(block) }
    block = []
    free.signal()
  }

  /// Nobody takes any more: whoever waits for an empty block goes on without.
  func cancel() {
    state.withLock { $0.isCancelled = true }
    for _ in 0..<Self.count { free.signal() }
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

  /// The number of a row alone.
  static func sequence(of row: UnsafeRawBufferPointer) -> Int? {
    var fields = RowFields(row)
    return fields.integer()
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
