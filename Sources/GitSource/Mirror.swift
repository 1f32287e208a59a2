// A bare copy of a remote repository in the state directory. Fetched branches stand under
// `refs/remotes/origin/`, the remote's default branch is `refs/remotes/origin/HEAD`; other
// namespaces stay free for what is fetched later. The mirror is a cache: it may be deleted whenever
// nothing runs, and the next fetch makes it again.

internal import CLibGit2
internal import Documents

/// Where the mirror of an address is kept. A path of this machine needs none: it is read in place,
/// and nothing is written there.
package struct Mirror: Hashable, Sendable {
  package let address: RemoteAddress
  /// The bare repository. Open it with `GitRepository` or `GitWorker` after the first fetch.
  package let path: String

  /// One folder an address, so that a state directory serves several repositories.
  package init(stateDirectory: String, address: RemoteAddress) {
    self.address = address
    let name = BlobID(hashing: Array(address.text.utf8)).hexadecimal.prefix(16)
    path = "\(stateDirectory)/git/\(name).git"
  }

  /// The mirror that a parent names to its fetching process.
  init(path: String, address: RemoteAddress) {
    self.path = path
    self.address = address
  }

  /// Locked by whoever writes to the mirror. It stands beside the mirror, so that it is there
  /// before the mirror is.
  var lockPath: String { path + ".lock" }

  /// The home of libgit2's SSH, see `FetchChild`.
  var homePath: String { path + ".home" }

  /// The reference that a branch of the remote is kept as.
  static func reference(ofBranch branch: String) -> String { "refs/remotes/origin/\(branch)" }

  static let defaultBranch = "refs/remotes/origin/HEAD"
}

extension GitRepository {
  /// Opens the mirror at a path, and makes it, or what a killed process left out of it, if need be.
  /// The caller holds the mirror's lock.
  static func openMirror(at path: String) throws(GitError) -> GitRepository {
    LibGit2.start()
    var handle: OpaquePointer?
    try LibGit2.check(
      git_repository_init(&handle, path, 1), "making the mirror \(Visible.text(path))",
      or: .storage)
    git_repository_free(handle)
    return try GitRepository(path: path)
  }

  /// Removes references below `refs/remotes/origin/` that the remote no longer has. They are of no
  /// use, and a branch `a` would stand in the way of a later branch `a/b`.
  func removeBranches(except advertised: Set<Text>) throws(GitError) {
    for name in try referenceNames(matching: "refs/remotes/origin/*")
    where name != Mirror.defaultBranch {
      let branch = name.dropFirst("refs/remotes/origin/".count)
      if advertised.contains(Text("refs/heads/\(branch)")) { continue }
      try LibGit2.check(
        git_reference_remove(handle, name), "removing the reference \(Visible.text(name))",
        or: .storage)
    }
  }

  /// Removes the refs of signers that the remote lost or that are not wanted, and returns the
  /// identifiers of those that lead elsewhere now, sorted. What a lost ref held is in the registry.
  func changedApprovals(
    _ advertised: Advertised, among wanted: Set<String>
  ) throws(GitError) -> [String] {
    let current = advertised.approvals.filter { wanted.contains($0.key) }
    var same: Set<String> = []
    for ref in try approvalRefs() {
      if current[ref.identifier]?.hexadecimal == ref.target { same.insert(ref.identifier) }
      guard current[ref.identifier] == nil else { continue }
      let name = ApprovalRef.name(ref.identifier)
      try LibGit2.check(
        git_reference_remove(handle, name), "removing the reference \(name)", or: .storage)
    }
    return current.keys.filter { !same.contains($0) }.sorted { $0.precedesInBytes($1) }
  }

  /// Points a signer's ref to an object that has been downloaded, of whatever type.
  func setApprovals(of identifier: String, to target: CommitID) throws(GitError) {
    var reference: OpaquePointer?
    var id = target.objectID
    let name = ApprovalRef.name(identifier)
    try LibGit2.check(
      git_reference_create(&reference, handle, name, &id, 1, nil),
      "moving the reference \(name) of the mirror", or: .storage)
    git_reference_free(reference)
  }

  /// Remembers which branch is the remote's default one.
  func setDefaultBranch(_ branch: String) throws(GitError) {
    var reference: OpaquePointer?
    try LibGit2.check(
      git_reference_symbolic_create(
        &reference, handle, Mirror.defaultBranch, Mirror.reference(ofBranch: branch), 1, nil),
      "remembering the default branch", or: .storage)
    git_reference_free(reference)
  }

  /// Points the mirror's copy of a branch to a commit that has been downloaded.
  func setBranch(_ branch: String, to commit: git_oid) throws(GitError) {
    try withCommit(CommitID(commit)) { _ in }
    var reference: OpaquePointer?
    var commit = commit
    try LibGit2.check(
      git_reference_create(
        &reference, handle, Mirror.reference(ofBranch: branch), &commit, 1, nil),
      "moving the branch \(Visible.text(branch)) of the mirror", or: .storage)
    git_reference_free(reference)
  }
}
