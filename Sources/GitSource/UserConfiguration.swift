// What a person has told Git about himself, asked of Git, because only it knows which files count,
// and in which order. It is asked by commands that a person runs, never by the controller.

internal import Documents

package enum UserConfiguration {
  /// The value of a setting, as `git config --get` prints it; nil where there is none.
  ///
  /// - Throws: `childFailed` without Git.
  package static func value(
    of name: String, in path: String, environment: [String: String]
  ) throws(GitError) -> String? {
    let result = try PlainCommand(
      name: "git", arguments: ["-C", path, "config", "--get", name], environment: environment
    ).run("reading \(name) of Git's configuration")
    guard result.isSuccess else { return nil }
    let value = result.output.split(separator: "\n").first.map(String.init) ?? ""
    return value.isEmpty ? nil : value
  }
}
