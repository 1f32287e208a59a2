// Which addresses are taken, and that no credential gets any further than the refusal.

import GitSource
import Testing

@Suite struct RemoteAddressTests {
  @Test(
    "An address has the transport that its form says",
    arguments: [
      (".", .path), ("/srv/git/x.git", .path), ("../x", .path), ("a/b:c", .path),
      ("file:///srv/x", .file), ("file://localhost/srv/x", .file),
      ("https://example.org/a/b.git", .https), ("https://example.org:8443/a", .https),
      ("HTTPS://example.org/a", .https), ("ssh://git@example.org:2222/a.git", .ssh),
      ("ssh://example.org/a.git", .ssh), ("git@example.org:a/b.git", .ssh), ("host:a", .ssh),
    ] as [(String, RemoteAddress.Transport)])
  func transports(text: String, transport: RemoteAddress.Transport) throws {
    let address = try RemoteAddress(text)
    #expect(address.transport == transport)
    #expect(address.description == text)
  }

  @Test(
    "An address with a credential is refused with where it goes, and without showing it",
    arguments: [
      "https://user:s3cret@example.org/x", "https://s3cret@example.org/x",
      "https://example.org/x?private_token=s3cret", "https://example.org/x#s3cret",
      "ssh://git:s3cret@example.org/x", "https://user:s3cret@@example.org/x",
    ])
  func credentials(text: String) throws {
    let error = try #require(throws: GitError.self) { try RemoteAddress(text) }
    #expect(error.code == .refused)
    #expect(!"\(error) \(error.operation) \(error.reason)".contains("s3cret"))
    #expect(error.description.contains("example.org"))
    #expect(error.description.contains("FLAGSTAFF_GIT_TOKEN"))
  }

  @Test(
    "What Git would take for an option, a program or an unsafe transport is refused",
    arguments: [
      "", "-u", "--upload-pack=x", "ext::sh -c x", "http://example.org/x", "git://example.org/x",
      "ftp://example.org/x", "ssh://-oProxyCommand=x/y", "ssh://git@-x/y", "-x@host:y", "x@-y:z",
      "https:///x", "file://host/x", "https://example.org/\u{7}x",
    ])
  func refused(text: String) throws {
    #expect(try #require(throws: GitError.self) { try RemoteAddress(text) }.code == .refused)
  }
}
