// The controller's hold on a repository: an actor that owns one open repository and runs on its own
// queue. It reads; parsing and judging happen elsewhere, on what it hands out.

package import Documents

/// Owns one `GitRepository` and answers about it, one question at a time.
package actor GitWorker {
  private nonisolated let executor = SerialQueueExecutor(label: "flagstaff.git")
  private let path: String
  private var opened: GitRepository?

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// The repository is opened by the first question: a mirror may not be there before its first
  /// fetch.
  package init(path: String) {
    self.path = path
  }

  /// See `GitRepository.head(ofBranch:)`.
  package func head(ofBranch branch: String?) throws(GitError) -> CommitID {
    try ask { (git) throws(GitError) in try git.head(ofBranch: branch) }
  }

  /// See `GitRepository.defaultBranches()`.
  package func defaultBranches() throws(GitError) -> Set<String> {
    try ask { (git) throws(GitError) in git.defaultBranches() }
  }

  /// See `GitRepository.information(of:)`.
  package func information(of commit: CommitID) throws(GitError) -> CommitInformation {
    try ask { (git) throws(GitError) in try git.information(of: commit) }
  }

  /// See `GitRepository.files(of:under:)`.
  package func files(of commit: CommitID, under roots: [String]) throws(GitError) -> TreeListing {
    try ask { (git) throws(GitError) in try git.files(of: commit, under: roots) }
  }

  /// See `GitRepository.outsideFiles(of:roots:marker:)`.
  package func outsideFiles(
    of commit: CommitID, roots: [String], marker: String
  ) throws(GitError) -> OutsideFiles {
    try ask { (git) throws(GitError) in git.outsideFiles(of: commit, roots: roots, marker: marker) }
  }

  /// See `GitRepository.uncommittedFiles(beside:under:)`.
  package func uncommittedFiles(
    beside commit: CommitID, under roots: [String]
  ) throws(GitError) -> [String] {
    try ask { (git) throws(GitError) in try git.uncommittedFiles(beside: commit, under: roots) }
  }

  /// See `GitRepository.changedFiles(from:to:under:)`.
  package func changedFiles(
    from old: CommitID, to new: CommitID, under roots: [String]
  ) throws(GitError) -> TreeComparison {
    try ask { (git) throws(GitError) in try git.changedFiles(from: old, to: new, under: roots) }
  }

  /// See `GitRepository.commit(ofRevision:)`.
  package func commit(ofRevision revision: String) throws(GitError) -> CommitID {
    try ask { (git) throws(GitError) in try git.commit(ofRevision: revision) }
  }

  /// See `GitRepository.missing(of:)`, with whether the repository is shallow.
  package func missing(
    of commits: [CommitID]
  ) throws(GitError) -> (commits: [CommitID], isShallow: Bool) {
    try ask { (git) throws(GitError) in (git.missing(of: commits), git.isShallow) }
  }

  /// See `GitRepository.merge(_:into:under:)`.
  package func merge(
    _ theirs: CommitID, into ours: CommitID, under roots: [String]
  ) throws(GitError) -> MergedTree {
    try ask { (git) throws(GitError) in try git.merge(theirs, into: ours, under: roots) }
  }

  /// See `GitRepository.isAncestor(_:of:)`.
  package func isAncestor(
    _ ancestor: CommitID, of descendant: CommitID
  ) throws(GitError) -> Bool {
    try ask { (git) throws(GitError) in try git.isAncestor(ancestor, of: descendant) }
  }

  /// See `GitRepository.rawCommit(_:)`.
  package func rawCommit(_ id: CommitID) throws(GitError) -> RawCommit {
    try ask { (git) throws(GitError) in try git.rawCommit(id) }
  }

  /// See `GitRepository.range(to:from:)`.
  package func range(to head: CommitID, from base: CommitID?) throws(GitError) -> CommitRange {
    try ask { (git) throws(GitError) in try git.range(to: head, from: base) }
  }

  /// See `GitRepository.lost(to:of:)`.
  package func lost(
    to head: CommitID, of commits: Set<CommitID>
  ) throws(GitError) -> Set<CommitID> {
    try ask { (git) throws(GitError) in try git.lost(to: head, of: commits) }
  }

  /// See `GitRepository.descends(_:from:)`.
  package func descends(_ head: CommitID, from other: CommitID) throws(GitError) -> Bool {
    try ask { (git) throws(GitError) in try git.descends(head, from: other) }
  }

  /// See `GitRepository.mergeBases(_:_:)`.
  package func mergeBases(_ one: CommitID, _ other: CommitID) throws(GitError) -> [CommitID] {
    try ask { (git) throws(GitError) in try git.mergeBases(one, other) }
  }

  /// What the refs of some signers hold, and what they lead to.
  package func approvals(
    of signers: Set<String>
  ) throws(GitError) -> [(ref: ApprovalRef, entries: ApprovalEntries)] {
    try ask { (git) throws(GitError) in
      try git.approvalRefs().filter { signers.contains($0.identifier) }
        .map { ($0, git.entries(of: $0)) }
    }
  }

  /// The refs of all signers.
  package func approvalRefs() throws(GitError) -> [ApprovalRef] {
    try ask { (git) throws(GitError) in try git.approvalRefs() }
  }

  /// See `GitRepository.write(_:toRefOf:after:at:)`.
  package func write(
    _ entries: [ApprovalEntry], toRefOf identifier: String, after former: ApprovalRef?,
    at instant: Instant
  ) throws(GitError) -> ApprovalRef {
    try ask { (git) throws(GitError) in
      try git.write(entries, toRefOf: identifier, after: former, at: instant)
    }
  }

  /// The contents of blobs, in the order of the ids. Callers divide long lists, so that parsing
  /// begins while the rest is read.
  package func blobs(_ ids: [BlobID]) throws(GitError) -> [[UInt8]] {
    try ask { (git) throws(GitError) in
      var contents: [[UInt8]] = []
      contents.reserveCapacity(ids.count)
      for id in ids { contents.append(try git.blob(id)) }
      return contents
    }
  }

  /// After a failure the repository is opened anew, for it may have been replaced: a mirror may be
  /// deleted and fetched again while this runs.
  private func ask<Answer>(
    _ question: (GitRepository) throws(GitError) -> Answer
  ) throws(GitError) -> Answer {
    do throws(GitError) {
      return try question(repository())
    } catch {
      opened = nil
      throw error
    }
  }

  private func repository() throws(GitError) -> GitRepository {
    if let opened { return opened }
    let repository = try GitRepository(path: path)
    opened = repository
    return repository
  }
}
