// A value of JSON: what a flag serves, and what an attribute of a context holds. Strings are
// compared by their UTF-8 bytes, where Swift's own `==` would take two spellings of an accent for
// the same; numbers are compared as numbers, exactly, whether they are integers or doubles.

package import Documents

/// A JSON value.
public enum JSONValue: Sendable {
  /// JSON's `null`. An attribute that is null counts as absent.
  case null
  /// `true` or `false`.
  case boolean(Bool)
  /// A string; its identity is its UTF-8 bytes.
  case string(String)
  /// A number without a fraction.
  case integer(Int)
  /// Any other number. An attribute that is infinite or not a number counts as absent.
  case double(Double)
  /// An array.
  case list([JSONValue])
  /// An object, as its members. Names are unique by their UTF-8 bytes.
  case object([Member])

  /// A member of an object.
  public struct Member: Sendable, Equatable {
    /// The member's name.
    public var name: String
    /// The member's value.
    public var value: JSONValue

    /// A member of a name and a value.
    public init(name: String, value: JSONValue) {
      self.name = name
      self.value = value
    }

    /// Equal names, byte for byte, and equal values.
    public static func == (a: Member, b: Member) -> Bool {
      a.name.hasSameBytes(as: b.name) && a.value == b.value
    }
  }

  /// The value of an object's member; nil for other names and where this is no object.
  public subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name.hasSameBytes(as: name) }?.value
  }

  /// The boolean; nil for a value of another type. Types never convert.
  public var booleanValue: Bool? { if case .boolean(let boolean) = self { boolean } else { nil } }
  /// The string; nil for a value of another type.
  public var stringValue: String? { if case .string(let string) = self { string } else { nil } }
  /// The integer; nil for other types, and for numbers with a fraction.
  public var integerValue: Int? { if case .integer(let integer) = self { integer } else { nil } }
  /// The number, an integer too, as the nearest double; nil for other types.
  public var doubleValue: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .double(let double): double
    default: nil
    }
  }
  /// The elements of a list; nil for a value of another type.
  public var listValue: [JSONValue]? { if case .list(let list) = self { list } else { nil } }

  /// The value as canonical JSON (RFC 8785). Numbers that JSON cannot express become `null`.
  public var json: String {
    CanonicalJSON.string(node)
  }
}

extension JSONValue: Equatable {
  /// Equality of content: `1` equals `1.0`, and the order of an object's members does not count.
  public static func == (a: JSONValue, b: JSONValue) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.boolean(let a), .boolean(let b)): a == b
    case (.string(let a), .string(let b)): a.hasSameBytes(as: b)
    case (.list(let a), .list(let b)): a == b
    case (.object(let a), .object(let b)): isEqual(a, b)
    default: isEqual(a.number, b.number)
    }
  }

  private static func isEqual(_ a: Number?, _ b: Number?) -> Bool {
    guard let a, let b else { return false }
    return Number.compare(a, b) == .equal
  }

  private static func isEqual(_ a: [Member], _ b: [Member]) -> Bool {
    guard a.count == b.count else { return false }
    func sorted(_ members: [Member]) -> [Member] {
      members.sorted { $0.name.precedesInBytes($1.name) }
    }
    let (a, b) = (sorted(a), sorted(b))
    return a.indices.allSatisfy { a[$0] == b[$0] }
  }
}

/// How two numbers or versions stand to each other.
package enum Ordering {
  case less
  case equal
  case greater

  var reversed: Ordering {
    switch self {
    case .less: .greater
    case .equal: .equal
    case .greater: .less
    }
  }
}

extension Number {
  /// Compares two numbers exactly; nil where either is not a number (NaN).
  static func compare(_ a: Number, _ b: Number) -> Ordering? {
    switch (a, b) {
    case (.integer(let a), .integer(let b)): a < b ? .less : a == b ? .equal : .greater
    case (.double(let a), .double(let b)): a < b ? .less : a == b ? .equal : a > b ? .greater : nil
    case (.integer(let a), .double(let b)): compare(a, b)
    case (.double(let a), .integer(let b)): compare(b, a)?.reversed
    }
  }

  /// An integer beside a double without rounding either: converting the integer would make
  /// 2^53+1 equal to 2^53.
  private static func compare(_ integer: Int, _ double: Double) -> Ordering? {
    if double.isNaN { return nil }
    // −2^63 is a double, 2^63−1 is not: the first double above all integers is 2^63.
    if double >= -Double(Int.min) { return .less }
    if double < Double(Int.min) { return .greater }
    let whole = Int(double)
    if integer != whole { return integer < whole ? .less : .greater }
    let fraction = double - Double(whole)
    return fraction > 0 ? .less : fraction < 0 ? .greater : .equal
  }
}

extension JSONValue {
  fileprivate var number: Number? {
    switch self {
    case .integer(let integer): .integer(integer)
    case .double(let double): .double(double)
    default: nil
    }
  }
}

extension JSONValue {
  /// The value of a node.
  package init(_ node: Node) {
    self =
      switch node.value {
      case .null: .null
      case .boolean(let boolean): .boolean(boolean)
      case .integer(let integer): .integer(integer)
      case .number(let number): .double(number)
      case .string(let string): .string(string)
      case .sequence(let nodes): .list(nodes.map { JSONValue($0) })
      case .mapping(let mapping):
        .object(mapping.entries.map { Member(name: $0.key, value: JSONValue($0.value)) })
      }
  }

  /// The value as a node.
  package var node: Node {
    switch self {
    case .null: .null
    case .boolean(let boolean): .boolean(boolean)
    case .string(let string): .string(string)
    case .integer(let integer):
      // Beyond 2^53−1 canonical JSON knows doubles only (RFC 8785, appendix D).
      integer.magnitude <= UInt(Node.integerMax) ? .integer(integer) : .number(Double(integer))
    case .double(let double): double.isFinite ? .number(double) : .null
    case .list(let values): .sequence(values.map(\.node))
    case .object(let members): .mapping(members.map { ($0.name, $0.value.node) })
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// An integer.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A double.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// A boolean.
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  /// A list.
  public init(arrayLiteral elements: JSONValue...) { self = .list(elements) }
  /// An object.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { Member(name: $0.0, value: $0.1) })
  }
  /// `null`.
  public init(nilLiteral: ()) { self = .null }
}
