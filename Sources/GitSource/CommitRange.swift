// The commits that a branch brings: those that are reachable from its head and not from a base.
// Parents are read from the commits' own bytes, since a repository that is read in place could have
// a commit-graph file that lies. Dates are claims and decide nothing, so where a branch leads past
// the base, the base's whole history is walked; that alone tells what is new.

internal import Documents

package struct CommitRange: Hashable, Sendable {
  /// Those of the commits on the head's first-parent line, oldest first.
  package let firstParents: [CommitID]
  /// All of them, by id.
  package let commits: [CommitID: RawCommit]
  /// Whether the head is the base or descends from it.
  package let isDescending: Bool
}

extension GitRepository {
  /// The commits that are reachable from a head and not from a base.
  ///
  /// - Parameter base: nil for all.
  /// - Throws: `tooMany` beyond `Limits.rangeCommitsMax` or `historyCommitsMax`; `shallow`;
  ///   `objectMissing`, `corrupt`, `tooLarge`.
  package func range(
    to head: CommitID, from base: CommitID?
  ) throws(GitError) -> CommitRange {
    var walk = RangeWalk(repository: self, operation: "walking from \(head)")
    try walk.run(head, base)
    var commits: [CommitID: RawCommit] = [:]
    for id in walk.parents.keys { commits[id] = try rawCommit(id) }
    var line: [CommitID] = []
    var next: CommitID? = head
    while let id = next, let commit = commits[id] {
      line.append(id)
      next = commit.parents.first
    }
    return CommitRange(
      firstParents: line.reversed(), commits: commits, isDescending: walk.isDescending)
  }
}

private struct RangeWalk {
  let repository: GitRepository
  let operation: String
  /// The parents of what is reached from the head, and not known to be the base's.
  private(set) var parents: [CommitID: [CommitID]] = [:]
  private(set) var isDescending = false

  init(repository: GitRepository, operation: String) {
    self.repository = repository
    self.operation = operation
  }

  mutating func run(_ head: CommitID, _ base: CommitID?) throws(GitError) {
    try walk(from: head, until: base)
    if let base {
      // Whatever leads past the base leads to a first commit; mostly nothing does.
      let leadsPast = parents.values.contains { $0.isEmpty }
      if leadsPast { try removeHistory(of: base) }
    }
    guard parents.count <= Limits.rangeCommitsMax else { throw tooMany(Limits.rangeCommitsMax) }
  }

  private mutating func walk(from head: CommitID, until end: CommitID?) throws(GitError) {
    var open = [head]
    while let id = open.popLast() {
      if id == end {
        isDescending = true
        continue
      }
      if parents[id] != nil { continue }
      let next = try repository.parents(of: id)
      parents[id] = next
      guard parents.count <= Limits.historyCommitsMax else {
        throw tooMany(Limits.historyCommitsMax)
      }
      open += next
    }
  }

  private mutating func removeHistory(of base: CommitID) throws(GitError) {
    var seen: Set<CommitID> = [base]
    var open = [base]
    while let id = open.popLast() {
      for parent in try repository.parents(of: id) where seen.insert(parent).inserted {
        open.append(parent)
      }
      guard seen.count <= Limits.historyCommitsMax else { throw tooMany(Limits.historyCommitsMax) }
    }
    for id in seen { parents[id] = nil }
  }

  private func tooMany(_ count: Int) -> GitError {
    GitError(
      .tooMany, operation: operation, reason: "there are more than \(count) commits to look at")
  }
}
