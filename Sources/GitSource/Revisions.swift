// From what people write (a branch, a tag, `HEAD~2`) to a commit, and from a commit to what it says
// about itself. In a clone a branch is `refs/heads/NAME`; in Flagstaff's mirror, and in the
// detached clones of CI, it is `refs/remotes/origin/NAME`.

internal import CLibGit2
package import Documents

/// What a commit says about itself. Names and times are claims of whoever made it.
package struct CommitInformation: Hashable, Sendable {
  package let id: CommitID
  /// Control characters are written as escapes.
  package let authorName: String
  package let authored: Instant
  /// The first paragraph of the message in one line, with control characters written as escapes.
  package let subject: String
  package let parents: [CommitID]
}

extension GitRepository {
  /// The commit at the tip of a branch; without a name, of the default branch: `HEAD` of a clone,
  /// the remote's `HEAD` of a mirror.
  ///
  /// - Throws: `unknownBranch`, naming some that exist; `noCommit` where there are none.
  package func head(ofBranch branch: String? = nil) throws(GitError) -> CommitID {
    let names =
      branch.map { ["refs/heads/\($0)", "refs/remotes/origin/\($0)"] }
      ?? ["HEAD", "refs/remotes/origin/HEAD"]
    let shown = branch.map { "the branch \(Visible.text($0))" } ?? "the default branch"
    let operation = "looking for \(shown) of \(Visible.text(path))"
    for name in names {
      if let commit = try commit(reference: name, operation: operation) { return commit }
    }
    let known = try branchNames().map { Visible.text($0) }
    guard !known.isEmpty else {
      throw GitError(.noCommit, operation: operation, reason: "it has no branch with a commit")
    }
    let some = known.listed(atMost: GitError.branchesNamedMax)
    throw GitError(.unknownBranch, operation: operation, reason: "there are only: \(some)")
  }

  /// The short names of the branch that is checked out, and of the remote's default branch, where
  /// they are known.
  package func defaultBranches() -> Set<String> {
    let places = [
      ("HEAD", "refs/heads/"), ("refs/remotes/origin/HEAD", "refs/remotes/origin/"),
    ]
    var names: Set<String> = []
    for (reference, prefix) in places {
      var found: OpaquePointer?
      guard git_reference_lookup(&found, handle, reference) == 0 else { continue }
      defer { git_reference_free(found) }
      guard let target = git_reference_symbolic_target(found).map({ String(cString: $0) }),
        target.hasPrefix(prefix)
      else { continue }
      names.insert(String(target.dropFirst(prefix.count)))
    }
    return names
  }

  /// The commit that any revision names (gitrevisions(7)): an id, a tag, `main~2`. What is no
  /// revision here may be a branch of the remote, as in a mirror or a detached clone of CI.
  ///
  /// - Throws: `unknownRevision`, with what to do in a shallow clone.
  package func commit(ofRevision revision: String) throws(GitError) -> CommitID {
    let operation = "resolving the revision \(Visible.text(revision))"
    var object: OpaquePointer?
    let status = git_revparse_single(&object, handle, revision)
    if status < 0 {
      let reason = LibGit2.lastMessage()
      if git_revparse_single(&object, handle, "refs/remotes/origin/\(revision)") < 0 {
        throw GitError(
          .unknownRevision, operation: operation, reason: reason,
          remedy: remedy(bringing: revision))
      }
    }
    defer { git_object_free(object) }
    var commit: OpaquePointer?
    try LibGit2.check(
      git_object_peel(&commit, object, GIT_OBJECT_COMMIT), operation, or: .unknownRevision)
    defer { git_object_free(commit) }
    return CommitID(git_object_id(commit).pointee)
  }

  /// The command that brings a revision, where there may be one: the history of a shallow clone, or
  /// a branch of which only others were fetched.
  private func remedy(bringing revision: String) -> String? {
    let isPlain = revision.utf8.allSatisfy { byte in
      [0x30...0x39, 0x41...0x5A, 0x61...0x7A].contains { $0.contains(byte) }
        || "-._/".utf8.contains(byte)
    }
    let history = "the whole history with `git fetch --unshallow`; \(GitError.wholeHistoryInCI)"
    let all = isShallow ? "this clone is shallow: bring \(history)" : nil
    guard isPlain, !revision.hasPrefix("-"), !revision.isEmpty, revision != "HEAD" else {
      return all
    }
    let isID = revision.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
    }
    if isID, revision.utf8.count >= 7 {
      // Only a whole id can be fetched by itself.
      guard isShallow, revision.utf8.count == 40 else { return all }
      return "this clone is shallow: bring it with `git fetch --depth=1 origin \(revision)`, or"
        + " \(history)"
    }
    let prefix = "origin/"
    guard isShallow || revision.hasPrefix(prefix) else { return nil }
    let branch = revision.hasPrefix(prefix) ? String(revision.dropFirst(prefix.count)) : revision
    let depth = isShallow ? "--depth=1 " : ""
    let fetch = "`git fetch \(depth)origin +refs/heads/\(branch):refs/remotes/origin/\(branch)`"
    return isShallow
      ? "this clone is shallow: bring a branch with \(fetch), or \(history)"
      : "a branch that was not fetched comes with \(fetch)"
  }

  /// What a commit says about itself.
  package func information(of id: CommitID) throws(GitError) -> CommitInformation {
    try withCommit(id) { (commit) throws(GitError) in
      let author = git_commit_author(commit)?.pointee
      var parents: [CommitID] = []
      for index in 0..<git_commit_parentcount(commit) {
        guard let parent = git_commit_parent_id(commit, index) else { break }
        parents.append(CommitID(parent.pointee))
      }
      // Years beyond 9999 cannot be written as an instant; such a claim is cut to what can.
      let seconds = min(max(author?.when.time ?? 0, 0), 253_402_300_799)
      return CommitInformation(
        id: id, authorName: Visible.text(bytes: bytes(author?.name)),
        authored: Instant(secondsSince1970: Int(seconds)),
        subject: Visible.text(bytes: bytes(git_commit_summary(commit)).prefix(1_000)),
        parents: parents)
    }
  }

  /// Whether a commit is another one or among its ancestors.
  ///
  /// - Throws: `shallow` if the history ends at a shallow boundary before that is known;
  ///   `objectMissing` if a commit is missing for another reason.
  package func isAncestor(_ ancestor: CommitID, of descendant: CommitID) throws(GitError) -> Bool {
    if ancestor == descendant { return true }
    let operation = "comparing the histories of \(ancestor) and \(descendant)"
    var above = descendant.objectID
    var below = ancestor.objectID
    let status = git_graph_descendant_of(handle, &above, &below)
    guard status < 0 else { return status == 1 }
    let reason = LibGit2.lastMessage()
    if isShallow {
      throw GitError(
        .shallow, operation: operation, reason: "the clone is shallow and its history ends too soon"
      )
    }
    throw GitError(.objectMissing, operation: operation, reason: reason)
  }

  /// Whether the history ends before its first commit.
  package var isShallow: Bool { git_repository_is_shallow(handle) == 1 }

  /// Those of some commits that are not here, in the same order.
  package func missing(of commits: [CommitID]) -> [CommitID] {
    commits.filter { commit in
      var id = commit.objectID
      return git_odb_exists(objects, &id) == 0
    }
  }

  func withCommit<Result>(
    _ id: CommitID, _ body: (OpaquePointer) throws(GitError) -> Result
  ) throws(GitError) -> Result {
    var commit: OpaquePointer?
    var oid = id.objectID
    try LibGit2.check(git_commit_lookup(&commit, handle, &oid), "reading the commit \(id)")
    defer { git_commit_free(commit) }
    guard let commit else { preconditionFailure("libgit2 found nothing") }
    return try body(commit)
  }

  /// The commit of a reference; nil if there is no such reference, or it has no commit yet.
  private func commit(reference: String, operation: String) throws(GitError) -> CommitID? {
    var isValid: Int32 = 0
    guard git_reference_name_is_valid(&isValid, reference) == 0, isValid == 1 else { return nil }
    var resolved: OpaquePointer?
    var looked: OpaquePointer?
    let status = git_reference_lookup(&looked, handle, reference)
    if status == GIT_ENOTFOUND.rawValue { return nil }
    try LibGit2.check(status, operation)
    defer { git_reference_free(looked) }
    let resolution = git_reference_resolve(&resolved, looked)
    if resolution == GIT_ENOTFOUND.rawValue { return nil }
    try LibGit2.check(resolution, operation)
    defer { git_reference_free(resolved) }
    var commit: OpaquePointer?
    try LibGit2.check(git_reference_peel(&commit, resolved, GIT_OBJECT_COMMIT), operation)
    defer { git_object_free(commit) }
    return CommitID(git_object_id(commit).pointee)
  }

  /// The short names of all branches, sorted.
  private func branchNames() throws(GitError) -> [String] {
    var names: Set<String> = []
    for name in try referenceNames(matching: "refs/*") {
      for prefix in ["refs/heads/", "refs/remotes/origin/"] where name.hasPrefix(prefix) {
        names.insert(String(name.dropFirst(prefix.count)))
      }
    }
    names.remove("HEAD")
    return names.sorted { $0.precedesInBytes($1) }
  }

  /// The full names of the references that match a pattern.
  func referenceNames(matching pattern: String) throws(GitError) -> [String] {
    let operation = "listing the references of \(Visible.text(path))"
    var iterator: OpaquePointer?
    try LibGit2.check(git_reference_iterator_glob_new(&iterator, handle, pattern), operation)
    defer { git_reference_iterator_free(iterator) }
    var names: [String] = []
    var name: UnsafePointer<CChar>?
    while true {
      let status = git_reference_next_name(&name, iterator)
      if status == GIT_ITEROVER.rawValue { return names }
      try LibGit2.check(status, operation)
      if let name { names.append(String(cString: name)) }
    }
  }
}

/// The bytes of a C string; none for a null pointer.
private func bytes(_ string: UnsafePointer<CChar>?) -> [UInt8] {
  guard let string else { return [] }
  return Array(UnsafeBufferPointer(start: string, count: stringLength(string)))
    .map { UInt8(bitPattern: $0) }
}

private func stringLength(_ string: UnsafePointer<CChar>) -> Int {
  var count = 0
  while string[count] != 0 { count += 1 }
  return count
}
