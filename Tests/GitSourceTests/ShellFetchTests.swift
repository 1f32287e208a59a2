// Fetches over SSH from a real `sshd`: keys, agents, and hosts that are not known. They run where
// openssh-server is installed.

import Foundation
import Testing

@testable import GitSource

@Suite(.enabled(if: ShellServer.program != nil, "sshd is not installed"))
struct ShellFetchTests {
  @Test("A key from a file, for a known host, fetches", arguments: FetchTransport.allCases)
  func keyFile(transport: FetchTransport) async throws {
    let (server, origin, commit) = try parts()
    var mirror = try TestMirror(of: server.address(of: origin))
    mirror.environment["FLAGSTAFF_GIT_SSH_KEY_FILE"] = server.folder.path + "/user"
    mirror.environment["FLAGSTAFF_GIT_KNOWN_HOSTS"] = try server.knownHosts("host")
    #expect(try await mirror.fetch(nil, transport).fetched.commit.hexadecimal == commit)
  }

  @Test("The known hosts of the home folder count", arguments: FetchTransport.allCases)
  func homeFolder(transport: FetchTransport) async throws {
    let (server, origin, commit) = try parts()
    var mirror = try TestMirror(of: server.address(of: origin))
    let home = server.folder.path + "/home with a space"
    try FileManager.default.createDirectory(
      atPath: home + "/.ssh", withIntermediateDirectories: true)
    try FileManager.default.moveItem(
      atPath: try server.knownHosts("host"), toPath: home + "/.ssh/known_hosts")
    mirror.environment["HOME"] = home
    mirror.environment["FLAGSTAFF_GIT_SSH_KEY_FILE"] = server.folder.path + "/user"
    #expect(try await mirror.fetch(nil, transport).fetched.commit.hexadecimal == commit)
  }

  @Test(
    "A host that is unknown, or has another key, is refused", arguments: FetchTransport.allCases)
  func unknownHost(transport: FetchTransport) async throws {
    let (server, origin, _) = try parts()
    var mirror = try TestMirror(of: server.address(of: origin))
    mirror.environment["FLAGSTAFF_GIT_SSH_KEY_FILE"] = server.folder.path + "/user"
    for file in [nil, "/dev/null", try server.knownHosts("other")] {
      mirror.environment["FLAGSTAFF_GIT_KNOWN_HOSTS"] = file
      let error = try await mirror.failure(nil, transport)
      #expect(error.code == .hostKey)
      #expect(error.description.contains("FLAGSTAFF_GIT_KNOWN_HOSTS"))
    }
  }

  @Test(
    "A key that the host does not take, or none, is refused", arguments: FetchTransport.allCases)
  func wrongKey(transport: FetchTransport) async throws {
    let (server, origin, _) = try parts()
    var mirror = try TestMirror(of: server.address(of: origin))
    mirror.environment["FLAGSTAFF_GIT_KNOWN_HOSTS"] = try server.knownHosts("host")
    for key in ["/other", nil] {
      mirror.environment["FLAGSTAFF_GIT_SSH_KEY_FILE"] = key.map { server.folder.path + $0 }
      let error = try await mirror.failure(nil, transport)
      #expect(error.code == .authentication)
      #expect(error.description.contains("FLAGSTAFF_GIT_SSH_KEY_FILE"))
    }
  }

  @Test("A key given as text serves libgit2; the git command says that it wants a file")
  func keyAsText() async throws {
    let (server, origin, commit) = try parts()
    var mirror = try TestMirror(of: server.address(of: origin))
    mirror.environment["FLAGSTAFF_GIT_KNOWN_HOSTS"] = try server.knownHosts("host")
    let key = try String(contentsOfFile: server.folder.path + "/user", encoding: .utf8)
    mirror.environment["FLAGSTAFF_GIT_SSH_KEY"] = key
    #expect(try await mirror.fetch().fetched.commit.hexadecimal == commit)
    #expect(try await mirror.failure(nil, .git).code == .refused)
  }

  private func parts() throws -> (ShellServer, TestRepository, commit: String) {
    let origin = try TestRepository()
    return (try ShellServer(), origin, try origin.commit())
  }
}
