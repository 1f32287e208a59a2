// Where a repository is: a path of this machine, or an address that is fetched from. Addresses end
// up in messages, logs and the arguments of processes, so one that holds a credential is refused
// before it gets anywhere, and so is whatever Git would understand as an option or as a program to
// run.

internal import Documents

/// A path, or an address of one of the three schemes that Flagstaff fetches from.
package struct RemoteAddress: Hashable, Sendable, CustomStringConvertible {
  package enum Transport: Hashable, Sendable {
    /// A folder of this machine, read in place.
    case path
    case file
    case https
    /// `ssh://…`, or the short form `user@host:path`.
    case ssh
  }

  package let transport: Transport
  /// As it was given. It holds no credential: an address with one is not made.
  package let text: String

  package var description: String { text }

  /// - Throws: `refused`, with the reason and without the credential.
  package init(_ text: String) throws(GitError) {
    let operation = "reading the address \(Self.masked(text))"
    func refusal(_ reason: String, remedy: String? = nil) -> GitError {
      GitError(.refused, operation: operation, reason: reason, remedy: remedy)
    }
    guard !text.isEmpty, !text.hasPrefix("-"),
      !text.unicodeScalars.contains(where: Visible.isActive)
    else { throw refusal("it is empty, begins with a dash or has control characters in it") }
    self.text = text
    transport = try Self.transport(of: text, refusal)
  }

  private static func transport(
    of text: String, _ refusal: (String, String?) -> GitError
  ) throws(GitError) -> Transport {
    guard let (scheme, rest) = split(text, at: "://") else {
      if text.contains("::") { throw refusal("remote helpers are not used", nil) }
      guard isShortForm(text) else { return .path }
      try checkHost(String(text.prefix { $0 != ":" }), mayNameUser: true, refusal)
      return .ssh
    }
    let authority = String(rest.prefix { $0 != "/" })
    switch scheme.lowercased() {
    case "file":
      guard authority.isEmpty || authority == "localhost" else {
        throw refusal("a file:// address names no host", "write file:///path")
      }
      return .file
    case "https":
      try checkHost(authority, mayNameUser: false, refusal)
      if rest.contains(where: { $0 == "?" || $0 == "#" }) { throw refusal(credential, remedy) }
      return .https
    case "ssh":
      try checkHost(authority, mayNameUser: true, refusal)
      return .ssh
    default: throw refusal("the scheme \(scheme) is not supported", nil)
    }
  }

  private static let credential = "an address may not hold a credential or a query"
  private static let remedy =
    "put the token into FLAGSTAFF_GIT_TOKEN, or into a file named by FLAGSTAFF_GIT_TOKEN_FILE, "
    + "and take it out of the address"

  private static func checkHost(
    _ authority: String, mayNameUser: Bool, _ refusal: (String, String?) -> GitError
  ) throws(GitError) {
    var host = Substring(authority)
    if let at = authority.lastIndex(of: "@") {
      let user = authority[..<at]
      guard mayNameUser, !user.contains(":") else { throw refusal(credential, remedy) }
      host = authority[authority.index(after: at)...]
      if user.hasPrefix("-") { throw refusal("the user begins with a dash", nil) }
    }
    if host.isEmpty || host.hasPrefix("-") { throw refusal("it names no host", nil) }
  }

  /// `user@host:path`: a colon before any slash (git-fetch(1), "GIT URLS").
  private static func isShortForm(_ text: String) -> Bool {
    guard let colon = text.firstIndex(of: ":") else { return false }
    return !text[..<colon].contains("/")
  }

  /// The text with what may be a credential replaced, for messages about addresses that are
  /// refused.
  static func masked(_ text: String) -> String {
    var shown = Visible.text(text)
    if let query = shown.firstIndex(where: { $0 == "?" || $0 == "#" }), shown.contains("://") {
      shown = shown[..<query] + "?…"
    }
    guard let (scheme, rest) = split(shown, at: "://") else {
      guard let at = shown.lastIndex(of: "@"), shown[..<at].contains(":") else { return shown }
      return "…" + shown[at...]
    }
    guard let at = rest.lastIndex(of: "@") else { return shown }
    return scheme + "://…" + rest[at...]
  }

  private static func split(_ text: String, at mark: String) -> (String, String)? {
    var rest = text[...]
    while !rest.isEmpty {
      if rest.hasPrefix(mark) {
        return (String(text[..<rest.startIndex]), String(rest.dropFirst(mark.count)))
      }
      rest.removeFirst()
    }
    return nil
  }
}
