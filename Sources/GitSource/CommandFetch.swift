// A fetch through the `git` command, for what libgit2 cannot reach. It is told what it may do by
// arguments and environment: no hooks, no prompts, no other transports, no collection of garbage.
// The token reaches it through a credential helper that reads the environment, bound to the host of
// the address, so it is never an argument and never goes to another host.

internal import Documents
internal import SystemPackage

struct CommandFetch {
  let mirror: GitRepository
  let address: RemoteAddress
  /// Nil for the remote's default branch.
  let branch: String?
  /// The identifiers of the keys whose refs are wanted.
  let approvals: Set<String>
  let secrets: FetchSecrets
  let deadlineSeconds: Int

  func run() throws(GitError) -> FetchedBranch {
    let operation = "fetching \(address) with the git command"
    let listed = try git(["ls-remote", "--symref", "--", address.text], operation)
    let advertised = Advertised(listing: listed)
    let branch = try advertised.branch(named: branch, operation: operation)
    try mirror.removeBranches(except: Set(advertised.commits.keys))
    try fetch(["+refs/heads/\(branch):\(Mirror.reference(ofBranch: branch))"], operation)
    if self.branch == nil { try mirror.setDefaultBranch(branch) }
    // It may have moved on since it was listed; what stands in the mirror now is what was fetched.
    return FetchedBranch(
      branch: branch, commit: try mirror.head(ofBranch: branch),
      approvalProblem: fetchApprovals(advertised, operation))
  }

  /// Brings the refs of signers up to date, and says what keeps them from it.
  private func fetchApprovals(_ advertised: Advertised, _ operation: String) -> String? {
    do throws(GitError) {
      let changed = try mirror.changedApprovals(advertised, among: approvals)
      guard !changed.isEmpty else { return nil }
      try fetch(changed.map { "+\(ApprovalRef.name($0)):\(ApprovalRef.name($0))" }, operation)
      return nil
    } catch {
      return error.reason
    }
  }

  private func fetch(_ specifications: [String], _ operation: String) throws(GitError) {
    _ = try git(
      [
        "fetch", "--quiet", "--no-tags", "--no-auto-gc", "--no-write-fetch-head",
        "--no-recurse-submodules", "--", address.text,
      ] + specifications, operation)
  }

  /// Runs `git` in the mirror and returns its output.
  private func git(_ arguments: [String], _ operation: String) throws(GitError) -> String {
    let command = PlainCommand(
      name: "git", arguments: settings + arguments, environment: try environment(operation))
    let result = try command.run(operation)
    if result.isSuccess { return result.output }
    let text = secrets.masking(result.errors)
    let lines = text.split(whereSeparator: \.isNewline).suffix(6).map { Visible.text(String($0)) }
    throw GitError(
      Self.code(of: text), operation: operation, reason: lines.joined(separator: " / "))
  }

  private var settings: [String] {
    var settings = [
      "core.hooksPath=/dev/null", "core.fsync=all", "gc.auto=0", "maintenance.auto=false",
      "protocol.allow=never", "protocol.ext.allow=never", "protocol.file.allow=always",
      "protocol.https.allow=always", "protocol.ssh.allow=always", "http.followRedirects=false",
      "http.lowSpeedLimit=1", "http.lowSpeedTime=\(deadlineSeconds)",
    ]
    if address.transport == .https, secrets.token != nil {
      let host = address.text.dropFirst("https://".count).prefix { $0 != "/" }
      // The first entry empties the list of helpers for this host.
      settings.append("credential.https://\(host).helper=")
      settings.append("credential.https://\(host).helper=\(Self.helper)")
    }
    return ["--git-dir=\(mirror.path)"] + settings.flatMap { ["-c", $0] }
  }

  /// A helper as gitcredentials(7) describes it: a shell function that answers `get`.
  private static let helper =
    "!f() { test \"$1\" = get && printf 'username=%s\\npassword=%s\\n' "
    + "\"$FLAGSTAFF_GIT_USER\" \"$FLAGSTAFF_GIT_TOKEN\"; }; f"

  private func environment(_ operation: String) throws(GitError) -> [String: String] {
    var environment = secrets.environment.filter { $0.key != "FLAGSTAFF_GIT_SSH_KEY" }
    environment["FLAGSTAFF_GIT_USER"] = secrets.user
    environment["LC_ALL"] = "C"
    environment["GIT_TERMINAL_PROMPT"] = "0"
    environment["GIT_ASKPASS"] = ""
    environment["SSH_ASKPASS"] = ""
    environment["GIT_SSL_CAINFO"] = secrets.certificateFile
    if address.transport == .ssh {
      guard secrets.environment["FLAGSTAFF_GIT_SSH_KEY"] == nil else {
        throw GitError(
          .refused, operation: operation, reason: "the git command takes a key from a file alone",
          remedy: "name the key's file in FLAGSTAFF_GIT_SSH_KEY_FILE")
      }
      environment["GIT_SSH_COMMAND"] = sshCommand
    }
    return environment
  }

  private var sshCommand: String {
    var words = ["ssh", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"]
    // ssh asks the system for the home folder; libgit2 believes HOME. Both shall read one file.
    let ownFile = secrets.environment["HOME"].map { $0 + "/.ssh/known_hosts" }
    if let file = secrets.knownHostsFile ?? ownFile {
      words += ["-o", quoted("UserKnownHostsFile=\"\(file)\"")]
    }
    if let file = secrets.sshKeyFile { words += ["-o", "IdentitiesOnly=yes", "-i", quoted(file)] }
    return words.joined(separator: " ")
  }

  /// A word for the shell that runs `GIT_SSH_COMMAND`.
  private func quoted(_ word: String) -> String {
    "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }

  /// What Git's messages mean. They are text for people and may change; what is not recognised is
  /// taken for a remote that cannot be reached.
  private static func code(of text: String) -> GitError.Code {
    let meanings: [(GitError.Code, [String])] = [
      (.hostKey, ["Host key verification failed"]),
      (
        .authentication,
        ["Authentication failed", "could not read Username", "Permission denied (", "error: 403"]
      ),
      (.certificate, ["certificate", "SSL "]),
      (.unknownBranch, ["couldn't find remote ref"]),
    ]
    return meanings.first { $0.1.contains { text.contains($0) } }?.0 ?? .unreachable
  }
}

extension Advertised {
  /// Of the output of `git ls-remote --symref`.
  init(listing: String) {
    var commits: [Text: CommitID] = [:]
    var approvals: [String: CommitID] = [:]
    var head: String?
    for line in listing.split(separator: "\n") {
      let parts = line.split(separator: "\t", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { continue }
      if parts[1] == "HEAD", parts[0].hasPrefix("ref: ") { head = String(parts[0].dropFirst(5)) }
      if parts[1].hasPrefix("refs/heads/") { commits[Text(parts[1])] = CommitID(parts[0]) }
      if let signer = ApprovalRef.identifier(ofReference: parts[1]) {
        approvals[signer] = CommitID(parts[0])
      }
    }
    self.init(commits: commits, head: head, approvals: approvals)
  }
}
