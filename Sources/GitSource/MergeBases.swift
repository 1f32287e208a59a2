// Where two lines of history parted, from the commits' own bytes: the commits that both descend
// from and that no other such commit descends from. libgit2 would answer faster, by a commit-graph
// file where there is one, which whoever can write to the repository can let lie.

internal import Documents

extension GitRepository {
  /// The merge bases of two commits (git-merge-base(1), `--all`), sorted; empty where they have no
  /// commit in common.
  ///
  /// - Throws: `tooMany` beyond `Limits.historyCommitsMax`; `shallow`; `objectMissing`, `corrupt`.
  package func mergeBases(
    _ one: CommitID, _ other: CommitID
  ) throws(GitError) -> [CommitID] {
    let common = try history(of: one).intersection(try history(of: other))
    var best = common
    // What is above a common commit is common too, so parents tell all that is not nearest.
    for id in common { best.subtract(try parents(of: id)) }
    return best.sorted { $0.hexadecimal.precedesInBytes($1.hexadecimal) }
  }

  private func history(of commit: CommitID) throws(GitError) -> Set<CommitID> {
    var seen: Set<CommitID> = [commit]
    var open = [commit]
    while let id = open.popLast() {
      for parent in try parents(of: id) where seen.insert(parent).inserted { open.append(parent) }
      guard seen.count <= Limits.historyCommitsMax else {
        throw GitError(
          .tooMany, operation: "looking for where \(commit) left another line",
          reason: "there are more than \(Limits.historyCommitsMax) commits to look at")
      }
    }
    return seen
  }
}
