// What `flagstaff approve` writes: a commit on the signer's own ref, in the signer's own clone,
// with all statements that are to stay. It is the only thing that Flagstaff ever writes into
// somebody's repository. Author and time are fixed by the caller, so the same statements make the
// same commit.

internal import CLibGit2
package import Documents

extension GitRepository {
  /// Lets a signer's ref hold exactly some statements.
  ///
  /// - Parameters:
  ///   - former: what the ref led to; it becomes the parent, where it is a commit.
  ///   - instant: the time of the commit.
  /// - Returns: what the ref leads to now.
  /// - Throws: `storage`.
  @discardableResult
  package func write(
    _ entries: [ApprovalEntry], toRefOf identifier: String, after former: ApprovalRef?,
    at instant: Instant
  ) throws(GitError) -> ApprovalRef {
    let operation = "writing the statement to \(ApprovalRef.name(identifier))"
    var builder: OpaquePointer?
    try LibGit2.check(git_treebuilder_new(&builder, handle, nil), operation, or: .storage)
    defer { git_treebuilder_free(builder) }
    for entry in entries {
      for (ending, bytes) in [("json", entry.statement), ("sig", entry.signature)] {
        var id = git_oid()
        try LibGit2.check(
          git_blob_create_from_buffer(&id, handle, bytes, bytes.count), operation, or: .storage)
        try LibGit2.check(
          git_treebuilder_insert(nil, builder, "\(entry.name).\(ending)", &id, GIT_FILEMODE_BLOB),
          operation, or: .storage)
      }
    }
    var tree = git_oid()
    try LibGit2.check(git_treebuilder_write(&tree, builder), operation, or: .storage)
    let commit = try commit(tree, after: former.flatMap { CommitID($0.target) }, instant, operation)
    var reference: OpaquePointer?
    var id = commit.objectID
    try LibGit2.check(
      git_reference_create(
        &reference, handle, ApprovalRef.name(identifier), &id, 1, "flagstaff approve"),
      operation, or: .storage)
    git_reference_free(reference)
    return ApprovalRef(identifier: identifier, target: commit.hexadecimal)
  }

  private func commit(
    _ tree: git_oid, after former: CommitID?, _ instant: Instant, _ operation: String
  ) throws(GitError) -> CommitID {
    var signature: UnsafeMutablePointer<git_signature>?
    try LibGit2.check(
      git_signature_new(
        &signature, "flagstaff", "flagstaff@localhost", Int64(instant.secondsSince1970), 0),
      operation, or: .storage)
    defer { git_signature_free(signature) }
    return try withTree(tree) { (tree) throws(GitError) in
      var parent: OpaquePointer?
      if var id = former?.objectID { git_commit_lookup(&parent, handle, &id) }
      defer { git_commit_free(parent) }
      var id = git_oid()
      var parents = [parent]
      try LibGit2.check(
        git_commit_create(
          &id, handle, nil, signature, signature, nil, "Statements\n", tree,
          parent == nil ? 0 : 1, &parents),
        operation, or: .storage)
      return CommitID(id)
    }
  }
}
