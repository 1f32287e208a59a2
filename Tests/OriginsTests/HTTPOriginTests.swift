// Origins behind a web server: what is there is read whole, what is not there is told apart from
// what cannot be read, and nobody waits for ever.

import Documents
import Foundation
import Origins
import TestHarness
import Testing

@Suite("Origins behind a web server")
struct HTTPOriginTests {
  @Test("A file is read as it is, and one that is not there is none")
  func reading() async throws {
    let files = try TemporaryDirectory()
    let server = try WebServer(serving: files.path)
    let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0) }
    try files.write(bytes, to: "v1/production/acme/latest.json")
    try files.write([], to: "empty")
    let paths = ["v1/production/acme/latest.json", "empty", "v1/production/b/latest.json", "gone"]
    for address in [server.address, server.address + "/"] {
      let (files, listed) = try await HTTPOrigin.with(address) { origin in
        var files: [[UInt8]?] = []
        for path in paths { files.append(try await origin.read(path)) }
        return (files, origin.scopesListed())
      }
      #expect(files == [bytes, [], nil, nil])
      #expect(listed == nil)
    }
  }

  @Test(
    "An answer that is neither the file nor its absence is an error that says what to do",
    arguments: [
      ("broken", "origin-bad-answer", "status 500: the server failed", Consequence.retry),
      ("away", "origin-bad-answer", "status 503", .retry),
      ("closed", "origin-bad-answer", "status 403: it may not be read", .stalled),
      ("moved", "origin-bad-answer", "status 301: it answers with a redirect", .stalled),
      ("cut", "origin-unreachable", "Check the address", .retry),
      ("slow", "origin-unreachable", "it was not there after 2 seconds", .retry),
    ])
  func failing(
    _ path: String, _ code: String, _ reason: String, _ consequence: Consequence
  ) async throws {
    let files = try TemporaryDirectory()
    let server = try WebServer(serving: files.path)
    try files.write([UInt8](repeating: 65, count: 100), to: "slow")
    let began = ContinuousClock.now
    let error = try await #require(throws: OriginError.self) {
      try await HTTPOrigin.with(server.address, secondsMax: path == "slow" ? 2 : 30) { origin in
        try await origin.read(path)
      }
    }
    #expect(error.code.rawValue == code && error.consequence == consequence, "\(error)")
    #expect(error.description.contains(reason), "\(error)")
    #expect(error.description.contains("reading \(server.address)/\(path)"), "\(error)")
    #expect(began.duration(to: .now) < .seconds(30))
  }

  @Test("More bytes than anything published has are not taken")
  func tooLarge() async throws {
    let files = try TemporaryDirectory()
    let server = try WebServer(serving: files.path)
    let file = files.path + "/large"
    try Data().write(to: URL(filePath: file))
    let handle = try #require(FileHandle(forWritingAtPath: file))
    try handle.truncate(atOffset: UInt64(Limits.snapshotBytesMax) + 1)
    try handle.close()
    let error = try await #require(throws: OriginError.self) {
      try await HTTPOrigin.with(server.address) { try await $0.read("large") }
    }
    #expect(error.code == .tooLarge, "\(error)")
  }

  @Test("A server that is not there is an error at once")
  func absent() async throws {
    let error = try await #require(throws: OriginError.self) {
      try await HTTPOrigin.with("http://127.0.0.1:1") { try await $0.read("latest.json") }
    }
    #expect(error.code == .unreachable && error.consequence == .retry, "\(error)")
  }

  @Test(
    "An address that holds a credential, or names no server, is refused and not repeated",
    arguments: [
      "http://", "https:///flags", "https://user:secret@flags.example",
      "https://f.example/?k=secret",
      "https://flags.example/#secret", "http://a b",
    ])
  func badAddress(address: String) async throws {
    #expect(HTTPOrigin.isAddress(address))
    let error = try await #require(throws: OriginError.self) {
      try await HTTPOrigin.with(address) { try await $0.read("latest.json") }
    }
    #expect(error.code == .badAddress, "\(error)")
    #expect(!error.description.contains("secret"), "\(error)")
  }
}
