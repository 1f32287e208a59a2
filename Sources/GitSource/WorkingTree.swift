// The files of a plain folder, for `validate DIR`: the same rules as for a commit. Links are never
// followed, at any level, not even if one is put there between looking and opening: every name is
// opened relative to its folder with `O_NOFOLLOW`. FIFOs, devices and sockets are never opened.

package import Documents
internal import SystemPackage

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A YAML file of a folder, with its content.
package struct WorkingFile: Hashable, Sendable {
  /// The path from the folder, with `/`.
  package let path: String
  package let content: [UInt8]
}

package enum WorkingTree {
  /// Reads the YAML files under the roots of a folder and hands over each as soon as it is read, so
  /// that the caller can work on it while the next is read. A root is a name in the folder, of a
  /// file or a folder; one that is absent is left out. Roots come in the order given, and what is
  /// in a folder in the order of the UTF-8 bytes of its names.
  ///
  /// - Returns: what is wrong there, in the order of places.
  /// - Throws: `storage` if the folder itself cannot be opened. What is unreadable below it is a
  ///   finding.
  package static func read(
    _ directory: String, under roots: [String], handOver: (WorkingFile) -> Void
  ) throws(GitError) -> [Finding] {
    try read(directory, under: roots, limits: ListingLimits(), handOver: handOver)
  }

  static func read(
    _ directory: String, under roots: [String], limits: ListingLimits,
    handOver: (WorkingFile) -> Void
  ) throws(GitError) -> [Finding] {
    let top = try opened(directory)
    defer { close(top) }
    var walk = FolderWalk(builder: ListingBuilder(limits: limits))
    for root in roots {
      walk.visit(Array(root.utf8), of: top, in: "", depth: 1, handOver: handOver)
    }
    return walk.builder.findings.sorted()
  }

  /// Looks at one path again, by the rules by which the whole folder is read.
  ///
  /// - Parameter path: from the folder, with `/`.
  /// - Returns: the YAML file there, nil where there is none, and what is wrong with it.
  /// - Throws: `storage` if the folder itself cannot be opened.
  package static func read(
    _ directory: String, at path: String
  ) throws(GitError) -> (file: WorkingFile?, findings: [Finding]) {
    var folder = try opened(directory)
    defer { close(folder) }
    var names = path.utf8.split(separator: UInt8(ascii: "/")).map(Array.init)
    guard let last = names.popLast() else { return (nil, []) }
    for name in names {
      let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
      let next = withCString(name) { openat(folder, $0, flags) }
      guard next >= 0 else { return (nil, []) }
      close(folder)
      folder = next
    }
    var walk = FolderWalk(builder: ListingBuilder(limits: ListingLimits()))
    var file: WorkingFile?
    let parent = names.map { String(decoding: $0, as: UTF8.self) + "/" }.joined()
    walk.visit(last, of: folder, in: parent, depth: names.count + 1) { file = $0 }
    return (file, walk.builder.findings)
  }

  static func opened(_ directory: String) throws(GitError) -> CInt {
    let top = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard top >= 0 else {
      throw GitError(
        .storage, operation: "opening the folder \(Visible.text(directory))",
        reason: "\(Errno(rawValue: errno))")
    }
    return top
  }
}

struct FolderWalk {
  var builder: ListingBuilder

  /// Visits a name of an open folder and all below it. `path` of the folder ends with `/` unless it
  /// is empty.
  mutating func visit(
    _ name: [UInt8], isRegular: Bool = false, of folder: CInt, in folderPath: String, depth: Int,
    handOver: (WorkingFile) -> Void
  ) {
    // Most folders say what their entries are, and files are many.
    guard
      let type = isRegular
        ? S_IFREG
        : status(of: name, in: folder, path: folderPath)
          .map({ $0.st_mode & S_IFMT }),
      builder.countEntry(), let text = builder.accept(name: name, in: folderPath)
    else { return }
    let path = folderPath + text
    switch type {
    case S_IFDIR:
      guard depth <= Limits.depthMax else { return builder.addDepth(path) }
      visitFolder(name, of: folder, path: path, depth: depth, handOver: handOver)
    case S_IFREG:
      guard EntryName.isYAML(text) else { return }
      if let file = read(name, of: folder, path: path) { handOver(file) }
    case S_IFLNK: builder.addSymbolicLink(path)
    default:
      builder.add(
        .notARegularFile, at: path, "it is neither a regular file nor a folder",
        remedy: "put a regular file in its place")
    }
  }

  /// Nil without a finding where there is no such name: it went away while we looked.
  mutating func status(of name: [UInt8], in folder: CInt, path: String) -> stat? {
    var status = stat()
    let result = withCString(name) { fstatat(folder, $0, &status, AT_SYMLINK_NOFOLLOW) }
    guard result != 0 else { return status }
    if errno != ENOENT { addUnreadable(path + Visible.text(bytes: name)) }
    return nil
  }

  private mutating func visitFolder(
    _ name: [UInt8], of folder: CInt, path: String, depth: Int, handOver: (WorkingFile) -> Void
  ) {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let descriptor = withCString(name) { openat(folder, $0, flags) }
    guard descriptor >= 0 else { return addUnreadable(path) }
    guard let stream = fdopendir(descriptor) else {
      addUnreadable(path)
      close(descriptor)
      return
    }
    defer { closedir(stream) }
    let prefix = path + "/"
    for (name, isRegular) in entries(in: stream) {
      guard !builder.isFull else { return }
      visit(
        name, isRegular: isRegular, of: descriptor, in: prefix, depth: depth + 1,
        handOver: handOver)
    }
  }

  /// The names of a folder but `.` and `..`, in the order of bytes, so that findings and limits do
  /// not depend on the file system. One more than the limit is enough to know that it is passed.
  func entries(in stream: OpaquePointer) -> [(name: [UInt8], isRegular: Bool)] {
    var entries: [(name: [UInt8], isRegular: Bool)] = []
    while entries.count <= Limits.filesMax, let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      guard !name.elementsEqual(".".utf8), !name.elementsEqual("..".utf8) else { continue }
      entries.append((name, Int(entry.pointee.d_type) == Int(DT_REG)))
    }
    return entries.sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  /// Nil, with a finding, for what cannot be read; without one for what went away while we looked.
  mutating func read(_ name: [UInt8], of folder: CInt, path: String) -> WorkingFile? {
    // O_NONBLOCK: should a FIFO have taken the file's place, opening it must not wait.
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
    let descriptor = withCString(name) { openat(folder, $0, flags) }
    var status = stat()
    guard descriptor >= 0 else {
      if errno != ENOENT { addUnreadable(path) }
      return nil
    }
    defer { close(descriptor) }
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      addUnreadable(path)
      return nil
    }
    guard builder.admits(size: Int(status.st_size), path: path) else { return nil }
    guard let content = content(of: descriptor, expecting: Int(status.st_size)) else {
      addUnreadable(path)
      return nil
    }
    // The file may have grown since it was measured; `content` stops one byte beyond the limit.
    guard content.count <= Limits.fileBytesMax else {
      _ = builder.admits(size: content.count, path: path)
      return nil
    }
    return WorkingFile(path: path, content: content)
  }

  /// A regular file gives fewer bytes than asked for only at its end, so asking for one more than
  /// it has reads most files by a single call.
  private func content(of descriptor: CInt, expecting size: Int) -> [UInt8]? {
    let capacity = Limits.fileBytesMax + 1
    var content: [UInt8] = []
    var wanted = min(max(size, 0) + 1, capacity)
    while wanted > 0 {
      var failed = false
      let chunk = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
        let result = Glibc.read(descriptor, buffer.baseAddress, wanted)
        failed = result < 0
        count = max(result, 0)
      }
      if failed { return nil }
      if content.isEmpty { content = chunk } else { content += chunk }
      if chunk.count < wanted { return content }
      wanted = min(64 * 1024, capacity - content.count)
    }
    return content
  }

  private mutating func addUnreadable(_ path: String) {
    builder.add(
      .unreadable, at: path, "it cannot be read: \(Errno(rawValue: errno))",
      remedy: "give this user the right to read it")
  }
}

/// Names are bytes: they need not be UTF-8.
func withCString<Result>(
  _ bytes: [UInt8], _ body: (UnsafePointer<CChar>) -> Result
) -> Result {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { buffer in
    let end = buffer.initialize(fromContentsOf: bytes.lazy.map { CChar(bitPattern: $0) })
    buffer.initializeElement(at: end, to: 0)
    guard let start = buffer.baseAddress else { preconditionFailure("a C string has an end") }
    return body(start)
  }
}
