// What changed between two commits, by walking both trees side by side and skipping every pair of
// subtrees with the same id. The cost follows the change, not the repository; libgit2's own diff
// loads and compares much more.

internal import CLibGit2
package import Documents

/// A YAML file that differs between two commits.
package struct TreeChange: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case added(TreeFile)
    case modified(from: BlobID, to: TreeFile)
    case deleted(BlobID)
  }

  package let path: String
  package let kind: Kind
}

/// What changed, sorted by the UTF-8 bytes of the paths, and what is wrong in the newer of changed
/// places. A file that is wrong there counts as deleted if it was right before.
package struct TreeComparison: Hashable, Sendable {
  package let changes: [TreeChange]
  package let findings: [Finding]
}

extension TreeListing {
  /// The listing of the newer commit of a comparison, where this is the listing of the older one.
  /// Nil where more than the contents of files has changed, or where something is wrong: limits
  /// and findings concern the whole, which must then be listed anew.
  package func applying(_ comparison: TreeComparison) -> TreeListing? {
    guard findings.isEmpty, comparison.findings.isEmpty else { return nil }
    var files = files
    var index = 0
    // Both are sorted by path.
    for change in comparison.changes {
      guard case .modified(_, let file) = change.kind else { return nil }
      while index < files.count, files[index].path.precedesInBytes(file.path) { index += 1 }
      guard index < files.count, files[index].path.hasSameBytes(as: file.path) else { return nil }
      files[index] = file
    }
    guard files.reduce(0, { $0 + $1.size }) <= Limits.repositoryBytesMax else { return nil }
    return TreeListing(files: files, findings: [])
  }
}

extension GitRepository {
  /// The YAML files under the roots that differ between two commits.
  ///
  /// - Throws: `objectMissing`, `corrupt`.
  package func changedFiles(
    from old: CommitID, to new: CommitID, under roots: [String]
  ) throws(GitError) -> TreeComparison {
    var walk = ComparisonWalk(repository: self)
    try withRootTree(of: old) { (oldTree) throws(GitError) in
      try withRootTree(of: new) { (newTree) throws(GitError) in
        for root in roots {
          let before = git_tree_entry_byname(oldTree, root).map(TreeEntry.init)
          let after = git_tree_entry_byname(newTree, root).map(TreeEntry.init)
          try walk.compare(before, after, in: "", depth: 1)
        }
      }
    }
    return walk.result()
  }
}

private struct ComparisonWalk {
  let repository: GitRepository
  /// The files of differing places, by path, on either side.
  var before: TreeWalk
  var after: TreeWalk

  init(repository: GitRepository) {
    self.repository = repository
    before = TreeWalk(repository: repository, limits: ListingLimits())
    after = TreeWalk(repository: repository, limits: ListingLimits())
  }

  mutating func compare(
    _ old: TreeEntry?, _ new: TreeEntry?, in folder: String, depth: Int
  ) throws(GitError) {
    if let old, let new {
      var (oldID, newID) = (old.id, new.id)
      let isSame = git_oid_equal(&oldID, &newID) == 1
      if isSame, old.kind == new.kind { return }
      if old.kind == .folder, new.kind == .folder, depth <= Limits.depthMax,
        let name = after.builder.accept(name: new.name, in: folder)
      {
        return try compareTrees(oldID, newID, in: folder + name + "/", depth: depth + 1)
      }
    }
    if let old { try before.visit(old, in: folder, depth: depth) }
    if let new { try after.visit(new, in: folder, depth: depth) }
  }

  /// Merges the entries of two trees, which Git keeps sorted.
  private mutating func compareTrees(
    _ old: git_oid, _ new: git_oid, in folder: String, depth: Int
  ) throws(GitError) {
    let repository = repository
    try repository.withTree(old) { (oldTree) throws(GitError) in
      try repository.withTree(new) { (newTree) throws(GitError) in
        var (i, j) = (0, 0)
        while true {
          let left = git_tree_entry_byindex(oldTree, i)
          let right = git_tree_entry_byindex(newTree, j)
          if left == nil, right == nil { return }
          let order = Self.order(left, right)
          try compare(
            order <= 0 ? left.map(TreeEntry.init) : nil,
            order >= 0 ? right.map(TreeEntry.init) : nil, in: folder, depth: depth)
          if order <= 0 { i += 1 }
          if order >= 0 { j += 1 }
        }
      }
    }
  }

  private static func order(_ left: OpaquePointer?, _ right: OpaquePointer?) -> Int32 {
    guard let left else { return 1 }
    guard let right else { return -1 }
    return git_tree_entry_cmp(left, right)
  }

  /// Pairs both sides by path.
  func result() -> TreeComparison {
    var olds: [Text: TreeFile] = [:]
    for file in before.files { olds[Text(file.path)] = file }
    var changes: [TreeChange] = []
    for file in after.files {
      guard let old = olds.removeValue(forKey: Text(file.path)) else {
        changes.append(TreeChange(path: file.path, kind: .added(file)))
        continue
      }
      if old.blob != file.blob {
        changes.append(TreeChange(path: file.path, kind: .modified(from: old.blob, to: file)))
      }
    }
    changes += olds.values.map { TreeChange(path: $0.path, kind: .deleted($0.blob)) }
    changes.sortByPath(\.path)
    return TreeComparison(changes: changes, findings: after.builder.findings.sorted())
  }
}
