// Which definitions a command looks at: the head of a branch, another revision, the merge of two,
// or the files of a folder. `plan` and `validate` name them in the same way.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import Foundation
internal import GitSource
internal import PostgresRegistry

struct RevisionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The revision to look at: a commit, a branch, a tag. (default: the branch's head)",
      valueName: "rev"))
  var head: String?

  @Option(
    help: ArgumentHelp(
      "Merge this revision into it first, in memory: are both together still right?",
      valueName: "rev"))
  var merge: String?

  /// Whether commits are asked for, and not files.
  var areGiven: Bool { head != nil || merge != nil }
}

extension RevisionOptions {
  /// The definitions of a revision, of a merge, or of the branch's head. Where there is no history
  /// yet and none was asked for, they are the folder's files, and a note says so. Another tells of
  /// edits beside the head that do not count.
  func wanted(
    _ source: DefinitionsSource, in repository: RepositoryOptions, _ terminal: Terminal
  ) async throws -> Planning.Wanted {
    let ours: CommitID
    do {
      ours =
        if let head { try await source.commit(ofRevision: head) } else { try await source.head() }
    } catch let error as GitError {
      guard !areGiven, repository.isWithoutHistory(error) else { throw error }
      terminal.note(repository.reasonForFiles)
      return try await .folder(repository.repository, terminal)
    }
    if head == nil { await repository.tellUncommitted(beside: ours, source, terminal) }
    guard let merge else { return try await .commit(ours, named: head ?? "the head", source) }
    let theirs = try await source.commit(ofRevision: merge)
    return Planning.Wanted(
      try await source.definitions(merging: theirs, into: ours),
      commit: "\(ours)+\(theirs)", name: "the merge with \(merge)", head: ours)
  }
}

extension Planning.Wanted {
  static func commit(
    _ commit: CommitID, named name: String, _ source: DefinitionsSource
  ) async throws -> Planning.Wanted {
    Planning.Wanted(
      try await source.definitions(of: commit), commit: commit.hexadecimal, name: name,
      head: commit)
  }

  /// The files of a folder as they are.
  static func folder(_ folder: String, _ terminal: Terminal) async throws -> Planning.Wanted {
    Planning.Wanted(
      try await FolderDefinitions.read(folder, progress: terminal.progress).loaded,
      commit: "working-tree", name: folder, head: nil)
  }
}

extension RepositoryOptions {
  /// The repository, for a command that needs no registry: only the mirror of a remote one takes a
  /// place in the state directory.
  func source(_ state: StateOptions, _ terminal: Terminal) throws -> DefinitionsSource {
    let directory = try StateDirectory(state.stateDir)
    if try RemoteAddress(repository).transport != .path { try directory.make() }
    return try source(stateDirectory: directory.path, progress: terminal.progress)
  }

  /// The repository of a command that was given a folder: the folder, where revisions of it are
  /// asked for, or where it is a repository and no other was named.
  func around(_ folder: String?, _ revisions: RevisionOptions) -> RepositoryOptions {
    guard let folder else { return self }
    let isOwn = repository == "." && FileManager.default.fileExists(atPath: "\(folder)/.git")
    guard revisions.areGiven || isOwn else { return self }
    var options = self
    options.repository = folder
    return options
  }

  private static let namesMax = 3

  /// Notes what is edited and not committed, so that nobody takes a plan of the commit for one of
  /// the files.
  func tellUncommitted(
    beside commit: CommitID, _ source: DefinitionsSource, _ terminal: Terminal
  ) async {
    // A broken index is no reason not to plan.
    let files = (try? await source.uncommittedFiles(beside: commit)) ?? []
    guard !files.isEmpty else { return }
    let one = files.count == 1
    let rest = files.count - Self.namesMax
    let names =
      files.prefix(Self.namesMax).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    terminal.note(
      "\(Plural.text(files.count, "file")) with uncommitted edits \(one ? "is" : "are") left out:"
        + " \(names). Commit \(one ? "it" : "them"), or name the folder to take its files as they"
        + " are: flagstaff plan \(repository)")
  }

  /// Why files are taken where commits were expected.
  fileprivate var reasonForFiles: String {
    guard let top = GitRepository.top(around: repository) else {
      return "\(repository) has no Git commit yet, so its files are taken as they are."
    }
    return "\(repository) is a folder of the Git repository \(Visible.text(top)), and only a"
      + " workspace at the top of its repository has commits that can be planned or reconciled. Its"
      + " files are taken as they are."
  }

  /// Whether a failure only says that nothing was committed yet, where no branch was asked for.
  fileprivate func isWithoutHistory(_ error: GitError) -> Bool {
    branch == nil && Variables.text("BRANCH") == nil
      && (try? RemoteAddress(repository))?.isWithoutHistory(error) == true
  }
}
