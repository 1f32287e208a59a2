// A set of texts that is small where files are as people write them, and still fast where one is
// not: the variants of a flag, the keys of its rules. Thousands of files have thousands of such
// sets, and making a table of hashes costs more than comparing a few names.

/// A set of texts, told apart by bytes.
package struct TextSet: Sendable {
  private static let scanCountMax = 12

  private var few: [String] = []
  /// All of them, once there are more than a few.
  private var many: Set<Text> = []

  package init() {}

  package init(_ texts: some Sequence<String>) {
    for text in texts { insert(text) }
  }

  package func contains(_ text: String) -> Bool {
    many.isEmpty ? few.contains { $0.hasSameBytes(as: text) } : many.contains(Text(text))
  }

  /// Whether it is new.
  @discardableResult
  package mutating func insert(_ text: String) -> Bool {
    guard many.isEmpty else { return many.insert(Text(text)).inserted }
    guard !contains(text) else { return false }
    few.append(text)
    if few.count > Self.scanCountMax { many = Set(few.map { Text($0) }) }
    return true
  }
}
