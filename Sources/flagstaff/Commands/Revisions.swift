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

  /// Refuses revisions of a folder that was named.
  func refuse(with directory: String?) throws {
    guard directory != nil, head != nil || merge != nil else { return }
    throw ValidationError(
      "A folder has no revisions: name a folder, or --head and --merge with --repository.")
  }
}

extension RevisionOptions {
  /// The definitions of a revision, of a merge, or of the branch's head. Where there is no history
  /// yet and none was asked for, they are the folder's files, and a note says so.
  func wanted(
    _ source: DefinitionsSource, in repository: RepositoryOptions, _ terminal: Terminal
  ) async throws -> Planning.Wanted {
    let ours: CommitID
    do {
      ours =
        if let head { try await source.commit(ofRevision: head) } else { try await source.head() }
    } catch let error as GitError {
      guard head == nil, merge == nil, repository.isWithoutHistory(error) else { throw error }
      terminal.note(
        "\(repository.repository) has no Git commit yet, so its files are taken as they are.")
      return try await .folder(repository.repository, terminal)
    }
    guard let merge else { return try await .commit(ours, named: head ?? "the head", source) }
    let theirs = try await source.commit(ofRevision: merge)
    return Planning.Wanted(
      try await source.definitions(merging: theirs, into: ours),
      commit: "\(ours)+\(theirs)", name: "the merge with \(merge)")
  }
}

extension Planning.Wanted {
  static func commit(
    _ commit: CommitID, named name: String, _ source: DefinitionsSource
  ) async throws -> Planning.Wanted {
    Planning.Wanted(
      try await source.definitions(of: commit), commit: commit.hexadecimal, name: name)
  }

  /// The files of a folder as they are.
  static func folder(_ folder: String, _ terminal: Terminal) async throws -> Planning.Wanted {
    Planning.Wanted(
      try await FolderDefinitions.read(folder, progress: terminal.progress).loaded,
      commit: "working-tree", name: folder)
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

  /// Whether a failure only says that nothing was committed yet, where no branch was asked for.
  fileprivate func isWithoutHistory(_ error: GitError) -> Bool {
    branch == nil && Variables.text("BRANCH") == nil
      && (try? RemoteAddress(repository))?.isWithoutHistory(error) == true
  }
}
