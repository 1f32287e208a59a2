// A real web server on the loopback: nginx, with places that answer in every way that a plan may
// meet. What it needs for itself stands beside the served directory, and goes away with it.

internal import Foundation

/// Serves a directory until it goes away.
package final class WebServer {
  package let address: String
  private let scratch: String
  private let process = Process()

  private struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Starts the server, and waits until it answers.
  package init(serving directory: String) throws {
    let port = try Self.freePort()
    address = "http://127.0.0.1:\(port)"
    scratch = FileManager.default.temporaryDirectory.path + "/nginx-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: false)
    try Data(Self.configuration(directory, scratch, port).utf8)
      .write(to: URL(filePath: scratch + "/nginx.conf"))
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "PATH=/usr/sbin:/usr/bin:/bin", "nginx", "-e", scratch + "/error.log", "-c",
      scratch + "/nginx.conf",
    ]
    process.standardError = FileHandle.nullDevice
    try process.run()
    for _ in 0..<1_000 where !Self.answers(port) { usleep(10_000) }
    guard Self.answers(port) else { throw Failure(description: "nginx does not answer") }
  }

  deinit {
    // Foundation's processes inherit the signals that its threads block, SIGTERM among them. Not
    // waited for: Foundation would wait for every process that inherited its socket.
    kill(process.processIdentifier, SIGKILL)
    try? FileManager.default.removeItem(atPath: scratch)
  }

  private static func configuration(_ files: String, _ scratch: String, _ port: UInt16) -> String {
    let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map { "\($0)_temp_path \(scratch)/\($0);" }.joined(separator: " ")
    return """
      daemon off;
      master_process off;
      pid \(scratch)/pid;
      events {}
      http {
        access_log off;
        \(folders)
        server {
          listen 127.0.0.1:\(port);
          root \(files);
          location /broken { return 500; }
          location /away { return 503; }
          location /closed { return 403; }
          location /gone { return 410; }
          location /moved { return 301 https://elsewhere.example/; }
          location /cut { return 444; }
          location /slow { limit_rate 1; }
        }
      }

      """
  }

  private static func freePort() throws -> UInt16 {
    try withSocket { socket, address in
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      var address = address
      let isBound = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
        }
      }
      guard isBound else { throw Failure(description: "no port is free") }
      return UInt16(bigEndian: address.sin_port)
    }
  }

  private static func answers(_ port: UInt16) -> Bool {
    withSocket { socket, address in
      var address = address
      address.sin_port = port.bigEndian
      return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
      }
    }
  }

  private static func withSocket<T>(_ body: (Int32, sockaddr_in) throws -> T) rethrows -> T {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return try body(descriptor, address)
  }
}
