// The scripts that people and CI start, and the pages that tell of them. What the scripts do is shown
// where they run; here is what can be seen without running them: that a shell can read them, that
// they stop at the first failure, and that no page sends its reader to something that is not there.

import Foundation
import Testing

@Suite("Scripts and pages")
struct ScriptTests {
  static let scripts = [
    ".ci/build", ".ci/full", ".ci/fuzz", ".ci/install-packages", ".ci/run", ".ci/test",
    "examples/quickstart",
  ]

  static let pages = [
    "README.md", "Sources/FlagstaffCore/FlagstaffCore.docc/Architecture.md",
    "examples/quickstart.golden/normalised.md", "examples/quickstart.golden/questions.md",
    "examples/storefront/README.md", "schemas/conformance/README.md",
  ]

  @Test("The list of scripts is whole")
  func scriptsAreListed() throws {
    let paths = try Repository.current().paths.filter { $0.hasPrefix(".ci/") }
    #expect(paths + ["examples/quickstart"] == Self.scripts)
  }

  @Test(
    "A script may be started, says what it is, and stops at the first failure", arguments: scripts)
  func scriptIsWellFormed(path: String) throws {
    let repository = try Repository.current()
    let lines = repository.text(path).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.first == "#!/usr/bin/env bash")
    #expect(lines.dropFirst().first?.hasPrefix("# ") ?? false, "it has no header")
    #expect(lines.first { !$0.hasPrefix("#") } == "set -euo pipefail")
    let file = repository.root.appending(path: path).path
    #expect(FileManager.default.isExecutableFile(atPath: file))
    let shell = Process()
    shell.executableURL = URL(filePath: "/usr/bin/env")
    shell.arguments = ["bash", "-n", file]
    try shell.run()
    shell.waitUntilExit()
    #expect(shell.terminationStatus == 0)
  }

  @Test("The README has exactly two set-up commands")
  func setUpIsTwoCommands() throws {
    let readme = try Repository.current().text("README.md")
    let section = readme.components(separatedBy: "\n## ").first { $0.hasPrefix("Set-up\n") } ?? ""
    #expect(Self.commands(in: section) == ["examples/quickstart", ".ci/test"])
  }

  @Test("Every link of a page leads to a file of the repository", arguments: pages)
  func linksLead(page: String) throws {
    let repository = try Repository.current()
    #expect(!repository.text(page).isEmpty)
    let folder = page.split(separator: "/").dropLast().map { "/\($0)" }.joined()
    for target in try Self.links(in: repository.text(page)) {
      let path = URL(filePath: "\(folder)/\(target)").standardized.path.dropFirst()
      let leads = repository.paths.contains { $0 == path || $0.hasPrefix("\(path)/") }
      #expect(leads, "\(page) links to \(target)")
    }
  }

  @Test("The README links the article that describes the architecture")
  func architectureIsLinked() throws {
    let links = try Self.links(in: Repository.current().text("README.md"))
    #expect(links.contains("Sources/FlagstaffCore/FlagstaffCore.docc/Architecture.md"))
  }

  @Test("Commands and links are found in a page")
  func pagesAreRead() throws {
    let page =
      "See [a](b/c.md#d) and [w](https://e.example).\n```sh\none   # why\n\ntwo\n```\nthree"
    #expect(Self.commands(in: page) == ["one", "two"])
    #expect(try Self.links(in: page) == ["b/c.md"])
  }

  /// The lines inside code fences, without their comments.
  static func commands(in text: String) -> [String] {
    let inside = text.components(separatedBy: "```").enumerated().filter { $0.offset % 2 == 1 }
    return inside.flatMap { block in
      // The first line names the language.
      block.element.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
        .map { $0.components(separatedBy: " #")[0].trimmingCharacters(in: .whitespaces) }
        .filter { !$0.isEmpty }
    }
  }

  /// The targets of links inside the repository, without their fragments.
  static func links(in text: String) throws -> [String] {
    try Pattern(#"\]\(([^)#]+)(#[^)]*)?\)"#).matches(in: text).map { $0.groups[1] }
      .filter { !$0.contains("://") }
  }
}
