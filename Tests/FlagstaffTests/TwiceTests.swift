// Promise P8 and the quiet second pass: what is there already is not touched, and the same commit
// and instant give the same bytes wherever they are reconciled.

import Foundation
import Testing

@Suite("Reconciling again, and elsewhere")
struct TwiceTests {
  @Test("The second pass says that nothing changed, and touches neither row nor file")
  func secondPassIsQuiet() async throws {
    let installation = try await Installation(DefinitionsRepository.generated())
    let first = try installation.expect(0, "reconcile")
    #expect(first.output.contains("ungated"))
    let moment = try installation.moment()
    #expect(moment.registry.count == DefinitionsRepository.generatedScopes + 1)
    for instant in [Installation.instant, "2026-11-23T12:00:07Z"] {
      let second = try installation.expect(
        0, "reconcile", "--detailed-exitcode", with: ["FLAGSTAFF_INSTANT": instant])
      #expect(second.output.contains("Nothing changed."), "\(second)")
      #expect(try installation.dump() == moment.registry)
      expectEqual(try installation.originTree(), moment.origin, "names, bytes and times")
    }
    #expect(moment.origin.keys.contains { $0.hasSuffix("/.flagstaff-lock") })
    // At least one scope is too large for one part.
    #expect(try installation.hasIndexOfSeveralParts())
    try await installation.discard()
  }

  @Test("A commit that changes one customer leaves the files of the others alone")
  func othersStay() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    try installation.expect(0, "reconcile", "--quiet")
    let former = try installation.originTree()
    try installation.repository.replace(
      "zone: A", by: "zone: B", in: "customers/globex/depot.yaml")
    try installation.repository.commit()
    let ended = try installation.expect(2, "reconcile", "--detailed-exitcode")
    #expect(ended.output.contains("rules.changed"), "\(ended)")
    let tree = try installation.originTree()
    expectEqual(
      tree.filter { $0.key.contains("/acme") }, former.filter { $0.key.contains("/acme") },
      "acme's files")
    #expect(tree["v1/production/globex/latest.json"] != former["v1/production/globex/latest.json"])
    try await installation.discard()
  }

  @Test("Several controllers at once come to what one alone comes to")
  func severalControllers() async throws {
    let prepared = try await PreparedStages.shared.stage(.smallRepository)
    let installation = try await prepared.start.copy(variables: prepared.start.variables)
    let controllers = try (0..<4).map { _ in try installation.start(["reconcile"]) }
    for controller in controllers {
      let ended = try controller.wait()
      #expect(ended.code == 0, "\(ended)")
    }
    expectEqual(try installation.dump(), prepared.after.registry, "rows")
    expectEqual(
      try installation.originContent(), Installation.content(of: prepared.after.origin),
      "the origin")
    try await installation.discard()
  }

  @Test("Two clones on two paths publish the same bytes")
  func clonesAgree() async throws {
    let repository = try DefinitionsRepository.generated()
    let clone = try DefinitionsRepository()
    let nested = clone.path + "/a folder/deeper/clone"
    try Programs.command("git", ["clone", "--quiet", repository.path, nested])
    let first = try await Installation(repository)
    var second = try await Installation(clone)
    second.variables["FLAGSTAFF_REPOSITORY"] = nested
    // And a third way to the same commit: through a mirror.
    var third = try await Installation(repository)
    third.variables["FLAGSTAFF_REPOSITORY"] = "file://" + repository.path
    for installation in [first, second, third] { try installation.expect(0, "reconcile") }
    let (content, rows) = (try first.originContent(), try first.dump())
    #expect(content.count > DefinitionsRepository.generatedScopes * 4)
    for other in [second, third] {
      expectEqual(try other.originContent(), content, "the published tree")
      expectEqual(try other.dump(), rows, "the registry")
      try await other.discard()
    }
    try await first.discard()
  }
}

extension Installation {
  func hasIndexOfSeveralParts() throws -> Bool {
    try originTree().keys.contains { path in
      guard path.contains("/objects/"), path.hasSuffix(".json") else { return false }
      let text = String(
        decoding: FileManager.default.contents(atPath: origin + "/" + path) ?? Data(),
        as: UTF8.self)
      return text.contains(#""parts":["#) && text.components(separatedBy: #""digest":"#).count > 2
    }
  }
}
