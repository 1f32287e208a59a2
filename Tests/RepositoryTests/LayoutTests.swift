// The shape of the repository: what stands at the top level, what folders are called, that every
// target has its tests, and that no file of `examples/` or `schemas/` is there for nobody (rules 5,
// 20 and 21 of the house style).

import Foundation
import Testing

@Suite("The layout of the repository")
struct LayoutTests {
  @Test("The top level holds what it should, and nothing that a build leaves behind")
  func topLevelIsClean() throws {
    try expectNone(LayoutCheck.topLevel(Repository.current().paths))
  }

  @Test("No folder is named after its being useful")
  func foldersAreNamed() throws {
    try expectNone(LayoutCheck.folderNames(Repository.current().paths))
  }

  @Test("Every target has a test target of its name, or a reason why not")
  func targetsAreTested() throws {
    try expectNone(
      LayoutCheck.untested(Repository.current().paths, reasons: House.testedElsewhere))
  }

  @Test("Every file of examples and schemas is exercised by a test or a script")
  func noFileIsDead() throws {
    let repository = try Repository.current()
    let callers = repository.paths.filter(LayoutCheck.isCaller).map { ($0, repository.text($0)) }
    let texts = Dictionary(callers, uniquingKeysWith: { first, _ in first })
    expectNone(
      LayoutCheck.dead(repository.paths, callers: texts, folders: House.exercisedFolders))
  }

  @Test("The reading of the repository finds this file")
  func repositoryIsRead() throws {
    let repository = try Repository.current()
    #expect(repository.paths.contains("Tests/RepositoryTests/LayoutTests.swift"))
    #expect(repository.sources.contains { $0.path == "Sources/Documents/Node.swift" })
  }

  @Test(
    "The check of the top level finds what it is for",
    arguments: [
      "Makefile", "docs/a.md", "Package.resolved", ".build/debug.yaml", "scripts/test",
      "Sources/A/.build/x", "examples/storefront/Package.resolved",
    ])
  func strayFilesAreFound(path: String) {
    #expect(LayoutCheck.topLevel(["README.md", ".gitignore", path]).map(\.path) == [path])
  }

  @Test(
    "The check of folder names finds what it is for",
    arguments: [
      "Sources/A/Utils/B.swift", "Tests/Helpers/A.swift", "Sources/A/2-misc/Impl/B.swift",
    ])
  func foldersAreFound(path: String) {
    #expect(LayoutCheck.folderNames([path, "Sources/A/Common.swift"]).map(\.path) == [path])
  }

  @Test("A target without tests is found, and so is a reason that no longer holds")
  func untestedAreFound() {
    let paths = [
      "Sources/A/A.swift", "Sources/B/B.swift", "Sources/C/shim.h", "Sources/D/D.swift",
      "Tests/BTests/BTests.swift", "Tests/DTests/DTests.swift",
    ]
    let found = LayoutCheck.untested(paths, reasons: ["D": "reason", "E": "reason"])
    #expect(found.map(\.path) == ["Sources/A", "Sources/D", "Sources/E"])
  }

  @Test("A file that nobody names is found, and so is a folder whose caller does not name it")
  func deadFilesAreFound() {
    let paths = [
      "examples/shop/a.yaml", "examples/ci/b.yaml", "examples/quickstart", "schemas/v1/c.json",
      "schemas/v1/d.json", "Tests/T/T.swift", ".ci/run",
    ]
    let callers = ["Tests/T/T.swift": "v1/c.json examples/shop", ".ci/run": "examples/quickstart"]
    let found = LayoutCheck.dead(paths, callers: callers, folders: ["examples/shop": ".ci/run"])
    #expect(found.map(\.path) == ["examples/ci/b.yaml", "examples/shop", "schemas/v1/d.json"])
    let whole = LayoutCheck.dead(
      paths, callers: callers, folders: ["examples/shop": "Tests/T/T.swift"])
    #expect(whole.map(\.path) == ["examples/ci/b.yaml", "schemas/v1/d.json"])
  }
}

enum LayoutCheck {
  static func topLevel(_ paths: [String]) -> [Violation] {
    paths.filter { path in
      let parts = path.split(separator: "/").map(String.init)
      let isUsual = House.topLevel.contains(parts[0]) || parts[0].hasPrefix(".")
      return !isUsual || parts.contains(".build") || parts.last == "Package.resolved"
    }.map { Violation(path: $0, line: 1, message: "it has no place in the repository") }
  }

  static func folderNames(_ paths: [String]) -> [Violation] {
    paths.compactMap { path in
      let folders = path.split(separator: "/").dropLast().map { $0.lowercased() }
      let banned = folders.first { House.folderNamesBanned.contains($0) }
      return banned.map {
        Violation(path: path, line: 1, message: "a folder named \($0) says nothing")
      }
    }
  }

  /// Targets with Swift files, without tests and without a reason; and reasons out of date.
  static func untested(_ paths: [String], reasons: [String: String]) -> [Violation] {
    func folders(_ top: String) -> Set<String> {
      Set(
        paths.filter { $0.hasPrefix("\(top)/") && $0.hasSuffix(".swift") }
          .map { String($0.split(separator: "/")[1]) })
    }
    let tests = folders("Tests")
    let targets = folders("Sources")
    let missing = targets.filter { !tests.contains("\($0)Tests") && reasons[$0] == nil }
    let stale = reasons.keys.filter { !targets.contains($0) || tests.contains("\($0)Tests") }
    return
      (missing.map { ("Sources/\($0)", "it has no tests") }
      + stale.map { ("Sources/\($0)", "the reason why it has no tests no longer holds") })
      .sorted { $0.0 < $1.0 }
      .map { Violation(path: $0.0, line: 1, message: $0.1) }
  }

  /// Whether a file may name others: tests, CI, and the scripts among the examples.
  static func isCaller(_ path: String) -> Bool {
    let isScript = path.hasPrefix("examples/") && !path.dropFirst(9).contains(".")
    return path.hasPrefix("Tests/") || path.hasPrefix(".ci/") || isScript
  }

  /// Files of `examples/` and `schemas/` that no caller names, by path from the top or from inside
  /// `schemas/`, and that stand in no folder which a caller exercises whole.
  static func dead(_ paths: [String], callers: [String: String], folders: [String: String])
    -> [Violation]
  {
    let all = callers.values.joined(separator: "\n")
    let unkept = folders.filter { folder, caller in
      !(callers[caller]?.contains(folder) ?? false)
        || !paths.contains { $0.hasPrefix("\(folder)/") }
    }
    let unnamed = paths.filter { path in
      guard path.hasPrefix("examples/") || path.hasPrefix("schemas/") else { return false }
      if folders.keys.contains(where: { path.hasPrefix("\($0)/") }) { return false }
      let inside = path.hasPrefix("schemas/") ? String(path.dropFirst(8)) : path
      return !all.contains(inside)
    }
    return (unkept.keys + unnamed).sorted()
      .map { Violation(path: $0, line: 1, message: "no test or script exercises it") }
  }
}
