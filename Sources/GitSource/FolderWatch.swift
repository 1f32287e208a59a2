// What changes below a folder, told by the kernel (inotify): whoever edits definitions should see
// what is wrong when they save, not when they ask. It names files that may have changed, and no
// more than that; what they hold now is read by `WorkingTree`. Where folders come, go or move, it
// says that everything may have changed.

package import Documents

#if canImport(Glibc)
  internal import Glibc
#endif

/// Watches the roots of a folder. A watch begins before the first look, so that nothing that
/// changes after it is missed.
package actor FolderWatch {
  package enum Change: Hashable, Sendable {
    /// Files that came, changed or went, as paths from the folder.
    case files(Set<Text>)
    /// Folders came or went, or the kernel lost count: look at everything again.
    case everything
  }

  private nonisolated let executor = SerialQueueExecutor(label: "flagstaff.watch")
  private let events: Inotify
  private let directory: String
  private let roots: [String]

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Begins to watch.
  ///
  /// - Parameter roots: names of files and folders in the folder; others are not watched.
  /// - Throws: `storage` where the folder cannot be watched, such as beyond the system's limit of
  ///   watches (`fs.inotify.max_user_watches`).
  package init(_ directory: String, under roots: [String]) throws(GitError) {
    self.directory = directory
    self.roots = roots
    events = try Inotify(directory)
    try events.watch(directory, under: roots)
  }

  /// Waits until something changes, and then for the few milliseconds in which an editor that
  /// writes a file anew is done.
  package func next() throws(GitError) -> Change {
    var seen = EventsSeen(roots: Set(roots))
    while !seen.hasAny { seen.add(try events.read(waitMilliseconds: -1)) }
    for _ in 0..<Self.settlingTurns {
      let more = try events.read(waitMilliseconds: Self.settlingMilliseconds)
      if more.isEmpty { break }
      seen.add(more)
    }
    guard case .everything = seen.change else { return seen.change }
    // A new folder may have new folders in it already.
    try events.watch(directory, under: roots)
    return .everything
  }

  /// Editors write, rename and remove within a few milliseconds; at most ten times that is waited.
  private static let settlingMilliseconds: Int32 = 3
  private static let settlingTurns = 10
}

/// Events, gathered into one change.
private struct EventsSeen {
  let roots: Set<String>
  private var files: Set<Text> = []
  private var isEverything = false

  init(roots: Set<String>) {
    self.roots = roots
  }

  var hasAny: Bool { isEverything || !files.isEmpty }
  var change: FolderWatch.Change { isEverything ? .everything : .files(files) }

  mutating func add(_ events: [Inotify.Event]) {
    for event in events {
      // In the folder itself other things come and go, such as Git's.
      if event.folder?.isEmpty == true, let name = event.name, !roots.contains(name) { continue }
      if let folder = event.folder, let name = event.name, !event.isOfFolders {
        files.insert(Text(folder + name))
      } else {
        isEverything = true
      }
    }
  }
}

/// The kernel's queue of events, and which watch is of which folder.
private final class Inotify {
  struct Event {
    /// The path of the folder, ending with `/` unless empty; nil where it is known no more.
    let folder: String?
    /// The name in it; nil for the folder itself, and where the kernel lost events.
    let name: String?
    /// Whether it is about a folder.
    let isOfFolders: Bool
  }

  private let descriptor: CInt
  private var folders: [CInt: String] = [:]
  private let name: String

  init(_ directory: String) throws(GitError) {
    name = directory
    descriptor = inotify_init1(CInt(IN_CLOEXEC))
    guard descriptor >= 0 else { throw Self.failure(directory) }
  }

  deinit { close(descriptor) }

  private static func failure(_ directory: String) -> GitError {
    let reason = String(cString: strerror(errno))
    let hint = errno == ENOSPC ? ". Raise fs.inotify.max_user_watches" : ""
    return GitError(
      .storage, operation: "watching the folder \(Visible.text(directory))", reason: reason + hint)
  }

  /// Watches the folder and every folder under its roots. Links are not followed. To watch what is
  /// watched already changes nothing.
  func watch(_ directory: String, under roots: [String]) throws(GitError) {
    try add(directory, as: "")
    for root in roots { try watchFolder(directory, root, depth: 1) }
  }

  private func watchFolder(_ directory: String, _ path: String, depth: Int) throws(GitError) {
    let whole = "\(directory)/\(path)"
    guard depth <= Limits.depthMax, try add(whole, as: path + "/"),
      let stream = opendir(whole)
    else { return }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      guard entry.pointee.d_type == UInt8(DT_DIR) || entry.pointee.d_type == UInt8(DT_UNKNOWN)
      else { continue }
      let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      // A name that is no text is a finding of the listing, which each look makes anew.
      guard let name = String(validating: bytes, as: UTF8.self), name != ".", name != ".."
      else { continue }
      try watchFolder(directory, "\(path)/\(name)", depth: depth + 1)
    }
  }

  /// Whether there is such a folder.
  @discardableResult
  private func add(_ whole: String, as path: String) throws(GitError) -> Bool {
    // One by one, since the kernel's constants come to Swift in several types of integers.
    let mask = [
      UInt32(IN_CLOSE_WRITE), UInt32(IN_CREATE), UInt32(IN_DELETE), UInt32(IN_ATTRIB),
      UInt32(IN_MOVED_FROM), UInt32(IN_MOVED_TO), UInt32(IN_DELETE_SELF), UInt32(IN_MOVE_SELF),
      UInt32(IN_ONLYDIR), UInt32(IN_DONT_FOLLOW),
    ].reduce(0, |)
    let watch = inotify_add_watch(descriptor, whole, mask)
    guard watch < 0 else {
      folders[watch] = path
      return true
    }
    guard errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == ELOOP,
      !path.isEmpty
    else { throw Self.failure(name) }
    return false
  }

  /// The events that are there, or, where none is, that come within a time; -1 waits for ever.
  func read(waitMilliseconds: Int32) throws(GitError) -> [Event] {
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    var count = poll(&ready, 1, waitMilliseconds)
    while count < 0, errno == EINTR { count = poll(&ready, 1, waitMilliseconds) }
    guard count >= 0 else { throw Self.failure(name) }
    guard count > 0 else { return [] }
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    let length = Glibc.read(descriptor, &buffer, buffer.count)
    guard length >= 0 else { throw Self.failure(name) }
    return buffer.withUnsafeBytes { events(in: UnsafeRawBufferPointer(rebasing: $0[..<length])) }
  }

  private func events(in bytes: UnsafeRawBufferPointer) -> [Event] {
    var events: [Event] = []
    var place = 0
    let head = MemoryLayout<inotify_event>.size
    while place + head <= bytes.count {
      // "struct inotify_event … len counts all of the bytes in name, including the null bytes"
      // (inotify(7)); events are padded, so that each begins aligned.
      let event = bytes.loadUnaligned(fromByteOffset: place, as: inotify_event.self)
      let end = place + head + Int(event.len)
      let name = bytes[(place + head)..<min(end, bytes.count)].prefix { $0 != 0 }
      place = end
      let mask = Int(event.mask)
      // Told after a watch was removed with its folder, which was told before.
      if mask & Int(IN_IGNORED) != 0 {
        folders[event.wd] = nil
        continue
      }
      events.append(
        Event(
          folder: folders[event.wd],
          name: name.isEmpty ? nil : String(validating: name, as: UTF8.self),
          isOfFolders: mask & Int(IN_ISDIR) != 0))
    }
    return events
  }
}
