// A long-running process keeps what it found of customers whose files have not changed. Whatever
// is edited, what it then says must be what a process that has just begun would say.

import Documents
import FlagstaffCore
import TestHarness
import Testing
import YAMLDocuments

@Suite struct KeptFindingsTests {
  @Test("After any edits the findings are those of a fresh check")
  func afterEdits() throws {
    var random = SeededGenerator(seed: 27)
    let pool = Self.pool
    let paths = pool.keys.sorted()
    var files: [String: CheckedFile] = [:]
    var kept: Definitions?
    var seen: Set<String> = []
    for step in 0..<400 {
      for _ in 0..<(1 + Int(random.next() % 2)) {
        let path = paths[Int(random.next() % UInt64(paths.count))]
        let texts = try #require(pool[path])
        let text = texts[Int(random.next() % UInt64(texts.count))]
        files[path] = random.next() % 4 == 0 ? nil : Self.check(text, path)
      }
      // What cannot be read may have said anything, so less is certain beside it.
      let stray = ["customers/acme/x.txt", "customers/beta/x.txt", "shared/x.txt"]
        .filter { _ in random.next() % 8 == 0 }
      let all = RepositoryFiles(
        Array(files.values), stray: stray.map { (path: $0, reason: .ending) })
      let fresh = Definitions.check(all)
      let definitions = Definitions.check(all, after: kept)
      #expect(definitions.findings == fresh.findings, "step \(step)")
      #expect(definitions.heldScopes == fresh.heldScopes, "step \(step)")
      #expect(definitions.goingOnScopes == fresh.goingOnScopes, "step \(step)")
      #expect(definitions.count == fresh.count, "step \(step)")
      seen.formUnion(fresh.findings.map(\.code.rawValue))
      kept = definitions
    }
    // Or else the edits would show nothing.
    #expect(seen.count > 40, "only \(seen.count) kinds of findings came up")
  }

  /// The texts that a file may have, by path: those of all fixtures, right and wrong, for each of
  /// three customers, and what stands in the files that all of them share.
  private static let pool: [String: [String]] = {
    var pool: [String: [String]] = [Layout.workspaceFile: [TestRepository.workspace]]
    for fixture in FindingFixture.all {
      for (path, marked) in fixture.commits.last?.files ?? [:] {
        let text = MarkedText(marked).text
        guard path.hasPrefix("customers/acme/") else {
          pool[path, default: []].append(text)
          continue
        }
        for place in ["acme/a", "acme/b", "beta/a", "gamma/a"] {
          pool["customers/\(place).yaml", default: []].append(text)
        }
      }
    }
    // Often the usual one, so that most is known of what the others say.
    let workspaces = pool[Layout.workspaceFile] ?? []
    pool[Layout.workspaceFile] =
      workspaces + Array(repeating: TestRepository.workspace, count: workspaces.count)
    return pool.filter { path, _ in
      if case .success = Layout.role(of: path, hasCustomers: true) { true } else { false }
    }
  }()

  private static func check(_ text: String, _ path: String) -> CheckedFile? {
    guard case .success(let role) = Layout.role(of: path, hasCustomers: true) else { return nil }
    let reading = YAMLReader.read(Array(text.utf8), file: path)
    guard let document = reading.document else {
      return .unreadable(path, as: role, findings: reading.findings)
    }
    return .check(document, as: role)
  }
}
