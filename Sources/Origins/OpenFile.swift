// File descriptors and the few system calls that publishing needs. Durability has an order (bytes,
// fsync, rename, fsync of the directory) and locks belong to open files, so descriptors are held
// here and not behind a library that hides them.

internal import Documents
internal import Glibc

/// An open file or directory. It is closed, and its locks are given up, when the value goes away.
struct OpenFile: ~Copyable {
  private let descriptor: Int32
  let path: String
  /// What it was opened for, in the words of messages.
  private let operation: String
  private let isWriting: Bool

  /// - Throws: `OriginError` from the `errno` of open(2).
  init(_ path: String, _ flags: Int32, mode: mode_t = 0, operation: String) throws(OriginError) {
    let isWriting = flags & (O_WRONLY | O_RDWR | O_CREAT) != 0
    descriptor = try retrying(operation, isWriting: isWriting) {
      open(path, flags | O_CLOEXEC, mode)
    }
    (self.path, self.operation, self.isWriting) = (path, operation, isWriting)
  }

  deinit {
    close(descriptor)
  }

  /// Opens for reading; nil where nothing is there.
  static func reading(_ path: String, _ flags: Int32 = 0) throws(OriginError) -> OpenFile? {
    do {
      return try OpenFile(path, O_RDONLY | flags, operation: "reading \(path)")
    } catch {
      if error.code == .changed { return nil }
      throw error
    }
  }

  func readAll(bytesMax: Int) throws(OriginError) -> [UInt8] {
    let size = Int(try status().st_size)
    guard size <= bytesMax else { throw OriginError(tooLarge: path, bytesMax: bytesMax) }
    var bytes = [UInt8](repeating: 0, count: size + 1)
    var count = 0
    while true {
      let room = bytes.count - count
      let descriptor = descriptor
      let step = try retrying(operation, isWriting: isWriting) {
        bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress?.advanced(by: count), room) }
      }
      if step == 0 { break }
      count += step
      guard count <= bytesMax else { throw OriginError(tooLarge: path, bytesMax: bytesMax) }
      if count == bytes.count { bytes.append(contentsOf: repeatElement(0, count: bytes.count)) }
    }
    bytes.removeLast(bytes.count - count)
    return bytes
  }

  /// Makes the file occupy the given number of bytes on the disk.
  func reserve(_ bytes: Int) throws(OriginError) {
    var number: Int32
    // posix_fallocate(3) returns its error and leaves `errno` alone.
    repeat { number = posix_fallocate(descriptor, 0, bytes) } while number == EINTR
    guard number == 0 else { throw OriginError(systemError: number, operation: operation) }
  }

  func writeAll(_ bytes: [UInt8]) throws(OriginError) {
    var offset = 0
    while offset < bytes.count {
      let descriptor = descriptor
      offset += try retrying(operation, isWriting: isWriting) {
        bytes.withUnsafeBytes {
          write(descriptor, $0.baseAddress?.advanced(by: offset), bytes.count - offset)
        }
      }
    }
  }

  /// Makes bytes, or the names of a directory, survive a loss of power. A failed fsync(2) is not
  /// tried again: the kernel may have dropped the pages and would report success.
  func synchronize() throws(OriginError) {
    if fsync(descriptor) != 0 {
      throw OriginError(systemError: errno, operation: operation)
    }
  }

  func setMode(_ mode: mode_t) throws(OriginError) {
    let descriptor = descriptor
    _ = try retrying(operation, isWriting: isWriting) { fchmod(descriptor, mode) }
  }

  /// Waits until no other open file holds the lock. The kernel frees it when its holder dies.
  func lock() throws(OriginError) {
    let descriptor = descriptor
    _ = try retrying(operation, isWriting: isWriting) { flock(descriptor, LOCK_EX) }
  }

  /// Takes the lock, unless another holds it.
  func lockNow() throws(OriginError) -> Bool {
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EWOULDBLOCK { return false }
      if errno != EINTR {
        throw OriginError(systemError: errno, operation: operation, isWriting: isWriting)
      }
    }
    return true
  }

  func status() throws(OriginError) -> stat {
    let descriptor = descriptor
    var status = stat()
    _ = try retrying(operation, isWriting: isWriting) { fstat(descriptor, &status) }
    return status
  }

  /// Whether the path still names this very file.
  func isStillNamed() throws(OriginError) -> Bool {
    let ours = try status()
    var theirs = stat()
    return lstat(path, &theirs) == 0 && theirs.st_ino == ours.st_ino
      && theirs.st_dev == ours.st_dev
  }
}

/// Repeats a system call that a signal interrupted; throws where it fails.
func retrying<Result: SignedInteger>(
  _ operation: String, isWriting: Bool = true, _ call: () -> Result
) throws(OriginError) -> Result {
  while true {
    let result = call()
    if result >= 0 { return result }
    let number = errno
    if number != EINTR {
      throw OriginError(systemError: number, operation: operation, isWriting: isWriting)
    }
  }
}
