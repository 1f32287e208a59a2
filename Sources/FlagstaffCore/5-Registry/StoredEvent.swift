// An audit event as a row holds it: its bytes, and the columns beside them by which it is found.
// The columns are generated from the bytes, unless somebody who owns the database has stopped that;
// so whoever verifies a log compares them. Everything points into a buffer of the reader's, and is
// of no use after the call that it was handed to.

internal import Documents

/// A row of the log.
package struct StoredEvent {
  package let sequence: Int
  package let bytes: UnsafeRawBufferPointer
  package let hash: UnsafeRawBufferPointer
  package let mac: UnsafeRawBufferPointer
  /// Nil where there are none: an event that is not in a table.
  package let columns: EventColumns?

  package init(
    sequence: Int, bytes: UnsafeRawBufferPointer, hash: UnsafeRawBufferPointer,
    mac: UnsafeRawBufferPointer, columns: EventColumns?
  ) {
    self.sequence = sequence
    self.bytes = bytes
    self.hash = hash
    self.mac = mac
    self.columns = columns
  }
}

/// What a row says about its event; nil for NULL.
package struct EventColumns {
  package var environment: UnsafeRawBufferPointer?
  package var customer: UnsafeRawBufferPointer?
  package var version: Int?
  package var commit: UnsafeRawBufferPointer?
  package var kind: UnsafeRawBufferPointer?
  package var key: UnsafeRawBufferPointer?
  package var instant: UnsafeRawBufferPointer?
  package var actor: UnsafeRawBufferPointer?
  package var people: TextList?
  package var classes: TextList?

  package init() {}
}

/// Texts, each with its length before it as four bytes, the most significant first.
package struct TextList {
  package let count: Int
  private let elements: UnsafeRawBufferPointer

  package init(count: Int, elements: UnsafeRawBufferPointer) {
    self.count = count
    self.elements = elements
  }

  /// Hands on each text until the body says no.
  ///
  /// - Returns: whether the body always said yes, and the list is whole.
  func forEach(_ body: (UnsafeRawBufferPointer) -> Bool) -> Bool {
    var offset = 0
    for _ in 0..<count {
      guard offset + 4 <= elements.count else { return false }
      let length = Int(
        UInt32(bigEndian: elements.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
      offset += 4
      guard offset + length <= elements.count,
        body(UnsafeRawBufferPointer(rebasing: elements[offset..<(offset + length)]))
      else { return false }
      offset += length
    }
    return offset == elements.count
  }
}

extension EventFields {
  /// The name of the first column that says something else than the event's bytes; nil where all
  /// agree.
  func differingColumn(_ columns: EventColumns) -> StaticString? {
    func differs(_ column: UnsafeRawBufferPointer?, _ value: EventValue?) -> Bool {
      guard let column, let value else { return (column == nil) != (value == nil) }
      return !value.isString(column)
    }
    if differs(columns.environment, environment) { return "environment" }
    if differs(columns.customer, customer) { return "customer" }
    if columns.version != version?.count { return "version" }
    if differs(columns.commit, commit) { return "commit" }
    if differs(columns.kind, subjectKind) { return "kind" }
    if differs(columns.key, subjectKey) { return "key" }
    guard let time = columns.instant, instant.isWritten(as: time) else { return "instant" }
    if differs(columns.actor, actorID) { return "actor" }
    guard let list = columns.people, agree(list, people: self) else { return "people" }
    guard let list = columns.classes, agree(list, classes: classes) else { return "classes" }
    return nil
  }

  private func agree(_ list: TextList, people fields: EventFields) -> Bool {
    if fields.namesNobody { return list.count == 0 }
    var names = fields.people[...]
    return list.count == names.count
      && list.forEach { text in names.popFirst().map { $0.utf8.elementsEqual(text) } ?? false }
  }

  private func agree(_ list: TextList, classes: EventValue) -> Bool {
    // The list of the bytes is walked inside the column's: both are short.
    var index = 0
    let areEqual = CanonicalScanner.forEachString(in: classes.text) { written in
      defer { index += 1 }
      var position = 0
      var isEqual = false
      _ = list.forEach { text in
        defer { position += 1 }
        guard position == index else { return true }
        isEqual = EventValue(text: written).isString(text)
        return false
      }
      return isEqual
    }
    return areEqual && index == list.count
  }
}

extension Instant {
  fileprivate func isWritten(as text: UnsafeRawBufferPointer) -> Bool {
    Instant(text.assumingMemoryBound(to: UInt8.self)) == self
  }
}
