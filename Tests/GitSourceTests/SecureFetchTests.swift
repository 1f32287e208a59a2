// Fetches over TLS from a real server with an authority made for the test: trust, tokens,
// redirects, and a child that is killed in the middle of a pack.

import Documents
import Foundation
import TestHarness
import Testing

@testable import GitSource

@Suite struct SecureFetchTests {
  private let token = "ghp_0123456789secret"

  @Test("HTTPS with a custom authority and a token fetches", arguments: FetchTransport.allCases)
  func token(transport: FetchTransport) async throws {
    let (origin, commit) = try self.origin()
    let server = try LoopbackServer.tls(serving: origin.path, token: token)
    var mirror = try TestMirror(of: "https://localhost:\(server.port)/.git")
    mirror.environment["FLAGSTAFF_GIT_CA_FILE"] = server.authorityFile
    mirror.environment["FLAGSTAFF_GIT_TOKEN"] = token
    #expect(try await mirror.fetch(nil, transport).fetched.commit.hexadecimal == commit)
    mirror.environment["FLAGSTAFF_GIT_TOKEN"] = nil
    let file = mirror.state.path + "/token"
    try Data("\(token)\n".utf8).write(to: URL(fileURLWithPath: file))
    mirror.environment["FLAGSTAFF_GIT_TOKEN_FILE"] = file
    #expect(try await mirror.fetch(nil, transport).fetched.commit.hexadecimal == commit)
    #expect(try textsOfFiles(in: mirror.mirror.path).allSatisfy { !$0.contains(token) })
  }

  @Test("A wrong token, or none, is refused with where it goes", arguments: FetchTransport.allCases)
  func wrongToken(transport: FetchTransport) async throws {
    let (origin, _) = try self.origin()
    let server = try LoopbackServer.tls(serving: origin.path, token: "another")
    var mirror = try TestMirror(of: "https://localhost:\(server.port)/.git")
    mirror.environment["FLAGSTAFF_GIT_CA_FILE"] = server.authorityFile
    for given in [token, nil] {
      mirror.environment["FLAGSTAFF_GIT_TOKEN"] = given
      let error = try await mirror.failure(nil, transport)
      #expect(error.code == .authentication)
      #expect(error.consequence == .stalled)
      #expect(error.description.contains("FLAGSTAFF_GIT_TOKEN"))
      #expect(!error.description.contains(token))
    }
  }

  @Test("A certificate of an unknown authority is refused", arguments: FetchTransport.allCases)
  func unknownAuthority(transport: FetchTransport) async throws {
    let (origin, _) = try self.origin()
    let server = try LoopbackServer.tls(serving: origin.path)
    let mirror = try TestMirror(of: "https://localhost:\(server.port)/.git")
    let error = try await mirror.failure(nil, transport)
    #expect(error.code == .certificate)
    #expect(error.description.contains("FLAGSTAFF_GIT_CA_FILE"))
  }

  @Test("A certificate for another name is refused", arguments: FetchTransport.allCases)
  func otherName(transport: FetchTransport) async throws {
    let (origin, _) = try self.origin()
    let server = try LoopbackServer.tls(serving: origin.path)
    var mirror = try TestMirror(of: "https://127.0.0.1:\(server.port)/.git")
    mirror.environment["FLAGSTAFF_GIT_CA_FILE"] = server.authorityFile
    #expect(try await mirror.failure(nil, transport).code == .certificate)
  }

  @Test("A redirect to another host is not followed", arguments: FetchTransport.allCases)
  func redirect(transport: FetchTransport) async throws {
    let (origin, _) = try self.origin()
    let server = try LoopbackServer.tls(serving: origin.path, token: token)
    var mirror = try TestMirror(of: "https://localhost:\(server.port)/elsewhere/.git")
    mirror.environment["FLAGSTAFF_GIT_CA_FILE"] = server.authorityFile
    mirror.environment["FLAGSTAFF_GIT_TOKEN"] = token
    #expect(try await mirror.failure(nil, transport).code == .unreachable)
  }

  @Test(
    "A fetch killed in the middle of a pack leaves a mirror that the next one completes",
    arguments: FetchTransport.allCases)
  func killed(transport: FetchTransport) async throws {
    let (origin, first) = try self.origin()
    let serving = try LoopbackServer.tls(serving: origin.path)
    let pausing = try LoopbackServer.tls(serving: origin.path, pauses: true)
    let state = try TemporaryFolder()
    func fetch(_ server: LoopbackServer, seconds: Int) -> Fetch {
      // The address is that of a port, so the mirror is made by path to be one for both servers.
      Fetch(
        program: TestMirror.program, mirror: mirror(of: server, in: state), branch: nil,
        transport: transport,
        environment: [
          "PATH": isolatedEnvironment["PATH"] ?? "", "HOME": "/nonexistent",
          "FLAGSTAFF_GIT_CA_FILE": server.authorityFile,
        ], deadlineSeconds: seconds)
    }
    let path = mirror(of: pausing, in: state).path
    let error = await #expect(throws: GitError.self) {
      try await fetch(pausing, seconds: 2).run()
    }
    #expect(error?.code == .hanging)
    #expect(try processes(naming: path).isEmpty)
    let left = try leftovers(in: path)
    // Git keeps a small pack in memory; libgit2 writes while it reads.
    #expect(!left.isEmpty || transport == .git)
    // The same mirror, now from the server that answers to the end.
    try FileManager.default.moveItem(atPath: path, toPath: mirror(of: serving, in: state).path)
    let outcome = try await fetch(serving, seconds: 30).run()
    #expect(outcome.fetched.commit.hexadecimal == first)
    #expect(outcome.removed == left)
  }

  private func mirror(of server: LoopbackServer, in state: TemporaryFolder) -> Mirror {
    guard let address = try? RemoteAddress("https://localhost:\(server.port)/.git") else {
      preconditionFailure("the address is good")
    }
    return Mirror(stateDirectory: state.path, address: address)
  }

  private func leftovers(in mirror: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: mirror)
      .filter { $0.contains("_git2_") || $0.contains("tmp_") || $0.hasSuffix(".lock") }.sorted()
  }

  /// A repository with a pack of some size.
  private func origin() throws -> (TestRepository, commit: String) {
    let origin = try TestRepository()
    var random = SeededGenerator(seed: 7)
    for index in 0..<8 {
      let text = (0..<4_000).map { _ in String(random.next(), radix: 36) }.joined(separator: "\n")
      try origin.write(text, to: "shared/\(index).yaml")
    }
    return (origin, try origin.commit())
  }

  private func textsOfFiles(in folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).compactMap {
      FileManager.default.contents(atPath: folder + "/" + $0)
    }.map { String(decoding: $0, as: UTF8.self) }
  }
}
