// What a merge says that it merges, in the words that git-merge(1) writes by itself. Who merges the
// branch that is followed into a line of his own, as `git pull` does, and pushes that line as the
// branch, has signed a merge of everything that others brought there meanwhile, and looked at none
// of it; who merges something into another branch has said nothing of the one that is followed. The
// message is part of what he signed, so it tells what he meant.

internal import Documents

package enum MergeSubject {
  /// Whether a commit's message says that it merges a branch, of this repository or of a remote.
  ///
  /// - Parameter branch: its short name.
  package static func merges(_ branch: String, _ message: [UInt8]) -> Bool {
    let line = String(decoding: message.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    let remote = "remote-tracking branch"
    guard line.hasPrefix("Merge branch") || line.hasPrefix("Merge \(remote)") else { return false }
    // What it was merged into stands behind, and names are in single quotes.
    let sources = line.firstRange(of: " into ").map { line[..<$0.lowerBound] } ?? line[...]
    let parts = sources.split(separator: "'", omittingEmptySubsequences: false)
    var isOfRemote = false
    for place in stride(from: 0, to: parts.count - 1, by: 2) {
      let (words, name) = (parts[place], String(parts[place + 1]))
      // Of several names only the first says of what kind they are.
      if words != ", ", words != " and " { isOfRemote = words.contains(remote) }
      if isOfRemote, name.hasSuffix("/HEAD") || !name.contains("/") { return true }
      if isOfRemote && name.hasSuffix("/\(branch)") || name.hasSameBytes(as: branch)
        || name.hasSameBytes(as: "refs/heads/\(branch)")
      {
        return true
      }
    }
    return false
  }

  /// The branch that a commit's message says that it merges into; nil where it does not say.
  package static func destination(_ message: [UInt8]) -> String? {
    let line = String(decoding: message.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    guard line.hasPrefix("Merge "), let into = line.ranges(of: " into ").last else { return nil }
    let name = line[into.upperBound...].filter { $0 != "'" && $0 != "\r" }
    return name.contains(" ") ? nil : String(name)
  }
}
