// One comparison of a condition, with its operand made ready: texts are bytes, instants and
// versions are parsed when the snapshot is read, long lists become tables. Types never convert: the
// string "5" is not the number 5, and a comparison with a value of another type is simply not met.

internal import Documents

/// An operator with its operand.
enum ConditionTest: Sendable {
  case equals(Scalar)
  case notEquals(Scalar)
  case `in`(ValueSet)
  case notIn(ValueSet)
  case startsWith([UInt8])
  case endsWith([UInt8])
  case contains(Scalar)
  case lessThan(Number)
  case lessOrEqual(Number)
  case greaterThan(Number)
  case greaterOrEqual(Number)
  case before(Instant)
  case after(Instant)
  case semver(SemanticVersionRange)
  case exists(Bool)

  /// nil where the operand is not what the operator takes.
  init?(_ comparison: ConditionOperator, _ operand: Node) {
    guard comparison.operand.accepts(operand) else { return nil }
    switch comparison {
    case .in: self = .in(ValueSet(operand))
    case .notIn: self = .notIn(ValueSet(operand))
    case .exists: self = .exists(operand.boolean ?? false)
    default:
      guard let scalar = Scalar(operand) else { return nil }
      switch comparison {
      case .equals: self = .equals(scalar)
      case .notEquals: self = .notEquals(scalar)
      case .contains: self = .contains(scalar)
      default: self.init(comparison, of: scalar, operand.string ?? "")
      }
    }
  }

  private init?(_ comparison: ConditionOperator, of scalar: Scalar, _ text: String) {
    switch (comparison, scalar) {
    case (.lessThan, .number(let number)): self = .lessThan(number)
    case (.lessOrEqual, .number(let number)): self = .lessOrEqual(number)
    case (.greaterThan, .number(let number)): self = .greaterThan(number)
    case (.greaterOrEqual, .number(let number)): self = .greaterOrEqual(number)
    case (.startsWith, .text(let bytes)): self = .startsWith(bytes)
    case (.endsWith, .text(let bytes)): self = .endsWith(bytes)
    case (.before, _), (.after, _):
      guard let instant = Instant(text) else { return nil }
      self = comparison == .before ? .before(instant) : .after(instant)
    case (.semver, _):
      guard let range = SemanticVersionRange(text) else { return nil }
      self = .semver(range)
    default: return nil
    }
  }
}

extension ConditionTest {
  /// Whether an attribute's value meets the comparison; nil is an absent one.
  func isMet(by value: AttributeValue?, in view: ContextView) -> Bool {
    guard let value else {
      if case .exists(false) = self { return true }
      return false
    }
    switch self {
    case .equals(let operand): return operand.equals(value)
    case .notEquals(let operand): return !operand.equals(value)
    case .in(let set): return set.contains(value)
    case .notIn(let set): return !set.contains(value)
    case .contains(let operand): return Self.contains(value, operand, view)
    case .exists(let isExpected): return isExpected
    case .lessThan, .lessOrEqual, .greaterThan, .greaterOrEqual:
      guard case .number(let number) = value else { return false }
      return isMet(by: number)
    case .startsWith, .endsWith, .before, .after, .semver:
      guard case .text(let text) = value else { return false }
      return isMet(by: text)
    }
  }

  private func isMet(by number: Number) -> Bool {
    switch self {
    case .lessThan(let operand): Number.compare(number, operand) == .less
    case .lessOrEqual(let operand): Number.compare(number, operand) != .greater
    case .greaterThan(let operand): Number.compare(number, operand) == .greater
    case .greaterOrEqual(let operand): Number.compare(number, operand) != .less
    default: false
    }
  }

  private func isMet(by text: UnsafeBufferPointer<UInt8>) -> Bool {
    switch self {
    case .startsWith(let prefix):
      text.count >= prefix.count
        && prefix.withUnsafeBufferPointer { text.part(0..<prefix.count).hasSameBytes(as: $0) }
    case .endsWith(let suffix):
      text.count >= suffix.count
        && suffix.withUnsafeBufferPointer {
          text.part((text.count - suffix.count)..<text.count).hasSameBytes(as: $0)
        }
    case .before(let operand): Instant(text).map { $0 < operand } ?? false
    case .after(let operand): Instant(text).map { $0 > operand } ?? false
    case .semver(let range): range.contains(text)
    default: false
    }
  }

  /// A substring of a string, or a member of a list.
  private static func contains(
    _ value: AttributeValue, _ operand: Scalar, _ view: ContextView
  ) -> Bool {
    switch (value, operand) {
    case (.text(let text), .text(let part)):
      return part.withUnsafeBufferPointer { isSubstring($0, of: text) }
    case (.list(let place), _):
      guard case .list(let values) = view.others[place] else { return false }
      return values.contains { operand.equals($0) }
    default: return false
    }
  }

  private static func isSubstring(
    _ part: UnsafeBufferPointer<UInt8>, of text: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    guard let first = part.first else { return true }
    guard text.count >= part.count else { return false }
    return (0...(text.count - part.count)).contains { start in
      text[start] == first && text.part(start..<(start + part.count)).hasSameBytes(as: part)
    }
  }
}

extension ConditionTest {
  /// Operator and operand as they are published.
  var published: (comparison: ConditionOperator, operand: JSONValue) {
    switch self {
    case .equals(let operand): (.equals, operand.value)
    case .notEquals(let operand): (.notEquals, operand.value)
    case .in(let set): (.in, .list(set.values))
    case .notIn(let set): (.notIn, .list(set.values))
    case .startsWith(let text): (.startsWith, Scalar.text(text).value)
    case .endsWith(let text): (.endsWith, Scalar.text(text).value)
    case .contains(let operand): (.contains, operand.value)
    case .lessThan(let number): (.lessThan, Scalar.number(number).value)
    case .lessOrEqual(let number): (.lessOrEqual, Scalar.number(number).value)
    case .greaterThan(let number): (.greaterThan, Scalar.number(number).value)
    case .greaterOrEqual(let number): (.greaterOrEqual, Scalar.number(number).value)
    case .before(let instant): (.before, .string(instant.description))
    case .after(let instant): (.after, .string(instant.description))
    case .semver(let range): (.semver, .string(range.description))
    case .exists(let isExpected): (.exists, .boolean(isExpected))
    }
  }
}

/// An operand: a string as its bytes, a number or a boolean.
enum Scalar: Sendable {
  case boolean(Bool)
  case number(Number)
  case text([UInt8])

  init?(_ node: Node) {
    switch node.value {
    case .boolean(let boolean): self = .boolean(boolean)
    case .integer(let integer): self = .number(.integer(integer))
    case .number(let double): self = .number(.double(double))
    case .string(let string): self = .text(Array(string.utf8))
    case .null, .sequence, .mapping: return nil
    }
  }

  var value: JSONValue {
    switch self {
    case .boolean(let boolean): .boolean(boolean)
    case .number(.integer(let integer)): .integer(integer)
    case .number(.double(let double)): .double(double)
    case .text(let bytes): .string(String(decoding: bytes, as: UTF8.self))
    }
  }

  func equals(_ value: AttributeValue) -> Bool {
    switch (self, value) {
    case (.boolean(let ours), .boolean(let theirs)): ours == theirs
    case (.number(let ours), .number(let theirs)): Number.compare(ours, theirs) == .equal
    case (.text(let ours), .text(let theirs)):
      ours.withUnsafeBufferPointer { theirs.hasSameBytes(as: $0) }
    default: false
    }
  }

  /// The same of an element of a list.
  fileprivate func equals(_ value: JSONValue) -> Bool {
    switch value {
    case .boolean(let boolean): return equals(AttributeValue.boolean(boolean))
    case .integer(let integer): return equals(AttributeValue.number(.integer(integer)))
    case .double(let double): return equals(AttributeValue.number(.double(double)))
    case .string(var string): return string.withUTF8 { equals(AttributeValue.text($0)) }
    case .null, .list, .object: return false
    }
  }
}

/// The values that an `in` lists. Few are compared one by one; many strings are looked up.
struct ValueSet: Sendable {
  private static let scanCountMax = 8

  private let scanned: [Scalar]
  private let texts: TextTable

  init(_ list: Node) {
    let values = (list.sequence ?? []).compactMap { Scalar($0) }
    let texts = values.compactMap { value in
      if case .text(let bytes) = value { bytes } else { nil }
    }
    guard texts.count > Self.scanCountMax else {
      (scanned, self.texts) = (values, TextTable([]))
      return
    }
    self.texts = TextTable(texts)
    scanned = values.filter { if case .text = $0 { false } else { true } }
  }

  /// All of them: where texts are looked up, behind what is not text.
  var values: [JSONValue] {
    scanned.map(\.value) + texts.all.map { .string(String(decoding: $0, as: UTF8.self)) }
  }

  func contains(_ value: AttributeValue) -> Bool {
    if !texts.isEmpty, case .text(let text) = value { return texts.place(of: text) != nil }
    return scanned.contains { $0.equals(value) }
  }
}
