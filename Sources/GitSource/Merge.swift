// The merge of two commits, in memory: two pull requests that are fine alone may be broken
// together, and whoever merges second should learn it before. Nothing is written: what a merge has
// to store while it works goes into a store of objects that is gone when it is done.
//
// It is what `git merge` would make, as near as libgit2 comes: a three-way merge with a virtual
// base where there are several, files renamed on one side are followed, folders are not.

internal import CLibGit2
internal import Documents

/// What a merge leads to.
package struct MergedTree: Hashable, Sendable {
  /// The files under the roots, and what is wrong there; conflicts are among the findings, and a
  /// file in conflict is not among the files.
  package let listing: TreeListing
  /// The contents of files that neither side has as they are, since both changed them.
  package let contents: [BlobID: [UInt8]]
}

extension GitRepository {
  /// Merges a commit into another.
  ///
  /// - Throws: `shallow` where the history ends before the common ancestor; `unrelated` where there
  ///   is none; `objectMissing`, `corrupt`.
  package func merge(
    _ theirs: CommitID, into ours: CommitID, under roots: [String]
  ) throws(GitError) -> MergedTree {
    let operation = "merging \(theirs) into \(ours)"
    try requireMergeBase(theirs, ours, operation)
    // Another hold on the same repository, since this one's objects are all written.
    let scratch = try GitRepository(path: path)
    try scratch.keepWritesInMemory(operation)
    let index = try scratch.mergedIndex(ours, theirs, operation)
    defer { git_index_free(index) }
    let conflicts = try MergeConflicts(repository: scratch, roots: roots).findings(in: index)
    try LibGit2.check(git_index_conflict_cleanup(index), operation)
    var tree = git_oid()
    try LibGit2.check(git_index_write_tree_to(&tree, index, scratch.handle), operation)
    let listing = try scratch.withTree(tree) { (tree) throws(GitError) in
      try scratch.files(ofTree: tree, under: roots)
    }
    var contents: [BlobID: [UInt8]] = [:]
    for file in listing.files {
      var id = file.blob.objectID
      guard git_odb_exists(objects, &id) == 0 else { continue }
      contents[file.blob] = try scratch.blob(file.blob)
    }
    return MergedTree(
      listing: TreeListing(
        files: listing.files, findings: (listing.findings + conflicts).sorted()),
      contents: contents)
  }

  private func requireMergeBase(
    _ theirs: CommitID, _ ours: CommitID, _ operation: String
  ) throws(GitError) {
    var base = git_oid()
    var (one, other) = (ours.objectID, theirs.objectID)
    guard git_merge_base(&base, handle, &one, &other) < 0 else { return }
    let (reason, origin) = (LibGit2.lastMessage(), LibGit2.lastClass())
    if isShallow {
      throw GitError(
        .shallow, operation: operation,
        reason: "the clone is shallow, and its history ends before their common ancestor")
    }
    if origin == Int32(bitPattern: GIT_ERROR_MERGE.rawValue) {
      throw GitError(
        .unrelated, operation: operation, reason: "their histories have no commit in common")
    }
    throw GitError(.objectMissing, operation: operation, reason: reason)
  }

  /// From here on nothing that is written through this handle reaches the disk.
  private func keepWritesInMemory(_ operation: String) throws(GitError) {
    var memory: OpaquePointer?
    try LibGit2.check(git_mempack_new(&memory), operation)
    // The priority that libgit2's manual gives: above the backends of the disk, which have 1 and 2.
    // The database of objects owns the backend from here on.
    try LibGit2.check(git_odb_add_backend(objects, memory, 999), operation)
  }

  private func mergedIndex(
    _ ours: CommitID, _ theirs: CommitID, _ operation: String
  ) throws(GitError) -> OpaquePointer {
    var options = git_merge_options()
    git_merge_options_init(&options, UInt32(GIT_MERGE_OPTIONS_VERSION))
    options.target_limit = Limits.renamesMax
    return try withCommit(ours) { (ours) throws(GitError) in
      try withCommit(theirs) { (theirs) throws(GitError) in
        var index: OpaquePointer?
        try LibGit2.check(git_merge_commits(&index, handle, ours, theirs, &options), operation)
        guard let index else { preconditionFailure("libgit2 merged nothing") }
        return index
      }
    }
  }
}
