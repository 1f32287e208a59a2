// The keywords `type`, `enum` and `const`: JSON Schema Validation 2020-12, section 6.1. They apply
// to every value, and equality is that of JSON: 1.0 is 1.

internal import Documents

/// The types that a schema allows.
struct TypeSet: OptionSet, Sendable {
  let rawValue: UInt8

  static let null = TypeSet(rawValue: 1)
  static let boolean = TypeSet(rawValue: 2)
  static let integer = TypeSet(rawValue: 4)
  /// Numbers with a fraction; `number` in a schema means these and the integers.
  static let fraction = TypeSet(rawValue: 8)
  static let string = TypeSet(rawValue: 16)
  static let array = TypeSet(rawValue: 32)
  static let object = TypeSet(rawValue: 64)

  private static let types: [Text: TypeSet] = [
    "null": .null, "boolean": .boolean, "integer": .integer, "number": [.integer, .fraction],
    "string": .string, "array": .array, "object": .object,
  ]

  init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Nil where the schema has no `type`.
  init?(_ reader: KeywordReader) throws(SchemaError) {
    guard reader.families.contains(.types), let node = reader.mapping["type"] else { return nil }
    let names = node.string.map { [$0] } ?? node.sequence?.compactMap(\.string) ?? []
    guard !names.isEmpty, node.sequence.map({ $0.count == names.count }) ?? true else {
      throw reader.error("must be a type or a list of types", "type")
    }
    self = []
    for name in names {
      guard let type = Self.types[Text(name)] else {
        throw reader.error("there is no type '\(name)'", "type")
      }
      formUnion(type)
    }
  }

  /// The type of a node. A number without a fraction is an integer, however large.
  init(of node: Node) {
    switch node.value {
    case .null: self = .null
    case .boolean: self = .boolean
    case .integer: self = .integer
    // At this magnitude a double has no fraction: a smaller whole one is an `integer` node.
    case .number(let number):
      self = number.magnitude > Double(Node.integerMax) ? .integer : .fraction
    case .string: self = .string
    case .sequence: self = .array
    case .mapping: self = .object
    }
  }

  func contains(_ node: Node) -> Bool {
    contains(TypeSet(of: node))
  }

  /// The types in the words of somebody who writes YAML.
  var words: String {
    var words: [String] = []
    if contains(.string) { words.append("a string") }
    if contains(.fraction) {
      words.append("a number")
    } else if contains(.integer) {
      words.append("an integer")
    }
    if contains(.boolean) { words.append("true or false") }
    if contains(.array) { words.append("a list") }
    if contains(.object) { words.append("a mapping") }
    if contains(.null) { words.append("null") }
    return words.joined(separator: " or ")
  }
}

/// The values that a schema allows, by `enum` and `const`.
final class ValueKeywords: Sendable {
  let allowed: [Node]

  /// Nil where the schema has neither keyword.
  init?(_ reader: KeywordReader) throws(SchemaError) {
    guard reader.families.contains(.values) else { return nil }
    let values = try reader.nodes("enum")
    if let constant = reader.mapping["const"] {
      allowed = values.map { $0.contains(constant) ? [constant] : [] } ?? [constant]
    } else {
      allowed = values ?? []
    }
  }

  func allow(_ node: Node, _ evaluation: inout Evaluation) throws(Undecided) -> Bool {
    try evaluation.charge(allowed.count / 16)
    return allowed.contains(node)
  }

  func explain(_ node: Node, _ explanation: inout Explanation) {
    if allowed.contains(node) { return }
    let words = Violation.list(allowed.lazy.map(Violation.words(for:)))
    let subject = explanation.subject
    if let text = node.string, let close = explanation.closest(to: text, among: strings) {
      explanation.add(
        .wrongValue, "\(subject) is \(Violation.words(for: node)), which is not allowed",
        remedy: "Write '\(close)'")
    } else {
      let expected = allowed.count == 1 ? words : "one of " + words
      explanation.add(
        .wrongValue, "\(subject) is \(Violation.words(for: node)), which is not allowed",
        remedy: words.isEmpty ? "Remove it" : "Write \(expected)")
    }
  }

  private var strings: [String] { allowed.compactMap(\.string) }
}
