// The callbacks with which libgit2 asks for credentials and about certificates. A credential is
// tried once: a server that refuses it would be asked the same again. Host keys and certificates
// are accepted exactly when libgit2 has verified them.

internal import CLibGit2

/// Answers libgit2 during one fetch. libgit2 holds a plain pointer to it, for the time of
/// `withCallbacks`.
final class FetchCredentials {
  private let secrets: FetchSecrets
  private let operation: String
  private var given: Set<UInt32> = []
  /// Why a credential could not be given, for lack of room in libgit2's status.
  private(set) var failure: GitError?

  init(secrets: FetchSecrets, operation: String) {
    self.secrets = secrets
    self.operation = operation
  }

  func withCallbacks<Result>(
    _ body: (git_remote_callbacks) throws(GitError) -> Result
  ) throws(GitError) -> Result {
    var callbacks = git_remote_callbacks()
    git_remote_init_callbacks(&callbacks, UInt32(GIT_REMOTE_CALLBACKS_VERSION))
    callbacks.payload = Unmanaged.passUnretained(self).toOpaque()
    callbacks.credentials = { output, _, user, allowed, payload in
      guard let output, let payload else { return GIT_EAUTH.rawValue }
      let credentials = Unmanaged<FetchCredentials>.fromOpaque(payload).takeUnretainedValue()
      return credentials.acquire(output, user: user.map { String(cString: $0) }, allowed)
    }
    // "valid: Whether the libgit2 checks think this certificate is valid." For SSH that is the look
    // into known_hosts, since 1.5.1 ("perform host key checking by default"); before, it was always
    // 0. So an unknown host is refused by every version.
    callbacks.certificate_check = { _, valid, _, _ in
      valid == 1 ? 0 : GIT_ECERTIFICATE.rawValue
    }
    defer { withExtendedLifetime(self) {} }
    return try body(callbacks)
  }

  private func acquire(
    _ output: UnsafeMutablePointer<UnsafeMutablePointer<git_credential>?>, user: String?,
    _ allowed: UInt32
  ) -> Int32 {
    do throws(GitError) {
      if allowed & GIT_CREDENTIAL_USERNAME.rawValue != 0 {
        return git_credential_username_new(output, user ?? "git")
      }
      if allowed & GIT_CREDENTIAL_SSH_MEMORY.rawValue != 0, let key = try secrets.sshKey() {
        try giveOnce(GIT_CREDENTIAL_SSH_MEMORY.rawValue, "the remote refused the key")
        return git_credential_ssh_key_memory_new(output, user ?? "git", nil, key, nil)
      }
      if allowed & GIT_CREDENTIAL_SSH_KEY.rawValue != 0, secrets.hasAgent {
        try giveOnce(GIT_CREDENTIAL_SSH_KEY.rawValue, "the remote refused the agent's keys")
        return git_credential_ssh_key_from_agent(output, user ?? "git")
      }
      if allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT.rawValue != 0,
        allowed & GIT_CREDENTIAL_SSH_KEY.rawValue == 0, let token = secrets.token
      {
        try giveOnce(GIT_CREDENTIAL_USERPASS_PLAINTEXT.rawValue, "the remote refused the token")
        return git_credential_userpass_plaintext_new(output, secrets.user, token)
      }
      throw GitError(
        .authentication, operation: operation,
        reason: "the remote asks for a credential, and none that it takes is given")
    } catch {
      failure = error
      return GIT_EAUTH.rawValue
    }
  }

  private func giveOnce(_ kind: UInt32, _ refusal: String) throws(GitError) {
    guard given.insert(kind).inserted else {
      throw GitError(.authentication, operation: operation, reason: refusal)
    }
  }
}
