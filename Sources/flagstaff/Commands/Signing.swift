// Signing as a person: with which key, whether the person really means it, and where the statement
// goes. `approve` and `accept-history` do it in the same way. The private key stays with ssh-keygen
// and the agent; this program never reads one.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import Foundation
internal import GitSource
internal import SSHSignatures
internal import Signing

struct SigningOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The key to sign with: a file, or key::ssh-… of an agent. (default: Git's user.signingKey)",
      valueName: "file"))
  var signingKey: String?

  @Flag(help: "Push the signer's ref to the remote.")
  var push = false

  @Option(help: ArgumentHelp("The remote to push to.", valueName: "name"))
  var remote = "origin"

  @Flag(help: "Sign without asking.")
  var yes = false
}

/// The signer's own clone, where statements are kept until they are pushed.
struct Signer {
  private let options: SigningOptions
  private let path: String
  private let terminal: Terminal
  let worker: GitWorker

  init(
    _ options: SigningOptions, in repository: RepositoryOptions, _ terminal: Terminal
  ) throws {
    let address = try RemoteAddress(repository.repository)
    guard address.transport == .path else {
      throw UsageError(
        "Statements are written to a clone of this machine; name it with --repository PATH.")
    }
    self.options = options
    self.terminal = terminal
    path = address.text
    worker = GitWorker(path: path)
  }

  /// Asks whether the person means it. Where nobody can be asked, only --yes says so.
  func confirm(_ question: String) throws {
    if options.yes { return }
    guard isatty(STDIN_FILENO) == 1 else {
      throw UsageError("There is no terminal to ask at; sign what is shown above with --yes.")
    }
    terminal.besideResult("\(question) [y/N]")
    guard ["y", "yes"].contains(readLine()?.lowercased()) else {
      terminal.besideResult("Nothing was signed.")
      throw Ending.failure
    }
  }

  /// Signs statements, writes them to the signer's ref and, where it is asked for, pushes that.
  ///
  /// - Parameter trust: to tell whose key it is; nil where that is not known.
  func sign(_ statements: [Statement], trust: Trust?) async throws {
    let identity = try identity()
    let keygen = SSHKeygen(environment: Variables.all)
    var entries: [ApprovalEntry] = []
    var signers: Set<SSHPublicKey> = []
    for statement in statements {
      let bytes = statement.bytes
      let signature = try await keygen.sign(bytes, in: .approval, with: identity)
      signers.insert(signature.key)
      entries.append(
        ApprovalEntry(
          name: Signing.sha256(bytes).hexadecimal, statement: bytes, signature: signature.armored))
    }
    guard let key = signers.first, signers.count == 1 else {
      throw UsageError("The agent signed with more than one key. Name one with --signing-key.")
    }
    try await write(entries, of: key)
    let reference = ApprovalRef.name(key.identifier)
    terminal.result("Signed by \(key.fingerprint)\(Self.owner(of: key, trust)) in \(reference).")
    if options.push {
      try await push(entries, of: key)
      terminal.result("Pushed to \(Visible.text(options.remote)).")
    } else {
      terminal.result(
        "The controller sees it only once it is pushed: git push"
          + " \(Visible.text(options.remote)) \(reference)")
    }
  }

  private static func owner(of key: SSHPublicKey, _ trust: Trust?) -> String {
    guard let trust else { return "" }
    let owner = trust.people.values.first { $0.keys.contains { $0.key == key } }
    return owner.map { " (\($0.key))" } ?? ", which is nobody's key here,"
  }

  /// Puts statements beside those of the ref that may still count.
  private func write(_ entries: [ApprovalEntry], of key: SSHPublicKey) async throws {
    let former = try await worker.approvals(of: [key.identifier]).first
    let new = Set(entries.map(\.name))
    let kept = (former?.entries.entries ?? []).filter { entry in
      guard !new.contains(entry.name), let statement = try? Statement(entry.statement) else {
        return false
      }
      return statement.expires.map { $0 > .now } ?? true
    }
    _ = try await worker.write(
      kept + entries, toRefOf: key.identifier, after: former?.ref, at: .now)
  }

  /// Pushes; where the remote has statements of another clone, those are brought first.
  private func push(_ entries: [ApprovalEntry], of key: SSHPublicKey) async throws {
    let push = ApprovalPush(
      path: path, remote: options.remote, identifier: key.identifier, environment: Variables.all)
    if try push.push() == .pushed { return }
    try push.fetch()
    try await write(entries, of: key)
    guard try push.push() == .pushed else {
      throw GitError(
        .busy, operation: "pushing the signer's ref", reason: "somebody else keeps writing to it")
    }
  }

  // MARK: What is there

  /// The subject of a commit in brackets; empty where it is not here.
  func subject(of commit: String) async throws -> String {
    guard let id = CommitID(commit), let known = try? await worker.information(of: id) else {
      return " (not in this clone)"
    }
    return " (\(known.subject))"
  }

  // MARK: The key

  /// The key that will sign; nil where its file tells no public key, nor one beside it.
  func publicKey() throws -> SSHPublicKey? {
    switch try identity() {
    case .agent(let key): return key
    case .file(let path):
      for candidate in [path, "\(path).pub"] {
        guard let text = try? String(contentsOfFile: candidate, encoding: .utf8) else { continue }
        let line = text.trimmingCharacters(in: .whitespacesAndNewlines)
        if let key = try? SSHPublicKey(line) { return key }
      }
      return nil
    }
  }

  private func identity() throws -> SigningIdentity {
    let configured =
      try options.signingKey
      ?? UserConfiguration.value(of: "user.signingKey", in: path, environment: Variables.all)
    guard let text = configured else {
      throw UsageError(
        "There is no key to sign with. Name one with --signing-key, or set it up for Git:"
          + " git config user.signingKey ~/.ssh/id_ed25519.pub")
    }
    let prefix = "key::"
    if text.hasPrefix(prefix) { return .agent(try Self.key(String(text.dropFirst(prefix.count)))) }
    // Git takes a bare key, too.
    if text.hasPrefix("ssh-") { return .agent(try Self.key(text)) }
    let file = Self.expanded(text)
    guard FileManager.default.fileExists(atPath: file) else {
      throw UsageError(
        "The key \(Visible.text(text)) is no file of SSH. Approvals are signed by SSH keys: name"
          + " one with --signing-key.")
    }
    return .file(file)
  }

  private static func key(_ text: String) throws -> SSHPublicKey {
    do throws(MalformedKey) {
      return try SSHPublicKey(text)
    } catch {
      throw UsageError("The key \(Visible.text(text)) \(error.reason).")
    }
  }

  private static func expanded(_ path: String) -> String {
    guard path.hasPrefix("~/"), let home = Variables.all["HOME"] else { return path }
    return home + path.dropFirst()
  }
}
