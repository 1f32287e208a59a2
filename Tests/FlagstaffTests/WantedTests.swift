// Which files a command takes, and what it says of those that it does not take: edits beside a
// commit, a workspace further down, definitions where nothing reads them, and none at all.

import Documents
import Foundation
import Testing

@Suite("What is checked and planned")
struct WantedTests {
  private static func run(_ words: String..., in folder: String) throws -> Ended {
    var variables = Programs.variables
    variables["FLAGSTAFF_INSTANT"] = Installation.instant
    return try Running(Programs.flagstaff, words, variables: variables, in: folder).wait()
  }

  @Test("Edits that are not committed are named beside a plan, and change nothing in it")
  func uncommitted() throws {
    let repository = try DefinitionsRepository.small()
    func plan(_ words: String...) throws -> Ended {
      try AgainstTests.plan(["--against", "rev:HEAD"] + words, in: repository)
    }
    let clean = try plan("--format", "json")
    #expect(!clean.errors.contains("uncommitted"), "\(clean)")
    try repository.replace("default: true", by: "default: false", in: "customers/acme/shop.yaml")
    try repository.write("flagstaff: v1\n", to: "customers/new/a.yaml")
    try repository.write("x", to: "notes.yaml")
    let edited = try plan("--format", "json")
    #expect(edited.output == clean.output, "\(edited)")
    let note =
      "2 files with uncommitted edits are left out: customers/acme/shop.yaml,"
      + " customers/new/a.yaml. Commit them, or name the folder"
    #expect(edited.errors.contains(note), "\(edited)")
    for words in [["--head", "HEAD"], ["--quiet"], [repository.path]] {
      let ended = try AgainstTests.plan(["--against", "rev:HEAD"] + words, in: repository)
      #expect(!ended.errors.contains("uncommitted"), "\(words): \(ended)")
    }
  }

  @Test(
    "With a folder, --head and --merge are of the repository in it, for validate and plan alike")
  func folderWithRevisions() throws {
    let repository = try DefinitionsRepository.small()
    try repository.git("checkout", "--quiet", "-b", "side")
    try repository.replace("control: old", by: "control: older", in: "customers/acme/shop.yaml")
    try repository.commit()
    try repository.git("checkout", "--quiet", "main")
    for command in [["validate"], ["plan", "--against", "rev:main"]] {
      for revision in [["--head", "side"], ["--merge", "side"]] {
        let words = [command[0], repository.path] + command.dropFirst() + revision
        let ended = try Running(
          Programs.flagstaff, words, variables: Programs.variables, in: "/tmp"
        ).wait()
        #expect(ended.code == 3 && ended.output.contains("FS2013"), "\(words): \(ended)")
      }
      let files = try Running(
        Programs.flagstaff, [command[0], repository.path] + command.dropFirst(),
        variables: Programs.variables, in: "/tmp"
      ).wait()
      #expect(files.code == 0, "\(files)")
    }
  }

  @Test("A folder of a larger repository is taken as it is, and told to be one")
  func folderOfRepository() throws {
    let repository = try DefinitionsRepository([
      "flags/flagstaff.yaml": DefinitionsRepository.workspace,
      "flags/customers/globex/depot.yaml": DefinitionsRepository.depot,
    ])
    let folder = repository.path + "/flags"
    let files = try Self.run("plan", in: folder)
    #expect(files.code == 0 && files.output.contains("pick-by-light"), "\(files)")
    #expect(files.errors.contains(". is a folder of the Git repository"), "\(files)")
    #expect(!files.errors.contains("no Git commit yet"), "\(files)")
    for words in [["validate", "--head", "HEAD"], ["reconcile"]] {
      let ended = try Running(
        Programs.flagstaff, words, variables: Programs.variables, in: folder
      ).wait()
      #expect(ended.code == 1 && ended.errors.contains("it is a folder of the repo"), "\(ended)")
    }
    #expect(try Self.run("database", "stop", in: folder).code == 0)
    let top = try Self.run("validate", in: repository.path)
    #expect(top.code == 3 && top.output.contains("FS2003"), "\(top)")
    #expect(top.output.contains("flags/flagstaff.yaml: a workspace stands here"), "\(top)")
  }

  @Test("Definitions where nothing reads them are told by validate and plan, of files and commits")
  func misplaced() throws {
    let repository = try DefinitionsRepository([
      "flagstaff.yaml": DefinitionsRepository.workspace,
      "customers/acme/shop.yaml": DefinitionsRepository.shop,
      "customer/globex/depot.yaml": DefinitionsRepository.depot,
    ])
    let path = repository.path
    for words in [
      ["validate"], ["validate", "--head", "HEAD"], ["plan", "--against", "rev:HEAD"],
      ["validate", "--head", "HEAD~1", "--merge", "HEAD"], ["plan", ".", "--against", "rev:HEAD"],
    ] {
      if words.contains("--merge") { try repository.commit() }
      let ended = try Running(
        Programs.flagstaff, words, variables: Programs.variables, in: path
      ).wait()
      let line = "customer/globex/depot.yaml: warning FS2008: this looks like definitions"
      #expect(ended.code == 0 && ended.output.contains(line), "\(words): \(ended)")
      #expect(ended.output.contains("Rename the folder customer/ to customers/"), "\(ended)")
    }
    #expect(try Self.run("validate", "--strict", in: path).code == 3)
  }

  @Test("A workspace without definitions is told to have none, in every format")
  func nothingDefined() throws {
    let repository = try DefinitionsRepository(["flagstaff.yaml": DefinitionsRepository.workspace])
    for format in ["text", "json", "markdown", "github", "sarif", "junit"] {
      for words in [["validate"], ["plan", "--against", "rev:HEAD"]] {
        let ended = try Running(
          Programs.flagstaff, words + ["--format", format], variables: Programs.variables,
          in: repository.path
        ).wait()
        #expect(ended.code == 0 && ended.output.contains("FS2009"), "\(ended)")
        #expect(ended.output.contains("no definitions were found"), "\(ended)")
      }
    }
  }
}
