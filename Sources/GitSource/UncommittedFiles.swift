// Files of a working tree that are not as its last commit has them. Whoever plans a commit should
// be told that what stands beside it is no part of the plan.

internal import CLibGit2
internal import Documents

#if canImport(Glibc)
  internal import Glibc
#endif

extension GitRepository {
  /// The YAML files under the roots that were added, changed or removed since a commit, sorted by
  /// path; none where the working tree is not of that commit, or there is none.
  ///
  /// - Throws: `corrupt` where the index cannot be read.
  package func uncommittedFiles(
    beside commit: CommitID, under roots: [String]
  ) throws(GitError) -> [String] {
    guard git_repository_is_bare(handle) == 0, try head() == commit else { return [] }
    let operation = "comparing the files of \(Visible.text(path)) with its last commit"
    var list: OpaquePointer?
    var options = git_status_options()
    git_status_options_init(&options, UInt32(GIT_STATUS_OPTIONS_VERSION))
    options.show = GIT_STATUS_SHOW_INDEX_AND_WORKDIR
    options.flags = [
      GIT_STATUS_OPT_INCLUDE_UNTRACKED, GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS,
      GIT_STATUS_OPT_DISABLE_PATHSPEC_MATCH, GIT_STATUS_OPT_EXCLUDE_SUBMODULES,
    ].reduce(0) { $0 | $1.rawValue }
    let texts = roots.map { strdup($0) }
    defer { for text in texts { free(text) } }
    var pointers = texts
    let status = pointers.withUnsafeMutableBufferPointer { buffer in
      options.pathspec = git_strarray(strings: buffer.baseAddress, count: buffer.count)
      return git_status_list_new(&list, handle, &options)
    }
    try LibGit2.check(status, operation)
    defer { git_status_list_free(list) }
    var paths: Set<String> = []
    for index in 0..<git_status_list_entrycount(list) {
      guard let entry = git_status_byindex(list, index)?.pointee,
        entry.status != GIT_STATUS_CURRENT,
        entry.status.rawValue & GIT_STATUS_IGNORED.rawValue == 0,
        let path = Self.path(entry.index_to_workdir) ?? Self.path(entry.head_to_index),
        EntryName.isYAML(path)
      else { continue }
      paths.insert(path)
    }
    return paths.sorted { $0.precedesInBytes($1) }
  }

  private static func path(_ delta: UnsafeMutablePointer<git_diff_delta>?) -> String? {
    guard let delta = delta?.pointee, let path = delta.new_file.path ?? delta.old_file.path else {
      return nil
    }
    return Visible.text(String(cString: path))
  }
}
