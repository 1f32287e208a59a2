// Installations with people: governance in the repository, and the public keys of its people as
// files. Keys follow from names, so that whatever is signed or shown is the same in every run.

import Foundation
import PostgresRegistry
import TestHarness
import Testing

enum Governance {
  /// Alice is the ADMIN, Bob a DEVELOPER, and every change asks for one of them.
  ///
  /// - Parameters:
  ///   - until: when Alice's key ends.
  ///   - more: lines of further people.
  static func text(until: String? = nil, more: String = "") throws -> String {
    let window = until.map { ", until: \($0)" } ?? ""
    return """
      flagstaff: v1
      people:
        alice: {role: ADMIN, keys: [{ssh: "\(try SSHKeyPair(seed: "alice").publicText)"\(window)}]}
        bob: {role: DEVELOPER, keys: [{ssh: "\(try SSHKeyPair(seed: "bob").publicText)"}]}
      \(more)
      approvals:
        everything: {match: {}, require: {count: 1, role: DEVELOPER}}

      """
  }
}

extension Installation {
  /// An installation to which a first commit was applied, before trust begins.
  static func withPeople(until: String? = nil) async throws -> Installation {
    let repository = try DefinitionsRepository.small()
    try repository.write(try Governance.text(until: until), to: "governance/people.yaml")
    try repository.commit()
    let installation = try await Installation(repository)
    try installation.expect(0, "reconcile", "--quiet")
    for name in ["alice", "bob", "mallory"] {
      try Data(try SSHKeyPair(seed: name).publicText.utf8)
        .write(to: URL(fileURLWithPath: installation.keyFile(name)))
    }
    return installation
  }

  /// Where the public key of a name lies.
  func keyFile(_ name: String) -> String { "\(folder.path)/\(name).pub" }

  /// Each version of trust, and how it came about.
  func trustVersions() throws -> [String] {
    try connection().runOutsideTransaction(
      "SELECT version::text || ' ' || beginning AS line FROM experimentation.trust ORDER BY 1"
    ).map { try $0.string("line") }
  }
}
