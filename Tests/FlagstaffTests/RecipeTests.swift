// The recipes of examples/ci do what they say. Every command in them that calls `flagstaff` is taken
// out of the file and run, in a clone with a pull request's branch, as the forge would run it: with
// a shell that stops at the first failure, the variables that the recipe names, and no credential.

import Documents
import Foundation
import Testing
import YAMLDocuments

/// The commands of one recipe.
struct Recipe {
  let name: String
  let root: Node
  /// What a shell runs, item by item.
  let steps: [String]

  /// Those that call the program.
  var commands: [String] { steps.filter { $0.hasPrefix("flagstaff ") } }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "examples/ci")

  static var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
      .filter { $0.hasSuffix(".yml") || $0.hasSuffix(".yaml") }.sorted()
  }

  init(_ name: String) throws {
    let bytes = try [UInt8](Data(contentsOf: Self.folder.appending(path: name)))
    let reading = YAMLReader.read(bytes, file: name)
    self.name = name
    root = try #require(reading.document?.root, "\(reading.findings)")
    steps = Self.steps(root)
  }

  /// What stands under the keys that hold commands, wherever they are.
  private static func steps(_ node: Node) -> [String] {
    (node.sequence ?? []).flatMap(steps)
      + (node.mapping?.entries ?? []).flatMap { entry -> [String] in
        switch entry.key {
        case "run", "entry": entry.value.string.map { [$0] } ?? []
        case "script": (entry.value.sequence ?? []).compactMap(\.string)
        default: steps(entry.value)
        }
      }
  }
}

/// A forge's job: a clone whose head is a pull request.
private struct Job {
  let installation: Installation
  let clone: DefinitionsRepository

  /// A published base, and a branch that raises the traffic of one experiment.
  init() async throws {
    installation = try await Installation(DefinitionsRepository.small())
    try installation.expect(0, "reconcile", "--quiet")
    clone = try DefinitionsRepository()
    try clone.git("remote", "add", "origin", installation.repository.path)
    try clone.git("fetch", "--quiet", "origin")
    try clone.git("checkout", "--quiet", "--detach", "origin/main")
    try clone.replace("traffic: 20%", by: "traffic: 40%", in: "customers/acme/shop.yaml")
    try clone.commit("Raise")
  }

  /// - Parameter isPublished: whether the recipe is told of an origin.
  func run(_ command: String, isPublished: Bool) throws -> Ended {
    var variables = Programs.variables
    let folder = URL(fileURLWithPath: Programs.flagstaff).deletingLastPathComponent().path
    variables["PATH"] = "\(folder):\(variables["PATH"] ?? "")"
    variables["FLAGSTAFF_INSTANT"] = Installation.instant
    variables["BASE"] = "origin/main"
    variables["CI_MERGE_REQUEST_TARGET_BRANCH_NAME"] = "main"
    variables["FLAGSTAFF_AGAINST"] = isPublished ? "origin:\(installation.origin)" : nil
    // As the recipe says it; a path from the repository's top.
    variables["FLAGSTAFF_PUBLIC_KEY"] = "flagstaff.pub.pem"
    try FileManager.default.copyItem(
      atPath: installation.folder.path + "/key.pub.pem", toPath: clone.path + "/flagstaff.pub.pem")
    defer { try? clone.remove("flagstaff.pub.pem") }
    if !isPublished, command.contains("$BASE") {
      // GitHub's expression puts it in where the variable is empty.
      variables["FLAGSTAFF_AGAINST"] = "rev:origin/main"
    }
    return try Running(
      "bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", command], variables: variables,
      in: clone.path
    ).wait()
  }

  func text(_ file: String) -> String {
    (try? String(contentsOfFile: clone.path + "/" + file, encoding: .utf8)) ?? ""
  }
}

@Suite("The recipes for CI")
struct RecipeTests {
  @Test("Each recipe has its commands, and puts no expression of the forge into a shell")
  func commands() throws {
    let counts = try Recipe.names.map { name in
      let recipe = try Recipe(name)
      #expect(!recipe.commands.contains { $0.contains("${{") }, "\(name)")
      return "\(name) \(recipe.commands.count)"
    }
    #expect(
      counts == [
        "github-actions.yml 3", "gitlab-ci.yml 2", "pre-commit-config.yaml 1",
        "pre-commit-hooks.yaml 1",
      ])
  }

  @Test("Every command runs for a good pull request, and writes what the recipe goes on with")
  func goodRequest() async throws {
    let job = try await Job()
    for isPublished in [true, false] {
      for name in Recipe.names {
        for command in try Recipe(name).commands {
          let ended = try job.run(command, isPublished: isPublished)
          #expect(ended.code == 0, "\(name), published \(isPublished): \(command)\n\(ended)")
        }
      }
      let plan = job.text("plan.md")
      #expect(plan.hasPrefix("<!-- ") && plan.contains("checkout-v2"), "\(plan)")
      // One in each environment; everything else was applied before.
      #expect(plan.contains("2 changes in 2 scopes"), "\(plan)")
      let sarif = try JSONReader.read(job.text("flagstaff.sarif"))
      #expect(sarif["version"]?.string == "2.1.0")
      #expect(job.text("flagstaff.xml").hasPrefix("<?xml"))
      for file in ["plan.md", "flagstaff.sarif", "flagstaff.xml"] { try job.clone.remove(file) }
    }
    try await job.installation.discard()
  }

  @Test("Where definitions are invalid the step that shows them fails, and the others go on")
  func badRequest() async throws {
    let job = try await Job()
    try job.clone.replace("control: old", by: "control: older", in: "customers/acme/shop.yaml")
    try job.clone.commit("Break")
    for name in Recipe.names {
      for command in try Recipe(name).commands {
        let ended = try job.run(command, isPublished: true)
        #expect(ended.code == (command.contains("||") ? 0 : 3), "\(name): \(command)\n\(ended)")
        guard command.contains("github") else { continue }
        #expect(ended.output.contains("::error file=customers/acme/shop.yaml,"), "\(ended)")
      }
    }
    #expect(job.text("plan.md").contains("FS2013"), "\(job.text("plan.md"))")
    #expect(job.text("flagstaff.sarif").contains("FS2013"))
    #expect(job.text("flagstaff.xml").contains("FS2013"))
    try await job.installation.discard()
  }

  @Test("The hook runs at each commit, for all files, whatever the commit deletes")
  func hook() throws {
    let recipe = try Recipe("pre-commit-config.yaml")
    let hooks = [
      recipe.root["repos"]?.sequence?.first?["hooks"]?.sequence?.first,
      try Recipe("pre-commit-hooks.yaml").root.sequence?.first,
    ]
    for hook in hooks {
      #expect(hook?["always_run"]?.boolean == true && hook?["pass_filenames"]?.boolean == false)
      // With a pattern a hook is not asked about a commit that only deletes.
      #expect(hook?["files"] == nil && hook?["types"] == nil)
    }
  }

  @Test("GitLab's job fetches the target as it is now, since a runner brings the request alone")
  func target() async throws {
    let job = try await Job()
    let step = try #require(try Recipe("gitlab-ci.yml").steps.first { $0.hasPrefix("git fetch") })
    try job.clone.git("update-ref", "-d", "refs/remotes/origin/main")
    #expect(try job.run(step, isPublished: true).code == 0)
    #expect(
      try job.clone.git("rev-parse", "origin/main")
        == job.installation.repository.git("rev-parse", "main"))
    try await job.installation.discard()
  }

  @Test("The note is replaced wherever it stands among hundreds, and written where there is none")
  func note() throws {
    let step = try #require(try Recipe("gitlab-ci.yml").steps.first { $0.contains("notes=") })
    let folder = try Folder()
    let plan = "<!-- flagstaff:plan workspace=tests -->\n### A plan & more\n"
    try Data(plan.utf8).write(to: URL(filePath: folder.path + "/plan.md"))
    for (notes, place, expected) in [
      (0, -1, "POST /api/projects/7/merge_requests/3/notes"),
      (230, -1, "POST /api/projects/7/merge_requests/3/notes"),
      (230, 4, "PUT /api/projects/7/merge_requests/3/notes/5"),
      (230, 229, "PUT /api/projects/7/merge_requests/3/notes/230"),
    ] {
      let forge = try NotesServer(notes: notes, place: place)
      var variables = Programs.variables
      variables["CI_API_V4_URL"] = forge.address
      variables["CI_MERGE_REQUEST_PROJECT_ID"] = "7"
      variables["CI_MERGE_REQUEST_IID"] = "3"
      variables["FLAGSTAFF_NOTES"] = "token"
      let ended = try Running("sh", ["-ec", step], variables: variables, in: folder.path).wait()
      #expect(ended.code == 0, "\(ended)")
      #expect(try forge.written() == ["\(expected) token \(plan.debugDescription)"], "\(ended)")
    }
    let silent = try Running(
      "sh", ["-ec", step], variables: Programs.variables, in: folder.path
    ).wait()
    #expect(silent.code == 0 && silent.output.contains("FLAGSTAFF_NOTES is not set"), "\(silent)")
  }

  @Test("GitHub's job may read what code scanning asks for, and writes only where it may")
  func permissions() throws {
    let recipe = try Recipe("github-actions.yml")
    #expect(recipe.root["permissions"]?["actions"]?.string == "read")
    let steps = recipe.root["jobs"]?["review"]?["steps"]?.sequence ?? []
    let writing = steps.filter { step in
      ["codeql-action", "github-script"].contains { step["uses"]?.string?.contains($0) ?? false }
    }
    #expect(writing.count == 2)
    for step in writing { #expect(step["if"]?.string?.contains("env.MAY_WRITE") == true) }
    let look = try #require(recipe.steps.first { $0.contains("command -v flagstaff") })
    let lacking = try Running(
      "bash", ["-eo", "pipefail", "-c", look], variables: Programs.variables, in: "/"
    ).wait()
    #expect(lacking.code == 1 && lacking.output.contains("::error::"), "\(lacking)")
  }
}

/// GitLab's notes of merge request 3 of project 7, in memory.
private final class NotesServer {
  private let folder: Folder
  private let process: Running
  let address: String

  /// - Parameters:
  ///   - notes: how many there are.
  ///   - place: of the one that is ours; none has it where it is negative.
  init(notes: Int, place: Int) throws {
    folder = try Folder()
    let script = ReviewCheck.repository.appending(path: "Tests/ReviewFormats/notes.py").path
    process = try Running(
      "python3", [script, "\(notes)", "\(place)", folder.path], variables: Programs.variables,
      in: folder.path)
    var port = ""
    for _ in 0..<1_000 where port.isEmpty {
      usleep(10_000)
      port = (try? String(contentsOfFile: folder.path + "/port", encoding: .utf8)) ?? ""
    }
    guard !port.isEmpty else { throw ProgramFailure(description: "no server: \(process.errors)") }
    address = "http://127.0.0.1:\(port)/api"
  }

  deinit {
    process.send(SIGKILL)
    _ = try? process.wait()
  }

  /// What was written: the request, the token and the body, a line each.
  func written() throws -> [String] {
    try String(contentsOfFile: folder.path + "/written", encoding: .utf8)
      .split(separator: "\n").map(String.init)
  }
}
