// One open repository: a clone, a bare repository or Flagstaff's own mirror. It reads refs, commits
// and objects and never checks anything out, so no hook, filter or attribute of the repository
// runs. It is synchronous and belongs to one thread at a time; `GitWorker` owns one for the
// controller.

internal import CLibGit2
internal import Documents

/// An open Git repository. Not Sendable: libgit2 keeps the text of an error for each thread.
package final class GitRepository {
  let handle: OpaquePointer
  let objects: OpaquePointer
  /// The path that was opened, for messages.
  package let path: String
  /// Of commits that were read; a commit's parents never change.
  var knownParents: [CommitID: [CommitID]] = [:]

  /// Opens the repository at a path: a working tree's top, or a bare repository. Folders above it
  /// are not searched, so a wrong path never opens something else.
  ///
  /// - Throws: `notARepository`, with what libgit2 says (a newer format, for instance).
  package init(path: String) throws(GitError) {
    LibGit2.start()
    var handle: OpaquePointer?
    let flags = GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue
    let operation = "opening the repository \(Visible.text(path))"
    guard git_repository_open_ext(&handle, path, flags, nil) >= 0 else {
      let reason = LibGit2.lastMessage()
      guard let top = Self.top(around: path) else {
        throw GitError(.notARepository, operation: operation, reason: reason)
      }
      throw GitError(
        .notARepository, operation: operation,
        reason: "it is a folder of the repository \(Visible.text(top)), and a workspace stands at"
          + " the top of its own",
        remedy: "give the definitions a repository of their own, and name it with --repository;"
          + " `flagstaff validate` and `flagstaff plan` with the folder as their argument take its"
          + " files as they are")
    }
    guard let handle else { preconditionFailure("libgit2 opened nothing") }
    var objects: OpaquePointer?
    guard git_repository_odb(&objects, handle) == 0, let objects else {
      let reason = LibGit2.lastMessage()
      git_repository_free(handle)
      throw GitError(
        .corrupt, operation: "opening the objects of \(Visible.text(path))", reason: reason)
    }
    self.handle = handle
    self.objects = objects
    self.path = path
  }

  /// The top of the working tree that a folder lies in, the folder itself excepted; nil where none
  /// is around it.
  package static func top(around path: String) -> String? {
    LibGit2.start()
    var handle: OpaquePointer?
    guard git_repository_open_ext(&handle, path, 0, nil) >= 0 else { return nil }
    defer { git_repository_free(handle) }
    guard let top = git_repository_workdir(handle) else { return nil }
    var own: OpaquePointer?
    let flags = GIT_REPOSITORY_OPEN_NO_SEARCH.rawValue
    let isTop = git_repository_open_ext(&own, path, flags, nil) >= 0
    git_repository_free(own)
    return isTop ? nil : String(cString: top)
  }

  deinit {
    git_odb_free(objects)
    git_repository_free(handle)
  }

  /// The content of a blob.
  ///
  /// - Throws: `tooLarge` above `bytesMax`, found by the object's header, before it is loaded;
  ///   `objectMissing`, `corrupt`.
  package func blob(_ id: BlobID, bytesMax: Int = Limits.fileBytesMax) throws(GitError) -> [UInt8] {
    let operation = "reading the blob \(id)"
    let size = try blobSize(id.objectID, operation: operation)
    guard size <= bytesMax else {
      throw GitError(
        .tooLarge, operation: operation, reason: "it has \(size) bytes, more than \(bytesMax)")
    }
    var object: OpaquePointer?
    var oid = id.objectID
    try LibGit2.check(git_odb_read(&object, objects, &oid), operation)
    defer { git_odb_object_free(object) }
    let bytes = UnsafeRawBufferPointer(
      start: git_odb_object_data(object), count: git_odb_object_size(object))
    return Array(bytes)
  }

  /// The size of a blob, from its header alone.
  func blobSize(_ id: git_oid, operation: @autoclosure () -> String) throws(GitError) -> Int {
    var size = 0
    var type = GIT_OBJECT_INVALID
    var id = id
    try LibGit2.check(git_odb_read_header(&size, &type, objects, &id), operation())
    guard type == GIT_OBJECT_BLOB else {
      throw GitError(.corrupt, operation: operation(), reason: "the object is not a blob")
    }
    return size
  }
}
