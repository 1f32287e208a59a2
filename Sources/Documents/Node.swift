// The one tree that every document becomes, whether it was read from YAML or JSON. It knows where
// each part stands in its file. Numbers are held so that equal numbers are equal nodes: an
// integral value within ±(2^53−1) is always an `integer`, whatever its spelling was.

/// A value of a document and the place where it stands.
package struct Node: Sendable {
  package enum Value: Sendable {
    case null
    case boolean(Bool)
    /// Within ±(2^53−1): the integers that JSON can carry without loss (RFC 8785, appendix D).
    case integer(Int)
    /// Finite, and not an integer within ±(2^53−1).
    case number(Double)
    case string(String)
    case sequence([Node])
    case mapping(Mapping)
  }

  package var value: Value
  package var position: Position

  package init(_ value: Value, at position: Position = .none) {
    self.value = value
    self.position = position
  }
}

/// A mapping in the order of the document. Keys are unique by their UTF-8 bytes; whoever builds
/// one from input is responsible for refusing duplicates.
package struct Mapping: Sendable {
  package struct Entry: Sendable {
    package var key: String
    package var keyPosition: Position
    package var value: Node

    package init(key: String, keyPosition: Position = .none, value: Node) {
      self.key = key
      self.keyPosition = keyPosition
      self.value = value
    }
  }

  package var entries: [Entry]

  package init(_ entries: [Entry] = []) {
    self.entries = entries
  }

  package var count: Int { entries.count }
  package var isEmpty: Bool { entries.isEmpty }

  /// The entry of a key, found by a linear search: the mappings of definitions are small.
  package func entry(_ key: String) -> Entry? {
    entries.first { $0.key.hasSameBytes(as: key) }
  }

  package subscript(key: String) -> Node? {
    // By index: an entry would be copied for its value.
    for index in entries.indices where entries[index].key.hasSameBytes(as: key) {
      return entries[index].value
    }
    return nil
  }
}

/// One file, read.
package struct Document: Sendable {
  package var file: String
  package var root: Node
  /// The comments, where one of them speaks to Flagstaff; else none.
  package var comments: [DocumentComment]

  package init(file: String, root: Node, comments: [DocumentComment] = []) {
    self.file = file
    self.root = root
    self.comments = comments
  }
}

/// What stands behind a `#`, to the end of its line.
package struct DocumentComment: Hashable, Sendable {
  /// Of the `#`.
  package var position: Position
  package var text: String
  /// Whether nothing else stands on its line.
  package var isAlone: Bool

  package init(position: Position, text: String, isAlone: Bool) {
    self.position = position
    self.text = text
    self.isAlone = isAlone
  }
}

extension Node {
  /// The greatest magnitude of an integer: 2^53−1.
  package static let integerMax = 9_007_199_254_740_991

  /// A node of a finite double, as an `integer` where it is one.
  package static func number(_ double: Double, at position: Position = .none) -> Node {
    // Not `rounded`: it would need libm, which a program without Foundation does not link.
    if double.magnitude <= Double(integerMax), double == Double(Int(double)) {
      return Node(.integer(Int(double)), at: position)
    }
    return Node(.number(double), at: position)
  }

  package var isNull: Bool {
    if case .null = value { true } else { false }
  }

  package var boolean: Bool? {
    if case .boolean(let boolean) = value { boolean } else { nil }
  }

  package var integer: Int? {
    if case .integer(let integer) = value { integer } else { nil }
  }

  /// The value of an integer or a number.
  package var double: Double? {
    switch value {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    default: nil
    }
  }

  package var string: String? {
    if case .string(let string) = value { string } else { nil }
  }

  package var sequence: [Node]? {
    if case .sequence(let sequence) = value { sequence } else { nil }
  }

  package var mapping: Mapping? {
    if case .mapping(let mapping) = value { mapping } else { nil }
  }

  /// The value of a key, where this node is a mapping that has it.
  package subscript(key: String) -> Node? {
    mapping?[key]
  }

  /// What the value is, in the words of JSON: for messages.
  package var typeName: String {
    switch value {
    case .null: "null"
    case .boolean: "boolean"
    case .integer: "integer"
    case .number: "number"
    case .string: "string"
    case .sequence: "array"
    case .mapping: "object"
    }
  }
}

extension Node: Equatable {
  /// Equality of content: positions do not count, nor does the order of a mapping's entries.
  package static func == (a: Node, b: Node) -> Bool {
    switch (a.value, b.value) {
    case (.null, .null): true
    case (.boolean(let a), .boolean(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.number(let a), .number(let b)): a == b
    case (.string(let a), .string(let b)): a.hasSameBytes(as: b)
    case (.sequence(let a), .sequence(let b)): a == b
    case (.mapping(let a), .mapping(let b)): a == b
    default: false
    }
  }
}

extension Mapping: Equatable {
  package static func == (a: Mapping, b: Mapping) -> Bool {
    guard a.count == b.count else { return false }
    if zip(a.entries, b.entries).allSatisfy({ $0.key.hasSameBytes(as: $1.key) }) {
      return zip(a.entries, b.entries).allSatisfy { $0.value == $1.value }
    }
    let theirs = Dictionary(
      b.entries.map { (Text($0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
    return a.entries.allSatisfy { theirs[Text($0.key)] == $0.value }
  }
}
