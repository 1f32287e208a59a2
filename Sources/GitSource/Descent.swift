// Whether one commit comes after another, by the parents that commits themselves name. A history
// that somebody rewrote must not pass for one that goes on, so nothing that only speeds the answer
// up, such as a commit-graph file, is believed.

internal import Documents

extension GitRepository {
  /// Whether a head is another commit or descends from it. The other one need not be here: what
  /// was rewritten may be gone.
  ///
  /// - Throws: `tooMany` beyond `Limits.historyCommitsMax`; `shallow` where the history ends before
  ///   that is known; `objectMissing`, `corrupt`.
  package func descends(_ head: CommitID, from other: CommitID) throws(GitError) -> Bool {
    var seen: Set<CommitID> = [head]
    // What is nearest first: mostly it is near.
    var level = [head]
    while !level.isEmpty {
      if level.contains(other) { return true }
      var next: [CommitID] = []
      for id in level {
        for parent in try parents(of: id) where seen.insert(parent).inserted { next.append(parent) }
      }
      guard seen.count <= Limits.historyCommitsMax else {
        throw GitError(
          .tooMany, operation: "looking for \(other) in the history of \(head)",
          reason: "there are more than \(Limits.historyCommitsMax) commits to look at")
      }
      level = next
    }
    return false
  }
}
