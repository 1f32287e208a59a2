// A log in which everything was approved, in each way in which that can be done, and a holder of
// the real secret who owns the database and writes it anew. Tests tamper with copies.

import Documents
import FlagstaffCore
import Foundation
import PostgresRegistry
import SSHSignatures
import Signing
import Testing

actor ApprovedLog {
  static let shared = ApprovedLog()

  private var task: Task<Installation, any Error>?

  /// A copy to tamper with.
  func copy() async throws -> Installation {
    let prepared = task ?? Task { try await Self.prepare() }
    task = prepared
    return try await prepared.value.copy()
  }

  static let shop = "customers/acme/shop.yaml"
  static let policies = """
    approvals:
      everything: {match: {}, require: {count: 1, role: DEVELOPER}}
      in-production:
        match: {environments: [production], kinds: [flag, experiment]}
        require: {count: 1, role: DEVELOPER}

    """

  /// An installation in which trust began, of the people of `People`.
  static func begun(_ people: People, policies: String = policies) async throws -> Installation {
    let repository = try DefinitionsRepository.small()
    try repository.write(
      try People.governance(policies: policies), to: "governance/people.yaml")
    try repository.commit()
    let installation = try await Installation(repository)
    try installation.expect(0, "reconcile", "--quiet")
    let key = installation.folder.path + "/alice.pub"
    try Data(try Member.alice.publicKey().text.utf8).write(to: URL(fileURLWithPath: key))
    try installation.expect(0, "trust", "init", "--key", key)
    return installation
  }

  /// A statement, a signed merge, a bot's trailers, and a change of trust by its only ADMIN.
  private static func prepare() async throws -> Installation {
    let people = try People()
    let installation = try await begun(people)
    let repository = installation.repository
    try repository.replace("off: old", by: "off: new", in: shop)
    try repository.commit(as: .bob, people)
    try installation.approve(as: .carol, people)
    try installation.expect(0, "reconcile", "--quiet")

    try repository.branch(by: .bob, people) {
      try repository.replace("traffic: 20%", by: "traffic: 30%", in: shop)
    }
    try repository.merge(["branch"], as: .carol, people)
    try installation.expect(0, "reconcile", "--quiet")

    try repository.branch(by: .bob, people) {
      try repository.replace("traffic: 30%", by: "traffic: 40%", in: shop)
    }
    try repository.merge(
      ["branch"], as: .bot, people,
      message: "Merge\n\nApproved-by: Carol <Carol@acme.example>")
    try installation.expect(0, "reconcile", "--quiet")

    try repository.branch(by: .alice, people) {
      try repository.replace(
        "[flag, experiment]", by: "[flag, experiment, segment]", in: "governance/people.yaml")
    }
    try repository.merge(["branch"], as: .alice, people)
    try installation.expect(0, "reconcile", "--quiet")
    return installation
  }
}

extension ApprovedLog {
  /// Commits what is approved in every way, for one pass: a merge that changes trust, one that
  /// Carol signed, one of a bot, and a change with a statement.
  static func change(_ installation: Installation, _ people: People) throws {
    let repository = installation.repository
    try repository.branch(by: .alice, people) {
      try repository.replace(
        "[flag, experiment]", by: "[flag, experiment, segment]", in: "governance/people.yaml")
    }
    try repository.merge(["branch"], as: .alice, people)
    try repository.branch(by: .bob, people) {
      try repository.replace("traffic: 20%", by: "traffic: 30%", in: shop)
    }
    try repository.merge(["branch"], as: .carol, people)
    try repository.branch(by: .bob, people) {
      try repository.replace("zone: A", by: "zone: B", in: "customers/globex/depot.yaml")
    }
    try repository.merge(
      ["branch"], as: .bot, people, message: "Merge\n\nApproved-by: carol")
    try repository.replace("off: old", by: "off: new", in: shop)
    try repository.commit(as: .bob, people)
    try installation.approve(as: .carol, people)
  }
}

extension DefinitionsRepository {
  /// Commits an edit on the branch `branch`, made anew, and leaves `main` checked out.
  func branch(by member: Member, _ people: People, _ edit: () throws -> Void) throws {
    try git("checkout", "--quiet", "-B", "branch")
    try edit()
    try commit(as: member, people)
    try git("checkout", "--quiet", "main")
  }
}

extension Installation {
  /// Signs a statement about what the last commits bring.
  func approve(as member: Member, _ people: People, base: String = "HEAD~1") throws {
    try expect(
      0, "approve", "--base", base, "--yes", "--signing-key", people.key(of: member))
  }

  /// Writes the whole log anew under the real secret, and the recorded end with it.
  ///
  /// - Parameter edit: what an event is to say instead.
  func rewriteLog(_ edit: (Node) -> Node) throws {
    let connection = try connection()
    try connection.runOutsideTransaction("SET session_replication_role = replica")
    let key = try #require(AuditKey(secret: Array(Self.secret.utf8)))
    var (previous, sequence) = (Digest.zero, 0)
    for row in try connection.runOutsideTransaction(
      "SELECT bytes FROM experimentation.audit_events ORDER BY sequence")
    {
      sequence += 1
      let body = edit(try JSONReader.read(try row.bytes("bytes")))
        .with(["previous"]) { _ in .string(previous.hexadecimal) }
      let bytes = CanonicalJSON.bytes(body)
      previous = Signing.sha256(bytes)
      try connection.runOutsideTransaction(
        """
        UPDATE experimentation.audit_events SET bytes = \(bytes), hash = \(previous.bytes),
          mac = \(key.mac(of: previous)) WHERE sequence = \(sequence)
        """)
    }
    try connection.runOutsideTransaction(
      "UPDATE experimentation.audit_chain SET hash = \(previous.bytes)")
  }

  /// Puts another document in the place of evidence, with the code of the real secret.
  ///
  /// - Returns: the digests of both.
  func exchangeEvidence(
    of kind: String, _ edit: (Node) throws -> Node
  ) throws -> (old: String, new: String) {
    let connection = try connection()
    try connection.runOutsideTransaction("SET session_replication_role = replica")
    let row = try connection.runOutsideTransaction(
      """
      SELECT encode(digest, 'hex') AS digest, document FROM experimentation.approvals
      WHERE kind = \(kind) ORDER BY digest LIMIT 1
      """
    ).only()
    let key = try #require(AuditKey(secret: Array(Self.secret.utf8)))
    let document = CanonicalJSON.bytes(try edit(try JSONReader.read(try row.bytes("document"))))
    let digest = Signing.sha256(Signing.tag("evidence") + document)
    let old = try row.string("digest")
    try connection.runOutsideTransaction(
      """
      UPDATE experimentation.approvals SET digest = \(digest.bytes), document = \(document),
        mac = \(key.mac(of: digest, as: "evidence-mac"))
      WHERE encode(digest, 'hex') = \(old)
      """)
    return (old, digest.hexadecimal)
  }
}

extension Node {
  /// The same with another value at a path of keys, or without it.
  func with(_ path: [String], _ edit: (Node) -> Node?) -> Node {
    guard let key = path.first else { return edit(self) ?? self }
    var entries = mapping?.entries ?? []
    guard let place = entries.firstIndex(where: { $0.key == key }) else { return self }
    let value = entries[place].value
    guard path.count == 1 else {
      entries[place].value = value.with(Array(path.dropFirst()), edit)
      return Node(.mapping(Mapping(entries)))
    }
    if let edited = edit(value) {
      entries[place].value = edited
    } else {
      entries.remove(at: place)
    }
    return Node(.mapping(Mapping(entries)))
  }

  /// Whether it is the event of a gated change of an approval's kind.
  func isApproved(by kind: String) -> Bool {
    self["approvals"]?.sequence?.contains { $0["kind"]?.string == kind } == true
      && self["environment"] != nil
  }
}
