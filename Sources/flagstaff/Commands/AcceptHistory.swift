// `flagstaff accept-history`: an ADMIN's word that a branch may go on from a commit that does not
// descend from the one that was applied. It shows what is lost and what comes, then signs
// workspace, branch and both commits, so that it says nothing of any other step.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import GitSource
internal import SSHSignatures

struct AcceptHistory: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "accept-history",
    abstract: "Sign that a rewritten branch may go on from where it is.",
    discussion: """
      History moves forward: a head that does not descend from the applied commit waits, since \
      somebody has rewritten the branch or set it back. An ADMIN who has seen why signs the step \
      from the applied commit to the new one; the pass names both.

      Example:
        flagstaff accept-history --branch main --old 4f1c… --new origin/main --push
      """)

  @Option(help: ArgumentHelp("The applied commit, in full.", valueName: "commit"))
  var old: String

  @Option(help: ArgumentHelp("Where the branch goes on.", valueName: "rev"))
  var new = "HEAD"

  @Option(
    help: ArgumentHelp("How many days it counts, 1 to 30.", valueName: "number"))
  var expires = 7

  @OptionGroup var signing: SigningOptions
  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var state: StateOptions
  @OptionGroup var output: TerminalOptions

  func validate() throws {
    guard (1...30).contains(expires) else {
      throw ValidationError("--expires takes a number from 1 to 30.")
    }
    guard CommitID(old) != nil else {
      throw ValidationError("--old takes the 40 digits of a commit.")
    }
  }

  func run() async throws {
    let terminal = output.terminal
    guard let branch = repository.branch ?? Variables.text("BRANCH") else {
      throw UsageError("Name the branch with --branch; it is signed too.")
    }
    let signer = try Signer(signing, in: repository, terminal)
    let source = try repository.source(state, terminal)
    let commit = try await source.commit(ofRevision: new)
    let definitions = try await source.definitions(of: commit).definitions
    guard let workspace = definitions.workspace?.id else { throw Ending.invalid }
    try await requireAdmin(signer, definitions.trust, source, terminal)
    terminal.result(
      """
      To be signed for \(workspace), branch \(Visible.text(branch)):
        from \(old)\(try await signer.subject(of: old))
        to   \(commit)\(try await signer.subject(of: commit.hexadecimal))
      """)
    try signer.confirm("Sign this?")
    let issued = Instant.now
    let statement: Statement
    do throws(MalformedStatement) {
      statement = try Statement(
        workspace: workspace, issued: issued, expires: issued.adding(seconds: expires * 86_400),
        content: .acceptHistory(branch: branch, old: old, new: commit.hexadecimal))
    } catch {
      throw UsageError("This cannot be signed: the statement \(error.reason).")
    }
    try await signer.sign([statement], trust: definitions.trust)
  }

  /// Refuses where neither commit knows the signer as an ADMIN: the trust in force is that of the
  /// old one, or was changed since.
  private func requireAdmin(
    _ signer: Signer, _ new: Trust?, _ source: DefinitionsSource, _ terminal: Terminal
  ) async throws {
    let applied: CommitID
    do {
      applied = try await source.commit(ofRevision: old)
    } catch let error as GitError where error.code == .unknownRevision {
      throw UsageError(
        "The repository does not have the commit \(old), so nobody could see what is lost. Bring it"
          + " with `git fetch origin \(old)`, or give the commit that the pass names.")
    }
    guard let key = Injection.signsAnything ? nil : try signer.publicKey() else { return }
    let former = try await source.definitions(of: applied).definitions.trust
    let known = [former, new].compactMap(\.self)
    guard !known.isEmpty,
      !known.contains(where: { trust in
        trust.people(having: BuiltInRole.admin.rawValue).flatMap(\.keys).contains {
          $0.key == key && $0.isValid(at: .now)
        }
      })
    else { return }
    throw terminal.refusal(
      "An accepted history counts from an ADMIN alone, and \(key.fingerprint) is no ADMIN's key.")
  }
}
