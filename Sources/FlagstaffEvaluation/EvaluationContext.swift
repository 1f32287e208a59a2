// What is known about the user for whom a flag is evaluated: named attributes, of which
// `targetingKey` is usually the one that identifies the user. Names are literal: a dot in a name
// means nothing. A context is made once and read by many evaluations, so its attributes are laid
// out for lookups that allocate nothing.

internal import Documents

/// Attributes of a user. An attribute that is null, or a number that JSON cannot express, counts
/// as absent.
public struct EvaluationContext: Sendable {
  private let storage: ContextStorage

  /// A context of a targeting key and further attributes. The key is an attribute named
  /// `targetingKey`, and wins over one given by that name; of attributes with equal names the last
  /// one counts.
  public init(
    targetingKey: String? = nil,
    attributes: some Sequence<(key: String, value: JSONValue)> = [:]
  ) {
    var values: [Text: JSONValue] = [:]
    for (name, value) in attributes { values[Text(name)] = value }
    if let targetingKey { values["targetingKey"] = .string(targetingKey) }
    var layout = ContextLayout()
    for (name, value) in values { layout.add(name.string, value) }
    storage = ContextStorage(layout)
  }

  /// A context from JSON: one object, nested 64 levels at most.
  ///
  /// An integer beyond ±(2^53−1) is read as the nearest double, as JSON readers do.
  /// - Throws: where the bytes are not JSON, not an object, name an attribute twice, or hold a
  ///   number beyond doubles.
  public init(json: [UInt8]) throws(ContextError) {
    let node: Node
    do {
      node = try JSONReader.read(json)
    } catch {
      throw ContextError(.notJSON, "the context is not JSON: \(error)")
    }
    guard let mapping = node.mapping else {
      throw ContextError(.notAnObject, "the context is no JSON object but of type \(node.typeName)")
    }
    self.init(attributes: mapping.entries.map { (key: $0.key, value: JSONValue($0.value)) })
  }

  /// Looks at the attributes. The view may not leave the body.
  func withView<Result>(_ body: (ContextView) -> Result) -> Result {
    storage.withView(body)
  }
}

/// The attributes as they lie in memory: a class, so that a context is copied by one reference.
private final class ContextStorage: Sendable {
  /// In the order of the hashes of their names.
  private let attributes: [Attribute]
  /// Names and texts of all attributes.
  private let bytes: [UInt8]
  /// Lists and objects.
  private let others: [JSONValue]

  init(_ layout: ContextLayout) {
    attributes = layout.attributes.sorted { $0.hash < $1.hash }
    bytes = layout.bytes
    others = layout.others
  }

  func withView<Result>(_ body: (ContextView) -> Result) -> Result {
    attributes.withUnsafeBufferPointer { attributes in
      bytes.withUnsafeBufferPointer { bytes in
        others.withUnsafeBufferPointer { others in
          body(ContextView(attributes: attributes, bytes: bytes, others: others))
        }
      }
    }
  }
}

/// Attributes that are being laid out.
private struct ContextLayout {
  var attributes: [Attribute] = []
  var bytes: [UInt8] = []
  var others: [JSONValue] = []

  /// Leaves out what is as good as absent; an integral double within ±(2^53−1) is the integer that
  /// JSON would make of it.
  mutating func add(_ name: String, _ value: JSONValue) {
    switch value {
    case .null: return
    case .boolean(let boolean): append(name, .boolean, bits: boolean ? 1 : 0)
    case .string(let string): append(name, .text, text: string, bits: 0)
    case .integer(let integer):
      let isUnit = integer.magnitude <= UInt(Node.integerMax)
      append(
        name, .integer, text: isUnit ? String(integer) : "",
        bits: UInt64(truncatingIfNeeded: integer))
    case .double(let double):
      guard double.isFinite else { return }
      if case .integer(let integer) = Node.number(double).value {
        add(name, .integer(integer))
      } else {
        append(name, .double, bits: double.bitPattern)
      }
    case .list: append(name, .list, other: value)
    case .object: append(name, .object, other: value)
    }
  }

  private mutating func append(_ name: String, _ kind: Attribute.Kind, other: JSONValue) {
    append(name, kind, bits: UInt64(others.count))
    others.append(other)
  }

  private mutating func append(
    _ name: String, _ kind: Attribute.Kind, text: String = "", bits: UInt64
  ) {
    attributes.append(
      Attribute(
        kind: kind, hash: Murmur3(prefix: name).value, name: append(name), text: append(text),
        bits: bits))
  }

  private mutating func append(_ text: String) -> Range<Int> {
    let start = bytes.count
    bytes.append(contentsOf: text.utf8)
    return start..<bytes.count
  }
}

/// Why bytes are not a context.
public struct ContextError: Error, Hashable, CustomStringConvertible {
  /// What kind of mistake it is; later versions may add kinds.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The code as text.
    public let rawValue: String

    /// A code of a text.
    public init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// The bytes are not JSON, or not JSON that every reader takes for the same.
    public static let notJSON = Code(rawValue: "context-not-json")
    /// The JSON is not an object.
    public static let notAnObject = Code(rawValue: "context-not-an-object")
  }

  /// What kind of mistake it is.
  public let code: Code
  /// What is wrong, and where.
  public let reason: String

  init(_ code: Code, _ reason: String) {
    self.code = code
    self.reason = reason
  }

  /// The reason.
  public var description: String { reason }
}
