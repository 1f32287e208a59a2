// A real `sshd` on the loopback interface with keys made for the test, for the user who runs it.

import Foundation

/// An SSH server that ends with its last reference.
final class ShellServer: @unchecked Sendable {
  // The process is only ended in `deinit`, when nobody else has a reference.
  private let process = Process()
  let folder: TemporaryFolder
  let port: Int

  /// Where `sshd` is; nil if it is not installed. It wants to be started by its whole path.
  static let program = ((isolatedEnvironment["PATH"] ?? "") + ":/usr/sbin").split(separator: ":")
    .map { $0 + "/sshd" }.first { FileManager.default.isExecutableFile(atPath: $0) }

  init() throws {
    folder = try TemporaryFolder()
    let path = folder.path
    for key in ["host", "user", "other"] {
      try command("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key], in: path)
    }
    try command("cp", ["user.pub", "authorized"], in: path)
    // As root, sshd insists on this folder.
    if geteuid() == 0 { try command("mkdir", ["-p", "/run/sshd"], in: path) }
    port = try Self.freePort()
    let settings = """
      Port \(port)
      ListenAddress 127.0.0.1
      HostKey \(path)/host
      AuthorizedKeysFile \(path)/authorized
      PidFile none
      StrictModes no
      UsePAM no
      PasswordAuthentication no
      """
    try Data(settings.utf8).write(to: URL(fileURLWithPath: path + "/settings"))
    process.executableURL = URL(fileURLWithPath: Self.program ?? "")
    process.arguments = ["-D", "-e", "-f", path + "/settings"]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    try waitUntilItAnswers()
  }

  deinit {
    // Not waited for: Foundation would wait for every process that inherited its socket.
    kill(process.processIdentifier, SIGKILL)
  }

  var user: String { NSUserName() }

  func address(of repository: TestRepository) -> String {
    "ssh://\(user)@127.0.0.1:\(port)\(repository.path)"
  }

  /// Writes a file of known hosts that holds the public half of a key of this folder.
  func knownHosts(_ key: String) throws -> String {
    let text = try String(contentsOfFile: folder.path + "/\(key).pub", encoding: .utf8)
    let file = folder.path + "/known-\(key)"
    try Data("[127.0.0.1]:\(port) \(text)".utf8).write(to: URL(fileURLWithPath: file))
    return file
  }

  /// Reads the server's greeting, for at most ten seconds.
  private func waitUntilItAnswers() throws {
    let program = """
      import socket, time
      end = time.monotonic() + 10
      while True:
          try:
              with socket.create_connection(("127.0.0.1", \(port)), timeout=10) as connection:
                  if connection.recv(4) == b"SSH-":
                      break
          except OSError:
              pass
          if time.monotonic() > end:
              raise SystemExit(1)
          time.sleep(0.02)
      """
    try command("python3", ["-c", program], in: folder.path)
  }

  private static func freePort() throws -> Int {
    let program = "import socket; print(socket.create_server(('127.0.0.1', 0)).getsockname()[1])"
    let text = try command("python3", ["-c", program], in: "/")
    return Int(text.trimmingCharacters(in: .newlines)) ?? 0
  }
}
