// A fetch as the rest of the program sees it: one call with a deadline. The work is done by a child
// process in a group of its own, with a listed environment; at the deadline the whole group is
// killed, which the mirror survives.

internal import Documents
internal import Subprocess
internal import SystemPackage

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Brings one branch of a mirror up to date.
package struct Fetch: Sendable {
  /// What came of it.
  package struct Outcome: Hashable, Sendable {
    package let fetched: FetchedBranch
    /// What an earlier, killed fetch had left in the mirror and this one removed, for the log.
    package let removed: [String]
  }

  /// The path of this program, which is started again as `git-fetch-child`.
  package var program: String
  package var mirror: Mirror
  /// Nil for the remote's default branch.
  package var branch: String?
  /// The identifiers of the keys whose approvals are fetched too; no other ref is.
  package var approvals: Set<String>
  package var transport: FetchTransport
  /// The environment to pick the listed variables from.
  package var environment: [String: String]
  package var deadlineSeconds: Int

  package init(
    program: String, mirror: Mirror, branch: String?, approvals: Set<String> = [],
    transport: FetchTransport = .libgit2, environment: [String: String],
    deadlineSeconds: Int = Limits.fetchSecondsMax
  ) {
    self.approvals = approvals
    self.program = program
    self.mirror = mirror
    self.branch = branch
    self.transport = transport
    self.environment = environment
    self.deadlineSeconds = deadlineSeconds
  }

  /// Fetches. The mirror is made if it is not there.
  ///
  /// - Throws: `hanging` at the deadline, with every process of the fetch gone; what the child
  ///   says; `childFailed` if it says nothing.
  package func run() async throws(GitError) -> Outcome {
    let secrets = try FetchSecrets(from: environment)
    try makeFolders()
    let ending: Ending
    do {
      ending = try await end(of: configuration(secrets))
    } catch {
      throw failure(.childFailed, secrets.masking("\(error)"))
    }
    switch ending {
    case .late:
      throw failure(.hanging, "it was not done after \(deadlineSeconds) seconds")
    case .exited(let output, let errors):
      let answer = FetchAnswer(text: secrets.masking(output))
      switch answer.result {
      case .success(let fetched): return Outcome(fetched: fetched, removed: answer.removed)
      case .failure(let error): throw error
      case nil:
        let text = Visible.text(bytes: secrets.masking(errors).utf8.suffix(500))
        throw failure(.childFailed, "the fetching process ended without an answer: \(text)")
      }
    }
  }

  private func failure(_ code: GitError.Code, _ reason: String) -> GitError {
    GitError(code, operation: "fetching \(mirror.address)", reason: reason)
  }

  /// The folder of the mirrors, for nobody else to read.
  private func makeFolders() throws(GitError) {
    var folder = ""
    for part in mirror.path.split(separator: "/", omittingEmptySubsequences: false).dropLast() {
      folder += part + "/"
      if mkdir(folder, 0o700) == 0 || errno == EEXIST { continue }
      throw GitError(
        .storage, operation: "making the folder \(Visible.text(folder))",
        reason: "\(Errno(rawValue: errno))")
    }
  }

  private func configuration(_ secrets: FetchSecrets) -> Configuration {
    let order = FetchOrder(
      transport: transport, mirrorPath: mirror.path, address: mirror.address.text, branch: branch,
      deadlineSeconds: deadlineSeconds, approvals: approvals)
    var variables: [Environment.Key: String] = [:]
    for (name, value) in secrets.environment {
      if let key = Environment.Key(rawValue: name) { variables[key] = value }
    }
    var options = PlatformOptions()
    // A session of its own is a group of its own: killing it takes along what the child started.
    options.createSession = true
    options.teardownSequence = [
      .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .seconds(1))
    ]
    return Configuration(
      executable: .path(FilePath(program)),
      arguments: Arguments([FetchChild.name] + order.arguments),
      environment: .custom(variables), platformOptions: options)
  }

  private enum Ending: Sendable {
    case exited(output: String, errors: String)
    case late
  }

  /// Whichever is first, the child's end or the deadline. It returns when the child is gone.
  private func end(of configuration: Configuration) async throws -> Ending {
    let deadline = Duration.seconds(deadlineSeconds)
    return try await withThrowingTaskGroup(of: Ending?.self) { group in
      group.addTask {
        let result = try await Subprocess.run(
          configuration, output: .string(limit: 1024 * 1024), error: .string(limit: 1024 * 1024))
        return .exited(output: result.standardOutput, errors: result.standardError)
      }
      group.addTask {
        // Nil when the child was first and the wait is cancelled.
        try? await Task.sleep(for: deadline)
        return Task.isCancelled ? nil : .late
      }
      let first = try await group.next() ?? nil
      group.cancelAll()
      while let _ = try? await group.next() {}
      return first ?? .late
    }
  }
}
