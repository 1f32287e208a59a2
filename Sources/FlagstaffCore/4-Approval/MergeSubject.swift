// What a merge says that it merges, in the words that git-merge(1) writes by itself. Who merges the
// branch that is followed into a line of his own, as `git pull` does, and pushes that line as the
// branch, has signed a merge of everything that others brought there meanwhile, and looked at none
// of it; who merges something into another branch has said nothing of the one that is followed, nor
// has who names no branch at all. The message is part of what he signed, so it tells what he meant.

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

  /// What a commit's message says that it merges, where that is a commit, a tag or a whole
  /// repository, in the words of git-merge(1): whichever branch it was on, the followed one might
  /// be it. Nil where branches are named, or the words are somebody's own.
  package static func nameless(_ message: [UInt8]) -> String? {
    let line = String(decoding: message.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    guard line.hasPrefix("Merge ") else { return nil }
    let source = line.dropFirst("Merge ".count)
    for (word, name) in [("commit", "a commit"), ("tag", "a tag")] {
      // A branch may stand before them: `Merge branch 'a' and commit 'b'`.
      let places = ["\(word) '", "\(word)s '"]
      if places.contains(where: source.hasPrefix)
        || (source.hasPrefix("branch") || source.hasPrefix("remote-tracking"))
          && places.contains(where: { line.contains(", \($0)") || line.contains("' and \($0)") })
      {
        return name
      }
    }
    // `git pull` of a remote's HEAD names the remote alone, by its path or address.
    let words = source.split(separator: " ")
    guard let place = words.first, words.count == 1 || words.dropFirst().first == "into",
      place == "HEAD" || place.hasPrefix("/") || place.hasPrefix(".") || place.contains(":")
    else { return nil }
    return "a repository"
  }

  /// The branch that a commit's message says that it merges into; nil where it does not say.
  package static func destination(_ message: [UInt8]) -> String? {
    let line = String(decoding: message.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    guard line.hasPrefix("Merge "), let into = line.ranges(of: " into ").last else { return nil }
    let name = line[into.upperBound...].filter { $0 != "'" && $0 != "\r" }
    return name.contains(" ") ? nil : String(name)
  }
}
