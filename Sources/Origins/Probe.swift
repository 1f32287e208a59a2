// Asks an origin, before the registry is changed, whether what will be published can be written
// there. A version that is committed must be published; finding the disk full or read-only only
// afterwards would leave the registry ahead until somebody makes room.

internal import Documents
internal import Glibc

extension DirectoryOrigin {
  /// Room beyond the objects: compressed twins, pointers, and blocks that are not filled.
  private static let spareBytes = 1 << 20

  /// Reserves space for the given number of bytes, and for their compressed twins, and gives it
  /// back at once.
  /// - Throws: `OriginError` where the directory cannot be made, written to, or lacks the space.
  package func probe(bytes: Int) throws(OriginError) {
    try Directory.make(path)
    try TemporaryFile.removeLeftovers(in: path)
    try TemporaryFile.reserve(bytes * 2 + Self.spareBytes, in: path)
  }
}

extension TemporaryFile {
  fileprivate static func reserve(_ bytes: Int, in directory: String) throws(OriginError) {
    let operation = "reserving space in \(directory)"
    let name = namePrefix + "probe-" + String(UInt64.random(in: .min ... .max), radix: 36)
    let file = try OpenFile(
      directory + "/" + name, O_WRONLY | O_CREAT | O_EXCL, mode: fileMode, operation: operation)
    // At once, so that a process that is killed while it reserves leaves nothing behind.
    unlink(file.path)
    try file.reserve(bytes)
  }
}
