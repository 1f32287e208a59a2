// What could be written instead, taken from the schema's `examples`: a few characters of YAML say
// more than the word "mapping". What is too long for a message is no example here.

internal import Documents

/// An example that a message can show.
struct Example: Sendable {
  let type: TypeSet
  /// A string without its quotes, or a mapping or list in brackets.
  let text: String

  private static let bytesMax = 60

  /// Nil for a scalar other than a string, and for what is too long to show.
  init?(_ node: Node) {
    type = TypeSet(of: node)
    switch node.value {
    case .string(let string): text = string
    case .mapping, .sequence: text = Self.flow(node)
    default: return nil
    }
    if type != .string, text.utf8.count > Self.bytesMax { return nil }
  }

  private static func flow(_ node: Node) -> String {
    switch node.value {
    case .mapping(let mapping):
      let entries = mapping.entries.map { "\(word($0.key)): \(flow($0.value))" }
      return "{\(entries.joined(separator: ", "))}"
    case .sequence(let nodes): return "[\(nodes.map(flow).joined(separator: ", "))]"
    case .string(let string): return word(string)
    default: return CanonicalJSON.string(node)
    }
  }

  /// A string in quotes, unless it is one without them too.
  private static func word(_ text: String) -> String {
    let isPlain =
      text.utf8.first.map { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A } == true
      && text.unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || "0123456789-_.".unicodeScalars.contains($0)
      }
      && !["true", "false", "null"].contains(text.lowercased())
    return isPlain ? text : CanonicalJSON.string(.string(text))
  }
}
