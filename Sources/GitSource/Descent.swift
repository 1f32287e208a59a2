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
    try lost(to: head, of: [other]).isEmpty
  }

  /// Those of some commits that a head neither is nor descends from, found in one walk however many
  /// they are: every scope has an applied commit, and most of them are far back.
  ///
  /// - Throws: as `descends(_:from:)`.
  package func lost(
    to head: CommitID, of commits: Set<CommitID>
  ) throws(GitError) -> Set<CommitID> {
    var lost = commits
    var seen: Set<CommitID> = [head]
    // What is nearest first: mostly it is near.
    var level = [head]
    while !level.isEmpty {
      lost.subtract(level)
      if lost.isEmpty { break }
      var next: [CommitID] = []
      for id in level {
        for parent in try parents(of: id) where seen.insert(parent).inserted { next.append(parent) }
      }
      guard seen.count <= Limits.historyCommitsMax else {
        throw GitError(
          .tooMany, operation: "looking for applied commits in the history of \(head)",
          reason: "there are more than \(Limits.historyCommitsMax) commits to look at")
      }
      level = next
    }
    return lost
  }
}
