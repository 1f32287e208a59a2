// Imports point down the list of rooms, and C stays in the room that wraps it (rules 1, 2 and 16
// of the house style). The list is data in `House.swift`; the package manifest alone would let a
// room reach up as soon as somebody added a line to it.

import Testing

@Suite("Imports")
struct ImportTests {
  @Test("Imports point down the list of rooms, and to nothing that the list does not name")
  func importsPointDown() throws {
    try expectNone(Repository.current().sources.flatMap(ImportCheck.violations))
  }

  @Test("Every C library is imported by one room only")
  func librariesHaveOneRoom() throws {
    try expectNone(ImportCheck.sharedLibraries(Repository.current().sources))
  }

  @Test("The list of rooms itself points down, and every target of Sources is in it")
  func listIsSound() throws {
    let names = House.rooms.map(\.name)
    for (place, room) in House.rooms.enumerated() {
      for name in room.imports {
        let target = try #require(names.firstIndex(of: name), "\(name) is no room")
        #expect(target > place, "\(room.name) must not import \(name), which stands above it")
      }
    }
    let known = names + House.observers + House.buildTools.keys
    for target in Set(try Repository.current().sources.compactMap(\.target)) {
      #expect(known.contains(target), "Sources/\(target) is not in the list of rooms")
    }
  }

  @Test("The core imports nothing of the platform and uses no clock, chance, file or async")
  func coreIsPure() throws {
    try expectNone(Repository.current().sources.flatMap(PurityCheck.violations))
  }

  @Test("No package or public declaration mentions a type of C")
  func typesOfCStay() throws {
    try expectNone(Repository.current().sources.flatMap(ForeignTypeCheck.violations))
  }

  @Test(
    "The check of imports finds what it is for",
    arguments: [
      ("Documents", "import FlagstaffCore"), ("Documents", "internal import Foundation"),
      ("FlagstaffEvaluation", "public import Foundation"), ("FlagstaffCore", "import Glibc"),
      ("FlagstaffCore", "import Dispatch"), ("GitSource", "import FlagstaffCore"),
      ("YAMLDocuments", "import CLibPQ"), ("GitSource", "package import CLibGit2"),
      ("Origins", "import PostgresRegistry"), ("FlagstaffServer", "import PostgresRegistry"),
      ("Signing", "import Alamofire"), ("Origins", "import struct ArgumentParser.Option"),
      ("Signing", "@_exported import Documents"), ("GitSource", "public import Documents"),
      ("schema-embedder", "import Documents"), ("Unknown", "import Documents"),
    ])
  func importsAreFound(target: String, line: String) throws {
    let file = SourceFile("Sources/\(target)/Sample.swift", "// A header.\n\n\(line)\n")
    #expect(try ImportCheck.violations(file).map(\.line) == [3])
  }

  @Test(
    "The check of imports lets through what the list allows",
    arguments: [
      ("flagstaff", "import ArgumentParser"), ("Signing", "internal import COpenSSL"),
      ("PostgresRegistry", "package import Documents"), ("FlagstaffEvaluation", "import Glibc"),
      ("FlagstaffController", "internal import GitSource"), ("flagstaff-bench", "import CLibYAML"),
      ("FlagstaffEvaluation", "public import Documents"), ("Documents", "// import Foundation"),
    ])
  func importsAreAllowed(target: String, line: String) throws {
    #expect(try ImportCheck.violations(SourceFile("Sources/\(target)/Sample.swift", line)).isEmpty)
  }

  @Test("A C library that two rooms import is found")
  func sharedLibraryIsFound() throws {
    let files = ["Signing", "Origins"].map {
      SourceFile("Sources/\($0)/Sample.swift", "import COpenSSL\n")
    }
    #expect(try ImportCheck.sharedLibraries(files).count == 1)
  }

  @Test(
    "The check of purity finds what it is for",
    arguments: [
      "func plan() async throws {}", "let now = ContinuousClock.now",
      "let n = Int.random(in: 0..<9)",
      "let path = getenv(\"PATH\")", "let all = list.shuffled()", "let file = fopen(path, mode)",
      "Task { }", "let arguments = CommandLine.arguments", "actor Planner {}",
    ])
  func impurityIsFound(line: String) throws {
    let file = SourceFile("Sources/FlagstaffCore/3-Plan/Sample.swift", "\n\(line)\n")
    #expect(try PurityCheck.violations(file).map(\.line) == [2])
    #expect(try PurityCheck.violations(SourceFile("Sources/Origins/Sample.swift", line)).isEmpty)
  }

  @Test(
    "The check of C types finds what it is for",
    arguments: [
      "package let handle: OpaquePointer", "public func row(_ result: UnsafePointer<CChar>) {}",
      "package init(\n  connection: PGconn\n) {}", "package var tree: git_oid { id }",
      "package static func key() -> UnsafeMutablePointer<EVP_PKEY>?",
    ])
  func foreignTypesAreFound(declaration: String) throws {
    let file = SourceFile("Sources/Signing/Sample.swift", "\n\(declaration)\n")
    #expect(try ForeignTypeCheck.violations(file).map(\.line) == [2])
    let inside = declaration.replacing("package", with: "private")
      .replacing("public", with: "private")
    #expect(try ForeignTypeCheck.violations(SourceFile("Sources/Signing/A.swift", inside)).isEmpty)
  }
}
