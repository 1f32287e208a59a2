// Who a commit's message says that approved: lines `Approved-by: alice` or `Approved-by: Alice
// <alice@acme.example>` in its last paragraph (git-interpret-trailers(1)). They are the word of
// whoever signed the commit, so they count in what a bot signed and nowhere else.

internal import Documents

package struct Trailers: Hashable, Sendable {
  /// Keys of people, each once.
  package let approvers: Set<String>
  /// What names nobody; each shown with escapes.
  package let unknown: [String]

  /// How much of one value is shown.
  private static let shownMax = 80

  /// Reads the message of a commit.
  package init(_ message: [UInt8], _ owners: KeyOwners) {
    var approvers: Set<String> = []
    var unknown: [String] = []
    for value in Self.values(in: message) {
      if let text = String(validating: value, as: UTF8.self),
        let person = owners.person(named: text)
      {
        approvers.insert(person)
      } else {
        unknown.append(Visible.text(bytes: value.prefix(Self.shownMax)))
      }
    }
    self.approvers = approvers
    self.unknown = unknown
  }

  /// Whether a message has such lines at all.
  package static func areIn(_ message: [UInt8]) -> Bool { !values(in: message).isEmpty }

  private static func values(in message: [UInt8]) -> [[UInt8]] {
    let lines = message.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map(trimmed)
    var last: [ArraySlice<UInt8>] = []
    for line in lines.reversed() {
      if line.isEmpty, !last.isEmpty { break }
      if !line.isEmpty { last.append(line) }
    }
    let name = Array("approved-by:".utf8)
    return last.reversed().compactMap { line in
      let start = line.prefix(name.count).map { (0x41...0x5A).contains($0) ? $0 + 0x20 : $0 }
      return start == name ? Array(trimmed(line.dropFirst(name.count))) : nil
    }
  }

  /// Without spaces, tabs and carriage returns around.
  private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0D].contains(byte) }
    let start = line.drop(while: isSpace)
    let end = start.lastIndex { !isSpace($0) } ?? start.startIndex - 1
    return start[start.startIndex..<(end + 1)]
  }
}
