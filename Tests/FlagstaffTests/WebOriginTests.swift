// `flagstaff plan` against an origin behind a web server: the same plan as from its directory, with
// nothing believed that was not verified.

import Foundation
import TestHarness
import Testing

@Suite("Plans against a web server")
struct WebOriginTests {
  @Test("Over HTTP a plan is the one from the directory, and what is damaged is not believed")
  func plan() async throws {
    let repository = try DefinitionsRepository.small()
    let installation = try await Installation(repository)
    try installation.expect(0, "reconcile", "--quiet")
    try repository.replace("traffic: 20%", by: "traffic: 30%", in: "customers/acme/shop.yaml")
    try repository.write(
      "flagstaff: v1\nflags: {light: {environments: {production: {}}}}\n",
      to: "customers/initech/new.yaml")
    try repository.commit()
    let server = try WebServer(serving: installation.origin)
    let directory = try installation.planPublished(["--format", "json"])
    let web = try installation.planPublished(["--format", "json"], origin: server.address)
    #expect(web.code == 0 && web.output == directory.output, "\(web)")

    let nowhere = try installation.planPublished(origin: server.address + "/nowhere")
    #expect(nowhere.code == 1 && nowhere.errors.contains("no scope is published there"))
    let broken = try installation.planPublished(origin: server.address + "/broken")
    #expect(broken.code == 1 && broken.errors.contains("status 500"), "\(broken)")

    let states = try installation.originTree().keys.filter {
      $0.hasPrefix("v1/production/acme/state/") && $0.hasSuffix(".json")
    }
    let file = URL(fileURLWithPath: installation.origin + "/" + (try #require(states.first)))
    let bytes = try Data(contentsOf: file)
    for damaged in [bytes.dropLast(), bytes.dropLast() + Data(" ".utf8)] {
      try FileManager.default.removeItem(at: file)
      try damaged.write(to: file)
      let ended = try installation.planPublished(origin: server.address)
      #expect(ended.code == 1 && ended.output.contains("production/acme  failed"), "\(ended)")
      #expect(ended.output.contains("production/initech  version 0 → 1"), "\(ended)")
    }
    try await installation.discard()
  }
}
