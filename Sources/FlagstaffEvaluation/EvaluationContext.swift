// What is known about the user for whom a flag is evaluated: named attributes, of which
// `targetingKey` is usually the one that identifies the user. Names are literal: a dot in a name
// means nothing. A context is made once and read by many evaluations, so its attributes are laid
// out for lookups that allocate nothing.

internal import Documents

/// Attributes of a user. An attribute that is null, or a number that JSON cannot express, counts
/// as absent.
public struct EvaluationContext: Sendable {
  /// Hashes of the names, ascending; names and values stand in the same order.
  private let hashes: [UInt32]
  private let names: [String]
  private let values: [JSONValue]

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
    let present = values.compactMap { name, value in
      Self.present(value).map { (name: AttributeName(name.string), value: $0) }
    }
    .sorted { $0.name.hash < $1.name.hash }
    hashes = present.map(\.name.hash)
    names = present.map(\.name.text)
    self.values = present.map(\.value)
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

  /// The value as it counts: nil where it is as good as absent; an integral double within
  /// ±(2^53−1) is the integer that JSON would make of it.
  private static func present(_ value: JSONValue) -> JSONValue? {
    switch value {
    case .null: return nil
    case .double(let double):
      guard double.isFinite else { return nil }
      return JSONValue(Node.number(double))
    default: return value
    }
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

/// The name of an attribute and its hash, computed once for every condition and context.
struct AttributeName: Sendable {
  let text: String
  let hash: UInt32

  init(_ text: String) {
    self.text = text
    hash = Murmur3(prefix: text).value
  }
}

extension EvaluationContext {
  /// Beyond so many attributes a search by halves is faster than looking at each.
  private static let scanCountMax = 16

  /// The value of an attribute; nil where it is absent or null.
  func value(of name: AttributeName) -> JSONValue? {
    var index = hashes.count <= Self.scanCountMax ? 0 : firstIndex(ofHash: name.hash)
    while index < hashes.count, hashes[index] <= name.hash {
      if hashes[index] == name.hash, names[index].hasSameBytes(as: name.text) {
        return values[index]
      }
      index += 1
    }
    return nil
  }

  private func firstIndex(ofHash hash: UInt32) -> Int {
    var (low, high) = (0, hashes.count)
    while low < high {
      let middle = (low + high) / 2
      if hashes[middle] < hash { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// What identifies the user: a non-empty string as it is, an integer within ±(2^53−1) in
  /// decimal; nil ("no unit") for anything else.
  func unit(by name: AttributeName) -> String? {
    switch value(of: name) {
    case .string(let string): string.isEmpty ? nil : string
    case .integer(let integer):
      integer.magnitude <= UInt(Node.integerMax) ? String(integer) : nil
    default: nil
    }
  }
}
