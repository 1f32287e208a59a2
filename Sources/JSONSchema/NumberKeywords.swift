// The keywords of numbers: JSON Schema Validation 2020-12, section 6.2. Whether a number is a
// multiple of another is decided on their decimal digits, because 0.0075 divided by 0.0001 is not
// a whole number in binary.

internal import Documents

final class NumberKeywords: Sendable {
  private let minimum: Double?
  private let maximum: Double?
  private let exclusiveMinimum: Double?
  private let exclusiveMaximum: Double?
  private let multipleOf: Double?

  /// Nil where the schema has none of these keywords.
  init?(_ reader: KeywordReader) throws(SchemaError) {
    guard reader.families.contains(.number) else { return nil }
    minimum = try reader.number("minimum")
    maximum = try reader.number("maximum")
    exclusiveMinimum = try reader.number("exclusiveMinimum")
    exclusiveMaximum = try reader.number("exclusiveMaximum")
    multipleOf = try reader.number("multipleOf")
    if let multipleOf, multipleOf <= 0 { throw reader.error("must be above 0", "multipleOf") }
  }

  func allow(_ node: Node, _ number: Double) -> Bool {
    isInRange(number) && isMultiple(node, number)
  }

  private func isInRange(_ number: Double) -> Bool {
    if let minimum, number < minimum { return false }
    if let maximum, number > maximum { return false }
    if let exclusiveMinimum, number <= exclusiveMinimum { return false }
    if let exclusiveMaximum, number >= exclusiveMaximum { return false }
    return true
  }

  private func isMultiple(_ node: Node, _ number: Double) -> Bool {
    guard let multipleOf else { return true }
    return DecimalDigits(number).isMultiple(of: DecimalDigits(multipleOf))
  }

  func explain(_ node: Node, _ explanation: inout Explanation) {
    guard let number = node.double else { return }
    let value = Violation.words(for: node)
    if !isInRange(number) {
      explanation.add(
        .wrongValue, "\(explanation.subject) is \(value), which is out of range",
        remedy: "Write a number \(range)")
    } else if let multipleOf, !isMultiple(node, number) {
      let step = CanonicalJSON.string(.number(multipleOf))
      explanation.add(
        .wrongValue, "\(explanation.subject) is \(value), which is no multiple of \(step)",
        remedy: "Write a multiple of \(step)")
    }
  }

  private var range: String {
    var bounds: [String] = []
    func add(_ words: String, _ bound: Double?) {
      if let bound { bounds.append("\(words) \(CanonicalJSON.string(.number(bound)))") }
    }
    add("of at least", minimum)
    add("above", exclusiveMinimum)
    add("of at most", maximum)
    add("below", exclusiveMaximum)
    return bounds.joined(separator: " and ")
  }
}

/// A number as its shortest decimal digits: `digits` × 10^`exponent`, with no zero at the end.
struct DecimalDigits {
  private var digits: UInt64 = 0
  private var exponent = 0

  /// - Parameter number: finite; its sign is left out.
  init(_ number: Double) {
    var fractionDigits = 0
    var isFraction = false
    var text = number.magnitude.description.utf8[...]
    while let byte = text.popFirst() {
      switch byte {
      case UInt8(ascii: "."): isFraction = true
      case UInt8(ascii: "e"):
        exponent = Int(Substring(text)) ?? 0
        text = text[text.endIndex...]
      default:
        // At most 17 digits and a padding zero or two: they fit.
        digits = digits * 10 + UInt64(byte - UInt8(ascii: "0"))
        fractionDigits += isFraction ? 1 : 0
      }
    }
    exponent -= fractionDigits
    while digits != 0, digits.isMultiple(of: 10) {
      digits /= 10
      exponent += 1
    }
  }

  /// - Parameter divisor: not 0.
  func isMultiple(of divisor: DecimalDigits) -> Bool {
    if digits == 0 { return true }
    // A number whose last digit is not 0 is no multiple of one that has more zeros.
    guard exponent >= divisor.exponent else { return false }
    var remainder = digits % divisor.digits
    for _ in 0..<(exponent - divisor.exponent) {
      let product = remainder.multipliedFullWidth(by: 10)
      remainder = divisor.digits.dividingFullWidth(product).remainder
    }
    return remainder == 0
  }
}
