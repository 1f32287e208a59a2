// What a merge says that it merges, in the words that git-merge(1) writes by itself. Who merges the
// branch that is followed into a line of his own, as `git pull` does, and pushes that line as the
// branch, has signed a merge of everything that others brought there meanwhile, and looked at none
// of it. The message is part of what he signed, so it tells what he meant.

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
    return zip(parts, parts.dropFirst()).enumerated().contains { place, pair in
      guard place.isMultiple(of: 2) else { return false }
      let (words, name) = (pair.0, String(pair.1))
      if name.hasSameBytes(as: branch) { return true }
      return words.contains(remote) && name.hasSuffix("/\(branch)")
    }
  }
}
