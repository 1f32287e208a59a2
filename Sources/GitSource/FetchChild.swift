// What the fetching process does. libgit2 1.5 has no time-out against a server that falls silent,
// so fetching is a process of its own that can be killed: the program itself, started again with
// hidden arguments. It answers in a few lines on its standard output, whatever happens.

internal import Documents
internal import SystemPackage

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The child's side of a fetch; `Fetch` is the parent's.
package enum FetchChild {
  /// The first argument with which the program becomes a fetching process.
  package static let name = "git-fetch-child"

  /// Fetches, writes the answer to the standard output, and returns the exit code: 0 if it is
  /// fetched, 1 if not, 64 for arguments that no parent gives.
  package static func run(arguments: [String]) -> Int32 {
    guard let order = FetchOrder(arguments: arguments) else {
      _ = try? FileDescriptor.standardError.writeAll("\(name) is for Flagstaff's own use\n".utf8)
      return 64
    }
    endWithParent(afterSeconds: order.deadlineSeconds + 5)
    var answer = FetchAnswer(removed: [], result: nil)
    var secrets: FetchSecrets?
    do throws(GitError) {
      let known = try FetchSecrets(from: environmentOfThisProcess())
      secrets = known
      let mirror = Mirror(path: order.mirrorPath, address: try RemoteAddress(order.address))
      let lock = try MirrorLock(
        of: mirror.path, at: mirror.lockPath,
        waitSeconds: max(order.deadlineSeconds / 2, 1))
      answer.removed = lock.removeLeftovers()
      answer.result = .success(try fetch(order, into: mirror, known))
      withExtendedLifetime(lock) {}
    } catch {
      answer.result = .failure(error)
    }
    write(secrets?.masking(answer.text) ?? answer.text)
    if case .success = answer.result { return 0 }
    return 1
  }

  /// Writes the answer to standard output. A parent that is gone needs none.
  private static func write(_ answer: String) {
    _ = try? FileDescriptor.standardOutput.writeAll(answer.utf8)
  }

  private static func fetch(
    _ order: FetchOrder, into mirror: Mirror, _ secrets: FetchSecrets
  ) throws(GitError) -> FetchedBranch {
    switch order.transport {
    case .libgit2:
      // Before libgit2 starts, for that is when it asks for the home folder.
      try prepareHome(mirror.homePath, secrets)
      let repository = try GitRepository.openMirror(at: mirror.path)
      return try LibraryFetch(
        mirror: repository, address: mirror.address, branch: order.branch,
        approvals: order.approvals, secrets: secrets
      ).run()
    case .git:
      let repository = try GitRepository.openMirror(at: mirror.path)
      return try CommandFetch(
        mirror: repository, address: mirror.address, branch: order.branch,
        approvals: order.approvals, secrets: secrets, deadlineSeconds: order.deadlineSeconds
      ).run()
    }
  }

  /// libgit2 1.5 reads the known hosts of SSH from `.ssh/known_hosts` of the home folder and offers
  /// no way to name another file. Where one is named, the child gets a home of its own with a link
  /// to it.
  private static func prepareHome(
    _ home: String, _ secrets: FetchSecrets
  ) throws(GitError) {
    guard let file = secrets.knownHostsFile else { return }
    mkdir(home, 0o700)
    mkdir(home + "/.ssh", 0o700)
    let link = home + "/.ssh/known_hosts"
    unlink(link)
    guard let target = realpath(file, nil) else {
      throw GitError(
        .storage, operation: "reading the file named by FLAGSTAFF_GIT_KNOWN_HOSTS",
        reason: "\(Visible.text(file)) is not there")
    }
    defer { free(target) }
    guard symlink(target, link) == 0, setenv("HOME", home, 1) == 0 else {
      throw GitError(
        .storage, operation: "naming the known hosts", reason: "\(home) cannot be written")
    }
  }

  /// Should the parent be killed, nobody is left to keep the deadline: the child ends by itself,
  /// with all that it has started if it leads their group.
  private static func endWithParent(afterSeconds seconds: Int) {
    // Whoever started this process may have blocked the signal on the thread that did.
    var alarms = sigset_t()
    sigemptyset(&alarms)
    sigaddset(&alarms, SIGALRM)
    sigprocmask(SIG_UNBLOCK, &alarms, nil)
    if getpgrp() == getpid() { signal(SIGALRM) { _ in kill(0, SIGKILL) } }
    alarm(UInt32(clamping: seconds))
  }

  private static func environmentOfThisProcess() -> [String: String] {
    var variables: [String: String] = [:]
    var next = environ
    while let entry = next.pointee {
      let text = String(cString: entry)
      if let mark = text.firstIndex(of: "=") {
        variables[String(text[..<mark])] = String(text[text.index(after: mark)...])
      }
      next += 1
    }
    return variables
  }
}

/// How objects are fetched.
package enum FetchTransport: String, Hashable, Sendable, CaseIterable {
  case libgit2
  /// The `git` command, for what libgit2 cannot reach: TLS 1.3 alone, RSA keys of SSH, credential
  /// helpers. It reads the user's own configuration of Git.
  case git
}

/// What the parent asks of the child, as arguments.
struct FetchOrder: Hashable {
  var transport: FetchTransport
  var mirrorPath: String
  var address: String
  /// Nil for the remote's default branch.
  var branch: String?
  var deadlineSeconds: Int
  /// The identifiers of the keys whose refs are fetched too.
  var approvals: Set<String>

  var arguments: [String] {
    [transport.rawValue, mirrorPath, address, branch ?? "", String(deadlineSeconds)]
      + approvals.sorted { $0.precedesInBytes($1) }
  }
}

extension FetchOrder {
  init?(arguments: [String]) {
    guard arguments.count >= 5, let transport = FetchTransport(rawValue: arguments[0]),
      let seconds = Int(arguments[4]), seconds > 0
    else { return nil }
    self.init(
      transport: transport, mirrorPath: arguments[1], address: arguments[2],
      branch: arguments[3].isEmpty ? nil : arguments[3], deadlineSeconds: seconds,
      approvals: Set(arguments.dropFirst(5)))
  }
}

/// A branch as it was fetched.
package struct FetchedBranch: Hashable, Sendable {
  /// The short name; of the default branch, if none was asked for.
  package let branch: String
  package let commit: CommitID
  /// Why approvals could not be brought; the branch is there all the same.
  package let approvalProblem: String?

  init(branch: String, commit: CommitID, approvalProblem: String? = nil) {
    self.branch = branch
    self.commit = commit
    self.approvalProblem = approvalProblem
  }
}

/// What the child answers, as lines of a word and a text.
struct FetchAnswer {
  var removed: [String]
  var result: Result<FetchedBranch, GitError>?

  var text: String {
    var lines = removed.map { "removed \(Visible.text($0))" }
    switch result {
    case .success(let fetched):
      // Git allows no line end in a branch's name.
      lines += ["branch \(fetched.branch)", "commit \(fetched.commit.hexadecimal)"]
      lines += fetched.approvalProblem.map { ["approvals \(Visible.text($0))"] } ?? []
    case .failure(let error):
      let parts = [
        ("code", error.code.rawValue), ("operation", error.operation), ("reason", error.reason),
        ("remedy", error.remedy),
      ]
      lines += parts.map { "\($0) \(Visible.text($1))" }
    case nil: break
    }
    return lines.map { $0 + "\n" }.joined()
  }
}

extension FetchAnswer {
  init(text: String) {
    var values: [String: String] = [:]
    removed = []
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      if parts[0] == "removed" { removed.append(String(parts[1])) }
      values[String(parts[0])] = String(parts[1])
    }
    if let branch = values["branch"], let commit = values["commit"].flatMap(CommitID.init) {
      result = .success(
        FetchedBranch(branch: branch, commit: commit, approvalProblem: values["approvals"]))
    } else if let code = values["code"], let operation = values["operation"],
      let reason = values["reason"]
    {
      result = .failure(
        GitError(
          GitError.Code(rawValue: code), operation: operation, reason: reason,
          remedy: values["remedy"]))
    }
  }
}
