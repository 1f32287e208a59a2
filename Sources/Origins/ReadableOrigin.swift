// What plans and verifications need of an origin: its files, by path. A directory gives them, and
// so does a web server, which cannot say what it has. Neither is believed: what is read counts only
// where it is signed, or named by a digest that is.

package import FlagstaffCore

package protocol ReadableOrigin: Sendable {
  /// How messages call it: a path or an address.
  var name: String { get }
  /// The bytes of a file; nil where there is none.
  func read(_ relativePath: String) async throws(OriginError) -> [UInt8]?
  /// Every scope whose pointer is there; nil where that cannot be asked.
  func scopesListed() async throws(OriginError) -> [ScopeID]?
}

extension DirectoryOrigin: ReadableOrigin {
  package var name: String { path }

  package func scopesListed() throws(OriginError) -> [ScopeID]? { try publishedScopes() }
}
