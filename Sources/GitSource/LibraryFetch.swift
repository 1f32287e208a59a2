// A fetch through libgit2: connect, read what the remote advertises, download what the wanted
// branch needs, then move the mirror's branch. The branch moves last and at once, so a fetch that
// dies leaves the mirror as it was, save for leftovers that the next one removes. The refs of
// signers come after it by a connection of their own, and only where one has changed, so that
// nothing that somebody pushes there keeps the branch from moving.

internal import CLibGit2
internal import Documents

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

struct LibraryFetch {
  let mirror: GitRepository
  let address: RemoteAddress
  /// Nil for the remote's default branch.
  let branch: String?
  /// The identifiers of the keys whose refs are wanted.
  let approvals: Set<String>
  let secrets: FetchSecrets

  func run() throws(GitError) -> FetchedBranch {
    let operation = "fetching \(address)"
    if let file = secrets.certificateFile {
      try LibGit2.check(
        flagstaff_git_set_certificate_file(file), "reading the file named by FLAGSTAFF_GIT_CA_FILE",
        or: .storage)
    }
    let credentials = FetchCredentials(secrets: secrets, operation: operation)
    let (fetched, advertised) = try credentials.withCallbacks { (callbacks) throws(GitError) in
      try withRemote(callbacks, operation, credentials) { (remote) throws(GitError) in
        let advertised = try Advertised(remote, operation)
        return (try fetchBranch(advertised, remote, callbacks, operation, credentials), advertised)
      }
    }
    return FetchedBranch(
      branch: fetched.branch, commit: fetched.commit,
      approvalProblem: fetchApprovals(advertised, operation))
  }

  private func withRemote<Result>(
    _ callbacks: git_remote_callbacks, _ operation: String, _ credentials: FetchCredentials,
    _ body: (OpaquePointer?) throws(GitError) -> Result
  ) throws(GitError) -> Result {
    var remote: OpaquePointer?
    try LibGit2.check(
      git_remote_create_anonymous(&remote, mirror.handle, address.text), operation, or: .refused)
    defer { git_remote_free(remote) }
    var options = git_remote_connect_options()
    git_remote_connect_options_init(&options, UInt32(GIT_REMOTE_CONNECT_OPTIONS_VERSION))
    options.callbacks = callbacks
    // A token is for the host that the address names.
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE
    let connected = git_remote_connect_ext(remote, GIT_DIRECTION_FETCH, &options)
    try check(connected, operation, credentials)
    defer { git_remote_disconnect(remote) }
    return try body(remote)
  }

  private func fetchBranch(
    _ advertised: Advertised, _ remote: OpaquePointer?, _ callbacks: git_remote_callbacks,
    _ operation: String, _ credentials: FetchCredentials
  ) throws(GitError) -> FetchedBranch {
    let branch = try advertised.branch(named: branch, operation: operation)
    try mirror.removeBranches(except: Set(advertised.commits.keys))
    let specification = "+refs/heads/\(branch):\(Mirror.reference(ofBranch: branch))"
    try download([specification], from: remote, callbacks, operation, credentials)
    guard let commit = advertised.commits[Text("refs/heads/\(branch)")] else {
      preconditionFailure("the branch is advertised")
    }
    try mirror.setBranch(branch, to: commit.objectID)
    if self.branch == nil { try mirror.setDefaultBranch(branch) }
    return FetchedBranch(branch: branch, commit: commit)
  }

  /// Brings the refs of signers up to date, and says what keeps them from it.
  private func fetchApprovals(_ advertised: Advertised, _ operation: String) -> String? {
    do throws(GitError) {
      let changed = try mirror.changedApprovals(advertised, among: approvals)
      guard !changed.isEmpty else { return nil }
      let credentials = FetchCredentials(secrets: secrets, operation: operation)
      try credentials.withCallbacks { (callbacks) throws(GitError) in
        try withRemote(callbacks, operation, credentials) { (remote) throws(GitError) in
          let names = changed.map { "+\(ApprovalRef.name($0)):\(ApprovalRef.name($0))" }
          // It may have moved on since.
          let now = try Advertised(remote, operation)
          try download(names, from: remote, callbacks, operation, credentials)
          for identifier in changed {
            if let target = now.approvals[identifier] {
              try mirror.setApprovals(of: identifier, to: target)
            }
          }
        }
      }
      return nil
    } catch {
      return error.reason
    }
  }

  private func download(
    _ specifications: [String], from remote: OpaquePointer?, _ callbacks: git_remote_callbacks,
    _ operation: String, _ credentials: FetchCredentials
  ) throws(GitError) {
    var options = git_fetch_options()
    git_fetch_options_init(&options, UInt32(GIT_FETCH_OPTIONS_VERSION))
    options.callbacks = callbacks
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE
    options.follow_redirects = GIT_REMOTE_REDIRECT_NONE
    options.update_fetchhead = 0
    let status = withStringArray(specifications) { git_remote_download(remote, $0, &options) }
    try check(status, operation, credentials)
  }

  /// Throws what a failed connection or download means.
  private func check(
    _ status: Int32, _ operation: String, _ credentials: FetchCredentials
  ) throws(GitError) {
    guard status < 0 else { return }
    var reason = LibGit2.lastMessage()
    if let failure = credentials.failure { throw failure }
    let code: GitError.Code
    switch status {
    case GIT_EAUTH.rawValue: code = .authentication
    case GIT_ECERTIFICATE.rawValue where address.transport == .ssh:
      code = .hostKey
      reason = "the host's key is not known, or it is another one than the known"
    case GIT_ECERTIFICATE.rawValue:
      code = .certificate
      reason = "the server's certificate cannot be verified"
    default:
      let isObjects = [GIT_ERROR_ODB, GIT_ERROR_INDEXER, GIT_ERROR_ZLIB]
        .contains { Int32(bitPattern: $0.rawValue) == LibGit2.lastClass() }
      code = isObjects ? .corrupt : .unreachable
    }
    throw GitError(code, operation: operation, reason: reason)
  }
}

/// What a remote says it has.
struct Advertised {
  /// By the full names of references below `refs/heads/`.
  let commits: [Text: CommitID]
  /// The full name of the reference that the remote's `HEAD` points to.
  let head: String?
  /// What the refs of signers lead to, by the identifiers of their keys.
  let approvals: [String: CommitID]

  init(commits: [Text: CommitID], head: String?, approvals: [String: CommitID]) {
    self.approvals = approvals
    self.commits = commits
    self.head = head
  }

  /// Of a connected remote.
  init(_ remote: OpaquePointer?, _ operation: String) throws(GitError) {
    var heads: UnsafeMutablePointer<UnsafePointer<git_remote_head>?>?
    var count = 0
    try LibGit2.check(git_remote_ls(&heads, &count, remote), operation, or: .unreachable)
    var commits: [Text: CommitID] = [:]
    var approvals: [String: CommitID] = [:]
    var head: String?
    for index in 0..<count {
      guard let entry = heads?[index]?.pointee, let name = entry.name else { continue }
      let text = String(cString: name)
      if text == "HEAD" { head = entry.symref_target.map { String(cString: $0) } }
      if text.hasPrefix("refs/heads/") { commits[Text(text)] = CommitID(entry.oid) }
      if let signer = ApprovalRef.identifier(ofReference: text) {
        approvals[signer] = CommitID(entry.oid)
      }
    }
    if head == nil { head = Self.defaultBranch(of: remote) }
    self.init(commits: commits, head: head, approvals: approvals)
  }

  /// libgit2's guess where the remote does not say what `HEAD` points to.
  private static func defaultBranch(of remote: OpaquePointer?) -> String? {
    var buffer = git_buf()
    guard git_remote_default_branch(&buffer, remote) == 0, let text = buffer.ptr else { return nil }
    defer { git_buf_dispose(&buffer) }
    return String(cString: text)
  }

  /// The short name of the wanted branch, which the remote has.
  ///
  /// - Throws: `unknownBranch`, naming some that exist.
  func branch(named wanted: String?, operation: String) throws(GitError) -> String {
    let reference = wanted.map { "refs/heads/\($0)" } ?? head
    if let reference, commits[Text(reference)] != nil {
      return String(reference.dropFirst("refs/heads/".count))
    }
    let known = commits.keys.sorted().map { String($0.string.dropFirst("refs/heads/".count)) }
    let some = known.listed(atMost: GitError.branchesNamedMax)
    let missing =
      wanted.map { "the remote has no branch \($0)" } ?? "the remote has no default branch"
    throw GitError(
      .unknownBranch, operation: operation,
      reason: missing + (known.isEmpty ? " and no other" : "; it has \(some)"))
  }
}

/// Lends strings to C as a `git_strarray`.
private func withStringArray<Result>(
  _ strings: [String], _ body: (UnsafePointer<git_strarray>) -> Result
) -> Result {
  var copies = strings.map { strdup($0) }
  defer { copies.forEach { free($0) } }
  return copies.withUnsafeMutableBufferPointer { buffer in
    var array = git_strarray(strings: buffer.baseAddress, count: buffer.count)
    return body(&array)
  }
}
