// Several merges between two passes. Each was approved by itself, by whoever signed it; what they
// come to together nobody approved. A pass takes them as so many passes would have, and stops where
// something is not approved.

import Documents
import Foundation
import PostgresRegistry
import TestHarness
import Testing

@Suite("Step by step")
struct StepTests {
  private static let one = "customers/acme/one.yaml"
  private static let two = "customers/acme/two.yaml"

  private static let values = ["a", "b", "c", "d", "e", "f", "g"]

  /// A file with one flag.
  private static func file(_ key: String, value: String) -> String {
    """
    flagstaff: v1
    flags:
      \(key):
        variants: {\(values.map { "\($0): \($0)" }.joined(separator: ", "))}
        off: a
        default: \(value)
        environments: {production: {}}

    """
  }

  private static func gated() async throws -> GatedInstallation {
    try await GatedInstallation(files: [
      one: file("one", value: "a"), two: file("two", value: "a"),
    ])
  }

  /// A branch by Bob that was merged by somebody.
  @discardableResult
  private static func merge(
    _ file: String, _ key: String, _ value: String, as member: Member?, _ gated: GatedInstallation
  ) throws -> String {
    let repository = gated.repository
    try repository.git("checkout", "--quiet", "-b", "branch")
    try repository.write(Self.file(key, value: value), to: file)
    try repository.commit(as: .bob, gated.people)
    try repository.git("checkout", "--quiet", "main")
    if let member {
      try repository.merge(["branch"], as: member, gated.people)
    } else {
      try repository.git("merge", "--quiet", "--no-ff", "--message", "Merge", "branch")
    }
    try repository.git("branch", "--quiet", "-D", "branch")
    return try repository.git("rev-parse", "HEAD")
  }

  private static func approvers(_ gated: GatedInstallation) throws -> [Int: String] {
    var found: [Int: String] = [:]
    for person in ["alice", "bob", "carol"] {
      for event in try gated.events(approvedBy: person) {
        found[event["version"]?.integer ?? 0] = person
      }
    }
    return found
  }

  @Test("Two merges that one pass finds become two versions, each approved by who signed it")
  func sameDefinition() async throws {
    let gated = try await Self.gated()
    let first = try Self.merge(Self.one, "one", "b", as: .carol, gated)
    try Self.merge(Self.one, "one", "c", as: .alice, gated)
    let applied = try gated.reconcile()
    #expect(
      applied.output.contains(
        "production/acme  applied as version 2, of commit \(first.prefix(12))"),
      "\(applied)")
    #expect(applied.output.contains("production/acme  applied as version 3\n"), "\(applied)")
    #expect(applied.output.contains("2 changes in 1 scope; approved by"), "\(applied)")
    #expect(try gated.version("production/acme") == 3)
    #expect(try Self.approvers(gated) == [2: "carol", 3: "alice"])
    let seen = try gated.installation.connection().runOutsideTransaction(
      """
      SELECT string_agg(version::text, ' ' ORDER BY version) AS versions
      FROM experimentation.publications WHERE environment = 'production' AND customer = 'acme'
      """
    ).only().string("versions")
    #expect(seen == "1 2 3")
    try gated.installation.expect(0, "audit", "verify", "--origin", gated.installation.origin)
    try gated.reconcile()
    #expect(try gated.version("production/acme") == 3)
    try await gated.installation.discard()
  }

  @Test("What is approved before a refused merge is applied; what follows is named as waiting")
  func refusedBetween() async throws {
    let gated = try await Self.gated()
    try Self.merge(Self.one, "one", "b", as: .carol, gated)
    let refused = try Self.merge(Self.two, "two", "b", as: nil, gated)
    let behind = try Self.merge(Self.one, "one", "c", as: .alice, gated)
    let waiting = try gated.reconcile(4)
    #expect(waiting.output.contains("production/acme  applied as version 2, of commit"))
    #expect(waiting.output.contains("production/acme  waiting at version 2"), "\(waiting)")
    #expect(
      waiting.output.contains(
        "! not approved first: commit \(refused.prefix(12)); behind it 1 commit:"
          + " \(behind.prefix(12))"), "\(waiting)")
    #expect(try gated.version("production/acme") == 2)
    let json = try gated.installation.expect(4, "reconcile", "--format", "json")
    let document = try JSONReader.read(Array(json.output.utf8), depthMax: 64)
    let scope = try #require(
      document["scopes"]?.sequence?.first { $0["environment"]?.string == "production" })
    #expect(scope["waitingCommits"] == .strings([refused, behind]))

    // Approved later, by a statement about what the branch adds to what is applied.
    try gated.approve(as: .alice, base: "HEAD~2")
    try gated.approve(as: .carol, base: "HEAD~2")
    try gated.reconcile()
    #expect(try gated.version("production/acme") == 3)
    try await gated.installation.discard()
  }

  @Test(
    "A commit whose definitions cannot be read is no step, and keeps no later one from being one")
  func unreadable() async throws {
    let gated = try await Self.gated()
    try Self.merge(Self.one, "one", "b", as: .carol, gated)
    try gated.repository.write("flagstaff: [", to: Self.two)
    try gated.repository.commit()
    try gated.repository.write(Self.file("two", value: "a"), to: Self.two)
    try gated.repository.commit()
    try Self.merge(Self.one, "one", "c", as: .alice, gated)
    // They come to nothing, so what they did in between is nobody's concern.
    let applied = try gated.reconcile()
    #expect(applied.output.contains("production/acme  applied as version 3\n"), "\(applied)")
    #expect(try gated.version("production/acme") == 3)
    try await gated.installation.discard()
  }

  @Test(
    "After a crash between two steps the next pass goes on with the second",
    arguments: [
      "apply.events.written", "apply.committed", "publish.pointer.moved", "apply.committed@2",
    ])
  func crash(point: String) async throws {
    let gated = try await Self.gated()
    try Self.merge(Self.one, "one", "b", as: .carol, gated)
    try Self.merge(Self.one, "one", "c", as: .alice, gated)
    let crashed = try gated.installation.run("reconcile", with: ["FLAGSTAFF_FAILPOINT": point])
    #expect(crashed.signal == SIGKILL, "\(crashed)")
    try gated.reconcile()
    #expect(try gated.version("production/acme") == 3)
    #expect(try Self.approvers(gated) == [2: "carol", 3: "alice"])
    try gated.installation.expect(0, "audit", "verify", "--origin", gated.installation.origin)
    try await gated.installation.discard()
  }

  @Test("No more commits are tried in a pass than the limit allows", arguments: [199, 200])
  func limit(refused: Int) async throws {
    // An exemption lets a change go ahead that nobody signed, so every commit has to be tried.
    let gated = try await GatedInstallation(
      policies: """
        approvals:
          everything: {match: {}, require: {count: 1, role: DEVELOPER}, exempt: safer}

        """,
      files: [Self.one: Self.file("one", value: "a"), Self.two: Self.file("two", value: "a")])
    for number in 0..<refused {
      try gated.repository.write(
        Self.file("one", value: ["b", "d"][number % 2]), to: Self.one)
      try gated.repository.commit()
    }
    try gated.repository.write(Self.file("one", value: "c"), to: Self.one)
    try gated.repository.commit()
    for member in [Member.alice, .carol] {
      try gated.approve(as: member, base: "HEAD~\(refused + 1)")
    }
    try gated.repository.write(Self.file("two", value: "b"), to: Self.two)
    try gated.repository.commit()
    try gated.reconcile(4)
    #expect(try gated.version("production/acme") == (refused < Limits.stepsMax ? 2 : 1))
    try await gated.installation.discard()
  }

  @Test("Changes of trust by two merges become two versions of trust")
  func trust() async throws {
    let gated = try await GatedInstallation()
    let governance = GatedInstallation.governance
    try gated.repository.replace(
      "carol: {role: DEVELOPER", by: "carol: {role: ADMIN", in: governance)
    try gated.repository.commit(as: .bob, gated.people)
    try gated.approve(as: .alice)
    try gated.reconcile()
    for (member, count) in [(Member.alice, 2), (.carol, 3)] {
      try gated.repository.git("checkout", "--quiet", "-b", "branch")
      try gated.repository.replace(
        "count: \(count - 1)", by: "count: \(count)", in: governance)
      try gated.repository.commit(as: .bob, gated.people)
      try gated.repository.git("checkout", "--quiet", "main")
      try gated.repository.merge(["branch"], as: member, gated.people)
      try gated.repository.git("branch", "--quiet", "-D", "branch")
    }
    let applied = try gated.reconcile()
    #expect(applied.output.contains("trust  applied as version 3\n"), "\(applied)")
    #expect(applied.output.contains("trust  applied as version 4\n"), "\(applied)")
    #expect(try gated.trust()["approvedBy"] == .strings(["carol"]))
    try await gated.installation.discard()
  }

  @Test("Trust that an earlier merge changed judges a later one, also where one pass finds both")
  func trustThenScope() async throws {
    let two = GatedInstallation.policies.replacing("count: 1", with: "count: 2")
    let gated = try await GatedInstallation(
      policies: two, files: [Self.one: Self.file("one", value: "a")])
    try gated.repository.git("checkout", "--quiet", "-b", "branch")
    try gated.repository.replace("count: 2", by: "count: 1", in: GatedInstallation.governance)
    try gated.repository.commit(as: .bob, gated.people)
    try gated.repository.git("checkout", "--quiet", "main")
    try gated.repository.merge(["branch"], as: .alice, gated.people)
    try gated.repository.git("branch", "--quiet", "-D", "branch")
    try Self.merge(Self.one, "one", "b", as: .carol, gated)
    let applied = try gated.reconcile()
    #expect(applied.output.contains("trust  applied as version 2"), "\(applied)")
    #expect(try gated.version("production/acme") == 2)
    try await gated.installation.discard()
  }

  /// No merge goes back to what was before: what is registered already asks nobody, so a pass that
  /// missed both the approved way there and the unapproved way back has nothing left to do.
  @Test("One pass over many merges ends where a pass after each of them does", arguments: 1...3)
  func repeatable(seed: UInt64) async throws {
    var random = SeededGenerator(seed: seed)
    let often = try await Self.gated()
    let once = try await often.installation.copy()
    var merged = ["one": 0, "two": 0]
    var code: Int32?
    for _ in 0..<6 {
      let key = random.pick(["one", "two"])
      merged[key, default: 0] += 1
      let value = Self.values[merged[key, default: 0]]
      let signer = random.pick([Member.carol, .alice, .carol, .alice, nil])
      try Self.merge(key == "one" ? Self.one : Self.two, key, value, as: signer, often)
      code = try often.installation.run("reconcile").code
    }
    #expect(try once.run("reconcile").code == code)
    #expect(try Self.published(once) == Self.published(often.installation))
    // Nothing is left over for a second one.
    let before = try once.dump()
    #expect(try once.run("reconcile").code == code)
    #expect(try once.dump() == before)
    try await once.discard()
    try await often.installation.discard()
  }

  /// What servers evaluate in production, by the digest of its index.
  private static func published(_ installation: Installation) throws -> String? {
    let envelope = try #require(
      FileManager.default.contents(
        atPath: "\(installation.origin)/v1/production/acme/latest.json"))
    let payload = try JSONReader.read(Array(envelope))["payload"]?.string ?? ""
    let pointer = try #require(Data(base64Encoded: payload))
    return try JSONReader.read(Array(pointer), depthMax: 64)["index"]?["digest"]?.string
  }
}
