// `flagstaff init`: a definitions repository to begin with. The files are those of examples/starter
// and the recipe for GitHub Actions, with the workspace's name and environments put in, and the
// schemas for editors. Nothing is overwritten: what exists is kept, and named.

internal import ArgumentParser
internal import Documents
internal import FlagstaffController
internal import FlagstaffCore
internal import Foundation
internal import GitSource

struct Init: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a definitions repository to begin with.",
    usage: "flagstaff init [<options>] [<directory>]",
    discussion: """
      Writes a workspace with one of each: an experiment, flags, segments, a \
      group, metrics, people, a team, approval policies; a workflow for GitHub \
      Actions; settings for editors, and the schemas that they complete from.

      What exists already is kept, so running it again is harmless: it writes \
      what is missing, for the workspace and environments of the flagstaff.yaml \
      that is there. It needs no Git repository, and makes none; later the folder \
      is the top of one.

      Examples:
        flagstaff init
        flagstaff init flags --workspace acme --environment live
      """)

  @Argument(help: "The folder, made where it is missing. (default: the current folder)")
  var directory: String?

  @Option(
    help: ArgumentHelp(
      "The workspace's name, a key. (default: from the folder's name)", valueName: "key"))
  var workspace: String?

  @Option(
    name: .customLong("environment"),
    help: ArgumentHelp(
      "An environment, the one that users meet first; repeatable. (default: production, staging)"
        + " [FLAGSTAFF_ENVIRONMENT]", valueName: "key"))
  var environments: [String] = Variables.list("ENVIRONMENT")

  @OptionGroup var output: OutputOptions

  func validate() throws {
    try Variables.requireList("ENVIRONMENT", "keys of environments")
    for key in environments + [workspace].compactMap(\.self) where !Key.isValid(key) {
      throw ValidationError(
        "'\(key)' is no key: lower-case letters, digits, '.', '_' and '-', with a letter or digit"
          + " at both ends.")
    }
    for reserved in Key.noEnvironments where environments.contains(reserved) {
      throw ValidationError("No environment may be called \(reserved).")
    }
  }

  func run() async throws {
    let folder = URL(filePath: directory ?? ".").standardizedFileURL
    let existing = SurroundingWorkspace(of: folder)
    // What is written beside a workspace is of that workspace.
    let starter = Starter(
      workspace: existing?.workspace?.id ?? workspace ?? Starter.key(for: folder.lastPathComponent),
      environments: existing?.workspace?.environments
        ?? (environments.isEmpty ? ["production", "staging"] : environments))
    let written = try starter.write(to: folder)
    switch output.format {
    case .json:
      output.terminal.result(
        CanonicalJSON.string(
          .fields([
            "formatVersion": .integer(1), "folder": .string(folder.path),
            "workspace": .string(starter.workspace),
            "environments": .strings(starter.environments),
            "written": .strings(written.made), "kept": .strings(written.kept),
          ])))
    case .text: show(written)
    }
    for note in notes(existing, starter) { output.terminal.note("\n\(note)") }
    if output.format == .text { showNext(in: folder) }
  }

  private func show(_ written: Starter.Written) {
    let terminal = output.terminal
    for path in written.made { terminal.result("\(terminal.colour("wrote", .green))  \(path)") }
    for path in written.kept {
      terminal.result("\(terminal.colour("kept", .dim))   \(path), which exists")
    }
  }

  /// What was asked for and is otherwise in the workspace that exists.
  private func notes(_ existing: SurroundingWorkspace?, _ starter: Starter) -> [String] {
    guard let existing else { return [] }
    guard let kept = existing.workspace else {
      return [
        "flagstaff.yaml is kept, and cannot be read as a workspace: see flagstaff validate. What"
          + " was written beside it is for \(starter.environments.joined(separator: ", "))."
      ]
    }
    var notes: [String] = []
    if !environments.isEmpty, Set(environments) != Set(kept.environments) {
      let (own, asked) = (
        kept.environments.joined(separator: ", "), environments.joined(separator: ", ")
      )
      notes.append(
        "flagstaff.yaml is kept, and its environments are \(own), not \(asked): what was written is"
          + " for those that it"
          + " has. To add one, write it into flagstaff.yaml, and under `environments` of each"
          + " definition that is to exist there.")
    }
    if let workspace, workspace != kept.id {
      notes.append("flagstaff.yaml is kept, and its workspace is \(kept.id), not \(workspace).")
    }
    return notes
  }

  private func showNext(in folder: URL) {
    let step = directory.map { "cd \(Self.quoted($0)) && " } ?? ""
    guard let top = GitRepository.top(around: folder.path) else {
      return output.terminal.note(
        """

        Next:
          \(step)flagstaff validate
          flagstaff plan         # what would be applied, and for whom
          git init && git add . && git commit --message "Our first flags"
          flagstaff reconcile    # applies it to a private PostgreSQL, and publishes
        """)
    }
    output.terminal.note(
      """

      Next:
        \(step)flagstaff validate
        flagstaff plan         # what would be applied, and for whom

      This is a folder of the Git repository \(Visible.text(top)).
      `flagstaff reconcile` and CI read a workspace at the top of its repository: before them, give
      this folder a repository of its own, or write the workspace to the top of that one.
      """)
  }

  private static func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy {
      Key.isValid(String(decoding: [$0 | 0x20], as: UTF8.self)) || "/._-".utf8.contains($0)
    }
    let escaped = text.replacing("'", with: "'\\''")
    return isPlain ? text : "'\(escaped)'"
  }
}
