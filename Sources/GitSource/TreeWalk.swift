// The files under the roots of a commit, from its trees alone. Trees come from whoever may push,
// made by any program, so nothing about them is taken for granted: names, modes, order, depth and
// number are checked here, and a finding says what is wrong.

internal import CLibGit2
internal import Documents

extension GitRepository {
  /// The YAML files under the roots of a commit. A root is a name at the top of the repository, of
  /// a file or a folder; one that is absent is left out.
  ///
  /// - Throws: `objectMissing`, `corrupt`. What a user can mend in a commit is a finding instead.
  package func files(of commit: CommitID, under roots: [String]) throws(GitError) -> TreeListing {
    try files(of: commit, under: roots, limits: ListingLimits())
  }

  func files(
    of commit: CommitID, under roots: [String], limits: ListingLimits
  ) throws(GitError) -> TreeListing {
    try withRootTree(of: commit) { (tree) throws(GitError) in
      try files(ofTree: tree, under: roots, limits: limits)
    }
  }

  /// The same of a root tree.
  func files(
    ofTree tree: OpaquePointer, under roots: [String], limits: ListingLimits = ListingLimits()
  ) throws(GitError) -> TreeListing {
    var walk = TreeWalk(repository: self, limits: limits)
    for root in roots {
      if let entry = git_tree_entry_byname(tree, root) {
        try walk.visit(TreeEntry(entry), in: "", depth: 1)
      }
    }
    walk.files.sortByPath(\.path)
    return TreeListing(files: walk.files, findings: walk.builder.findings.sorted())
  }

  func withRootTree<Result>(
    of commit: CommitID, _ body: (OpaquePointer) throws(GitError) -> Result
  ) throws(GitError) -> Result {
    try withCommit(commit) { (commit) throws(GitError) in
      guard let id = git_commit_tree_id(commit) else { preconditionFailure("a commit has a tree") }
      return try withTree(id.pointee, body)
    }
  }

  func withTree<Result>(
    _ id: git_oid, _ body: (OpaquePointer) throws(GitError) -> Result
  ) throws(GitError) -> Result {
    var tree: OpaquePointer?
    var id = id
    try LibGit2.check(
      git_tree_lookup(&tree, handle, &id), "reading a tree of \(Visible.text(path))")
    defer { git_tree_free(tree) }
    guard let tree else { preconditionFailure("libgit2 found nothing") }
    return try body(tree)
  }
}

/// One entry of a tree. It borrows the tree: it must not outlive it.
struct TreeEntry {
  enum Kind {
    case file
    case folder
    case symbolicLink
    case submodule
    case unknown
  }

  let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) {
    self.pointer = pointer
  }

  var id: git_oid { git_tree_entry_id(pointer).pointee }

  /// The bytes of the name; copied, so that they outlive the tree.
  var name: [UInt8] {
    guard let name = git_tree_entry_name(pointer) else { return [] }
    var bytes: [UInt8] = []
    var index = 0
    while name[index] != 0 {
      bytes.append(UInt8(bitPattern: name[index]))
      index += 1
    }
    return bytes
  }

  /// By the type bits of the mode as it is stored: 100644 and 100755 are what Git writes today,
  /// 100664 what it once wrote.
  var kind: Kind {
    switch git_tree_entry_filemode_raw(pointer).rawValue & 0o170000 {
    case 0o100000: .file
    case 0o040000: .folder
    case 0o120000: .symbolicLink
    case 0o160000: .submodule
    default: .unknown
    }
  }
}

/// A walk in depth first order, which is the order of whole paths by bytes.
struct TreeWalk {
  let repository: GitRepository
  var builder: ListingBuilder
  var files: [TreeFile] = []

  init(repository: GitRepository, limits: ListingLimits) {
    self.repository = repository
    builder = ListingBuilder(limits: limits)
  }

  /// Visits an entry and all below it. `folder` ends with `/` unless it is empty.
  mutating func visit(_ entry: TreeEntry, in folder: String, depth: Int) throws(GitError) {
    guard builder.countEntry(), let name = builder.accept(name: entry.name, in: folder) else {
      return
    }
    let path = folder + name
    switch entry.kind {
    case .folder:
      guard depth <= Limits.depthMax else { return builder.addDepth(path) }
      try visitTree(entry.id, path: path, depth: depth)
    case .file:
      guard EntryName.isYAML(name) else { return }
      let size = try repository.blobSize(
        entry.id, operation: "reading the header of \(Visible.text(path))")
      guard builder.admits(size: size, path: path) else { return }
      files.append(TreeFile(path: path, blob: BlobID(entry.id), size: size))
    case .symbolicLink: builder.addSymbolicLink(path)
    case .submodule:
      builder.add(
        .submodule, at: path, "it is a submodule, and only this repository's own files count",
        remedy: "put the files themselves into this repository")
    case .unknown:
      builder.add(
        .notARegularFile, at: path, "its mode is none that Git knows",
        remedy: "add the file again with Git")
    }
  }

  private mutating func visitTree(_ id: git_oid, path: String, depth: Int) throws(GitError) {
    var tree: OpaquePointer?
    var id = id
    try LibGit2.check(
      git_tree_lookup(&tree, repository.handle, &id), "reading the folder \(Visible.text(path))")
    defer { git_tree_free(tree) }
    var previous: OpaquePointer?
    for index in 0..<git_tree_entrycount(tree) {
      guard !builder.isFull, let entry = git_tree_entry_byindex(tree, index) else { return }
      if let previous, git_tree_entry_cmp(previous, entry) >= 0 {
        builder.add(
          .unsortedTree, at: path, "the folder's tree is not in Git's order or names a file twice",
          remedy: "make the commit again with Git")
        return
      }
      previous = entry
      try visit(TreeEntry(entry), in: path + "/", depth: depth + 1)
    }
  }
}
