// `flagstaff init`: what it writes is valid without a warning, can be planned at once, and takes
// nothing away that is there. The templates are examples/starter and the workflow of examples/ci.

import Documents
import Foundation
import Testing
import YAMLDocuments

@Suite("A repository to begin with")
struct InitTests {
  private static func run(
    _ words: String..., in folder: String, with variables: [String: String] = [:]
  ) throws -> Ended {
    try Running(
      Programs.flagstaff, words, variables: Programs.variables.merging(variables) { $1 },
      in: folder
    ).wait()
  }

  @Test("In an empty folder, init, validate and plan follow each other")
  func beginning() throws {
    let folder = try Folder()
    let made = try Self.run("init", "--workspace", "acme", in: folder.path)
    #expect(made.code == 0, "\(made)")
    #expect(made.output.split(separator: "\n").allSatisfy { $0.hasPrefix("wrote  ") }, "\(made)")
    #expect(made.errors.contains("flagstaff validate"), "\(made)")
    let checked = try Self.run("validate", "--format", "json", in: folder.path)
    let report = try JSONReader.read(checked.output)
    #expect(checked.code == 0 && report["findings"]?.sequence?.isEmpty == true, "\(checked)")
    #expect(report["files"]?.integer == 6, "\(checked)")
    let plan = try Self.run("plan", "--format", "json", "--quiet", in: folder.path)
    #expect(plan.code == 0, "\(plan)")
    let scopes = try JSONReader.read(plan.output)["scopes"]?.sequence ?? []
    #expect(scopes.count == 2 && scopes.allSatisfy { $0["changes"]?.sequence?.isEmpty == false })
    let stopped = try Self.run("database", "stop", in: folder.path)
    #expect(stopped.code == 0, "\(stopped)")
  }

  @Test("There is one of each section")
  func oneOfEach() throws {
    let folder = try Folder()
    #expect(try Self.run("init", in: folder.path).code == 0)
    var sections: Set<String> = []
    for path in try Installation.tree(folder.path).keys where path.hasSuffix(".yaml") {
      let bytes = try [UInt8](Data(contentsOf: URL(filePath: "\(folder.path)/\(path)")))
      let root = try #require(YAMLReader.read(bytes, file: path).document?.root)
      sections.formUnion(root.mapping?.entries.map(\.key) ?? [])
    }
    #expect(
      sections == [
        "flagstaff", "workspace", "owner", "experiments", "flags", "segments", "groups", "metrics",
        "people", "teams", "approvals",
      ])
  }

  @Test("Run again it changes nothing, names what it kept, and writes what is missing")
  func twice() throws {
    let folder = try Folder()
    _ = try Self.run("init", in: folder.path)
    let file = folder.path + "/definitions/checkout.yaml"
    try Data("flagstaff: v1\n".utf8).write(to: URL(filePath: file))
    try FileManager.default.removeItem(atPath: folder.path + "/shared/metrics.yaml")
    let before = try Installation.tree(folder.path)
    let again = try Self.run("init", in: folder.path)
    #expect(again.code == 0, "\(again)")
    #expect(again.output.contains("kept   definitions/checkout.yaml, which exists"), "\(again)")
    #expect(again.output.contains("wrote  shared/metrics.yaml"), "\(again)")
    var after = try Installation.tree(folder.path)
    after["shared/metrics.yaml"] = nil
    #expect(after == before)
    let json = try Self.run("init", "--format", "json", in: folder.path)
    let report = try JSONReader.read(json.output)
    #expect(report["formatVersion"]?.integer == 1, "\(json)")
    #expect(report["written"]?.sequence?.isEmpty == true, "\(json)")
  }

  @Test("Beside a workspace everything is for its environments, and other ones are told to be")
  func otherEnvironments() throws {
    let folder = try Folder()
    _ = try Self.run("init", "--environment", "live", "--workspace", "acme", in: folder.path)
    try FileManager.default.removeItem(atPath: folder.path + "/definitions/checkout.yaml")
    let again = try Self.run(
      "init", "--environment", "prod", "--environment", "test", "--workspace", "other",
      in: folder.path)
    #expect(again.code == 0, "\(again)")
    #expect(again.errors.contains("its environments are live, not prod, test"), "\(again)")
    #expect(again.errors.contains("its workspace is acme, not other"), "\(again)")
    let checked = try Self.run("validate", in: folder.path)
    #expect(checked.code == 0 && checked.output.isEmpty, "\(checked)")
    let text = try String(
      contentsOfFile: folder.path + "/definitions/checkout.yaml", encoding: .utf8)
    #expect(text.contains("{live: {}}") && !text.contains("prod"), "\(text)")
    let json = try Self.run(
      "init", "--environment", "live", "--format", "json", "--quiet", in: folder.path)
    let report = try JSONReader.read(json.output)
    #expect(report["environments"]?.sequence?.compactMap(\.string) == ["live"], "\(json)")
    #expect(report["workspace"]?.string == "acme" && json.errors.isEmpty, "\(json)")
    let same = try Self.run("init", "--environment", "live", in: folder.path)
    #expect(!same.errors.contains("is kept"), "\(same)")
  }

  @Test(
    "In a folder of another repository it is said that a workspace stands at the top of its own")
  func folderOfRepository() throws {
    let repository = try DefinitionsRepository(["README.md": "A shop\n"])
    let made = try Self.run("init", "flags", in: repository.path)
    #expect(made.code == 0 && made.errors.contains("folder of the Git repository"), "\(made)")
    #expect(!made.errors.contains("git init"), "\(made)")
    #expect(try Self.run("validate", "flags", in: repository.path).code == 0)
    let place = repository.path + "/flags"
    let plan = try Self.run("plan", "--against", "rev:HEAD", in: place)
    #expect(plan.code == 1 && plan.errors.contains("a workspace stands at"), "\(plan)")
    #expect(!plan.errors.contains("no Git commit yet"), "\(plan)")
    let top = try Self.run("init", in: repository.path)
    #expect(top.errors.contains("git add ."), "\(top)")
  }

  @Test("A link that leads nowhere is not written through")
  func danglingLink() throws {
    let folder = try Folder()
    try FileManager.default.createSymbolicLink(
      atPath: folder.path + "/flagstaff.yaml", withDestinationPath: folder.path + "/elsewhere")
    let ended = try Self.run("init", in: folder.path)
    #expect(ended.output.contains("kept   flagstaff.yaml"), "\(ended)")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/elsewhere"))
  }

  @Test("The workspace's name and environments are as they are asked for")
  func named() throws {
    let folder = try Folder()
    let ended = try Self.run(
      "init", "My Shop", "--environment", "live", "--environment", "test", "--environment", "dev",
      in: folder.path)
    #expect(ended.code == 0, "\(ended)")
    let place = folder.path + "/My Shop"
    let workspace = try String(contentsOfFile: place + "/flagstaff.yaml", encoding: .utf8)
    #expect(workspace.contains("id: my-shop\n"), "\(workspace)")
    #expect(workspace.contains("environments: [live, test, dev]\n"), "\(workspace)")
    let all = try Installation.tree(place).keys.filter { $0.hasSuffix(".yaml") }
    for path in all {
      let text = try String(contentsOfFile: "\(place)/\(path)", encoding: .utf8)
      #expect(!text.contains("production") && !text.contains("staging"), "\(path)")
    }
    let checked = try Self.run("validate", in: place)
    #expect(checked.code == 0 && checked.output.isEmpty, "\(checked)")
    let one = try Self.run("init", "one", "--environment", "only", in: folder.path)
    #expect(one.code == 0, "\(one)")
    let alone = try Self.run("validate", "one", in: folder.path)
    #expect(alone.code == 0 && alone.output.isEmpty, "\(alone)")
  }

  @Test("Where there are customers, no second layout is begun")
  func customers() throws {
    let folder = try Folder()
    try FileManager.default.createDirectory(
      atPath: folder.path + "/customers/acme", withIntermediateDirectories: true)
    #expect(try Self.run("init", in: folder.path).code == 0)
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/definitions"))
  }

  @Test(
    "What can be no name is refused",
    arguments: [["--workspace", "My Shop"], ["--environment", "root"], ["--environment", ""]])
  func refused(words: [String]) throws {
    let folder = try Folder()
    let ended = try Running(
      Programs.flagstaff, ["init"] + words, variables: Programs.variables, in: folder.path
    ).wait()
    #expect(ended.code == 64, "\(ended)")
    #expect(try Installation.tree(folder.path).isEmpty)
  }

  @Test("Each file names a schema that is there, and the workflow is the recipe")
  func schemasAndWorkflow() throws {
    let folder = try Folder()
    _ = try Self.run("init", in: folder.path)
    let prefix = "# yaml-language-server: $schema="
    for path in try Installation.tree(folder.path).keys where path.hasSuffix(".yaml") {
      let url = URL(filePath: "\(folder.path)/\(path)")
      let first = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")[0]
      #expect(first.hasPrefix(prefix), "\(path)")
      let schema = url.deletingLastPathComponent().appending(path: first.dropFirst(prefix.count))
      #expect(FileManager.default.fileExists(atPath: schema.standardized.path), "\(path)")
    }
    let settings = try JSONReader.read(
      try String(contentsOfFile: folder.path + "/.vscode/settings.json", encoding: .utf8))
    for entry in settings["yaml.schemas"]?.mapping?.entries ?? [] {
      #expect(FileManager.default.fileExists(atPath: "\(folder.path)/\(entry.key)"))
    }
    let recipe = try Data(contentsOf: Recipe.folder.appending(path: "github-actions.yml"))
    let workflow = try Data(
      contentsOf: URL(filePath: folder.path + "/.github/workflows/flagstaff.yml"))
    #expect(workflow == recipe)
  }
}
