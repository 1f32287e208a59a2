// Places in schemas: a document and a JSON pointer (RFC 6901) into it. A place says where a part
// stands, whatever identifiers it has; so each part of each document has exactly one.

internal import Documents

/// A place in a document of schemas. Two are equal exactly when their bytes are.
struct SchemaLocation: Hashable {
  private let documentText: Text
  private var pointerText: Text = ""

  init(document: String) {
    documentText = Text(document)
  }

  /// The address that the document was given by.
  var document: String { documentText.string }
  var pointer: String { pointerText.string }

  func appending(_ token: String) -> SchemaLocation {
    var location = self
    location.pointerText = Text(pointer + "/" + Self.escaped(token))
    return location
  }

  private static func escaped(_ token: String) -> String {
    guard token.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else {
      return token
    }
    var result = ""
    for scalar in token.unicodeScalars {
      switch scalar {
      case "~": result += "~0"
      case "/": result += "~1"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  func appending(_ index: Int) -> SchemaLocation {
    appending(String(index))
  }

  /// The tokens of a pointer that begins with a slash, `~1` and `~0` undone (RFC 6901, section 4).
  static func tokens(of pointer: String) -> [String] {
    // By bytes: for Swift a slash and a mark that combines with it are one character.
    pointer.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst()
      .map { unescaped(Substring($0)) }
  }

  private static func unescaped(_ token: Substring) -> String {
    var result = ""
    var isEscape = false
    for scalar in token.unicodeScalars {
      if isEscape {
        result += scalar == "1" ? "/" : scalar == "0" ? "~" : "~\(scalar)"
        isEscape = false
      } else if scalar == "~" {
        isEscape = true
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return isEscape ? result + "~" : result
  }

  func error(_ reason: String, _ node: Node) -> SchemaError {
    SchemaError(resource: document, pointer: pointer, position: node.position, reason: reason)
  }
}

extension Node {
  /// The value of a key, or of an index written in decimal without zeros before it.
  func child(_ token: String) -> Node? {
    switch value {
    case .mapping(let mapping): return mapping[token]
    case .sequence(let nodes):
      let isIndex =
        token == "0" || token.utf8.allSatisfy(\.isDigit) && token.utf8.first != UInt8(ascii: "0")
      guard isIndex, let index = Int(token), nodes.indices.contains(index) else { return nil }
      return nodes[index]
    default: return nil
    }
  }
}
