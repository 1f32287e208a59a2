// A mistake as a file of `Findings/`, and beside it the same put right. A `‸` stands before each
// place where a finding is expected, so a fixture is read and changed without counting columns. A
// file is one definitions file of a customer; a line `--- path` begins another file, and a line
// `=== instant` another commit, for what only a plan can find.

import Documents
import FlagstaffCore
import Foundation

struct FindingFixture: Sendable {
  /// `FS2012-2.wrong`: the code, perhaps a number, and which of the two it is.
  let name: String
  /// In the order in which they are applied; the last is the one with the findings.
  let commits: [Commit]

  struct Commit: Sendable {
    /// Nil where the fixture has no registry.
    var instant: String?
    /// Marked texts by path.
    var files: [String: String] = [:]
    /// The files that a finding names without a position.
    var marked: [String] = []
  }

  var code: String { String(name.prefix(6)) }
  var isWrong: Bool { name.hasSuffix(".wrong") }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Findings")

  /// All fixtures, by name.
  static let all: [FindingFixture] = {
    let files = try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    return (files ?? []).filter { $0.pathExtension == "yaml" }.compactMap { file in
      (try? String(contentsOf: file, encoding: .utf8)).map {
        FindingFixture(file.deletingPathExtension().lastPathComponent, text: $0)
      }
    }.sorted { $0.name < $1.name }
  }()

  init(_ name: String, text: String) {
    self.name = name
    var commits = [Commit()]
    var path = "customers/acme/a.yaml"
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      if line.hasPrefix("=== ") {
        if commits[0].instant != nil { commits.append(Commit()) }
        commits[commits.count - 1].instant = String(line.dropFirst(4))
        path = "customers/acme/a.yaml"
      } else if line.hasPrefix("--- ") {
        let isMarked = line.hasSuffix(" ‸")
        path = String(line.dropFirst(4).dropLast(isMarked ? 2 : 0))
        commits[commits.count - 1].files[path] = ""
        if isMarked { commits[commits.count - 1].marked.append(path) }
      } else {
        commits[commits.count - 1].files[path, default: ""] += "\(line)\n"
      }
    }
    self.commits = commits
  }

  /// What the last commit is found to be: `FS2012 customers/acme/a.yaml:3:5`, in order.
  ///
  /// Most fixtures hold nothing but what they are about, so that they define nothing is left out.
  func found() throws -> [Finding] {
    try all().filter { $0.code.rawValue != "FS2009" || code == "FS2009" }
  }

  private func all() throws -> [Finding] {
    guard let last = commits.last else { return [] }
    let repository = TestRepository(last.files)
    guard let instant = last.instant else { return repository.findings }
    var scope = TestScope()
    for commit in commits.dropLast() {
      try scope.pass(TestRepository(commit.files), at: commit.instant ?? instant)
    }
    switch try scope.outcome(repository, at: instant) {
    case .plan(let plan): return (repository.findings + plan.warnings).sorted()
    case .held(let findings): return (repository.findings + findings).sorted()
    }
  }

  /// Where the marks of the last commit stand.
  var places: [Location] {
    guard let last = commits.last else { return [] }
    return (TestRepository(last.files).marks + last.marked.map { Location(file: $0) }).sorted()
  }
}
