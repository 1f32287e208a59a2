// Real remotes on the loopback interface: a TLS server that serves repositories through
// `git http-backend`, with an authority made for the test, and a server that accepts and falls
// silent. Both are small Python programs that write their port to their standard output.

import Foundation

/// A server process that ends with its last reference.
final class LoopbackServer: @unchecked Sendable {
  // The process is only ended in `deinit`, when nobody else has a reference.
  private let process: Process
  let port: Int
  let folder: TemporaryFolder

  /// Runs a Python program whose first line of output is its port.
  init(_ program: String, arguments: [String] = [], in folder: TemporaryFolder) throws {
    self.folder = folder
    let script = folder.path + "/server.py"
    try Data(program.utf8).write(to: URL(fileURLWithPath: script))
    process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-u", script] + arguments
    process.environment = isolatedEnvironment
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
      process.terminate()
      throw CommandFailure(description: "the server did not start: \(line)")
    }
    self.port = port
  }

  deinit {
    // Foundation's processes inherit the signals that its threads block, SIGTERM among them.
    // Not waited for: Foundation would wait for every process that inherited its socket.
    kill(process.processIdentifier, SIGKILL)
  }

  /// A server that accepts connections and never answers.
  static func silent() throws -> LoopbackServer {
    try LoopbackServer(silentProgram, in: try TemporaryFolder())
  }

  /// A TLS server for the repositories of a folder. With a token, it asks for it. With `pauses`, it
  /// falls silent after the first bytes of a pack.
  static func tls(
    serving repositories: String, token: String? = nil, pauses: Bool = false
  ) throws -> LoopbackServer {
    let folder = try TemporaryFolder()
    try command(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt",
        "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "authority.key", "-out",
        "authority.pem", "-days", "2", "-subj", "/CN=Test authority", "-addext",
        "basicConstraints=critical,CA:TRUE",
      ], in: folder.path)
    try command(
      "openssl",
      [
        "req", "-new", "-newkey", "ec", "-pkeyopt",
        "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "server.key", "-out", "server.csr",
        "-subj", "/CN=localhost",
      ], in: folder.path)
    try Data("subjectAltName=DNS:localhost\n".utf8)
      .write(to: URL(fileURLWithPath: folder.path + "/names"))
    try command(
      "openssl",
      [
        "x509", "-req", "-in", "server.csr", "-CA", "authority.pem",
        "-CAkey", "authority.key", "-CAcreateserial", "-days", "2", "-extfile", "names", "-out",
        "server.pem",
      ], in: folder.path)
    return try LoopbackServer(
      tlsProgram,
      arguments: [folder.path, repositories, token ?? "", pauses ? "pauses" : ""], in: folder)
  }

  var authorityFile: String { folder.path + "/authority.pem" }

  private static let silentProgram = """
    import socket
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1])
    held = []
    while True:
        held.append(listener.accept())
    """

  private static let tlsProgram = #"""
    import base64, http.server, os, ssl, subprocess, sys, time, urllib.parse
    folder, root, token, pauses = sys.argv[1:5]

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments):
            pass

        def answer(self, status, headers, body):
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if pauses and len(body) > 1000 and b"PACK" in body:
                self.wfile.write(body[: len(body) // 2])
                self.wfile.flush()
                time.sleep(60)
            self.wfile.write(body)

        def serve(self):
            length = int(self.headers.get("Content-Length") or 0)
            data = self.rfile.read(length)
            if self.headers.get("Transfer-Encoding") == "chunked":
                data = b""
                while size := int(self.rfile.readline(), 16):
                    data += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
            wanted = base64.b64encode(("x-access-token:" + token).encode()).decode()
            if token and self.headers.get("Authorization") != "Basic " + wanted:
                realm = [("WWW-Authenticate", 'Basic realm="test"')]
                return self.answer(401, realm, b"")
            path = urllib.parse.urlsplit(self.path)
            if path.path.startswith("/elsewhere/"):
                place = "https://127.0.0.1:%d%s" % (server.server_port, self.path[10:])
                return self.answer(301, [("Location", place)], b"")
            environment = dict(
                os.environ, GIT_PROJECT_ROOT=root, GIT_HTTP_EXPORT_ALL="1",
                PATH_INFO=path.path, QUERY_STRING=path.query, REQUEST_METHOD=self.command,
                CONTENT_TYPE=self.headers.get("Content-Type") or "",
                CONTENT_LENGTH=str(len(data)),
                HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding") or "")
            output = subprocess.run(
                ["git", "http-backend"], input=data, env=environment, capture_output=True).stdout
            head, body = output.split(b"\r\n\r\n", 1)
            headers = [line.split(": ", 1) for line in head.decode().split("\r\n")]
            status = [int(v.split()[0]) for n, v in headers if n == "Status"] or [200]
            self.answer(status[0], [h for h in headers if h[0] != "Status"], body)

        do_GET = do_POST = serve

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder + "/server.pem", folder + "/server.key")
    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True
        def get_request(self):
            connection, address = self.socket.accept()
            return context.wrap_socket(connection, server_side=True), address
    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_port)
    server.serve_forever()
    """#
}
