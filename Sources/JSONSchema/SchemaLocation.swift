// Places in schemas: the address of a resource and a JSON pointer (RFC 6901) into it; and just
// enough of RFC 3986 to resolve one address against another. Nothing here is ever fetched: an
// address only names one of the resources that were given.

internal import Documents

/// A place in a schema resource.
struct SchemaLocation: Hashable {
  let resource: String
  private(set) var pointer = ""

  init(resource: String) {
    self.resource = resource
  }

  func appending(_ token: String) -> SchemaLocation {
    var location = self
    location.pointer += "/"
    guard token.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else {
      location.pointer += token
      return location
    }
    for scalar in token.unicodeScalars {
      switch scalar {
      case "~": location.pointer += "~0"
      case "/": location.pointer += "~1"
      default: location.pointer.unicodeScalars.append(scalar)
      }
    }
    return location
  }

  func appending(_ index: Int) -> SchemaLocation {
    appending(String(index))
  }

  /// A token of a pointer, `~1` and `~0` undone (RFC 6901, section 4).
  static func unescaped(_ token: Substring) -> String {
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
    SchemaError(resource: resource, pointer: pointer, position: node.position, reason: reason)
  }
}

/// Addresses of schemas (RFC 3986).
enum Address {
  static func withoutFragment(_ address: String) -> String {
    String(address.prefix { $0 != "#" })
  }

  /// The fragment, percent-decoded; empty where there is none.
  static func fragment(of address: String) -> String {
    guard let hash = address.firstIndex(of: "#") else { return "" }
    var bytes: [UInt8] = []
    let raw = Array(address[address.index(after: hash)...].utf8)
    var index = 0
    while index < raw.count {
      if raw[index] == UInt8(ascii: "%"), index + 2 < raw.count,
        let byte = UInt8(String(decoding: raw[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
      {
        bytes.append(byte)
        index += 3
      } else {
        bytes.append(raw[index])
        index += 1
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// RFC 3986, section 5.2, for references with a scheme, a path or only a fragment.
  static func resolved(_ reference: String, against base: String) -> String {
    if hasScheme(reference) { return reference }
    let base = withoutFragment(base)
    if reference.isEmpty || reference.hasPrefix("#") { return base + reference }
    let (root, path) = divided(base)
    if reference.hasPrefix("/") { return root + reference }
    let fragmentStart = reference.firstIndex(of: "#") ?? reference.endIndex
    let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
    let merged = folder + reference[..<fragmentStart]
    return root + withoutDots(String(merged)) + reference[fragmentStart...]
  }

  private static func hasScheme(_ address: String) -> Bool {
    guard let colon = address.firstIndex(of: ":") else { return false }
    return !address[..<colon].contains { $0 == "/" || $0 == "#" || $0 == "?" }
  }

  /// Scheme and authority, and the path.
  private static func divided(_ address: String) -> (root: String, path: String) {
    guard hasScheme(address), let colon = address.firstIndex(of: ":") else { return ("", address) }
    var start = address.index(after: colon)
    if address[start...].hasPrefix("//") {
      let authority = address.index(start, offsetBy: 2)
      start = address[authority...].firstIndex(of: "/") ?? address.endIndex
    }
    return (String(address[..<start]), String(address[start...]))
  }

  private static func withoutDots(_ path: String) -> String {
    var kept: [Substring] = []
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      let isLast = index == parts.count - 1
      if part == ".." {
        if kept.count > 1 { kept.removeLast() }
        if isLast { kept.append("") }
      } else if part != "." {
        kept.append(part)
      } else if isLast {
        kept.append("")
      }
    }
    return kept.joined(separator: "/")
  }
}
