// Reads the fields of published objects strictly: a field that is missing, of another type or
// unknown refuses the snapshot, and the message says in which definition it stands. An evaluator
// that skipped what it does not know could answer wrongly without anybody noticing.

internal import Documents

/// An object of a snapshot, named for messages.
struct FieldReader {
  /// What the object is, for messages: `flag "checkout-flow"`.
  var subject: String
  let mapping: Mapping

  init(_ node: Node, subject: String, known: [String]) throws(SnapshotError) {
    guard let mapping = node.mapping else {
      throw SnapshotError(.malformed, "\(subject) is no object")
    }
    self.subject = subject
    self.mapping = mapping
    for entry in mapping.entries where !known.contains(where: { entry.key.hasSameBytes(as: $0) }) {
      throw failure("has the unknown field \"\(entry.key)\"")
    }
  }

  func failure(_ reason: String) -> SnapshotError {
    SnapshotError(.malformed, "\(subject) \(reason)")
  }

  func has(_ name: String) -> Bool {
    mapping[name] != nil
  }

  func node(_ name: String) throws(SnapshotError) -> Node {
    guard let node = mapping[name] else { throw failure("has no \"\(name)\"") }
    return node
  }

  func string(_ name: String) throws(SnapshotError) -> String {
    guard let string = try node(name).string else { throw failure("has no text as \"\(name)\"") }
    return string
  }

  func optionalString(_ name: String) throws(SnapshotError) -> String? {
    has(name) ? try string(name) : nil
  }

  func boolean(_ name: String) throws(SnapshotError) -> Bool {
    guard let boolean = try node(name).boolean else {
      throw failure("has neither true nor false as \"\(name)\"")
    }
    return boolean
  }

  func integer(_ name: String, in range: ClosedRange<Int>) throws(SnapshotError) -> Int {
    guard let integer = try node(name).integer, range.contains(integer) else {
      throw failure("has no integer from \(range.lowerBound) to \(range.upperBound) as \"\(name)\"")
    }
    return integer
  }

  func sequence(_ name: String) throws(SnapshotError) -> [Node] {
    guard let sequence = try node(name).sequence else {
      throw failure("has no list as \"\(name)\"")
    }
    return sequence
  }

  func entries(_ name: String) throws(SnapshotError) -> [Mapping.Entry] {
    guard let mapping = try node(name).mapping else {
      throw failure("has no object as \"\(name)\"")
    }
    return mapping.entries
  }

  func ranges(_ name: String) throws(SnapshotError) -> BucketRanges {
    guard let ranges = BucketRanges(try node(name)) else {
      throw failure("has no ascending ranges of buckets as \"\(name)\"")
    }
    return ranges
  }

  func optionalCondition(_ name: String) throws(SnapshotError) -> Condition? {
    guard let node = mapping[name] else { return nil }
    do {
      return try Condition(node)
    } catch {
      throw failure("has a malformed \"\(name)\": \(error.reason)")
    }
  }
}
