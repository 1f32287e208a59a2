// One comparison of a condition, with its operand made ready: instants and versions are parsed
// when the snapshot is read, long lists become sets. Types never convert: the string "5" is not
// the number 5, and a comparison with a value of another type is simply not met.

internal import Documents

/// An operator with its operand.
enum ConditionTest: Sendable {
  case equals(JSONValue)
  case notEquals(JSONValue)
  case `in`(ValueSet)
  case notIn(ValueSet)
  case startsWith(String)
  case endsWith(String)
  case contains(JSONValue)
  case lessThan(JSONValue)
  case lessOrEqual(JSONValue)
  case greaterThan(JSONValue)
  case greaterOrEqual(JSONValue)
  case before(Instant)
  case after(Instant)
  case semver(SemanticVersionRange)
  case exists(Bool)

  /// nil where the operand is not what the operator takes.
  init?(_ comparison: ConditionOperator, _ operand: Node) {
    guard comparison.operand.accepts(operand) else { return nil }
    let value = JSONValue(operand)
    switch comparison {
    case .equals: self = .equals(value)
    case .notEquals: self = .notEquals(value)
    case .in: self = .in(ValueSet(operand))
    case .notIn: self = .notIn(ValueSet(operand))
    case .contains: self = .contains(value)
    case .lessThan: self = .lessThan(value)
    case .lessOrEqual: self = .lessOrEqual(value)
    case .greaterThan: self = .greaterThan(value)
    case .greaterOrEqual: self = .greaterOrEqual(value)
    default: self.init(special: comparison, operand)
    }
  }

  private init?(special comparison: ConditionOperator, _ operand: Node) {
    if comparison == .exists, let boolean = operand.boolean {
      self = .exists(boolean)
      return
    }
    guard let text = operand.string else { return nil }
    switch comparison {
    case .startsWith: self = .startsWith(text)
    case .endsWith: self = .endsWith(text)
    case .before, .after:
      guard let instant = Instant(text) else { return nil }
      self = comparison == .before ? .before(instant) : .after(instant)
    case .semver:
      guard let range = SemanticVersionRange(text) else { return nil }
      self = .semver(range)
    default: return nil
    }
  }
}

extension ConditionTest {
  /// Whether an attribute's value meets the comparison; nil is an absent one.
  func isMet(by value: JSONValue?) -> Bool {
    guard let value else {
      if case .exists(false) = self { return true }
      return false
    }
    return switch self {
    case .equals(let operand): value == operand
    case .notEquals(let operand): value != operand
    case .in(let set): set.contains(value)
    case .notIn(let set): !set.contains(value)
    case .startsWith(let operand): value.text.map { Self.starts($0, with: operand) } ?? false
    case .endsWith(let operand): value.text.map { Self.ends($0, with: operand) } ?? false
    case .contains(let operand): Self.contains(value, operand)
    case .lessThan(let operand): JSONValue.compareNumbers(value, operand) == .less
    case .lessOrEqual(let operand):
      JSONValue.compareNumbers(value, operand).map { $0 != .greater } ?? false
    case .greaterThan(let operand): JSONValue.compareNumbers(value, operand) == .greater
    case .greaterOrEqual(let operand):
      JSONValue.compareNumbers(value, operand).map { $0 != .less } ?? false
    case .before(let operand): value.instant.map { $0 < operand } ?? false
    case .after(let operand): value.instant.map { $0 > operand } ?? false
    case .semver(let range): value.text.map { range.contains($0) } ?? false
    case .exists(let expected): expected
    }
  }

  private static func starts(_ text: String, with prefix: String) -> Bool {
    withBytes(text, prefix) { text, prefix in
      text.count >= prefix.count && text[..<prefix.count].elementsEqual(prefix)
    }
  }

  private static func ends(_ text: String, with suffix: String) -> Bool {
    withBytes(text, suffix) { text, suffix in
      text.count >= suffix.count && text[(text.count - suffix.count)...].elementsEqual(suffix)
    }
  }

  /// A substring of a string, or a member of a list.
  private static func contains(_ value: JSONValue, _ operand: JSONValue) -> Bool {
    switch (value, operand) {
    case (.string(let text), .string(let part)): isSubstring(part, of: text)
    case (.list(let values), _): values.contains { $0 == operand }
    default: false
    }
  }

  private static func isSubstring(_ part: String, of text: String) -> Bool {
    withBytes(text, part) { text, part in
      guard let first = part.first else { return true }
      guard text.count >= part.count else { return false }
      return (0...(text.count - part.count)).contains { start in
        text[start] == first && text[start..<(start + part.count)].elementsEqual(part)
      }
    }
  }

  /// Both texts as bytes where they stand: views of strings are slow to compare.
  private static func withBytes(
    _ a: String, _ b: String,
    _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> Bool
  ) -> Bool {
    var (a, b) = (a, b)
    return a.withUTF8 { a in b.withUTF8 { b in body(a, b) } }
  }
}

extension JSONValue {
  fileprivate var text: String? {
    if case .string(let string) = self { string } else { nil }
  }

  /// The instant that a string `YYYY-MM-DDThh:mm:ssZ` names; nil for any other form.
  fileprivate var instant: Instant? {
    text.flatMap { Instant($0) }
  }
}

/// The values that an `in` lists. Few are compared one by one; many strings are looked up.
struct ValueSet: Sendable {
  private static let scanCountMax = 8

  private let scanned: [JSONValue]
  private let strings: Set<Text>

  init(_ list: Node) {
    let values = (list.sequence ?? []).map { JSONValue($0) }
    let texts = values.compactMap(\.text)
    if texts.count <= Self.scanCountMax {
      scanned = values
      strings = []
    } else {
      scanned = values.filter { $0.text == nil }
      strings = Set(texts.map { Text($0) })
    }
  }

  func contains(_ value: JSONValue) -> Bool {
    if !strings.isEmpty, let text = value.text { return strings.contains(Text(text)) }
    return scanned.contains { $0 == value }
  }
}
