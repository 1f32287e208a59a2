// A folder in which nothing was committed yet. Whoever begins has files and no commit, and is shown
// what they would do; a repository that cannot be read is another matter, and stays a failure.

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

extension RemoteAddress {
  /// Whether a failure to find the head only says that nothing was committed yet in a folder of
  /// this machine: it is no repository at all, or one without a commit.
  package func isWithoutHistory(_ error: GitError) -> Bool {
    guard transport == .path else { return false }
    if error.code == .noCommit { return true }
    func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
    return error.code == .notARepository && exists(text) && !exists("\(text)/.git")
      && !exists("\(text)/HEAD")
  }
}
