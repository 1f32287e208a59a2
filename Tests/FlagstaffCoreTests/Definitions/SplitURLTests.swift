// Addresses that an edge would follow: what is a path or an address of the web, and what is refused
// since it leads elsewhere, carries credentials, or is read differently by different programs.

import Documents
import Testing

@Suite("Split-URL tests")
struct SplitURLTests {
  private static let long = String(repeating: "x", count: 2_048)

  private func codes(_ splitURL: String) -> [String] {
    TestRepository(
      """
      experiments:
        a:
          traffic: 1%
          control: b
          variants: {b: 1, c: 1}
          environments: {production: {}}
          splitUrl: \(splitURL)
      """
    ).findings.map(\.code.rawValue)
  }

  @Test(
    "A path is absolute, of one site, and names a page alone",
    arguments: [
      "a", "//a", "/a?b=c", "/a#b", "/a b", "/ä", "https://acme.example/a", "/" + long,
    ])
  func path(_ path: String) {
    #expect(codes("{path: '\(path)', urls: {b: /a, c: /c}}") == ["FS2085"])
  }

  @Test(
    "An address is a path, or one of the web without credentials",
    arguments: [
      "c", "//acme.example/c", "ftp://acme.example/c", "javascript:alert(1)", "/c d", "/\\\\c",
      "https://", "https:///c", "https://:443/c", "https://user@acme.example/c", "/" + long,
      "HTTPS://u:p@acme.example", "https://acme.example/<c>", "https://acme.example@evil.example",
      "https://acme.example/" + long,
    ])
  func address(_ address: String) {
    #expect(codes("{path: /a, urls: {b: /a, c: '\(address)'}}") == ["FS2086"])
  }

  @Test("What is right is taken", arguments: ["/c", "/a?old=1#top", "https://b.example/c", "/"])
  func accepted(_ address: String) {
    #expect(codes("{path: /a, urls: {b: /a, c: '\(address)'}}") == [])
  }
}
