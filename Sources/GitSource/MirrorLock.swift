// Whoever writes to a mirror holds one lock, which the kernel lets go when its last holder dies. So
// a `*.lock` or a half-written pack found while holding it was left by a killed process, and may be
// removed; Git itself would wait for it for ever. Programs that a fetch starts inherit the lock: it
// is free only when all of them are gone.

internal import Documents
internal import SystemPackage

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Holds the lock of a mirror until it goes away.
final class MirrorLock {
  private let descriptor: CInt
  private let mirrorPath: String

  /// Waits for the lock.
  ///
  /// - Throws: `busy` if another process still holds it after the given seconds; `storage`.
  init(of mirrorPath: String, at path: String, waitSeconds: Int) throws(GitError) {
    self.mirrorPath = mirrorPath
    let operation = "locking the mirror \(Visible.text(mirrorPath))"
    // Without O_CLOEXEC on purpose: see above.
    descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw GitError(.storage, operation: operation, reason: "\(Errno(rawValue: errno))")
    }
    let stepMilliseconds = 20
    var waitedMilliseconds = 0
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR, waitedMilliseconds < waitSeconds * 1_000 else {
        let isBusy = errno == EWOULDBLOCK
        let reason = isBusy ? "another process is fetching" : "\(Errno(rawValue: errno))"
        close(descriptor)
        throw GitError(isBusy ? .busy : .storage, operation: operation, reason: reason)
      }
      usleep(UInt32(stepMilliseconds) * 1_000)
      waitedMilliseconds += stepMilliseconds
    }
  }

  deinit {
    close(descriptor)
  }

  /// Removes what killed processes left: locks of references and configuration, and unfinished
  /// packs and objects. Returns what was removed, relative to the mirror.
  func removeLeftovers() -> [String] {
    var removed: [String] = []
    visit("", depth: 0, removing: &removed)
    return removed.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private func visit(_ folder: String, depth: Int, removing removed: inout [String]) {
    // References nest as deep as branch names have slashes; a name has at most 255 bytes.
    guard depth < 128, let stream = opendir(mirrorPath + "/" + folder) else { return }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      guard let name = String(validating: bytes, as: UTF8.self), name != ".", name != ".." else {
        continue
      }
      let path = folder + name
      var status = stat()
      guard lstat(mirrorPath + "/" + path, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFDIR {
        visit(path + "/", depth: depth + 1, removing: &removed)
      } else if Self.isLeftover(name, in: folder), unlink(mirrorPath + "/" + path) == 0 {
        removed.append(path)
      }
    }
  }

  /// The names under which Git and libgit2 write before they rename: `*.lock` everywhere; in
  /// `objects/` `tmp_*` (both) and `pack_git2_*` (libgit2), and the `.keep` of a pack, which Git
  /// holds only while it fetches.
  private static func isLeftover(_ name: String, in folder: String) -> Bool {
    if name.hasSuffix(".lock") { return true }
    guard folder.hasPrefix("objects/") else { return false }
    return name.hasPrefix("tmp_") || name.hasPrefix(".tmp-") || name.contains("_git2_")
      || name.hasSuffix(".temp") || name.hasSuffix(".keep")
  }
}
