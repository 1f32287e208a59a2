// How the attributes of a context lie in memory, and how an evaluation looks at them. Names and
// texts stand in one run of bytes and everything else is a plain number, so an evaluation reads
// attributes through pointers: it copies nothing, allocates nothing and counts no references, which
// would take more time than all the rest.

internal import Documents

/// One attribute of a context.
struct Attribute: Sendable {
  enum Kind: Sendable {
    case boolean
    case integer
    case double
    case text
    case list
    case object
  }

  let kind: Kind
  /// Of the name: attributes stand in the order of their hashes.
  let hash: UInt32
  /// Where the name stands among the context's bytes.
  let name: Range<Int>
  /// Where a text stands, or the decimal form of an integer that may be a unit; empty for others.
  let text: Range<Int>
  /// A boolean, an integer, the pattern of a double, or the place of a list or object.
  let bits: UInt64
}

/// The name of an attribute and its hash, computed once for every condition and context.
struct AttributeName: Sendable {
  let text: String
  let bytes: [UInt8]
  let hash: UInt32

  init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
    hash = Murmur3(prefix: text).value
  }
}

/// A number of a context or a condition.
enum Number: Sendable {
  case integer(Int)
  case double(Double)
}

/// A value of a context, valid as long as the view that it comes from.
enum AttributeValue {
  case boolean(Bool)
  case number(Number)
  case text(UnsafeBufferPointer<UInt8>)
  /// The place of a list among the view's lists and objects.
  case list(Int)
  case object(Int)
}

/// A context during one evaluation; never kept beyond it.
struct ContextView {
  let attributes: UnsafeBufferPointer<Attribute>
  let bytes: UnsafeBufferPointer<UInt8>
  /// Lists and objects.
  let others: UnsafeBufferPointer<JSONValue>

  /// Beyond so many attributes a search by halves is faster than looking at each.
  private static let scanCountMax = 16

  private func place(of name: AttributeName) -> Int? {
    var index = attributes.count <= Self.scanCountMax ? 0 : firstIndex(ofHash: name.hash)
    while index < attributes.count, attributes[index].hash <= name.hash {
      if attributes[index].hash == name.hash, isNamed(name, attributes[index]) { return index }
      index += 1
    }
    return nil
  }

  private func isNamed(_ name: AttributeName, _ attribute: Attribute) -> Bool {
    name.bytes.withUnsafeBufferPointer { text(attribute.name).hasSameBytes(as: $0) }
  }

  private func firstIndex(ofHash hash: UInt32) -> Int {
    var (low, high) = (0, attributes.count)
    while low < high {
      let middle = (low + high) / 2
      if attributes[middle].hash < hash { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func text(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> { bytes.part(range) }

  /// The value of an attribute; nil where it is absent or null.
  func value(of name: AttributeName) -> AttributeValue? {
    guard let place = place(of: name) else { return nil }
    let attribute = attributes[place]
    switch attribute.kind {
    case .boolean: return .boolean(attribute.bits != 0)
    case .integer: return .number(.integer(Int(truncatingIfNeeded: attribute.bits)))
    case .double: return .number(.double(Double(bitPattern: attribute.bits)))
    case .text: return .text(text(attribute.text))
    case .list: return .list(Int(attribute.bits))
    case .object: return .object(Int(attribute.bits))
    }
  }

  /// A value as what it was given as, with its own storage.
  func copy(_ value: AttributeValue) -> JSONValue {
    switch value {
    case .boolean(let boolean): .boolean(boolean)
    case .number(.integer(let integer)): .integer(integer)
    case .number(.double(let double)): .double(double)
    case .text(let bytes): .string(String(decoding: bytes, as: UTF8.self))
    case .list(let place), .object(let place): others[place]
    }
  }

  /// What identifies the user, as bytes; nil ("no unit") where the attribute is neither a string
  /// that is not empty nor an integer within ±(2^53−1).
  func unit(by name: AttributeName) -> UnsafeBufferPointer<UInt8>? {
    guard let place = place(of: name), !attributes[place].text.isEmpty else { return nil }
    return text(attributes[place].text)
  }
}

extension UnsafeBufferPointer<UInt8> {
  func part(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: self[range])
  }

  /// Word by word, since comparing collections byte by byte is slow.
  func hasSameBytes(as other: UnsafeBufferPointer<UInt8>) -> Bool {
    guard count == other.count else { return false }
    let (ours, theirs) = (UnsafeRawBufferPointer(self), UnsafeRawBufferPointer(other))
    var offset = 0
    while offset + 8 <= count {
      if ours.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        != theirs.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      {
        return false
      }
      offset += 8
    }
    while offset < count {
      if ours[offset] != theirs[offset] { return false }
      offset += 1
    }
    return true
  }
}
