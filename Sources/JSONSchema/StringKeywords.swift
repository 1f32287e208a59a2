// The keywords of strings: JSON Schema Validation 2020-12, section 6.3. Lengths count Unicode
// scalars, not bytes and not what a reader sees as one character.

internal import Documents

final class StringKeywords: Sendable {
  private let lengthMin: Int?
  private let lengthMax: Int?
  private let pattern: Pattern?

  /// Nil where the schema has none of these keywords.
  init?(_ reader: KeywordReader) throws(SchemaError) {
    guard reader.families.contains(.string) else { return nil }
    lengthMin = try reader.count("minLength")
    lengthMax = try reader.count("maxLength")
    if let source = try reader.string("pattern") {
      do {
        pattern = try Pattern(source)
      } catch {
        throw reader.error("the pattern does not compile: \(error.reason)", "pattern")
      }
    } else {
      pattern = nil
    }
  }

  func allow(_ text: String, _ evaluation: inout Evaluation) throws(Undecided) -> Bool {
    guard hasAllowedLength(text) else { return false }
    guard let pattern else { return true }
    return try evaluation.matches(pattern, text)
  }

  private func hasAllowedLength(_ text: String) -> Bool {
    guard lengthMin != nil || lengthMax != nil else { return true }
    // A scalar has one to four bytes: mostly their number, which is known, decides.
    let bytes = text.utf8.count
    if bytes / 4 >= lengthMin ?? 0, bytes <= lengthMax ?? .max { return true }
    let count = text.unicodeScalars.count
    return count >= lengthMin ?? 0 && count <= lengthMax ?? .max
  }

  func explain(_ node: Node, _ explanation: inout Explanation) {
    guard let text = node.string else { return }
    let subject = explanation.subject
    if !hasAllowedLength(text) {
      let count = text.unicodeScalars.count
      explanation.add(
        .wrongValue, text.isEmpty ? "\(subject) is blank" : "\(subject) has \(count) characters",
        remedy: "Write \(Violation.range(lengthMin, lengthMax, "character"))")
      return
    }
    guard let pattern else { return }
    do throws(Undecided) {
      if try explanation.evaluation.matches(pattern, text) { return }
      explanation.add(
        .wrongValue,
        explanation.isKey
          ? "\(subject) has the wrong form"
          : "\(subject) is \(Violation.words(for: node)), which has the wrong form",
        remedy: remedy(pattern, explanation))
    } catch {
      explanation.addUndecided()
    }
  }

  private func remedy(_ pattern: Pattern, _ explanation: Explanation) -> String {
    if let example = explanation.example, example.type == .string {
      return "Write it like '\(Violation.shortened(example.text))'"
    }
    return explanation.hint == nil
      ? "Write a string that matches \(pattern.source)" : "Correct it"
  }
}
