// Edits whose class is not obvious, and what they leave behind: what a review sees of them is what
// the plan says.

import Foundation
import Testing

/// An experiment as it is registered, another form of it, and what the plan calls the difference.
struct EditFixture: Sendable, CustomTestStringConvertible {
  let key: String
  let before: String
  let after: String
  let classes: String

  var testDescription: String { "\(before) → \(after)" }

  private static func fixture(_ key: String, _ before: String, _ after: String, _ classes: String)
    -> Self
  {
    Self(key: key, before: before, after: after, classes: classes)
  }

  static let all = [
    fixture("paused-first", "status: paused", "status: running", "experiment.started"),
    fixture("over-first", "status: completed", "status: running", "experiment.started"),
    fixture(
      "scheduled-later", "status: paused",
      "status: running, schedule: {start: 2027-01-01T00:00:00Z}", "schedule.changed"),
    fixture("went-on", "status: running", "status: paused", "experiment.paused"),
    fixture(
      "other-winner", "status: running, winner: a, schedule: {end: 2027-01-01T00:00:00Z}",
      "status: running, winner: b, schedule: {end: 2027-01-01T00:00:00Z}", "variants.changed"),
    fixture(
      "other-winner-after", "status: completed, winner: a", "status: completed, winner: b",
      "experiment.completed"),
    fixture(
      "ends-with-winner", "status: running", "status: completed, winner: b",
      "experiment.completed"),
    // One letter in two spellings: equal to Swift, other users to a hash.
    fixture(
      "other-spelling", #"status: draft, bucketBy: "caf\u00e9""#,
      #"status: draft, bucketBy: "cafe\u0301""#, "variants.changed"),
    fixture(
      "other-salt", #"status: draft, salt: "caf\u00e9""#, #"status: draft, salt: "cafe\u0301""#,
      "variants.changed"),
  ]

  static func definitions(_ form: (EditFixture) -> String) -> String {
    let experiments = all.map { fixture in
      """
        \(fixture.key):
          {\(form(fixture)), traffic: 10%, control: a, environments: {production: {}},
           variants: {a: {weight: 1, payload: 1}, b: {weight: 1, payload: 2}}}
      """
    }
    return "flagstaff: v1\nexperiments:\n" + experiments.joined(separator: "\n") + "\n"
  }
}

@Suite("Edits and their classes")
struct EditTests {
  @Test("A plan names each difference by its path, and shows long texts where they differ")
  func differences() async throws {
    let long = String(repeating: "a", count: 90)
    let before = """
      flagstaff: v1
      flags:
        pick:
          description: \(long)b
          variants: {a: {n: [1, 2], traffic: 4}, b: {n: [1], traffic: 5}}
          off: a
          environments: {production: {}}
          rules:
            - {when: {zone: A}, serve: b}
            - {key: ramp, serve: b, rollout: {2026-11-20T00:00:00Z: 5%}}

      """
    let repository = try DefinitionsRepository([
      "flagstaff.yaml": DefinitionsRepository.workspace, "customers/acme/a.yaml": before,
    ])
    let installation = try await Installation(repository)
    try installation.expect(0, "reconcile", "--quiet")
    for (text, other) in [
      ("\(long)b", "\(long)c"), ("traffic: 5", "traffic: 6"), ("n: [1, 2]", "n: [1, 3]"),
      ("00Z: 5%", "00Z: 7%"),
      ("    - {when: {zone: A}", "    - {serve: a}\n      - {when: {zone: A}"),
    ] {
      try repository.replace(text, by: other, in: "customers/acme/a.yaml")
    }
    try repository.commit()
    let output = try installation.expect(0, "plan").output
    for line in [
      "description: …\(String(repeating: "a", count: 20))b → …\(String(repeating: "a", count: 20))c",
      "rules[0]: none → {\"serve\":\"a\"}", "rules[2].rollout.2026-11-20T00:00:00Z: 5% → 7%",
      "variants.a.n: [1,2] → [1,3]", "variants.b.traffic: 5 → 6",
    ] {
      #expect(output.contains(line), "\(line) in \(output)")
    }
    try await installation.discard()
  }

  private static let file = "customers/acme/edits.yaml"

  @Test("Each edit is of the class that says what it does")
  func classes() async throws {
    let repository = try DefinitionsRepository([
      "flagstaff.yaml": DefinitionsRepository.workspace,
      Self.file: EditFixture.definitions(\.before),
    ])
    let installation = try await Installation(repository)
    try installation.expect(0, "reconcile", "--quiet")
    try repository.write(EditFixture.definitions(\.after), to: Self.file)
    try repository.commit()
    try installation.expect(0, "reconcile", "--quiet")
    let log = try installation.expect(0, "audit", "log").output
    for fixture in EditFixture.all {
      let events = log.split(separator: "\n").filter {
        $0.hasPrefix("event ") && $0.contains(" experiment \(fixture.key)  ")
      }
      #expect(events.count == 2, "\(fixture.key): \(log)")
      #expect(events.last?.hasSuffix("  \(fixture.classes)") == true, "\(fixture): \(events)")
    }
    try await installation.discard()
  }

  @Test("With a scope's last flag its segments go too, its own and the shared")
  func lastFlag() async throws {
    let segment = "flagstaff: v1\nsegments: {inner: {a: b}, outer: {segment: inner}}\n"
    let own = "flagstaff: v1\nsegments: {mine: {segment: outer}}\n"
    let flag = """
      flagstaff: v1
      flags: {f: {enabled: false, environments: {production: {}}, rules: []}}

      """
    let repository = try DefinitionsRepository([
      "flagstaff.yaml": DefinitionsRepository.workspace, "shared/all.yaml": segment,
      "customers/acme/own.yaml": own, Self.file: flag,
    ])
    let installation = try await Installation(repository)
    let first = try installation.expect(0, "reconcile")
    #expect(first.output.split(separator: "segment.created").count == 4, "\(first)")
    try repository.remove(Self.file)
    try repository.commit()
    let second = try installation.expect(0, "reconcile")
    #expect(second.output.split(separator: "segment.deleted").count == 4, "\(second)")
    try installation.expect(0, "audit", "verify")
    try await installation.discard()
  }

  @Test("The log is filtered by environments, customers and key")
  func filteredLog() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    try installation.expect(0, "reconcile", "--quiet")
    func events(_ options: String...) throws -> [String] {
      let running = try installation.start(["audit", "log"] + options)
      let ended = try running.wait()
      #expect(ended.code == 0, "\(ended)")
      return ended.output.split(separator: "\n").map(String.init).filter { $0.hasPrefix("event ") }
    }
    let all = try events()
    #expect(all.contains { $0.contains("  production/acme version 1") })
    #expect(try events("--environment", "staging") == all.filter { $0.contains("  staging/") })
    #expect(try events("--environment", "staging", "--environment", "production") == all)
    #expect(try events("--customer", "globex") == all.filter { $0.contains("/globex ") })
    #expect(
      try events("--customer", "globex", "--environment", "staging", "--key", "pick-by-light")
        == all.filter { $0.contains("  staging/globex ") })
    #expect(try events("--key", "banner").count == 2)
    #expect(try events("--customer", "nobody").isEmpty)
    try await installation.discard()
  }
}
