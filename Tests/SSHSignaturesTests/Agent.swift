// An ssh-agent of a test's own, on a socket in the test's folder.

import Foundation

/// Runs until it is stopped, by the id that it was started with.
struct Agent {
  let socket: String
  private let process: pid_t

  init(in folder: KeyFolder) throws {
    socket = "\(folder.path)/agent"
    process = try Self.start("ssh-agent", ["-D", "-a", socket])
    for _ in 0..<500 where !FileManager.default.fileExists(atPath: socket) { usleep(10_000) }
  }

  func add(_ key: String) throws {
    try Self.wait(for: Self.start("ssh-add", ["-q", key], ["SSH_AUTH_SOCK=\(socket)"]))
  }

  func stop() {
    // The thread that started it may have blocked every other signal.
    kill(process, SIGKILL)
    var status: CInt = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
  }

  static func wait(for process: pid_t) throws {
    var status: CInt = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    guard status == 0 else { throw CocoaError(.fileReadUnknown) }
  }

  static func start(
    _ name: String, _ arguments: [String], _ variables: [String] = []
  ) throws -> pid_t {
    let words = ([name] + arguments).map { strdup($0) } + [nil]
    let environment = (["PATH=/usr/bin:/bin"] + variables).map { strdup($0) } + [nil]
    defer { for word in words + environment { free(word) } }
    var process: pid_t = 0
    guard posix_spawnp(&process, name, nil, nil, words, environment) == 0 else {
      throw CocoaError(.fileNoSuchFile)
    }
    return process
  }
}
