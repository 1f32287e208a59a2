// `flagstaff import` as a command: what goes to which output, what is never overwritten, how it
// ends. What it makes of flags is tested beside the importer and against flagd's provider.

import Documents
import Foundation
import Testing

@Suite("The command that imports")
struct ImportCommandTests {
  private let folder: Folder

  private static let flags = """
    {"flags": {
      "good": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "on"},
      "bad": {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "on",
        "targeting": {"if": [{"<": [{"var": "$flagd.timestamp"}, 7]}, "off"]}}}}
    """
  private static let good = "wild: {variations: {a: 1, b: 2}, defaultRule: {variation: b}}\n"

  init() throws {
    folder = try Folder()
    try Data(Self.flags.utf8).write(to: URL(filePath: folder.path + "/flags.json"))
    try Data(Self.good.utf8).write(to: URL(filePath: folder.path + "/good.yaml"))
  }

  private func run(_ words: String..., with variables: [String: String] = [:]) throws -> Ended {
    try Running(
      Programs.flagstaff, ["import"] + words,
      variables: Programs.variables.merging(variables) { $1 }, in: folder.path
    ).wait()
  }

  @Test("Definitions go to standard output, what is left out to standard error, and the code is 3")
  func outputs() throws {
    let ended = try run("flagd", "flags.json", "--quiet")
    #expect(ended.code == 3, "\(ended)")
    #expect(
      ended.output == """
        flagstaff: v1
        flags:
          good:
            variants: {on: true, off: false}
            off: off
            default: on
            environments: {production: {}}

        """, "\(ended)")
    #expect(
      ended.errors.hasPrefix("flags.json:4:33: error FS6002: the flag bad is left out"), "\(ended)")
    let json = try run("flagd", "flags.json", "--format", "json")
    let report = try JSONReader.read(json.output)
    #expect(json.code == 3 && report["formatVersion"]?.integer == 1, "\(json)")
    #expect(report["definitions"]?["flags"]?["good"]?["off"]?.string == "off", "\(json)")
    #expect(report["findings"]?.sequence?.first?["code"]?.string == "FS6002", "\(json)")
  }

  @Test(
    "A file of so many bytes is read, and one more is refused", arguments: [(0, Int32(0)), (1, 1)])
  func bytes(above: Int, code: Int32) throws {
    let flag =
      #"{"flags": {"a": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on"}}}"#
    let padding = Limits.importedFileBytesMax - flag.utf8.count + above
    try Data((flag + String(repeating: " ", count: padding)).utf8)
      .write(to: URL(filePath: folder.path + "/large.json"))
    let ended = try run("flagd", "large.json")
    #expect(ended.code == code, "\(ended)")
    #expect(ended.errors.contains("\(Limits.importedFileBytesMax) bytes") == (above > 0))
  }

  @Test(
    "A file is written where it is asked for, and never overwritten unless that is asked for too")
  func output() throws {
    let file = folder.path + "/customers/acme/flags.yaml"
    let first = try run("go-feature-flag", "good.yaml", "--output", "customers/acme/flags.yaml")
    #expect(first.code == 0 && first.output.isEmpty, "\(first)")
    #expect(first.errors.contains("1 flag carried over to customers/acme/flags.yaml"), "\(first)")
    try Data("mine".utf8).write(to: URL(filePath: file))
    let second = try run("go-feature-flag", "good.yaml", "--output", "customers/acme/flags.yaml")
    #expect(second.code == 1 && second.errors.contains("exists"), "\(second)")
    #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
    let third = try run(
      "go-feature-flag", "good.yaml", "-o", "customers/acme/flags.yaml", "--force")
    #expect(third.code == 0, "\(third)")
    #expect(try String(contentsOfFile: file, encoding: .utf8).hasPrefix("flagstaff: v1\n"))
  }

  @Test(
    "Inside a workspace flags exist in its environments, editors find the schema, and all is valid")
  func workspace() throws {
    try Programs.command(
      Programs.flagstaff, ["init", "--environment", "live", "--environment", "test"],
      in: folder.path)
    try FileManager.default.removeItem(atPath: folder.path + "/definitions/checkout.yaml")
    let ended = try run("go-feature-flag", "good.yaml", "--output", "definitions/more/wild.yaml")
    #expect(ended.code == 0, "\(ended)")
    let text = try String(
      contentsOfFile: folder.path + "/definitions/more/wild.yaml", encoding: .utf8)
    #expect(text.contains("environments: {live: {}, test: {}}"), "\(text)")
    let schema = "../../.flagstaff-schemas/v1/definitions.schema.json"
    #expect(text.hasPrefix("# yaml-language-server: $schema=\(schema)\n"), "\(text)")
    let other = try run("go-feature-flag", "good.yaml", "--environment", "test")
    #expect(other.output.contains("environments: {test: {}}"), "\(other)")
    let checked = try Running(
      Programs.flagstaff, ["validate", "--quiet"], variables: Programs.variables, in: folder.path
    ).wait()
    #expect(!checked.output.contains(": error "), "\(checked)")
  }

  @Test(
    "A place where the workspace reads no flags is refused before anything is written",
    arguments: [
      ("shared/flags.yaml", "shared/ holds segments and metrics"),
      ("governance/flags.yaml", "governance/ holds no flags"),
      ("flags.yaml", "reads no definitions there"), ("flagstaff.yaml", "workspace's own file"),
      ("other/flags.yaml", "write to definitions/"), ("definitions/flags.yml", "ends in .yaml"),
      ("definitions/.yaml", "ends in .yaml"), ("../flags.yml", "ends in .yaml"),
      ("customers/acme/flags.yaml", "not both, and this one has definitions/"),
      ("customers/flags.yaml", "in no customer's folder"),
    ])
  func wrongPlace(path: String, reason: String) throws {
    try Programs.command(Programs.flagstaff, ["init", "shop"], in: folder.path)
    try Data(Self.good.utf8).write(to: URL(filePath: folder.path + "/shop/good.goff"))
    let before = try Installation.tree(folder.path)
    let ended = try Running(
      Programs.flagstaff, ["import", "go-feature-flag", "good.goff", "--force", "--output", path],
      variables: Programs.variables, in: folder.path + "/shop"
    ).wait()
    #expect(ended.code == 1 && ended.errors.contains(reason), "\(ended)")
    #expect(try Installation.tree(folder.path) == before)
    let elsewhere = try run("go-feature-flag", "good.yaml", "--output", "shop/\(path)")
    #expect(elsewhere.code == 1 && elsewhere.errors.contains(reason), "\(elsewhere)")
  }

  @Test("The environments are those of the workspace that the file will be in")
  func otherWorkspace() throws {
    try Programs.command(
      Programs.flagstaff, ["init", "shop", "--environment", "live"], in: folder.path)
    let ended = try run("go-feature-flag", "good.yaml", "--output", "shop/definitions/wild.yaml")
    let text = try String(
      contentsOfFile: folder.path + "/shop/definitions/wild.yaml", encoding: .utf8)
    #expect(ended.code == 0 && text.contains("environments: {live: {}}"), "\(ended)")
  }

  @Test("Standard input is read, and what is no document is told with its place")
  func unreadable() throws {
    let piped = try Programs.command(
      "sh", ["-c", "\(Programs.flagstaff) import flagd - < good.yaml; echo $?"], in: folder.path)
    #expect(piped == "3\n")
    try Data("{\"flags\": {\n  oops".utf8).write(to: URL(filePath: folder.path + "/broken.json"))
    let broken = try run("flagd", "broken.json")
    #expect(broken.code == 3 && broken.output.isEmpty, "\(broken)")
    #expect(broken.errors.hasPrefix("broken.json:2:3: error FS6001: this is no JSON"), "\(broken)")
    let missing = try run("flagd", "nowhere.json")
    #expect(missing.code == 1 && missing.errors.contains("cannot be read"), "\(missing)")
    #expect(try run("flagd", "flags.json", "--environment", "No").code == 64)
    #expect(try run("flagd", "flags.json", "--force").code == 64)
  }

  @Test("So many flags that no definitions file could hold them are refused with a reason")
  func tooLarge() throws {
    let flags = (0..<3_000).map { number in
      (
        "flag-\(number)",
        Node.fields([
          "variations": .fields(["a": .string(String(repeating: "x", count: 60))]),
          "defaultRule": .fields(["variation": .string("a")]),
        ])
      )
    }
    try Data(CanonicalJSON.bytes(.mapping(flags)))
      .write(to: URL(filePath: folder.path + "/large.json"))
    let ended = try run("go-feature-flag", "large.json", "--output", "large.yaml")
    #expect(ended.code == 1 && ended.errors.contains("262144"), "\(ended)")
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/large.yaml"))
  }
}
