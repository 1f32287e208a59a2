// Brings a signer's ref to a remote, by the `git` command in the signer's own environment: whoever
// approves has Git set up to push, with an agent, a helper or a token that only it knows. Nothing
// is forced: where the remote has statements that are not here, they are fetched first.

internal import Documents

/// A push of one signer's ref, from the signer's own clone.
package struct ApprovalPush: Sendable {
  package enum Outcome: Hashable, Sendable {
    case pushed
    /// The remote has commits of the ref that are not here.
    case behind
  }

  private let path: String
  private let remote: String
  private let reference: String
  private let environment: [String: String]

  /// - Parameters:
  ///   - path: of the clone.
  ///   - remote: its name there.
  ///   - environment: the signer's own.
  package init(path: String, remote: String, identifier: String, environment: [String: String]) {
    self.path = path
    self.remote = remote
    self.environment = environment.merging(["LC_ALL": "C"]) { $1 }
    reference = ApprovalRef.name(identifier)
  }

  /// - Throws: `unreachable` with what Git says; `childFailed` without Git.
  package func push() throws(GitError) -> Outcome {
    let operation = "pushing \(reference) to \(Visible.text(remote))"
    let result = try git(
      ["push", "--porcelain", "--no-verify", remote, "\(reference):\(reference)"], operation)
    if result.isSuccess { return .pushed }
    let isBehind = result.output.split(separator: "\n").contains {
      $0.hasPrefix("!") && ($0.contains("(fetch first)") || $0.contains("(non-fast-forward)"))
    }
    if isBehind { return .behind }
    throw failure(result, operation)
  }

  /// Brings the remote's ref over the local one; nothing where the remote has none.
  ///
  /// - Throws: `unreachable` with what Git says; `childFailed` without Git.
  package func fetch() throws(GitError) {
    let operation = "fetching \(reference) from \(Visible.text(remote))"
    let result = try git(
      [
        "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", remote,
        "+\(reference):\(reference)",
      ],
      operation)
    if result.isSuccess || result.errors.contains("couldn't find remote ref") { return }
    throw failure(result, operation)
  }

  private func git(
    _ arguments: [String], _ operation: String
  ) throws(GitError) -> PlainCommand.Result {
    try PlainCommand(name: "git", arguments: ["-C", path] + arguments, environment: environment)
      .run(operation)
  }

  private func failure(_ result: PlainCommand.Result, _ operation: String) -> GitError {
    let lines = result.errors.split(whereSeparator: \.isNewline).suffix(6)
    return GitError(
      .unreachable, operation: operation,
      reason: lines.map { Visible.text(String($0)) }.joined(separator: " / "),
      remedy: "push it by hand with `git push \(Visible.text(remote)) \(reference)`")
  }
}
