// `flagstaff validate`: every problem of every file, in one run, from a plain folder, or from
// commits of the repository in it. It needs no registry, no key and no network, so it runs in a
// pull request and before a commit.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import Foundation
internal import GitSource

struct Validate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the definitions in a folder.",
    usage: "flagstaff validate [<options>] [<directory>]",
    discussion: """
      Prints every problem with its place and what to do about it. Nothing but the folder is read; \
      with --head or --merge, the repository in it: its commits, and not its files.

      In CI, --format github annotates a pull request, sarif is for code scanning, junit for \
      GitLab, and markdown is a comment, whose first line a bot finds it by.

      Examples:
        flagstaff validate
        flagstaff validate path/to/definitions --format json
        flagstaff validate --head feature --merge origin/main
        flagstaff validate --format sarif > findings.sarif
        flagstaff validate --watch
      """)

  @Argument(help: "The folder. (default: --repository, else the current folder)")
  var directory: String?

  @Flag(help: "Take warnings for errors: end with 3, and fail in junit, sarif and github.")
  var strict = false

  @Flag(help: "Go on, and check again whenever a file changes.")
  var watch = false

  @OptionGroup var revisions: RevisionOptions
  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var output: ReviewOptions

  func validate() throws {
    guard watch else { return }
    guard !revisions.areGiven else {
      throw ValidationError("--watch looks at files, and --head and --merge at commits.")
    }
    guard output.format == .text || output.format == .json else {
      throw ValidationError("--watch prints text or json.")
    }
  }

  func run() async throws {
    let terminal = output.terminal
    let folder = directory ?? repository.repository
    guard try RemoteAddress(folder).transport == .path else {
      throw ValidationError(
        "validate reads a folder, and \(try RemoteAddress(folder)) is an address. Clone it first.")
    }
    try expectFolder(folder)
    let shown = ValidationOutput(
      terminal: terminal, format: output.format, root: SourceRoot(folder), isStrict: strict)
    if watch { return try await follow(folder, shown) }
    let loaded = try await loaded(folder, terminal)
    let definitions = loaded.definitions
    shown.show(loaded)
    let isInvalid = definitions.findings.contains { strict || $0.severity == .error }
    // The process ends here: taking the trees of a large repository apart would only cost time.
    withExtendedLifetime(loaded) { Foundation.exit(isInvalid ? Ending.invalid.rawValue : 0) }
  }

  /// Refuses a file, and a folder inside of a repository of definitions: names lead across files,
  /// so only the whole says what is right.
  private func expectFolder(_ folder: String) throws {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder)
    if exists, !isFolder.boolValue {
      throw UsageError(
        "\(Visible.text(folder)) is a file, and validate takes the folder of the whole"
          + " repository.")
    }
    let roots = [Layout.workspaceFile, "customers", "definitions", "shared", "governance"]
    func holds(_ url: URL, _ names: [String]) -> Bool {
      names.contains { FileManager.default.fileExists(atPath: url.appending(path: $0).path) }
    }
    var place = URL(filePath: folder).standardizedFileURL
    guard exists, !revisions.areGiven, !holds(place, roots) else { return }
    while place.path != "/" {
      place.deleteLastPathComponent()
      guard holds(place, [Layout.workspaceFile]) else { continue }
      throw UsageError(
        "\(Visible.text(folder)) is a part of a repository of definitions. Check the whole:"
          + " flagstaff validate \(Visible.text(place.path))")
    }
  }

  /// Checks now and after every change, until somebody ends the process. What is found again is not
  /// shown again: a file may be saved as it was.
  private func follow(_ folder: String, _ shown: ValidationOutput) async throws {
    let watch = try FolderWatch(folder, under: Layout.roots)
    var definitions = try await FolderDefinitions.read(folder, progress: shown.terminal.progress)
    var last: Answer?
    while true {
      let loaded = definitions.loaded
      let answer = Answer(loaded)
      shown.beginAnswer(isNew: answer != last)
      if answer != last { shown.show(loaded) }
      last = answer
      // Whoever reads a pipe wants each answer when it is there.
      fflush(nil)
      var isChanged = false
      while !isChanged {
        let change = try await watch.next()
        isChanged = try await definitions.take(change, progress: shown.terminal.progress)
      }
    }
  }

  /// All that an answer shows.
  private struct Answer: Equatable {
    let findings: [Finding]
    let (definitions, files): (Int, Int)
    let (held, goingOn): ([ScopeID], [ScopeID])

    init(_ loaded: LoadedDefinitions) {
      findings = loaded.definitions.findings
      (definitions, files) = (loaded.definitions.count, loaded.files)
      (held, goingOn) = (loaded.definitions.heldScopes, loaded.definitions.goingOnScopes)
    }
  }

  private func loaded(_ folder: String, _ terminal: Terminal) async throws -> LoadedDefinitions {
    guard revisions.areGiven else {
      return try await FolderDefinitions.read(folder, progress: terminal.progress).loaded
    }
    let place = repository.around(folder, revisions)
    let source = place.source(inPlace: try RemoteAddress(folder), progress: terminal.progress)
    return try await revisions.wanted(source, in: place, terminal).loaded
  }
}
