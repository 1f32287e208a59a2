// The only place that starts `ssh-keygen`, the program that Git itself runs for SSH signatures. To
// verify it gets one list of allowed signers a signature, made here: one line with one principal in
// hexadecimal, one namespace, one key. Nothing that a person wrote is in it, so nothing can be read
// as an option, a pattern or a second line. Windows of validity are not: ssh-keygen reads them in
// the local zone, and the core checks them anyway. Its words are never read: exit code 0 counts.

internal import Documents
package import Signing
internal import Subprocess
internal import SystemPackage

/// A signature that ssh-keygen found to be by its key, for its use, over its message.
package struct VerifiedSignature: Hashable, Sendable {
  package let claim: SignatureClaim

  fileprivate init(_ claim: SignatureClaim) {
    self.claim = claim
  }
}

/// Which signatures were verified, remembered by their digests alone, 32 bytes each: a digest names
/// key, namespace, message and signature, so what was true of it stays true.
package struct SignatureMemory: Sendable {
  private var verified: Set<Digest> = []
  private var refuted: Set<Digest> = []

  package init() {}

  /// Whether nothing is known of a claim.
  package func isNew(_ claim: SignatureClaim) -> Bool {
    !verified.contains(claim.digest) && !refuted.contains(claim.digest)
  }

  /// What ssh-keygen said of a claim; nil where it did not find it true.
  package subscript(claim: SignatureClaim) -> VerifiedSignature? {
    verified.contains(claim.digest) ? VerifiedSignature(claim) : nil
  }

  /// Remembers what came of some claims.
  package mutating func take(_ found: [Digest: VerifiedSignature], of claims: [SignatureClaim]) {
    for claim in claims {
      if found[claim.digest] == nil {
        refuted.insert(claim.digest)
      } else {
        verified.insert(claim.digest)
      }
    }
  }
}

/// The key to sign with, as Git's `user.signingKey` names it.
package enum SigningIdentity: Hashable, Sendable {
  /// The path of a private key, or of a public one whose private key an agent holds.
  case file(String)
  /// A key that the agent in SSH_AUTH_SOCK holds: `key::ssh-ed25519 AAAA…`.
  case agent(SSHPublicKey)
}

package struct SSHKeygen: Sendable {
  private let environment: [String: String]
  private let deadlineSeconds: Int

  /// - Parameters:
  ///   - environment: of this program; children get the listed variables alone.
  ///   - deadlineSeconds: for one verification.
  package init(
    environment: [String: String], deadlineSeconds: Int = Limits.verificationSecondsMax
  ) {
    self.environment = environment
    self.deadlineSeconds = deadlineSeconds
  }

  /// The whole environment of a child that verifies. A fixed zone, because ssh-keygen reads times.
  private var verifying: [String: String] {
    ["PATH": path, "LC_ALL": "C", "TZ": "UTC0"]
  }

  /// What signing takes beside: an agent, a terminal or a window that asks for a passphrase, a
  /// library for security keys.
  private static let signingVariables = [
    "SSH_AUTH_SOCK", "HOME", "DISPLAY", "WAYLAND_DISPLAY", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE",
    "SSH_SK_PROVIDER", "TERM",
  ]

  private var path: String { environment["PATH"] ?? "/usr/bin:/bin" }

  /// Where files for children are written: TMPDIR, as everywhere on POSIX (XBD, 8.3), since the
  /// root of a container is often read-only.
  private var temporary: String {
    environment["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
  }
}

// MARK: - Verifying

extension SSHKeygen {
  /// Each is a process that computes for milliseconds; more would take the machine from others.
  private static let childrenAtOnce = 2

  /// Those of some claims that are true, by their digests. What is not among them is false.
  ///
  /// - Throws: `missing`, `hanging`, `ended` or `storage`; then nothing is known of any claim.
  package func verified(
    _ claims: [SignatureClaim]
  ) async throws(SSHKeygenError) -> [Digest: VerifiedSignature] {
    if claims.isEmpty { return [:] }
    let operation = "verifying \(claims.count) signatures"
    let program = try program(operation)
    let folder = try ScratchFolder(in: temporary, operation)
    let path = folder.path
    let children = Self.childrenAtOnce
    let outcome = await withTaskGroup(of: Result<[SignatureClaim], SSHKeygenError>.self) { group in
      for child in 0..<children {
        group.addTask {
          var found: [SignatureClaim] = []
          do throws(SSHKeygenError) {
            for index in stride(from: child, to: claims.count, by: children) {
              let place = "\(path)/\(child)"
              if try await isTrue(claims[index], program, at: place, operation) {
                found.append(claims[index])
              }
            }
          } catch { return .failure(error) }
          return .success(found)
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    _ = consume folder
    var verified: [Digest: VerifiedSignature] = [:]
    for part in outcome {
      for claim in try part.get() { verified[claim.digest] = VerifiedSignature(claim) }
    }
    return verified
  }

  /// One call: `place` is the beginning of the paths of its files.
  private func isTrue(
    _ claim: SignatureClaim, _ program: String, at place: String, _ operation: String
  ) async throws(SSHKeygenError) -> Bool {
    try ScratchFolder.write(Self.allowedSigners(claim), to: place + ".allowed", operation)
    try ScratchFolder.write(claim.signature.armored, to: place + ".signature", operation)
    try ScratchFolder.write(claim.message, to: place + ".message", operation)
    let arguments = [
      "-Y", "verify", "-f", place + ".allowed", "-I", claim.key.identifier,
      "-n", claim.namespace.rawValue, "-s", place + ".signature",
    ]
    let run = Run(program: program, arguments: arguments, environment: verifying)
    return try await run.isSuccess(
      reading: place + ".message", deadlineSeconds: deadlineSeconds, operation)
  }

  /// The list of allowed signers for one signature (ssh-keygen(1), "ALLOWED SIGNERS").
  package static func allowedSigners(_ claim: SignatureClaim) -> [UInt8] {
    Array(
      "\(claim.key.identifier) namespaces=\"\(claim.namespace.rawValue)\" \(claim.key.text)\n".utf8)
  }

  private func program(_ operation: String) throws(SSHKeygenError) -> String {
    for folder in path.split(separator: ":") where folder.hasPrefix("/") {
      let candidate = "\(folder)/ssh-keygen"
      if Run.isExecutable(candidate) { return candidate }
    }
    throw SSHKeygenError(
      .missing, operation: operation,
      reason: "there is no ssh-keygen in PATH; install OpenSSH's client programs"
        + " (openssh-client on Debian)")
  }
}

// MARK: - Signing

extension SSHKeygen {
  /// Signs. ssh-keygen asks for a passphrase, or for a touch, by itself, on the terminal.
  ///
  /// - Throws: `notSigned` where it made no signature; it has said why on standard error.
  package func sign(
    _ message: [UInt8], in namespace: SignatureNamespace, with identity: SigningIdentity
  ) async throws(SSHKeygenError) -> SSHSignature {
    let operation = "signing"
    let program = try program(operation)
    let folder = try ScratchFolder(in: temporary, operation)
    var arguments = ["-q", "-Y", "sign", "-n", namespace.rawValue, "-f"]
    switch identity {
    case .file(let path): arguments.append(path)
    case .agent(let key):
      let file = "\(folder.path)/key.pub"
      try ScratchFolder.write(Array((key.text + "\n").utf8), to: file, operation)
      // -U: the key is the agent's, or nobody's.
      arguments += [file, "-U"]
    }
    let input = "\(folder.path)/message"
    try ScratchFolder.write(message, to: input, operation)
    var variables = environment.filter { Self.signingVariables.contains($0.key) }
    variables.merge(verifying) { $1 }
    let run = Run(program: program, arguments: arguments, environment: variables)
    let output = try await run.output(reading: input, operation)
    _ = consume folder
    guard let output, let signature = try? SSHSignature(armored: output) else {
      throw SSHKeygenError(
        .notSigned, operation: operation,
        reason: "ssh-keygen made no signature; what it says stands above")
    }
    return signature
  }
}
