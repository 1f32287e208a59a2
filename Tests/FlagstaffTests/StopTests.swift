// Kills and releases as an operator meets them: the real program, with everything else broken that
// can be. A kill reaches the origin within five seconds and stays; its release is a change like any
// other, and asks the people whom the policies name.

import Documents
import FlagstaffController
import Foundation
import PostgresRegistry
import TestHarness
import Testing

@Suite("Kill and release")
struct StopTests {
  /// What the published snapshot answers.
  private func answer(_ flag: String, _ installation: Installation, _ context: String = "{}")
    throws -> (variant: String, reason: String)
  {
    let ended = try installation.expect(
      0, "evaluate", "--flag", flag, "--environment", "production", "--customer", "acme",
      "--context", context, "--format", "json")
    let node = try JSONReader.read(Array(ended.output.utf8), depthMax: 64)
    let found = node["evaluations"]?.sequence?.first ?? node
    return (found["variant"]?.string ?? "", found["reason"]?.string ?? "")
  }

  private static let user = #"{"targetingKey": "u1", "email": "x@else.example"}"#
  private static let place = ["--environment", "production", "--customer", "acme"]

  private func run(
    _ code: Int32, _ installation: Installation, _ arguments: [String],
    with more: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Ended {
    let ended = try installation.start(arguments + Self.place, with: more).wait()
    #expect(ended.code == code, "\(ended)", sourceLocation: sourceLocation)
    return ended
  }

  @Test("A kill reaches the origin within 5 s: no Git, red definitions, a freeze, nobody awake")
  func stoppable() async throws {
    let gated = try await GatedInstallation(files: [
      "flagstaff.yaml": DefinitionsRepository.workspace
        + "  freezes: [{from: 2020-01-01T00:00, until: 2100-01-01T00:00, zone: Etc/UTC}]\n"
    ])
    let installation = gated.installation
    try gated.repository.write("flagstaff: v1\nflags: {broken", to: GatedInstallation.shop)
    try gated.repository.commit()
    let begun = ContinuousClock.now
    let killed = try run(
      0, installation, ["kill", "checkout", "--reason", "a test"],
      with: ["FLAGSTAFF_REPOSITORY": "/nowhere"])
    let took = begun.duration(to: .now)
    // P7. Everything is in it: the process, the plan, the second opinion, the origin.
    #expect(took < .seconds(5), "\(took)")
    #expect(killed.output.contains("applied as version 2"), "\(killed)")
    #expect(try answer("checkout", installation).reason == "DISABLED")
    // The pass that finds the definitions red holds the scope, and the kill with it.
    try installation.expect(3, "reconcile")
    #expect(try answer("checkout", installation).reason == "DISABLED")
    // What shows users something waits for the end of the freeze.
    try gated.repository.git("reset", "--quiet", "--hard", "HEAD~1")
    let waiting = try run(4, installation, ["release", "checkout"])
    #expect(waiting.output.contains("Not released yet"), "\(waiting)")
    #expect(waiting.output.contains("production is frozen until"), "\(waiting)")
    try installation.expect(0, "audit", "verify", "--approvals")
    try await installation.discard()
  }

  @Test("Commits go on being applied behind a kill, plans say so, and nothing undoes it")
  func masked() async throws {
    let installation = try await Installation(try DefinitionsRepository.small())
    let repository = installation.repository
    try installation.expect(0, "reconcile", "--quiet")
    let before = try answer("checkout", installation, Self.user)
    _ = try run(0, installation, ["kill", "checkout-v2"])
    let killed = try answer("checkout", installation, Self.user)
    #expect(killed.variant == "old" && before.reason != killed.reason, "\(before) \(killed)")

    try repository.replace("traffic: 20%", by: "traffic: 60%", in: "customers/acme/shop.yaml")
    try repository.commit()
    let planned = try installation.expect(0, "plan")
    #expect(
      planned.output.contains("behind a kill: without it 40% of users would move at most"),
      "\(planned)")
    // What is published tells a plan as much as the registry does.
    let published = try installation.expect(
      0, "plan", "--against", "origin:\(installation.origin)", "--format", "json")
    let registered = try installation.expect(0, "plan", "--format", "json")
    let scopes = try [published, registered].map {
      try JSONReader.read(Array($0.output.utf8), depthMax: 64)["scopes"]
    }
    #expect(scopes[0] == scopes[1] && scopes[0] != nil)

    try installation.expect(0, "reconcile")
    #expect(try answer("checkout", installation, Self.user).variant == "old")
    let status = try installation.expect(0, "status")
    #expect(status.output.contains("killed  experiment checkout-v2  since"), "\(status)")
    let released = try run(0, installation, ["release", "checkout-v2", "--reason", "mended"])
    #expect(released.output.contains("60%"), "it is the jump that it is: \(released)")
    let history = try installation.expect(
      0, "history", "checkout-v2", "--environment", "production")
    #expect(history.output.contains("it was killed."), "\(history)")
    #expect(history.output.contains("because: mended"), "\(history)")
    try installation.expect(0, "audit", "verify")
    try await installation.discard()
  }

  @Test("What is not one place, or nothing to do, is said, and nothing is done")
  func places() async throws {
    let installation = try await Installation(try DefinitionsRepository.small())
    try installation.expect(0, "reconcile", "--quiet")
    let before = try installation.dump()
    let unclear = try installation.expect(64, "kill", "banner")
    #expect(unclear.errors.contains("production/acme, staging/acme"), "\(unclear)")
    let unknown = try installation.expect(64, "kill", "baner", "--environment", "production")
    #expect(unknown.errors.contains("There are production/acme"), "\(unknown)")
    try installation.expect(64, "kill", "banner", "--reason", String(repeating: "x", count: 4_097))
    #expect(try installation.dump() == before)

    let everywhere = try installation.expect(0, "kill", "banner", "--everywhere")
    #expect(everywhere.output.contains("2 changes in 2 scopes"), "\(everywhere)")
    let again = try run(0, installation, ["kill", "banner"])
    #expect(again.output.contains("Nothing to do in"), "\(again)")
    #expect(again.errors.contains("is killed since"), "\(again)")
    _ = try run(0, installation, ["release", "banner"])
    // Who tries once more does not stop, or release, the other one.
    try installation.expect(64, "kill", "banner")
    try installation.expect(64, "release", "banner")
    try installation.expect(0, "release", "banner", "--everywhere", "--format", "json")
    try await installation.discard()
  }

  @Test("An origin that is broken keeps a kill from no other, and the next pass brings it up")
  func brokenOrigin() async throws {
    let installation = try await Installation(try DefinitionsRepository.small())
    let other = installation.folder.path + "/other"
    let origins = ["FLAGSTAFF_ORIGIN": "\(other),\(installation.origin)"]
    try installation.expect(0, "reconcile", "--quiet", with: origins)
    try Programs.command("mv", [other, other + ".away"])
    try Data("no directory".utf8).write(to: URL(fileURLWithPath: other))
    let killed = try installation.start(
      ["kill", "banner", "--everywhere"], with: origins
    ).wait()
    #expect(killed.code == 1, "\(killed)")
    #expect(killed.output.contains("2 changes in 2 scopes"), "\(killed)")
    #expect(killed.errors.contains("The origin \(other) does not have it"), "\(killed)")
    #expect(killed.errors.contains("is recorded all the same"), "\(killed)")
    #expect(!killed.output.contains("published: \(other)"), "\(killed)")
    #expect(try answer("banner", installation).reason == "DISABLED")
    // Who tries again means that origin, too.
    let again = try run(1, installation, ["kill", "banner"], with: origins)
    #expect(again.errors.contains("The origin \(other) does not have it"), "\(again)")
    try Programs.command("rm", [other])
    try Programs.command("mv", [other + ".away", other])
    try installation.expect(1, "status", with: origins)
    try installation.expect(0, "kill", "banner", "--everywhere", with: origins)
    try installation.expect(0, "status", with: origins)
    try installation.expect(0, "reconcile", "--quiet", with: origins)
    try await installation.discard()
  }

  @Test("Rows of kills that somebody edits are found, and nothing is published of them")
  func edited() async throws {
    let installation = try await Installation(try DefinitionsRepository.small())
    try installation.expect(0, "reconcile", "--quiet")
    _ = try run(0, installation, ["kill", "banner"])
    let published = try installation.originContent()
    let edits: [SQL] = [
      "DELETE FROM experimentation.kills",
      """
      INSERT INTO experimentation.kills
      VALUES ('production', 'acme', 'flag', 'checkout', '2026-11-23', '2026-11-23')
      """,
      "UPDATE experimentation.kills SET schedule = schedule - interval '1 day'",
      "UPDATE experimentation.scopes SET schedule = schedule + interval '1 day' WHERE version = 2",
    ]
    for (number, edit) in edits.enumerated() {
      let copy = try await installation.copy()
      try copy.connection().runOutsideTransaction(edit)
      let found = try copy.expect(1, "reconcile")
      #expect(found.output.contains("edited by hand"), "\(number): \(found)")
      #expect(try copy.originContent() == published, "\(number)")
      try await copy.discard()
    }
    try await installation.discard()
  }

  @Test("A release is approved by a statement of its own, which an auditor verifies")
  func approved() async throws {
    let gated = try await GatedInstallation()
    let installation = gated.installation
    _ = try run(0, installation, ["kill", "banner"])
    let waiting = try run(4, installation, ["release", "banner"])
    #expect(
      waiting.output.contains("approve --release banner --environment production"), "\(waiting)")
    let signed = try installation.start(
      ["approve", "--release", "banner", "--yes", "--signing-key", gated.people.key(of: .bob)]
        + Self.place
    ).wait()
    #expect(signed.code == 0, "\(signed)")
    #expect(signed.output.contains("flag banner, released, generation 3"), "\(signed)")
    // A pass releases nothing, whoever approved it.
    try installation.expect(0, "reconcile")
    #expect(try answer("banner", installation).reason == "DISABLED")
    let released = try run(0, installation, ["release", "banner"])
    #expect(released.output.contains("bob"), "\(released)")
    #expect(try answer("banner", installation).reason != "DISABLED")
    let verified = try installation.expect(0, "audit", "verify", "--approvals")
    #expect(verified.output.contains("1 kills, which ask nobody"), "\(verified)")
    try await installation.discard()
  }

  #if FAILPOINTS
    @Test("A kill that dies anywhere is whole after the next pass, or never was")
    func crashes() async throws {
      let installation = try await Installation(try DefinitionsRepository.small())
      try installation.expect(0, "reconcile", "--quiet")
      let trace = installation.folder.path + "/trace"
      _ = try run(
        0, installation, ["kill", "banner"], with: ["FLAGSTAFF_FAILPOINT_TRACE": trace])
      _ = try run(0, installation, ["release", "banner"])
      let points = Set(
        try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n").map(String.init))
      #expect(points.count > 20)
      for point in points.sorted() {
        let died = try installation.start(
          ["kill", "banner"] + Self.place, with: ["FLAGSTAFF_FAILPOINT": point]
        ).wait()
        #expect(died.code != 0, "\(point): \(died)")
        try installation.expect(0, "reconcile", "--quiet")
        let status = try installation.expect(0, "status")
        let isKilled = status.output.contains("killed  flag banner")
        #expect(try (answer("banner", installation).reason == "DISABLED") == isKilled, "\(point)")
        if isKilled { _ = try run(0, installation, ["release", "banner"]) }
      }
      try installation.expect(0, "audit", "verify")
      try await installation.discard()
    }
  #endif
}
