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
  let commands: [String]

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "examples/ci")

  static var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
  }

  init(_ name: String) throws {
    let bytes = try [UInt8](Data(contentsOf: Self.folder.appending(path: name)))
    let reading = YAMLReader.read(bytes, file: name)
    self.name = name
    root = try #require(reading.document?.root, "\(reading.findings)")
    commands = Self.steps(root).filter { $0.hasPrefix("flagstaff ") }
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
    variables["CI_MERGE_REQUEST_DIFF_BASE_SHA"] = try clone.git("rev-parse", "origin/main")
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

  @Test("The hook is asked about every file that holds definitions, and about no other")
  func hookFiles() throws {
    let recipe = try Recipe("pre-commit-config.yaml")
    let hook = recipe.root["repos"]?.sequence?.first?["hooks"]?.sequence?.first
    let shared = try Recipe("pre-commit-hooks.yaml").root.sequence?.first
    #expect(hook?["files"] == shared?["files"])
    let files = try Regex(try #require(hook?["files"]?.string))
    let asked = [
      "flagstaff.yaml", "governance/people.yaml", "shared/a.yaml", "customers/a/b.yaml",
      "definitions/a.yaml", "definitions/a.yml", "README.md", "docs/flagstaff.yaml",
      "flagstaff.yaml.md", "examples/shared/a.yaml",
    ].filter { $0.firstMatch(of: files) != nil }
    #expect(
      asked == [
        "flagstaff.yaml", "governance/people.yaml", "shared/a.yaml", "customers/a/b.yaml",
        "definitions/a.yaml", "definitions/a.yml",
      ])
  }
}
