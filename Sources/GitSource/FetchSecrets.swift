// What a fetch may know: the listed variables and nothing else of the environment. The parent picks
// them and hands them to the child as its whole environment; no option and no address carries a
// secret, and every text that leaves a fetch is masked.

internal import SystemPackage

/// The credentials and trust of a fetch, from the listed variables.
struct FetchSecrets: Sendable {
  /// The environment of the child: the listed variables that are set, and nothing else.
  let environment: [String: String]

  /// Passed on as they are. Proxies are not: a fetch goes where its address says.
  private static let listed = [
    "HOME", "PATH", "SSH_AUTH_SOCK", "FLAGSTAFF_GIT_TOKEN", "FLAGSTAFF_GIT_USER",
    "FLAGSTAFF_GIT_SSH_KEY", "FLAGSTAFF_GIT_SSH_KEY_FILE", "FLAGSTAFF_GIT_KNOWN_HOSTS",
    "FLAGSTAFF_GIT_CA_FILE",
  ]

  /// Picks the listed variables. `FLAGSTAFF_GIT_TOKEN_FILE` is read here, so that the child and the
  /// masks know the token itself.
  ///
  /// - Throws: `storage` if that file cannot be read.
  init(from environment: [String: String]) throws(GitError) {
    var picked = environment.filter { Self.listed.contains($0.key) && !$0.value.isEmpty }
    if picked["FLAGSTAFF_GIT_TOKEN"] == nil, let file = environment["FLAGSTAFF_GIT_TOKEN_FILE"],
      !file.isEmpty
    {
      picked["FLAGSTAFF_GIT_TOKEN"] = try Self.content(of: file, "FLAGSTAFF_GIT_TOKEN_FILE")
    }
    self.environment = picked
  }

  var token: String? { environment["FLAGSTAFF_GIT_TOKEN"] }
  /// Forges ignore the user beside a token, save a few that want a certain one.
  var user: String { environment["FLAGSTAFF_GIT_USER"] ?? "x-access-token" }
  var sshKeyFile: String? { environment["FLAGSTAFF_GIT_SSH_KEY_FILE"] }
  var knownHostsFile: String? { environment["FLAGSTAFF_GIT_KNOWN_HOSTS"] }
  var certificateFile: String? { environment["FLAGSTAFF_GIT_CA_FILE"] }
  var hasAgent: Bool { environment["SSH_AUTH_SOCK"] != nil }

  /// The private key for SSH, as text; nil if none is given.
  ///
  /// - Throws: `storage` if the file cannot be read.
  func sshKey() throws(GitError) -> String? {
    if let key = environment["FLAGSTAFF_GIT_SSH_KEY"] { return key }
    guard let sshKeyFile else { return nil }
    return try Self.content(of: sshKeyFile, "FLAGSTAFF_GIT_SSH_KEY_FILE") + "\n"
  }

  /// The text without any secret that this fetch knows, as it is and as HTTP sends it.
  func masking(_ text: String) -> String {
    var text = text
    for secret in [token, token.map { base64("\(user):\($0)") }] {
      if let secret {
        text = text.split(separator: secret, omittingEmptySubsequences: false)
          .joined(separator: "…")
      }
    }
    return text
  }

  /// The text of a small file without one final newline.
  private static func content(of path: String, _ variable: String) throws(GitError) -> String {
    do {
      let file = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
      let bytes = try file.closeAfter {
        var bytes = [UInt8](repeating: 0, count: 64 * 1024)
        var count = 0
        while count < bytes.count {
          let read = try bytes.withUnsafeMutableBytes { buffer in
            try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
          }
          if read == 0 { break }
          count += read
        }
        return bytes.prefix(count)
      }
      let text = String(decoding: bytes, as: UTF8.self)
      return text.hasSuffix("\n") ? String(text.dropLast()) : text
    } catch {
      throw GitError(
        .storage, operation: "reading the file named by \(variable)", reason: "\(error)")
    }
  }
}

/// Standard base64 with padding (RFC 4648, section 4).
private func base64(_ text: String) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  var output = ""
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let group = rest.prefix(3)
    rest = rest.dropFirst(3)
    let bits = (0..<3).reduce(UInt32(0)) { sum, index in
      sum << 8 | (index < group.count ? UInt32(group[group.startIndex + index]) : 0)
    }
    for index in 0..<4 {
      output.append(
        index <= group.count ? alphabet[Int(bits >> (18 - 6 * index)) & 63] : "=")
    }
  }
  return output
}
