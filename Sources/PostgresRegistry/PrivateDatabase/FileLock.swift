// An advisory lock on a file, by flock(2): the kernel lets it go when the process ends, however it
// ends, so no lock outlives a killed command. The descriptor is closed on exec; otherwise the
// database server, started as a child, would hold its user's lock for as long as it runs.

internal import Documents

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file open for locking; closing it, in `deinit`, lets the lock go.
final class FileLock: Sendable {
  enum Mode: Sendable {
    /// Held by any number at once.
    case shared
    /// Held by one, with no other of either mode.
    case exclusive
  }

  private let descriptor: CInt

  /// Opens the file, which is made where it is missing; locks nothing yet.
  init(path: String) throws {
    let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
    descriptor = open(path, flags, mode_t(0o600))
    guard descriptor >= 0 else {
      throw RegistryError.system("opening \(path)")
    }
  }

  deinit {
    close(descriptor)
  }

  /// Takes the lock, or changes its mode, if nobody stands in the way. Where a change of mode
  /// fails, the former lock is gone as well: flock(2) does not change modes in one step.
  func tryLock(_ mode: Mode) -> Bool {
    flock(descriptor, (mode == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0
  }

  /// Takes the lock, asking again every 20 ms, so that no thread is blocked.
  /// - Throws: `RegistryError` of code `privateDatabase` after `seconds`; `CancellationError`.
  func lock(_ mode: Mode, seconds: Int, operation: String) async throws {
    let deadline = ContinuousClock.now.advanced(by: .seconds(seconds))
    while !tryLock(mode) {
      guard ContinuousClock.now < deadline else {
        throw RegistryError(
          .privateDatabase, operation: operation,
          reason: "another flagstaff has been starting or stopping it for \(seconds) seconds",
          consequence: .retry)
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }
}

extension RegistryError {
  /// A call of the system that failed, with what `errno` says.
  static func system(_ operation: String) -> RegistryError {
    let reason = String(cString: strerror(errno))
    return RegistryError(.privateDatabase, operation: operation, reason: reason)
  }
}
