// One start of ssh-keygen: a listed environment, the message on standard input, and a deadline
// where nobody sits before it. The message comes from a file, so that a child that ends early
// leaves nobody writing into a closed pipe.

internal import Documents
internal import Subprocess
internal import SystemPackage

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

struct Run: Sendable {
  let program: String
  let arguments: [String]
  /// The whole environment.
  let environment: [String: String]

  static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }

  /// Whether it exits with 0 before the deadline.
  ///
  /// - Throws: `hanging` at the deadline, with the child gone; `ended` where a signal ended it,
  ///   which tells nothing of what it was asked; `storage` where it cannot start.
  func isSuccess(
    reading input: String, deadlineSeconds: Int, _ operation: String
  ) async throws(SSHKeygenError) -> Bool {
    let outcome = await withTaskGroup(of: Result<Bool, SSHKeygenError>?.self) { group in
      group.addTask { await exit(reading: input, operation) }
      group.addTask {
        // One by one: seconds in which this process itself did not get to run count once, so that a
        // child that was done meanwhile is seen first. Nil when it was, and the wait is cancelled.
        for _ in 0..<deadlineSeconds {
          try? await Task.sleep(for: .seconds(1))
          if Task.isCancelled { return nil }
        }
        return .failure(
          SSHKeygenError(
            .hanging, operation: operation,
            reason: "ssh-keygen was not done after \(deadlineSeconds) seconds"))
      }
      var outcome: Result<Bool, SSHKeygenError>?
      for await next in group {
        guard outcome == nil, let next else { continue }
        outcome = next
        group.cancelAll()
      }
      return outcome
    }
    guard let outcome else {
      throw SSHKeygenError(.ended, operation: operation, reason: "nothing was found out")
    }
    return try outcome.get()
  }

  /// What it writes to standard output, where it exits with 0. It stays in this process's group and
  /// writes to its standard error, since it may have to ask a person.
  func output(
    reading input: String, _ operation: String
  ) async throws(SSHKeygenError) -> [UInt8]? {
    do {
      let file = try FileDescriptor.open(input, .readOnly)
      let result = try await Subprocess.run(
        configuration(),
        input: .fileDescriptor(file, closeAfterSpawningProcess: true),
        output: .bytes(limit: Limits.signatureBytesMax), error: .currentStandardError)
      return result.terminationStatus.isSuccess ? result.standardOutput : nil
    } catch {
      throw SSHKeygenError(.storage, operation: operation, reason: "\(error)")
    }
  }

  private func exit(
    reading input: String, _ operation: String
  ) async -> Result<Bool, SSHKeygenError> {
    do {
      let file = try FileDescriptor.open(input, .readOnly)
      var options = PlatformOptions()
      options.createSession = true
      options.teardownSequence = [
        .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .seconds(1))
      ]
      let result = try await Subprocess.run(
        configuration(options), input: .fileDescriptor(file, closeAfterSpawningProcess: true),
        output: .discarded, error: .discarded)
      guard case .exited = result.terminationStatus else {
        return .failure(
          SSHKeygenError(
            .ended, operation: operation,
            reason: "ssh-keygen was ended from outside (\(result.terminationStatus))"))
      }
      return .success(result.terminationStatus.isSuccess)
    } catch {
      return .failure(SSHKeygenError(.storage, operation: operation, reason: "\(error)"))
    }
  }

  private func configuration(_ options: PlatformOptions = PlatformOptions()) -> Configuration {
    var variables: [Environment.Key: String] = [:]
    for (name, value) in environment {
      if let key = Environment.Key(rawValue: name) { variables[key] = value }
    }
    return Configuration(
      executable: .path(FilePath(program)), arguments: Arguments(arguments),
      environment: .custom(variables), platformOptions: options)
  }
}
