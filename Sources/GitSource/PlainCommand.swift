// A command that the fetching process starts and waits for. It differs from swift-subprocess in one
// thing: open descriptors are inherited, so that the mirror stays locked until the last process
// that writes to it is gone. It keeps no deadline; the parent of the whole group does.

internal import SystemPackage

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

struct PlainCommand {
  struct Result {
    var isSuccess: Bool
    var output: String
    var errors: String
  }

  /// Looked for in `PATH`.
  let name: String
  let arguments: [String]
  /// The whole environment.
  let environment: [String: String]

  /// What is kept of each stream; a list of a hundred thousand branches fits.
  private static let outputBytesMax = 16 * 1024 * 1024

  /// - Throws: `childFailed` if it cannot be started.
  func run(_ operation: String) throws(GitError) -> Result {
    var output: [CInt] = [-1, -1]
    var errors: [CInt] = [-1, -1]
    guard pipe(&output) == 0, pipe(&errors) == 0 else { throw failure(errno, operation) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output[1], 1)
    posix_spawn_file_actions_adddup2(&actions, errors[1], 2)
    for descriptor in output + errors { posix_spawn_file_actions_addclose(&actions, descriptor) }
    var process: pid_t = 0
    let variables = environment.map { "\($0.key)=\($0.value)" }
    let status = withCStrings([name] + arguments) { words in
      withCStrings(variables) { posix_spawnp(&process, name, &actions, nil, words, $0) }
    }
    close(output[1])
    close(errors[1])
    defer {
      close(output[0])
      close(errors[0])
    }
    guard status == 0 else { throw failure(status, operation) }
    let texts = drain([output[0], errors[0]])
    var code: CInt = 0
    while waitpid(process, &code, 0) < 0, errno == EINTR {}
    return Result(isSuccess: code == 0, output: texts[0], errors: texts[1])
  }

  private func failure(_ status: CInt, _ operation: String) -> GitError {
    GitError(
      .childFailed, operation: operation,
      reason: "\(name) cannot be started: \(Errno(rawValue: status))",
      remedy: "install \(name), or choose --git-transport libgit2")
  }

  /// Reads all streams to their ends, so that none blocks the writer.
  private func drain(_ descriptors: [CInt]) -> [String] {
    var streams = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    var texts = descriptors.map { _ in [UInt8]() }
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while streams.contains(where: { $0.fd >= 0 }) {
      guard poll(&streams, nfds_t(streams.count), -1) > 0 else { continue }
      for index in streams.indices where streams[index].revents != 0 {
        let count = read(streams[index].fd, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        // A negative descriptor is left out by poll(2).
        if count <= 0 { streams[index].fd = -1 }
        let room = Self.outputBytesMax - texts[index].count
        texts[index] += buffer.prefix(min(max(count, 0), room))
      }
    }
    return texts.map { String(decoding: $0, as: UTF8.self) }
  }
}

/// Lends strings to C as an array that ends with a null pointer.
private func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  let copies = strings.map { strdup($0) } + [nil]
  defer { copies.forEach { free($0) } }
  return copies.withUnsafeBufferPointer { buffer in
    guard let start = buffer.baseAddress else { preconditionFailure("the array has an end") }
    return body(start)
  }
}
