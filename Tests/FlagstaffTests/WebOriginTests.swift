// `flagstaff plan` against an origin behind a web server: the same plan as from its directory, with
// nothing believed that was not verified.

import Foundation
import Testing

/// nginx in front of a directory, on the loopback.
private final class WebServer {
  let address: String
  private let scratch: Folder
  private let running: Running

  init(of directory: String) throws {
    let scratch = try Folder()
    self.scratch = scratch
    let port = Int.random(in: 20_000..<32_000)
    address = "http://127.0.0.1:\(port)"
    let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map { "\($0)_temp_path \(scratch.path)/\($0);" }.joined(separator: " ")
    let configuration = """
      daemon off; master_process off; pid \(scratch.path)/pid;
      events {}
      http {
        access_log off; \(folders)
        server { listen 127.0.0.1:\(port); root \(directory); location /broken { return 500; } }
      }

      """
    try Data(configuration.utf8).write(to: URL(fileURLWithPath: scratch.path + "/nginx.conf"))
    running = try Running(
      "nginx", ["-e", scratch.path + "/errors", "-c", scratch.path + "/nginx.conf"],
      variables: ["PATH": "/usr/sbin:/usr/bin:/bin"], in: scratch.path)
    for _ in 0..<1_000 where !FileManager.default.fileExists(atPath: scratch.path + "/pid") {
      usleep(10_000)
    }
  }

  deinit {
    running.send(SIGTERM)
    _ = try? running.wait()
  }
}

@Suite("Plans against a web server")
struct WebOriginTests {
  @Test("Over HTTP a plan is the one from the directory, and what is damaged is not believed")
  func plan() async throws {
    let repository = try DefinitionsRepository.small()
    let installation = try await Installation(repository)
    try installation.expect(0, "reconcile", "--quiet")
    try repository.replace("traffic: 20%", by: "traffic: 30%", in: "customers/acme/shop.yaml")
    try repository.write(
      "flagstaff: v1\nflags: {light: {environments: {production: {}}}}\n",
      to: "customers/initech/new.yaml")
    try repository.commit()
    let server = try WebServer(of: installation.origin)
    let directory = try installation.planPublished(["--format", "json"])
    let web = try installation.planPublished(["--format", "json"], origin: server.address)
    #expect(web.code == 0 && web.output == directory.output, "\(web)")

    let nowhere = try installation.planPublished(origin: server.address + "/nowhere")
    #expect(nowhere.code == 1 && nowhere.errors.contains("no scope is published there"))
    let broken = try installation.planPublished(origin: server.address + "/broken")
    #expect(broken.code == 1 && broken.errors.contains("status 500"), "\(broken)")

    let states = try installation.originTree().keys.filter {
      $0.hasPrefix("v1/production/acme/state/") && $0.hasSuffix(".json")
    }
    let file = URL(fileURLWithPath: installation.origin + "/" + (try #require(states.first)))
    let bytes = try Data(contentsOf: file)
    for damaged in [bytes.dropLast(), bytes.dropLast() + Data(" ".utf8)] {
      try FileManager.default.removeItem(at: file)
      try damaged.write(to: file)
      let ended = try installation.planPublished(origin: server.address)
      #expect(ended.code == 1 && ended.output.contains("production/acme  failed"), "\(ended)")
      #expect(ended.output.contains("production/initech  version 0 → 1"), "\(ended)")
    }
    try await installation.discard()
  }
}
