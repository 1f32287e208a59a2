// Directories of an origin: made when they are first needed, listed in a fixed order, and
// synchronized so that a name, once announced, survives a loss of power. They are never removed,
// since a reader may be on its way into one.

internal import Documents
internal import Glibc

enum Directory {
  /// Directories are world-readable whatever the umask says, as their files are.
  private static let mode: mode_t = 0o755

  /// Makes a directory and those above it that are missing, and makes their names durable.
  static func make(_ path: String) throws(OriginError) {
    let operation = "making the directory \(path)"
    var status = stat()
    if stat(path, &status) == 0 {
      guard status.st_mode & S_IFMT == S_IFDIR else {
        throw OriginError(systemError: ENOTDIR, operation: operation)
      }
      return
    }
    let number = errno
    guard number == ENOENT else { throw OriginError(systemError: number, operation: operation) }
    let parent = parent(of: path)
    if parent != path { try make(parent) }
    if mkdir(path, mode) == 0 {
      _ = try retrying(operation) { chmod(path, mode) }
    } else if errno != EEXIST {
      // Where it exists by now, another process is making it too.
      throw OriginError(systemError: errno, operation: operation)
    }
    try synchronize(parent)
  }

  static func synchronize(_ path: String) throws(OriginError) {
    let directory = try OpenFile(
      path, O_RDONLY | O_DIRECTORY, operation: "writing \(path) to the disk")
    try directory.synchronize()
  }

  /// The names in a directory, sorted by their bytes; none where it is missing.
  static func names(_ path: String) throws(OriginError) -> [String] {
    guard let directory = opendir(path) else {
      if errno == ENOENT { return [] }
      throw OriginError(systemError: errno, operation: "listing \(path)", isWriting: false)
    }
    defer { closedir(directory) }
    var names: [String] = []
    while true {
      // readdir(3): the end and an error both give NULL; only an error changes errno.
      errno = 0
      guard let entry = readdir(directory) else {
        if errno == 0 { break }
        throw OriginError(systemError: errno, operation: "listing \(path)", isWriting: false)
      }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(validating: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      // A name that is not UTF-8 was never published.
      if let name, name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.precedesInBytes($1) }
  }

  static func parent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    let parent = path[..<slash]
    return parent.isEmpty ? "/" : String(parent)
  }
}
