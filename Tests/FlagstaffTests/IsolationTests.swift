// Promise P5 and the safety of deletion: a customer with findings or a deletion that is not safe
// stays where it is, the others go on, and the way back is what the message says.

import Foundation
import Testing

@Suite("Waiting, held and isolated scopes")
struct IsolationTests {
  @Test("A removed flag waits while it is enabled, goes once disabled, and returns on purpose only")
  func lifeOfAFlag() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    let repository = installation.repository
    let file = "customers/acme/light.yaml"
    let flag = "flagstaff: v1\nflags: {light: {environments: {production: {}, staging: {}}}}\n"
    try repository.write(flag, to: file)
    try repository.commit()
    try installation.expect(0, "reconcile", "--quiet")
    let enabled = try installation.moment()

    // Removed while enabled: the whole scope waits, and so does what else was changed in it.
    try repository.remove(file)
    try repository.replace("traffic: 20%", by: "traffic: 30%", in: "customers/acme/shop.yaml")
    try repository.commit()
    let waiting = try installation.expect(4, "reconcile")
    #expect(waiting.output.contains("flag light would be deleted, but it is enabled"))
    #expect(waiting.output.contains("Set `enabled: false` first"))
    try installation.expect(4, "plan")
    #expect(try installation.dump() == enabled.registry)
    expectEqual(try installation.originTree(), enabled.origin, "the origin")

    // Disabled first, then removed: a tombstone stays.
    try repository.write(flag.replacing("{}", with: "{enabled: false}"), to: file)
    try repository.commit()
    try installation.expect(0, "reconcile", "--quiet")
    try repository.remove(file)
    try repository.commit()
    let deleted = try installation.expect(0, "reconcile")
    #expect(deleted.output.contains("definition.deleted"), "\(deleted)")
    let rows = try installation.dump()["production/acme"] ?? []
    #expect(rows.contains { $0.hasPrefix("tombstones (production,acme,flag,light,") })
    #expect(!rows.contains { $0.hasPrefix("feature_flags") && $0.contains(",light,") })

    // It comes back only on purpose.
    try repository.write(flag, to: file)
    try repository.commit()
    let moment = try installation.moment()
    let refused = try installation.expect(3, "reconcile")
    #expect(refused.output.contains("FS4001"), "\(refused)")
    #expect(refused.output.contains("revive: true"), "\(refused)")
    #expect(try installation.moment() == moment)
    try repository.write(
      flag.replacing("{environments", with: "{revive: true, environments"), to: file)
    try repository.commit()
    let revived = try installation.expect(0, "reconcile")
    #expect(revived.output.contains("definition.revived"), "\(revived)")
    try installation.expect(0, "audit", "verify")
    try await installation.discard()
  }

  @Test("A running experiment that is removed waits until it is completed")
  func runningExperiment() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    let repository = installation.repository
    let file = "customers/globex/trial.yaml"
    let experiment = """
      flagstaff: v1
      experiments:
        trial:
          status: running
          traffic: 50%
          control: a
          variants: {a: {weight: 1, payload: 1}, b: {weight: 1, payload: 2}}
          environments: {production: {}}

      """
    try repository.write(experiment, to: file)
    try repository.commit()
    try installation.expect(0, "reconcile", "--quiet")
    try repository.remove(file)
    try repository.commit()
    let waiting = try installation.expect(4, "reconcile")
    #expect(waiting.output.contains("experiment trial would be deleted, but it is running"))
    #expect(waiting.output.contains("Set `status: completed` first"))
    try repository.write(experiment.replacing("running", with: "completed"), to: file)
    try repository.commit()
    try installation.expect(0, "reconcile", "--quiet")
    try repository.remove(file)
    try repository.commit()
    try installation.expect(0, "reconcile", "--quiet")
    try await installation.discard()
  }

  @Test("More deletions than the budget wait, and say so")
  func deletionBudget() async throws {
    let repository = try DefinitionsRepository.small()
    let keys = (1...12).map { "old-\($0)" }
    let flags = keys.map { "  \($0): {environments: {staging: {enabled: false}}}\n" }.joined()
    try repository.write("flagstaff: v1\nflags:\n" + flags, to: "customers/globex/old.yaml")
    try repository.commit()
    let installation = try await Installation(repository)
    try installation.expect(0, "reconcile", "--quiet")
    let moment = try installation.moment()
    try repository.remove("customers/globex/old.yaml")
    try repository.commit()
    let waiting = try installation.expect(4, "reconcile")
    #expect(waiting.output.contains("12 definitions would be deleted; the budget"), "\(waiting)")
    #expect(try installation.moment() == moment)
    try await installation.discard()
  }

  @Test("Only the scopes that the options name are looked at")
  func selection() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    try installation.expect(
      0, "reconcile", "--quiet", "--environment", "staging", "--customer", "acme")
    #expect(Set(try installation.dump().keys) == ["audit", "staging/acme"])
    #expect(try installation.pointerPaths() == ["v1/staging/acme/latest.json"])
    try await installation.discard()
  }
}

@Suite("Another workspace")
struct WorkspaceTests {
  @Test("Definitions of another workspace are refused, and nothing is written")
  func otherWorkspace() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    try installation.expect(0, "reconcile", "--quiet")
    let before = try installation.moment()
    let workspace = try String(
      contentsOfFile: installation.repository.path + "/flagstaff.yaml", encoding: .utf8)
    let renamed = workspace.replacing(/id: [a-z-]+/, with: "id: another")
    #expect(renamed != workspace)
    try installation.repository.write(renamed, to: "flagstaff.yaml")
    try installation.repository.commit()
    for command in ["plan", "reconcile"] {
      let ended = try installation.expect(1, command)
      #expect(ended.errors.contains("belongs to the workspace"), "\(ended)")
    }
    #expect(try installation.moment() == before)
    try await installation.discard()
  }
}
