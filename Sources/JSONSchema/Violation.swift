// One way in which a node differs from its schema, in words for somebody who edits the file: where
// it stands, what it is, what is expected. It becomes a finding once it is known which file it is
// in.

package import Documents

/// A difference between a node and its schema.
package struct Violation: Hashable, Sendable {
  package let code: Finding.Code
  /// The fields that lead to the place, such as `experiments.checkout.traffic` or `rules[2].when`;
  /// empty for the document itself.
  package let path: String
  package let position: Position
  /// What is wrong: a sentence without a full stop.
  package let message: String
  /// What to do: a sentence in the imperative, without a full stop.
  package let remedy: String
  /// How many steps lead to the place.
  let depth: Int
  /// The field that is missing, where that is what is wrong.
  var missing: String?
  /// What the type should be, where the type is what is wrong.
  var expectedTypes: TypeSet?

  package static func == (a: Violation, b: Violation) -> Bool {
    a.code == b.code && a.position == b.position && a.path == b.path && a.message == b.message
      && a.remedy == b.remedy
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(code)
    hasher.combine(position)
    hasher.combine(message)
  }

  package func finding(in file: String) -> Finding {
    Finding(code, at: Location(file: file, position: position), message, remedy: remedy)
  }
}

// Words of messages.
extension Violation {
  /// The longest value, in characters, that a message repeats.
  private static let shownCharactersMax = 40
  /// The longest list that a message repeats.
  private static let shownWordsMax = 20

  static func path(_ steps: [Explanation.Step]) -> String {
    var text = ""
    for step in steps {
      switch step {
      case .index(let index): text += "[\(index)]"
      case .key(let key):
        let isPlain = !key.isEmpty && !key.utf8.contains { ".[]' \n".utf8.contains($0) }
        text += (text.isEmpty ? "" : ".") + (isPlain ? shortened(key) : "'\(shortened(key))'")
      }
    }
    return text
  }

  static func shortened(_ text: String) -> String {
    let end = text.unicodeScalars.index(
      text.startIndex, offsetBy: shownCharactersMax, limitedBy: text.endIndex)
    guard let end, end < text.endIndex else { return text }
    return String(text[..<end]) + "…"
  }

  /// A value, as far as a message can show it.
  static func words(for node: Node) -> String {
    switch node.value {
    case .string(let string): "'\(shortened(string))'"
    case .sequence, .mapping: typeWords(of: node)
    default: CanonicalJSON.string(node)
    }
  }

  static func typeWords(of node: Node) -> String {
    switch node.value {
    case .null: "null"
    case .boolean(let boolean): "the boolean \(boolean)"
    case .integer, .number: "the number \(CanonicalJSON.string(node))"
    case .string(let string): string.isEmpty ? "blank" : "the string '\(shortened(string))'"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }

  /// Words with commas between them; of many, the first and how many more there are.
  static func list(_ words: some Collection<String>) -> String {
    let shown = words.prefix(shownWordsMax).joined(separator: ", ")
    let rest = words.count - shownWordsMax
    return rest > 0 ? "\(shown), and \(rest) more" : shown
  }

  static func count(_ count: Int, _ noun: String) -> String {
    count == 0 ? "no \(noun)s" : count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
  }

  static func range(_ min: Int?, _ max: Int?, _ noun: String) -> String {
    switch (min, max) {
    case (let min?, let max?) where min == max: "exactly \(count(min, noun))"
    case (let min?, let max?): "\(min) to \(count(max, noun))"
    case (let min?, nil): "at least \(count(min, noun))"
    case (nil, let max?): "at most \(count(max, noun))"
    case (nil, nil): count(0, noun)
    }
  }

  static func remedy(_ remedy: String, hint: String?) -> String {
    guard var hint else { return remedy }
    while hint.last == "." || hint.last == "\n" { hint.removeLast() }
    return hint.isEmpty ? remedy : "\(remedy): \(hint)"
  }
}
