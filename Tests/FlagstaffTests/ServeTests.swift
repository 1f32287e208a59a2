// `flagstaff serve` as a process: it follows the branch, brings the origin back to what it should
// be, outlives its database, and ends when it is told to.

import Documents
import Foundation
import Testing

@Suite("Serving")
struct ServeTests {
  @Test("A new commit is applied, and a pointer or object that went away is put back")
  func followsAndRepairs() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    let serving = try installation.start(["serve", "--interval", "0.2"])
    let pointer = installation.origin + "/v1/production/globex/latest.json"
    try await expectSoon("the first version", serving) { contents(pointer) != nil }
    let first = contents(pointer)
    try installation.repository.replace(
      "zone: A", by: "zone: B", in: "customers/globex/depot.yaml")
    try installation.repository.commit()
    try await expectSoon("the second version", serving) { contents(pointer) != first }
    let second = contents(pointer)
    try FileManager.default.removeItem(atPath: pointer)
    try await expectSoon("the pointer again", serving) { contents(pointer) == second }
    let published = try installation.originContent().filter { $0.key.hasSuffix(".json") }
    for (field, kind) in [("index", "objects"), ("state", "state")] {
      let digest = try digest(of: field, inPointer: try #require(second))
      let object = "v1/production/globex/\(kind)/\(digest).json"
      try FileManager.default.removeItem(atPath: installation.origin + "/" + object)
      try await expectSoon("\(object) again", serving) {
        contents(installation.origin + "/" + object) != nil
      }
    }
    #expect(try installation.originContent().filter { $0.key.hasSuffix(".json") } == published)
    try end(serving)
    try installation.expect(0, "audit", "verify")
    try installation.expect(0, "snapshot", "verify", installation.origin)
    try await installation.discard()
  }

  @Test("A customer whose definitions break stays, and goes on once they are mended")
  func brokenAndMended() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    let serving = try installation.start(["serve", "--interval", "0.2", "--format", "json"])
    let acme = installation.origin + "/v1/production/acme/latest.json"
    let globex = installation.origin + "/v1/production/globex/latest.json"
    try await expectSoon("the first version", serving) {
      contents(acme) != nil && contents(globex) != nil
    }
    let (firstAcme, firstGlobex) = (contents(acme), contents(globex))
    try installation.repository.write("flagstaff: v1\nflugs: {}\n", to: "customers/acme/odd.yaml")
    try installation.repository.replace(
      "zone: A", by: "zone: B", in: "customers/globex/depot.yaml")
    try installation.repository.commit()
    try await expectSoon("globex", serving) { contents(globex) != firstGlobex }
    #expect(contents(acme) == firstAcme)
    try installation.repository.remove("customers/acme/odd.yaml")
    try installation.repository.replace(
      "traffic: 20%", by: "traffic: 40%", in: "customers/acme/shop.yaml")
    try installation.repository.commit()
    try await expectSoon("acme", serving) { contents(acme) != firstAcme }
    let errors = try end(serving).errors
    #expect(errors.contains(#""message":"finding""#), "\(errors)")
    try await installation.discard()
  }

  @Test("A database that goes away and comes back is waited for")
  func databaseRestarts() async throws {
    var installation = try await Installation(DefinitionsRepository.small())
    let server = ["FLAGSTAFF_STATE_DIR": installation.folder.path + "/server"]
    let started = try installation.expect(
      0, "database", "start", with: server, without: ["DATABASE_URL"])
    installation.variables["DATABASE_URL"] = started.output.trimmingCharacters(in: .newlines)
    let serving = try installation.start(["serve", "--interval", "0.2"])
    let pointer = installation.origin + "/v1/production/globex/latest.json"
    try await expectSoon("the first version", serving) { contents(pointer) != nil }
    let first = contents(pointer)
    try installation.expect(0, "database", "stop", with: server, without: ["DATABASE_URL"])
    try installation.repository.replace(
      "zone: A", by: "zone: B", in: "customers/globex/depot.yaml")
    try installation.repository.commit()
    try await expectSoon("a pass that failed", serving) {
      serving.errors.contains("pass failed")
    }
    try installation.expect(0, "database", "start", with: server, without: ["DATABASE_URL"])
    try await expectSoon("the second version", serving) { contents(pointer) != first }
    try end(serving)
    try installation.expect(0, "audit", "verify")
    try installation.expect(0, "database", "stop", with: server, without: ["DATABASE_URL"])
    try await installation.discard()
  }

  @Test("With a private database it needs nothing else, and stops it when it ends")
  func privateDatabase() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    let own = ["DATABASE_URL", "AUDIT_HMAC_SECRET", "FLAGSTAFF_SIGNING_KEY_FILE"]
    let serving = try installation.start(
      ["serve", "--interval", "0.2", "--private-database"], without: own)
    let pointer = installation.origin + "/v1/production/globex/latest.json"
    try await expectSoon("the first version", serving) { contents(pointer) != nil }
    try end(serving)
    let state = installation.folder.path + "/state"
    #expect(!FileManager.default.fileExists(atPath: state + "/postgres/data/postmaster.pid"))
    for file in ["audit-hmac-secret", "signing-key.pem"] {
      let attributes = try FileManager.default.attributesOfItem(atPath: state + "/" + file)
      #expect(attributes[.posixPermissions] as? Int == 0o600, "\(file)")
    }
    #expect(contents(state + "/.gitignore").map { String(decoding: $0, as: UTF8.self) } == "*\n")
    try await installation.discard()
  }

  @Test("Without a database and without leave to run one it refuses")
  func noDatabase() async throws {
    let installation = try await Installation(DefinitionsRepository.small())
    let ended = try installation.expect(64, "serve", without: ["DATABASE_URL"])
    #expect(ended.errors.contains("--private-database"), "\(ended)")
    try await installation.discard()
  }
}

/// The digest of what a pointer names.
private func digest(of field: String, inPointer bytes: Data) throws -> String {
  let envelope = try JSONReader.read([UInt8](bytes))
  let payload = try #require(
    envelope["payload"]?.string.flatMap { Data(base64Encoded: $0) })
  let pointer = try JSONReader.read([UInt8](payload))
  return try #require(pointer[field]?["digest"]?.string)
}

private func contents(_ path: String) -> Data? { FileManager.default.contents(atPath: path) }

/// Tells the process to end, and expects that it does so of itself.
@discardableResult
private func end(_ serving: Running, sourceLocation: SourceLocation = #_sourceLocation) throws
  -> Ended
{
  serving.send(SIGTERM)
  let ended = try serving.wait(secondsMax: 60)
  #expect(ended.code == 0, "\(ended)", sourceLocation: sourceLocation)
  #expect(ended.errors.contains("ended"), sourceLocation: sourceLocation)
  return ended
}

/// Waits until something is so; passes follow each other by fractions of a second.
private func expectSoon(
  _ what: String, _ serving: Running, sourceLocation: SourceLocation = #_sourceLocation,
  _ condition: () throws -> Bool
) async throws {
  let deadline = ContinuousClock.now + .seconds(40)
  while ContinuousClock.now < deadline {
    if try condition() { return }
    try await Task.sleep(for: .milliseconds(50))
  }
  // Other tests may have held this one up beyond its time.
  if try condition() { return }
  serving.send(SIGKILL)
  Issue.record("\(what) never came: \(serving.errors)", sourceLocation: sourceLocation)
  throw ProgramFailure(description: "\(what) never came")
}
