// A split-URL test: the page that an edge divides, and where it sends each variant's users. It is
// published with the experiment, so an edge follows what stands here for strangers: every address
// is a path of the same site or an http(s) address, and none carries credentials.

internal import Documents

struct SplitURLSource: Sendable {
  var path: String
  /// One a variant.
  var urls: [(variant: Reference, url: String)]

  var node: Node {
    .fields([
      "path": .string(path), "urls": .mapping(urls.map { ($0.variant.key, .string($0.url)) }),
    ])
  }
}

extension DefinitionReader {
  mutating func splitURL(_ node: Node?, of variants: [ExperimentSource.Variant])
    -> SplitURLSource?
  {
    guard let node, let path = node["path"], let text = path.string, let urls = node["urls"]
    else { return nil }
    if let problem = URLText.problem(ofPage: text) {
      report(
        .badSplitPath, at: path.position, "the page of a split-URL test \(problem)",
        remedy: "Write a path that begins with one `/`, such as /checkout")
    }
    let entries = urls.mapping?.entries ?? []
    for entry in entries {
      guard let url = entry.value.string, let problem = URLText.problem(ofTarget: url) else {
        continue
      }
      report(
        .badSplitURL, at: entry.value.position, "the address of \(entry.key) \(problem)",
        remedy: "Write a path such as /b, or an http:// or https:// address without credentials")
    }
    checkVariants(entries, variants, at: urls.position)
    return SplitURLSource(
      path: text,
      urls: entries.map {
        (Reference(key: $0.key, position: $0.keyPosition), $0.value.string ?? "")
      })
  }

  private mutating func checkVariants(
    _ entries: [Mapping.Entry], _ variants: [ExperimentSource.Variant], at position: Position
  ) {
    let known = Set(variants.map { Text($0.key) })
    for entry in entries where !known.contains(Text(entry.key)) {
      report(
        .unknownVariant, at: entry.keyPosition, "\(entry.key) is no variant of this experiment",
        remedy: suggestions.remedy(
          for: entry.key, among: variants.map(\.key),
          otherwise: "Name one of \(variants.map(\.key).joined(separator: ", "))"))
    }
    let named = Set(entries.map { Text($0.key) })
    let missing = variants.filter { !named.contains(Text($0.key)) }.map(\.key)
    guard !missing.isEmpty else { return }
    report(
      .splitWithoutURL, at: position,
      "\(missing.joined(separator: ", ")) \(missing.count == 1 ? "has" : "have") no address",
      remedy: "Give every variant an address; control may have the page's own path")
  }
}

/// What may stand as an address (RFC 3986): printable ASCII without delimiters that only invite
/// misreading.
private enum URLText {
  /// What is wrong with the path of a page; nil where nothing is.
  static func problem(ofPage text: String) -> String? {
    if let problem = problem(ofPath: text) { return problem }
    return text.utf8.contains { [UInt8(ascii: "?"), UInt8(ascii: "#")].contains($0) }
      ? "has a query or a fragment" : nil
  }

  /// What is wrong with a path, or with an http(s) address.
  static func problem(ofTarget text: String) -> String? {
    let schemes = ["https://", "http://"]
    guard let scheme = schemes.first(where: { text.lowercased().hasPrefix($0) }) else {
      return problem(ofPath: text)
    }
    if let problem = problem(ofCharacters: text) { return problem }
    let authority = text.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
    if authority.contains("@") { return "carries credentials" }
    let host = authority.prefix { $0 != ":" }
    return host.isEmpty ? "names no host" : nil
  }

  private static func problem(ofPath text: String) -> String? {
    if !text.hasPrefix("/") { return "does not begin with `/`" }
    if text.hasPrefix("//") { return "begins with `//`, which names another host" }
    return problem(ofCharacters: text)
  }

  private static func problem(ofCharacters text: String) -> String? {
    if text.utf8.count > Limits.addressBytesMax {
      return "is longer than \(Limits.addressBytesMax) bytes"
    }
    let refused = Set("\"<>\\^`{|}".utf8)
    let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !refused.contains($0) }
    return isPlain ? nil : "has a character that must be percent-encoded"
  }
}
