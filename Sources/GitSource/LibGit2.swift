// The ground of everything that calls libgit2: its start, its options, and its errors. Options are
// process-wide, so they are set once, here. libgit2 keeps the text of an error for each thread
// until the next call; `check` copies it before anything else can run.

internal import CLibGit2
internal import Documents

enum LibGit2 {
  /// Starts the library once a process. Calling it again costs nothing.
  static func start() {
    precondition(started >= 1, "libgit2 cannot start")
  }

  private static let started: Int32 = {
    let count = git_libgit2_init()
    // Owner validation exists since configuration can name programs to run. Flagstaff reads refs
    // and objects alone and runs nothing that a repository names, and a controller often reads what
    // another user's job has cloned. So repositories of other users are readable.
    _ = flagstaff_git_set_owner_validation(0)
    // Nobody's own configuration changes what is read or where it is fetched from.
    for level in [
      GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_XDG,
      GIT_CONFIG_LEVEL_PROGRAMDATA,
    ] {
      _ = flagstaff_git_set_search_path(level.rawValue, "")
    }
    _ = flagstaff_git_set_object_bytes_max(Limits.repositoryBytesMax)
    _ = flagstaff_git_set_fsync(1)
    // Each fetch that brings something adds a pack, and libgit2 would hold all of them open.
    _ = flagstaff_git_set_open_packs_max(128)
    return count
  }()

  /// The text of the last failure on this thread. It must be taken right after the failing call.
  static func lastMessage() -> String {
    guard let error = git_error_last(), let message = error.pointee.message else {
      return "libgit2 gave no reason"
    }
    return Visible.text(String(cString: message))
  }

  /// The class of the last failure on this thread (`git_error_t`).
  static func lastClass() -> Int32 {
    git_error_last().map { $0.pointee.klass } ?? 0
  }

  /// Passes a status on, or throws what libgit2 says about it.
  @discardableResult
  static func check(
    _ status: Int32, _ operation: @autoclosure () -> String, or code: GitError.Code = .corrupt
  ) throws(GitError) -> Int32 {
    guard status < 0 else { return status }
    let reason = lastMessage()
    let isMissing = status == GIT_ENOTFOUND.rawValue && code == .corrupt
    throw GitError(isMissing ? .objectMissing : code, operation: operation(), reason: reason)
  }

  /// The id that Git gives to a blob of these bytes: SHA-1 of `blob N`, a zero byte and the bytes.
  static func blobID(of content: [UInt8]) -> BlobID {
    start()
    var id = git_oid()
    let status = git_odb_hash(&id, content, content.count, GIT_OBJECT_BLOB)
    precondition(status == 0, "libgit2 cannot hash")
    return BlobID(id)
  }
}

extension BlobID {
  /// The id that Git gives to a blob of these bytes.
  package init(hashing content: [UInt8]) {
    self = LibGit2.blobID(of: content)
  }

  init(_ id: git_oid) {
    guard let blob = BlobID(hexadecimalDigits(of: id)) else {
      preconditionFailure("an object id has 40 digits")
    }
    self = blob
  }

  var objectID: git_oid { objectIdentifier(hexadecimal) }
}

extension CommitID {
  init(_ id: git_oid) {
    guard let commit = CommitID(hexadecimalDigits(of: id)) else {
      preconditionFailure("an object id has 40 digits")
    }
    self = commit
  }

  var objectID: git_oid { objectIdentifier(hexadecimal) }
}

private func hexadecimalDigits(of id: git_oid) -> String {
  withUnsafeBytes(of: id.id) { Hexadecimal.string($0) }
}

private func objectIdentifier(_ hexadecimal: String) -> git_oid {
  var id = git_oid()
  let status = git_oid_fromstr(&id, hexadecimal)
  precondition(status == 0, "an object id has 40 digits")
  return id
}
