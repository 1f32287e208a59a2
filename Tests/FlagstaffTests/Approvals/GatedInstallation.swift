// An installation in which trust has begun: people with keys, a policy, definitions that are
// applied. Tests commit, merge and approve as its members, and see what a pass makes of it.

import Documents
import Foundation
import TestHarness
import Testing

struct GatedInstallation: Sendable {
  let people: People
  let installation: Installation
  var repository: DefinitionsRepository { installation.repository }

  static let shop = "customers/acme/shop.yaml"
  static let governance = "governance/people.yaml"
  static let policies = """
    approvals:
      everything: {match: {}, require: {count: 1, role: DEVELOPER}}

    """

  /// Alice is the ADMIN who begins it.
  init(policies: String = Self.policies, files: [String: String] = [:]) async throws {
    people = try People()
    let repository = try DefinitionsRepository.small()
    try repository.write(try People.governance(policies: policies), to: Self.governance)
    for (path, text) in files { try repository.write(text, to: path) }
    try repository.commit()
    installation = try await Installation(repository)
    try installation.expect(0, "reconcile", "--quiet")
    try installation.expect(0, "trust", "init", "--key", "\(people.key(of: .alice)).pub")
  }

  /// Approves what the head adds to a base.
  @discardableResult
  func approve(
    as member: Member, _ keys: String..., base: String = "HEAD~1",
    with more: [String: String] = [:], sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Ended {
    let words = ["--base", base, "--yes", "--signing-key", people.key(of: member)]
    let ended = try installation.start(["approve"] + keys + words, with: more).wait()
    #expect(ended.code == 0, "\(ended)", sourceLocation: sourceLocation)
    return ended
  }

  /// Runs a pass.
  @discardableResult
  func reconcile(
    _ code: Int32 = 0, with more: [String: String] = [:],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Ended {
    try installation.expect(code, "reconcile", with: more, sourceLocation: sourceLocation)
  }

  /// The version of a scope, such as `production/acme`; nil where it has none.
  func version(_ scope: String) throws -> Int? {
    let status = try installation.expect(0, "status", "--format", "json")
    let scopes = try JSONReader.read(Array(status.output.utf8))["scopes"]?.sequence ?? []
    return scopes.first {
      "\($0["environment"]?.string ?? "")/\($0["customer"]?.string ?? "")" == scope
    }?["version"]?.integer
  }

  /// What `trust show` says.
  func trust() throws -> Node {
    let shown = try installation.expect(0, "trust", "show", "--format", "json")
    return try JSONReader.read(Array(shown.output.utf8), depthMax: 64)
  }

  /// The audit events that a person approved.
  func events(approvedBy person: String) throws -> [Node] {
    let log = try installation.expect(0, "audit", "log", "--person", person, "--format", "json")
    return try log.output.split(separator: "\n").map {
      try JSONReader.read(Array($0.utf8), depthMax: 64)
    }
  }
}
