// A file on its way to its name. It is written beside its destination under a recognisable name,
// and locked as long as its writer lives: whoever can take the lock knows that the writer died, on
// whatever machine or in whatever container that was, and removes what it left.

internal import Documents
internal import Glibc

/// Writes files so that a reader sees all of the new bytes or the old file.
enum TemporaryFile {
  static let namePrefix = ".flagstaff-tmp-"

  /// Files are world-readable whatever the umask says: a web server of another user hands them out.
  static let fileMode: mode_t = 0o644

  /// Puts bytes at a path in one step. The name is durable only once the directory is
  /// synchronized too.
  /// - Parameters:
  ///   - written: called when the bytes are on the disk, before the file gets its name.
  ///   - renamed: called when it has its name.
  static func replace(
    _ path: String, with bytes: [UInt8], in directory: String, written: () -> Void,
    renamed: () -> Void
  ) throws(OriginError) {
    let operation = "writing \(path)"
    let file = try create(in: directory, operation: operation)
    do {
      try file.fill(with: bytes)
      written()
      _ = try retrying(operation) { rename(file.path, path) }
    } catch {
      unlink(file.path)
      throw error
    }
    renamed()
  }

  /// Puts bytes at a path where nothing stands, in one step.
  /// - Returns: false where something stands there; that is left as it is.
  static func add(
    _ path: String, with bytes: [UInt8], in directory: String, written: () -> Void
  ) throws(OriginError) -> Bool {
    let operation = "writing \(path)"
    let file = try create(in: directory, operation: operation)
    defer { unlink(file.path) }
    try file.fill(with: bytes)
    written()
    // Unlike rename(2), link(2) never replaces what is there.
    if link(file.path, path) == 0 { return true }
    guard errno == EEXIST else { throw OriginError(systemError: errno, operation: operation) }
    return false
  }

  private static func create(
    in directory: String, operation: String
  ) throws(OriginError) -> OpenFile {
    while true {
      let name = namePrefix + String(UInt64.random(in: .min ... .max), radix: 36)
      let path = directory + "/" + name
      let file = try OpenFile(
        path, O_WRONLY | O_CREAT | O_EXCL, mode: fileMode, operation: operation)
      try file.lock()
      // Between creation and lock somebody may have taken it for a leftover.
      if try file.isStillNamed() { return file }
    }
  }

  /// Removes temporary files of a directory whose writers are gone.
  static func removeLeftovers(in directory: String) throws(OriginError) {
    for name in try Directory.names(directory) where name.hasPrefix(namePrefix) {
      let path = directory + "/" + name
      guard let file = try OpenFile.reading(path, O_NOFOLLOW) else { continue }
      if try file.lockNow(), try file.isStillNamed() {
        _ = unlink(path)
      }
    }
  }
}

extension OpenFile {
  /// Writes all that the file will ever hold, readable for everybody, to the disk.
  fileprivate func fill(with bytes: [UInt8]) throws(OriginError) {
    try writeAll(bytes)
    try setMode(TemporaryFile.fileMode)
    try synchronize()
  }
}
